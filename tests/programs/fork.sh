#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program that forks while its threads are inside libc's streams: HELPER and its rounds.
. "$(dirname "$0")/common.sh"
rounds=$(($4 * rounds))
ours "$3" "$rounds" >with 2>with.err || fail "fork: exit status $?" with with.err
quiet with.err
[ "$(cat with)" = "$rounds rounds" ] || fail "fork: another output" with with.err
