# SPDX-License-Identifier: MIT
# What the tests of an installation share. Usage of each:
#     bash TEST.sh SOURCES FOLDER
# FOLDER keeps the build and the installation from one to the next.

set -eu -o pipefail
sources=$1
build=$2/build
root=$2/root
unset LD_PRELOAD CC CXX CFLAGS DESTDIR PKG_CONFIG_PATH CMAKE_PREFIX_PATH
unset MORTISE_INCLUDE MORTISE_MODELS
work=$(mktemp -d "${TMPDIR:-/tmp}/mortise-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export MORTISE_CACHE=${MORTISE_TEST_CACHE:-$work/cache}
cd "$work"

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

# says TEXT COMMAND...: the command succeeds, and its output has the text.
says() {
    local text=$1
    shift
    "$@" >out 2>&1 || {
        cat out
        fail "$*"
    }
    grep -qF -- "$text" out || {
        cat out
        fail "$*: no '$text'"
    }
}
