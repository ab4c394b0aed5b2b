#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: run.sh MORTISE PROGRESS LOOK EVERY
#
# Nobody waits for a thread that stands still, or has ended, in the middle of a request on a stack
# without locks; on one with a lock somebody does, which the test has to notice.
set -eu
mortise=$1 progress=$2 look=$3 every=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # MODEL NAME
    "$mortise" build --cflags -O3 "$1" -o "$work/$2.so"
}

# Meanwhile, for it only sleeps.
build 'mmap_heap::tlsf_glk(sync=mutex)::malloc_socket' lock
timeout 10 "$progress" "$work/lock.so" 1 "$every" >"$work/lock.out" 2>&1 &

for model in wfslab 'mmap_heap::segfit_lf::slab_wf::malloc_socket'; do
    build "$model" allocator
    printf '%s: ' "$model"
    "$progress" "$work/allocator.so" "$look" "$every"
done

printf 'a lock, which must show: '
code=0
wait $! || code=$?
if [ "$code" -ne 124 ]; then # what timeout says of a program that it had to end
    echo "NOT SEEN: exit status $code"
    cat "$work/lock.out"
    exit 1
fi
echo "somebody waits"
