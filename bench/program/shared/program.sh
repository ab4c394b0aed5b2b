# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the real programs have in common. NAME.sh says which commands and which Debian package it
# needs, and defines three functions, all of which run in a folder of their own:
#   inputs   makes what the program reads; `scaled QUICK USUAL PAPER` answers one of the three
#   work     does what is timed; `preloaded COMMAND...` runs the program on the allocator
#   result   prints what has to be the same on every allocator; by default the file `out`
#
# They are called as
#   NAME.sh have                                exit code 77, and the package, if it is not there
#   NAME.sh prepare DIR [quick|usual|paper]     inputs, and the result on libc's malloc; once
#   NAME.sh run DIR                             what is timed, on MORTISE_BENCH_PRELOAD if it is set
#   NAME.sh check DIR                           exit code 1 if the last result is wrong
# Nothing is downloaded, and everything is the same each time.
set -euo pipefail
export LC_ALL=C

# Ends the script as a rule: nothing comes after it.
preloaded() {
    if [ -n "${MORTISE_BENCH_PRELOAD:-}" ]; then
        exec env LD_PRELOAD="$MORTISE_BENCH_PRELOAD" "$@"
    fi
    exec "$@"
}

scaled() {
    case $scale in
    quick) echo "$1" ;;
    usual) echo "$2" ;;
    paper) echo "$3" ;;
    esac
}

# make_numbers COUNT LIMIT: pseudo-random ones below LIMIT, one a line, the same in every awk.
make_numbers() {
    awk -v count="$1" -v limit="$2" 'BEGIN {
        x = 42
        for (i = 0; i < count; i++) {
            x = x * 16807 % 2147483647
            print int(x / 2147483647 * limit)
        }
    }'
}

# make_text LINES: ten words a line, of which some are frequent and most are rare.
make_text() {
    make_numbers $((10 * $1)) 1000000 | awk '{
        left = int($1 * $1 / 20000000) + 1
        word = ""
        while (left > 0) {
            word = word substr("etaoinshrdlucmfwypvbgkjqxz", left % 26 + 1, 1)
            left = int(left / 26)
        }
        printf "%s%s", word "s" $1 % 7, NR % 10 == 0 ? "\n" : " "
    }'
}

have() {
    local command
    # shellcheck disable=SC2154
    for command in "${commands[@]}"; do
        command -v "$command" >/dev/null && continue
        echo "$package"
        exit 77
    done
}

# The result on libc's malloc is what all others are compared with.
prepare() {
    [ "$(cat prepared 2>/dev/null || true)" = "$scale" ] && return
    rm -f prepared out
    inputs
    (unset MORTISE_BENCH_PRELOAD && work)
    result >expected
    [ -s expected ] || { echo "$0: the program has no result" >&2; exit 1; }
    echo "$scale" >prepared
}

declare -F result >/dev/null || result() { cat out; }

usage() {
    echo "usage: $0 have | prepare DIR [quick|usual|paper] | run DIR | check DIR" >&2
    exit 2
}

scale=${3:-usual}
[[ $scale =~ ^(quick|usual|paper)$ ]] || usage
case ${1:-} in
have) [ $# = 1 ] || usage ;;
prepare)
    [ $# -ge 2 ] || usage
    mkdir -p "$2"
    cd "$2"
    ;;
run | check)
    [ $# = 2 ] || usage
    cd "$2"
    ;;
*) usage ;;
esac

case $1 in
have) have ;;
prepare) prepare ;;
run)
    rm -f out
    work
    ;;
check) result | cmp -s expected - ;;
esac
