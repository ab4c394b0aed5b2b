# SPDX-License-Identifier: MIT
# What the tests of real programs share. Usage of each:
#     bash NAME.sh MORTISE MODEL [HELPER...]
# Whatever a program says on the allocator is compared with what it says without it.

set -eu -o pipefail
mortise=$1
model=$2
here=$(cd "$(dirname "$0")" && pwd)
compiler=${MORTISE_TEST_CC:-cc}
rounds=${MORTISE_TEST_ROUNDS:-1} # how much work there is
unset LD_PRELOAD
export LC_ALL=C TZ=UTC

work=$(mktemp -d "${TMPDIR:-/tmp}/mortise-test.XXXXXX")
export MORTISE_CACHE=${MORTISE_CACHE:-$work/cache}
export HOME=$work
server=
finish() {
    [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

fail() {
    echo "FAILED on $model: $1" >&2
    shift
    [ $# -eq 0 ] || tail -n 20 "$@" >&2
    exit 1
}

# ours PROGRAM ARGUMENT...: on the allocator.
own=("$mortise" run --quiet --cc "$compiler" "$model" --)
ours() {
    "${own[@]}" "$@"
}

# quiet FILE: what went to stderr; the allocator reports misuse there, and no program here misuses.
quiet() {
    if grep -q '^mortise' "$1"; then
        fail "the allocator complains" "$1"
    fi
}

# same NAME PROGRAM ARGUMENT...: with one standard input file, $input, if set.
input=/dev/null
same() {
    local name=$1 code=0 expected=0
    shift
    "$@" <"$input" >without 2>without.err || expected=$?
    ours "$@" <"$input" >with 2>with.err || code=$?
    quiet with.err
    [ $code -eq $expected ] || fail "$name: exit status $code instead of $expected" with.err
    cmp -s without with || fail "$name: another output" with with.err
    [ -s with ] || fail "$name: no output"
}

# Everything below means nothing unless the allocator is really there.
ours cat /proc/self/maps >maps
grep -q "$MORTISE_CACHE" maps || fail "the allocator is not in the program" maps
# What is preloaded, for tests that preload it themselves.
# shellcheck disable=SC2016
allocator=$(ours sh -c 'echo "$LD_PRELOAD"')
