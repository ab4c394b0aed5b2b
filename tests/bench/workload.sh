#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# workload.sh PROGRAM ALLOCATOR.so BROKEN.so NAME PARAMETER...: one workload on glibc's malloc, on
# one of ours, and on one that is broken, unless that is ''.
set -euo pipefail

program=$1 allocator=$2 broken=$3 name=$4
shift 4

# expect CODE PRELOADED ARGUMENT...
expect() {
    local code=0 said
    said=$(timeout 60 env LD_PRELOAD="$2" "$program" "${@:3}" 2>&1) || code=$?
    [ "$code" = "$1" ] && return
    echo "status $code, not $1: LD_PRELOAD=$2 $program ${*:3}"
    echo "$said"
    exit 1
}

expect 0 '' "$name" "$@"
expect 0 "$allocator" "$name" "$@"
[ -z "$broken" ] || expect 1 "$broken" "$name" "$@"

first=$("$program" --list | awk -F '\t' -v name="$name" \
    '$1 == name { sub(/=.*/, "", $4); print $4 }')
expect 2 '' "$name" nonsense=1
expect 2 '' "$name" "$first"
expect 2 '' "$name" "$first="
expect 2 '' "$name" "$first=1x"
expect 2 '' "$name" "$first=-1"
expect 2 '' "$name" "$first=99999999999999999999"
