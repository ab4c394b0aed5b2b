#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ghostscript: draws pages of text, curves and shadings. An interpreter with pools of its own, and
# large bitmaps.
commands=(gs) package=ghostscript

inputs() {
    {
        echo '%!PS'
        make_text "$(scaled 1000 7000 30000)" | tr -cd 'a-z0-9 \n' | awk '
            {
                y = 800 - NR % 30 * 25
                printf "/Helvetica findfont %d scalefont setfont\n", 6 + NR % 9
                printf "20 %d moveto (%s) show\n", y, $0
                printf "newpath %d %d moveto", NR % 500, y
                for (i = 0; i < 12; i++)
                    printf " %d %d %d %d %d %d curveto", NR * 7 % 600, i * 70, i * 50, \
                        NR * 13 % 800, (i * 37 + NR) % 600, y
                printf " 0.%d setgray %s 0 setgray\n", NR % 10, NR % 3 == 0 ? "fill" : "stroke"
            }
            NR % 150 == 0 { print "showpage" }
            END { print "showpage" }'
    } >pages.ps
}

work() {
    preloaded gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=ppmraw -r36 -sOutputFile=out pages.ps
}

. "$(dirname "$0")/shared/program.sh"
