#!/bin/sh
# SPDX-License-Identifier: MIT
# The verb draw, without a compiler on the fixture, and with one on the real headers.

real=$(cd "$(dirname "$0")/../../include" && pwd)
. "$(dirname "$0")/lib.sh"

model='mmap_heap(grow=2MB)::tlsf_glk(size_handle=[64,4KB], sync=spinlock)::malloc_socket'

try env PATH=/nowhere "$mortise" draw "$model"
code_is "draw" 0
empty "draw" "$work/err"
same "draw" "$work/out" <<'E'
model: mmap_heap(grow=2MB)::tlsf_glk(size_handle=[64,4KB], sync=spinlock)::malloc_socket

        user side
    +------------------------------------------------------------------------------------------+
    | malloc_socket - the malloc of the C library                                              |
    |     (align=16)                                                                           |
    +------------------------------------------------------------------------------------------+
        |
        v
    +------------------------------------------------------------------------------------------+
    | tlsf_glk - two-level segregated fit behind one lock                                      |
    |     sync=spinlock, size_handle=[64,4KB]                                                  |
    |     (sizeclass=log2b, pool_size=64KB, levels=5, mode=first, checked=0)                   |
    |     sizes .......#######...................................  64 .. 4KB                   |
    +------------------------------------------------------------------------------------------+
        |
        v
    +------------------------------------------------------------------------------------------+
    | mmap_heap - memory from mmap                                                             |
    |     grow=2MB                                                                             |
    |     (huge_page=0)                                                                        |
    +------------------------------------------------------------------------------------------+
        system side

In parentheses: defaults. A bar has a column for 0 and for each power of two from 1 on, up
to 128TB; sizes beside it go on to the system side.
E

# With a compiler, by the real headers: what is needed and found, under both compilers.
all="regions, objects, aligns, threadsafe, returns, resizes, checks, precise, sleeps"
for cc in gcc clang; do
    command -v $cc >/dev/null || continue
    try env MORTISE_INCLUDE="$real" CC=$cc "$mortise" draw brk_heap::tlsf_glk::fake::malloc_socket
    code_is "draw with $cc" 0
    sed -n '/^        [|v]/p' "$work/out" >edges
    same "edges by $cc" edges <<E
        |
        v  finds $all
        |  needs nothing
        v  finds $all, places
        |  needs regions, threadsafe
        v  finds regions, threadsafe, one_range, returns, precise, heaps
E
done

# JSON and SVG say the same.
try env MORTISE_INCLUDE="$real" "$mortise" draw --json \
    'brk_heap::tlsf_glk(size_handle=[0,SIZE_MAX])::malloc_socket'
code_is "draw --json" 0
python3 - "$work/out" <<'E' || fail "draw --json"
import json, sys
words = json.load(open(sys.argv[1]))["words"]
assert [w["name"] for w in words] == ["malloc_socket", "tlsf_glk", "brk_heap"]
assert words[1]["needs"] == ["regions", "threadsafe"], words[1]["needs"]
assert "one_range" in words[2]["facts"] and words[0]["facts"] is None
assert words[1]["sizes"] == {"low": 0, "high": None} and words[2]["sizes"] is None
given = {p["name"]: p["given"] for p in words[1]["parameters"]}
assert given["size_handle"] and not given["sync"]
E
cat >svg.py <<'E'
import re, sys
import xml.etree.ElementTree as tree
svg = tree.parse(sys.argv[1]).getroot()
space = "{http://www.w3.org/2000/svg}"
width, height = (float(svg.get(side)) for side in ("width", "height"))
text = " ".join(t.text for t in svg.iter(space + "text"))
for word in sys.argv[2:]:
    assert word in text, word
assert "prefers-color-scheme: dark" in svg.find(space + "style").text
for box in svg.iter(space + "rect"):
    x, y = float(box.get("x", 0)), float(box.get("y", 0))
    assert x + float(box.get("width")) <= width and y + float(box.get("height")) <= height
last = {}
for t in svg.iter(space + "text"):
    x, y = float(t.get("x")), float(t.get("y"))
    small = "small" in t.get("class", "")
    assert y <= height and x + len(t.text) * (6 if small else 8) <= width, t.text
    assert small or x >= last.get(y, 0), f"'{t.text}' overlaps what stands before it"
    if not small:
        last[y] = x + len(t.text) * (9 if "name" in t.get("class", "") else 8)
E
try "$mortise" draw -q --svg -I "$fixture/user" --cc no-such-compiler "$model"
code_is "a compiler that is not there" 2
for file in plain.svg '--svg'; do
    case $file in
    --svg) try env PATH=/nowhere "$mortise" draw --svg "$model" && cp "$work/out" other.svg ;;
    *) try env PATH=/nowhere "$mortise" draw -o $file "$model" ;;
    esac
    code_is "draw $file" 0
done
cmp -s plain.svg other.svg || fail "draw -o x.svg is not draw --svg"
python3 svg.py plain.svg tlsf_glk 'size_handle=[64,4KB]' levels=5 'system side' ||
    fail "plain.svg"
try env MORTISE_INCLUDE="$real" "$mortise" draw -o large.svg 'mmap_heap::tlsf_glk(sync=ccsynch,
    pool_size=1MB, trim_threshold=16MB, size_handle=[0,SIZE_MAX])::slab_lk(sync=combine,
    sizeclass=linear(step=64, most=4KB), slab_size=128KB, size_handle=[64,4KB])
    ::thread_cache(sizeclass=linear(step=64, most=4KB), cache_size=64KB)::fake::fake::malloc_socket'
code_is "a large model" 0
python3 svg.py large.svg fake_2 one_range threadsafe 'step=64' 2>err && fail "no fact is missing"
python3 svg.py large.svg fake_2 objects classes || fail "large.svg"
try env PATH=/nowhere "$mortise" draw -o plain.txt "$model"
code_is "draw -o plain.txt" 0
holds "draw -o plain.txt" plain.txt '| tlsf_glk - two-level'

refuses draw <<'E'
mortise draw: MODEL is missing
Try 'mortise draw --help'.
E
refuses draw mmap_heap::tlfs_glk::malloc_socket <<'E'
mortise: unknown layer 'tlfs_glk'
  mmap_heap::tlfs_glk::malloc_socket
             ^~~~~~~~
  did you mean 'tlsf_glk'?
E
PATH_BEFORE=$PATH
PATH=/nowhere:$PATH
refuses draw -q -o /nowhere/x.svg --cc true tlsfcc <<'E'
mortise: cannot write '/nowhere/x.svg': No such file or directory
E
PATH=$PATH_BEFORE
MORTISE_INCLUDE=$real
try "$mortise" draw brk_heap::fake::malloc_socket
code_is "layers that do not fit" 2
empty "layers that do not fit" "$work/out"
holds "layers that do not fit" "$work/err" 'malloc_socket needs objects of known size'

finish
