#!/bin/sh
# SPDX-License-Identifier: MIT
# A composition leaves no macro behind: macros.sh COMPILER INCLUDE SOURCE_FOLDER
# The first leaves names of the framework only, beyond those of system headers; the second nothing.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
names() {
    "$1" -std=gnu11 -dM -E -I "$2" "$3" | sed 's/^#define \([A-Za-z0-9_]*\).*/\1/' | sort -u
}
# The system headers that Mortise includes here, with the same options.
grep -rhoE --exclude=windows.h '^#include <[^>]*>' "$2" | grep -v mortise |
    sort -u >"$scratch/system.c"
names "$1" "$2" "$scratch/system.c" >"$scratch/system"
names "$1" "$2" "$3/macros_one.c" >"$scratch/one"
names "$1" "$2" "$3/macros_two.c" >"$scratch/two"
comm -23 "$scratch/one" "$scratch/system" |
    grep -vE '^(MORTISE_|mortise_|LAYER_COMPOSE$)' >"$scratch/first" || true
comm -13 "$scratch/one" "$scratch/two" >"$scratch/second"
status=0
if [ -s "$scratch/first" ]; then
    echo "FAILED: a composition leaves macros that are not the framework's:"
    cat "$scratch/first"
    status=1
fi
if [ -s "$scratch/second" ]; then
    echo "FAILED: a second composition leaves macros behind:"
    cat "$scratch/second"
    status=1
fi
grep -q '^LAYER_COMPOSE$' "$scratch/one" || status=1 # else this tested nothing
exit $status
