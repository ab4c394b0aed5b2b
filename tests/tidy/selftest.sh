#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each rule finds the one place that breaks it: selftest.sh PYTHON
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/mortise-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p include/mortise/core include/mortise/layer

spdx='/* SPDX-License-Identifier: MIT */'
repeat() {
    printf "$1%.0s" $(seq "$2")
}

echo 'int a;' >no_spdx.c
{ echo "$spdx"; repeat x 101; echo; } >wide.c
{ echo "$spdx"; echo 'int f(void)'; echo '{'; repeat '\n' 69; echo '}'; } >long_function.c
{ echo "$spdx"; repeat '\n' 400; } >long_file.c
{ echo "$spdx"; echo "/* see /ho""me/me/notes */"; } >path.c
cat >include/mortise/core/upwards.h <<END
$spdx
#if __INCLUDE_LEVEL__ == 0
#include "../layer/good.h"
#else
#include "../layer/good.h"
#endif
END
cat >include/mortise/layer/good.h <<END
$spdx
/*
 * good - has it all
 *
 * Parameters:
 *   name         type   default       range        meaning
 *   pool         size   64KB          4KB..1GB     bytes; a meaning that
 *                                                  goes on
 *   size_handle  range  [0,SIZE_MAX]  0..SIZE_MAX  sizes
 */
#include "../core/upwards.h"
#ifndef GOOD_POOL
#define GOOD_POOL ((size_t)64 << 10)
#endif
#ifndef GOOD_SIZE_HANDLE
#define GOOD_SIZE_HANDLE 0, SIZE_MAX
#endif
#undef GOOD_POOL
#undef GOOD_SIZE_HANDLE
END
sed -e 's/good/bad/; s/GOOD/BAD/; s/64KB /128KB/; /#undef.*HANDLE/d' include/mortise/layer/good.h \
    >include/mortise/layer/bad.h
cat >>include/mortise/layer/bad.h <<END
#ifndef BAD_SECRET
#define BAD_SECRET 1
#endif
END

"$1" "$here/tidy.py" . >found && { echo "nothing was found"; exit 1; }
order='core arch os data policy run heap layer socket'
sort >expected <<END
include/mortise/core/upwards.h:5: core/ includes layer/, above it in the order\
 $order
include/mortise/layer/bad.h:19: BAD_SECRET is not in the table of the head comment
include/mortise/layer/bad.h:7: parameter 'pool': the table says 128KB,\
 BAD_POOL is ((size_t)64 << 10)
include/mortise/layer/bad.h:9: BAD_SIZE_HANDLE is not undefined at the end
long_file.c:401: 401 lines; 400 are allowed: split by idea
long_function.c:3: a function of 71 lines; 70 are allowed
no_spdx.c:1: no line 'SPDX-License-Identifier: MIT' at the beginning
path.c:2: names a folder of one machine
wide.c:2: 101 columns; 100 are allowed
END
LC_ALL=C sort found | diff expected - || { echo "other faults than expected"; exit 1; }
