#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program of our own, built beside this test: HELPER and its arguments.
. "$(dirname "$0")/common.sh"
shift 2
same "$(basename "$1")" "$@"
