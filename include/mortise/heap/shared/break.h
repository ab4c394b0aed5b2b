/* SPDX-License-Identifier: MIT */
/*
 * How the program break is moved, when other code may move it too. Part of the system layers that
 * have memory from there; each calls this under a lock of its own.
 *
 * Two threads must not move the break at the same time: libc's sbrk asks where it is and then sets
 * it, so that both could get the same memory. Where libc's malloc is there it is one of them. So
 * only a composition that stands in for malloc moves the break, see SOCKET_BREAK.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_composition.h"
#include "../../socket/malloc_socket.h"
#else
/* The end of the range, raised by `size` to a multiple of a granule; 0 when that fails. */
MORTISE_SLOW uintptr_t SELF(grow_break)(size_t size)
{
    uintptr_t now = MORTISE_CAT(COMPOSITION, _has_break)() ? (uintptr_t)mortise_os_sbrk(0) : 0;
    if (now == 0)
        return 0;
    size_t lead = (size_t)(-now & (MORTISE_GRANULE - 1));
    if (lead + size > MORTISE_MAX_SIZE)
        return 0;
    uintptr_t old = (uintptr_t)mortise_os_sbrk((ptrdiff_t)(lead + size));
    if (old != 0 && old != now) { /* somebody moved the break in between: give up this piece */
        if ((uintptr_t)mortise_os_sbrk(0) == old + lead + size)
            mortise_os_sbrk(-(ptrdiff_t)(lead + size));
        return 0;
    }
    return old == 0 ? 0 : old + lead;
}

/* Lowers the break from `end` by `size`, unless somebody has raised it since. */
MORTISE_SLOW bool SELF(shrink_break)(uintptr_t end, size_t size)
{
    return (uintptr_t)mortise_os_sbrk(0) == end && mortise_os_sbrk(-(ptrdiff_t)size) != NULL;
}

#endif
