/* SPDX-License-Identifier: MIT */
/*
 * wfslabm - what the model wfslab composes, written by hand: to measure what composing costs
 *
 * The same algorithm with the same parameters (models/wfslab.mortise), as one would write it who
 * has no framework: nothing of Mortise is included, the layers are parts of one another. It serves
 * one heap, and has no policies, statistics or sanitizers. tests/overhead compares the two.
 *
 *     gcc -std=gnu11 -O3 -fPIC -shared -fvisibility=hidden -fno-builtin-malloc wfslabm.c
 */
#include "thread.h"

#define EXPORT __attribute__((visibility("default")))

COLD void say_foreign(const void *block)
{
    static const char digits[] = "0123456789abcdef";
    char line[] = "wfslabm: foreign-pointer or double-free: 0x0000000000000000\n";
    uintptr_t rest = (uintptr_t)block;
    for (size_t at = sizeof line - 3; rest != 0; at--, rest >>= 4)
        line[at] = digits[rest & 15];
    int saved = errno;
    if (write(2, line, sizeof line - 1) < 0)
        errno = saved;
}

HOT void release(void *block);

/* What was freed while a fork was under way. */
struct postponed {
    struct postponed *next;
    void *block;
};

static struct postponed *postponed;

COLD void free_postponed(void)
{
    struct postponed *one =
        __atomic_exchange_n(&postponed, (struct postponed *)NULL, __ATOMIC_SEQ_CST);
    while (one != NULL) {
        struct postponed *next = one->next;
        void *block = one->block;
        reserve_free(one);
        release(block);
        one = next;
    }
}

COLD void postpone_free(void *block)
{
    struct postponed *one = (struct postponed *)reserve_alloc(sizeof *one, 16);
    if (one == NULL) {
        while (__atomic_load_n(&forking, __ATOMIC_RELAXED) >= FORK_ONE)
            sched_yield();
        release(block);
        return;
    }
    one->block = block;
    one->next = __atomic_load_n(&postponed, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&postponed, &one->next, one, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED)) {
    }
    if (__atomic_load_n(&forking, __ATOMIC_SEQ_CST) < FORK_ONE)
        free_postponed();
}

/* The least class of which all blocks lie at multiples of `align`; CLASSES: none. */
COLD unsigned aligned_class_of(size_t size, size_t align)
{
    unsigned szcls = class_of(size > align ? size : align);
    while (szcls < CLASSES && class_size[szcls] % align != 0)
        szcls++;
    return szcls;
}

/* What comes from elsewhere than the active slab. */
struct found {
    void *block;
    bool fresh; /* all of it is zero */
};

COLD struct found try_again(size_t size, size_t align);

/* `last`: after memory was given back, so that there is nothing left to try. */
APART struct found obtain(size_t size, size_t align, bool last)
{
    struct thread *thread = self;
    struct found found = {NULL, false};
    size_t judged = align > 16 && align > size ? align : size;
    uint32_t *inside = enter(thread);
    if (UNLIKELY(inside == NULL)) {
        found.block = reserve_alloc(size, align);
        if (found.block == NULL)
            errno = ENOMEM;
        return found;
    }
    if (UNLIKELY(!thread->large.begun))
        thread = attach(thread);
    unsigned szcls = CLASSES;
    if (judged <= SMALL_MOST)
        szcls = LIKELY(align <= 16) ? class_of(size) : aligned_class_of(size, align);
    if (LIKELY(szcls < CLASSES && thread->large.begun)) {
        found.block = take_block(thread, szcls);
    } else if (judged >= SMALL_MOST && judged <= (size_t)1 << 30 && align <= GRANULE) {
        bool fresh;
        found.block = take_large(&thread->large, judged, &fresh);
        found.fresh = fresh;
    } else {
        found.block = map_object(size, align);
        found.fresh = true;
    }
    leave(inside);
    return LIKELY(found.block != NULL) || last ? found : try_again(size, align);
}

COLD size_t trim(void)
{
    size_t before = __atomic_load_n(&mapped, __ATOMIC_RELAXED);
    enter_or_wait();
    lock(&states_lock);
    struct thread *idle = idle_states;
    idle_states = NULL;
    unlock(&states_lock);
    while (idle != NULL) {
        struct thread *next = idle->next_idle;
        end_state(idle);
        idle = next;
    }
    struct thread *mine = attach(self);
    purge(mine);
    release_larges(&mine->large);
    leave(&strangers);
    size_t after = __atomic_load_n(&mapped, __ATOMIC_RELAXED);
    return before > after ? before - after : 0;
}

COLD struct found try_again(size_t size, size_t align)
{
    struct found found = {NULL, false};
    if (size <= MOST_BYTES) {
        trim();
        found = obtain(size, align, true);
    }
    if (found.block == NULL)
        errno = ENOMEM;
    return found;
}

/* The active slab's first block, or NULL, also where the size is no small one. */
HOT void *take_active(size_t size)
{
    struct thread *thread = self;
    unsigned szcls;
    if (LIKELY(size <= FINE_MOST))
        szcls = fine_class_of(size);
    else if (size <= SMALL_MOST)
        szcls = class_of(size);
    else
        return NULL;
    size_t offset = thread->active[szcls];
    void *block = slab_at(thread, offset)->free;
    if (UNLIKELY(block == NULL))
        return NULL;
    OPAQUE(block);
    OPAQUE(offset);
    slab_at(thread, offset)->free = *(void **)block;
    OPAQUE(offset);
    slab_at(thread, offset)->count++;
    return block;
}

EXPORT void *malloc(size_t size)
{
    void *block = take_active(size);
    return LIKELY(block != NULL) ? block : obtain(size, 16, false).block;
}

EXPORT void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (UNLIKELY(__builtin_mul_overflow(count, size, &bytes)))
        bytes = SIZE_MAX;
    struct found found = {take_active(bytes), false};
    if (UNLIKELY(found.block == NULL))
        found = obtain(bytes, 16, false);
    if (found.block == NULL || found.fresh)
        return found.block;
    return memset(found.block, 0, bytes);
}

/* A block of a large class, a mapping, one of the reserve, or none of ours; or a slab of this
 * thread that has to be looked at, in which the block is free already. */
APART void free_slowly(void *block)
{
    struct thread *thread = self;
    uint64_t owner = owner_of(block);
    bool done = (owner & SLAB) != 0, ours = true;
    uint32_t *inside = enter(thread);
    if (UNLIKELY(inside == NULL)) {
        if (!done)
            postpone_free(block);
        return;
    }
    if (done)
        look_at(thread, (struct slab *)(uintptr_t)(owner - SLAB));
    else if ((owner & LARGE) != 0 && large_of(owner)->base == block)
        ours = free_large(&thread->large, large_of(owner));
    else if ((owner & MAPPING) != 0 && (uintptr_t)block % GRANULE == 0)
        unmap_object(block, owner);
    else
        ours = false;
    leave(inside);
    if (ours || block == NULL)
        return;
    if (reserve_has(block))
        reserve_free(block);
    else
        say_foreign(block);
}

HOT void release(void *block)
{
    struct thread *thread = self;
    uint64_t owner = owner_of(block);
    if (LIKELY((owner & SLAB) != 0)) {
        if (UNLIKELY(((struct slab *)(uintptr_t)(owner - SLAB))->owner != thread)) {
            free_remote(block, owner);
            return;
        }
        OPAQUE(owner);
        put_block((struct slab *)(uintptr_t)(owner - SLAB), block);
        OPAQUE(owner);
        if (LIKELY(--((struct slab *)(uintptr_t)(owner - SLAB))->count != 0))
            return;
    }
    free_slowly(block);
}

EXPORT void free(void *block)
{
    release(block);
}

HOT size_t usable(const void *block, uint64_t owner)
{
    if ((owner & SLAB) != 0)
        return ((struct slab *)(uintptr_t)(owner - SLAB))->block;
    if ((owner & LARGE) != 0)
        return large_of(owner)->bytes;
    if ((owner & MAPPING) != 0 && (uintptr_t)block % GRANULE == 0)
        return mapping_size(owner);
    return block != NULL && reserve_has(block) ? reserved_of(block)->size : 0;
}

EXPORT size_t malloc_usable_size(void *block)
{
    size_t size = usable(block, owner_of(block));
    if (size == 0 && block != NULL)
        say_foreign(block);
    return size;
}

APART void *resize(void *block, size_t size)
{
    uint64_t owner = owner_of(block);
    size_t old = usable(block, owner);
    if (old == 0 && !reserve_has(block)) {
        say_foreign(block);
        return NULL;
    }
    if (size <= old && old - size <= old / 4)
        return block;
    if ((owner & SLAB) == 0 && (owner & LARGE) != 0 && size >= SMALL_MOST && size <= old &&
        large_class_of(size) == large_of(owner)->szcls)
        return block; /* it would get one of the same class */
    if ((owner & (SLAB | LARGE)) == 0 && (owner & MAPPING) != 0) {
        uint32_t *inside = enter(self);
        void *moved = inside != NULL ? resize_object(block, owner, size) : NULL;
        if (inside != NULL)
            leave(inside);
        if (moved != NULL)
            return moved;
    }
    void *copy = take_active(size);
    if (copy == NULL)
        copy = obtain(size, 16, size <= old).block;
    if (copy == NULL)
        return size <= old ? block : NULL;
    memcpy(copy, block, size < old ? size : old);
    release(block);
    return copy;
}

EXPORT void *realloc(void *block, size_t size)
{
    if (block == NULL) {
        block = take_active(size);
        return LIKELY(block != NULL) ? block : obtain(size, 16, false).block;
    }
    if (size == 0) {
        release(block);
        return NULL;
    }
    return resize(block, size);
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    return obtain(size, align, false).block;
}

EXPORT void *memalign(size_t align, size_t size)
{
    if (align > MOST_BYTES / 2) {
        errno = EINVAL;
        return NULL;
    }
    if (align > 1 && (align & (align - 1)) != 0)
        align = (size_t)1 << (64 - (unsigned)__builtin_clzll(align));
    return obtain(size, align, false).block;
}

EXPORT int posix_memalign(void **result, size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0 || align % sizeof(void *) != 0)
        return EINVAL;
    int saved = errno;
    void *block = memalign(align, size);
    errno = saved;
    if (block == NULL)
        return ENOMEM;
    *result = block;
    return 0;
}

EXPORT void *valloc(size_t size)
{
    return obtain(size, (size_t)sysconf(_SC_PAGESIZE), false).block;
}

EXPORT void *pvalloc(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (size > MOST_BYTES) {
        errno = ENOMEM;
        return NULL;
    }
    return obtain(round_up(size, page), page, false).block;
}

EXPORT int malloc_trim(size_t keep)
{
    (void)keep;
    return trim() != 0;
}
