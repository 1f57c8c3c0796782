#!/bin/bash
# Checks docs/openapi.json by the rules of two public linters: Redocly's recommended ones, and Spectral's for OpenAPI. A warning
# fails as an error does. Installs them from npm below target/ if they are not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."

# The newest that run on Node.js 18, which Debian 12 has.
redocly=1.34.5
spectral=6.15.0
folder=$PWD/target/lint-api-$redocly-$spectral

# An installation that was interrupted is none.
if [[ ! -e "$folder/complete" ]]; then
    echo "lint-api: installing Redocly $redocly and Spectral $spectral"
    rm -rf "$folder"
    mkdir -p "$folder"
    echo '{ "private": true }' >"$folder/package.json"
    npm install --prefix "$folder" --silent --no-audit --no-fund --ignore-scripts \
        "@redocly/cli@$redocly" "@stoplight/spectral-cli@$spectral"
    echo 'extends: ["spectral:oas"]' >"$folder/spectral.yaml"
    echo 'extends: [recommended]' >"$folder/redocly.yaml"
    touch "$folder/complete"
fi

export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
result=$("$folder/node_modules/.bin/redocly" lint --config "$folder/redocly.yaml" --format json docs/openapi.json 2>/dev/null) || true
echo "lint-api: Redocly: $(jq -c .totals <<<"$result")"
if [[ $(jq '.totals.errors + .totals.warnings' <<<"$result") -ne 0 ]]; then
    jq -r '.problems[] | "\(.severity) \(.ruleId): \(.message) \(.location[0].pointer // "")"' <<<"$result" >&2
    exit 1
fi
"$folder/node_modules/.bin/spectral" lint --fail-severity warn --ruleset "$folder/spectral.yaml" docs/openapi.json
