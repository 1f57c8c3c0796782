#!/bin/bash
# Looks at everything that others wrote and that comes into the build, by the rules of deny.toml: licences, sources,
# versions that were taken back, known security holes. Installs cargo-deny where it is not there yet, once for each user.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
folder=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/users-service/cargo-deny-$version
deny=$folder/bin/cargo-deny
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# It runs for seconds and takes minutes to compile well: compiled badly it is there in one. An installation that was
# interrupted is none.
if [[ ! -x "$deny" ]]; then
    echo "deny: installing cargo-deny $version (about a minute)"
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        cargo install --quiet --locked --no-default-features --root "$scratch/install" cargo-deny --version "=$version"
    mkdir -p "$folder/bin"
    mv "$scratch/install/bin/cargo-deny" "$deny"
fi

# Each finding that is only a warning takes a page; they are for whoever asks for them.
level=(--log-level error)
[[ "${1:-}" == --verbose ]] && level=()
"$deny" "${level[@]}" --locked check licenses bans sources

# Which versions were taken back is read from what cargo remembers of the registry: see that it is new.
if ! cargo update --dry-run --quiet 2>"$scratch/update"; then
    echo 'deny: NOTE: the registry cannot be reached; versions that were taken back are those known when it last was' >&2
fi
if timeout 60 "$deny" fetch db >"$scratch/fetch" 2>&1; then
    "$deny" "${level[@]}" --locked check advisories
    exit
fi
echo 'deny: NOTE: the database of advisories cannot be reached; known security holes were NOT looked for:' >&2
grep -o 'fatal: .*' "$scratch/fetch" >&2 || tail -1 "$scratch/fetch" >&2
# The look for versions that were taken back wants a database all the same: it gets one that knows of nothing.
mkdir -p "$scratch/none/crates/none"
cat >"$scratch/none/crates/none/RUSTSEC-2000-0000.md" <<'END'
```toml
[advisory]
id = "RUSTSEC-2000-0000"
package = "none"
date = "2000-01-01"

[versions]
patched = []
```

# Stands in for a database that cannot be reached
END
git -C "$scratch/none" init --quiet --initial-branch main
git -C "$scratch/none" add .
git -C "$scratch/none" -c user.name=deny -c user.email=deny@localhost commit --quiet --message none
sed "s|^\[advisories\]|&\ndb-path = \"$scratch/databases\"|" deny.toml >"$scratch/deny.toml"
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.file://$scratch/none.insteadOf" \
    GIT_CONFIG_VALUE_0=https://github.com/RustSec/advisory-db \
    "$deny" "${level[@]}" --config "$scratch/deny.toml" --locked check advisories >"$scratch/yanked" 2>&1 ||
    { cat "$scratch/yanked" >&2; exit 1; }
echo 'deny: no version was taken back'
