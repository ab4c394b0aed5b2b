#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: facts.sh MORTISE
#
# Stacks whose facts do not meet are refused; the exact text of each message, which names both
# layers and the remedy.
set -eu
mortise=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# The message is on standard input, with @ where a line of it is too long for this file.
refuses() { # MODEL
    sed 's/@$/ size_handle=[0,SIZE_MAX]/' >"$work/expected"
    code=0
    "$mortise" check "$1" >"$work/out" 2>"$work/err" || code=$?
    if [ $code -ne 2 ] || [ -s "$work/out" ] || ! cmp -s "$work/expected" "$work/err"; then
        failures=$((failures + 1))
        echo "check '$1': exit status $code"
        diff "$work/expected" "$work/err" || true
    fi
}

refuses 'mmap_heap::slab_lk(sizeclass=linear)::thread_cache::malloc_socket' <<'E'
mortise: thread_cache needs its own size classes, which slab_lk on its system side does not have
  mmap_heap::slab_lk(sizeclass=linear)::thread_cache::malloc_socket
                                        ^~~~~~~~~~~~
  give both the same sizeclass, with the same parameters
E

steps='mmap_heap::slab_lk(sizeclass=linear(step=64))::thread_cache(sizeclass=linear(step=32))'
refuses "$steps::malloc_socket" <<'E'
mortise: thread_cache needs its own size classes, which slab_lk on its system side does not have
  mmap_heap::slab_lk(sizeclass=linear(step=64))::thread_cache(sizeclass=linear(step=32))::mall...
                                                 ^~~~~~~~~~~~
  give both the same sizeclass, with the same parameters
E

refuses 'mmap_heap::tlsf_glk::thread_cache::malloc_socket' <<'E'
mortise: thread_cache needs size classes, which tlsf_glk on its system side does not give
  mmap_heap::tlsf_glk::thread_cache::malloc_socket
                       ^~~~~~~~~~~~
  put a layer of slabs such as slab_lk before it
E

refuses 'brk_heap::slab_lk::malloc_socket' <<'E'
mortise: slab_lk needs objects of known size, which brk_heap on its system side does not give
  brk_heap::slab_lk::malloc_socket
            ^~~~~~~
  put a placing layer such as tlsf_glk between them, or let slab_lk serve every size itself with@
E

refuses 'malloc_heap::cmalloc_socket' <<'E'
mortise: cmalloc_socket needs heaps beside the default one, which the system layer cannot have
  malloc_heap::cmalloc_socket
               ^~~~~~~~~~~~~~
  begin with another one, such as mmap_heap
E

# Who waits under vmalloc_heap has no system to sleep in.
for sync in futex mutex mcslock clhlock ccsynch combine flatcombine fcbitmap hsynch rcl; do
    refuses "vmalloc_heap::tlsf_glk(sync=$sync)::mymalloc_socket" <<E
mortise: tlsf_glk lets threads sleep in an operating system, which vmalloc_heap is without
  vmalloc_heap::tlsf_glk(sync=$sync)::mymalloc_socket
                ^~~~~~~~
  give tlsf_glk a sync that spins, such as spinlock
E
done
spinning='vmalloc_heap::segfit_lk(sync=spinlock)::slab_lk(sync=spinlock)'
for model in vmalloc_heap::tlsf_glk vmalloc_heap::buddy_glk vmalloc_heap::segfit_lk \
    'vmalloc_heap::tlsf_glk(sync=spinlock)::slab_lk' "$spinning::carrcache_lk"; do
    "$mortise" check "$model::mymalloc_socket" 2>"$work/err" && failures=$((failures + 1))
    grep -q 'lets threads sleep' "$work/err" || failures=$((failures + 1))
done

refuses 'vmalloc_heap(sync=mutex)::tlsf_glk(sync=spinlock)::mymalloc_socket' <<'E'
mortise: vmalloc_heap: sync must be a lock that spins and needs no state of threads
  vmalloc_heap(sync=mutex)::tlsf_glk(sync=spinlock)::mymalloc_socket
  ^~~~~~~~~~~~
  give it spinlock
E

refuses 'vmalloc_heap::tlsf_glk(sync=spinlock)::malloc_socket' <<'E'
mortise: malloc_socket needs libc and an operating system, which a freestanding composition has not
  vmalloc_heap::tlsf_glk(sync=spinlock)::malloc_socket
                                         ^~~~~~~~~~~~~
  end it with mymalloc_socket
E

refuses 'vmalloc_heap::tlsf_glk(sync=spinlock)::wcet_stat::mymalloc_socket' <<'E'
mortise: a layer that measures reports to a system, and there is none
  leave it out
E

for sync in none spinlock ticketlock posix_spin; do
    "$mortise" check "vmalloc_heap::tlsf_glk(sync=$sync)::mymalloc_socket$(
        [ $sync != none ] || echo '(threads=one)')" >"$work/out" || failures=$((failures + 1))
done

same='sizeclass=linear(step=64)'
for model in "mmap_heap::slab_lk($same)::fake::thread_cache($same)" \
    'mmap_heap::slab_wf::thread_cache(sizeclass=prime)' \
    'mmap_heap::slab_wf(sizeclass=supermalloc)::thread_cache(sizeclass=prime)'; do
    "$mortise" check "$model::malloc_socket" >"$work/out" || failures=$((failures + 1))
done
exit $failures
