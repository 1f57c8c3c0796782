# The one entry point. Each target does its own set-up on a machine that has only Rust, git, make and a C compiler.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# cargo uses every core by itself; two at a time would only wait for each other's lock.
.NOTPARALLEL:

# A shell that was opened before rustup ran does not know cargo yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

# RELEASE=1 builds optimised: about five minutes the first time, against two.
PROFILE := $(if $(RELEASE),--release)

.PHONY: help
help: ## Show this help
	@echo 'Usage: make TARGET'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'make run RELEASE=1 builds optimised. DATABASE_URL and the USERS_* settings work with make run too;'
	@echo 'docs/configuration.md lists them.'

.PHONY: run
run: setup-build ## Run the service on http://127.0.0.1:8080 with a token and a sample user (SQLite in var/users.db)
	@scripts/run.sh $(PROFILE)

.PHONY: test
test: setup-test ## Run every test: units, the contract on memory, SQLite and PostgreSQL, and the binary over HTTP
	cargo test --workspace --locked --no-fail-fast

.PHONY: loom
loom: setup-build ## Try every interleaving of the threads around the queue of users-gather
	RUSTFLAGS='--cfg loom' cargo test --locked -p users-gather --lib --release --target-dir target/loom

.PHONY: fuzz
fuzz: setup-libfuzzer ## Let libFuzzer look for input that a parser cannot take (FUZZ_SECONDS=30 for each of 8 targets)
	scripts/fuzz.sh

.PHONY: fuzz-api
fuzz-api: setup-fuzz ## Let Schemathesis look for answers that the OpenAPI document does not know (about 6 minutes)
	scripts/fuzz-api.sh

.PHONY: fuzz-api-quick
fuzz-api-quick: setup-fuzz ## The same in less than 90 seconds
	scripts/fuzz-api.sh --quick

.PHONY: lint-api
lint-api: setup-lint ## Check the OpenAPI document by the rules of Redocly and Spectral
	scripts/lint-api.sh

.PHONY: check
check: setup-build ## Check formatting, lints, the documentation, that generated files are in step, and what others wrote
	scripts/check.sh

.PHONY: deny
deny: setup-build ## Check the licences and sources of what others wrote, and whether it was taken back or has known holes
	scripts/deny.sh --verbose

.PHONY: reproducible
reproducible: setup-build ## Build the release twice in two places and compare both byte by byte (about ten minutes)
	scripts/reproducible.sh

.PHONY: fmt
fmt: ## Format the code
	cargo fmt --all

.PHONY: bench
bench: setup-bench ## Measure the service against PostgreSQL's own pgbench (about 20 minutes)
	cargo build --release --locked -p users-app
	cargo run --release --locked -p users-bench -- full --server "$${CARGO_TARGET_DIR:-target}/release/users"

.PHONY: bench-quick
bench-quick: setup-bench ## Measure roughly, in less than two minutes
	cargo build --release --locked -p users-app
	cargo run --release --locked -p users-bench -- quick --server "$${CARGO_TARGET_DIR:-target}/release/users"

.PHONY: ha
ha: setup-test ## Lose the primary of a PostgreSQL cluster under load, and look for lost writes (about 6 minutes)
	@scripts/ha.sh

.PHONY: torture
torture: setup-test ## Try to break what the service promises: crashes, outages, overload (about 5 minutes)
	cargo build --release --locked -p users-app
	cargo run --release --locked -p users-torture -- --server "$${CARGO_TARGET_DIR:-target}/release/users"

.PHONY: torture-quick
torture-quick: setup-test ## The same with fewer rounds, in about a minute, against a build that checks itself (debug)
	cargo build --locked -p users-app
	cargo run --locked -p users-torture -- --quick --server target/debug/users

.PHONY: migrate
migrate: setup-build ## Bring the database of DATABASE_URL to the schema of this version
	@scripts/run.sh $(PROFILE) migrate

.PHONY: openapi
openapi: setup-build ## Write docs/openapi.json anew
	@mkdir -p var
	cargo run --quiet --locked -p users-app -- openapi >var/openapi.json
	mv var/openapi.json docs/openapi.json

.PHONY: docs
docs: setup-build ## Write every generated page of docs/ anew
	scripts/generate.sh

.PHONY: setup
setup: ## Install what the other targets need from the system (Debian and Ubuntu)
	@scripts/setup.sh build test fuzz libfuzzer bench

.PHONY: setup-build setup-test setup-fuzz setup-lint setup-libfuzzer setup-bench
setup-build:
	@scripts/setup.sh build
setup-test:
	@scripts/setup.sh build test
setup-fuzz:
	@scripts/setup.sh build test fuzz
setup-lint:
	@scripts/setup.sh build test lint
setup-libfuzzer:
	@scripts/setup.sh build libfuzzer
setup-bench:
	@scripts/setup.sh build test bench
