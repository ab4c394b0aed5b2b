#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"

awk -v functions=$((60 * rounds)) 'BEGIN {
    print "struct node { struct node *next; long key; double weight[3]; };"
    for (i = 0; i < functions; i++) {
        printf "long f%d(struct node *n, long x)\n{\n    long sum = %d;\n", i, i * 7
        printf "    for (; n; n = n->next) {\n        switch ((n->key ^ x) %% 11) {\n"
        for (j = 0; j < 6; j++)
            printf "        case %d: sum += n->weight[%d] * %d + (x << %d); break;\n", \
                j, j % 3, i + j, j
        print "        default: sum ^= n->key;\n        }\n    }"
        if (i > 0)
            printf "    if (sum & 1)\n        sum += f%d(n, sum >> 1);\n", i - 1
        print "    return sum;\n}"
    }
}' >large.c

gcc -O2 -g -S large.c -o without.s
ours gcc -O2 -g -S large.c -o with.s 2>with.err
quiet with.err
cmp without.s with.s || fail "another assembly"
ours gcc -c with.s -o with.o
gcc -c without.s -o without.o
cmp without.o with.o || fail "another object"
