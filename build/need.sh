# Sourced by shop.sh and test.sh: finds programs, and installs missing ones as root.

# Debian keeps the programs of PostgreSQL out of the PATH, one folder a version; the last one is the newest.
program() { command -v "$1" || compgen -G "/usr/lib/postgresql/*/bin/$1" | sort -V | tail -n 1 | grep .; }

packages_known=
# need PROGRAM PACKAGE installs the package of a missing program, as root or on a CI machine, where sudo needs no password. Reports a program that is still
# missing, with status 1.
need() {
  local name=$1 package=$2 script=${0##*/} policy=/usr/sbin/policy-rc.d ours= status=0 root=()
  if program "$name" >/dev/null; then return; fi
  if [[ $(id -u) -ne 0 && ${CI:-} == true ]]; then root=(sudo -n); fi
  if [[ $(id -u) -ne 0 && ${#root[@]} -eq 0 ]] || ! command -v apt-get >/dev/null; then
    echo "$script: there is no '$name': install the package $package, or run this as root where there is apt-get." >&2
    return 1
  fi
  echo "Installing $package ..."
  if [[ -z $packages_known ]]; then
    "${root[@]}" apt-get update -qq && packages_known=yes || echo "$script: apt-get update failed; the package may still be known." >&2
  fi
  # A server that is installed here must not start: the shop and the tests start their own.
  if [[ ! -e $policy ]]; then
    ours=$policy
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod +x "$policy"
  fi
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null || status=1
  [[ -z $ours ]] || "${root[@]}" rm -f "$ours"
  [[ $status -eq 0 ]] || echo "$script: apt-get could not install $package." >&2
  return "$status"
}
