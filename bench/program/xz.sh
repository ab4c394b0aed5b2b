#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# xz: compresses text in two threads. Few blocks, but very large ones.
commands=(xz) package=xz-utils

inputs() {
    make_text "$(scaled 7000 28000 600000)" >text
}

work() {
    preloaded xz -6 --threads=2 --block-size=1MiB --stdout text >out
}

. "$(dirname "$0")/shared/program.sh"
