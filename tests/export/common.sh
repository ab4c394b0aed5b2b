# SPDX-License-Identifier: MIT
# What the tests of exported files share.

set -eu -o pipefail
mortise=$1
here=$(cd "$(dirname "$0")" && pwd)
unset LD_PRELOAD CC
work=$(mktemp -d "${TMPDIR:-/tmp}/mortise-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

warnings='-Wall -Wextra -Werror'
languages=('-x c -std=gnu11' '-x c++ -std=c++17')
compilers=()
for compiler in gcc clang; do
    ! command -v $compiler >/dev/null || compilers+=("$compiler")
done

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

# left_out COMPILER LANGUAGE: where `some` ways are enough, all but C by gcc and C++ by clang
left_out() {
    case ${some-}$1$2 in
    somegcc*++* | someclang*gnu11*) return 0 ;;
    *) return 1 ;;
    esac
}

# build NAME MODEL: NAME.c and NAME.h
build() {
    "$mortise" build -I "$here/user" "$2" -o "$1.c"
    "$mortise" build -I "$here/user" "$2" -o "$1.h"
}

# linker COMPILER LANGUAGE: what links objects of it.
linker() {
    case "$1 $2" in
    gcc*c++*) echo g++ ;;
    clang*c++*) echo clang++ ;;
    *) echo "$1" ;;
    esac
}

# run PROGRAM: it must succeed, and its allocator must have nothing to say.
run() {
    "./$1" >out 2>&1 || {
        cat out
        fail "$1"
    }
    ! grep '^mortise' out || fail "$1: the allocator complains"
}
