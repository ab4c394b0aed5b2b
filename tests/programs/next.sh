#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What an allocator upon malloc_heap gets it gets from the malloc that is loaded behind it, also
# while others fork: NEXT, a library with a malloc, FORK, a program that forks, and its rounds.
. "$(dirname "$0")/common.sh"
next=$3 fork=$4 rounds=$(($5 * rounds))

export NEXT_MALLOC_SAYS=$work/requests
LD_PRELOAD="$allocator $next" ls / >with 2>with.err || fail "ls: exit status $?" with.err
quiet with.err
ls / >without
cmp -s with without || fail "ls: another output" with with.err
[ "$(cat requests)" -gt 10 ] || fail "the malloc behind was not asked" with.err
LD_PRELOAD="$allocator $next" "$fork" "$rounds" >with 2>with.err ||
    fail "fork: exit status $?" with with.err
quiet with.err
[ "$(cat with)" = "$rounds rounds" ] || fail "fork: another output" with with.err
[ "$(cat requests)" -gt 100 ] || fail "the malloc behind was not asked" with.err
