#!/usr/bin/env bash
# Runs tests under a sanitizer, in a build folder of its own.
#   scripts/sanitize.sh address   all tests
#   scripts/sanitize.sh thread    the tests of everything that spreads work over threads
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
address)
  # Tests that a trap ends the process leave memory behind on purpose.
  export ASAN_OPTIONS=detect_leaks=0
  filter='.*'
  ;;
thread) filter='Tiling|SquaredDistances|SignGradient|SignFlip|PairCertif|PairwiseTrainer' ;;
*)
  echo "usage: scripts/sanitize.sh address|thread" >&2
  exit 64
  ;;
esac
exec swift test --sanitize "$1" --scratch-path ".build-$1" --filter "$filter"
