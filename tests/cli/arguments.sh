#!/bin/sh
# SPDX-License-Identifier: MIT
# A socket with names and arguments of the user's own: what a model may say, and what C it means.

. "$(dirname "$0")/lib.sh"

refuses check 'mmap_heap::exported(prefix=5)' <<'E'
mortise: 'prefix' of 'exported' cannot be '5'
  mmap_heap::exported(prefix=5)
                             ^
  expected a name
E

refuses check 'mmap_heap::exported(arguments=core)' <<'E'
mortise: 'arguments' of 'exported' cannot be this
  mmap_heap::exported(arguments=core)
                                ^~~~
  expected none, or list(NAME=TYPE, ...) with up to 16 arguments
E

refuses check 'mmap_heap::exported(arguments=list(core=unsigned, core=u64))' <<'E'
mortise: 'arguments' of 'exported' cannot be this
  mmap_heap::exported(arguments=list(core=unsigned, core=u64))
                                                    ^~~~
  expected a name that no other argument has; heap, block, size, align and count are taken
E

refuses check 'mmap_heap::exported(arguments=list(size=unsigned))' <<'E'
mortise: 'arguments' of 'exported' cannot be this
  mmap_heap::exported(arguments=list(size=unsigned))
                                     ^~~~
  expected a name that no other argument has; heap, block, size, align and count are taken
E

refuses check 'mmap_heap::exported(arguments=list(core=double))' <<'E'
mortise: 'arguments' of 'exported' cannot be this
  mmap_heap::exported(arguments=list(core=double))
                                          ^~~~~~
  expected a type: int, unsigned, long, size, bool, pointer, u8, u16, u32, u64
E

try "$mortise" show 'mmap_heap::exported(prefix=model, arguments=list(core=u8, site=pointer))'
same "arguments come before the first layer, and the names inside are others" "$work/out" <<'E'
/* model: mmap_heap::exported(prefix=model, arguments=list(core=u8, site=pointer)) */
#define COMPOSITION model_inside
#define MCTX_ARGUMENTS (uint8_t, core), (const void *, site)

#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>

LAYER_COMPOSE(model_inside, mmap_heap)

#define EXPORTED_PREFIX model
#include <mortise/socket/exported.h>
E

try "$mortise" show 'mmap_heap::exported(arguments=none)'
same "none" "$work/out" <<'E'
/* model: mmap_heap::exported(arguments=none) */
#define COMPOSITION model

#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>

LAYER_COMPOSE(model, mmap_heap)

#include <mortise/socket/exported.h>
E

finish
