#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program that loads an allocator and lets go of it: PROGRAM.
. "$(dirname "$0")/common.sh"
"$3" "$allocator" >with 2>with.err || fail "unload: exit status $?" with.err
quiet with.err
[ "$(cat with)" = sound ] || fail "unload: another output" with with.err
