#!/usr/bin/env bash
# All tables and figures of the paper into reproduce-output/ (or reproduce-output-small/ with --small).
# Further options go to `robustmetric reproduce all`. The data sets are those of ROBUSTMETRIC_DATA.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh gnuplot-nox
swift build -c release --product robustmetric
out=reproduce-output
[[ " $* " == *" --small "* ]] && out=reproduce-output-small
status=0
"$(swift build -c release --show-bin-path)/robustmetric" reproduce all --output "$out" "$@" \
  >/dev/null || status=$?
echo "the report is $out/report.html"
exit $status
