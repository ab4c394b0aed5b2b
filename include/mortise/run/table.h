/* SPDX-License-Identifier: MIT */
/*
 * How threads find a state where they have no storage of their own and nobody tells when they end.
 * Part of own.h.
 *
 * The states stand in a static table. A thread comes with a number, which says at which one it
 * looks first; it has the state while it holds the lock of it, for one request, and where another
 * thread is there it takes the next that is free. So a number need not be a thread's for good, nor
 * anybody's alone: a poor one costs time, and never more. What a state keeps after its thread has
 * gone serves whoever comes there next, and where memory is out it is collected from all.
 *
 * Ordering: who takes a state sees all that was done with it before, by acquire and release
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/mymalloc_socket.h"
#else
struct RUN(place) {
    uint32_t lock;
    struct RUN(local) local;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

enum { RUN(places) = OWN_MANY ? 64 : 1 };

static struct RUN(place) RUN(table)[RUN(places)] __attribute__((unused));

/* Fibonacci hashing: numbers in a row, and such as lie a stack apart, come to different places. */
MORTISE_FAST uint32_t RUN(first_place)(void)
{
    return (uint32_t)((uint64_t)(OWN_THREAD)*UINT64_C(0x9e3779b97f4a7c15) >> 58);
}

MORTISE_PLAIN bool RUN(lock_place)(struct RUN(place) * place)
{
    return MORTISE_LOAD_RELAXED(&place->lock) == 0 && MORTISE_SWAP_ACQUIRE(&place->lock, 1u) == 0;
}

/* The next place from `index` on that nobody is at. */
MORTISE_SLOW struct RUN(place) * RUN(take_other)(uint32_t index)
{
    for (;; mortise_cpu_pause()) {
        for (uint32_t i = 1; i <= RUN(places); i++) {
            struct RUN(place) *place = &RUN(table)[(index + i) % RUN(places)];
            if (RUN(lock_place)(place))
                return place;
        }
        mortise_os_yield();
    }
}

MORTISE_SLOW void RUN(begin_place)(struct RUN(place) * place)
{
    if (!RUN(begin)(&RUN(default)))
        return;
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_THREAD, NULL, 0, 1);
    RUN(enter_create)(&ctx, &RUN(default), &place->local);
    if (ctx.status == MORTISE_OK)
        place->local.link.thread = 1;
}

/* A state for one request, to be left. */
MORTISE_FAST struct RUN(place) * RUN(take_place)(void)
{
    if (!OWN_MANY) {
        if (MORTISE_UNLIKELY(RUN(table)->local.link.thread == 0))
            RUN(begin_place)(RUN(table));
        return RUN(table);
    }
    uint32_t index = RUN(first_place)() % RUN(places);
    struct RUN(place) *place = &RUN(table)[index];
    if (MORTISE_UNLIKELY(MORTISE_SWAP_ACQUIRE(&place->lock, 1u) != 0))
        place = RUN(take_other)(index);
    if (MORTISE_UNLIKELY(place->local.link.thread == 0))
        RUN(begin_place)(place);
    return place;
}

MORTISE_FAST void RUN(leave_place)(struct RUN(place) * place)
{
    if (OWN_MANY)
        MORTISE_STORE_RELEASE(&place->lock, 0u);
}

/* Takes this one, and waits for it. A thread that is busy leaves it for moments only, which who
 * looked before the exchange would miss. Called with none in hand that comes after it. */
MORTISE_SLOW void RUN(wait_place)(struct RUN(place) * place)
{
    while (OWN_MANY && MORTISE_SWAP_ACQUIRE(&place->lock, 1u) != 0)
        mortise_os_yield();
}

/* Gives up what all states keep, where each is for itself. Called with none in hand. */
MORTISE_SLOW void RUN(trim_all)(void)
{
    for (uint32_t i = 0; i < RUN(places); i++) {
        struct RUN(place) *place = &RUN(table)[i];
        RUN(wait_place)(place);
        if (place->local.link.thread != 0) {
            struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_REGION, NULL, 0, 1);
            RUN(enter_trim)(&ctx, &RUN(default), &place->local);
        }
        RUN(leave_place)(place);
    }
}

#endif
