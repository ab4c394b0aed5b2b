/* SPDX-License-Identifier: MIT */
/*
 * LAYER_COMPOSE(name, system, ..., user) joins finished layers into one allocator (the paper's
 * LCompose, Figure 4). It defines
 *   struct name_heap, struct name_local   flat, one member per layer, named as the layer
 *   name_facts                            what the whole offers
 *   name_enter_OP(ctx, heap, local)       every operation, entered at the user side
 * and for each adjacent pair the connectors through which the user-side layer reaches the other.
 * A connector only computes the address of the neighbour's state and calls: all bodies are in the
 * layers' own files.
 */
#ifndef MORTISE_CORE_COMPOSE_H
#define MORTISE_CORE_COMPOSE_H

#include "fold.h"
#include "life.h"

/* Without optimisation gcc would show each connector as a frame of its own between two layers; as
 * sibling calls they leave the stack to the layers. */
#if defined __OPTIMIZE__ || defined __clang__
#define MORTISE_CONNECTOR MORTISE_FAST
#else
#define MORTISE_CONNECTOR                                                                          \
    static inline __attribute__((unused, optimize("O2"), optimize("omit-frame-pointer")))
#endif

#define LAYER_COMPOSE(c, ...)                                                                      \
    MORTISE_COMPOSE(c, MORTISE_FIRST(__VA_ARGS__), MORTISE_LAST(__VA_ARGS__), __VA_ARGS__)
#define MORTISE_COMPOSE(c, first, last, ...)                                                       \
    MORTISE_COMPOSE_(c, first, last, __VA_ARGS__) /* once more, to expand first and last */
#define MORTISE_COMPOSE_(c, first, last, ...)                                                      \
    MORTISE_COMPOSE_TYPES(c, __VA_ARGS__)                                                          \
    MORTISE_COMPOSE_FACTS(c, first, last, __VA_ARGS__)                                             \
    MORTISE_COMPOSE_LINKS(c, first, last, __VA_ARGS__)

/* 1. Types. */
#define MORTISE_COMPOSE_TYPES(c, ...)                                                              \
    struct c##_heap {                                                                              \
        MORTISE_MAP(MORTISE_HEAP_MEMBER, c, __VA_ARGS__)                                           \
        struct mortise_life life;                                                                  \
    };                                                                                             \
    struct c##_local {                                                                             \
        MORTISE_MAP(MORTISE_LOCAL_MEMBER, c, __VA_ARGS__)                                          \
        struct mortise_link link;                                                                  \
    };
#define MORTISE_HEAP_MEMBER(c, l) struct c##_at_##l##_heap l;
#define MORTISE_LOCAL_MEMBER(c, l) struct c##_at_##l##_local l;
#define MORTISE_LOCAL_SIZE(c, l) +sizeof(struct c##_at_##l##_local)

/* 2. Facts: positions, what is offered where, and whether every need is met. */
#define MORTISE_COMPOSE_FACTS(c, first, last, ...)                                                 \
    MORTISE_ASSERT_STATIC(c##_at_##first##_system,                                                 \
                          "mortise: the first layer, " #first                                      \
                          ", is no system layer: begin with one of mortise/heap/");                \
    enum { c##_at_##first##_position = 1, c##_at_##first##_facts = c##_at_##first##_offers };      \
    MORTISE_FOLDL(MORTISE_PAIR_FACTS, c, __VA_ARGS__)                                              \
    enum {                                                                                         \
        c##_facts = c##_at_##last##_facts,                                                         \
        c##_placers = 0 MORTISE_MAP(MORTISE_IS_PLACER, c, __VA_ARGS__),                            \
        c##_sole_placer = 0 MORTISE_MAP(MORTISE_PLACER_POSITION, c, __VA_ARGS__),                  \
        c##_has_local = 0 MORTISE_MAP(MORTISE_LOCAL_SIZE, c, __VA_ARGS__) > 0                      \
    };
#define MORTISE_IS_PLACER(c, l) +((c##_at_##l##_offers & MORTISE_PLACES) != 0)
#define MORTISE_PLACER_POSITION(c, l)                                                              \
    +((c##_at_##l##_offers & MORTISE_PLACES) != 0 ? c##_at_##l##_position : 0)
#define MORTISE_PAIR_FACTS(c, s, u)                                                                \
    enum {                                                                                         \
        c##_at_##u##_position = c##_at_##s##_position + 1,                                         \
        c##_at_##u##_facts = (c##_at_##u##_offers | (c##_at_##u##_passes & c##_at_##s##_facts))    \
    };                                                                                             \
    MORTISE_NEED(c, s, u, REGIONS, "regions to cut up",                                            \
                 "put a system layer, or a placing layer that serves regions, before it")          \
    MORTISE_NEED(c, s, u, OBJECTS, "objects of known size",                                        \
                 "put a placing layer such as tlsf_glk between them, or let " #u                   \
                 " serve every size itself with size_handle=[0,SIZE_MAX]")                         \
    MORTISE_NEED(c, s, u, ALIGNS, "any alignment", "put a placing layer between them")             \
    MORTISE_NEED(c, s, u, THREADSAFE, "a thread-safe neighbour",                                   \
                 "give " #s " another sync than none")
#define MORTISE_NEED(c, s, u, fact, what, remedy)                                                  \
    MORTISE_ASSERT_STATIC((c##_at_##u##_needs & MORTISE_##fact) == 0 ||                            \
                              (c##_at_##s##_facts & MORTISE_##fact) != 0,                          \
                          "mortise: " #u " needs " what ", which " #s                              \
                          " on its system side does not give: " remedy);

/* 3. Connectors. */
#define MORTISE_COMPOSE_LINKS(c, first, last, ...)                                                 \
    static const char *const c##_layer_names[] __attribute__((unused)) = {                         \
        #c MORTISE_MAP(MORTISE_LAYER_NAME, c, __VA_ARGS__)};                                       \
    MORTISE_MAP(MORTISE_LINK_SELF, c, __VA_ARGS__)                                                 \
    MORTISE_FOLDL(MORTISE_LINK_PAIR, c, __VA_ARGS__)                                               \
    MORTISE_CONNECTOR struct mortise_answer c##_system_region(                                     \
        struct c##_heap *heap, struct c##_local *local, size_t size, struct c##_extra extra)       \
    {                                                                                              \
        return c##_at_##first##_gate_alloc(&heap->first, &local->first, size, MORTISE_GRANULE,     \
                                           MORTISE_REGION, extra);                                 \
    }                                                                                              \
    MORTISE_ENTER(c, last, create)                                                                 \
    MORTISE_ENTER(c, last, destroy)                                                                \
    MORTISE_ENTER(c, last, alloc)                                                                  \
    MORTISE_ENTER(c, last, free)                                                                   \
    MORTISE_ENTER(c, last, getmeta)                                                                \
    MORTISE_ENTER(c, last, resize)                                                                 \
    MORTISE_ENTER(c, last, trim)                                                                   \
    MORTISE_ENTER(c, last, stats)                                                                  \
    MORTISE_ENTER(c, last, fork)                                                                   \
    MORTISE_ENTER(c, last, whose)
#define MORTISE_LAYER_NAME(c, l) , #l
#define MORTISE_ENTER(c, l, op)                                                                    \
    MORTISE_CONNECTOR struct c##_mctx *c##_enter_##op(                                             \
        struct c##_mctx *ctx, struct c##_heap *heap, struct c##_local *local)                      \
    {                                                                                              \
        return c##_at_##l##_##op(ctx, &heap->l, &local->l);                                        \
    }

#define MORTISE_LINK_SELF(c, l)                                                                    \
    MORTISE_FAST unsigned c##_at_##l##_number(void)                                                \
    {                                                                                              \
        return c##_at_##l##_position;                                                              \
    }                                                                                              \
    MORTISE_FAST unsigned c##_at_##l##_placers(void)                                               \
    {                                                                                              \
        return c##_placers;                                                                        \
    }                                                                                              \
    MORTISE_FAST unsigned c##_at_##l##_sole_placer(void)                                           \
    {                                                                                              \
        return c##_sole_placer;                                                                    \
    }                                                                                              \
    MORTISE_FAST struct c##_at_##l##_local *c##_at_##l##_attach(struct c##_at_##l##_heap *heap,    \
                                                                struct c##_at_##l##_local *local)  \
    {                                                                                              \
        return &c##_attach(MORTISE_CONTAINER(heap, struct c##_heap, l),                            \
                           MORTISE_CONTAINER(local, struct c##_local, l))                          \
                    ->l;                                                                           \
    }

#define MORTISE_HEAP_OF(c, heap, from, to) &MORTISE_CONTAINER(heap, struct c##_heap, from)->to
#define MORTISE_LOCAL_OF(c, local, from, to) &MORTISE_CONTAINER(local, struct c##_local, from)->to
#define MORTISE_LINK_PAIR(c, s, u)                                                                 \
    MORTISE_FAST unsigned c##_at_##u##_next_facts(void)                                            \
    {                                                                                              \
        return c##_at_##s##_facts;                                                                 \
    }                                                                                              \
    MORTISE_LINK(c, s, u, create)                                                                  \
    MORTISE_LINK(c, s, u, destroy)                                                                 \
    MORTISE_LINK(c, s, u, alloc)                                                                   \
    MORTISE_LINK(c, s, u, free)                                                                    \
    MORTISE_LINK(c, s, u, getmeta)                                                                 \
    MORTISE_LINK(c, s, u, resize)                                                                  \
    MORTISE_LINK(c, s, u, trim)                                                                    \
    MORTISE_LINK(c, s, u, stats)                                                                   \
    MORTISE_LINK(c, s, u, fork)                                                                    \
    MORTISE_LINK(c, s, u, claim)                                                                   \
    MORTISE_LINK(c, s, u, whose)                                                                   \
    MORTISE_LINK_COLD(c, s, u, alloc, ctx->size, ctx->align, ctx->kind)                            \
    MORTISE_LINK_COLD(c, s, u, free, ctx->ptr, ctx->size, ctx->kind, ctx->owner, ctx->owner_data)  \
    MORTISE_LINK_COLD(c, s, u, resize, ctx->ptr, ctx->size, ctx->kind, ctx->may_move, ctx->owner,  \
                      ctx->owner_data)
#define MORTISE_LINK(c, s, u, op)                                                                  \
    MORTISE_CONNECTOR struct c##_mctx *c##_at_##u##_next_##op(struct c##_mctx *ctx,                \
                                                              struct c##_at_##u##_heap *heap,      \
                                                              struct c##_at_##u##_local *local)    \
    {                                                                                              \
        return c##_at_##s##_##op(ctx, MORTISE_HEAP_OF(c, heap, u, s),                              \
                                 MORTISE_LOCAL_OF(c, local, u, s));                                \
    }
#define MORTISE_LINK_COLD(c, s, u, op, ...)                                                        \
    MORTISE_FAST struct c##_mctx *c##_at_##u##_cold_##op(struct c##_mctx *ctx,                     \
                                                         struct c##_at_##u##_heap *heap,           \
                                                         struct c##_at_##u##_local *local)         \
    {                                                                                              \
        return c##_mctx_unpack(ctx, c##_at_##s##_gate_##op(MORTISE_HEAP_OF(c, heap, u, s),         \
                                                           MORTISE_LOCAL_OF(c, local, u, s),       \
                                                           __VA_ARGS__, ctx->extra));              \
    }

#endif
