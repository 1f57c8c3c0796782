# Runs a server, PostgreSQL or PgBouncer, for one test process, and cleans up after it.
#
#   sh -c "$(cat supervisor.sh)" supervisor FOLDER COMMAND [ARGUMENT ...]
#
# COMMAND runs the server in the foreground. Orders come in on the standard input, one a line, and each is answered
# with the server's process id, or with nothing where no server runs. The end of the input means that the test process
# has ended, however it ended: the server is stopped at once and FOLDER removed. So there is no clean-up that a test
# could miss, not even by `kill -9`.

folder=$1
shift
server=

# A signal to the whole terminal must not end the clean-up.
trap '' HUP INT TERM

# The server and its children, the server first.
family() {
    echo "$server" $(cat "/proc/$server/task/$server/children" 2>/dev/null)
}

# Ends the server with a signal, to all of its family where that is KILL, and waits for its end.
end() {
    [ -n "$server" ] || return
    case $1 in
    KILL) kill -KILL $(family) ;;
    *) kill -CONT $(family); kill "-$1" "$server" ;;
    esac 2>/dev/null
    wait "$server"
    server=
}

# Notices a server that has ended by itself.
look() {
    [ -n "$server" ] || return
    case $(sed 's/.*) //' "/proc/$server/stat" 2>/dev/null) in
    '' | Z*) wait "$server"; server= ;;
    esac
}

while read -r order; do
    case $order in
    start)
        "$@" </dev/null >>"$folder/server.log" 2>&1 &
        server=$!
        ;;
    look) look ;;
    stop) end INT ;;
    kill) end KILL ;;
    # The server first, so that no new child escapes.
    freeze) kill -STOP "$server"; kill -STOP $(family) ;;
    thaw) kill -CONT $(family) ;;
    esac
    echo "$server"
done

# PostgreSQL ends at once on QUIT, and then minds nothing else; PgBouncer knows TERM alone.
[ -z "$server" ] || { kill -CONT $(family); kill -QUIT "$server"; kill -TERM "$server"; wait "$server"; } 2>/dev/null
rm -rf "$folder"
