/* SPDX-License-Identifier: MIT */
/*
 * Finishes the composition of a header that was opened by itself, so that everything it declared is
 * defined. Included by layer_end.h; opened alone it has nothing to finish.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#ifdef MORTISE_ALONE
#ifdef MORTISE_ALONE_SYSTEM
LAYER_COMPOSE(alone, demo)
#else
LAYER_COMPOSE(alone, null, demo)
#endif
MORTISE_SLOW struct alone_local *alone_attach(struct alone_heap *heap, struct alone_local *local)
{
    (void)heap;
    return local;
}
MORTISE_FAST bool alone_has_break(void)
{
    return true;
}
MORTISE_SLOW void alone_age_later(struct alone_heap *heap)
{
    (void)heap;
}
MORTISE_FAST uint32_t *alone_announce(struct alone_heap *heap, struct alone_local *local,
                                      bool for_nothing)
{
    (void)heap, (void)for_nothing;
    return &local->link.inside;
}
MORTISE_FAST void alone_depart(uint32_t *inside)
{
    (void)inside;
}
MORTISE_SLOW void *alone_alloc_elsewhere(size_t size, size_t align)
{
    (void)size, (void)align;
    return NULL;
}
MORTISE_SLOW void alone_free_later(struct alone_heap *heap, void *block)
{
    (void)heap, (void)block;
}
#undef MORTISE_ALONE_SYSTEM
#undef MORTISE_ALONE
#undef MORTISE_OPEN
#undef COMPOSITION
#endif

#endif
