#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Links a model into programs: statically with glibc, in C and in C++, and with musl. Nothing of
# libc's own allocator may come along.
#     bash linked.sh MORTISE MODEL SOURCES glibc|musl [some]
# With `some` little is optimised.
set -eu -o pipefail
mortise=$1
model=$2
sources=$3
libc=$4
optimised=-O3
[ -z "${5-}" ] || optimised=-O1
unset LD_PRELOAD

work=$(mktemp -d "${TMPDIR:-/tmp}/mortise-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

# The map of a link lists the members of libc.a that were taken.
no_malloc_of_libc() {
    if grep -E 'libc\.a\((malloc|calloc|realloc|free|aligned_alloc|memalign|posix_memalign)\.' "$1"
    then
        fail "libc's allocator was linked as well"
    fi
}

run() {
    ./"$1" >out 2>err || {
        cat out err
        fail "$1"
    }
    if grep '^mortise' err; then
        fail "$1: the allocator complains"
    fi
}

names='malloc calloc realloc free aligned_alloc memalign posix_memalign valloc pvalloc
    malloc_usable_size malloc_trim mallopt malloc_stats free_sized free_aligned_sized memalignment'
flags='-std=gnu11 -D_GNU_SOURCE -O1 -fno-builtin -Wall -Wextra'

if [ "$libc" = musl ]; then
    # musl-gcc sees musl's headers only; those of the kernel belong to no libc.
    mkdir kernel
    ln -s /usr/include/linux /usr/include/asm-generic kernel
    ln -s "/usr/include/$(gcc -print-multiarch)/asm" kernel/asm
    build="$mortise build --quiet --cc musl-gcc"
    $build --cflags "$optimised -isystem $work/kernel" "$model" -o allocator.o
    $build --cflags "$optimised -isystem $work/kernel" "$model" -o allocator.so
    # shellcheck disable=SC2086
    musl-gcc $flags -static "$sources/semantics.c" allocator.o -Wl,-Map,map -o in_static
    # shellcheck disable=SC2086
    musl-gcc $flags "$sources/semantics.c" ./allocator.so -Wl,-rpath,"$work" -o in_shared
    no_malloc_of_libc map
    run in_static
    run in_shared
else
    names="$names mallinfo mallinfo2 malloc_info"
    "$mortise" build --quiet --cflags "$optimised" "$model" -o allocator.o
    # shellcheck disable=SC2086
    gcc $flags -static "$sources/semantics.c" allocator.o -Wl,-Map,map -o in_c
    g++ -std=c++17 -O1 -fno-builtin -Wall -Wextra -DFAMILY_STATIC -static "$sources/family.cc" \
        allocator.o -Wl,-Map,map.cxx -o in_cxx
    no_malloc_of_libc map
    no_malloc_of_libc map.cxx
    run in_c
    run in_cxx
fi

nm --defined-only --extern-only allocator.o | awk '{ print $3 }' >defined
for name in $names; do
    grep -qx "$name" defined || fail "$name is not in the object"
done
