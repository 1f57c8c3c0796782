#!/bin/bash
# Tries the service on a PostgreSQL cluster whose primary is lost under load: scripts/ha.sh [--rounds N]
# All of it runs on the loopback address, in a temporary directory, and is gone afterwards. USERS_BIN names a program of
# the service to try instead of building one; KEEP=1 keeps the directory, for its logs.
set -euo pipefail
cd "$(dirname "$0")/.."
# haproxy stands where not everybody looks.
export PATH="$PATH:/usr/sbin"

missing_packages() {
    local pair
    for pair in patroni:patroni etcd:etcd-server haproxy:haproxy setpriv:util-linux; do
        command -v "${pair%%:*}" >/dev/null || echo "${pair##*:}"
    done
}

# Installs the packages without the services that they bring: those would start at once, on ports of their own.
install_packages() {
    local policy=/usr/sbin/policy-rc.d own_policy=
    if [[ ! -e $policy ]]; then
        own_policy=1
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes -o DPkg::Lock::Timeout=300) status=0
    { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"; } || status=$?
    [[ -z $own_policy ]] || rm -f "$policy"
    return "$status"
}

mapfile -t missing < <(missing_packages)
if [[ ${#missing[@]} -gt 0 ]]; then
    if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
        echo "ha: missing, under their Debian names: ${missing[*]}" >&2
        echo "ha: on Debian and Ubuntu: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    echo "ha: installing ${missing[*]}"
    install_packages "${missing[@]}"
fi

# The newest server that has all it takes; Debian puts none of it into PATH.
rewind=$(compgen -G '/usr/lib/postgresql/*/bin/pg_rewind' | sort -V | tail -1 || command -v pg_rewind || true)
[[ -n $rewind ]] || { echo 'ha: no server programs of PostgreSQL: apt-get install postgresql' >&2; exit 1; }

program=${USERS_BIN:-}
if [[ -z $program ]]; then
    cargo build --release --locked -p users-app
    target=$(cargo metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    program=$target/release/users
fi

# PostgreSQL refuses to run as root, and its user may not be able to read this directory: it gets copies.
directory=$(mktemp -d /tmp/users-ha.XXXXXX)
child=
clean_up() {
    trap - EXIT INT TERM
    if [[ -n $child ]]; then
        # Ends all that it started; Patroni takes a while to stop a server in order.
        kill -TERM "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
    # Everything but PostgreSQL ends with the trial by itself, also where the trial was killed.
    local data pid
    for data in "$directory"/state/*/data; do
        pid=$(head -1 "$data/postmaster.pid" 2>/dev/null || true)
        [[ -n $pid && "$(readlink "/proc/$pid/cwd")" == "$data" ]] && kill -KILL "$pid"
    done
    if [[ -n ${KEEP:-} ]]; then echo "ha: the logs are in $directory/state"; else rm -rf "$directory"; fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install_dir=(install -d -m 700)
as_user=(setpriv --pdeathsig TERM)
if [[ $EUID -eq 0 ]]; then
    install_dir+=(-o postgres -g postgres)
    as_user+=(--reuid postgres --regid postgres --clear-groups)
fi
chmod 755 "$directory"
install -m 755 "$program" "$directory/users"
cp -r deploy/ha "$directory/ha"
chmod -R a+rX "$directory/ha"
"${install_dir[@]}" "$directory/state"

cd "$directory/state"
export HOME=$directory/state PYTHONDONTWRITEBYTECODE=1
# /usr/bin: Patroni needs Debian's Python, and so it is there.
"${as_user[@]}" -- /usr/bin/python3 -m unittest discover --quiet --start-directory "$directory/ha/trial"
"${as_user[@]}" -- /usr/bin/python3 "$directory/ha/trial" \
    --users "$directory/users" --directory "$directory/state" --postgres "$(dirname "$rewind")" "$@" &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
