#!/usr/bin/env bash
# Plants five faults that certificates are prone to, one at a time, and demands that a test turns red.
#
# Usage: scripts/mutation-tests.sh [NAME …]
#   per-point-factor   the per-point budget loses its factor 2
#   clean-gradient     the separable bound takes Ms where it needs M(s + c)
#   power-iteration    λmax comes from power iteration, which errs low, instead of a proof
#   absolute-stop      the semidefinite relaxation stops at an absolute gap
#   no-clipping        test rows keep values outside the range of the training rows
# Needs a clean tree in the files it changes and puts them back whatever happens; commit nothing meanwhile.
# About a minute each.
set -euo pipefail
cd "$(dirname "$0")/.."

names=(per-point-factor clean-gradient power-iteration absolute-stop no-clipping)
[ $# -eq 0 ] || names=("$@")

work=$(mktemp -d)
mutated=
restore() {
  [ -z "$mutated" ] || cp "$work/original" "$mutated"
  mutated=
}
trap 'restore; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# file, exact line to replace (without its indentation), what stands there instead, tests to run
mutation() {
  case $1 in
  per-point-factor)
    file=Sources/Certify/Pairs/ClosedFormBounds.swift
    from='beta = scope.budget.total'
    to='beta = scope.budget.radius'
    tests='PairCertifierTests' ;;
  clean-gradient)
    file=Sources/Certify/Verdicts/CertificationTile.swift
    from='center: middle + at, gradient: product + at, value: middleValues[slot],'
    to='center: middle + at, gradient: g + at, value: middleValues[slot],'
    tests='PairCertificationTests' ;;
  power-iteration)
    file=Sources/QuadraticExtrema/UpperBounds/VerifiedNorms.swift
    from='return VerifiedDual(proving: dual, for: matrix).diagonal.max() ?? 0'
    to='return (0..<50).reduce((dual.map { _ in 1.0 }, 0.0)) { s, _ in let p = matrix.times(s.0); let n = normUp(p); return (n > 0 ? p.map { $0 / n } : p, n) }.1'
    tests='VerifiedNormsTests' ;;
  absolute-stop)
    file=Sources/QuadraticExtrema/UpperBounds/CubeRelaxation.swift
    from='if state.gap <= tolerance * abs(state.dualValue) {'
    to='if state.gap * up <= tolerance {'
    tests='CubeRelaxationTests|CubeDualTests|CubeBoundTests' ;;
  no-clipping)
    file=Sources/Datasets/Catalogue/FeatureRanges.swift
    from='buffer.initializeElement(at: index, to: clipping ? min(max(value, 0), 1) : value)'
    to='buffer.initializeElement(at: index, to: value)'
    tests='FeatureRangesTests' ;;
  *)
    echo "error: no mutation is called '$1'" >&2
    exit 64 ;;
  esac
}

survivors=0
for name in "${names[@]}"; do
  mutation "$name"
  git diff --quiet -- "$file" || {
    echo "error: $file has changes that are not committed" >&2
    exit 64
  }
  [ "$(grep -cF "$from" "$file")" = 1 ] || {
    echo "error: the line of '$name' is not in $file exactly once" >&2
    exit 70
  }
  cp "$file" "$work/original"
  mutated=$file
  FROM=$from TO=$to perl -0pi -e 's/\Q$ENV{FROM}\E/$ENV{TO}/' "$file"
  log=$work/log
  if ! swift build --build-tests >"$log" 2>&1; then
    grep -m 3 'error:' "$log" >&2
    echo "error: '$name' does not build, so it shows nothing" >&2
    exit 70
  fi
  if swift test --skip-build --filter "$tests" >"$log" 2>&1; then
    echo "SURVIVED  $name: no test of $tests failed"
    survivors=$((survivors + 1))
  else
    red=$(grep -oE '✘ Test "?[A-Za-z]+' "$log" | sed -E 's/✘ Test "?//' | sort -u | grep -v '^run$' | paste -sd' ')
    [ -n "$red" ] || { tail -3 "$log" >&2; echo "error: '$name': the tests did not run" >&2; exit 70; }
    echo "caught    $name: $red"
  fi
  restore
done
[ "$survivors" = 0 ]
