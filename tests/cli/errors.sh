#!/bin/sh
# SPDX-License-Identifier: MIT
# Mistakes of words, order, parameters and values; the exact text of each message.

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
  put a socket last: exported, malloc_socket
E

refuses check mmap_heap <<'E'
mortise: a model ends with a socket
  mmap_heap
           ^
  put a socket last: exported, malloc_socket
E

refuses check malloc_socket::tlsf_glk::mmap_heap <<'E'
mortise: 'malloc_socket' is a socket, but a model begins with a system layer
  malloc_socket::tlsf_glk::mmap_heap
  ^~~~~~~~~~~~~
  put a system layer first: brk_heap, mmap_heap
mortise: 'mmap_heap' is a system layer, but a model ends with a socket
  malloc_socket::tlsf_glk::mmap_heap
                           ^~~~~~~~~
  put a socket last: exported, malloc_socket
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

finish
