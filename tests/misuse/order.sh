#!/bin/sh
# SPDX-License-Identifier: MIT
# order.sh MORTISE: what keeps blocks to itself cannot stand between the user and a check; the
# message of each compiler that is there, word by word.

set -u
mortise=$1
failed=0

# refused MODEL: standard input is the message.
refused() {
    want=$(cat)
    for cc in gcc clang; do
        command -v $cc >/dev/null || continue
        got=$("$mortise" check --cc $cc "$1" 2>&1)
        code=$?
        if [ $code -ne 2 ] || [ "$got" != "$want" ]; then
            failed=1
            printf 'FAILED, exit status %d: %s\n%s\n' $code "$1" "$got"
        fi
    done
}

accepted() {
    "$mortise" check "$1" >/dev/null || failed=1
}

refused mmap_heap::slab_lk::tail_chksum::thread_cache::malloc_socket <<'END'
mortise: thread_cache keeps freed blocks from tail_chksum, which is to check them
  mmap_heap::slab_lk::tail_chksum::thread_cache::malloc_socket
                                   ^~~~~~~~~~~~
  put thread_cache on the system side of tail_chksum
END

refused mmap_heap::slab_lk::delayed_free::fake::thread_cache::malloc_socket <<'END'
mortise: thread_cache keeps freed blocks from fake, which is to check them
  mmap_heap::slab_lk::delayed_free::fake::thread_cache::malloc_socket
                                          ^~~~~~~~~~~~
  put thread_cache on the system side of fake
END

refused 'brk_heap::tlsf_glk::delayed_free::slab_lk::malloc_socket' <<'END'
mortise: slab_lk keeps freed blocks from delayed_free, which is to check them
  brk_heap::tlsf_glk::delayed_free::slab_lk::malloc_socket
                                    ^~~~~~~
  put slab_lk on the system side of delayed_free
END

accepted mmap_heap::slab_lk::thread_cache::delayed_free::tail_chksum::malloc_socket
accepted mmap_heap::slab_lk::thread_cache::tail_chksum::delayed_free::count::fake::malloc_socket
exit $failed
