#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Files and models whose names are names of libc or of the compiler: each file compiles, or is not
# made.
#     bash names.sh MORTISE [some]
# With `some` as C by gcc and as C++ by clang.
. "$(dirname "$0")/common.sh"
model=mmap_heap::tlsf_glk::malloc_socket

some=${2-}

# compiles FILE.c: as C and as C++, by each compiler
compiles() {
    for compiler in "${compilers[@]}"; do
        for language in "${languages[@]}"; do
            ! left_out "$compiler" "$language" || continue
            # shellcheck disable=SC2086
            $compiler $language $warnings -fsyntax-only -pthread "$1" ||
                fail "$1 by $compiler $language"
        done
    done
}

for name in malloc pthread errno NULL EOF linux unix; do
    "$mortise" build "$model" -o $name.c || fail "$name.c is not made"
    compiles $name.c
done

for name in linux unix; do
    "$mortise" build "$model" -o $name.h || fail "$name.h is not made"
    {
        echo "#include \"$name.h\""
        echo "void *f(void);"
        echo "void *f(void) { return ${name}_malloc(&${name}_default, 1); }"
    } >uses_$name.c
    compiles uses_$name.c
done

# refused FILE MODEL: functions called pthread_self and so on cannot be.
refused() {
    code=0
    "$mortise" build "$2" -o "$1" 2>err || code=$?
    [ $code = 2 ] || fail "$1: exit code $code"
    [ ! -e "$1" ] || fail "$1 is made"
    grep -qF "'$1' would have functions ${1%.*}_malloc" err || fail "$1: $(cat err)"
    grep -q 'name another file with -o' err || fail "$1: $(cat err)"
}
for name in malloc pthread errno NULL; do
    refused $name.h "$model"
done
rm -f pthread.c
refused pthread.c "$model(interpose=0)"

# A model may have such a name as well.
echo "$model" >malloc.mortise
"$mortise" build malloc.mortise -o model.so || fail "a model called malloc"
LD_PRELOAD=$work/model.so true || fail "a model called malloc, preloaded"
