#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In little room and where the kernel refuses much: FILTER, FORKER. The library is preloaded by
# hand, since the command has no need to run under the same limits.
. "$(dirname "$0")/common.sh"
filter=$3 forker=$4

# narrow NAME COMMAND...: its output is what it is without the allocator.
narrow() {
    local name=$1
    shift
    "$@" >without 2>without.err || fail "$name without the allocator" without.err
    LD_PRELOAD=$allocator "$@" >with 2>with.err || fail "$name: exit status $?" with.err
    quiet with.err
    cmp -s without with || fail "$name: another output" with with.err
}

# 64 MB of addresses, of which the program and libc take their part.
hash='my %h; $h{$_} = "x" x ($_ % 100) for 1 .. 40000; print scalar(keys %h), "\n"'
limited() {
    (
        ulimit -v 65536
        LD_PRELOAD=$allocator "$@"
    )
}
[ "$(limited perl -e "$hash")" = 40000 ] || fail "perl in 64 MB"
limited true || fail "true in 64 MB"
limited cat /proc/self/maps | grep -qF "$allocator" || fail "the allocator is not in the program"

# Large blocks grow, threads allocate, memory goes back, and the process forks.
cat >grow.py <<'END'
import subprocess, threading
block = bytearray()
for i in range(40):
    block += bytes(500000)
def work():
    return len([str(i) * 7 for i in range(10000)])
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(block), subprocess.check_output(["echo", "child"]))
END
narrow "python3 under the filter" "$filter" python3 grow.py
narrow "fork under the filter" "$filter" "$forker" $((10 * rounds))
