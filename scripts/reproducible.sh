#!/bin/bash
# Builds the release twice, from two copies of what is committed in two places, and compares both byte by byte.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Of different lengths, so that a path that is left would also move what comes behind it.
places=("$folder/a" "$folder/another-place/further-down")
for place in "${places[@]}"; do
    git clone --quiet --no-hardlinks . "$place"
    "$place/scripts/release.sh" "$place/target"
done

first=${places[0]}/target/release/users second=${places[1]}/target/release/users
if ! cmp "$first" "$second"; then
    echo 'reproducible: the two builds differ' >&2
    exit 1
fi
if grep --quiet --text --fixed-strings --regexp="$folder" --regexp="${CARGO_HOME:-$HOME/.cargo}/" "$first"; then
    echo 'reproducible: the binary holds a path of the machine that built it' >&2
    exit 1
fi
echo "reproducible: both are $(sha256sum <"$first" | cut -d ' ' -f 1), $(stat --format %s "$first") bytes"
