#!/bin/sh
# SPDX-License-Identifier: MIT
# Every mistake has one message, and this is its exact text.

. "$(dirname "$0")/lib.sh"

# Words

refuses check mmap_heap::tlfs_glk::malloc_socket <<'E'
mortise: unknown layer 'tlfs_glk'
  mmap_heap::tlfs_glk::malloc_socket
             ^~~~~~~~
  did you mean 'tlsf_glk'?
E

refuses check mmap_hep::tlsf_glk::malloc_socket <<'E'
mortise: unknown system layer 'mmap_hep'
  mmap_hep::tlsf_glk::malloc_socket
  ^~~~~~~~
  did you mean 'mmap_heap'?
E

refuses check mmap_heap::tlsf_glk::maloc_socket <<'E'
mortise: unknown socket 'maloc_socket'
  mmap_heap::tlsf_glk::maloc_socket
                       ^~~~~~~~~~~~
  did you mean 'malloc_socket'?
E

refuses check mmap_heap::tlsf::malloc_socket <<'E'
mortise: unknown layer 'tlsf'
  mmap_heap::tlsf::malloc_socket
             ^~~~
  did you mean 'tlsf_glk'?
E

refuses check mmap_heap::zzz::malloc_socket <<'E'
mortise: unknown layer 'zzz'
  mmap_heap::zzz::malloc_socket
             ^~~
  known layers: bad_table, broken, fake, refused, tlsf_glk
E

refuses check mmap_heap::TLSF_GLK::malloc_socket <<'E'
mortise: unknown layer 'TLSF_GLK'
  mmap_heap::TLSF_GLK::malloc_socket
             ^~~~~~~~
  did you mean 'tlsf_glk'?
E

refuses check mmap_heap::brk_haep::malloc_socket <<'E'
mortise: unknown layer 'brk_haep'
  mmap_heap::brk_haep::malloc_socket
             ^~~~~~~~
  did you mean 'brk_heap'?
E

refuses check 'mmap_hep::tlfs_glk(snyc=mutex)::malloc_socket' <<'E'
mortise: unknown system layer 'mmap_hep'
  mmap_hep::tlfs_glk(snyc=mutex)::malloc_socket
  ^~~~~~~~
  did you mean 'mmap_heap'?
mortise: unknown layer 'tlfs_glk'
  mmap_hep::tlfs_glk(snyc=mutex)::malloc_socket
            ^~~~~~~~
  did you mean 'tlsf_glk'?
E

# Order

refuses check tlsf_glk::malloc_socket <<'E'
mortise: 'tlsf_glk' is a layer, but a model begins with a system layer
  tlsf_glk::malloc_socket
  ^~~~~~~~
  put a system layer first: brk_heap, mmap_heap
E

refuses check tlsf_glk <<'E'
mortise: 'tlsf_glk' is a layer, but a model begins with a system layer
  tlsf_glk
  ^~~~~~~~
  put a system layer first: brk_heap, mmap_heap
E

refuses check mmap_heap::tlsf_glk <<'E'
mortise: 'tlsf_glk' is a layer, but a model ends with a socket
  mmap_heap::tlsf_glk
             ^~~~~~~~
  put a socket last: malloc_socket
E

refuses check mmap_heap <<'E'
mortise: a model ends with a socket
  mmap_heap
           ^
  put a socket last: malloc_socket
E

refuses check malloc_socket::tlsf_glk::mmap_heap <<'E'
mortise: 'malloc_socket' is a socket, but a model begins with a system layer
  malloc_socket::tlsf_glk::mmap_heap
  ^~~~~~~~~~~~~
  put a system layer first: brk_heap, mmap_heap
mortise: 'mmap_heap' is a system layer, but a model ends with a socket
  malloc_socket::tlsf_glk::mmap_heap
                           ^~~~~~~~~
  put a socket last: malloc_socket
E

refuses check mmap_heap::brk_heap::malloc_socket <<'E'
mortise: 'brk_heap' is a system layer and can only stand first
  mmap_heap::brk_heap::malloc_socket
             ^~~~~~~~
  a model is one system layer, then layers, then one socket
E

refuses check mmap_heap::malloc_socket::tlsf_glk::malloc_socket <<'E'
mortise: 'malloc_socket' is a socket and can only stand last
  mmap_heap::malloc_socket::tlsf_glk::malloc_socket
             ^~~~~~~~~~~~~
  nothing follows the socket
E

refuses check \
    "mmap_heap$(printf '::fake%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)::malloc_socket" <<'E'
mortise: a model has at most 16 layers and a socket
  ...ake::fake::fake::fake::fake::fake::fake::fake::fake::fake::malloc_socket
                                                                ^~~~~~~~~~~~~
E

# Parameters

refuses check 'mmap_heap::tlsf_glk(snyc=mutex)::malloc_socket' <<'E'
mortise: 'tlsf_glk' has no parameter 'snyc'
  mmap_heap::tlsf_glk(snyc=mutex)::malloc_socket
                      ^~~~
  did you mean 'sync'?
E

refuses check 'mmap_heap::tlsf_glk(colour=1)::malloc_socket' <<'E'
mortise: 'tlsf_glk' has no parameter 'colour'
  mmap_heap::tlsf_glk(colour=1)::malloc_socket
                      ^~~~~~
  its parameters are: sync, sizeclass, size_handle, pool_size, levels, mode, checked
E

refuses check 'mmap_heap::fake(colour=1)::malloc_socket' <<'E'
mortise: 'fake' has no parameter 'colour'
  mmap_heap::fake(colour=1)::malloc_socket
                  ^~~~~~
  'fake' takes no parameters
E

refuses check 'mmap_heap::tlsf_glk(sync=mutex, sync=mutex)::malloc_socket' <<'E'
mortise: parameter 'sync' is given twice
  mmap_heap::tlsf_glk(sync=mutex, sync=mutex)::malloc_socket
                                  ^~~~
  keep one of the two
E

refuses check 'mmap_heap::tlsf_glk(sync=mutx)::malloc_socket' <<'E'
mortise: unknown sync policy 'mutx'
  mmap_heap::tlsf_glk(sync=mutx)::malloc_socket
                           ^~~~
  did you mean 'mutex'?
E

refuses check 'mmap_heap::tlsf_glk(sync=zzz)::malloc_socket' <<'E'
mortise: unknown sync policy 'zzz'
  mmap_heap::tlsf_glk(sync=zzz)::malloc_socket
                           ^~~
  expected a sync policy: ccsynch, mutex, spinlock
E

refuses check 'mmap_heap::tlsf_glk(sync=5)::malloc_socket' <<'E'
mortise: 'sync' of 'tlsf_glk' cannot be '5'
  mmap_heap::tlsf_glk(sync=5)::malloc_socket
                           ^
  expected a sync policy: ccsynch, mutex, spinlock
E

refuses check 'mmap_heap::tlsf_glk(sync=mutex(x=1))::malloc_socket' <<'E'
mortise: 'mutex' has no parameter 'x'
  mmap_heap::tlsf_glk(sync=mutex(x=1))::malloc_socket
                                 ^
  'mutex' takes no parameters
E

refuses check 'mmap_heap::tlsf_glk(sizeclass=linear(stp=64))::malloc_socket' <<'E'
mortise: 'linear' has no parameter 'stp'
  mmap_heap::tlsf_glk(sizeclass=linear(stp=64))::malloc_socket
                                       ^~~
  did you mean 'step'?
E

refuses check 'mmap_heap::tlsf_glk(sizeclass=linear(step=1MB))::malloc_socket' <<'E'
mortise: step=1MB is out of range
  mmap_heap::tlsf_glk(sizeclass=linear(step=1MB))::malloc_socket
                                            ^~~
  expected a size in 8..64KB
E

# Values

refuses check 'mmap_heap::tlsf_glk(levels=9)::malloc_socket' <<'E'
mortise: levels=9 is out of range
  mmap_heap::tlsf_glk(levels=9)::malloc_socket
                             ^
  expected a number in 1..8
E

refuses check 'mmap_heap::tlsf_glk(levels=0)::malloc_socket' <<'E'
mortise: levels=0 is out of range
  mmap_heap::tlsf_glk(levels=0)::malloc_socket
                             ^
  expected a number in 1..8
E

refuses check 'mmap_heap::tlsf_glk(levels=1KB)::malloc_socket' <<'E'
mortise: 'levels' of 'tlsf_glk' cannot be '1KB'
  mmap_heap::tlsf_glk(levels=1KB)::malloc_socket
                             ^~~
  expected a number in 1..8
E

refuses check 'mmap_heap::tlsf_glk(levels=many)::malloc_socket' <<'E'
mortise: 'levels' of 'tlsf_glk' cannot be 'many'
  mmap_heap::tlsf_glk(levels=many)::malloc_socket
                             ^~~~
  expected a number in 1..8
E

refuses check 'mmap_heap::tlsf_glk(pool_size=1KB)::malloc_socket' <<'E'
mortise: pool_size=1KB is out of range
  mmap_heap::tlsf_glk(pool_size=1KB)::malloc_socket
                                ^~~
  expected a size in 4KB..1GB
E

refuses check 'mmap_heap::tlsf_glk(pool_size=[1,2])::malloc_socket' <<'E'
mortise: 'pool_size' of 'tlsf_glk' cannot be '[1,2]'
  mmap_heap::tlsf_glk(pool_size=[1,2])::malloc_socket
                                ^~~~~
  expected a size in 4KB..1GB
E

refuses check 'mmap_heap::tlsf_glk(pool_size=64kb)::malloc_socket' <<'E'
mortise: unknown unit 'kb'
  mmap_heap::tlsf_glk(pool_size=64kb)::malloc_socket
                                  ^~
  did you mean 'KB'?
  units are KB, MB, GB and TB, powers of two
E

refuses check 'mmap_heap::tlsf_glk(pool_size=64XB)::malloc_socket' <<'E'
mortise: unknown unit 'XB'
  mmap_heap::tlsf_glk(pool_size=64XB)::malloc_socket
                                  ^~
  did you mean 'KB'?
  units are KB, MB, GB and TB, powers of two
E

refuses check 'mmap_heap::tlsf_glk(pool_size=18446744073709551616)::malloc_socket' <<'E'
mortise: '18446744073709551616' is larger than SIZE_MAX
  mmap_heap::tlsf_glk(pool_size=18446744073709551616)::malloc_socket
                                ^~~~~~~~~~~~~~~~~~~~
E

refuses check 'mmap_heap::tlsf_glk(pool_size=17179869184GB)::malloc_socket' <<'E'
mortise: '17179869184GB' is larger than SIZE_MAX
  mmap_heap::tlsf_glk(pool_size=17179869184GB)::malloc_socket
                                ^~~~~~~~~~~~~
E

refuses check 'mmap_heap(huge_page=2)::malloc_socket' <<'E'
mortise: 'huge_page' of 'mmap_heap' cannot be '2'
  mmap_heap(huge_page=2)::malloc_socket
                      ^
  expected 0 or 1
E

refuses check 'mmap_heap(huge_page=yes)::malloc_socket' <<'E'
mortise: 'huge_page' of 'mmap_heap' cannot be 'yes'
  mmap_heap(huge_page=yes)::malloc_socket
                      ^~~
  expected 0 or 1
E

refuses check 'mmap_heap::tlsf_glk(size_handle=5)::malloc_socket' <<'E'
mortise: 'size_handle' of 'tlsf_glk' cannot be '5'
  mmap_heap::tlsf_glk(size_handle=5)::malloc_socket
                                  ^
  expected a range [LOW,HIGH] within 0..SIZE_MAX
E

refuses check 'mmap_heap::tlsf_glk(size_handle=[64KB,4KB])::malloc_socket' <<'E'
mortise: the range [64KB,4KB] is empty: its low end is above its high end
  mmap_heap::tlsf_glk(size_handle=[64KB,4KB])::malloc_socket
                                  ^~~~~~~~~~
  write [4KB,64KB]
E

refuses check 'mmap_heap::tlsf_glk(size_handle=[a,b])::malloc_socket' <<'E'
mortise: 'size_handle' of 'tlsf_glk' cannot be '[a,b]'
  mmap_heap::tlsf_glk(size_handle=[a,b])::malloc_socket
                                  ^~~~~
  expected a range [LOW,HIGH] within 0..SIZE_MAX
E

refuses check 'mmap_heap::tlsf_glk(mode=frst)::malloc_socket' <<'E'
mortise: 'mode' of 'tlsf_glk' cannot be 'frst'
  mmap_heap::tlsf_glk(mode=frst)::malloc_socket
                           ^~~~
  did you mean 'first'?
  expected one of first|best
E

refuses check 'mmap_heap::tlsf_glk(mode=zzz)::malloc_socket' <<'E'
mortise: 'mode' of 'tlsf_glk' cannot be 'zzz'
  mmap_heap::tlsf_glk(mode=zzz)::malloc_socket
                           ^~~
  expected one of first|best
E

refuses check 'mmap_heap::malloc_socket(align=32)' <<'E'
mortise: 'align' of 'malloc_socket' cannot be '32'
  mmap_heap::malloc_socket(align=32)
                                 ^~
  expected one of 8|16
E

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
  name a file that ends in .so, .o or .a
E

refuses build tlsfcc -o x.exe <<'E'
mortise: 'x.exe' is not a result
  name a file that ends in .so, .o or .a
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
