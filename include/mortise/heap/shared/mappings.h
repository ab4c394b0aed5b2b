/* SPDX-License-Identifier: MIT */
/*
 * Objects and regions that are mappings of their own, each on record at its first granule with its
 * size in granules: an object as the layer's own, a region as nobody's until a layer claims it.
 * Part of the system layers that map memory.
 *
 * The layer has in its state of a heap what shared/mapped.h says, and `refused`, of data/refused.h:
 * what could not be unmapped serves again. MARK in the data of an entry is the layer's: on an
 * object it says that this is free.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_composition.h"
#include "../../socket/malloc_socket.h"
#else
#define MARK ((uint64_t)1 << 48)
#define LAYER_REFUSED

MORTISE_FAST size_t SELF(bytes_of)(uint64_t owned)
{
    return (size_t)(mortise_owner_data(owned) & (MARK - 1)) * MORTISE_GRANULE;
}

/* What is wrong with an address that is on record as `owned`, if an object should begin there. */
MORTISE_FAST enum mortise_error SELF(judge)(const void *address, uint64_t owned)
{
    if (mortise_owner_of(owned) != SELF(number)() ||
        ((uintptr_t)address & (MORTISE_GRANULE - 1)) != 0)
        return MORTISE_FOREIGN_POINTER;
    return (mortise_owner_data(owned) & MARK) != 0 ? MORTISE_DOUBLE_FREE : MORTISE_OK;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    enum mortise_error error = SELF(judge)(ctx->ptr, ctx->owned);
    ctx->usable = error == MORTISE_OK ? SELF(bytes_of)(ctx->owned) : 0;
    if (error != MORTISE_OK)
        ctx->status = error;
    return ctx;
}

MORTISE_SLOW bool SELF(record)(SELF_HEAP *heap, void *base, size_t size, bool object)
{
    return mortise_granule_map_set(
        &heap->map, base, MORTISE_GRANULE,
        mortise_owned(object ? SELF(number)() : 0, size / MORTISE_GRANULE));
}

/* Counts a mapping as an object, or no longer; modulo 2^n, so that `one` can be -1.
 * Counters order nothing. */
MORTISE_FAST void SELF(count_object)(SELF_HEAP *heap, size_t size, size_t one)
{
    MORTISE_ADD_RELAXED(&heap->direct, size * one);
    MORTISE_ADD_RELAXED(&heap->directs, one);
}

MORTISE_FAST void SELF(count)(SELF_HEAP *heap, size_t size, bool object)
{
    MORTISE_ADD_RELAXED(&heap->system, size);
    if (object)
        SELF(count_object)(heap, size, 1);
}

/* What the kernel did not unmap, because it cannot split its record of the mappings: without pages,
 * or, where those cannot go, zero, it waits for a request. If it cannot even do that it is on
 * record for the end of the heap. */
MORTISE_SLOW void SELF(refuse)(SELF_HEAP *heap, void *base, size_t size)
{
    struct mortise_refused_piece piece = {(char *)base, size};
    if (!mortise_os_purge(base, size))
        mortise_set(base, 0, size);
    if (!mortise_refused_add(&heap->refused, &heap->map, piece))
        SELF(record)(heap, base, size, false);
}

/* Memory that was refused, not on record, or NULL. */
MORTISE_SLOW char *SELF(take_refused)(SELF_HEAP *heap, size_t size, size_t align)
{
    if (MORTISE_LOAD_RELAXED(&heap->refused.regions) == 0 || align > MORTISE_GRANULE)
        return NULL;
    char *base = mortise_refused_take(&heap->refused, &heap->map, size);
    if (base != NULL)
        MORTISE_SUB_RELAXED(&heap->system, size); /* whoever has it counts it again */
    return base;
}

/* Has the kernel look at so many of them again, for it may have room by now. The bytes it took. */
MORTISE_SLOW size_t SELF(return_refused)(SELF_HEAP *heap, size_t most)
{
    size_t bytes = mortise_refused_give_back(&heap->refused, &heap->map, most);
    MORTISE_SUB_RELAXED(&heap->system, bytes);
    return bytes;
}

/* False when the kernel refuses. */
MORTISE_SLOW bool SELF(unmap)(SELF_HEAP *heap, void *base, size_t size, bool object)
{
    mortise_granule_map_set(&heap->map, base, object ? MORTISE_GRANULE : size, 0);
    if (object)
        SELF(count_object)(heap, size, (size_t)-1);
    if (!mortise_os_unmap(base, size)) {
        SELF(refuse)(heap, base, size);
        return false;
    }
    MORTISE_SUB_RELAXED(&heap->system, size);
    return true;
}

/* An object under another size, or NULL. Whether there is memory is found out by mapping the new
 * place, and there is room for its entry before the pages go there: so that hardly anything can
 * fail afterwards. The entry is made after that, for where they do not go the place may be another
 * thread's at once. */
MORTISE_SLOW void *SELF(remap)(SELF_HEAP *heap, void *base, size_t old_size, size_t new_size,
                               bool may_move)
{
    void *result = base;
    if (old_size == new_size)
        return base;
    if (mortise_os_resize(base, old_size, new_size)) {
        SELF(record)(heap, base, new_size, true);
    } else if (may_move) {
        result = mortise_os_map(new_size, MORTISE_GRANULE);
        if (result == NULL)
            return NULL;
        if (!mortise_granule_map_prepare(&heap->map, result)) {
            mortise_os_unmap(result, new_size);
            return NULL;
        }
        mortise_granule_map_set(&heap->map, base, MORTISE_GRANULE, 0);
        bool moved = mortise_os_move(base, old_size, result, new_size);
        SELF(record)(heap, moved ? result : base, moved ? new_size : old_size, true);
        if (!moved)
            return NULL;
    } else {
        return NULL;
    }
    MORTISE_ADD_RELAXED(&heap->system, new_size - old_size); /* modulo 2^n: shrinking subtracts */
    MORTISE_ADD_RELAXED(&heap->direct, new_size - old_size);
    return result;
}

/* At the end of a heap, a run of equal entries: granules that a layer claimed, or mappings of equal
 * size. */
MORTISE_SLOW void SELF(unmap_run)(void *self, void *base, size_t size, uint64_t entry)
{
    (void)self;
    unsigned owner = mortise_owner_of(entry);
    if ((owner != 0 && owner != SELF(number)()) || mortise_owner_data(entry) == 1) {
        mortise_os_unmap(base, size);
        return;
    }
    size_t each = mortise_is_refused(entry) ? mortise_refused_size(entry) : SELF(bytes_of)(entry);
    for (size_t at = 0; at < size; at += MORTISE_GRANULE)
        mortise_os_unmap((char *)base + at, each);
}

#endif
