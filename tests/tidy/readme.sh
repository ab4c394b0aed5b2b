#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The examples of README.md work as printed: readme.sh ROOT MORTISE CC CXX
set -eu
root=$1
mortise=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/mortise-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# block TITLE: the first block of C below the heading TITLE.
block() {
    awk -v title="$1" '/^## / { here = $0 == "## " title }
        here && /^```$/ && inside { exit }
        inside { print }
        here && /^```c$/ { inside = 1 }' "$root/README.md"
}

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

block "In a program of your own" >program.c
[ -s program.c ] || fail "no program in README.md"
sed 's/char \*text = /char *text = (char *)/' program.c >program.cc
"$3" -std=gnu11 -O2 -Wall -Wextra -Werror -I"$root/include" program.c -o in_c -pthread
"$4" -std=c++17 -O2 -Wall -Wextra -Werror -I"$root/include" program.cc -o in_cxx -pthread
for program in in_c in_cxx; do
    ./$program | grep -q '^in a heap of its own, 1[0-9]* bytes usable$' || fail $program
done

mkdir layers
block "A layer of your own" >layers/poison.h
[ -s layers/poison.h ] || fail "no layer in README.md"
cat >user.c <<'END'
#include <stdlib.h>

int main(void)
{
    unsigned char *volatile block = malloc(100);
    return block[0] == 90 && block[99] == 90 ? 33 : 1;
}
END
"$3" -O0 user.c -o user
code=0
MORTISE_CACHE=$work/cache CC=$3 "$mortise" run -I layers \
    'mmap_heap::tlsf_glk::poison(byte=90)::malloc_socket' -- ./user || code=$?
[ $code -eq 33 ] || fail "the layer poison: status $code"
