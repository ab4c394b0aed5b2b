/* SPDX-License-Identifier: MIT */
/*
 * What a thread does with its arrays when its few hot steps do not answer. Part of
 * layer/slab_arrcache.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_arrcache.h"
#else
MORTISE_FAST uintptr_t SELF(slab_at)(const void *block)
{
    return (uintptr_t)block / SLAB_ARRCACHE_SLAB_SIZE;
}

/* The one array that can hold blocks of a class which lie in a slab. */
MORTISE_FAST unsigned SELF(number_of)(unsigned szcls, uintptr_t slab)
{
    return szcls * SLAB_ARRCACHE_SLABS + (unsigned)(slab % SLAB_ARRCACHE_SLABS);
}

MORTISE_FAST struct SELF(array) * SELF(active)(SELF_LOCAL *local, unsigned szcls)
{
    return (struct SELF(array) *)(void *)((char *)local->arrays + local->active[szcls]);
}

MORTISE_FAST void SELF(set_active)(SELF_LOCAL *local, unsigned szcls, unsigned number)
{
    local->active[szcls] = number * (uint32_t)sizeof(struct SELF(array));
}

MORTISE_FAST unsigned SELF(class_of)(unsigned number)
{
    return number / SLAB_ARRCACHE_SLABS;
}

MORTISE_FAST uint32_t SELF(base)(unsigned number)
{
    return number * SELF(stride);
}

/* How many blocks an array holds, come from the neighbour at a time, and go at a time. */
MORTISE_FAST uint32_t SELF(batch)(unsigned szcls)
{
    uint32_t batch = SIZECLASS(batch)(szcls, CLASSES);
    return batch < SLAB_ARRCACHE_SLOTS ? batch : SLAB_ARRCACHE_SLOTS;
}

MORTISE_FAST size_t SELF(most)(const SELF_LOCAL *local)
{
    (void)local;
    return SLAB_ARRCACHE_CACHE_SIZE;
}

MORTISE_FAST uint32_t SELF(limit)(const SELF_LOCAL *local, unsigned szcls)
{
    return local->allowed[szcls] * SELF(batch)(szcls);
}

MORTISE_FAST uint32_t SELF(longest)(unsigned szcls)
{
    return SLAB_ARRCACHE_SLABS * SELF(batch)(szcls);
}

MORTISE_FAST void SELF(raise)(SELF_LOCAL *local, unsigned szcls)
{
    local->allowed[szcls]++;
}

MORTISE_SLOW void SELF(begin)(SELF_LOCAL *local)
{
    for (unsigned i = 0; i < SELF(classes); i++)
        SELF(set_active)(local, i, i * SLAB_ARRCACHE_SLABS);
    for (unsigned i = 0; i < SELF(arrays); i++) {
        local->arrays[i].top = SELF(base)(i);
        local->arrays[i].end = SELF(base)(i) + SELF(batch)(SELF(class_of)(i));
    }
    local->begun = true;
}

MORTISE_FAST uint32_t SELF(held)(const SELF_LOCAL *local, unsigned number)
{
    return local->arrays[number].top - SELF(base)(number);
}

/* Gives up to `count` blocks of an array to the neighbour, those that have been kept longest. */
MORTISE_SLOW void SELF(flush)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned number, uint32_t count)
{
    void **blocks = &local->slots[SELF(base)(number) + 1];
    uint32_t held = SELF(held)(local, number);
    if (count > held)
        count = held;
    local->arrays[number].top -= count;
    SELF(send)(heap, local, blocks, count);
    mortise_move_down(blocks, blocks + count, (held - count) * sizeof *blocks);
}

/* Takes an array out of use. */
MORTISE_SLOW void SELF(release)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned number)
{
    if (local->arrays[number].slab == 0)
        return;
    SELF(flush)(heap, local, number, UINT32_MAX);
    local->arrays[number].slab = 0;
    local->used[SELF(class_of)(number)]--;
}

MORTISE_SLOW void SELF(drain)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; local->begun && i < SELF(arrays); i++)
        SELF(release)(heap, local, i);
}

MORTISE_SLOW void SELF(forget)(SELF_LOCAL *local)
{
    for (unsigned i = 0; i < SELF(arrays); i++) {
        local->arrays[i].top = SELF(base)(i);
        local->arrays[i].slab = 0;
    }
    mortise_set(local->used, 0, sizeof local->used);
}

/* The array of a class with the most blocks. */
MORTISE_SLOW unsigned SELF(fullest)(const SELF_LOCAL *local, unsigned szcls)
{
    unsigned first = szcls * SLAB_ARRCACHE_SLABS, best = first;
    for (unsigned i = first + 1; i < first + SLAB_ARRCACHE_SLABS; i++)
        if (SELF(held)(local, i) > SELF(held)(local, best))
            best = i;
    return best;
}

/* Releases the array of a class, one that is in use, with the fewest blocks. */
MORTISE_SLOW void SELF(release_emptiest)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    unsigned first = szcls * SLAB_ARRCACHE_SLABS, least = SELF(arrays);
    for (unsigned i = first; i < first + SLAB_ARRCACHE_SLABS; i++)
        if (local->arrays[i].slab != 0 &&
            (least == SELF(arrays) || SELF(held)(local, i) < SELF(held)(local, least)))
            least = i;
    if (least != SELF(arrays))
        SELF(release)(heap, local, least);
}

MORTISE_SLOW void SELF(lower)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    if (local->used[szcls] == local->allowed[szcls])
        SELF(release_emptiest)(heap, local, szcls);
    local->allowed[szcls]--;
}

#include "../shared/budget.h"

/* Makes an array ready for one block more of a slab; false where the class may not use any. */
MORTISE_SLOW bool SELF(make_room)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned number,
                                  uintptr_t slab)
{
    struct SELF(array) *array = &local->arrays[number];
    unsigned szcls = SELF(class_of)(number);
    if (array->slab == slab) {
        if (array->top == array->end)
            SELF(flush)(heap, local, number, (SELF(batch)(szcls) + 1) / 2);
        return true;
    }
    SELF(release)(heap, local, number);
    if (local->used[szcls] == local->allowed[szcls])
        SELF(widen)(heap, local, szcls);
    if (local->used[szcls] == local->allowed[szcls])
        SELF(release_emptiest)(heap, local, szcls);
    if (local->used[szcls] == local->allowed[szcls])
        return false;
    local->used[szcls]++;
    array->slab = slab;
    return true;
}

/* Keeps a block, or passes it on where there is no room to be had or the thread has no state. */
MORTISE_SLOW void SELF(give)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls, void *block)
{
    SELF_LOCAL *mine = SELF(attach)(heap, local);
    uintptr_t slab = SELF(slab_at)(block);
    unsigned number = SELF(number_of)(szcls, slab);
    if (mine->begun && SELF(make_room)(heap, mine, number, slab)) {
        mine->slots[++mine->arrays[number].top] = block;
        return;
    }
    SELF(send)(heap, mine, &block, 1);
}

/* A block of a class from the neighbour, and a batch for its arrays, which are empty. */
MORTISE_SLOW void *SELF(refill)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    void *rest[SLAB_ARRCACHE_SLOTS];
    mctx_t ctx = mctx_make(MORTISE_OBJECT, NULL, SIZECLASS(szcls_to_size)(szcls, CLASSES), 1);
    ctx.count = local->begun ? SELF(batch)(szcls) : 1;
    NEXT_COLD(alloc_batch)(&ctx, heap, local);
    if (ctx.count <= 1)
        return ctx.ptr;
    unsigned count = ctx.count - 1;
    mortise_unchain(*(void **)ctx.ptr, rest, count);
    for (unsigned i = 0; i < count; i++)
        SELF(give)(heap, local, szcls, rest[i]);
    return ctx.ptr;
}

/* A block of a class when the active array has none: the fullest one is the next. */
MORTISE_SLOW void *SELF(take)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    SELF_LOCAL *mine = SELF(attach)(heap, local);
    if (!mine->begun)
        return SELF(refill)(heap, mine, szcls);
    unsigned best = SELF(fullest)(mine, szcls);
    void *block = mine->slots[mine->arrays[best].top];
    if (block != NULL) {
        mine->arrays[best].top--;
    } else {
        block = SELF(refill)(heap, mine, szcls);
        best = SELF(fullest)(mine, szcls);
    }
    SELF(set_active)(mine, szcls, best);
    return block;
}

#endif
