#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The kit of examples/mymalloc on the named model, with one thread and with eight, and on other
# stacks; and it finds what is wrong with allocators that are wrong.
#     bash mymalloc.sh MORTISE FOLDER
set -eu -o pipefail
mortise=$1 folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# kit NAME ARGUMENT...: makes a kit in a folder of its own, but for the objects that are not of the
# allocator, which are in the folder kit_objects.
kit() {
    local name=$1
    shift
    make -s -C "$folder" MORTISE="$mortise" O="$work/$name" K="$work/${kit_objects-kit}" "$@" \
        >"$work/$name.out" 2>&1
}

fail() {
    echo "FAILED: $1" >&2
    tail -n 20 "$2" >&2
    exit 1
}

kit model check THREADS=8 || fail "the kit on the model" "$work/model.out"
grep -c '^passed' "$work/model.out" | grep -qE '^[24]$' || fail "runs" "$work/model.out"
kit model check THREADS='1 2' KITS="$work/model/kit_libc_mmap" ||
    fail "one thread and two" "$work/model.out"
kit tid check THREADS=3 KITS="$work/tid/kit_libc_array" \
    MODEL="$(sed '/^#/d' "$folder/../../models/mymalloc.mortise" | tr -d '\n' |
        sed 's/mymalloc_socket/mymalloc_socket(thread_id=gettid)/')" ||
    fail "threads by their number" "$work/tid.out"

kit model preload || fail "a malloc" "$work/model.out"
script='import threading as t
def work(): x.append(sum(len(str(i)) for i in range(10**5)))
x = []; a = [t.Thread(target=work) for _ in range(4)]
[i.start() for i in a]; [i.join() for i in a]; print(x)'
LD_PRELOAD="$work/model/mymalloc.so" python3 -c "$script" >"$work/text" 2>&1 ||
    fail "python3 on it" "$work/text"
grep -qF '[488890, 488890, 488890, 488890]' "$work/text" || fail "its result" "$work/text"
LD_PRELOAD="$work/model/mymalloc.so" perl -e 'my %h; $h{$_ % 999} .= $_ for 1..99999;
    print length(join "", map { $h{$_} } sort keys %h)' >"$work/text" 2>&1 ||
    fail "perl on it" "$work/text"
grep -qxF 488889 "$work/text" || fail "its result" "$work/text"

kit model picture || fail "a picture" "$work/model.out"
"$mortise" inspect "$work/model/heap.txt" >"$work/text" || fail "a picture read" "$work/text"
grep -q '^  slab_lk slab 512 .*KB' "$work/text" || fail "slabs in the picture" "$work/text"
grep -q '^  thread_cache .*KB' "$work/text" || fail "caches in the picture" "$work/text"
grep -q '^<title>.*as it asked' "$work/model/heap.html" || fail "its page" "$work/model/heap.html"
for kit in "$work"/model/inspected/kit_*; do
    "$kit" picture 4 >"$work/heap" && "$mortise" inspect "$work/heap" >"$work/text" ||
        fail "a picture by ${kit##*/}" "$work/heap"
done
! "$work/model/kit_libc_mmap" picture 1 >"$work/text" || fail "no picture" "$work/text"
grep -q 'inspect=1' "$work/text" || fail "the remedy" "$work/text"

# wrong NAME MESSAGE: an allocator, on standard input, of which the kit says that.
wrong() {
    cat - "$work/rest.c" >"$work/$1.c"
    ! kit_objects=unoptimised kit "$1" check THREADS=2 CFLAGS='-std=gnu11 -O0' \
        ALLOCATOR="$work/$1.c" KITS="$work/$1/kit_libc_mmap" ||
        fail "the kit passes: $1" "$work/$1.out"
    grep -q "FAILED: $2" "$work/$1.out" || fail "the kit on: $1" "$work/$1.out"
}

cat >"$work/rest.c" <<'C'
#include <stddef.h>
#include <stdint.h>
void *vmalloc(void *addr, size_t length);
void *mymalloc(size_t size);
void myfree(void *block);
static size_t lock;
static char *at, *end, *last, *before;
void *mymalloc(size_t size)
{
    size_t room = (size + 15 + EXTRA) / 16 * 16 + SHIFT, whole = (size_t)1 << 26;
    if (size > whole / 2)
        return NULL;
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0) {
    }
    if (at == NULL || end - at < (ptrdiff_t)room) {
        at = vmalloc(NULL, whole);
        end = at + whole;
    }
    char *block = at;
    at += room;
    if (TWICE && last != NULL && size < 16)
        block = last;
    if (size < 16)
        last = block;
    if (WRITES && before != NULL)
        *before += 1;
    before = size != 0 ? block : before;
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    return block;
}
void myfree(void *block)
{
    (void)block;
}
C
wrong bump 'more than four times is mapped' <<'C'
enum { EXTRA = 1, SHIFT = 0, TWICE = 0, WRITES = 0 };
C
wrong short 'two blocks share memory' <<'C'
enum { EXTRA = 8, SHIFT = -16, TWICE = 0, WRITES = 0 };
C
wrong twice 'two blocks share memory' <<'C'
enum { EXTRA = 1, SHIFT = 0, TWICE = 1, WRITES = 0 };
C
wrong aligned 'a block is not aligned to 8' <<'C'
enum { EXTRA = 1, SHIFT = 4, TWICE = 0, WRITES = 0 };
C
wrong writes 'a block was written to by somebody else' <<'C'
enum { EXTRA = 1, SHIFT = 0, TWICE = 0, WRITES = 1 };
C
