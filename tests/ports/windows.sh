#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: windows.sh SOURCE_FOLDER
#
# The conformance suite upon virtual_alloc_heap, built by mingw-w64 and run by Wine. Where one of
# these is missing: status 77, which is a test that was skipped.
set -eu -o pipefail
source=$1
compiler=x86_64-w64-mingw32-gcc
wine=$(command -v wine64 || command -v wine || echo /usr/lib/wine/wine64)
for command in $compiler "$wine"; do
    command -v "$command" >/dev/null || {
        echo "skipped: no $command (on Debian: gcc-mingw-w64-x86-64-posix, wine64)"
        exit 77
    }
done
work=$(mktemp -d)
trap 'WINEPREFIX=$work/prefix "${wine%/*}/wineserver" -k 2>/dev/null || true; rm -rf "$work"' EXIT
flags='-std=gnu11 -O1 -Wall -Wextra -Werror -Wno-format -D__USE_MINGW_ANSI_STDIO=1'
# shellcheck disable=SC2086
$compiler $flags -I"$source/include" -I"$source/tests/conformance" \
    "$source/ports/windows/conformance.c" -o "$work/conformance.exe" \
    -static -pthread -lsynchronization
# Nothing of a desktop is wanted.
export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe='
mkdir "$WINEPREFIX"
"$wine" "$work/conformance.exe" 2>&1 | tee "$work/out"
grep -q '^0 failed' "$work/out"
