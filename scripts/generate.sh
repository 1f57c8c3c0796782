#!/bin/bash
# Writes the generated pages of docs/ anew, or with --check tells whether they are in step with the code.
set -euo pipefail
cd "$(dirname "$0")/.."

openapi() {
    # By way of a second file: a build that fails must not leave an empty one.
    local fresh
    fresh=$(mktemp)
    trap 'rm -f "$fresh"' RETURN
    cargo run --quiet --locked -p users-app -- openapi >"$fresh"
    if [[ "$1" == --check ]]; then
        if ! diff --unified --label docs/openapi.json --label 'users openapi' docs/openapi.json "$fresh"; then
            echo 'docs/openapi.json is out of step: run `make openapi`' >&2
            return 1
        fi
    else
        cat "$fresh" >docs/openapi.json
        echo "wrote docs/openapi.json"
    fi
}

# Pages that a test of the crate compares with the code, and writes where UPDATE_DOCS is set.
pages() {
    if [[ "$1" == --check ]]; then
        cargo test --quiet --locked -p users-app configuration_page
        cargo test --quiet --locked -p users-http errors_page
    else
        UPDATE_DOCS=1 cargo test --quiet --locked -p users-app configuration_page
        UPDATE_DOCS=1 cargo test --quiet --locked -p users-http errors_page
        echo "wrote docs/configuration.md and docs/errors.md"
    fi
}

case "${1:-}" in
    openapi) openapi --write ;;
    --check) openapi --check && pages --check ;;
    '') openapi --write && pages --write ;;
    *)
        echo "usage: scripts/generate.sh [openapi | --check]" >&2
        exit 1
        ;;
esac
