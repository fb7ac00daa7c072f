#!/usr/bin/env bash
# Trains every learner on the training part of every data set; prints a Markdown table.
#   scripts/time-learners.sh [-l "lmnn gmml …"] [-s "ionosphere …"] [-t SECONDS]
# All sets but Ionosphere are read from $ROBUSTMETRIC_DATA. A run that passes SECONDS is stopped.
set -euo pipefail
cd "$(dirname "$0")/.."

learners="gmml itml lmnn scml aml lowrank"
sets="parkinsons heart ionosphere energy housing concrete mnist-8v9 att-faces"
limit=600
while getopts l:s:t: option; do
  case $option in
  l) learners=$OPTARG ;;
  s) sets=$OPTARG ;;
  t) limit=$OPTARG ;;
  *) exit 64 ;;
  esac
done

[ -x /usr/bin/time ] || scripts/setup.sh time
tool=${ROBUSTMETRIC:-}
if [ -z "$tool" ]; then
  swift build -c release --product robustmetric >&2
  tool=$(swift build -c release --show-bin-path)/robustmetric
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The value of a key at the top level of the summary, in a short form.
value() { sed -nE "s/^ *\"$1\" *: *\"?([^\",]*)\"?,?\$/\1/p" "$scratch/summary.json" | head -1; }
short() { case $1 in "" | null) echo "–" ;; *) printf '%.*g' "$2" "$1" ;; esac }

echo "| learner | set | points | status | steps | objective | lower bound | seconds | CPU s | MiB |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for learner in $learners; do
  for set in $sets; do
    rm -f "$scratch/summary.json"
    code=0
    timeout "$limit" /usr/bin/time -o "$scratch/time" -f '%U %S %M' "$tool" train "$learner" \
      --dataset "$set" --split train --output "$scratch/W.npy" \
      --json "$scratch/summary.json" --quiet 2>"$scratch/errors" || code=$?
    if [ $code -ne 0 ]; then
      reason=$([ $code -eq 124 ] && echo "stopped after $limit s" || head -1 "$scratch/errors")
      echo "| $learner | $set | | $reason | | | | | | |"
      continue
    fi
    read -r user system memory <"$scratch/time"
    printf '| %s | %s | %s×%s | %s | %s | %s | %s | %s | %s | %s |\n' "$learner" "$set" \
      "$(value points)" "$(value dimension)" "$(value status)" "$(value iterations)" \
      "$(short "$(value objective)" 6)" "$(short "$(value lowerBound)" 6)" \
      "$(short "$(value seconds)" 3)" \
      "$(awk -v a="$user" -v b="$system" 'BEGIN { printf "%.3g", a + b }')" \
      "$((memory / 1024))"
  done
done
