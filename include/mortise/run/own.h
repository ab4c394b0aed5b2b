/* SPDX-License-Identifier: MIT */
/*
 * The life of a composition that asks nothing of anybody: one heap, which is made on first use and
 * stays, a table of states, no storage of threads, no fork. A template over COMPOSITION that a
 * socket includes after LAYER_COMPOSE, with these words bound:
 *   OWN_MANY          1: many threads, 0: one
 *   OWN_THREAD        an expression, a number that tells threads apart as well as can be
 *   OWN_ALIGN         alignment of every block, a power of two
 *   OWN_RAISE(error, address, layer)
 *
 * For a composition c: c_own_alloc(size), c_own_free(block).
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/mymalloc_socket.h"
#else
#include "../arch/cpu.h"
#include "../core/atomic.h"
#include "../core/compose.h"
#include "../core/poison.h"
#include "lock.h"

#define RUN(x) MORTISE_CAT(COMPOSITION, _##x)

static struct RUN(heap) RUN(default) __attribute__((unused));
static const struct RUN(local) RUN(nobody) __attribute__((unused)) = {};

/* Makes the layers of the heap, once; true when it is ready. */
MORTISE_SLOW bool RUN(begin)(struct RUN(heap) * heap)
{
    if (MORTISE_LOAD_ACQUIRE(&heap->life.ready) != 0) /* sees what the maker wrote */
        return true;
    mortise_run_lock(&heap->life.lock);
    bool made = heap->life.ready != 0;
    if (!made) {
        struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_HEAP, NULL, 0, 1);
        RUN(enter_create)(&ctx, heap, (struct RUN(local) *)&RUN(nobody));
        made = ctx.status == MORTISE_OK;
        if (made)
            MORTISE_STORE_RELEASE(&heap->life.ready, 1u); /* shows the layers' states */
    }
    mortise_run_unlock(&heap->life.lock);
    return made;
}

#include "table.h"
#include "found.h"

MORTISE_FAST bool RUN(has_break)(void)
{
    return false;
}

/* No thread is there but those of the program. */
MORTISE_SLOW void RUN(age_later)(struct RUN(heap) * heap)
{
    (void)heap;
}

/* What layers ask of the composition: every request comes with a state that has begun, and no fork
 * can come between. */
MORTISE_SLOW struct RUN(local) * RUN(attach)(struct RUN(heap) * heap, struct RUN(local) * local)
{
    (void)heap;
    return local;
}

static uint32_t RUN(inside) __attribute__((unused));

MORTISE_FAST uint32_t *RUN(announce)(struct RUN(heap) * heap, struct RUN(local) * local,
                                     bool for_nothing)
{
    (void)heap, (void)local, (void)for_nothing;
    return &RUN(inside);
}

MORTISE_FAST void RUN(depart)(uint32_t *inside)
{
    (void)inside;
}

MORTISE_SLOW void *RUN(alloc_elsewhere)(size_t size, size_t align)
{
    (void)size, (void)align;
    return NULL;
}

MORTISE_SLOW void RUN(free_later)(struct RUN(heap) * heap, void *block)
{
    (void)heap, (void)block;
}

/* A block, or NULL. */
MORTISE_FAST void *RUN(own_request)(size_t size)
{
    MORTISE_UNREPORTED;
    struct RUN(place) *place = RUN(take_place)();
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_OBJECT, NULL, size, OWN_ALIGN);
    if (MORTISE_LIKELY(place->local.link.thread != 0))
        RUN(enter_alloc)(&ctx, &RUN(default), &place->local);
    RUN(leave_place)(place);
    if (MORTISE_MARKS && ctx.ptr != NULL) {
        mortise_poison_show(ctx.ptr, size, ctx.usable);
        mortise_poison_unwritten(ctx.ptr, size);
    }
    return ctx.ptr;
}

/* Where memory is out: what states and layers keep for later may be what is missing now. */
MORTISE_SLOW void *RUN(own_again)(size_t size)
{
    if (size > MORTISE_MAX_SIZE)
        return NULL;
    RUN(trim_all)();
    return RUN(own_request)(size);
}

MORTISE_FAST void *RUN(own_alloc)(size_t size)
{
    void *block = RUN(own_request)(size);
    return MORTISE_LIKELY(block != NULL) ? block : RUN(own_again)(size);
}

/* What no layer has raised itself. free of NULL comes here too, and is none. */
MORTISE_SLOW void RUN(own_misuse)(enum mortise_error error, void *address, const void *caller)
{
    if (address == NULL || error == MORTISE_REPORTED)
        return;
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_OBJECT, address, 0, 1);
    RUN(enter_whose)(&ctx, &RUN(default), (struct RUN(local) *)&RUN(nobody));
    struct mortise_description found = RUN(found)(ctx.owned, caller);
    OWN_RAISE(error, address, found.text);
}

/* Poisons a block before it is freed; false where it is none that lives. */
MORTISE_FAST bool RUN(own_hide)(struct RUN(mctx) * ctx, struct RUN(local) * local)
{
    if (!MORTISE_MARKS || ctx->owned == 0)
        return true;
    struct RUN(mctx) at = *ctx;
    RUN(enter_getmeta)(&at, &RUN(default), local);
    if (at.status == MORTISE_OK && mortise_poison_hides(at.ptr))
        at.status = MORTISE_DOUBLE_FREE;
    if (at.status == MORTISE_OK)
        mortise_poison_hide(at.ptr, at.usable);
    ctx->status = at.status;
    return at.status == MORTISE_OK;
}

MORTISE_FAST void RUN(own_free)(void *block)
{
    MORTISE_UNREPORTED;
    struct RUN(place) *place = RUN(take_place)();
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_OBJECT, block, 0, 1);
    ctx.caller = MORTISE_OWN_CALLER;
    RUN(enter_whose)(&ctx, &RUN(default), &place->local);
    if (RUN(own_hide)(&ctx, &place->local))
        RUN(enter_free)(&ctx, &RUN(default), &place->local);
    RUN(leave_place)(place);
    if (MORTISE_UNLIKELY(ctx.status != MORTISE_OK))
        RUN(own_misuse)(ctx.status, ctx.ptr, MORTISE_CALLER);
}

#undef RUN

#endif
