#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: hand.sh MORTISE CC
#
# Compares wfslab with bench/wfslabm, the same allocator written by hand, by the instructions that
# callgrind counts, which do not depend on how busy the machine is: within 0.7 %, the paper's
# figure. Where requests are small and many, what is executed in the allocator itself is judged;
# where blocks are large and copied, the whole program. The other figure is shown. Exit status 77
# where there is no valgrind.
set -eu
mortise=$1 cc=$2
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
command -v valgrind >/dev/null || {
    echo "no valgrind: skipped"
    exit 77
}

# shellcheck disable=SC2046 # flags are words
"$cc" -std=gnu11 -O3 -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden \
    $(printf -- '-fno-builtin-%s ' malloc calloc realloc free) \
    -pthread "$here/../../bench/wfslabm/wfslabm.c" -o "$work/wfslabm.so"
"$mortise" build --cc "$cc" --cflags -O3 wfslab -o "$work/wfslab.so"
"$cc" -std=gnu11 -O1 -fno-builtin "$here/work.c" -o "$work/work"

count() { # ALLOCATOR WORKLOAD ROUNDS: inside and in all
    python3 "$here/instructions.py" "$work/$1.so" "$work/work" "$2" "$3"
}

compare() { # JUDGED WORKLOAD ROUNDS
    count wfslab "$2" "$3" >"$work/composed"
    count wfslabm "$2" "$3" >"$work/hand"
    paste -d ' ' "$work/composed" "$work/hand" |
        awk -v judged="$1" -v workload="$2" '{
            inside = 100 * ($1 / $3 - 1)
            all = 100 * ($2 / $4 - 1)
            more = judged == "inside" ? inside : all
            bad = more > 0.7 || more < -0.7
            printf "%-8s inside %10d %10d %+6.2f %%, in all %11d %11d %+6.2f %%%s\n", workload,
                $1, $3, inside, $2, $4, all, bad ? "  APART" : ""
            exit bad
        }' || failures=$((failures + 1))
}

printf '%-8s        %10s %10s\n' '' wfslab 'by hand'
compare inside churn 500
compare inside batches 200
compare all resizes 200
exit "$failures"
