#!/bin/bash
# Runs the service, or another command of it, from the source: scripts/run.sh [--release] [COMMAND [FLAG...]]
set -euo pipefail
cd "$(dirname "$0")/.."

profile=()
if [[ "${1:-}" == --release ]]; then
    profile=(--release)
    shift
fi

if [[ -z "${DATABASE_URL:-}" ]]; then
    mkdir -p var
    export DATABASE_URL=sqlite:var/users.db
fi

if [[ $# -eq 0 ]]; then
    set -- serve
    # A token that may do everything is for a database of one's own. On PostgreSQL it takes a word: DEV=1.
    if [[ "$DATABASE_URL" == sqlite:* || -n "${DEV:-}" ]]; then
        set -- serve --dev
    fi
fi

cargo build --locked "${profile[@]}" -p users-app
target=$(cargo metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
# exec: a signal from the terminal or a supervisor reaches the service itself.
if [[ ${#profile[@]} -gt 0 ]]; then
    exec "$target/release/users" "$@"
fi
exec "$target/debug/users" "$@"
