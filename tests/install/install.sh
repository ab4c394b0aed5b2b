#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs a release build, as a packager does; with MORTISE_TEST_SOME one that is not optimised and
# compiled by MORTISE_TEST_CC, for which there may be libraries of models.
. "$(dirname "$0")/common.sh"

rm -rf "$root" "$root.moved"
cmake -S "$sources" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DMORTISE_TESTS=OFF \
    ${MORTISE_TEST_SOME:+"-DCMAKE_C_FLAGS_RELEASE=-O0" "-DCMAKE_C_COMPILER=$MORTISE_TEST_CC"}
cmake --build "$build" -j 2
cmake --install "$build" --prefix "$root.moved"
# An installation may be moved.
mv "$root.moved" "$root"
for file in bin/mortise include/mortise/core/compose.h share/pkgconfig/mortise.pc \
    share/mortise/models/tlsfcc.mortise lib/mortise/tlsfcc.so share/doc/mortise/copyright \
    share/bash-completion/completions/mortise; do
    [ -f "$root/$file" ] || fail "$file is not installed"
done
! grep -rlI -e "$sources" -e "$build" -e "$root" "$root" || fail "a file names this machine"
