#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# z3: decides formulas: an equation of bit vectors, holes for pigeons, and linear arithmetic.
commands=(z3) package=z3

inputs() {
    local holes bits
    holes=$(scaled 7 8 10) bits=$(scaled 10 12 16)
    awk -v holes="$holes" -v bits="$bits" '
        function literal(i, j) { return "p" i "_" j }
        BEGIN {
            print "(push)"
            for (i = 0; i <= holes; i++) {
                for (j = 0; j < holes; j++)
                    printf "(declare-const %s Bool)\n", literal(i, j)
                printf "(assert (or"
                for (j = 0; j < holes; j++)
                    printf " %s", literal(i, j)
                print "))"
            }
            for (j = 0; j < holes; j++)
                for (i = 0; i <= holes; i++)
                    for (k = i + 1; k <= holes; k++)
                        printf "(assert (or (not %s) (not %s)))\n", literal(i, j), literal(k, j)
            print "(check-sat)\n(pop)\n(push)"
            printf "(declare-const x (_ BitVec %d))\n(declare-const y (_ BitVec %d))\n", bits, bits
            print "(assert (not (= (bvmul (bvadd x y) (bvadd x y))"
            print "    (bvadd (bvmul x x) (bvadd (bvmul x y) (bvadd (bvmul y x) (bvmul y y)))))))"
            print "(assert (bvult x y))\n(check-sat)\n(pop)\n(push)"
            for (i = 0; i < 40; i++)
                printf "(declare-const r%d Int)\n(assert (and (> r%d 0) (< r%d %d)))\n", \
                    i, i, i, 100 + i
            for (i = 0; i < 39; i++)
                printf "(assert (or (< (+ r%d %d) r%d) (> (* 2 r%d) (+ r%d %d))))\n", \
                    i, i % 7, i + 1, i, i + 1, 50 + i
            print "(check-sat)\n(pop)"
        }' >formulas.smt2
}

work() {
    preloaded z3 -smt2 formulas.smt2 >out
}

. "$(dirname "$0")/shared/program.sh"
