#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: run.sh MORTISE CC [some]
#
# Builds stacks with and without pass-through layers between all of their layers and proves that
# they are the same code, in every exported function and all that it reaches (requirement 2 of
# ARCHITECTURE.md). A stack that differs by a counter must be told apart: the proof can fail.
# With `some` at one level of optimisation, with one lock upon each system layer.
set -eu
mortise=$1 cc=$2 some=${3-}
here=$(dirname "$0")
models=$here/../../models
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

build() { # MODEL OUTPUT
    "$mortise" build --cc "$cc" --cflags "$flags" "$1" -o "$work/$2.so"
}

same() { # WHAT PLAIN WITH_FAKES
    build "$2" plain
    build "$3" fakes
    printf '%s %s, %s: ' "$cc" "$flags" "$1"
    python3 "$here/same_code.py" "$work/plain.so" "$work/fakes.so" || failures=$((failures + 1))
}

for flags in -O2 -O3; do
    for sync in mutex spinlock ccsynch; do
        [ "$flags" = -O3 ] || [ "$sync" = ccsynch ] || continue # the others at one level only
        [ -z "$some" ] || [ "$flags" = -O3 ] || continue
        [ -n "$some" ] && [ "$sync" != ccsynch ] || same "tlsf over brk, $sync" \
            "brk_heap::tlsf_glk(sync=$sync)::malloc_socket" \
            "brk_heap::fake::tlsf_glk(sync=$sync)::fake::fake::malloc_socket"
        [ -n "$some" ] && [ "$sync" != mutex ] || same "tlsf over mmap, $sync" \
            "mmap_heap::tlsf_glk(sync=$sync, size_handle=[0,256KB])::malloc_socket" \
            "mmap_heap::fake::tlsf_glk(sync=$sync, size_handle=[0,256KB])::fake::malloc_socket"
    done
done

flags=-O3
case $cc in
*clang*) ;; # orders the blocks of slab_wf's slow path otherwise: open
*)
    same "wfslab and wfslabfl" "$(cat "$models/wfslab.mortise")" \
        "$(cat "$models/wfslabfl.mortise")"
    ;;
esac

build "brk_heap::tlsf_glk::malloc_socket" plain
build "brk_heap::tlsf_glk::count::malloc_socket" counted
printf 'a counter, which must show: '
if python3 "$here/same_code.py" "$work/plain.so" "$work/counted.so"; then
    echo "NOT SEEN"
    failures=$((failures + 1))
fi
exit "$failures"
