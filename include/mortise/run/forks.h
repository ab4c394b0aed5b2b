/* SPDX-License-Identifier: MIT */
/*
 * fork: the process is copied while nobody is inside a heap, see announce.h. Part of run.h.
 *
 * The copies go on with whole heaps. In the child the states of the threads that did not come along
 * are made idle: they were at rest, except for what a layer does without announcing, of which it
 * takes care itself (MORTISE_FORK_ORPHAN).
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
/* Waits until nobody is at `inside`, and sees all that was done there. In one order with the change
 * of `forking` before, see announce_at. */
MORTISE_SLOW void RUN(drain)(const uint32_t *inside)
{
    for (unsigned looks = 1; MORTISE_LOAD_SEQ_CST(inside) != 0; looks++) {
        if (looks % 64 != 0)
            mortise_cpu_pause();
        else
            mortise_os_yield();
    }
}

/* Keeps everybody out, and waits until nobody is inside, but for the calling thread where it is one
 * of the program's. */
MORTISE_SLOW void RUN(come_to_rest)(bool but_mine)
{
    uint32_t before = MORTISE_ADD_SEQ_CST(&RUN(forking), MORTISE_FORK_ONE);
    if ((before & MORTISE_FORK_FENCE) == 0)
        mortise_os_heavy_fence();
    RUN(drain)(&RUN(strangers)); /* then nobody begins or ends: the lists stand still */
    for (struct mortise_life *life = RUN(heaps); life != NULL; life = life->next_heap) {
        const struct RUN(local) *mine = but_mine ? RUN(here)(RUN(heap_of)(life)) : NULL;
        for (struct mortise_link *link = life->all; link != NULL; link = link->next)
            if (RUN(local_of)(link) != mine)
                RUN(drain)(&link->inside);
    }
}

MORTISE_SLOW void RUN(fork_prepare)(void)
{
    MORTISE_UNREPORTED;
    RUN(come_to_rest)(true);
}

/* A block from the reserve: what an allocation gets while a fork is under way. */
MORTISE_SLOW void *RUN(alloc_elsewhere)(size_t size, size_t align)
{
    void *block = mortise_reserve_alloc(size, align);
    if (MORTISE_MARKS && block != NULL)
        mortise_poison_show(block, size, size);
    return block;
}

/* Frees that were put off until a fork is over, linked; each is a block of the reserve. */
struct RUN(late_free) {
    struct RUN(late_free) * next;
    struct RUN(heap) * heap;
    void *block;
};

static struct RUN(late_free) * RUN(late_frees) __attribute__((unused));

MORTISE_FAST void RUN(free_for)(struct RUN(heap) * heap, void *block, const void *caller);

/* Out of line: what waits is rare, and each place that frees would have the whole of it. */
MORTISE_SMALL void RUN(free_one)(struct RUN(heap) * heap, void *block)
{
    RUN(free_for)(heap, block, NULL); /* who called is gone */
}

/* Takes all, and sees the records and the blocks as they were when they were freed. In one order
 * with the end of a fork before and the look at it in free_later: no record is left to nobody. */
MORTISE_SLOW void RUN(free_late_ones)(void)
{
    struct RUN(late_free) *late =
        MORTISE_SWAP_SEQ_CST(&RUN(late_frees), (struct RUN(late_free) *)NULL);
    while (late != NULL) {
        struct RUN(late_free) *next = late->next;
        struct RUN(heap) *heap = late->heap;
        void *block = late->block;
        mortise_reserve_free(late);
        RUN(free_one)(heap, block);
        late = next;
    }
}

/* Frees a block once no fork is under way. Where memory is out even for that the block is lost: who
 * waited might hold what fork waits for. */
MORTISE_SLOW void RUN(free_later)(struct RUN(heap) * heap, void *block)
{
    struct RUN(late_free) *late = (struct RUN(late_free) *)mortise_reserve_alloc(
        sizeof(struct RUN(late_free)), __alignof__(struct RUN(late_free)));
    if (late == NULL)
        return;
    late->heap = heap;
    late->block = block;
    late->next = MORTISE_LOAD_RELAXED(&RUN(late_frees));
    /* Shows the record to whoever takes them all: the end of the fork, or, if that came before, the
     * call below. */
    while (!MORTISE_CAS_SEQ_CST(&RUN(late_frees), &late->next, late)) {
    }
    if (MORTISE_LOAD_SEQ_CST(&RUN(forking)) < MORTISE_FORK_ONE)
        RUN(free_late_ones)();
}

MORTISE_SLOW void RUN(fork_over)(void)
{
    mortise_os_wake(&RUN(forking), INT_MAX);
    RUN(free_late_ones)();
}

/* Ends what come_to_rest began. What was put off waits for a thread of the program: one that ends,
 * that trims, that forks, or that puts something off next. */
MORTISE_SLOW void RUN(go_on)(void)
{
    MORTISE_SUB_SEQ_CST(&RUN(forking), MORTISE_FORK_ONE);
    mortise_os_wake(&RUN(forking), INT_MAX);
}

MORTISE_SLOW void RUN(fork_parent)(void)
{
    MORTISE_UNREPORTED;
    RUN(go_on)();
    RUN(free_late_ones)();
}

MORTISE_SLOW void RUN(fork_child)(void)
{
    MORTISE_UNREPORTED;
    uint32_t thread = mortise_os_thread_id(), process = mortise_os_process_id();
    RUN(strangers) = 0; /* those who were about to look at `forking` have vanished */
    RUN(admitted) = 1;  /* nobody else is there, and what layers free must not be put off */
    for (struct mortise_life *life = RUN(heaps); life != NULL; life = life->next_heap) {
        struct RUN(heap) *heap = RUN(heap_of)(life);
        const struct RUN(local) *mine = RUN(here)(heap);
        struct RUN(mctx) child = RUN(mctx_make)(MORTISE_FORK_CHILD, NULL, 0, 1);
        RUN(enter_fork)(&child, heap, RUN(here)(heap));
        for (struct mortise_link *link = life->all; link != NULL; link = link->next) {
            struct RUN(local) *local = RUN(local_of)(link);
            if (local == mine) {
                link->thread = thread; /* the child's only thread has a new number */
                link->process = process;
            } else if (link->thread != 0) {
                struct RUN(mctx) orphan = RUN(mctx_make)(MORTISE_FORK_ORPHAN, NULL, 0, 1);
                link->inside = 0;
                RUN(enter_fork)(&orphan, heap, local);
                if (orphan.status == MORTISE_OK)
                    RUN(leave)(heap, local);
                else
                    link->thread = 0; /* a layer cannot vouch for the state: it serves no more */
            }
        }
    }
    RUN(background_forked)();
    RUN(admitted) = 0;
    MORTISE_STORE_RELEASE(&RUN(forking), RUN(forking) & MORTISE_FORK_FENCE); /* nobody else yet */
    RUN(fork_over)();
}

MORTISE_SLOW void RUN(watch_forks)(void)
{
    static uint32_t watching;
    if (MORTISE_SWAP_ACQUIRE(&watching, 1u) != 0)
        return;
    if (!mortise_os_heavy_fence_ready())
        MORTISE_ADD_SEQ_CST(&RUN(forking), MORTISE_FORK_FENCE);
    mortise_os_at_fork(RUN(fork_prepare), RUN(fork_parent), RUN(fork_child));
}

#endif
