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

build() { # MODEL
    "$mortise" build --cflags -O3 "$1" -o "$work/allocator.so"
}

for model in wfslab 'mmap_heap::segfit_lf::slab_wf::malloc_socket'; do
    build "$model"
    printf '%s: ' "$model"
    "$progress" "$work/allocator.so" "$look" "$every"
done

build 'mmap_heap::tlsf_glk(sync=spinlock)::malloc_socket'
printf 'a lock, which must show: '
if timeout 10 "$progress" "$work/allocator.so" 1 "$every"; then
    echo "NOT SEEN"
    exit 1
fi
echo "somebody waits"
