#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a model with one layer that measures reports, by itself and with NEXT, a library with a
# malloc, behind it, and with those libraries of other allocators that are there.
. "$(dirname "$0")/common.sh"
next=$3
cat >load.py <<'END'
import json, os, sys, threading
def work():
    for i in range(2000):
        bytearray(i * 10)
threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
if os.fork() == 0:
    sys.exit()
os.wait()
END
cat >look.py <<'END'
import json, sys
reports = [json.loads(line) for line in open(sys.argv[1])]
assert len({r["process"] for r in reports}) == 2, reports
child, parent = reports
for kind in "alloc", "free":
    assert child["rows"][kind]["count"] < parent["rows"][kind]["count"], reports
    assert parent["rows"][kind]["count"] > 8000, reports
    ranks = [parent["rows"][kind][k] for k in
             ("p90", "p99", "p99.9", "p99.99", "p99.999", "p99.9999", "max")]
    assert ranks == sorted(ranks) and ranks[0] > 0, reports
END
python=$(python3 -c 'import sys; print(sys.executable)')
measure() {
    MORTISE_STATS=json:$work/report PYTHONMALLOC=malloc LD_PRELOAD="$allocator $1" \
        "$python" load.py 2>with.err || fail "exit status $? with $1 behind" with.err
    quiet with.err
    python3 look.py report || fail "a wrong report with $1 behind" report
    rm report
}
export NEXT_MALLOC_SAYS=$work/requests
measure ""
measure "$next"
[ "$(cat requests)" -gt 1000 ] || fail "the malloc behind was not asked" with.err
for other in libjemalloc.so.2 libmimalloc.so.2 libmimalloc.so.2.0 libtcmalloc_minimal.so.4; do
    file=$(find /usr/lib /lib -name "$other" 2>/dev/null | head -n 1) || true
    [ -z "$file" ] || measure "$file"
done
