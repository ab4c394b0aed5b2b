#!/bin/sh
# SPDX-License-Identifier: MIT
# The verb expand. Without clang-format on PATH, so that the text is the compiler's everywhere.

. "$(dirname "$0")/lib.sh"

mkdir bin
for tool in cc gcc clang as; do
    found=$(command -v $tool) && ln -s "$found" bin/$tool
done
# What the text holds: no macro, no marker, the system's headers as includes.
try env PATH="$work/bin" "$mortise" expand 'mmap_heap::tlsf_glk(levels=8)::malloc_socket'
code_is "expand" 0
empty "expand" "$work/err"
sed -e '/^ *$/d' -e 's|^__attr.* model_say(void).*, tlsf_glk".*|model_say, on one line|' \
    "$work/out" >text
same "expand" text <<'E'
/* ---- mortise/core/compose.h */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
/* ---- mortise/layer/tlsf_glk.h */
_Static_assert(8 != 7,
               "tlsf_glk: seven levels do not fit; write levels=6 or levels=8");
_Static_assert(8 != 6,
               "mortise: tlsf_glk needs odd levels, which 6 are not: write levels=5");
/* ---- the composition */
model_say, on one line
E

try "$mortise" expand --layer tlsf_glk_2 'mmap_heap::tlsf_glk::tlsf_glk(levels=4)::malloc_socket'
code_is "--layer" 0
holds "--layer" "$work/out" '/* ---- mortise/layer/tlsf_glk.h */'
holds "--layer" "$work/out" '4 != 7'
if grep -q 'stddef\|loaded\|5 != 7' "$work/out"; then fail "--layer: more than the layer"; fi

# A policy and a layer of the user show without the folder.
try "$mortise" expand -I "$fixture/user" 'mmap_heap::count::malloc_socket'
code_is "expand -I" 0
if grep -q "$fixture" "$work/out"; then fail "expand -I names a folder of this machine"; fi

refuses expand --layer tlsf_gkl tlsfcc <<'E'
mortise: the model has no word 'tlsf_gkl'
  did you mean 'tlsf_glk'?
E
refuses expand --layer zzz tlsfcc <<'E'
mortise: the model has no word 'zzz'
  it has: brk_heap, tlsf_glk, malloc_socket
E
refuses expand mmap_heap::tlfs_glk::malloc_socket <<'E'
mortise: unknown layer 'tlfs_glk'
  mmap_heap::tlfs_glk::malloc_socket
             ^~~~~~~~
  did you mean 'tlsf_glk'?
E
refuses expand <<'E'
mortise expand: MODEL is missing
Try 'mortise expand --help'.
E
refuses expand --cc no-such-compiler tlsfcc <<'E'
mortise: no compiler 'no-such-compiler' on PATH
  install one (on Debian: apt-get install gcc libc6-dev) or name one with --cc
E

finish
