#!/usr/bin/env bash
# Holds the direction of imports: each module may import only what stands behind it here.
# The compiler lets a module import what one of its dependencies depends on; this does not.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A allowed=(
  [LinAlg]="CLapack"
  [QuadraticExtrema]="LinAlg"
  [MetricModels]="LinAlg"
  [Attacks]="LinAlg QuadraticExtrema MetricModels CSignStep"
  [Certify]="LinAlg QuadraticExtrema MetricModels"
  [Datasets]="LinAlg CCrypto CZlib CZip CCurl"
  [Experiments]="LinAlg MetricModels Attacks Certify Datasets CPNG FoundationEssentials Foundation Mustache"
  [robustmetric]="LinAlg MetricModels Attacks Certify Datasets Experiments ArgumentParser"
)
system="Glibc Dispatch Synchronization"

status=0
for module in "${!allowed[@]}"; do
  while IFS=: read -r file line text; do
    imported=$(sed -E 's/^ *(@[a-zA-Z_]+ +)?((public|package|internal|private|fileprivate) +)?import +((struct|class|enum|protocol|func|var) +)?([A-Za-z_]+).*/\6/' <<<"$text")
    case " ${allowed[$module]} $system " in
    *" $imported "*) ;;
    *)
      echo "$file:$line: $module must not import $imported"
      status=1
      ;;
    esac
  done < <(grep -rnE '^ *(@[a-zA-Z_]+ +)?((public|package|internal|private|fileprivate) +)?import ' --include='*.swift' "Sources/$module" || true)
done
exit $status
