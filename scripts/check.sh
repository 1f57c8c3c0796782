#!/bin/bash
# Everything about the code that is not a test. Stops at the first thing that is wrong.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    echo "== $*"
    "$@"
}

step cargo fmt --all --check
step cargo clippy --workspace --all-targets --locked -- -D warnings
# Nothing in the workspace turns this feature on; other services do.
step cargo clippy -p users-domain --features serde --all-targets --locked -- -D warnings
RUSTDOCFLAGS='-D warnings' step cargo doc --workspace --no-deps --locked
step scripts/generate.sh --check
step scripts/deny.sh
echo "check: all is well"
