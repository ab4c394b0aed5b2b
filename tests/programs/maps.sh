#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program that looks at its own mappings around malloc: HELPER.
. "$(dirname "$0")/common.sh"
ours "$3" >with 2>with.err || fail "maps: exit status $?" with with.err
quiet with.err
[ "$(cat with)" = "as it was told" ] || fail "maps: another output" with with.err
