#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# list.sh PROGRAM NAME...: the program lists the workloads that are tested, no other, each in five
# fields whose parameters have their values in their ranges and whose cases name parameters.
set -euo pipefail

program=$1
shift

diff <(printf '%s\n' "$@" | sort) <("$program" --list | cut -f1 | sort)

"$program" --list | awk -F '\t' '
    function fault(text) { print $1 ": " text; faults = 1 }
    NF != 5 { fault(NF " fields") }
    {
        delete known
        parameters = split($4, parameter, ";")
        for (i = 1; i <= parameters; i++) {
            if (split(parameter[i], part, /[=\/]/) < 7)
                fault("not name=usual/quick/paper/least/most/meaning: " parameter[i])
            known[part[1]] = 1
            for (j = 2; j <= 4; j++)
                if (part[j] + 0 < part[5] + 0 || part[j] + 0 > part[6] + 0)
                    fault(part[1] ": " part[j] " is out of its range")
        }
        cases = split($5, one, ";")
        for (i = 1; i <= cases; i++) {
            values = split(one[i], value, " ")
            for (j = 1; j <= values; j++) {
                sub(/=.*/, "", value[j])
                if (!(value[j] in known))
                    fault("case " one[i] ": no parameter " value[j])
            }
        }
    }
    END { exit faults }'

code=0
"$program" nonsense 2>/dev/null || code=$?
[ $code = 2 ] || { echo "status $code for a workload that does not exist"; exit 1; }
code=0
"$program" --nonsense 2>/dev/null || code=$?
[ $code = 2 ] || { echo "status $code for an option that does not exist"; exit 1; }
"$program" --idle glibc_simple rounds=1 | grep -q '^idle_kb [1-9]' ||
    { echo "no idle_kb"; exit 1; }
