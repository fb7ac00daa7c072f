#!/usr/bin/env bash
# Makes the Python environment of the peers in .build-peers, from pinned versions.
#   scripts/peers.sh             the environment
#   scripts/peers.sh NAME …      and runs Benchmarks/peers/NAME.py with the further arguments
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.build-peers
wanted=Benchmarks/peers/requirements.txt

if ! python3 -c 'import ensurepip' 2>/dev/null; then scripts/setup.sh python3-venv; fi
if ! cmp -s "$wanted" "$folder/installed.txt"; then
  echo "installing the peers into $folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$folder/installed.txt"
fi
[ $# -eq 0 ] && exit 0
name=$1
shift
swift build -c release --product robustmetric
exec "$folder/bin/python" "Benchmarks/peers/$name.py" "$@"
