#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"

python=/usr/bin/python3
[ -x "$python" ] || python=$(command -v python3)
# Every object from malloc, not from Python's own pools.
export PYTHONMALLOC=malloc PYTHONHASHSEED=1 PYTHONDONTWRITEBYTECODE=1

same "arithmetic" "$python" -c 'print(sum(range(10**6)))'
same "mixed work" "$python" "$here/python3.py" "$rounds"
