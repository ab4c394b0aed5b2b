#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"

awk -v lines=$((300000 * rounds)) 'BEGIN {
    for (i = 0; i < lines; i++) print i * 7919 % 65521, "text", i % 13
}' >plain
xz -T2 -3 --block-size=1MiB -c plain >without.xz
ours xz -T2 -3 --block-size=1MiB -c plain >with.xz 2>with.err
quiet with.err
cmp without.xz with.xz || fail "other packed bytes"
ours xz -T2 -t with.xz || fail "xz -t"
ours xz -T2 -dc with.xz | cmp - plain || fail "other bytes after unpacking"
