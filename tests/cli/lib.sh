# SPDX-License-Identifier: MIT
# What the end-to-end tests of the command share. Plain sh. Usage of a test:
#     sh TEST.sh MORTISE FIXTURE
# with the command under test and the folder of the fixture. A test of real allocators may be given
# a cache that others use as well, MORTISE_TEST_CACHE, and the compiler they use, MORTISE_TEST_CC.

set -u
mortise=$1
fixture=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

MORTISE_INCLUDE=$fixture/include
MORTISE_MODELS=$fixture/models
MORTISE_CACHE=${MORTISE_TEST_CACHE:-$work/cache}
export MORTISE_INCLUDE MORTISE_MODELS MORTISE_CACHE
# A command that is built with AddressSanitizer runs below a library that is preloaded.
ASAN_OPTIONS=verify_asan_link_order=0
export ASAN_OPTIONS
unset CC AR LD_PRELOAD XDG_CACHE_HOME
[ -z "${MORTISE_TEST_CC-}" ] || export CC="$MORTISE_TEST_CC"
cd "$work" || exit 1

passed=0
failed=0

pass() {
    passed=$((passed + 1))
}

fail() {
    failed=$((failed + 1))
    echo "FAILED: $1"
}

# Runs a command; leaves $code, $work/out and $work/err.
try() {
    "$@" >"$work/out" 2>"$work/err"
    code=$?
}

# same NAME FILE: the file holds what standard input says, paths of the fixture and of the work
# folder shortened.
same() {
    sed -e "s|$fixture|FIXTURE|g" -e "s|$work|WORK|g" "$2" >"$work/got"
    cat >"$work/want"
    if cmp -s "$work/want" "$work/got"; then
        pass
    else
        fail "$1"
        diff -u "$work/want" "$work/got"
    fi
}

# code_is NAME CODE
code_is() {
    if [ "$code" -eq "$2" ]; then
        pass
    else
        fail "$1: exit code $code instead of $2"
        cat "$work/out" "$work/err"
    fi
}

# empty NAME FILE
empty() {
    if [ ! -s "$2" ]; then
        pass
    else
        fail "$1: should be silent"
        cat "$2"
    fi
}

# holds NAME FILE TEXT
holds() {
    if grep -qF -- "$3" "$2"; then
        pass
    else
        fail "$1: no '$3' in"
        cat "$2"
    fi
}

# in_browser NAME PAGE TITLE: what the page calls itself on a phone and a desk, in light and dark;
# two of these four unless MORTISE_TEST_EVERY is 1. Without a browser nothing is looked at.
in_browser() {
    browser=$(command -v chromium || command -v google-chrome) || return 0
    for scheme in 0 1; do
        for width in 390 1200; do
            case ${MORTISE_TEST_EVERY:-0}.$scheme.$width in 0.0.390 | 0.1.1200) continue ;; esac
            timeout 120 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/b" \
                --blink-settings=preferredColorScheme=$scheme --window-size=$width,900 \
                --dump-dom "file://$work/$2" >dom 2>/dev/null
            holds "$1 in a browser, width $width, scheme $scheme" dom "<title>$3"
        done
    done
}

# refuses ARGUMENT... : `mortise ARGUMENT...` ends with code 2, prints no result, and says on
# standard error what standard input says here.
refuses() {
    try "$mortise" "$@" </dev/null
    code_is "mortise $*" 2
    empty "mortise $*" "$work/out"
    same "mortise $*" "$work/err"
}

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}
