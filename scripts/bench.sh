#!/usr/bin/env bash
# Measures, in a release build of the package in Benchmarks.
#   scripts/bench.sh [--all | --only TEXT | --scaling FOLDER]   one table; see bench --help
#   scripts/bench.sh baseline NAME | compare NAME               baselines of ordo-one/benchmark
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
baseline)
  exec swift package --package-path Benchmarks --allow-writing-to-package-directory \
    benchmark baseline update "${@:2}"
  ;;
compare)
  exec swift package --package-path Benchmarks benchmark baseline compare "${@:2}"
  ;;
--scaling) command -v gnuplot >/dev/null || scripts/setup.sh gnuplot-nox ;;
esac
# The nested build looks for new files of the package above it only when its own manifest is newer.
touch Benchmarks/Package.swift
swift build -c release --package-path Benchmarks --product bench >&2
exec "$(swift build -c release --package-path Benchmarks --product bench --show-bin-path)/bench" "$@"
