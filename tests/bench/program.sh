#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# program.sh SCRIPT ALLOCATOR.so: a real program has the same result on one of our allocators as on
# libc's malloc, and another result is noticed.
set -euo pipefail

script=$1 allocator=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$*"
    exit 1
}

code=0
package=$("$script" have) || code=$?
if [ $code = 77 ]; then
    [ -n "$package" ] || fail "no package is named"
    echo "$package is not installed"
    exit 77
fi
[ $code = 0 ] || fail "have: status $code"

"$script" prepare "$work/in" quick
first=$(stat -c %Y%i "$work/in/expected")
"$script" prepare "$work/in" quick
[ "$(stat -c %Y%i "$work/in/expected")" = "$first" ] || fail "what was prepared is made again"
MORTISE_BENCH_PRELOAD=$allocator "$script" run "$work/in" ||
    fail "the program ends with status $? on our allocator"
"$script" check "$work/in" || fail "the result on our allocator is wrong"
echo something else >>"$work/in/out"
if "$script" check "$work/in"; then
    fail "a wrong result is not noticed"
fi

# The program itself is what gets the library.
(MORTISE_BENCH_PRELOAD=$work/missing.so "$script" run "$work/in" || true) >"$work/said" 2>&1
cat "$work/in"/*.log >>"$work/said" 2>/dev/null || true
grep -q "$work/missing.so" "$work/said" || fail "the program is not on the allocator"

for wrong in "" nonsense "have more" prepare "prepare $work/in nonsense" run check; do
    code=0
    # shellcheck disable=SC2086
    "$script" $wrong >/dev/null 2>&1 || code=$?
    [ $code = 2 ] || fail "status $code for '$wrong'"
done
