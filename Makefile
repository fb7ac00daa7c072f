# Two commands do everything on a fresh Debian 12 with Swift 6.3, set-up included: make demo, make test.
.PHONY: help setup build demo test lint format bench bench-all bench-scaling bench-baseline bench-compare peers peers-learners peers-speed fuzz sanitize-address sanitize-thread reproduce reproduce-small
.DEFAULT_GOAL := help

help: ## Shows what there is to make
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | column -t -s "$$(printf '\t')"

setup: ## Installs the system packages that building needs
	@scripts/setup.sh

build: setup ## Builds the command line in release mode
	@swift build -c release --product robustmetric

demo: ## Trains, attacks and certifies a metric on the embedded data set
	@scripts/demo.sh

test: setup ## Builds and runs all tests
	@scripts/test.sh

lint: setup ## Checks the format, the documentation and the direction of imports
	@swift format lint --strict --parallel -r Sources Tests Benchmarks Package.swift
	@scripts/check-imports.sh

format: ## Formats the sources
	@swift format -i --parallel -r Sources Tests Benchmarks Package.swift

bench: setup ## Measures against bare BLAS: five minutes, one table
	@scripts/bench.sh

bench-all: setup ## Measures everything, up to a million pairs and d = 2048
	@scripts/bench.sh --all

bench-scaling: setup ## Shows how time grows with pairs, features, threads and training points
	@scripts/bench.sh --scaling bench-output

BASELINE ?= local
bench-baseline: setup ## Saves the five-minute subset as the baseline BASELINE
	@scripts/bench.sh baseline $(BASELINE)

bench-compare: setup ## Compares with the baseline BASELINE
	@scripts/bench.sh compare $(BASELINE)

peers: ## Installs the libraries that comparisons run against, into .build-peers
	@scripts/peers.sh

peers-learners: setup ## Compares LMNN and ITML with metric-learn (needs ROBUSTMETRIC_DATA)
	@scripts/peers.sh learners

peers-speed: setup ## Compares speed with NumPy and PyTorch, and writes docs/performance.md
	@scripts/setup.sh python3-torch
	@scripts/peers.sh speed --output docs/performance.md

SECONDS ?= 60
fuzz: setup ## Fuzzes every reader of files for SECONDS (default 60)
	@scripts/fuzz.sh $(SECONDS)

sanitize-address: setup ## Runs all tests under the address sanitizer
	@scripts/sanitize.sh address

sanitize-thread: setup ## Runs the tests of what runs on several threads under the thread sanitizer
	@scripts/sanitize.sh thread

reproduce: ## Computes all tables and figures of the paper (an hour; ROBUSTMETRIC_DATA names the data)
	@scripts/reproduce.sh

reproduce-small: ## Computes a small version of what the data at hand allow, in two minutes
	@scripts/reproduce.sh --small --seeds 2
