#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Follows CONTRIBUTING.md in a copy of the tree, command by command: steps.sh ROOT MORTISE [some]
# With `some` it neither builds nor runs the tests of what is made.
set -eu -o pipefail
root=$1 mortise=$2 some=${3-}
unset LD_PRELOAD CC CXX
work=$(mktemp -d "${TMPDIR:-/tmp}/mortise-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export MORTISE_CACHE=$work/cache

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

mkdir "$work/tree"
cd "$root"
{ git ls-files -z --cached --others --exclude-standard 2>/dev/null || find . -path ./build \
    -prune -o -type f -print0; } | while IFS= read -r -d '' file; do
    [ ! -f "$file" ] || printf '%s\0' "$file"
done >"$work/files"
tar -cf - --null -T "$work/files" | tar -xf - -C "$work/tree"
cd "$work/tree"

# section TITLE: the text below a heading.
section() {
    awk -v title="## $1" '/^## / { inside = $0 == title; next } inside' CONTRIBUTING.md
}

# follow NAME SLOT: runs the commands on standard input, those that stand in blocks of their own.
follow() {
    local command
    sed -n -e "s/NAME/$1/g" -e "s/SLOT/$2/g" -e 's/^ \{4,\}//p' >commands
    while IFS= read -r command; do
        echo "\$ $command"
        case $command in
        ./test.sh) # which runs this test
            bash -n test.sh
            continue
            ;;
        cmake* | ctest*)
            [ -z "$some" ] || continue
            ;;
        esac
        bash -eu -c "$command" </dev/null >out 2>&1 || {
            cat out
            fail "$command"
        }
        case $command in
        *fsyntax-only*) [ ! -s out ] || fail "$command: $(cat out)" ;;
        *doc*) grep -q "$1 - " out || fail "$command: no manual" ;;
        *run*) grep -q '^Python 3' out || fail "$command: $(cat out)" ;;
        *draw*) grep -q "| $1 - " out || fail "$command: no picture" ;;
        *expand*) grep -q "_at_$1_alloc" out || fail "$command: not the layer" ;;
        ctest*) grep -q '100% tests passed, 0 tests failed out of' out || fail "$command" ;;
        esac
    done <commands
}

# The command is of the same sources; it only has to know the words of the copy.
[ -n "$some" ] || cmake --preset dev >/dev/null
mkdir -p build/dev
cp "$mortise" build/dev/mortise
export MORTISE_INCLUDE=$work/tree/include MORTISE_MODELS=$work/tree/models

section "Add a layer in five steps" >layer
[ "$(grep -c '^[1-5]\. \*\*' layer)" -eq 5 ] || fail "these are not five steps"
follow example none <layer
[ "$(wc -l <commands)" -eq 11 ] || fail "these are not the commands that were expected"
[ "$(tail -n 1 commands)" = ./test.sh ] || fail "the last command is not ./test.sh"
[ -n "$some" ] || grep -q 'out of 2' out ||
    fail "the program of a new layer and the suite on it did not both run"

section "Add a policy" >policy
follow example_lock sync <policy
[ "$(wc -l <commands)" -eq 4 ] || fail "these are not the commands that were expected"
rm layer policy commands out

# What was made is in the style of the rest.
python3 tests/tidy/tidy.py .
clang-format --dry-run -Werror include/mortise/layer/example.h tests/layer/example.c \
    include/mortise/policy/sync/example_lock.h tests/policy/sync/example_lock.c
