#!/bin/sh
# SPDX-License-Identifier: MIT
# The verb new: what it makes compiles, runs and passes at once, and is a word. On the real headers.

real=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/lib.sh"
MORTISE_INCLUDE=$real/include

# compiled COMMAND...: a compiler that says nothing.
compiled() {
    try "$@"
    code_is "$*" 0
    empty "$*" "$work/err"
}

# test_passes NAME: NAME_test.c of the folder own, by gcc in C or by clang in C++, in turn, or with
# MORTISE_TEST_EVERY by both in both; not where another preset does that.
turn=0
test_passes() {
    [ "${MORTISE_TEST_ONCE:-1}" = 1 ] || return 0
    turn=$((1 - turn))
    for cc in 'gcc -std=gnu11' 'clang -std=gnu11' 'g++ -std=c++17 -x c++' \
        'clang++ -std=c++17 -x c++'; do
        command -v "${cc%% *}" >/dev/null || continue
        case ${MORTISE_TEST_EVERY:-0}$cc in
        0clang\ * | 0g++*) continue ;;
        0gcc*) [ $turn -eq 1 ] || continue ;;
        0clang++*) [ $turn -eq 0 ] || continue ;;
        esac
        # shellcheck disable=SC2086
        compiled $cc -O1 -Wall -Wextra -I "$real/include" -I own "own/$1_test.c" -pthread -o test
        try ./test
        code_is "$1_test by $cc" 0
        same "$1_test by $cc" "$work/out" <<E
$1: passed
E
    done
}

# Outside the tree

try "$mortise" new layer poison -o own
code_is "new layer" 0
empty "new layer" "$work/err"
same "new layer" "$work/out" <<E
own/poison.h
own/poison_test.c
Its test:
  cc -std=gnu11 -O2 -I $real/include -idirafter own own/poison_test.c \\
      -pthread -o poison_test && ./poison_test
E
sed '1,/^Its test/d' "$work/out" | sh >text || fail "the printed command"
holds "the printed command" text 'poison: passed'
for policy in sync/gate sizeclass/steps err_handle/shout; do
    try "$mortise" new policy "$policy" -o own
    code_is "new policy $policy" 0
    test_passes "${policy#*/}"
done
test_passes poison
try "$mortise" doc -I own poison
holds "doc of a new layer" "$work/out" 'poison - begun as a copy of count'
if grep -qi 'count - \|^Source' "$work/out"; then fail "a new layer claims what is not its own"; fi
model='mmap_heap::tlsf_glk(sync=gate)::slab_lk(sizeclass=steps)::poison(size_handle=[1,9])'
try "$mortise" run -I own "$model::malloc_socket(err_handle=shout)" -- true
code_is "a model of new words" 0
try "$mortise" new --json layer other -o own
code_is "new --json" 0
same "new --json" "$work/out" <<'E'
{
  "files": [
    "own/other.h",
    "own/other_test.c"
  ]
}
E

# A test that a mistake does not pass.
sed -i 's/MORTISE_ADD_RELAXED(&heap->allocs, 1)/(void)heap/' own/poison.h
gcc -std=gnu11 -O1 -I "$real/include" -I own own/poison_test.c -pthread -o test
try ./test
code_is "a layer that does not count" 1
same "a layer that does not count" "$work/err" <<'E'
FAILED: an allocation is counted
E

# The name of a folder may need quotes.
folder="it's my dir"
try "$mortise" new layer poison -o "$folder"
code_is "new in a folder with blanks" 0
sed '1,/^Its test/d' "$work/out" | sh >text || fail "the printed command, of a folder with blanks"
holds "the printed command, of a folder with blanks" text 'poison: passed'

# A word may be called as a header of the system is: it hides none.
for name in string time; do
    try "$mortise" new layer $name -o namesakes
    code_is "new layer $name" 0
    try gcc -std=gnu11 -fsyntax-only -I "$real/include" -idirafter namesakes \
        "namesakes/${name}_test.c"
    code_is "${name}_test" 0
done
for model in mmap_heap::tlsf_glk::malloc_socket mmap_heap::tlsf_glk::time::string::malloc_socket; do
    try "$mortise" check -I namesakes $model
    code_is "check $model" 0
    try "$mortise" build -q -I namesakes $model -o file.c
    code_is "build $model" 0
    try gcc -std=gnu11 -fsyntax-only -Wall -Wextra -Werror file.c
    code_is "the file of $model" 0
done

# In the source tree: where the words and the tests of their kind are.

mkdir -p tree/include/mortise/core tree/tests/conformance tree/tests/policy/sync
cp "$real/include/mortise/core/layer_begin.h" tree/include/mortise/core
cp "$real/tests/policy/sync/mutex.c" tree/tests/policy/sync
touch tree/tests/conformance/CMakeLists.txt tree/tests/policy/CMakeLists.txt
try "$mortise" new layer poison -o tree
code_is "new layer in the tree" 0
same "new layer in the tree" "$work/out" <<'E'
tree/include/mortise/layer/poison.h
tree/tests/layer/poison.c
tree/tests/conformance/CMakeLists.txt
Its tests:
  cmake --build --preset dev -t test_layer_poison test_conformance_poison
  ctest --preset dev -R '[.]poison([.]|$)'
E
same "a line for the suite" tree/tests/conformance/CMakeLists.txt <<'E'
mortise_conformance(poison "mmap_heap::tlsf_glk::poison")
E
holds "neighbours by their place" tree/include/mortise/layer/poison.h \
    '#include "../core/layer_begin.h"'
try "$mortise" new policy sync/gate -o tree
code_is "new policy in the tree" 0
same "the suite of the slot" tree/tests/policy/sync/gate.c <<'E'
/* SPDX-License-Identifier: MIT */
#define SYNC gate
#include "suite.h"
E
same "a line for the suite" tree/tests/policy/CMakeLists.txt <<'E'
policy_test(sync gate)
E

# What is refused, and changes nothing

refuses new <<'E'
mortise new: what to make is missing
Try 'mortise new --help'.
E
refuses new layer <<'E'
mortise new: NAME is missing
Try 'mortise new --help'.
E
refuses new polcy sync/x <<'E'
mortise: a new 'polcy' cannot be made
  did you mean 'policy'?
E
try "$mortise" new policy x
code_is "a policy without a slot" 2
holds "a policy without a slot" "$work/err" "mortise: 'x' names no slot: write SLOT/x"
holds "a policy without a slot" "$work/err" 'err_handle, purge, sizeclass'
refuses new policy snyc/x <<'E'
mortise: unknown slot 'snyc'
  did you mean 'sync'?
E
refuses new layer 1x <<'E'
mortise: '1x' cannot be a name in a model
  a name has letters, digits and _, begins with a letter, and is no keyword of C or C++
E
for name in errno NULL malloc pthread linux unix _Bool _Atomic __x; do
    refuses new layer $name -o own <<E
mortise: '$name' cannot be the name of a new word
  libc or the compiler has it, or may have it; choose another
E
done
[ ! -e own/errno.h ] && pass || fail "new layer errno made something"
refuses new policy err_handle/default <<'E'
mortise: 'default' cannot be a name in a model
  a name has letters, digits and _, begins with a letter, and is no keyword of C or C++
E
try "$mortise" new layer mmap_heap
code_is "a taken name" 2
holds "a taken name" "$work/err" "there is a system layer 'mmap_heap' already"
cp own/poison.h before
refuses new layer poison -o own <<'E'
mortise: cannot make 'own/poison.h': File exists
E
cmp -s before own/poison.h || fail "a file was replaced"
MORTISE_INCLUDE=$fixture/include
refuses new layer x <<'E'
mortise: there is no layer 'count' to begin a new one with
E

finish
