/* SPDX-License-Identifier: MIT */
/*
 * The request context of one composition: what is asked, what is answered, and every side effect
 * of a request that is not a layer's state (the paper's mctx, section 2.1).
 *
 * A template: system_begin.h includes it once for each COMPOSITION. A composition with requests of
 * its own kind defines MCTX_ARGUMENTS before its first layer, see arguments.h, or, where no user
 * gives them, MCTX_FIELDS, for example
 *     #define MCTX_FIELDS unsigned core; const void *call_site;
 * and its layers and its socket find the fields in ctx->extra. Fields travel by value on cold
 * paths: keep them below 16 bytes, so that they stay in registers.
 *
 * A context is a local variable whose address never leaves inlined code, so on hot paths it is
 * registers, not memory.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#include "arguments.h"
#include "compiler.h"
#include "error.h"
#include "owned.h"
#include "walk.h"

#ifndef MORTISE_CORE_CONTEXT_H
#define MORTISE_CORE_CONTEXT_H

/* What a request is about. Layers that check, cache or count look at objects only. */
enum mortise_kind {
    MORTISE_OBJECT,      /* a block for the user */
    MORTISE_REGION,      /* granule multiples for a layer; freed with their size in ctx->size */
    MORTISE_HEAP,        /* create: of the default heap; `local` is nobody's, never written */
    MORTISE_HEAP_BESIDE, /* create, destroy: of a further heap */
    MORTISE_THREAD,      /* create, destroy: of the state of a thread */
    MORTISE_FORK_CHILD,  /* fork: in the child; nobody was inside, and no other thread exists */
    MORTISE_FORK_ORPHAN  /* fork: in the child, then, once for the state of each vanished thread;
                          * only what is done without announcing can be half done */
};

/* What an out-of-line gate answers, in two registers. A failed allocation answers with the size
 * that was wanted, and free with the block, so that the caller keeps nothing over the call to
 * report it: a hot path then saves no register. */
struct mortise_answer {
    void *ptr;
    uint64_t packed; /* usable << 8 | zeroed << 7 | status; size << 8 | status where ptr is NULL */
};

/* The caller of a request that is part of the function which the program called. */
#define MORTISE_OWN_CALLER ((const void *)1)

struct mortise_sink;

/* Totals over a heap, in bytes unless it says otherwise; each layer adds its part. */
struct mortise_stats {
    size_t system;      /* held from the operating system */
    size_t free;        /* of these, ready to be handed out */
    size_t free_blocks; /* their number */
    size_t direct;      /* in blocks that are mappings of their own */
    size_t directs;     /* their number */

    struct mortise_sink *sink; /* for what layers know besides, see os/sink.h; NULL: not asked */
};

#endif

#define MORTISE_IN(name) MORTISE_CAT(COMPOSITION, _##name)

struct MORTISE_IN(extra) {
#if defined MCTX_ARGUMENTS
    MORTISE_MAP(MORTISE_ARGUMENT_FIELD, _, MCTX_ARGUMENTS)
#elif defined MCTX_FIELDS
    MCTX_FIELDS
#else
    MORTISE_NO_STATE;
#endif
};

struct MORTISE_IN(mctx) {
    /* the request */
    enum mortise_kind kind;
    size_t size;  /* bytes wanted; may be any value, layers refuse what exceeds MORTISE_MAX_SIZE */
    size_t align; /* of the result: a power of two */
    bool want_zero; /* the user will clear the block unless `zeroed` says that it is clear */
    bool may_move;  /* resize: the block may change its address */
    struct MORTISE_IN(extra) extra;
    const void *caller; /* free, resize, getmeta: see mctx_caller */

    bool done;      /* free_look: the block is free already */
    unsigned count; /* of blocks, linked by their first words: wanted, or got, by the batch calls */

    /* request of free, resize, getmeta, claim and whose; answer of alloc and resize */
    void *ptr; /* NULL: the request failed */

    /* the answer; status of getmeta: what is wrong with the block, as far as a layer can tell */
    size_t usable; /* bytes from ptr that the user may touch; see MORTISE_PRECISE */
    bool zeroed;   /* all usable bytes are zero */
    enum mortise_error status;
    size_t szcls; /* getmeta: size class of the block, where MORTISE_CLASSES is a fact */
    bool fixed;   /* getmeta: resize would refuse, and need not be asked */
    bool remote;  /* getmeta: the block belongs to another thread, where MORTISE_HOMES is a fact */
    uint64_t owned; /* who serves ptr, see mortise_owner_*; 0: nobody (request of claim) */
};

MORTISE_FAST struct MORTISE_IN(mctx)
    MORTISE_IN(mctx_make)(enum mortise_kind kind, void *ptr, size_t size, size_t align)
{
    struct MORTISE_IN(mctx) ctx;
    __builtin_memset(&ctx, 0, sizeof ctx);
    ctx.kind = kind;
    ctx.ptr = ptr;
    ctx.size = size;
    ctx.align = align;
    return ctx;
}

/* Where the program made the request: what the call returns to; NULL where that is not known, as
 * behind a gate. Asked where it is needed, so that hot paths do not keep it until then. */
MORTISE_FAST const void *MORTISE_IN(mctx_caller)(const struct MORTISE_IN(mctx) * ctx)
{
    return ctx->caller == MORTISE_OWN_CALLER ? MORTISE_CALLER : ctx->caller;
}

/* A context as gates see it: rebuilt from scalars, so that the caller's own stays in registers. */
MORTISE_FAST struct mortise_answer MORTISE_IN(mctx_pack)(const struct MORTISE_IN(mctx) * ctx)
{
    const uint64_t most = UINT64_MAX >> 8; /* stands for all larger sizes: nobody serves it */
    uint64_t size = ctx->size < most ? ctx->size : most;
    struct mortise_answer answer;
    answer.ptr = ctx->ptr;
    answer.packed = (ctx->ptr != NULL ? (uint64_t)ctx->usable : size) << 8 |
                    (uint64_t)ctx->zeroed << 7 | (uint64_t)ctx->status;
    return answer;
}

MORTISE_FAST struct MORTISE_IN(mctx) *
    MORTISE_IN(mctx_unpack)(struct MORTISE_IN(mctx) * ctx, struct mortise_answer answer)
{
    ctx->ptr = answer.ptr;
    size_t figure = (size_t)(answer.packed >> 8);
    ctx->usable = answer.ptr != NULL ? figure : 0;
    ctx->size = answer.ptr != NULL ? ctx->size : figure;
    ctx->zeroed = (answer.packed >> 7) & 1;
    ctx->status = (enum mortise_error)(answer.packed & 127);
    return ctx;
}

MORTISE_FAST struct mortise_answer MORTISE_IN(mctx_pack_batch)(const struct MORTISE_IN(mctx) * ctx)
{
    struct mortise_answer answer = {ctx->ptr, ctx->count};
    return answer;
}

MORTISE_FAST struct MORTISE_IN(mctx) *
    MORTISE_IN(mctx_unpack_batch)(struct MORTISE_IN(mctx) * ctx, struct mortise_answer answer)
{
    ctx->ptr = answer.ptr;
    ctx->count = (unsigned)answer.packed;
    return ctx;
}

/* What the finished composition provides; LAYER_COMPOSE and run/ define them. */
struct MORTISE_IN(heap);
struct MORTISE_IN(local);
MORTISE_SLOW struct MORTISE_IN(local) *
    MORTISE_IN(attach)(struct MORTISE_IN(heap) * heap, struct MORTISE_IN(local) * local);
MORTISE_FAST bool MORTISE_IN(has_break)(void); /* may its system layer move the program break? */
MORTISE_SLOW void MORTISE_IN(age_later)(struct MORTISE_IN(heap) * heap);
MORTISE_FAST uint32_t *MORTISE_IN(announce)(struct MORTISE_IN(heap) * heap,
                                            struct MORTISE_IN(local) * local, bool for_nothing);
MORTISE_FAST void MORTISE_IN(depart)(uint32_t *inside);
MORTISE_SLOW void *MORTISE_IN(alloc_elsewhere)(size_t size, size_t align);
MORTISE_SLOW void MORTISE_IN(free_later)(struct MORTISE_IN(heap) * heap, void *block);

#undef MORTISE_IN

#endif
