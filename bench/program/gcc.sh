#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# gcc: compiles a file of many functions. Obstacks and pools of its own, and the driver starts two
# other programs.
commands=(gcc) package=gcc

inputs() {
    make_numbers "$(scaled 25 140 6000)" 1000 | awk '
        {
            printf "static int f%d(int *a, int n)\n{\n    int sum = %d;\n", NR, $1
            printf "    for (int i = 0; i < n; i++) {\n        switch (a[i] %% %d) {\n", 3 + $1 % 7
            for (i = 0; i < 3 + $1 % 7; i++)
                printf "        case %d: sum += a[(i * %d + sum) %% n] ^ %d; break;\n", \
                    i, $1 + i, i * $1
            printf "        }\n    }\n    return sum * %d;\n}\n", $1 % 17 + 1
        }
        END {
            print "int all(int *a, int n)\n{\n    int sum = 0;"
            for (i = 1; i <= NR; i++)
                printf "    sum ^= f%d(a, n);\n", i
            print "    return sum;\n}"
        }' >unit.c
}

work() {
    preloaded gcc -O2 -c unit.c -o out
}

. "$(dirname "$0")/shared/program.sh"
