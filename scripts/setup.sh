#!/usr/bin/env bash
# Makes a Debian 12 machine ready to build: says where to get Swift, installs the system packages.
#   scripts/setup.sh            what the package needs to build and to be tested
#   scripts/setup.sh PACKAGE …  these Debian packages too
set -euo pipefail

if ! command -v swift >/dev/null 2>&1; then
  echo "error: swift is not on the PATH; get Swift 6.3 for Debian 12 at https://www.swift.org/install/linux" >&2
  exit 69
fi

packages=(libopenblas-dev liblapacke-dev libssl-dev libzip-dev zlib1g-dev
  libcurl4-openssl-dev libpng-dev pkg-config "$@")

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" = "install ok installed" ] ||
    missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing ${missing[*]}"
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
# One call for all: alone, liblapacke-dev would bring the reference BLAS along.
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
  "${missing[@]}" >/dev/null
