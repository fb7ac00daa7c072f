#!/usr/bin/env bash
# The main job on the embedded data set: train two metrics, attack and certify both, show a table and
# a picture. Everything it makes is in demo-output/.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh gnuplot-nox
swift build -c release --product robustmetric
tool=$(swift build -c release --show-bin-path)/robustmetric
out=demo-output
mkdir -p "$out"
radii=0,0.01,0.02,0.03,0.05,0.07,0.1,0.15,0.2

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() {
  printf '$ robustmetric %s\n' "$*"
  "$tool" "$@"
}

step "1. Train on one half of Ionosphere (175 radar returns, 34 features): normally, and defended"
show train pairwise --dataset ionosphere --split train --optimizer adam --output "$out/normal.npy"
show train pairwise --dataset ionosphere --split train --optimizer adam \
  --regularizer top-k --output "$out/defended.npy"

step "2. Attack and certify both on all similar pairs of the other half"
for metric in normal defended; do
  show certify pairs --metric "$out/$metric.npy" --dataset ionosphere --split test \
    --epsilon "$radii" --step-size auto --quiet \
    --records "$out/$metric.csv" --json "$out/$metric.json"
done

# Shares of the pairs by verdict, one line per radius, from the records.
shares() {
  awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    { e = $column["epsilon"]; v = $column["verdict"]; total[e]++; count[e, v]++
      if (!(e in seen)) { seen[e] = 1; order[++n] = e } }
    END { for (i = 1; i <= n; i++) { e = order[i]
            printf "%s %.4f %.4f %.4f %.4f\n", e, count[e, "misclassified"] / total[e],
              count[e, "attacked"] / total[e], count[e, "undecided"] / total[e],
              count[e, "certified"] / total[e] } }' "$1"
}
for metric in normal defended; do shares "$out/$metric.csv" >"$out/$metric.dat"; done

step "3. What became of the similar pairs"
cat <<'TEXT'
epsilon    how far a perturbation may change the two points of a pair, in shares of each feature's range
wrong      already read as dissimilar without any attack
attacked   a perturbation was found that makes the pair read as dissimilar
undecided  neither: no attack was found, and no proof that there is none
certified  proved: no perturbation of this size can flip the pair

                         normal training                       trained with the top-3 eigenvalues
  epsilon     wrong  attacked undecided certified        wrong  attacked undecided certified
TEXT
paste -d' ' "$out/normal.dat" "$out/defended.dat" | awk '{
  printf "%9s %8.1f%% %8.1f%% %8.1f%% %8.1f%%    %8.1f%% %8.1f%% %8.1f%% %8.1f%%\n",
    $1, 100 * $2, 100 * $3, 100 * $4, 100 * $5, 100 * $7, 100 * $8, 100 * $9, 100 * $10 }'

cat >"$out/robustness.gp" <<'GNUPLOT'
# Usage: gnuplot robustness.gp (writes robustness.svg and robustness.png beside it)
set style data lines
set key below
set xlabel "radius ε (share of each feature's range)"
set ylabel "similar pairs (%)"
set yrange [0:100]
set grid
set multiplot layout 1, 2
do for [metric in "normal defended"] {
  set title (metric eq "normal" ? "Normal training" : "Trained with the top-3 eigenvalues")
  file = metric . ".dat"
  plot file using 1:(100 * ($2 + $3 + $4 + $5)) with filledcurves x1 fc rgb "#0072b2" title "certified", \
       file using 1:(100 * ($2 + $3 + $4)) with filledcurves x1 fc rgb "#bbbbbb" title "undecided", \
       file using 1:(100 * ($2 + $3)) with filledcurves x1 fc rgb "#d55e00" title "attacked", \
       file using 1:(100 * $2) with filledcurves x1 fc rgb "#333333" title "wrong when clean"
}
unset multiplot
GNUPLOT

if command -v gnuplot >/dev/null 2>&1; then
  (
    cd "$out"
    gnuplot -e 'set terminal svg size 1000,420 font "sans,13"; set output "robustness.svg"' robustness.gp
    gnuplot -e 'set terminal pngcairo size 1000,420 font "sans,11"; set output "robustness.png"' robustness.gp
  )
  step "4. The picture of this table: $out/robustness.svg (and .png)"
else
  step "4. gnuplot is not installed; the data for the picture are in $out, the script is robustness.gp"
fi
