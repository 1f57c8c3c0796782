#!/bin/bash
# Writes the generated pages of docs/ anew, or with --check tells whether they are in step with the code.
set -euo pipefail
cd "$(dirname "$0")/.."

# A page is compared with the code by a test of its crate, which writes it where UPDATE_DOCS is set.
page_tests() {
    local output
    output=$(cargo test --locked "$@" 2>&1) || { echo "$output"; return 1; }
    # A filter that fits no test any more would pass unnoticed.
    grep -q 'test result: ok. [1-9]' <<<"$output" || { echo "generate: no such test: $*" >&2; return 1; }
}

case "${1:-}" in
    --check) ;;
    '') export UPDATE_DOCS=1 ;;
    *)
        echo "usage: scripts/generate.sh [--check]" >&2
        exit 1
        ;;
esac

page_tests -p users-app configuration_page
page_tests -p users-http --test wire in_docs_is_current

# The binary must hand out the very document that is committed.
if ! cargo run --quiet --locked -p users-app -- openapi | diff --unified --label docs/openapi.json --label 'users openapi' docs/openapi.json -; then
    echo 'generate: docs/openapi.json is out of step: run `make docs`' >&2
    exit 1
fi
echo "generate: docs/configuration.md, docs/errors.md and docs/openapi.json are in step"
