#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Exported headers side by side: in one file of a program, and in several.
#     bash two.sh MORTISE MODEL MODEL
. "$(dirname "$0")/common.sh"

build one "$2"
build two "$3"
build own 'mmap_heap::tlsf_glk(sync=turnstile)::slab_lk(sizeclass=steps)::watch::malloc_socket'

for compiler in "${compilers[@]}"; do
    for language in "${languages[@]}"; do
        link=$(linker "$compiler" "$language")
        # shellcheck disable=SC2086
        {
            $compiler $language $warnings -O2 -I. -c "$here/two.c" -o two.o
            $compiler $language $warnings -O2 -I. -c "$here/three.c" -o three.o
        }
        $link two.o three.o -pthread -o two
        run two
    done
done

# Files of two versions do not mix.
sed 's/MORTISE_FILE 1000$/MORTISE_FILE 999/' one.h >old.h
grep -q 'MORTISE_FILE 999' old.h || fail "the version is written in another way now"
printf '#include "old.h"\n#include "two.h"\n' >mixed.c
! gcc -std=gnu11 -fsyntax-only mixed.c 2>err || fail "two versions in one unit"
grep -q 'two files of different versions' err || fail "two versions: $(head -n 3 err)"
