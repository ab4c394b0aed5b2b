#!/bin/sh
# SPDX-License-Identifier: MIT
# valgrind.sh MORTISE INCLUDE [some]: what Valgrind's memcheck says of a program that composes an
# allocator with MORTISE_VALGRIND, and of one that runs on a library built with it. The layers keep
# links in what is free, and must not be reported. With `some`, a stack without checks is enough.

set -u
mortise=$1 include=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ulimit -c 0
failed=0

if ! command -v valgrind >/dev/null || ! echo '#include <valgrind/memcheck.h>' |
    gcc -E - -o /dev/null 2>/dev/null; then
    echo "skipped: no valgrind"
    exit 77
fi

# answers LABEL REGEX COMMAND...: the first line is not enough, the place must be the program's.
answers() {
    label=$1 regex=$2
    shift 2
    "$@" >"$work/out" 2>&1
    tr '\n' ' ' <"$work/out" | sed 's/==[0-9]*==//g' | grep -Eq "$regex" && return
    failed=1
    echo "FAILED: $label: no '$regex'"
    cat "$work/out"
}

read_or_write='^ Invalid (read|write) of size [0-9]+ +at 0x[0-9A-F]+: (main|.*memcpy|.*memmove)'

# program NAME MODEL CASE...
program() {
    name=$1
    {
        echo "#define M(x) MORTISE_CAT($name, _##x)"
        echo "#define MALLOC_SOCKET_INTERPOSE 0"
        "$mortise" show "$2" | sed -E "s/^#define COMPOSITION .*/#define COMPOSITION $name/
            s/^LAYER_COMPOSE\([^,]*/LAYER_COMPOSE($name/"
        echo "#include \"$here/poison.c\""
    } >"$work/program.c"
    shift 2
    gcc -std=gnu11 -O1 -g -DMORTISE_VALGRIND -Wall -Wextra -Werror -I"$include" \
        "$work/program.c" -o "$work/program" -pthread || failed=1
    for also in 'clang -std=gnu11' 'g++ -x c++ -std=gnu++17'; do
        # shellcheck disable=SC2086
        ! command -v "${also%% *}" >/dev/null || $also -DMORTISE_VALGRIND -Wall -Wextra -Werror \
            -I"$include" -fsyntax-only "$work/program.c" || failed=1
    done
    answers "$name: none" '^sound $' valgrind -q "$work/program" none
    for case in "$@"; do
        answers "$name: $case" "$read_or_write" valgrind -q "$work/program" "$case"
    done
    answers "$name: free_twice" '^mortise: double-free' valgrind -q "$work/program" free_twice
}

program cached 'mmap_heap::buddy_glk::slab_lk::thread_cache::malloc_socket' write_behind \
    read_last_after_free copy_after_free moved_away
[ "${3-}" = some ] || program tlsfccsd tlsfccsd write_behind write_after_free behind_shrunk cut_off
[ "${3-}" = some ] || program wfslabs wfslabs read_behind write_after_free

# Preloaded: the program's malloc is the library's, and not the tool's.
cat >"$work/plain.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
int main(int count, char **arguments)
{
    volatile char *block = malloc(100), *other = realloc(calloc(1, 5000), 3000);
    free((void *)other);
    if (count > 1)
        block[atoi(arguments[1])] = 1;
    free((void *)block);
    count = count > 2 ? block[50] : 0;
    puts("sound");
    return count;
}
END
gcc -O0 -g "$work/plain.c" -o "$work/plain" || failed=1
"$mortise" build -q --cflags=-DMORTISE_VALGRIND hslab -o "$work/marked.so" || failed=1
preloaded() {
    env LD_PRELOAD="$work/marked.so" valgrind -q --soname-synonyms=somalloc=nouserintercepts \
        "$work/plain" "$@"
}
answers "preloaded: sound" '^sound $' preloaded 99
answers "preloaded: write behind" "$read_or_write" preloaded 100
answers "preloaded: read after free" "$read_or_write" preloaded 99 read
exit $failed
