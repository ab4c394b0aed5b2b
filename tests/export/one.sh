#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One model as FILE.c and FILE.h: both say what the model says, stand alone, and work.
#     bash one.sh MORTISE MODEL [some|text]
# With `some` it is compiled as C by gcc and as C++ by clang, and not in every way, nor expanded:
# the text is that of many files, which are compiled in every way elsewhere. With `text` it ends
# where that is shown.
. "$(dirname "$0")/common.sh"
model=$2
some=${3-}
full=(-O0)
[ -z "$some" ] || full=()
include=$here/../../include

build x "$model"

# A person can pass it on: the system's includes only, no folder of this machine, the licence.
for file in x.c x.h; do
    if grep -n '^ *# *include' $file | grep -v '<[a-z_/]*\.h>$' || grep -n 'include *<mortise' $file
    then
        fail "$file includes more than the system's headers"
    fi
    ! grep -nF -e "$(cd "$include" && pwd)" -e "$here" $file || fail "$file names this machine"
    ! grep -n '__INCLUDE_LEVEL__ *[=!<>]' $file || fail "$file depends on its place"
    grep -q 'Permission is hereby granted' $file || fail "$file has no licence"
done

# The compiler sees the same program as in many files, word by word.
if [ -f "$here/../../models/$model.mortise" ]; then
    cp "$here/../../models/$model.mortise" x.mortise
else
    printf '%s\n' "$model" >x.mortise
fi
"$mortise" show -q -I "$here/user" x >many.c
for policy in sync/turnstile sizeclass/steps; do # as the command does where a layer includes one
    mkdir -p "forward/mortise/policy/${policy%/*}"
    echo "#include \"$here/user/policy/$policy.h\"" >"forward/mortise/policy/$policy.h"
done
for compiler in "${compilers[@]}"; do
    for language in "${languages[@]}"; do
        # shellcheck disable=SC2086
        {
            $compiler $language -D_GNU_SOURCE -E -P -I"$include" -Iforward -I"$here/user" many.c |
                tr -s ' \n' '\n' >many.e
            $compiler $language -E -P x.c | tr -s ' \n' '\n' >one.e
        }
        cmp many.e one.e || fail "$compiler $language: another program in one file"
    done
done

[ "$some" != text ] || exit 0

# What expand prints is a program as well.
for compiler in "${compilers[@]}"; do
    [ -z "$some" ] || continue
    "$mortise" expand -q --cc "$compiler" -I "$here/user" x >expanded.c
    # shellcheck disable=SC2086
    $compiler -std=gnu11 -D_GNU_SOURCE $warnings -O2 -c expanded.c -o expanded.o
done

# It replaces malloc in a program, as C and as C++. The program is that of many files, as shown
# above, whose optimised code other tests run: here one compiler optimises it fully.
for compiler in "${compilers[@]}"; do
    for language in "${languages[@]}"; do
        ! left_out "$compiler" "$language" || continue
        levels=-O1
        [ "$compiler $language" != "gcc ${languages[0]}" ] || levels="-O3 ${full[*]}"
        link=$(linker "$compiler" "$language")
        for level in $levels; do
            # shellcheck disable=SC2086
            {
                $compiler $language $warnings $level -c x.c -o x.o
                $compiler $language $warnings $level -DNAME=x -DFILE_H='"x.h"' \
                    -I. -c "$here/inside.c" -o inside.o
                $compiler $language $warnings -O1 -fno-builtin -c "$here/replaced.c" -o replaced.o
            }
            $link replaced.o x.o -pthread -o replaced
            $link inside.o -pthread -o inside
            nm --defined-only replaced >names
            grep -q ' T malloc$' names || fail "malloc is not replaced"
            nm --defined-only inside >names
            ! grep -E ' T (malloc|free)$' names || fail "malloc is replaced"
            run replaced
            run inside
        done
    done
done

# Preloaded it offers the names that the library of the model offers, and no more.
gcc -std=gnu11 -O3 -pthread -fPIC -fvisibility=hidden -shared x.c -o one.so
"$mortise" build -q -I "$here/user" "$model" -o many.so
for file in one many; do
    nm -D --defined-only $file.so | awk '{ print $3 }' | sort >$file.names
done
cmp many.names one.names || fail "not the names of the shared library"
LD_PRELOAD=$work/one.so bash -c 'grep -q one.so /proc/self/maps && ls -lR /usr/include' >out ||
    fail "preloaded"
