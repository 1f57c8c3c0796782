#!/bin/bash
# Lets libFuzzer look for input that the parsers cannot take: scripts/fuzz.sh [TARGET...], all of fuzz/targets without. Each has
# FUZZ_SECONDS, 30 where it is not set. Installs cargo-fuzz below target/ where it is not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.13.1
tool=$PWD/target/cargo-fuzz-$version
seconds=${FUZZ_SECONDS:-30}

if [[ ! -x "$tool/bin/cargo-fuzz" ]]; then
    echo "fuzz: installing cargo-fuzz $version"
    cargo install --quiet --locked --version "$version" --root "$tool" cargo-fuzz
fi
export PATH="$tool/bin:$PATH"

targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
    for file in fuzz/targets/*.rs; do
        targets+=("$(basename "$file" .rs)")
    done
fi

# No sanitizer: none of the code is unsafe, and so it needs no unstable compiler. What is looked for are panics, and the
# assertions of the targets.
options=(--sanitizer none --target-dir "$PWD/target/fuzz")
cargo fuzz build "${options[@]}"
for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    mkdir -p "fuzz/corpus/$target"
    # What is found anew goes into the first folder, which is kept from run to run and not committed.
    cargo fuzz run "${options[@]}" "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
        -max_total_time="$seconds" -max_len=4096 -dict=fuzz/wire.dict -timeout=20 -rss_limit_mb=4096 -verbosity=0 \
        -print_final_stats=1
done
echo "fuzz: nothing found"
