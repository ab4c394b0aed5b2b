/* SPDX-License-Identifier: MIT */
/*
 * The thread in the background: it has layers give back what lies free while nobody calls them. For
 * the default heap, where the socket says SOCKET_BACKGROUND. Part of run.h.
 *
 * A layer that keeps something says so by SELF(age_later). The thread then calls the operation age,
 * tick by tick, until so many have passed without another word that next to nothing is left, and
 * sleeps: a program at rest has one thread more, and none that wakes. It begins with the first word
 * of a process, and of a child of a fork. Where the system refuses it, nothing else changes.
 *
 * It is a server of os.h, without thread-local storage: it uses a state of its own, and is inside
 * as a stranger while it is at work, so that fork waits for that.
 *
 * Ordering: age_later writes `due` and then reads `stage`, the thread writes that it sleeps and
 * then reads `due`. Both are seq_cst, so at least one sees the other, and no word is lost but for
 * one given while an earlier one still stands, which is as good.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#ifndef SOCKET_BACKGROUND
#define SOCKET_BACKGROUND 0
#endif

enum { RUN(ticks_without_word) = 32 }; /* three quarters of what is beyond stays in each */

enum RUN(background_stage) {
    RUN(background_none),
    RUN(background_awake),
    RUN(background_sleeps),
    RUN(background_refused)
};

static struct {
    uint32_t stage;
    uint32_t due; /* somebody said so, and the thread has not seen it yet */
} RUN(background) __attribute__((unused));

/* One tick; the time to the next one in milliseconds. */
MORTISE_SLOW uint32_t RUN(age_once)(struct RUN(local) * *local)
{
    struct RUN(heap) *heap = &RUN(default);
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_REGION, NULL, 0, 1);
    while (!RUN(at_ease) && !RUN(announce_at)(&RUN(strangers)))
        mortise_os_rest(1); /* a fork is under way */
    if (RUN(has_local) && RUN(is_nobody)(*local)) {
        struct RUN(local) *mine = RUN(get_local)(heap);
        *local = mine != NULL ? mine : *local;
    }
    if (!RUN(has_local) || !RUN(is_nobody)(*local))
        RUN(enter_age)(&ctx, heap, *local);
    if (!RUN(at_ease))
        MORTISE_SUB_RELEASE(&RUN(strangers), 1u); /* fork sees all that was done */
    return ctx.size != 0 ? (uint32_t)ctx.size : 1;
}

MORTISE_SLOW void RUN(serve_background)(void *unused)
{
    (void)unused;
    struct RUN(local) *local = (struct RUN(local) *)&RUN(nobody);
    for (;;) {
        for (int ticks = 0; ticks < RUN(ticks_without_word); ticks++) {
            if (MORTISE_SWAP_SEQ_CST(&RUN(background).due, 0u) != 0)
                ticks = 0;
            mortise_os_rest(RUN(age_once)(&local));
        }
        MORTISE_STORE_SEQ_CST(&RUN(background).stage, (uint32_t)RUN(background_sleeps));
        while (MORTISE_LOAD_SEQ_CST(&RUN(background).due) == 0)
            mortise_os_wait(&RUN(background).due, 0);
        MORTISE_STORE_SEQ_CST(&RUN(background).stage, (uint32_t)RUN(background_awake));
    }
}

MORTISE_SLOW void RUN(start_background)(void)
{
    uint32_t stage = RUN(background_none);
    if (!MORTISE_CAS_SEQ_CST(&RUN(background).stage, &stage, (uint32_t)RUN(background_awake)))
        return;
    if (!mortise_os_start_server(RUN(serve_background), NULL))
        MORTISE_STORE_RELAXED(&RUN(background).stage, (uint32_t)RUN(background_refused));
}

/* What SELF(age_later) calls. */
MORTISE_SLOW void RUN(age_later)(struct RUN(heap) * heap)
{
    if (!SOCKET_BACKGROUND || heap != &RUN(default) ||
        MORTISE_LOAD_RELAXED(&RUN(background).due) != 0)
        return;
    MORTISE_STORE_SEQ_CST(&RUN(background).due, 1u);
    uint32_t stage = MORTISE_LOAD_SEQ_CST(&RUN(background).stage);
    if (stage == RUN(background_sleeps))
        mortise_os_wake(&RUN(background).due, 1);
    else if (stage == RUN(background_none))
        RUN(start_background)();
}

/* The thread has not come along into the child. ThreadSanitizer allows none there. */
MORTISE_SLOW void RUN(background_forked)(void)
{
    RUN(background).stage = MORTISE_TSAN ? RUN(background_refused) : RUN(background_none);
    RUN(background).due = 0;
}

#endif
