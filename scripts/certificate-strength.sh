#!/usr/bin/env bash
# How tight and how fast the certificates are: for the test pairs of three data sets, four metrics each, two
# budgets and four radii, on one thread
#   fast, exact   the share of the pairs right when clean that stay undecided, and microseconds per pair,
#                 over all similar pairs; the last column is the share of dissimilar pairs open at 'fast'
#   C8/exact      the mean increment that the relaxation allows over the mean worst increment, and exact/found,
#                 on a sample of pairs that are resolved whatever their verdict, with milliseconds per pair
#   median        the median time of 'exact --resolve' on the first pairs of that sample, each in a run of its
#                 own, without what a run at 'fast' takes to prepare the metric
# Without data it studies Ionosphere alone, which is built in.
#
# Usage: scripts/certificate-strength.sh [DATA-DIR]
#   ROBUSTMETRIC=FILE  the program to measure (default: builds it)
#   SAMPLE=100         pairs that are resolved; SINGLES=11 pairs that are timed one by one
set -euo pipefail
cd "$(dirname "$0")/.."

tool=${ROBUSTMETRIC:-}
if [ -z "$tool" ]; then
  swift build -c release --product robustmetric >&2
  tool=$(swift build -c release --show-bin-path)/robustmetric
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sets=(ionosphere)
options=()
if [ $# -gt 0 ]; then
  sets=(parkinsons heart ionosphere)
  options=(--data-dir "$1")
fi
sample=${SAMPLE:-100}
singles=${SINGLES:-11}

# The values of a key of the results of a summary, one per radius.
values() {
  sed -n '/"results"/,$p' "$1" | grep -oE "\"$2\" *: *[-0-9.e]+" | sed 's/.*: *//'
}
# The value of a key outside the results.
value() { grep -oE "^ *\"$2\" *: *[0-9]+" "$1" | head -1 | sed 's/.*: *//'; }

certify() { # metric data budget effort name, then further options
  local metric=$1 data=$2 budget=$3 effort=$4 name=$5
  shift 5
  "$tool" certify pairs --metric "$metric" --dataset "$data" --split test "${options[@]}" \
    --threshold 1 --epsilon 0.01,0.05,0.1,0.3 --budget "$budget" --effort "$effort" --threads 1 \
    --quiet --json "$work/$name.json" --records "$work/$name.csv" "$@"
}

# The mean increments of two records over the pairs that are right when clean: C8/exact and exact/found - 1.
ratios() {
  paste -d, "$work/tight.csv" "$work/full.csv" | awk -F, '
    NR == 1 { for (i = 1; i <= NF / 2; i++) column[$i] = i; half = NF / 2; next }
    { e = $column["epsilon"] + 0; d = $column["distance"]
      if (!(e in seen)) { seen[e] = 1; order[++n] = e }
      if (d <= 1) {
        tight[e] += $column["certified"] - d
        exact[e] += $(half + column["certified"]) - d
        found[e] += $(half + column["attacked"]) - d } }
    END { for (i = 1; i <= n; i++) { e = order[i]
            printf "%.4f %.0e\n", tight[e] / exact[e], exact[e] / found[e] - 1 } }'
}

# The median time in milliseconds of 'exact --resolve' on single pairs of the sample, per pair and radius.
median() { # metric data budget
  # A sample of similar pairs, once per radius.
  cut -d, -f1,2 "$work/full.csv" | sed 1d | awk '!seen[$0]++' | head -"$singles" >"$work/pairs.csv"
  while read -r pair; do
    echo "$pair" >"$work/pair.csv"
    certify "$1" "$2" "$3" fast prepared --attack none --pairs "$work/pair.csv"
    certify "$1" "$2" "$3" exact single --attack none --resolve --pairs "$work/pair.csv"
    paste <(values "$work/single.json" secondsBounding) <(values "$work/prepared.json" secondsBounding) |
      awk 'NR == 1 { print $1 - $2 }'
  done <"$work/pairs.csv" | sort -g | awk '{ t[NR] = $1 } END { printf "%.2f", 1e3 * t[int((NR + 1) / 2)] }'
}

printf '%-10s %-10s %-9s %5s %6s | %6s %5s | %6s %5s | %8s %6s | %6s %6s | %6s | %6s\n' data metric budget \
  eps pairs 'fast %' us 'exact%' us C8/exact ms gap ms median 'dis. %'
for data in "${sets[@]}"; do
  for kind in short long short-top3 long-top3; do
    metric=$work/$data-$kind.npy
    steps=(--iterations 500 --step-size 0.01)
    weight=1
    case $kind in long*) steps=(--iterations 3000 --step-size 0.3) weight=0.03 ;; esac
    case $kind in *top3) steps+=(--regularizer top-k --top-k 3 --weight "$weight") ;; esac
    "$tool" train pairwise --dataset "$data" --split train "${options[@]}" "${steps[@]}" \
      --output "$metric" --quiet
    for budget in per-point shared; do
      certify "$metric" "$data" "$budget" fast fast --attack sign-flip
      certify "$metric" "$data" "$budget" exact exact --attack none
      certify "$metric" "$data" "$budget" tight tight --attack none --resolve --sample "$sample"
      certify "$metric" "$data" "$budget" exact full --attack none --resolve --sample "$sample"
      certify "$metric" "$data" "$budget" fast lower --attack sign-flip \
        --direction dissimilar-to-similar --sample 1000
      median=$(median "$metric" "$data" "$budget")
      clean=$(value "$work/fast.json" cleanCorrect)
      all=$(value "$work/fast.json" pairs)
      few=$(value "$work/full.json" pairs)
      lowered=$(value "$work/lower.json" cleanCorrect)
      paste -d' ' <(values "$work/fast.json" epsilon) \
        <(values "$work/fast.json" undecided) <(values "$work/fast.json" secondsBounding) \
        <(values "$work/exact.json" undecided) <(values "$work/exact.json" secondsBounding) \
        <(values "$work/tight.json" secondsBounding) <(values "$work/full.json" secondsBounding) \
        <(values "$work/lower.json" undecided) <(ratios) |
        awk -v data="$data" -v kind="$kind" -v budget="$budget" -v all="$all" -v few="$few" \
          -v clean="$clean" -v lowered="$lowered" -v median="$median" '
          function share(n, of) { return of > 0 ? 100 * n / of : 0 }
          { printf "%-10s %-10s %-9s %5s %6d | %6.2f %5.1f | %6.2f %5.1f | %8s %6.3f | %6s %6.3f | %6s | %6.2f\n",
              data, kind, budget, $1, clean, share($2, clean), 1e6 * $3 / all, share($4, clean),
              1e6 * $5 / all, $9, 1e3 * $6 / few, $10, 1e3 * $7 / few, median, share($8, lowered) }' |
        tee -a "$work/table"
    done
  done
done
# Shares and ratios over all cells; times are of the pairs of one radius, a quarter of a run over four.
for budget in per-point shared; do
  grep " $budget " "$work/table" | tr -d '|' | awk -v budget="$budget" '
    { fast += $6; us += $7; exact += $8; n++
      if ($6 > worst) worst = $6
      if ($7 > slow) slow = $7
      if ($10 > ratio) ratio = $10
      ratios += $10
      if ($11 > tight) tight = $11
      if ($13 > full) full = $13
      if ($14 > median) median = $14
      if ($15 > lower) lower = $15 }
    END { printf "%s: undecided at fast %.2f %% on average, %.2f %% at most; at exact %.2f %%; dissimilar at most %.2f %%\n", budget, fast / n, worst, exact, lower
      printf "%s: fast at most %.1f us; C8/exact %.4f on average, %.4f at most; resolving all: tight at most %.2f ms, exact %.2f ms, median of singles %.2f ms\n", budget, slow, ratios / n, ratio, tight, full, median }'
done
