#!/bin/sh
# SPDX-License-Identifier: MIT
# The verb bench: what it keeps, how it goes on after an interruption, how it marks what fails, and
# the page that it makes. The figures themselves are no matter of a test.

. "$(dirname "$0")/lib.sh"

small='glibc_simple size=16 rounds=10'
library=$(${CC:-cc} -print-file-name=libm.so.6)

# bench ARGUMENT...
bench() {
    try "$mortise" bench "$@"
}

# matches NAME FILE PATTERN: a line of the file has the basic regular expression.
matches() {
    grep -q -- "$3" "$2" && pass || { fail "$1: no '$3' in" && cat "$2"; }
}

lines() {
    wc -l <"$1" | tr -d ' '
}

# Two allocators, a round to warm up and two that count

bench -q --quick --rounds 2 --seed 7 -a glibc -a "again=$library" -o one "$small"
code_is "a comparison" 0
empty "a comparison" "$work/err"
matches "a comparison" "$work/out" '^  again  *[0-9.]* \[[0-9.]*, *[0-9.]*\]'
[ "$(lines one/runs.jsonl)" -eq 6 ] && pass || fail "a line for each run"
[ "$(lines one/runs.csv)" -eq 7 ] && pass || fail "and in the table, with a head"
[ "$(grep -c '"fate":"ok"' one/runs.jsonl)" -eq 6 ] && pass || fail "all are good"
holds "what was decided" one/bench.json '"seed": 7'
holds "the machine" one/bench.json '"kernel": '

bench -q --quick -a glibc -o one "$small"
code_is "a folder that is in use" 2
same "a folder that is in use" "$work/err" <<'END'
mortise: 'one' holds a comparison already
  name another folder with -o, or go on with this one with --resume
END

# An interruption in the middle of a line

cut -d, -f1-3 one/runs.jsonl | sort >whole
{ sed -n 1,3p one/runs.jsonl && sed -n 4p one/runs.jsonl | cut -c1-30 | tr -d '\n'; } >half
cp half one/runs.jsonl
bench report one
code_is "a report of half of it" 0
cmp -s half one/runs.jsonl && pass || fail "a report changes nothing"
bench -q --resume -o one
code_is "to go on" 0
cut -d, -f1-3 one/runs.jsonl | sort >now
cmp -s whole now && pass || fail "the same runs as without an interruption"
bench -q --resume -o one
[ "$(lines one/runs.jsonl)" -eq 6 ] && pass || fail "nothing is left to do"

# Nothing that was said is passed over.

for option in '--rounds=3' '-a glibc' '--quick' '--paper' '--seed=7' '--limit=9'; do
    # shellcheck disable=SC2086
    bench -q --resume -o one $option
    code_is "--resume $option" 2
    holds "--resume $option" "$work/err" 'is decided when a comparison begins'
done
bench -q --resume -o one "$small"
code_is "--resume with a case" 2
holds "--resume with a case" "$work/err" "bench --resume: one argument too many: '$small'"
bench report one two
code_is "a report of two" 2
same "a report of two" "$work/err" <<'END'
mortise: bench report: one argument too many: 'two'
  see 'mortise bench --help'
END
bench report one --rounds 3
code_is "a report with rounds" 2
bench list extra
code_is "a list of something" 2
empty "a list of something" "$work/out"
bench -q --seed 0 -a glibc -o three "$small"
code_is "a seed of 0" 2
holds "a seed of 0" "$work/err" '--seed is a number in [1, 2147483647]'

# Another reference

bench report one --ref again
code_is "another reference" 0
matches "another reference" "$work/out" '^As multiples of again'
bench report one --ref nobody
code_is "a reference that takes no part" 2
holds "a reference that takes no part" "$work/err" "no allocator 'nobody' takes part"

# What fails is marked, and not dropped

cat >crash.c <<'END'
#include <stdlib.h>
__attribute__((constructor)) static void crash(void) { abort(); }
END
cat >hang.c <<'END'
#include <unistd.h>
__attribute__((constructor)) static void hang(void) { for (;;) pause(); }
END
${CC:-cc} -shared -fPIC -o crash.so crash.c && ${CC:-cc} -shared -fPIC -o hang.so hang.c || exit 1
bench -q --quick --rounds 1 --limit 1 -a glibc -a crash=crash.so -a hang=hang.so -o two "$small"
code_is "allocators that fail" 0
holds "a crash" "$work/out" "crash on $small: killed by SIGABRT"
holds "a run without end" "$work/out" "hang on $small: too long"
matches "how many failed" "$work/out" '^  crash .*failed in 1'

# The peak of a program is its own, however large the command is that starts it; and that one does
# not grow with the runs.

installed=$work/installed
programs=$installed/share/mortise/program
mkdir -p "$installed/bin" "$installed/libexec/mortise" "$programs"
cp "$mortise" "$installed/bin" && cp "$(dirname "$mortise")/mortise-workload" \
    "$installed/libexec/mortise" || exit 1
for megabytes in 5 40; do
    cat >"$programs/takes$megabytes.sh" <<END
#!/bin/sh
[ "\$1" != run ] || exec dd if=/dev/zero of=/dev/null bs=${megabytes}M count=1 2>/dev/null
END
done
printf '#!/bin/sh\n[ "$1" != run ] || kill -s TRAP $$\n' >"$programs/traps.sh"
cat >"$programs/waits.sh" <<END
#!/bin/sh
[ "\$1" = run ] || exit 0
sleep 60 &
echo \$! >"$work/waiting"
wait
END
printf '#!/bin/sh\n' >"$programs/idles.sh"
chmod +x "$programs"/*

# peaks FILE CASE: the least and the most of all runs, in MB.
peaks() {
    awk -F, -v name="\"$2\"" '$1 == name {
        mb = int($8 / 1024)
        if (least == "" || mb < least) least = mb
        if (mb > most) most = mb
    } END { print least + 0, most + 0 }' "$1"
}

# within NAME LEAST MOST PEAKS...
within() {
    if [ "$4" -ge "$2" ] && [ "$5" -le "$3" ]; then
        pass
    else
        fail "$1: $4 to $5 MB instead of $2 to $3"
    fi
}

# gone NAME: what waits ends soon: the kernel takes its time to kill it.
gone() {
    left=100
    while grep -q '^State:.[^Z]' "/proc/$(cat waiting)/status" 2>/dev/null; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { fail "$1 runs on" && return; }
        sleep 0.1
    done
    pass
}

# Fifty thousand lines make a command that holds them large.
try "$installed/bin/mortise" bench -q --rounds 1 -a glibc -o peak takes5 takes40
code_is "programs of known size" 0
sed -n 1p peak/runs.jsonl | awk '{ for (i = 0; i < 50000; i++) print }' >many
cp many peak/runs.jsonl
try "$installed/bin/mortise" bench -q --resume -o peak
code_is "programs of known size, with many runs before" 0
tail -n 3 peak/runs.csv >last
# shellcheck disable=SC2046
within "the peak of a large command's program" 40 55 $(peaks last takes40)
# shellcheck disable=SC2046
within "the peak of a program" 5 20 $(peaks last takes5)

# size_after ROUNDS: the peak of the command itself, in MB.
size_after() {
    ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1 "$installed/libexec/mortise/mortise-workload" \
        --measure size '' "$installed/bin/mortise" bench -q --rounds "$1" -a glibc -o "size$1" \
        idles >out && awk '/^peak_kb/ { print int($2 / 1024) }' size
}
grown=$(($(size_after 400) - $(size_after 10)))
[ "$grown" -lt 8 ] && pass || fail "390 runs make the command $grown MB larger"

try "$installed/libexec/mortise/mortise-workload" --measure size '' ./nowhere
code_is "to measure what is not there" 0
same "to measure what is not there" size <<'END'
error 2
END
try "$installed/bin/mortise" bench -q --rounds 1 --limit 1 -a glibc -o fates traps waits
holds "a program that is killed" "$work/out" 'glibc on traps: killed by SIGTRAP'
holds "a program without end" "$work/out" 'glibc on waits: too long'
gone "what it started"
matches "its time" fates/runs.csv '"waits","glibc",0,"too long",[0-9.]*[1-9]'

rm waiting
"$installed/bin/mortise" bench -q -a glibc -o ended waits 2>err &
until [ -s waiting ]; do
    sleep 0.1
done
kill $!
wait $!
holds "a comparison that is ended" err 'interrupted; go on with'
gone "what it started then"
empty "no run is told" ended/runs.jsonl

# Mistakes

bench -q glibc_simpl -a glibc -o three
code_is "an unknown case" 2
same "an unknown case" "$work/err" <<'END'
mortise: unknown workload or program 'glibc_simpl'
  did you mean 'glibc_simple'?
END
bench -q --quick 'larson thread=2' -a glibc -o three
code_is "an unknown parameter" 2
same "an unknown parameter" "$work/err" <<'END'
mortise: 'larson' has no parameter 'thread'
  larson thread=2
         ^~~~~~
  did you mean 'threads'?
  it has: threads, blocks, most, generations, rounds
END
bench -q --quick 'larson  blocks=2 threads=many' -a glibc -o three
same "a value that is no number" "$work/err" <<'END'
mortise: 'threads' of 'larson' cannot be 'many'
  larson  blocks=2 threads=many
                           ^~~~
  expected threads=, a number in [0, 4096]
END
bench -q --quick 'larson threads=5000' -a glibc -o three
holds "a value that is too large" "$work/err" "'threads' of 'larson' cannot be '5000'"
bench -q --quick 'larson threads' -a glibc -o three
code_is "no value" 2
holds "no value" "$work/err" "'threads' has no value"
bench -q "$small" -a glibc -a glibc -o three
same "an allocator twice" "$work/err" <<'END'
mortise: two allocators are called 'glibc'
END
bench -q "$small" -a "$library" -o three
same "a library without a name" "$work/err" <<END
mortise: '$library' has no name
  write NAME=FILE.so
END
mkdir src.sodium
bench -q "$small" -a x=src.sodium/libnone.sok.so -o three
same "a library below a folder with a dot" "$work/err" <<'END'
mortise: 'src.sodium/libnone.sok.so' is no library that can be preloaded
END
bench -q "$small" -a x=brk_heap::tlsf_glk::exported -o three
code_is "a model that is no malloc" 2
holds "a model that is no malloc" "$work/err" "is not to replace malloc, so no program runs on it"
bench -q "$small" -a x=nowhere.so -o three
same "a library that is not there" "$work/err" <<'END'
mortise: 'nowhere.so' is no library that can be preloaded
END
bench -q "$small" -a glibc --ref tlsf -o three
same "an unknown reference" "$work/err" <<'END'
mortise: nothing to compare: no allocator 'tlsf' takes part
  name one with --allocator
END
[ ! -e three ] && pass || fail "a mistake leaves nothing behind"
bench report three
code_is "a report of nothing" 2
echo '{}' >one/bench.json
bench report one
same "a plan that is none" "$work/err" <<'END'
mortise: 'one/bench.json' is not a comparison: its plan is incomplete
  name a folder that 'mortise bench' has written
END

# The page

bench report two -o page.html
code_is "the page" 0
holds "the page" page.html "killed by SIGABRT"
if command -v gnuplot >/dev/null 2>&1; then
    holds "its figures" page.html '<svg'
    empty "the page" "$work/err"
else
    holds "no figures" "$work/err" 'apt-get install gnuplot-nox'
fi

# In a browser nothing is wider than the page, and the text can be told from its background.
if command -v gnuplot >/dev/null 2>&1; then
    cat >probe.html <<'END'
<script>
addEventListener("load", () => {
    const wide = document.documentElement.scrollWidth > innerWidth;
    const figures = [...document.querySelectorAll("svg")];
    const drawn = figures.length > 0 && figures.every(f => f.getBoundingClientRect().height > 100);
    const style = getComputedStyle(document.body), text = document.querySelector("svg text");
    const legible = style.color !== style.backgroundColor &&
                    getComputedStyle(text).fill === style.color;
    document.title = "verdict " + !wide + " " + drawn + " " + legible;
});
</script>
END
    cat page.html probe.html >probed.html
    in_browser "the page" probed.html 'verdict true true true'
fi

finish
