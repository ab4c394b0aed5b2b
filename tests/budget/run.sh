#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: run.sh MORTISE STEPS CC
#
# Holds hot paths to their budgets: what a warm malloc and a warm free execute inside the allocator,
# counted by single-stepping. Each line of the table is a model, a size, and the most instructions
# and atomic operations of malloc and of free, as ARCHITECTURE.md promises them.
set -eu
mortise=$1 steps=$2 cc=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

printf '%-60s %6s  %-16s %s\n' "instructions (atomics), at most" size malloc free
budget() { # MODEL SIZE MALLOC ATOMICS FREE ATOMICS
    # What the cache has, which other tests use as well.
    # shellcheck disable=SC2016
    allocator=$("$mortise" run -q --cc "$cc" "$1" -- sh -c 'echo "$LD_PRELOAD"')
    "$steps" "$allocator" "$2" >"$work/steps"
    read -r _ malloc malloc_atomics <"$work/steps"
    read -r _ free free_atomics <<END
$(sed -n 2p "$work/steps")
END
    printf '%-60s %6s  %3d (%d), %3d (%d)  %3d (%d), %3d (%d)' "${1%::malloc_socket}" "$2" \
        "$malloc" "$malloc_atomics" "$3" "$4" "$free" "$free_atomics" "$5" "$6"
    if [ "$malloc" -gt "$3" ] || [ "$malloc_atomics" -gt "$4" ] || [ "$free" -gt "$5" ] ||
        [ "$free_atomics" -gt "$6" ]; then
        failures=$((failures + 1))
        printf '  TOO MANY'
    fi
    echo
}

cached=mmap_heap::slab_lk::thread_cache::malloc_socket
budget $cached 64 16 0 22 0
budget $cached 1024 16 0 22 0
budget hslab 64 16 0 22 0
budget micay 64 16 0 22 0
budget micay 512 16 0 22 0
budget mmap_heap::fake::slab_lk::fake::thread_cache::fake::malloc_socket 64 16 0 22 0
arrays=mmap_heap::slab_lk::tarrcache::malloc_socket
budget $arrays 64 16 0 22 0
budget $arrays 1024 16 0 22 0
budget mmap_heap::slab_lk::slab_arrcache::malloc_socket 64 16 0 30 0
budget wfslab 64 16 0 22 0
budget wfslab 1024 16 0 22 0
wait_free=mmap_heap::slab_wf::malloc_socket
budget $wait_free 64 16 0 22 0
budget $wait_free 1024 16 0 22 0
budget mmap_heap::fake::slab_wf::fake::malloc_socket 64 16 0 22 0
budget supermalloc 64 16 0 22 0
budget supermalloc 8000 32 0 22 0
budget mmap_heap::slab_ff::malloc_socket 64 210 2 180 2
# Checks. Their work has no budget but this: a context that went through memory would take more, and
# thrice the time.
budget wfslabs 64 61 0 91 0
budget hslabd 64 91 0 391 1
exit "$failures"
