#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program in C and in C++ uses what `mortise build` makes of a model, in every form.
#     bash built.sh MORTISE MODEL PROGRAM.c [some]
# With `some` not each form in each language, for what is linked was compiled before, and one file
# in both languages is what tests/export compiles; and little is optimised.
set -eu -o pipefail
mortise=$1 model=$2 program=$(realpath "$3") some=${4-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

forms='o a so c h' optimised=-O3
[ -z "$some" ] || forms='a so c h' optimised=-O1 # an archive has the object in it
for form in $forms; do
    "$mortise" build -q --cflags="$optimised" "$model" -o pool.$form
done
warnings='-Wall -Wextra -Werror -O1 -pthread'
for compiler in 'gcc -std=gnu11' 'g++ -x c++ -std=c++17'; do
    for form in $forms; do
        case $some$compiler$form in somegcc*h | someg++*[ac]) continue ;; esac
        # shellcheck disable=SC2086
        case $form in
        c)
            $compiler $warnings -c pool.c -o own.o
            $compiler $warnings "$program" -x none own.o -o use
            ;;
        h) $compiler $warnings -I. -DFILE_H='"pool.h"' "$program" -o use ;;
        *) $compiler $warnings "$program" -x none ./pool.$form -o use ;;
        esac
        ./use 2>err || fail "$compiler: pool.$form"
        [ ! -s err ] || fail "$compiler: pool.$form: $(cat err)"
    done
done
code=0
"$mortise" run -q "$model" -- true 2>err || code=$?
[ $code -eq 2 ] || fail "mortise run takes it"
grep -q 'is not to replace malloc' err || fail "mortise run: $(cat err)"
