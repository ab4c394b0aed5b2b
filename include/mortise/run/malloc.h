/* SPDX-License-Identifier: MIT */
/*
 * malloc and its family over a heap: what a user may ask, wrapped into a context (the paper's C_m
 * and C_f) and the answer unwrapped (D). A template over COMPOSITION, with these words bound:
 *   MALLOC_ALIGN              alignment of every block, a power of two
 *   MALLOC_RAISE(error, address, layer)
 *
 * For a composition c and any heap of it: c_malloc, c_calloc, c_realloc, c_aligned_alloc, c_free,
 * c_free_as, c_usable_size, c_trim, c_stats, c_stats_to, with the arguments of libc's functions
 * after the heap. c_obtain, c_obtain_zero and c_obtain_again also take the fields of the context,
 * as a struct c_extra.
 * They return NULL with errno ENOMEM where memory is out, keep errno otherwise, and may be called
 * from any thread, unless the model promises one thread.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#include "run.h"

#define RUN(x) MORTISE_CAT(COMPOSITION, _##x)

#include "found.h"

/* What no layer has raised itself. free of NULL comes here too, and is none; so does a block of the
 * reserve, which no layer owns. */
MORTISE_SLOW void RUN(misuse)(struct RUN(heap) * heap, enum mortise_error error, void *address,
                              const void *caller)
{
    MORTISE_UNREPORTED;
    if (address == NULL || error == MORTISE_REPORTED)
        return;
    if (mortise_reserve_has(address)) {
        mortise_reserve_free(address);
        return;
    }
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_OBJECT, address, 0, 1);
    RUN(enter_whose)(&ctx, heap, RUN(here)(heap));
    struct mortise_description found = RUN(found)(ctx.owned, caller);
    MALLOC_RAISE(error, address, found.text);
}

/* With one argument less, so that free keeps no address over the call before. */
MORTISE_SLOW void RUN(default_misuse)(enum mortise_error error, void *address, const void *caller)
{
    RUN(misuse)(&RUN(default), error, address, caller);
}

/* A quick composition announces itself only where its layers leave their hot path. */
enum { RUN(announces) = (RUN(facts) & MORTISE_QUICK) == 0 };

/* What a request says where its user says nothing. */
MORTISE_FAST struct RUN(extra) RUN(no_extra)(void)
{
    struct RUN(extra) extra;
    mortise_set(&extra, 0, sizeof extra);
    return extra;
}

/* A block of `size` bytes, or NULL without touching errno. */
MORTISE_FAST struct RUN(mctx) RUN(request)(struct RUN(heap) * heap, size_t size, size_t align,
                                           bool want_zero, struct RUN(extra) extra)
{
    MORTISE_UNREPORTED;
    struct RUN(local) *local = RUN(here)(heap);
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_OBJECT, NULL, size, align);
    ctx.want_zero = want_zero;
    ctx.extra = extra;
    uint32_t *inside = RUN(announces) ? RUN(announce)(heap, local, false) : NULL;
    if (RUN(announces) && MORTISE_UNLIKELY(inside == NULL)) {
        ctx.ptr = RUN(alloc_elsewhere)(size, align);
        return ctx;
    }
    RUN(enter_alloc)(&ctx, heap, local);
    if (RUN(announces))
        RUN(depart)(inside);
    if (MORTISE_MARKS && ctx.ptr != NULL)
        mortise_poison_show(ctx.ptr, size, ctx.usable);
    if (MORTISE_MARKS && ctx.ptr != NULL && !ctx.zeroed)
        mortise_poison_unwritten(ctx.ptr, size);
    return ctx;
}

/* Where memory is out: what layers keep for later may be what is missing now. errno if not, or if a
 * fork is under way, for whose end no request waits. Out of line, so that hot paths end in a jump
 * to it. */
MORTISE_SLOW void *RUN(try_again)(struct RUN(heap) * heap, size_t size, size_t align,
                                  bool want_zero, struct RUN(extra) extra)
{
    MORTISE_UNREPORTED;
    void *block = NULL;
    if (size <= MORTISE_MAX_SIZE &&
        (RUN(at_ease) || RUN(announce_slowly)(&RUN(strangers)) != NULL)) {
        struct RUN(mctx) trim = RUN(mctx_make)(MORTISE_REGION, NULL, 0, 1);
        RUN(trim_idle)(heap);
        RUN(enter_trim)(&trim, heap, RUN(here)(heap));
        block = RUN(request)(heap, size, align, want_zero, extra).ptr;
        RUN(depart)(&RUN(strangers));
        if (block != NULL && want_zero)
            mortise_set(block, 0, size);
    }
    if (block == NULL)
        mortise_os_set_enomem();
    return block;
}

/* Any power of two as alignment, and any size. */
MORTISE_FAST void *RUN(obtain)(struct RUN(heap) * heap, size_t size, size_t align,
                               struct RUN(extra) extra)
{
    if (align < MALLOC_ALIGN)
        align = MALLOC_ALIGN;
    struct RUN(mctx) ctx = RUN(request)(heap, size, align, false, extra);
    return MORTISE_LIKELY(ctx.ptr != NULL) ? ctx.ptr
                                           : RUN(try_again)(heap, ctx.size, align, false, extra);
}

/* Pages that come fresh from the system are zero already and stay untouched. */
MORTISE_FAST void *RUN(obtain_zero)(struct RUN(heap) * heap, size_t count, size_t size,
                                    struct RUN(extra) extra)
{
    MORTISE_UNREPORTED;
    size_t bytes;
    if (MORTISE_UNLIKELY(__builtin_mul_overflow(count, size, &bytes)))
        bytes = SIZE_MAX; /* more than any layer serves */
    struct RUN(mctx) ctx = RUN(request)(heap, bytes, MALLOC_ALIGN, true, extra);
    if (MORTISE_UNLIKELY(ctx.ptr == NULL))
        return RUN(try_again)(heap, bytes, MALLOC_ALIGN, true, extra);
    return ctx.zeroed ? ctx.ptr : mortise_set(ctx.ptr, 0, bytes);
}

MORTISE_FAST void *RUN(malloc)(struct RUN(heap) * heap, size_t size)
{
    return RUN(obtain)(heap, size, MALLOC_ALIGN, RUN(no_extra)());
}

MORTISE_FAST void *RUN(aligned_alloc)(struct RUN(heap) * heap, size_t align, size_t size)
{
    return RUN(obtain)(heap, size, align, RUN(no_extra)());
}

MORTISE_FAST void *RUN(calloc)(struct RUN(heap) * heap, size_t count, size_t size)
{
    return RUN(obtain_zero)(heap, count, size, RUN(no_extra)());
}

/* The context of a request about a block; owned 0 if it is none of this heap's. */
MORTISE_FAST struct RUN(mctx) RUN(about)(struct RUN(heap) * heap, struct RUN(local) * local,
                                         void *block, size_t size, const void *caller)
{
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_OBJECT, block, size, 1);
    ctx.caller = caller;
    RUN(enter_whose)(&ctx, heap, local);
    return ctx;
}

/* How much of a block the program may use, or what is wrong with it. That it is free already, all
 * stacks can tell where free blocks are poison. */
MORTISE_FAST void RUN(look)(struct RUN(mctx) * ctx, struct RUN(heap) * heap,
                            struct RUN(local) * local)
{
    if (MORTISE_LIKELY(ctx->owned != 0))
        RUN(enter_getmeta)(ctx, heap, local);
    else if (mortise_reserve_has(ctx->ptr))
        ctx->usable = mortise_reserve_size(ctx->ptr);
    else
        ctx->status = MORTISE_FOREIGN_POINTER;
    if (MORTISE_MARKS && ctx->status == MORTISE_OK && mortise_poison_hides(ctx->ptr))
        ctx->status = MORTISE_DOUBLE_FREE;
}

/* Poisons a block before it is freed; false where it is none that lives. */
MORTISE_FAST bool RUN(hide)(struct RUN(mctx) * ctx, struct RUN(heap) * heap,
                            struct RUN(local) * local)
{
    if (!MORTISE_MARKS || ctx->owned == 0)
        return true;
    struct RUN(mctx) at = *ctx;
    RUN(look)(&at, heap, local);
    if (at.status == MORTISE_OK)
        mortise_poison_hide(at.ptr, at.usable);
    ctx->status = at.status;
    return at.status == MORTISE_OK;
}

/* A block without an owner falls through all layers to the system layer, which refuses it: so the
 * hot path tests neither for that nor for NULL. */
MORTISE_FAST void RUN(free_for)(struct RUN(heap) * heap, void *block, const void *caller)
{
    MORTISE_UNREPORTED;
    struct RUN(local) *local = RUN(here)(heap);
    struct RUN(mctx) ctx = RUN(about)(heap, local, block, 0, caller);
    uint32_t *inside = RUN(announces) ? RUN(announce)(heap, local, block == NULL) : NULL;
    if (RUN(announces) && MORTISE_UNLIKELY(inside == NULL)) {
        RUN(free_later)(heap, block);
        return;
    }
    if (RUN(hide)(&ctx, heap, local))
        RUN(enter_free)(&ctx, heap, local);
    if (RUN(announces))
        RUN(depart)(inside);
    if (MORTISE_LIKELY(ctx.status == MORTISE_OK))
        return;
    if (heap == &RUN(default))
        RUN(default_misuse)(ctx.status, ctx.ptr, RUN(mctx_caller)(&ctx));
    else
        RUN(misuse)(heap, ctx.status, ctx.ptr, RUN(mctx_caller)(&ctx));
}

MORTISE_FAST void RUN(free)(struct RUN(heap) * heap, void *block)
{
    RUN(free_for)(heap, block, MORTISE_OWN_CALLER);
}

/* free where it is not all that is done: one body for all of these. */
MORTISE_APART void RUN(free_too)(struct RUN(heap) * heap, void *block, const void *caller)
{
    RUN(free_for)(heap, block, caller);
}

/* free, where the program says what it asked for. A stack that checks blocks tells when that is not
 * so: an alignment that the address has not, more than there is, and, where it knows what was asked
 * for, less. The block is freed all the same, for it is one. */
MORTISE_FAST void RUN(free_as)(struct RUN(heap) * heap, void *block, size_t align, size_t size)
{
    if ((RUN(facts) & MORTISE_GUARDS) != 0 && block != NULL) {
        struct RUN(local) *local = RUN(here)(heap);
        struct RUN(mctx) ctx = RUN(about)(heap, local, block, 0, MORTISE_OWN_CALLER);
        RUN(look)(&ctx, heap, local);
        bool other = size > ctx.usable || (uintptr_t)block % align != 0 ||
                     ((RUN(facts) & MORTISE_EXACT) != 0 && size != ctx.usable);
        if (ctx.status == MORTISE_OK && other)
            RUN(misuse)(heap, MORTISE_MISMATCH, block, MORTISE_CALLER);
    }
    RUN(free_too)(heap, block, MORTISE_CALLER);
}

/* Bytes that the program may use at `block`, at least what it asked for; 0 for NULL. */
MORTISE_FAST size_t RUN(usable_size)(struct RUN(heap) * heap, void *block)
{
    MORTISE_UNREPORTED;
    struct RUN(local) *local = RUN(here)(heap);
    struct RUN(mctx) ctx = RUN(about)(heap, local, block, 0, MORTISE_OWN_CALLER);
    RUN(look)(&ctx, heap, local);
    if (MORTISE_LIKELY(ctx.status == MORTISE_OK)) {
        mortise_poison_show(block, ctx.usable, ctx.usable); /* for it may use what it is told */
        return ctx.usable;
    }
    RUN(misuse)(heap, ctx.status, block, MORTISE_CALLER);
    return 0;
}

/* The block under a new size: where it is if a layer can do that, else copied. A shrink that leaves
 * less than a quarter unused changes nothing, unless a layer keeps to the size that was wanted. */
MORTISE_APART void *RUN(resize)(struct RUN(heap) * heap, void *block, size_t size,
                                struct RUN(extra) extra, const void *caller)
{
    MORTISE_UNREPORTED;
    struct RUN(local) *local = RUN(here)(heap);
    struct RUN(mctx) ctx = RUN(about)(heap, local, block, size, caller);
    RUN(look)(&ctx, heap, local);
    if (ctx.status != MORTISE_OK) {
        RUN(misuse)(heap, ctx.status, block, caller);
        return NULL;
    }
    size_t old = ctx.usable;
    if ((RUN(facts) & MORTISE_EXACT) == 0 && size <= old && old - size <= old / 4) {
        mortise_poison_show(block, size, old);
        return block;
    }
    uint32_t *inside = NULL;
    bool ours = ctx.owned != 0; /* not of the reserve */
    if ((RUN(facts) & MORTISE_RESIZES) != 0 && ours && !ctx.fixed)
        inside = RUN(announce)(heap, local, false);
    if (inside != NULL) {
        /* What is cut off may become another's before this returns. */
        mortise_poison_show(block, size < old ? size : old, old);
        ctx.may_move = true;
        ctx.extra = extra;
        RUN(enter_resize)(&ctx, heap, local);
        RUN(depart)(inside);
        if (ctx.status == MORTISE_OK) {
            mortise_poison_show(ctx.ptr, size, ctx.usable);
            return ctx.ptr;
        }
    }
    void *copy = RUN(request)(heap, size, MALLOC_ALIGN, false, extra).ptr;
    if (copy == NULL && size <= old) { /* too large, but valid: better than failing to shrink */
        mortise_poison_show(block, size, old);
        return block;
    }
    if (copy == NULL)
        copy = RUN(try_again)(heap, size, MALLOC_ALIGN, false, extra);
    if (copy == NULL)
        return NULL;
    mortise_copy(copy, block, size < old ? size : old);
    RUN(free_too)(heap, block, caller);
    return copy;
}

/* As glibc's: size 0 frees the block and returns NULL. */
MORTISE_FAST void *RUN(obtain_again)(struct RUN(heap) * heap, void *block, size_t size,
                                     struct RUN(extra) extra)
{
    if (block == NULL)
        return RUN(obtain)(heap, size, MALLOC_ALIGN, extra);
    bool told = (RUN(facts) & MORTISE_GUARDS) != 0; /* others would keep it on their stack */
    const void *caller = told ? MORTISE_CALLER : NULL;
    if (size == 0) {
        RUN(free_too)(heap, block, caller);
        return NULL;
    }
    return RUN(resize)(heap, block, size, extra, caller);
}

MORTISE_FAST void *RUN(realloc)(struct RUN(heap) * heap, void *block, size_t size)
{
    return RUN(obtain_again)(heap, block, size, RUN(no_extra)());
}

/* Gives free memory back to the system, keeping `keep` bytes where layers can; returns the bytes.
 */
MORTISE_SLOW size_t RUN(trim)(struct RUN(heap) * heap, size_t keep)
{
    MORTISE_UNREPORTED;
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_REGION, NULL, keep, 1);
    RUN(free_late_ones)(); /* see forks.h */
    RUN(announce_or_wait)();
    RUN(trim_idle)(heap);
    RUN(enter_trim)(&ctx, heap, RUN(here)(heap));
    RUN(depart)(&RUN(strangers));
    return ctx.usable;
}

/* Totals over a heap; layers that measure write to `sink`, unless it is NULL. */
MORTISE_SLOW struct mortise_stats RUN(stats_to)(struct RUN(heap) * heap, struct mortise_sink *sink)
{
    MORTISE_UNREPORTED;
    struct mortise_stats stats = {0, 0, 0, 0, 0, sink};
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_REGION, &stats, 0, 1);
    RUN(announce_or_wait)();
    if (RUN(begin)(heap))
        RUN(enter_stats)(&ctx, heap, RUN(here)(heap));
    RUN(depart)(&RUN(strangers));
    return stats;
}

MORTISE_SLOW struct mortise_stats RUN(stats)(struct RUN(heap) * heap)
{
    return RUN(stats_to)(heap, NULL);
}

#include "inspect.h"

#undef RUN

#endif
