#!/bin/bash
# Builds the binary as it is released: scripts/release.sh [TARGET_FOLDER], target/reproducible unless it is named.
#
# The same source, compiler and system libraries give the same bytes, wherever the source and cargo's own folder lie: no
# path of the machine that built it stands in it. USERS_REVISION goes into it, so it has to be the same too.
set -euo pipefail
cd "$(dirname "$0")/.."

source=$PWD
target=${1:-$source/target/reproducible}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)

# The last that fits counts: the folder of what is built may lie inside of the source.
export RUSTFLAGS="--remap-path-prefix=$source=/source --remap-path-prefix=$cargo_home=/cargo \
--remap-path-prefix=$sysroot=/rust --remap-path-prefix=$target=/target"
# The same for what is written in C: SQLite and ring.
export CFLAGS="-ffile-prefix-map=$source=/source -ffile-prefix-map=$cargo_home=/cargo -ffile-prefix-map=$target=/target"
# What would put the time of the build into an archive takes this one.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE_EPOCH
# Debug names would take the paths of object files with them.
export CARGO_PROFILE_RELEASE_STRIP=symbols CARGO_INCREMENTAL=0

cargo build --release --locked -p users-app --target-dir "$target"
sha256sum "$target/release/users"
