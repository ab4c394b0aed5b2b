#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Somebody else's CMake project uses the installation: by find_package, by pkg-config, and by one
# file that it was given.
. "$(dirname "$0")/common.sh"

mkdir given
"$root/bin/mortise" build 'mmap_heap::tlsf_glk::malloc_socket' -o given/given.h
"$root/bin/mortise" build tlsf -o given/given.c
cp -r "$sources/tests/install/project" project

generators=(Ninja)
[ "${MORTISE_TEST_SOME-}" = 1 ] || generators+=('Unix Makefiles')
for generator in "${generators[@]}"; do
    rm -rf build
    PKG_CONFIG_PATH=$root/share/pkgconfig cmake -S project -B build -G "$generator" \
        -DCMAKE_PREFIX_PATH="$root" -DONE_FILE="$work/given"
    cmake --build build -j 2
    says '100% tests passed' ctest --test-dir build --output-on-failure
done
grep -qE '100% tests passed, 0 tests failed out of 8' out || fail "not every program was tested"

# What a model depends on is built anew, and nothing else.
cmake --build build | grep -q Composing && fail "composed again without a reason"
touch project/layers/notes.h
cmake --build build >out
grep -q 'Composing pool' out || fail "a changed layer did not lead to a new allocator"
! grep -q 'Composing fast' out || fail "an allocator was made anew without a reason"

# Another version does not do.
sed -i 's/find_package(mortise 0.1 /find_package(mortise 0.9 /' project/CMakeLists.txt
if cmake -S project -B other -DCMAKE_PREFIX_PATH="$root" -DONE_FILE="$work/given" >out 2>&1; then
    fail "0.1 was taken for 0.9"
fi

# A project may also have Mortise among its own sources. That builds the whole command.
if [ "${MORTISE_TEST_SOME-}" != 1 ]; then
    mkdir inside
    cat >inside/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.22)
project(inside LANGUAGES C)
set(MORTISE_TESTS OFF)
add_subdirectory($sources mortise EXCLUDE_FROM_ALL)
mortise_add_allocator(fast tlsfcc)
add_executable(replaced ../project/replaced.c)
target_link_libraries(replaced PRIVATE fast)
END
    cmake -S inside -B inside/build -G Ninja -DCMAKE_BUILD_TYPE=Debug
    cmake --build inside/build -j 2
    says 'malloc of' inside/build/replaced
fi

# A project in C++ alone has heaps in its programs, and is told what the rest takes.
mkdir alone
cat >alone/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.22)
project(alone LANGUAGES CXX)
find_package(mortise REQUIRED)
mortise_add_allocator(pool "mmap_heap::tlsf_glk::malloc_socket" ${KIND})
add_executable(heaps heaps.cc)
target_link_libraries(heaps PRIVATE pool)
END
cat >alone/heaps.cc <<'END'
#include "pool.h"

int main()
{
    pool_heap *heap = pool_heap_create();
    void *block = pool_malloc(heap, 100);
    pool_free(heap, block);
    pool_heap_destroy(heap);
    return block == nullptr;
}
END
cmake -S alone -B alone/build -G Ninja -DCMAKE_PREFIX_PATH="$root" -DKIND=HEADER
cmake --build alone/build -j 2
alone/build/heaps || fail "a heap in a project in C++ alone"
if cmake -S alone -B alone/other -DCMAKE_PREFIX_PATH="$root" -DKIND=OBJECT >out 2>&1; then
    fail "an object of C in a project in C++ alone"
fi
grep -q 'enable the language C' out || fail "not told to enable C: $(cat out)"

# Without CMake
cat >plain.sh <<'END'
export PKG_CONFIG_PATH=$root/share/pkgconfig
cc -std=gnu11 $(pkg-config --cflags mortise) project/headers.c $(pkg-config --libs mortise) -o plain
END
root=$root sh -eu plain.sh
./plain || fail "pkg-config"
[ "$(PKG_CONFIG_PATH=$root/share/pkgconfig pkg-config --variable=prefix mortise)" -ef "$root" ] ||
    fail "pkg-config: a moved installation"
