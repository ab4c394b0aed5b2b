/* SPDX-License-Identifier: MIT */
/*
 * What a thread does with its slabs when its few hot steps do not answer. Part of layer/slab_wf.h.
 *
 * Bound of SELF(take), in steps of its own up to calling next: carve 16 blocks, look at the words
 * of SELF(looks) + 1 slabs, link 64 blocks, and a constant; with slabs of 64 KiB that is at most
 * 16 + 9 * 64 + 64 steps. Without a bound are SELF(purge), which runs when a thread ends and in
 * trim, and SELF(take) after next has refused memory.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_wf.h"
#else
enum {
    SELF(record_bytes) = sizeof(struct mortise_wf_slab) + SELF(slab_size) / 16 / 8,
    SELF(share) = SELF(record_bytes) * 6 /* a few records, for which a thread comes at a time */
};

/* A granule of records, of which threads take shares by adding to `used`. */
struct SELF(pool) {
    size_t used;
    char records[MORTISE_CACHE_LINE] MORTISE_ALIGNED(MORTISE_CACHE_LINE); /* the first of them */
};

/* From the beginning of the granule, of which `records` is no more than a line. */
MORTISE_SLOW char *SELF(records_of)(struct SELF(pool) * pool)
{
    return (char *)pool + offsetof(struct SELF(pool), records);
}

MORTISE_SLOW void SELF(add_records)(SELF_LOCAL *local, char *at, size_t bytes)
{
    for (; bytes >= SELF(record_bytes); bytes -= SELF(record_bytes), at += SELF(record_bytes)) {
        struct mortise_wf_slab *record = (struct mortise_wf_slab *)(void *)at;
        record->next = local->records;
        local->records = record;
    }
}

/* Acquire and release: who takes a share sees a pool that its maker has finished. */
MORTISE_SLOW void SELF(fetch_records)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    const size_t room = MORTISE_GRANULE - offsetof(struct SELF(pool), records);
    struct SELF(pool) *pool = MORTISE_LOAD_ACQUIRE(&heap->pool);
    if (pool != NULL) {
        size_t used = MORTISE_ADD_RELAXED(&pool->used, SELF(share)); /* counts only */
        if (used + SELF(share) <= room) {
            SELF(add_records)(local, SELF(records_of)(pool) + used, SELF(share));
            return;
        }
    }
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, MORTISE_GRANULE, MORTISE_GRANULE);
    struct SELF(pool) *fresh = (struct SELF(pool) *)NEXT_COLD(alloc)(&ctx, heap, local)->ptr;
    if (fresh == NULL)
        return;
    if (!ctx.zeroed)
        mortise_set((void *)fresh, 0, MORTISE_GRANULE);
    fresh->used = SELF(share);
    if (MORTISE_CAS_ACQ_REL(&heap->pool, &pool, fresh))
        SELF(add_records)(local, SELF(records_of)(fresh), SELF(share));
    else /* another thread was faster: this pool has one user */
        SELF(add_records)(local, SELF(records_of)(fresh), room);
}

/* A record, all of whose bits are 0, or NULL. They are never returned while the heap lives. */
MORTISE_SLOW struct mortise_wf_slab *SELF(get_record)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (local->records == NULL)
        SELF(fetch_records)(heap, local);
    struct mortise_wf_slab *record = local->records;
    if (record != NULL)
        local->records = record->next;
    return record;
}

MORTISE_PLAIN void SELF(put_record)(SELF_LOCAL *local, struct mortise_wf_slab *record)
{
    record->next = local->records;
    local->records = record;
}

MORTISE_PLAIN void SELF(begin)(SELF_LOCAL *local, struct mortise_wf_slab *slab, unsigned szcls)
{
    mortise_wf_begin(slab, local, szcls, SIZECLASS(szcls_to_size)(szcls, CLASSES),
                     SIZECLASS(szcls_to_reciprocal)(szcls, CLASSES));
}

MORTISE_PLAIN size_t SELF(slab_bytes)(unsigned szcls)
{
    size_t bytes = mortise_round_up(8 * SIZECLASS(szcls_to_size)(szcls, CLASSES), MORTISE_GRANULE);
    return bytes > SELF(slab_size) ? bytes : (size_t)SELF(slab_size);
}

/* A slab for a class from the neighbour, in no list, or NULL. */
MORTISE_SLOW struct mortise_wf_slab *SELF(make_slab)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                     unsigned szcls)
{
    struct mortise_wf_slab *slab = SELF(get_record)(heap, local);
    if (slab == NULL)
        return NULL;
    size_t bytes = SELF(slab_bytes)(szcls);
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, bytes, MORTISE_GRANULE);
    if (SELF(fetch_region)(&ctx, heap, local)) {
        slab->region_owned = ctx.owned;
        slab->base = (char *)ctx.ptr;
        slab->bytes = bytes;
        SELF(begin)(local, slab, szcls);
        uint64_t owned = (uint64_t)(uintptr_t)slab | SELF(number)();
        if (SELF(claim_region)(&ctx, heap, local, owned))
            return slab;
    }
    SELF(put_record)(local, slab);
    return NULL;
}

/* Gives an empty slab back to the neighbour; false where it refuses. */
MORTISE_SLOW bool SELF(give_back)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_wf_slab *slab)
{
    bool gone = SELF(return_region)(heap, local, slab->base, slab->bytes, slab->region_owned);
    if (gone)
        SELF(put_record)(local, slab);
    return gone;
}

/* Takes an empty slab out of use. It is in no list. */
MORTISE_SLOW void SELF(retire)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_wf_slab *slab,
                               unsigned most)
{
    bool small = slab->bytes == SELF(slab_size);
    if (small && local->empties < most) {
        slab->next = local->empty;
        local->empty = slab;
        local->empties++;
    } else if (!SELF(give_back)(heap, local, slab)) {
        SELF(begin)(local, slab, slab->szcls); /* kept where its class finds it */
        mortise_wf_carve_some(slab);
        mortise_wf_link(&local->partial[slab->szcls], slab);
    }
}

/* A slab of a class with room, in no list: one that has some, one of few full ones that others have
 * freed blocks of, an empty one, or a new one. NULL: memory is out. */
MORTISE_SLOW struct mortise_wf_slab *SELF(find_slab)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                     unsigned szcls, unsigned looks)
{
    struct mortise_wf_slab *slab = local->partial[szcls];
    if (slab != NULL) {
        mortise_wf_unlink(&local->partial[szcls], slab);
        return slab;
    }
    const struct mortise_wf_slab *first = local->full[szcls];
    for (; looks != 0 && (slab = local->full[szcls]) != NULL; looks--) {
        mortise_wf_reopen(slab);
        if (mortise_wf_collect(slab)) {
            mortise_wf_unlink(&local->full[szcls], slab);
            return slab;
        }
        mortise_wf_close(slab);
        local->full[szcls] = slab->next;
        if (slab->next == first)
            break; /* these were all */
    }
    if (local->empty != NULL && SELF(slab_bytes)(szcls) == SELF(slab_size)) {
        slab = local->empty;
        local->empty = slab->next;
        local->empties--;
        SELF(begin)(local, slab, szcls);
        return slab;
    }
    return SELF(make_slab)(heap, local, szcls);
}

/* A block of a class, or NULL. */
MORTISE_APART void *SELF(take)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    struct mortise_wf_slab *slab = SELF(active)(local, szcls);
    if (slab == NULL ||
        (slab->free == NULL && !mortise_wf_collect(slab) && !mortise_wf_carve_some(slab))) {
        struct mortise_wf_slab *found = SELF(find_slab)(heap, local, szcls, SELF(looks));
        if (found == NULL) /* then any slab will do, whatever it takes to find it */
            found = SELF(find_slab)(heap, local, szcls, UINT_MAX);
        if (found == NULL)
            return NULL;
        if (slab != NULL) {
            slab->count -= mortise_wf_active;
            mortise_wf_close(slab);
            mortise_wf_link(&local->full[szcls], slab);
        }
        slab = found;
        SELF(set_active)(local, szcls, slab);
        if (slab->free == NULL)
            mortise_wf_carve_some(slab);
    }
    void *block = slab->free;
    slab->free = *(void **)block;
    slab->count++;
    return block;
}

/* After a free that left count 0, see data/wf_slab.h. */
MORTISE_SLOW void SELF(look_at)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_wf_slab *slab)
{
    unsigned szcls = slab->szcls;
    if (slab->full) {
        mortise_wf_reopen(slab);
        mortise_wf_unlink(&local->full[szcls], slab);
        mortise_wf_link(&local->partial[szcls], slab);
    }
    if (slab->count == 0) {
        mortise_wf_unlink(&local->partial[szcls], slab);
        SELF(retire)(heap, local, slab, SLAB_WF_TLLABS);
    }
}

/* Up to ctx->count blocks of ctx->size bytes. */
MORTISE_SLOW void SELF(take_batch)(SELF_HEAP *heap, SELF_LOCAL *local, mctx_t *ctx)
{
    unsigned szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES), got = 0;
    void *chain = NULL, **last = &chain;
    for (void *block; got < ctx->count; got++, last = (void **)block) {
        block = SELF(take)(heap, local, szcls);
        if (block == NULL)
            break;
        *last = block;
    }
    *last = NULL;
    ctx->ptr = chain;
    ctx->count = got;
}

/* Blocks of another thread that lie close together, to be freed by one atomic operation. */
struct SELF(bits) {
    uint64_t *word; /* NULL: none */
    uint64_t bits;
};

MORTISE_PLAIN void SELF(set_bits)(const struct SELF(bits) * bits)
{
    if (bits->word != NULL)
        mortise_wf_remote_free_bits(bits->word, bits->bits);
}

MORTISE_PLAIN void SELF(add_bit)(struct SELF(bits) * bits, struct mortise_wf_slab *slab,
                                 const void *block)
{
    size_t index = mortise_wf_index(slab, block);
    uint64_t *word = &mortise_wf_bits(slab)[index / 64];
    if (word != bits->word) {
        SELF(set_bits)(bits);
        bits->word = word;
        bits->bits = 0;
    }
    bits->bits |= (uint64_t)1 << (index % 64);
}

MORTISE_SLOW void SELF(purge_class)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    struct mortise_wf_slab *all = NULL, *slab = SELF(active)(local, szcls);
    if (slab != NULL) {
        slab->count -= mortise_wf_active;
        local->active[szcls] = 0;
        mortise_wf_link(&all, slab);
    }
    while ((slab = local->partial[szcls]) != NULL) {
        mortise_wf_unlink(&local->partial[szcls], slab);
        mortise_wf_link(&all, slab);
    }
    while ((slab = local->full[szcls]) != NULL) {
        mortise_wf_unlink(&local->full[szcls], slab);
        mortise_wf_reopen(slab);
        mortise_wf_link(&all, slab);
    }
    while ((slab = all) != NULL) {
        mortise_wf_unlink(&all, slab);
        while (mortise_wf_collect(slab)) {
        }
        if (slab->count == 0) {
            SELF(retire)(heap, local, slab, 0);
        } else if (slab->free != NULL || mortise_wf_carve_some(slab)) {
            mortise_wf_link(&local->partial[szcls], slab);
        } else {
            mortise_wf_close(slab);
            mortise_wf_link(&local->full[szcls], slab);
        }
    }
}

/* Collects everywhere, and gives all empty slabs back. */
MORTISE_SLOW void SELF(purge)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!local->begun)
        return;
    for (unsigned szcls = 0; szcls < SELF(classes); szcls++)
        SELF(purge_class)(heap, local, szcls);
    struct mortise_wf_slab *slab = local->empty;
    local->empty = NULL;
    local->empties = 0;
    while (slab != NULL) {
        struct mortise_wf_slab *next = slab->next;
        SELF(retire)(heap, local, slab, 0);
        slab = next;
    }
}

MORTISE_SLOW void SELF(add_slab)(struct mortise_stats *stats, const struct mortise_wf_slab *slab,
                                 uint32_t out)
{
    stats->free += slab->bytes - out * slab->block;
    stats->free_blocks += slab->capacity - out;
}

/* The free memory of this thread's slabs; those of others are not ours to read. */
MORTISE_SLOW void SELF(add_up)(SELF_LOCAL *local, struct mortise_stats *stats)
{
    for (unsigned szcls = 0; szcls < SELF(classes) && local->begun; szcls++) {
        struct mortise_wf_slab *slab = SELF(active)(local, szcls);
        if (slab != NULL)
            SELF(add_slab)(stats, slab, slab->count - mortise_wf_active);
        slab = local->partial[szcls];
        if (slab != NULL) {
            do {
                SELF(add_slab)(stats, slab, slab->count);
                slab = slab->next;
            } while (slab != local->partial[szcls]);
        }
    }
    for (struct mortise_wf_slab *slab = local->empty; slab != NULL; slab = slab->next)
        SELF(add_slab)(stats, slab, 0);
}

#endif
