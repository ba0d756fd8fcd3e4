# All commands of the project. Each target installs what it misses.
.DEFAULT_GOAL := help
.PHONY: help setup run demo check test trust bench load

help: ## Show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 10

setup: ## Install what is missing (PostgreSQL, a C compiler, cargo-nextest), or say what to install
	@scripts/setup

run: setup ## Start the server on http://127.0.0.1:8080 with a private PostgreSQL in var/
	cargo run --release -p jtc $$(scripts/features) -- serve

demo: setup ## Rehearse a whole joint call over the API and show its funded list
	cargo run --release -p jtc $$(scripts/features) -- demo

check: setup ## Check format, lints, architecture, tidiness, API document, licences and bans
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	scripts/nextest -p tests --test architecture --test tidy --test dependencies --test openapi

test: setup ## Run all tests over one throw-away PostgreSQL, a tenth of each figure of trust
	scripts/test

trust: setup ## Run all tests with the figures of trust whole, as a release build
	JTC_TRUST=whole scripts/test --release

bench: setup ## Measure: criterion benches
	scripts/bench

load: setup ## Measure under load, as a release build: a storm at the deadline, submissions beside pgbench
	scripts/load
