#!/usr/bin/env bash
# Builds everything once and runs all tests; further arguments go to `swift test`.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --build-tests --explicit-target-dependency-import-check error
exec swift test --skip-build "$@"
