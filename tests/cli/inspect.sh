#!/bin/sh
# SPDX-License-Identifier: MIT
# The verb inspect, on the real headers: a program at its end, one with threads while it runs, the
# map in a browser, and what is no picture.

real=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/lib.sh"
MORTISE_INCLUDE=$real/include
MORTISE_MODELS=$real/models
unset MORTISE_INSPECT

# 1000 blocks of 12345 bytes live, and 500 of them are freed again; every second one is checked.
cat >blocks.c <<'END'
#include <stdlib.h>
int main(void)
{
    static void *volatile block[1500];
    for (int i = 0; i < 1500; i++)
        block[i] = malloc(12345);
    for (int i = 0; i < 1500; i += 3)
        free(block[i]);
    return 0;
}
END
# The same, while four threads allocate and free, until the input ends.
cat >threads.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static volatile int stop;
static void *work(void *seed)
{
    unsigned dice = *(unsigned *)seed;
    static __thread unsigned char *block[500];
    for (int turn = 0; !stop; turn++) {
        if (turn % 100 == 0)
            usleep(1000); /* else they take all processors from those who look on */
        dice = dice * 1664525 + 1013904223;
        unsigned char **at = &block[dice % 500];
        size_t size = (dice >> 9) % 8000 + 16;
        if (*at != NULL && (*at)[0] != (unsigned char)(size_t)at)
            abort();
        free(*at);
        *at = malloc(size);
        memset(*at, (int)(size_t)at, size);
    }
    return NULL;
}
int main(void)
{
    static void *volatile kept[1000];
    static unsigned seed[4] = {1, 2, 3, 4};
    pthread_t thread[4];
    for (int i = 0; i < 1000; i++)
        kept[i] = malloc(12345);
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, work, &seed[i]);
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    stop = 1;
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    puts("done");
    return 0;
}
END
${CC:-cc} -O1 -o blocks blocks.c && ${CC:-cc} -O1 -pthread -o threads threads.c || exit 1

# judge FILE MOMENT: 1000 living blocks of 12345 bytes or a little more, and all adds up.
cat >judge.py <<'END'
import json, sys
picture = json.load(open(sys.argv[1]))
states = ["allocated", "cached", "free", "top", "overhead", "opaque"]
assert picture["moment"] == sys.argv[2] and picture["consistent"], picture["moment"]
heap, = picture["heaps"]
assert heap["overlap"] == 0 and heap["opaque"] == 0
assert sum(heap[s] for s in states) == heap["memory"]
assert sum(layer["memory"] for layer in heap["layers"]) == heap["memory"]
spans = heap["spans"]
assert sum(size for _, size, _, _ in spans) == heap["memory"]
end = 0
for address, size, state, layer in spans:
    assert int(address, 16) >= end and size > 0 and state in states
    end = int(address, 16) + size
large = [size for _, size, state, _ in spans if state == "allocated" and 12345 <= size < 18000]
assert len(large) == 1000, len(large)
assert sum(r["bytes"] for r in heap["free_lists"]) == heap["free"]
assert sum(r["bytes"] for r in heap["caches"]) == heap["cached"]
END

# A program at its end

models='hslab ptmalloc' looks='1 2 3'
[ "${MORTISE_TEST_EVERY:-0}" = 0 ] || models='tlsf hslab wfslab ptmalloc' looks='1 2 3 4 5'
for model in tlsf hslab wfslab ptmalloc tlsfccsd; do
    try "$mortise" inspect -q --format json -o $model.json $model -- ./blocks
    code_is "$model at the end" 0
    empty "$model at the end" "$work/err"
    python3 judge.py $model.json end && pass || fail "$model at the end: json"
done
try "$mortise" inspect -q tlsf -- sh -c 'echo said; exec ./blocks'
code_is "a program that another one becomes" 0
holds "what it said" "$work/out" said
holds "text" "$work/out" 'brk_heap::tlsf_glk'
holds "text" "$work/out" 'a character is'
holds "text" "$work/out" 'in 1000'
holds "text" "$work/out" 'tlsf_glk list 12288       500'

# While it runs

for model in $models; do
    mkfifo to.$model
    MORTISE_INSPECT='' "$mortise" run -q $model -- ./threads <to.$model >from.$model &
    exec 3>to.$model
    tries=0
    while ! grep -q ready from.$model && [ $((tries += 1)) -lt 300 ]; do
        sleep 0.1
    done
    seen=0
    for look in $looks; do
        "$mortise" inspect --pid $! --format json >live.json 2>"$work/err" &&
            python3 judge.py live.json live && seen=$look || break
    done
    [ "$seen" -eq "${looks##* }" ] && pass || { fail "$model live" && cat "$work/err"; }
    for form in html svg text; do
        "$mortise" inspect --pid $! -o $model.$form || fail "$model as $form"
    done
    exec 3>&-
    wait $!
    [ $? -eq 0 ] && grep -q '^done$' from.$model && pass || fail "$model: the program's end"
done

# The child of a fork is asked by its own number.
cat >family.sh <<'END'
(echo $$; exec sleep 60) &
echo $!
sleep 60 &
echo $!
read -r line
kill %1 %2
END
mkfifo to.family
MORTISE_INSPECT='' "$mortise" run -q tlsf -- bash family.sh <to.family >from.family &
exec 3>to.family
tries=0
while [ "$(wc -l <from.family)" -lt 3 ] && [ $((tries += 1)) -lt 300 ]; do
    sleep 0.1
done
sleep 0.5
try "$mortise" inspect --pid "$(tail -1 from.family)" --format json
code_is "a child" 0
python3 - "$work/out" "$(tail -1 from.family)" <<'END' && pass || fail "a child"
import json, sys
assert json.load(open(sys.argv[1]))["process"] == int(sys.argv[2])
END
exec 3>&-
wait $!

# SVG, and the map in a browser: nothing is wider than the page, and something is to be seen

cat >svg.py <<'END'
import re, sys
import xml.etree.ElementTree as tree
svg = tree.parse(sys.argv[1]).getroot()
space = "{http://www.w3.org/2000/svg}"
width, height = (float(svg.get(side)) for side in ("width", "height"))
assert "prefers-color-scheme" in "".join(s.text for s in svg.iter(space + "style"))
paths = list(svg.iter(space + "path"))
assert len(paths) >= 3, "allocated, free and top at least"
for path in paths:
    for x, w in re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", path.get("d")):
        assert float(x) + float(w) + 24 <= width, path.get("d")
for text in svg.iter(space + "text"):
    assert float(text.get("y")) <= height
END
for model in $models; do
    python3 svg.py $model.svg && pass || fail "$model.svg"
done
cat >probe.html <<'END'
<script>
addEventListener("load", () => {
    const wide = document.documentElement.scrollWidth > innerWidth;
    const shown = [...document.querySelectorAll("svg")]
        .filter(map => map.getBoundingClientRect().height > 100);
    const inside = shown.every(map => [...map.querySelectorAll("path, text")].every(part => {
        const box = part.getBoundingClientRect(), all = map.getBoundingClientRect();
        return box.left >= all.left - 1 && box.right <= all.right + 1 &&
               box.bottom <= all.bottom + 1;
    }));
    const page = getComputedStyle(document.body).backgroundColor;
    const fills = new Set(
        [...shown[0].querySelectorAll("path")].map(part => getComputedStyle(part).fill));
    document.title = "verdict " + !wide + " " + (shown.length === 1) + " " + inside + " " +
                     (fills.size >= 3 && !fills.has(page));
});
</script>
END
cat hslab.html probe.html >probed.html
in_browser "the map" probed.html 'verdict true true true true'

# By the environment alone

MORTISE_INSPECT=$work/kept.% try "$mortise" run -q tlsf -- ./blocks
code_is "run with MORTISE_INSPECT" 0
kept=$(echo kept.*)
try "$mortise" inspect "$kept"
code_is "a file" 0
holds "a file" "$work/out" 'in 1000'
try sh -c '"$0" inspect - --format json <"$1"' "$mortise" "$kept"
code_is "standard input" 0
cp "$work/out" stdin.json
python3 judge.py stdin.json end && pass || fail "standard input"
MORTISE_INSPECT=/nowhere/x try "$mortise" run -q tlsf -- ./blocks
code_is "a picture that cannot be written" 0
same "a picture that cannot be written" "$work/err" <<'E'
mortise: the picture that MORTISE_INSPECT names cannot be written
E

# Mistakes

refuses inspect <<'E'
mortise inspect: MODEL, FILE or --pid is missing
Try 'mortise inspect --help'.
E
refuses inspect nothing <<'E'
mortise: cannot read 'nothing': No such file or directory
  a MODEL is followed by -- and the PROGRAM to run on it
E
refuses inspect --pid 4194305 <<'E'
mortise: there is no process 4194305
E
refuses inspect --pid 12x <<'E'
mortise: '12x' is no number of a process
E
refuses inspect --pid $$ <<E
mortise: process $$ cannot be asked: it does not run on a model of Mortise with MORTISE_INSPECT
  start it by MORTISE_INSPECT= mortise run MODEL -- PROGRAM
E
refuses inspect --pid $$ "$kept" <<E
mortise: --pid and '$kept' are two things to look at
  give one of them
E
refuses inspect --format htm "$kept" <<'E'
mortise: unknown format 'htm'
  did you mean 'html'?
E
refuses inspect -o /nowhere/x "$kept" <<'E'
mortise: cannot write '/nowhere/x': No such file or directory
E
head -c 700 "$kept" >half
try "$mortise" inspect half
code_is "half a picture" 2
empty "half a picture" "$work/out"
holds "half a picture" "$work/err" "the picture in 'half' ends early, after"
echo nonsense >nonsense
refuses inspect nonsense <<'E'
mortise: 'nonsense' is no picture of a heap: line 1: it does not begin with mortise-heap
  mortise inspect reads what a program writes that runs with MORTISE_INSPECT=FILE
E
head -c 20000 /dev/urandom >noise
try "$mortise" inspect noise
code_is "noise" 2
: >nothing
try "$mortise" inspect nothing
code_is "an empty file" 2
try "$mortise" inspect -q tlsf -- sh -c 'kill -9 $$'
code_is "a program that is killed" 2
holds "a program that is killed" "$work/err" "'sh' left no picture: it was killed by Killed"
try "$mortise" inspect -q tlsf -- no-such-program
code_is "a program that is not there" 2
holds "a program that is not there" "$work/err" "cannot run 'no-such-program'"
refuses inspect brk_heap::tlsf_glk::malloc_socket\(interpose=0\) -- ./blocks <<'E'
mortise: 'malloc_socket' is not to replace malloc, so no program runs on it
  brk_heap::tlsf_glk::malloc_socket(interpose=0)
                      ^~~~~~~~~~~~~
  mortise build makes a library of it
E

finish
