#!/bin/sh
# SPDX-License-Identifier: MIT
# Opens every public header by itself: all_alone.sh INCLUDE COMPILER LANGUAGE STANDARD
# Lists all that fail before it fails.
set -u
here=$(dirname "$0")
failed=0
opened=0
for header in $(find "$1" -name '*.h' | sort); do
    opened=$((opened + 1))
    sh "$here/alone.sh" "$2" "$3" "$4" "$header" "$1" || failed=$((failed + 1))
done
echo "$opened headers opened, $failed failed"
[ "$failed" -eq 0 ] && [ "$opened" -gt 30 ]
