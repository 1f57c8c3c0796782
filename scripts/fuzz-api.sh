#!/bin/bash
# Lets Schemathesis look for requests that the service answers otherwise than its OpenAPI document says, on SQLite and on
# PostgreSQL: scripts/fuzz-api.sh [--quick]. Installs it from PyPI below target/ where it is not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.32.5
venv=$PWD/target/schemathesis-$version

# Seconds are for each of the two databases. The quick run takes the same requests each time, so that it can stand
# between a change and its way into the repository.
case "${1:-}" in
    '') flags='--max-examples 200 --max-time 150' ;;
    --quick) flags='--max-examples 15 --max-time 25 --generation-deterministic' ;;
    *)
        echo "usage: scripts/fuzz-api.sh [--quick]" >&2
        exit 1
        ;;
esac

# An installation that was interrupted is none.
if [[ ! -e "$venv/complete" ]]; then
    echo "fuzz-api: installing Schemathesis $version"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
    touch "$venv/complete"
fi

export SCHEMATHESIS=$venv/bin/schemathesis SCHEMATHESIS_FLAGS=$flags
cargo test --locked -p users-tests --test fuzz_api -- --nocapture --test-threads=1
