#!/bin/sh
# SPDX-License-Identifier: MIT
# poison.sh MORTISE INCLUDE CC [some]: what AddressSanitizer says of a program that composes an
# allocator, for stacks of several placing layers, caches and checks; for `some`, for stacks that
# have each of these between them. Without its library, nothing is tested.

set -u
mortise=$1 include=$2 cc=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ulimit -c 0
failed=0

fail() {
    failed=1
    echo "FAILED: $*"
    cat "$work/out"
}

# answers LABEL CASE REGEX
answers() {
    ASAN_OPTIONS=detect_leaks=0 "$work/program" "$2" >"$work/out" 2>&1
    grep -Eq "$3" "$work/out" || fail "$1: $2: no '$3'"
}

# program LABEL MODEL
program() {
    {
        echo "#define M(x) MORTISE_CAT($1, _##x)"
        echo "#define MALLOC_SOCKET_INTERPOSE 0"
        "$mortise" show "$2" | sed -E "s/^#define COMPOSITION .*/#define COMPOSITION $1/
            s/^LAYER_COMPOSE\([^,]*/LAYER_COMPOSE($1/"
        echo "#include \"$here/poison.c\""
    } >"$work/program.c"
    if ! $cc -std=gnu11 -O1 -g -fsanitize=address -Wall -Wextra -Werror -I"$include" \
        "$work/program.c" -o "$work/program" -pthread >"$work/out" 2>&1; then
        fail "$1: does not compile"
        return
    fi
    answers "$1" none '^sound$'
    for case in write_behind read_behind write_after_free read_last_after_free copy_after_free \
        behind_shrunk cut_off moved_away after_large_free; do
        answers "$1" $case 'ERROR: AddressSanitizer'
    done
    answers "$1" free_twice '^mortise: double-free'
}

echo 'int main(void) { return 0; }' >"$work/empty.c"
if ! $cc -fsanitize=address "$work/empty.c" -o "$work/empty" 2>/dev/null; then
    echo "skipped: $cc has no library of AddressSanitizer"
    exit 77
fi
program cached 'mmap_heap::buddy_glk::slab_lk::thread_cache::malloc_socket'
program wfslabs wfslabs
program tlsfccsd tlsfccsd
[ "${4-}" != some ] || exit $failed
program tlsf 'brk_heap::tlsf_glk::malloc_socket'
program slabs 'mmap_heap::tlsf_glk::slab_lk::malloc_socket'
program wfslab wfslab
exit $failed
