#!/bin/sh
# SPDX-License-Identifier: MIT
# What each verb prints and makes when all is well.

. "$(dirname "$0")/lib.sh"

# show: the C that a model means

try "$mortise" show tlsfcc
code_is "show tlsfcc" 0
empty "show tlsfcc" "$work/err"
same "show tlsfcc" "$work/out" <<'E'
/* tlsfcc: brk_heap::tlsf_glk(sync=ccsynch, size_handle=[0,SIZE_MAX])::malloc_socket */
#define COMPOSITION tlsfcc

#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>

#define LAYER tlsf_glk
#define TLSF_GLK_SYNC ccsynch
#define TLSF_GLK_SIZE_HANDLE 0, SIZE_MAX
#include <mortise/layer/tlsf_glk.h>

LAYER_COMPOSE(tlsfcc, brk_heap, tlsf_glk)

#include <mortise/socket/malloc_socket.h>
E

try "$mortise" show 'mmap_heap ( huge_page = 1 , grow = 2MiB )
    :: fake   # a comment
    :: tlsf_glk(sizeclass=linear(step=64, sync=spinlock), size_handle=[4KB, 1 ], mode=best)
    :: fake :: malloc_socket(align=8)'
code_is "show: an empty range" 2

try "$mortise" show 'mmap_heap ( huge_page = 1 , grow = 2MiB )
    :: fake   # a comment
    :: tlsf_glk(sizeclass=linear(step=64, sync=spinlock), size_handle=[1, 4KB ], mode=best)
    :: fake :: malloc_socket(align=8)'
code_is "show: all sorts of parameters" 0
tlsf='tlsf_glk(sizeclass=linear(step=64, sync=spinlock), size_handle=[1,4KB], mode=best)'
holds "show: all sorts of parameters" "$work/out" \
    "/* model: mmap_heap(huge_page=1, grow=2MiB)::fake::$tlsf::fake::malloc_socket(align=8) */"
sed 1d "$work/out" >rest
same "show: all sorts of parameters" rest <<'E'
#define COMPOSITION model

#define LAYER mmap_heap
#define MMAP_HEAP_HUGE_PAGE 1
#define MMAP_HEAP_GROW 2097152
#include <mortise/heap/mmap_heap.h>

#define LAYER fake
#include <mortise/layer/fake.h>

#define LAYER tlsf_glk
#define TLSF_GLK_SIZECLASS linear
#define TLSF_GLK_SIZECLASS_STEP 64
#define TLSF_GLK_SIZECLASS_SYNC spinlock
#define TLSF_GLK_SIZE_HANDLE 1, 4096
#define TLSF_GLK_MODE best
#include <mortise/layer/tlsf_glk.h>

#define LAYER fake_2
#include <mortise/layer/fake.h>

LAYER_COMPOSE(model, mmap_heap, fake, tlsf_glk, fake_2)

#define MALLOC_SOCKET_ALIGN 8
#include <mortise/socket/malloc_socket.h>
E

# The four ways to name a model

try "$mortise" check tlsfcc
code_is "a model by name" 0
same "a model by name" "$work/out" <<'E'
ok: brk_heap::tlsf_glk(sync=ccsynch, size_handle=[0,SIZE_MAX])::malloc_socket
E
empty "a model by name" "$work/err"

echo 'brk_heap::malloc_socket' >2-fast.mortise
try "$mortise" show 2-fast
holds "a model in the current folder" "$work/out" '#define COMPOSITION _2_fast'
try "$mortise" show ./2-fast.mortise
holds "a model by path" "$work/out" '#define COMPOSITION _2_fast'
echo 'brk_heap::malloc_socket' | "$mortise" show - >"$work/out"
holds "a model from standard input" "$work/out" 'LAYER_COMPOSE(model, brk_heap)'
printf 'brk_heap\r\n::malloc_socket\r\n' | "$mortise" show - >"$work/out"
holds "lines that end in CR LF" "$work/out" 'LAYER_COMPOSE(model, brk_heap)'

# check --json

try "$mortise" check --json tlsfcc
code_is "check --json" 0
same "check --json" "$work/out" <<'E'
{
  "ok": true,
  "model": "brk_heap::tlsf_glk(sync=ccsynch, size_handle=[0,SIZE_MAX])::malloc_socket",
  "errors": []
}
E
try "$mortise" check --json wrong
code_is "check --json, an error" 2
empty "check --json, an error" "$work/err"
same "check --json, an error" "$work/out" <<'E'
{
  "ok": false,
  "model": null,
  "errors": [
    {
      "line": 5,
      "column": 7,
      "message": "unknown layer 'tlfs_glk'",
      "suggestion": "tlsf_glk",
      "help": null
    }
  ]
}
E
try "$mortise" check --json zzz
code_is "check --json, no model" 2
holds "check --json, no model" "$work/out" '"line": null'
try "$mortise" check --json "$(printf 'mmap_heap::\377::malloc_socket')"
code_is "check --json, bytes that are not UTF-8" 2
holds "check --json, bytes that are not UTF-8" "$work/out" "found '\\\\xff'"

# list

try "$mortise" list
code_is "list" 0
same "list" "$work/out" <<'E'
System layers
  brk_heap            memory from brk
  mmap_heap           memory from mmap

Layers
  bad_table           has a mistake in its table
  broken              does not compile
  fake                passes every request on
  refused             says no by an #error
  tlsf_glk            two-level segregated fit behind one lock

Sockets
  exported            functions that programs link with
  malloc_socket       the malloc of the C library

Policies of sizeclass
  linear              equal steps
  log2b               powers of two

Policies of sync: how threads exclude each other
  ccsynch             combining
  mutex               parks in the kernel
  spinlock            spins

Models
  tlsfcc              tlsf behind a combining lock
  wrong               a model with a mistake
E
try "$mortise" list sync
same "list sync" "$work/out" <<'E'
Policies of sync: how threads exclude each other
  ccsynch             combining
  mutex               parks in the kernel
  spinlock            spins
E
try "$mortise" list --json socket
same "list --json socket" "$work/out" <<'E'
{
  "words": [
    {
      "kind": "socket",
      "slot": null,
      "name": "exported",
      "purpose": "functions that programs link with",
      "path": "FIXTURE/include/mortise/socket/exported.h",
      "user": false
    },
    {
      "kind": "socket",
      "slot": null,
      "name": "malloc_socket",
      "purpose": "the malloc of the C library",
      "path": "FIXTURE/include/mortise/socket/malloc_socket.h",
      "user": false
    }
  ],
  "models": []
}
E
try "$mortise" list model
same "list model" "$work/out" <<'E'
Models
  tlsfcc              tlsf behind a combining lock
  wrong               a model with a mistake
E

# doc

try "$mortise" doc tlsf_glk
code_is "doc tlsf_glk" 0
same "doc tlsf_glk" "$work/out" <<'E'
tlsf_glk - two-level segregated fit behind one lock

Kind
    layer

Description
    First paragraph of prose
    on two lines.

    Second paragraph.

Needs
    regions from a thread-safe neighbour

Offers
    objects of any size

Parameters
    name         type       default       range        meaning
    sync         sync       mutex         -            how threads exclude each other
    sizeclass    sizeclass  log2b         -            how sizes are rounded
    size_handle  range      [0,SIZE_MAX]  0..SIZE_MAX  sizes served here; others go to next
    pool_size    size       64KB          4KB..1GB     least memory fetched at a time; a meaning may
                                                       go on in deeper-indented lines
    levels       int        5             1..8         second levels, as a power of two
    mode         name       first         first|best   which block is taken
    checked      bool       0             -            compare the books on every call

Invariants
    free neighbours are merged

Ordering
    the lock's

Wins
    none yet

Header
    FIXTURE/include/mortise/layer/tlsf_glk.h
E
try "$mortise" doc sync
same "doc of a slot" "$work/out" <<'E'
sync - how threads exclude each other

Kind
    slot

Description
    The contract of the slot.

Members
    ccsynch         combining
    mutex           parks in the kernel
    spinlock        spins

Header
    FIXTURE/include/mortise/policy/sync.h
E
try "$mortise" doc sizeclass=linear
holds "doc of a policy in a slot" "$work/out" 'policy of sizeclass'
try "$mortise" doc --json linear
same "doc --json" "$work/out" <<'E'
[
  {
    "name": "linear",
    "kind": "policy",
    "slot": "sizeclass",
    "purpose": "equal steps",
    "path": "FIXTURE/include/mortise/policy/sizeclass/linear.h",
    "user": false,
    "sections": {
      "Description": ""
    },
    "parameters": [
      {
        "name": "step",
        "type": "size",
        "default": "16",
        "range": "8..64KB",
        "meaning": "between two classes"
      },
      {
        "name": "sync",
        "type": "sync",
        "default": "mutex",
        "range": "-",
        "meaning": "of its own table"
      }
    ],
    "members": []
  }
]
E
try "$mortise" doc bad_table
holds "doc of a header with a mistake" "$work/out" 'Mistake in the head comment'

# build

try "$mortise" build tlsfcc -o x.so
code_is "build .so" 0
empty "build .so" "$work/out"
empty "build .so" "$work/err"
try env FIXTURE_SAY=1 LD_PRELOAD="$work/x.so" true
holds "the .so loads" "$work/err" 'loaded tlsfcc=brk_heap, tlsf_glk'
try "$mortise" build -o x.o tlsfcc
code_is "build .o" 0
try "$mortise" build tlsfcc -o x.a --cflags "-O0 -DQUOTED='a b'"
code_is "build .a" 0
echo 'int main(void) { return 0; }' >main.c
try cc main.c x.o -o with_object
code_is "the .o links" 0
try cc main.c -Wl,--whole-archive x.a -Wl,--no-whole-archive -o with_archive
code_is "the .a links" 0
try env FIXTURE_SAY=1 ./with_archive
holds "the .a runs" "$work/err" 'loaded tlsfcc'
if [ ! -e cache ]; then pass; else fail "build leaves the cache alone"; fi

# A build that fails leaves an older result as it was, and no temporary files.
echo old >old.so
try "$mortise" build mmap_heap::broken::malloc_socket -o old.so
code_is "a failed build" 2
same "a failed build keeps the old result" old.so <<'E'
old
E
holds "a failed build shows the compiler's words" "$work/err" 'cannot compile the model'
holds "a failed build shows the compiler's words" "$work/err" 'this_is_not_c'
try ls -A "$work"
case $(cat "$work/out") in
*.mortise-*) fail "temporary files are left" ;;
*) pass ;;
esac
mkdir folder.so
try "$mortise" build tlsfcc -o folder.so
code_is "a folder is no place for a result" 2
holds "a folder is no place for a result" "$work/err" "cannot write 'folder.so'"

# --help and --version

for verb in run build check show expand draw list doc inspect new; do
    try "$mortise" $verb --help
    code_is "$verb --help" 0
    empty "$verb --help" "$work/err"
    holds "$verb --help" "$work/out" "Usage: mortise $verb"
    holds "mortise --help names $verb" "$work/out" "$verb"
done
try "$mortise" --help
code_is "--help" 0
holds "--help" "$work/out" 'Usage: mortise VERB'
# Completion takes a verb to end at two blanks.
for verb in run inspect; do
    if grep -q "^  $verb  " "$work/out"; then pass; else fail "--help: no column for $verb"; fi
done
try "$mortise" bench --help
holds "bench --help" "$work/out" '      --peer=WHICH           '
try "$mortise" --version
code_is "--version" 0
holds "--version" "$work/out" 'mortise '

# A result that cannot be written is an error.
if [ -w /dev/full ]; then
    "$mortise" show tlsfcc >/dev/full 2>"$work/err"
    code=$?
    code_is "a full disk" 2
    holds "a full disk" "$work/err" 'cannot write the result: No space left on device'
fi

finish
