/* SPDX-License-Identifier: MIT */
/*
 * Slabs of wfslabm: each belongs to a thread, and a block that another thread frees is one bit in
 * the slab's record. For the states of a slab and its count see wfslab's own data/wf_slab.h.
 */
#ifndef WFSLABM_SLAB_H
#define WFSLABM_SLAB_H

#include "large.h"

enum { SLAB_SIZE = 65536, KEPT_EMPTY = 40, LOOKS = 8, CARVE = 16, ACTIVE = 1 << 30 };

struct thread;

struct slab {
    const struct thread *owner;
    char *base;
    size_t block, bytes;
    uint64_t region_owner;
    uint32_t reciprocal, szcls;

    void *free __attribute__((aligned(LINE)));
    uint32_t count, withheld, carved, capacity, words, next_word;
    bool full;
    struct slab *next, *prev;
} __attribute__((aligned(LINE)));

enum { RECORD = sizeof(struct slab) + SLAB_SIZE / 16 / 8, SHARE = 6 * RECORD };

/* What a thread has of it all. At first everybody has `nobody`, in which nothing is to be found. */
struct thread {
    struct slab none;
    size_t active[CLASSES]; /* how far the slab that serves a class is from `none` */
    struct slab *partial[CLASSES], *full[CLASSES];
    struct slab *empty, *records;
    unsigned empties;
    struct larges large;
    struct thread *next, *next_idle;
    uint32_t number; /* of the thread, 0: idle */
    uint32_t inside; /* see thread.h */
} __attribute__((aligned(LINE)));

struct pool {
    size_t used;
    char records[LINE] __attribute__((aligned(LINE)));
};

static struct pool *record_pool;

HOT struct slab *slab_at(struct thread *thread, size_t offset)
{
    return (struct slab *)((uintptr_t)&thread->none + offset);
}

HOT uint64_t *bits_of(struct slab *slab)
{
    return (uint64_t *)(slab + 1);
}

HOT size_t slab_bytes(unsigned szcls)
{
    return round_up((size_t)8 * class_size[szcls], GRANULE);
}

static void link_slab(struct slab **ring, struct slab *slab)
{
    struct slab *first = *ring;
    slab->next = first != NULL ? first : slab;
    slab->prev = first != NULL ? first->prev : slab;
    slab->prev->next = slab;
    slab->next->prev = slab;
    *ring = slab;
}

static void unlink_slab(struct slab **ring, struct slab *slab)
{
    slab->prev->next = slab->next;
    slab->next->prev = slab->prev;
    if (*ring == slab)
        *ring = slab->next != slab ? slab->next : NULL;
}

static void reopen(struct slab *slab)
{
    slab->count += slab->withheld;
    slab->withheld = 0;
    slab->full = false;
}

static void close_slab(struct slab *slab)
{
    slab->withheld = slab->count - 1;
    slab->count = 1;
    slab->full = true;
}

static void begin_slab(struct thread *thread, struct slab *slab, unsigned szcls)
{
    slab->owner = thread;
    slab->szcls = szcls;
    slab->block = class_size[szcls];
    slab->reciprocal = reciprocal_of(slab->block);
    slab->free = NULL;
    slab->count = slab->withheld = slab->carved = slab->next_word = 0;
    slab->capacity = (uint32_t)(slab->bytes / slab->block);
    slab->words = (slab->capacity + 63) / 64;
    slab->full = false;
}

HOT void put_block(struct slab *slab, void *block)
{
    *(void **)block = slab->free;
    slab->free = block;
}

APART bool carve_some(struct slab *slab)
{
    uint32_t left = slab->capacity - slab->carved, some = CARVE;
    if (slab->block > PAGE / CARVE) /* a few bytes for each page that is touched */
        some = slab->block > PAGE ? 1 : (uint32_t)(PAGE / slab->block);
    if (some > left)
        some = left;
    char *at = slab->base + slab->block * (slab->carved + some);
    for (uint32_t i = 0; i < some; i++) {
        at -= slab->block;
        put_block(slab, at);
    }
    slab->carved += some;
    return some != 0;
}

/* One word of what others freed. */
APART bool collect(struct slab *slab)
{
    for (uint32_t looks = 0; looks < slab->words; looks++) {
        uint32_t word = slab->next_word;
        uint64_t *bits = &bits_of(slab)[word];
        slab->next_word = word + 1 < slab->words ? word + 1 : 0;
        if (__atomic_load_n(bits, __ATOMIC_RELAXED) == 0)
            continue;
        uint64_t found = __atomic_exchange_n(bits, 0, __ATOMIC_ACQUIRE);
        slab->count -= (uint32_t)__builtin_popcountll(found);
        char *first = slab->base + slab->block * 64 * word;
        for (; found != 0; found &= found - 1)
            put_block(slab, first + slab->block * (unsigned)__builtin_ctzll(found));
        return true;
    }
    return false;
}

static void put_records(struct thread *thread, char *at, size_t bytes)
{
    for (; bytes >= RECORD; bytes -= RECORD, at += RECORD) {
        ((struct slab *)at)->next = thread->records;
        thread->records = (struct slab *)at;
    }
}

COLD void *take_granule(struct thread *thread, bool *fresh)
{
    return take_large(&thread->large, GRANULE, fresh);
}

COLD void fetch_records(struct thread *thread)
{
    struct pool *pool = __atomic_load_n(&record_pool, __ATOMIC_ACQUIRE);
    if (pool != NULL) {
        size_t used = __atomic_fetch_add(&pool->used, SHARE, __ATOMIC_RELAXED);
        if (used + SHARE <= GRANULE - offsetof(struct pool, records)) {
            put_records(thread, pool->records + used, SHARE);
            return;
        }
    }
    bool zero;
    struct pool *fresh = (struct pool *)take_granule(thread, &zero);
    if (fresh == NULL)
        return;
    if (!zero)
        memset(fresh, 0, GRANULE);
    fresh->used = SHARE;
    if (__atomic_compare_exchange_n(&record_pool, &pool, fresh, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        put_records(thread, fresh->records, SHARE);
    else
        put_records(thread, fresh->records, GRANULE - offsetof(struct pool, records));
}

static void put_record(struct thread *thread, struct slab *slab)
{
    slab->next = thread->records;
    thread->records = slab;
}

COLD struct slab *make_slab(struct thread *thread, unsigned szcls)
{
    if (thread->records == NULL)
        fetch_records(thread);
    struct slab *slab = thread->records;
    if (slab == NULL)
        return NULL;
    thread->records = slab->next;
    slab->bytes = slab_bytes(szcls);
    bool zero;
    slab->base = (char *)take_large(&thread->large, slab->bytes, &zero);
    if (slab->base != NULL) {
        slab->region_owner = owner_of(slab->base);
        /* A large block is a power of two: more than these 8 blocks need not all be used. */
        begin_slab(thread, slab, szcls);
        if (set_owner(slab->base, slab->bytes, (uintptr_t)slab | SLAB))
            return slab;
        return_region(&thread->large, slab->base, slab->region_owner);
    }
    put_record(thread, slab);
    return NULL;
}

COLD void retire(struct thread *thread, struct slab *slab, unsigned most)
{
    if (slab->bytes == SLAB_SIZE && thread->empties < most) {
        slab->next = thread->empty;
        thread->empty = slab;
        thread->empties++;
        return;
    }
    return_region(&thread->large, slab->base, slab->region_owner);
    put_record(thread, slab);
}

COLD struct slab *find_slab(struct thread *thread, unsigned szcls, unsigned looks)
{
    struct slab *slab = thread->partial[szcls];
    if (slab != NULL) {
        unlink_slab(&thread->partial[szcls], slab);
        return slab;
    }
    const struct slab *first = thread->full[szcls];
    for (; looks != 0 && (slab = thread->full[szcls]) != NULL; looks--) {
        reopen(slab);
        if (collect(slab)) {
            unlink_slab(&thread->full[szcls], slab);
            return slab;
        }
        close_slab(slab);
        thread->full[szcls] = slab->next;
        if (slab->next == first)
            break;
    }
    if (thread->empty != NULL && slab_bytes(szcls) == SLAB_SIZE) {
        slab = thread->empty;
        thread->empty = slab->next;
        thread->empties--;
        begin_slab(thread, slab, szcls);
        return slab;
    }
    return make_slab(thread, szcls);
}

APART void *take_block(struct thread *thread, unsigned szcls)
{
    struct slab *slab = thread->active[szcls] != 0 ? slab_at(thread, thread->active[szcls]) : NULL;
    if (slab == NULL || (slab->free == NULL && !collect(slab) && !carve_some(slab))) {
        struct slab *found = find_slab(thread, szcls, LOOKS);
        if (found == NULL)
            found = find_slab(thread, szcls, UINT32_MAX);
        if (found == NULL)
            return NULL;
        if (slab != NULL) {
            slab->count -= ACTIVE;
            close_slab(slab);
            link_slab(&thread->full[szcls], slab);
        }
        slab = found;
        slab->count += ACTIVE;
        thread->active[szcls] = (uintptr_t)slab - (uintptr_t)&thread->none;
        if (slab->free == NULL)
            carve_some(slab);
    }
    void *block = slab->free;
    slab->free = *(void **)block;
    slab->count++;
    return block;
}

/* After a free that left the count 0. */
COLD void look_at(struct thread *thread, struct slab *slab)
{
    unsigned szcls = slab->szcls;
    if (slab->full) {
        reopen(slab);
        unlink_slab(&thread->full[szcls], slab);
        link_slab(&thread->partial[szcls], slab);
    }
    if (slab->count == 0) {
        unlink_slab(&thread->partial[szcls], slab);
        retire(thread, slab, KEPT_EMPTY);
    }
}

APART void free_remote(void *block, uint64_t owner)
{
    struct slab *slab = (struct slab *)(uintptr_t)(owner - SLAB);
    size_t offset = (size_t)((const char *)block - slab->base);
    size_t index = (size_t)((uint64_t)(offset / 16) * slab->reciprocal >> 31);
    __atomic_fetch_or(&bits_of(slab)[index / 64], (uint64_t)1 << index % 64, __ATOMIC_RELEASE);
}

#endif
