#!/bin/sh
# Fuzzes the readers of files with libFuzzer and the address sanitizer.
#
# Usage: scripts/fuzz.sh [SECONDS [TARGET ...]]
#   SECONDS  how long each target runs (default 60)
#   TARGET   numpy, archive, csv, idx, image (default: all)
#
# Inputs are kept in .build/fuzz/corpus, so a later run goes on from there. An input that fails is left
# in .build/fuzz/findings; run the target with it as the only argument to see the failure again. One
# allocation may take 64 MiB, one input two seconds.
set -eu

cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -gt 0 ] && shift
targets=${*:-numpy archive csv idx image}
output=.build/fuzz
mkdir -p "$output/modules" "$output/findings"
for target in numpy archive csv idx image; do mkdir -p "$output/corpus/$target"; done

# gold warns about every symbol of the sanitizer; lld does not.
flags="-swift-version 6 -parse-as-library -O -use-ld=lld -I $output/modules -L $output/modules
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature MemberImportVisibility"
for module in CLapack CCrypto CCurl CZip CZlib; do flags="$flags -I Sources/$module"; done

# Compiles one library with the instruments of the fuzzer in it.
library() {
  swiftc $flags -sanitize=address,fuzzer -module-name "$1" -whole-module-optimization \
    -emit-module -emit-module-path "$output/modules/$1.swiftmodule" -c \
    $(find "Sources/$1" -name '*.swift') -o "$output/modules/$1.o"
}

library LinAlg
library Datasets
objects="$output/modules/LinAlg.o $output/modules/Datasets.o"
swiftc $flags -sanitize=address $objects Fuzz/SeedCorpus.swift -o "$output/seeds"

export ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no OPENBLAS_NUM_THREADS=1
"$output/seeds" "$output/corpus"

for target in $targets; do
  name=$(echo "$target" | tr '[:lower:]' '[:upper:]')
  swiftc $flags -sanitize=address,fuzzer -D "FUZZ_$name" $objects Fuzz/ReaderTargets.swift \
    -o "$output/fuzz-$target"
  echo "fuzzing $target for $seconds s"
  "$output/fuzz-$target" "$output/corpus/$target" -max_total_time="$seconds" -max_len=8192 \
    -timeout=2 -malloc_limit_mb=64 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$output/findings/$target-" 2>"$output/$target.log" || {
    tail -n 30 "$output/$target.log" >&2
    exit 1
  }
  grep -E 'stat::(number_of_executed_units|average_exec_per_sec|peak_rss_mb)' "$output/$target.log"
done
