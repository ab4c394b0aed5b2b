#!/bin/sh
# SPDX-License-Identifier: MIT
# Mistakes of grammar, of headers and of the command line; the exact text of each message.

. "$(dirname "$0")/lib.sh"

# Grammar

refuses check '' <<'E'
mortise: the model is empty
  a model is words joined by '::', from the system layer to the socket
E

refuses check '   # nothing' <<'E'
mortise: the model is empty
  a model is words joined by '::', from the system layer to the socket
E

refuses check mmap_heap:: <<'E'
mortise: expected a word after '::', found the end of the model
  mmap_heap::
             ^
E

refuses check ::malloc_socket <<'E'
mortise: expected the name of a system layer, found '::'
  ::malloc_socket
  ^~
E

refuses check 'mmap_heap:malloc_socket(a=1)' <<'E'
mortise: expected '::' or '(', found ':'
  mmap_heap:malloc_socket(a=1)
           ^
  did you mean '::'?
E

refuses check 'mmap_heap malloc_socket' <<'E'
mortise: expected '::' or '(', found 'malloc_socket'
  mmap_heap malloc_socket
            ^~~~~~~~~~~~~
E

refuses check 'mmap_heap：：malloc_socket' <<'E'
mortise: expected '::' or '(', found '\xef\xbc\x9a'
  mmap_heap\xef\xbc\x9a\xef\xbc\x9amalloc_socket
           ^~~~~~~~~~~~
  did you mean '::'?
E

refuses check 'mmap_heap::tlsf_glk(::malloc_socket' <<'E'
mortise: expected the name of a parameter, found '::'
  mmap_heap::tlsf_glk(::malloc_socket
                      ^~
E

refuses check 'mmap_heap::tlsf_glk()::malloc_socket' <<'E'
mortise: expected the name of a parameter, found ')'
  mmap_heap::tlsf_glk()::malloc_socket
                      ^
E

refuses check 'mmap_heap::tlsf_glk(sync)::malloc_socket' <<'E'
mortise: expected '=' and a value for 'sync', found ')'
  mmap_heap::tlsf_glk(sync)::malloc_socket
                          ^
E

refuses check 'mmap_heap::tlsf_glk(sync=)::malloc_socket' <<'E'
mortise: expected a value: a number, a name or a range like [0,64KB], found ')'
  mmap_heap::tlsf_glk(sync=)::malloc_socket
                           ^
E

refuses check 'mmap_heap::tlsf_glk(sync=mutex::malloc_socket' <<'E'
mortise: expected ',' or ')', found '::'
  mmap_heap::tlsf_glk(sync=mutex::malloc_socket
                                ^~
E

refuses check 'mmap_heap::tlsf_glk(sync=mutex,)::malloc_socket' <<'E'
mortise: expected the name of a parameter, found ')'
  mmap_heap::tlsf_glk(sync=mutex,)::malloc_socket
                                 ^
E

refuses check 'mmap_heap::tlsf_glk(size_handle=[0])::malloc_socket' <<'E'
mortise: expected ',' and the high end of the range, found ']'
  mmap_heap::tlsf_glk(size_handle=[0])::malloc_socket
                                    ^
E

refuses check 'mmap_heap::tlsf_glk(size_handle=[0,1)::malloc_socket' <<'E'
mortise: expected ']', found ')'
  mmap_heap::tlsf_glk(size_handle=[0,1)::malloc_socket
                                      ^
E

refuses check mmap_heap::2fast::malloc_socket <<'E'
mortise: expected a word after '::', found '2fast'
  mmap_heap::2fast::malloc_socket
             ^~~~~
E

refuses check 'mmap_heap::tlsf_glk;::malloc_socket' <<'E'
mortise: expected '::' or '(', found ';'
  mmap_heap::tlsf_glk;::malloc_socket
                     ^
  a model is made of names, numbers and :: ( ) = , [ ]
E

refuses check mmap_heap::叠层::malloc_socket <<'E'
mortise: expected a word after '::', found '\xe5\x8f\xa0'
  mmap_heap::\xe5\x8f\xa0\xe5\xb1\x82::malloc_socket
             ^~~~~~~~~~~~
  a model is made of names, numbers and :: ( ) = , [ ]
E

refuses check "$(printf 'mmap_heap::\033[31m::malloc_socket')" <<'E'
mortise: expected a word after '::', found '\x1b'
  mmap_heap::\x1b[31m::malloc_socket
             ^~~~
  a model is made of names, numbers and :: ( ) = , [ ]
E

refuses check "$(printf 'mmap_heap ::\011tlfs_glk\011::malloc_socket')" <<'E'
mortise: unknown layer 'tlfs_glk'
  mmap_heap :: tlfs_glk ::malloc_socket
               ^~~~~~~~
  did you mean 'tlsf_glk'?
E

refuses check 'mmap_heap::tlsf_glk(a=[[[[[[[[[[[[[[[[[[[[)::malloc_socket' <<'E'
mortise: nested deeper than 16 levels
  mmap_heap::tlsf_glk(a=[[[[[[[[[[[[[[[[[[[[)::malloc_socket
                                       ^
E

refuses check "mmap_heap::$(printf %065d 0 | tr 0 a)::malloc_socket" <<'E'
mortise: this name is longer than 64 bytes
  mmap_heap::aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa::malloc_socket
             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
E

# Headers that cannot be used

refuses check mmap_heap::bad_table::malloc_socket <<'E'
mortise: FIXTURE/include/mortise/layer/bad_table.h: the head comment is wrong
  table of parameters: a range is written LO..HI: 'many'
E

refuses check mmap_heap::no_head::malloc_socket <<'E'
mortise: FIXTURE/include/mortise/layer/no_head.h: the head comment is wrong
  the head comment does not begin with 'no_head - purpose'
E

# What only the compiler sees

refuses check 'mmap_heap::tlsf_glk(levels=7)::malloc_socket' <<'E'
mortise: tlsf_glk: seven levels do not fit; write levels=6 or levels=8
  mmap_heap::tlsf_glk(levels=7)::malloc_socket
             ^~~~~~~~
E

refuses check 'mmap_heap::tlsf_glk(levels=6)::malloc_socket' <<'E'
mortise: tlsf_glk needs odd levels, which 6 are not
  mmap_heap::tlsf_glk(levels=6)::malloc_socket
             ^~~~~~~~
  write levels=5
E

if command -v clang >/dev/null; then
    refuses check --cc clang 'mmap_heap::tlsf_glk(levels=6)::malloc_socket' <<'E'
mortise: tlsf_glk needs odd levels, which 6 are not
  mmap_heap::tlsf_glk(levels=6)::malloc_socket
             ^~~~~~~~
  write levels=5
E
fi

refuses check mmap_heap::refused::malloc_socket <<'E'
mortise: refused: no stack can hold this layer; leave it out
  mmap_heap::refused::malloc_socket
             ^~~~~~~
E

# Models

refuses check wrong <<'E'
mortise: FIXTURE/models/wrong.mortise:5:7: unknown layer 'tlfs_glk'
      ::tlfs_glk
        ^~~~~~~~
  did you mean 'tlsf_glk'?
E

refuses check tlsfc <<'E'
mortise: unknown model 'tlsfc'
  did you mean 'tlsfcc'?
E

refuses check zzz <<'E'
mortise: unknown model 'zzz'
  a model is a text such as brk_heap::tlsf_glk::malloc_socket, a path that ends
  in .mortise, or a name: see 'mortise list model'
E

refuses check folder/none.mortise <<'E'
mortise: cannot read 'folder/none.mortise': No such file or directory
E

refuses check folder/none <<'E'
mortise: unknown model 'folder/none'
  a model is a text such as brk_heap::tlsf_glk::malloc_socket, a path that ends
  in .mortise, or a name: see 'mortise list model'
E

refuses show none.mortise <<'E'
mortise: cannot read 'none.mortise': No such file or directory
E

# Command line

refuses <<'E'
mortise: a verb is missing
  see 'mortise --help'
E

refuses rnu <<'E'
mortise: unknown verb 'rnu'
  did you mean 'run'?
E

refuses zzz <<'E'
mortise: unknown verb 'zzz'
  see 'mortise --help'
E

refuses check <<'E'
mortise check: MODEL is missing
Try 'mortise check --help'.
E

refuses check a b <<'E'
mortise check: one argument too many: 'b'
Try `mortise check --help' or `mortise check --usage' for more information.
E

refuses check --zzz tlsfcc <<'E'
mortise check: unrecognized option '--zzz'
Try `mortise check --help' or `mortise check --usage' for more information.
E

refuses check -I nowhere tlsfcc <<'E'
mortise: -I nowhere: No such file or directory
E

refuses check --cc no-such-cc tlsfcc <<'E'
mortise: no compiler 'no-such-cc' on PATH
  install one (on Debian: apt-get install gcc libc6-dev) or name one with --cc
E

refuses check --cflags "'open" tlsfcc <<'E'
mortise: --cflags: a quote is left open: 'open
E

refuses run tlsfcc <<'E'
mortise run: PROGRAM is missing
Try 'mortise run --help'.
E

refuses run <<'E'
mortise run: MODEL is missing
Try 'mortise run --help'.
E

refuses build tlsfcc <<'E'
mortise: -o FILE is missing
  name a file that ends in .so, .o, .a, .c or .h
E

refuses build tlsfcc -o x.exe <<'E'
mortise: 'x.exe' is not a result
  name a file that ends in .so, .o, .a, .c or .h
E

refuses build tlsfcc -o no/such/folder/x.so <<'E'
mortise: cannot write in 'no/such/folder': No such file or directory
E

refuses list layr <<'E'
mortise: unknown kind 'layr'
  did you mean 'layer'?
E

refuses doc <<'E'
mortise doc: WORD is missing
Try 'mortise doc --help'.
E

refuses doc tlfs_glk <<'E'
mortise: unknown word 'tlfs_glk'
  did you mean 'tlsf_glk'?
E

refuses doc zzz <<'E'
mortise: unknown word 'zzz'
  see 'mortise list'
E

finish
