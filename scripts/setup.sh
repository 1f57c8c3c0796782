#!/bin/bash
# Sees to it that the system has what a task needs: scripts/setup.sh build|test|fuzz|lint|libfuzzer|bench...
# Quick and silent where all is there. Installs with apt-get when root, else names the command and fails.
set -euo pipefail

# Debian puts the programs of the server into a directory for each major version, none of them in PATH. What it does
# have in PATH is a wrapper that may have nothing to wrap, so being there is not enough: it must run.
has_program() {
    compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null || "$1" --version >/dev/null 2>&1
}

has_libpq() {
    pkg-config --exists libpq 2>/dev/null || [[ -e "$(pg_config --includedir 2>/dev/null)/libpq-fe.h" ]]
}

# The linker's name for the C compiler. rustup installs none.
has_compiler() {
    command -v cc >/dev/null
}

if ! command -v cargo >/dev/null; then
    echo "setup: cargo is not in PATH; install Rust from https://rustup.rs" >&2
    exit 1
fi

packages=()
for task in "$@"; do
    case "$task" in
        build)
            has_compiler || packages+=(gcc libc6-dev)
            has_libpq || packages+=(libpq-dev)
            ;;
        test)
            { has_program initdb && has_program postgres; } || packages+=(postgresql)
            # Debian has it in /usr/sbin, which is not in everybody's PATH.
            [[ -x /usr/sbin/pgbouncer ]] || command -v pgbouncer >/dev/null || packages+=(pgbouncer)
            [[ -x /usr/sbin/nginx ]] || command -v nginx >/dev/null || packages+=(nginx-light)
            [[ -x /usr/sbin/haproxy ]] || command -v haproxy >/dev/null || packages+=(haproxy)
            # A test pastes the line that `users serve --dev` prints.
            command -v curl >/dev/null || packages+=(curl)
            ;;
        fuzz)
            # Debian keeps the part of Python that installs others' programs in a package of its own.
            python3 -m venv --help >/dev/null 2>&1 && python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
            ;;
        lint)
            command -v node >/dev/null || packages+=(nodejs)
            command -v npm >/dev/null || packages+=(npm)
            command -v jq >/dev/null || packages+=(jq)
            ;;
        libfuzzer)
            # libFuzzer is C++, and built with the targets.
            command -v c++ >/dev/null || packages+=(g++)
            ;;
        bench)
            # Debian ships pgbench with the server.
            has_program pgbench || packages+=(postgresql)
            ;;
        *)
            echo "setup: unknown task \"$task\"; the tasks are build, test, fuzz, lint, libfuzzer and bench" >&2
            exit 1
            ;;
    esac
done

[[ ${#packages[@]} -eq 0 ]] && exit 0
mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)

if ! command -v apt-get >/dev/null; then
    echo "setup: missing, under their Debian names: ${packages[*]}; install them with this system's package manager" >&2
    exit 1
fi
if [[ $EUID -ne 0 ]]; then
    echo "setup: missing packages; install them with: sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${packages[*]}" >&2
    exit 1
fi

# One installation at a time, also where two targets start at once.
exec 9>/var/lock/users-setup.lock
flock 9

# Debian's package makes and starts a cluster when it is installed first. The tests bring up their own, so an unasked-for
# server on port 5432 would only be in the way. A choice that the administrator made already stands.
if [[ " ${packages[*]} " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
fi

# Nor is any other server that a package brings to be started: the tests start their own, and end them.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi

echo "setup: installing ${packages[*]}"
# UCF_…: keep the file that was just written where the package brings its own.
export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
apt=(apt-get --quiet --yes -o DPkg::Lock::Timeout=300)
"${apt[@]}" update
"${apt[@]}" install --no-install-recommends "${packages[@]}"
