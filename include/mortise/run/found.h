/* SPDX-License-Identifier: MIT */
/*
 * What a report says of who found a misuse that no layer has raised itself: the layer that owns the
 * place, or the composition. A template over COMPOSITION, part of malloc.h and own.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
MORTISE_SLOW struct mortise_description RUN(found)(uint64_t owned, const void *caller)
{
    unsigned layer = mortise_owner_of(owned);
    const struct mortise_layer_name *at = RUN(layer_names);
    while (at->name != NULL && at->number != layer)
        at++;
    return mortise_describe(layer != 0 ? at->name : MORTISE_STRING(COMPOSITION), SIZE_MAX, caller);
}

#endif
