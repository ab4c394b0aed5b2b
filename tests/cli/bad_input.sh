#!/bin/sh
# SPDX-License-Identifier: MIT
# Input that nobody would write: a clear error and exit code 2, never a crash.

. "$(dirname "$0")/lib.sh"

# rejects NAME: `mortise check -` refuses the file `in`, briefly, in ASCII, on short lines.
rejects() {
    "$mortise" check - <in >"$work/out" 2>"$work/err"
    code=$?
    code_is "$1" 2
    empty "$1" "$work/out"
    [ "$(wc -l <"$work/err")" -le 40 ] && pass || fail "$1: $(wc -l <"$work/err") lines"
    if LC_ALL=C grep -q '[^ -~]' "$work/err"; then
        fail "$1: unprintable"
    else
        pass
    fi
    # ASCII, so bytes are columns; the first line is a message and may be longer
    if sed 1d "$work/err" | awk 'length > 102 { bad = 1 } END { exit bad }'; then
        pass
    else
        fail "$1: long lines"
    fi
}

million=$(printf '%01000d' 0)
many() {
    i=0
    while [ $i -lt 1000 ]; do
        printf '%s' "$million"
        i=$((i + 1))
    done | tr 0 "$1"
}

many a >in
rejects "a name of 1 MB"
many 9 >in
rejects "a number of 1 MB"
many '(' >in
rejects "1 MB of ("
many : >in
rejects "1 MB of colons"
many ' ' >in
rejects "1 MB of spaces"
many '#' >in
rejects "1 MB of comment"
{ printf 'mmap_heap(x='; many '['; } >in
rejects "1 MB of ["
{ printf 'mmap_heap('; many 0 | sed 's/00/a=/g'; } >in
rejects "a parameter list of 1 MB"
{ printf 'mmap_heap'; many x | sed 's/xxxxx/::fak/g'; } >in
rejects "500,000 words"
{ printf 'mmap_heap'; many ' '; printf '::tlfs_glk'; many ' '; printf '::malloc_socket'; } >in
rejects "1 MB of spaces around a mistake"
same "1 MB of spaces around a mistake" "$work/err" <<'E'
mortise: <stdin>:1:1000012: unknown layer 'tlfs_glk'
  ...                                                         ::tlfs_glk                         ...
                                                                ^~~~~~~~
  did you mean 'tlsf_glk'?
E
{ printf 'mmap_heap'; many ' '; printf '::malloc_socket'; } >in
try "$mortise" check - <in
code_is "1 MB of spaces in a good model" 0
same "1 MB of spaces in a good model" "$work/out" <<'E'
ok: mmap_heap::malloc_socket
E
printf 'mmap_heap\000::malloc_socket' >in
rejects "a NUL byte"
same "a NUL byte" "$work/err" <<'E'
mortise: <stdin>:1:10: expected '::' or '(', found '\x00'
  mmap_heap\x00::malloc_socket
           ^~~~
  a model is made of names, numbers and :: ( ) = , [ ]
E
printf '\n\n  mmap_heap\n\n' >in
rejects "blank lines around a mistake"
same "blank lines around a mistake" "$work/err" <<'E'
mortise: <stdin>:3:12: a model ends with a socket
    mmap_heap
             ^
  put a socket last: exported, malloc_socket
E
printf '' >in
rejects "nothing"
head -c 100000 "$mortise" >in
rejects "a program"
try "$mortise" check "$(printf '\377\376::\001')"
code_is "bytes on the command line" 2
try "$mortise" check "$work.mortise"
code_is "a file that is not there" 2
mkdir folder.mortise
try "$mortise" check ./folder.mortise
code_is "a folder in place of a file" 2
same "a folder in place of a file" "$work/err" <<'E'
mortise: cannot read './folder.mortise': Is a directory
E

finish
