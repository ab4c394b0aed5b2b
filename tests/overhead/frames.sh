#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: frames.sh INCLUDE_DIR
#
# Without optimisation gdb shows one frame for each layer: a breakpoint in tlsf_glk is one place,
# and its caller is the layer on its user side.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/stack.c" <<'END'
#define COMPOSITION stack
#define LAYER pages
#include <mortise/heap/brk_heap.h>
#define LAYER blocks
#include <mortise/layer/tlsf_glk.h>
#define LAYER middle
#include <mortise/layer/fake.h>
#define LAYER counter
#include <mortise/layer/count.h>
LAYER_COMPOSE(stack, pages, blocks, middle, counter)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

int main(void)
{
    stack_free(&stack_default, stack_malloc(&stack_default, 100));
    return 0;
}
END
gcc -std=gnu11 -O0 -g -I"$1" "$work/stack.c" -o "$work/stack"
gdb -nx -batch -ex 'break stack_at_blocks_alloc' -ex run -ex bt "$work/stack" >"$work/log" 2>&1
sed -n 's/^#[0-9]* *\(0x[0-9a-f]* in \)\{0,1\}\([a-z_]*\) .*/\2/p' "$work/log" >"$work/frames"
cat >"$work/expected" <<'END'
stack_at_blocks_alloc
stack_at_middle_alloc
stack_at_counter_alloc
stack_request
stack_obtain
stack_malloc
main
END
if ! grep -q '^Breakpoint 1 at' "$work/log" || ! cmp "$work/frames" "$work/expected"; then
    cat "$work/log"
    exit 1
fi
grep -q '^#0.*stack_default' "$work/log" # arguments are those of the call
