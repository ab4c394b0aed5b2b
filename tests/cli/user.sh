#!/bin/sh
# SPDX-License-Identifier: MIT
# A user's own folder: its words and models are found, checked, documented and built like ours.

. "$(dirname "$0")/lib.sh"

user=$fixture/user

try "$mortise" show -I "$user" 'mmap_heap::count(sync=turnstile(width=2))::outlet'
code_is "show" 0
empty "show" "$work/err"
same "show" "$work/out" <<'E'
/* model: mmap_heap::count(sync=turnstile(width=2))::outlet */
#define COMPOSITION model

#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>

#define LAYER count
#define COUNT_SYNC turnstile
#define COUNT_SYNC_WIDTH 2
#include "FIXTURE/user/count.h"

LAYER_COMPOSE(model, mmap_heap, count)

#include "FIXTURE/user/outlet.h"
E

# The compiler finds the user's policies, also from our layers.
for policy in turnstile flatsync; do
    for layer in count tlsf_glk; do
        model="mmap_heap::$layer(sync=$policy)::malloc_socket"
        try env FIXTURE_SAY=1 "$mortise" run -I "$user" "$model" -- true
        code_is "$model" 0
        holds "$model" "$work/err" "loaded model=mmap_heap, $layer"
    done
done

# A model of the user
try "$mortise" check -I "$user" counted
code_is "a model in the user's folder" 0

# The user's word wins over ours, and the command says so.
try "$mortise" check -I "$user" mmap_heap::fake::malloc_socket
code_is "a word that replaces ours" 0
same "a word that replaces ours" "$work/err" <<'E'
mortise: note: 'fake' is FIXTURE/user/layer/fake.h, in place of Mortise's own
E
try "$mortise" check -q -I "$user" mmap_heap::fake::malloc_socket
empty "-q" "$work/err"
empty "-q" "$work/out"
try "$mortise" show -q -I "$user" mmap_heap::fake::malloc_socket
holds "a word that replaces ours" "$work/out" 'user/layer/fake.h"'

# The folder may also hold mortise/…
mkdir -p other/mortise/heap other/mortise/policy/err
printf '/*\n * pool_heap - a pool\n *\n * Parameters:\n%s\n%s\n */\n#undef LAYER\n' \
    ' *   name  type  default  range  meaning' ' *   err   err   loud     -      what to do' \
    >other/mortise/heap/pool_heap.h
printf '/* loud - says so */\n' >other/mortise/policy/err/loud.h
printf '/* tlsf_glk is named here, but this is no word */\n' >other/tlsf_glk.h
try "$mortise" list -I other system
same "DIR/mortise/heap" "$work/out" <<'E'
System layers
  brk_heap            memory from brk
  mmap_heap           memory from mmap
  pool_heap           a pool (yours)
E
try "$mortise" show -I other -I "$user" 'pool_heap(err=loud)::tlsf_glk::outlet'
code_is "two folders" 0
holds "a slot of the user" "$work/out" '#define POOL_HEAP_ERR loud'
holds "a header that is no word hides none of ours" "$work/out" '<mortise/layer/tlsf_glk.h>'

# The user's words are suggested, listed and documented.
refuses check -I "$user" 'mmap_heap::cuont::malloc_socket' <<'E'
mortise: unknown layer 'cuont'
  mmap_heap::cuont::malloc_socket
             ^~~~~
  did you mean 'count'?
E
try "$mortise" list -I "$user" layer
holds "list" "$work/out" '  count               counts requests (yours)'
case $(cat "$work/out") in
*helper*) fail "a header that is no word is listed" ;;
*) pass ;;
esac
try "$mortise" doc -I "$user" count
code_is "doc" 0
holds "doc" "$work/out" '    sync  sync  mutex    -      of the counters'
try "$mortise" doc -I "$user" sync
holds "doc of the slot" "$work/out" 'turnstile       one at a time'

# Mistakes of a user
mkdir bad
printf '/*\n * odd - odd\n *\n * Kind: attic\n */\n' >bad/odd.h
printf '/*\n * typed - typed\n *\n * Parameters:\n%s\n%s\n */\n' \
    ' *   name  type  default  range  meaning' ' *   p     siez  1        -      a size' \
    >bad/typed.h
refuses check -I bad 'mmap_heap::odd::malloc_socket' <<'E'
mortise: WORK/bad/odd.h: the head comment is wrong
  Kind is not one of: system, layer, socket, policy SLOT
E
refuses check -I bad 'mmap_heap::typed(p=1)::malloc_socket' <<'E'
mortise: WORK/bad/typed.h: parameter 'p' has the unknown type 'siez'
  a type is int, size, bool, range, name, arguments, or a folder below policy/
E
mkdir 'quo"te'
refuses check -I 'quo"te' 'mmap_heap::malloc_socket' <<'E'
mortise: -I quo"te: C cannot include from this path
  name a folder without quotes, backslashes and newlines
E

# A parameter may name a layer on the system side of its word.
mkdir detours
cat >detours/detour.h <<'E'
/* SPDX-License-Identifier: MIT */
/*
 * detour - goes past layers
 *
 * Kind: layer
 *
 * Parameters:
 *   name  type  default    range  meaning
 *   to    name  mmap_heap  layer  where to
 */
#include "mortise/core/compose.h"
E
for model in 'mmap_heap::fake::detour::malloc_socket' \
    'brk_heap::tlsf_glk::tlsf_glk::fake::detour(to=tlsf_glk_2)::malloc_socket'; do
    try "$mortise" show -I detours "$model"
    code_is "$model" 0
done
refuses check -I detours 'brk_heap::tlsf_glk::detour(to=tslf_glk)::fake::malloc_socket' <<'E'
mortise: 'to' of 'detour' names no layer on its system side: 'tslf_glk'
  brk_heap::tlsf_glk::detour(to=tslf_glk)::fake::malloc_socket
                                ^~~~~~~~
  did you mean 'tlsf_glk'?
  expected to=, one of: brk_heap, tlsf_glk
E
refuses check -I detours 'brk_heap::detour::fake::malloc_socket' <<'E'
mortise: 'to' of 'detour' names no layer on its system side: 'mmap_heap'
  brk_heap::detour::fake::malloc_socket
            ^~~~~~
  expected to=, one of: brk_heap
E
refuses check -I detours 'mmap_heap::detour(to=1)::malloc_socket' <<'E'
mortise: 'to' of 'detour' cannot be '1'
  mmap_heap::detour(to=1)::malloc_socket
                       ^
  expected the name of a layer
E

finish
