#!/bin/sh
# SPDX-License-Identifier: MIT
# Opens one header by itself, as an editor does: alone.sh COMPILER LANGUAGE STANDARD HEADER INCLUDE
# prints what the compiler says, and fails if it says anything.
set -u
output=$("$1" -x "$2" -std="$3" -fsyntax-only -Wall -Wextra -Werror -I "$5" "$4" 2>&1)
status=$?
if [ $status -ne 0 ] || [ -n "$output" ]; then
    printf '%s\n' "$output" | head -n 12
    echo "FAILED: $4 does not open alone ($1 -x $2 -std=$3)"
    exit 1
fi
