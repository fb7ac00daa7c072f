#!/usr/bin/env bash
# How tight and how fast the certificates are: for three data sets, two metrics, two budgets and four radii
# the share of undecided pairs at 'fast' and 'exact' over all similar test pairs, the time per pair on one
# thread, and how far the relaxation is above the exact worst case on a sample.
#
# Usage: scripts/certificate-strength.sh [DATA-DIR]   (without it Ionosphere alone, which is built in)
set -euo pipefail
cd "$(dirname "$0")/.."

swift build -c release --product robustmetric >&2
tool=${ROBUSTMETRIC:-$(swift build -c release --show-bin-path)/robustmetric}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sets=(ionosphere)
options=()
if [ $# -gt 0 ]; then
  sets=(parkinsons heart ionosphere)
  options=(--data-dir "$1")
fi
sample=${SAMPLE:-300}

# The value of one key of every radius in a summary, one per line.
values() { grep -o "\"$2\" *: *[-0-9.e]*" "$1" | sed 's/.*: *//'; }

certify() { # metric data budget effort name, then further options
  local metric=$1 data=$2 budget=$3 effort=$4 name=$5
  shift 5
  "$tool" certify pairs --metric "$metric" --dataset "$data" --split test "${options[@]}" \
    --threshold 1 --epsilon 0.01,0.05,0.1,0.3 --budget "$budget" --effort "$effort" --threads 1 \
    --quiet --json "$work/$name.json" --records "$work/$name.csv" "$@"
}

printf '%-11s %-6s %-9s %5s %7s | %9s %9s | %9s %9s | %8s %9s | %8s %9s\n' data metric budget eps pairs \
  'fast open' 'us/pair' 'exact open' 'us/pair' 'C8/exact' 'ms/pair' 'gap' 'ms/pair'
for data in "${sets[@]}"; do
  for kind in short long; do
    metric=$work/$data-$kind.npy
    steps=(--iterations 500 --step-size 0.01)
    [ $kind = long ] && steps=(--iterations 3000 --step-size 0.3)
    "$tool" train pairwise --dataset "$data" --split train "${options[@]}" "${steps[@]}" \
      --output "$metric" --quiet
    for budget in per-point shared; do
      certify "$metric" "$data" "$budget" fast fast --attack sign-flip
      certify "$metric" "$data" "$budget" exact exact --attack none
      certify "$metric" "$data" "$budget" tight tight --attack none --resolve --sample "$sample"
      certify "$metric" "$data" "$budget" exact full --attack none --resolve --sample "$sample"
      paste -d' ' \
        <(values "$work/fast.json" epsilon | grep -v '^$' | tail -4) \
        <(values "$work/fast.json" undecided) <(values "$work/fast.json" secondsBounding) \
        <(values "$work/exact.json" undecided) <(values "$work/exact.json" secondsBounding) \
        <(values "$work/tight.json" secondsBounding) <(values "$work/full.json" secondsBounding) \
        >"$work/counts"
      all=$(values "$work/fast.json" pairs)
      few=$(values "$work/full.json" pairs)
      # Mean increments over the pairs that are right when clean, per radius: relaxation, exact, attained.
      paste -d, "$work/tight.csv" "$work/full.csv" | awk -F, '
        NR == 1 { for (i = 1; i <= NF / 2; i++) column[$i] = i; half = NF / 2; next }
        { e = $column["epsilon"] + 0; d = $column["distance"]
          if (!(e in seen)) { seen[e] = 1; order[++n] = e }
          if (d <= 1) {
            tight[e] += $column["certified"] - d
            exact[e] += $(half + column["certified"]) - d
            found[e] += $(half + column["attacked"]) - d } }
        END { for (i = 1; i <= n; i++) { e = order[i]
                printf "%.4f %.1e\n", tight[e] / exact[e], exact[e] / found[e] - 1 } }' >"$work/ratios"
      paste -d' ' "$work/counts" "$work/ratios" | awk -v data="$data" -v kind="$kind" \
        -v budget="$budget" -v all="$all" -v few="$few" '{
          printf "%-11s %-6s %-9s %5s %7d | %8.2f%% %9.1f | %9.2f%% %9.1f | %8s %9.3f | %8s %9.3f\n",
            data, kind, budget, $1, all, 100 * $2 / all, 1e6 * $3 / all, 100 * $4 / all,
            1e6 * $5 / all, $8, 1e3 * $6 / few, $9, 1e3 * $7 / few }'
    done
  done
done
