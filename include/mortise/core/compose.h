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
#include "owned.h"

/* Without optimisation gcc would show each connector as a frame of its own between two layers; as
 * sibling calls they leave the stack to the layers. */
#if defined __OPTIMIZE__ || defined __clang__
#define MORTISE_CONNECTOR MORTISE_FAST
#else
#define MORTISE_CONNECTOR static inline __attribute__((unused, optimize("O2", "no-var-tracking")))
#endif

#define LAYER_COMPOSE(c, ...)                                                                      \
    MORTISE_COMPOSE(c, MORTISE_FIRST(__VA_ARGS__), MORTISE_LAST(__VA_ARGS__), __VA_ARGS__)
#define MORTISE_COMPOSE(c, first, last, ...)                                                       \
    MORTISE_COMPOSE_(c, first, last, __VA_ARGS__) /* once more, to expand first and last */
#define MORTISE_COMPOSE_(c, first, last, ...)                                                      \
    MORTISE_COMPOSE_TYPES(c, __VA_ARGS__)                                                          \
    MORTISE_COMPOSE_FACTS(c, first, last, __VA_ARGS__)                                             \
    MORTISE_COMPOSE_LINKS(c, first, last, __VA_ARGS__)

/* 1. Types. The state of a thread begins with that of the user-side layer, which hot paths touch:
 * they add nothing to its address. What comes before it is nothing, so that in no stack is it the
 * first member, which clang 14 would address in another way. */
#define MORTISE_COMPOSE_TYPES(c, ...)                                                              \
    struct c##_local {                                                                             \
        MORTISE_NO_STATE;                                                                          \
        MORTISE_MAP_BACK(MORTISE_LOCAL_MEMBER, c, __VA_ARGS__)                                     \
        struct mortise_link link;                                                                  \
    } MORTISE_ALIGNED(MORTISE_CACHE_LINE);                                                         \
    struct c##_heap {                                                                              \
        MORTISE_MAP(MORTISE_HEAP_MEMBER, c, __VA_ARGS__)                                           \
        struct mortise_life life;                                                                  \
        struct c##_local first[sizeof(struct c##_local) <= 512 ? 4 : 1]; /* states of threads */   \
    };
#define MORTISE_HEAP_MEMBER(c, l) struct c##_at_##l##_heap l;
#define MORTISE_LOCAL_MEMBER(c, l) struct c##_at_##l##_local l;
#define MORTISE_LOCAL_SIZE(c, l) +sizeof(struct c##_at_##l##_local)

/* 2. Facts: positions, what is offered where, and whether every need is met. */
#define MORTISE_COMPOSE_FACTS(c, first, last, ...)                                                 \
    MORTISE_ASSERT_STATIC(c##_at_##first##_system,                                                 \
                          "mortise: the first layer, " #first                                      \
                          ", is no system layer: begin with one of mortise/heap/");                \
    enum {                                                                                         \
        c##_at_##first##_order = MORTISE_PLACER(c, first),                                         \
        c##_at_##first##_szcls = 0,                                                                \
        c##_at_##first##_facts = c##_at_##first##_offers                                           \
    };                                                                                             \
    MORTISE_FOLDL(MORTISE_PAIR_FACTS, c, __VA_ARGS__)                                              \
    MORTISE_MAP(MORTISE_AWAKE, (c, first), __VA_ARGS__)                                            \
    enum {                                                                                         \
        c##_system_offers = c##_at_##first##_offers,                                               \
        c##_facts = c##_at_##last##_facts,                                                         \
        c##_placers = c##_at_##last##_order,                                                       \
        c##_system_number = c##_at_##first##_order != 0 ? MORTISE_NUMBER(c, first) : 0,            \
        c##_has_local =                                                                            \
            (0 MORTISE_MAP(MORTISE_LOCAL_SIZE, c, __VA_ARGS__) > 0) ||                             \
            (c##_facts & (MORTISE_THREADSAFE | MORTISE_LOCKLESS)) == MORTISE_THREADSAFE            \
    };
#define MORTISE_PLACER(c, l) ((c##_at_##l##_offers & MORTISE_PLACES) != 0)
#define MORTISE_PAIR_FACTS(c, s, u)                                                                \
    enum {                                                                                         \
        c##_at_##u##_order = c##_at_##s##_order + MORTISE_PLACER(c, u),                            \
        c##_at_##u##_facts = (c##_at_##u##_offers | (c##_at_##u##_passes & c##_at_##s##_facts))    \
    };                                                                                             \
    enum {                                                                                         \
        c##_at_##u##_szcls = (int)c##_at_##u##_sizeclass_id != 0 ? (int)c##_at_##u##_sizeclass_id  \
                                                                 : (int)c##_at_##s##_szcls         \
    };                                                                                             \
    MORTISE_ASSERT_STATIC((int)c##_at_##u##_needs_sizeclass == 0 ||                                \
                              (int)c##_at_##u##_needs_sizeclass == (int)c##_at_##s##_szcls ||      \
                              (int)c##_at_##s##_szcls == 0,                                        \
                          "mortise: " #u " needs its own size classes, which " #s                  \
                          " on its system side does not have: give both the same sizeclass, with " \
                          "the same parameters");                                                  \
    MORTISE_NEED(c, s, u, REGIONS, "regions to cut up",                                            \
                 "put a system layer, or a placing layer that serves regions, before it")          \
    MORTISE_NEED(c, s, u, OBJECTS, "objects of known size",                                        \
                 "put a placing layer such as tlsf_glk between them, or let " #u                   \
                 " serve every size itself with size_handle=[0,SIZE_MAX]")                         \
    MORTISE_NEED(c, s, u, CLASSES, "size classes",                                                 \
                 "put a layer of slabs such as slab_lk before it")                                 \
    MORTISE_NEED(c, s, u, ALIGNS, "any alignment", "put a placing layer between them")             \
    MORTISE_NEED(c, s, u, THREADSAFE, "a thread-safe neighbour",                                   \
                 "give " #s " another sync than none")                                             \
    MORTISE_ASSERT_STATIC(                                                                         \
        (c##_at_##s##_facts & MORTISE_GUARDS) == 0 ||                                              \
            ((c##_at_##u##_passes & MORTISE_CHECKS) != 0 && !MORTISE_PLACER(c, u)),                \
        "mortise: " #u " keeps freed blocks from " #s ", which is to check them: put " #u          \
        " on the system side of " #s);
#define MORTISE_AWAKE(c_first, l) MORTISE_AWAKE_EACH(MORTISE_AWAKE_TWO c_first, l)
#define MORTISE_AWAKE_TWO(c, first) c, first
#define MORTISE_AWAKE_EACH(...) MORTISE_AWAKE_(__VA_ARGS__)
#define MORTISE_AWAKE_(c, first, l)                                                                \
    MORTISE_ASSERT_STATIC((c##_at_##first##_offers & MORTISE_BARE) == 0 ||                         \
                              (c##_at_##l##_offers & MORTISE_SLEEPS) == 0,                         \
                          "mortise: " #l                                                           \
                          " lets threads sleep in an operating system, which " #first              \
                          " is without: give " #l " a sync that spins, such as spinlock");
#define MORTISE_NEED(c, s, u, fact, what, remedy)                                                  \
    MORTISE_ASSERT_STATIC(                                                                         \
        (c##_at_##u##_needs & MORTISE_##fact) == 0 || (c##_at_##s##_facts & MORTISE_##fact) != 0,  \
        "mortise: " #u " needs " what ", which " #s " on its system side does not give: " remedy);

/* 3. Connectors. `kind` is heap or local. The state of a layer that has none is reached without
 * computing an address, so that it leaves no trace in the code around it. */
#define MORTISE_PART(c, kind, whole, l)                                                            \
    (sizeof(struct c##_at_##l##_##kind) == 0 ? (struct c##_at_##l##_##kind *)(void *)(whole)       \
                                             : &(whole)->l)
#define MORTISE_WHOLE(c, kind, part, l)                                                            \
    (sizeof(struct c##_at_##l##_##kind) == 0 ? (struct c##_##kind *)(void *)(part)                 \
                                             : MORTISE_CONTAINER(part, struct c##_##kind, l))
#define MORTISE_COMPOSE_LINKS(c, first, last, ...)                                                 \
    static const struct mortise_layer_name c##_layer_names[]                                       \
        __attribute__((unused)) = {MORTISE_MAP(MORTISE_LAYER_NAME, c, __VA_ARGS__){NULL, 0, 0}};   \
    MORTISE_MAP(MORTISE_LINK_SELF, c, __VA_ARGS__)                                                 \
    MORTISE_FOLDL(MORTISE_LINK_PAIR, c, __VA_ARGS__)                                               \
    MORTISE_CONNECTOR void *c##_system_region(struct c##_heap *heap, struct c##_local *local,      \
                                              size_t size)                                         \
    {                                                                                              \
        return c##_at_##first##_gate_region(heap, local, size);                                    \
    }                                                                                              \
    MORTISE_ENTER(c, last, c##_enter_create, create)                                               \
    MORTISE_ENTER(c, last, c##_enter_destroy, destroy)                                             \
    MORTISE_ENTER(c, last, c##_enter_alloc, alloc)                                                 \
    MORTISE_ENTER(c, last, c##_enter_free, free)                                                   \
    MORTISE_ENTER(c, last, c##_enter_getmeta, getmeta)                                             \
    MORTISE_ENTER(c, last, c##_enter_resize, resize)                                               \
    MORTISE_ENTER(c, last, c##_enter_trim, trim)                                                   \
    MORTISE_ENTER(c, last, c##_enter_age, age)                                                     \
    MORTISE_ENTER(c, last, c##_enter_stats, stats)                                                 \
    MORTISE_ENTER(c, last, c##_enter_walk, walk)                                                   \
    MORTISE_ENTER(c, last, c##_enter_fork, fork)                                                   \
    MORTISE_ENTER(c, last, c##_enter_whose, whose)
#define MORTISE_LAYER_NAME(c, l)                                                                   \
    {#l, MORTISE_PLACER(c, l) ? MORTISE_NUMBER(c, l) : 0, c##_at_##l##_walks},
#define MORTISE_NUMBER(c, l)                                                                       \
    (c##_at_##l##_order | (c##_at_##l##_order == (int)c##_placers ? (int)MORTISE_LAST_OWNER : 0))
#define MORTISE_ENTER(c, l, name, op)                                                              \
    MORTISE_CONNECTOR struct c##_mctx *name(struct c##_mctx *ctx, struct c##_heap *heap,           \
                                            struct c##_local *local)                               \
    {                                                                                              \
        return c##_at_##l##_##op(ctx, MORTISE_PART(c, heap, heap, l),                              \
                                 MORTISE_PART(c, local, local, l));                                \
    }

#define MORTISE_LINK_SELF(c, l)                                                                    \
    MORTISE_FAST unsigned c##_at_##l##_number(void)                                                \
    {                                                                                              \
        return MORTISE_NUMBER(c, l);                                                               \
    }                                                                                              \
    MORTISE_FAST unsigned c##_at_##l##_placers(void)                                               \
    {                                                                                              \
        return c##_placers;                                                                        \
    }                                                                                              \
    MORTISE_FAST bool c##_at_##l##_is_mapping(uint64_t owned)                                      \
    {                                                                                              \
        return c##_system_number != 0 && mortise_owned_by(owned, c##_system_number);               \
    }                                                                                              \
    MORTISE_FAST struct c##_at_##l##_local *c##_at_##l##_attach(struct c##_at_##l##_heap *heap,    \
                                                                struct c##_at_##l##_local *local)  \
    {                                                                                              \
        struct c##_local *mine =                                                                   \
            c##_attach(MORTISE_WHOLE(c, heap, heap, l), MORTISE_WHOLE(c, local, local, l));        \
        return MORTISE_PART(c, local, mine, l);                                                    \
    }                                                                                              \
    MORTISE_FAST void c##_at_##l##_age_later(struct c##_at_##l##_heap *heap)                       \
    {                                                                                              \
        c##_age_later(MORTISE_WHOLE(c, heap, heap, l));                                            \
    }                                                                                              \
    MORTISE_ENTER(c, l, c##_at_##l##_enter_alloc, alloc)                                           \
    MORTISE_ENTER(c, l, c##_at_##l##_enter_free, free)                                             \
    MORTISE_ENTER(c, l, c##_at_##l##_enter_resize, resize)                                         \
    MORTISE_ENTER(c, l, c##_at_##l##_enter_alloc_batch, alloc_batch)                               \
    MORTISE_ENTER(c, l, c##_at_##l##_enter_free_batch, free_batch)                                 \
    MORTISE_ENTER(c, l, c##_at_##l##_enter_whose, whose)                                           \
    MORTISE_ENTER(c, l, c##_at_##l##_enter_alloc_rest, alloc_rest)                                 \
    MORTISE_ENTER(c, l, c##_at_##l##_enter_free_rest, free_rest)                                   \
    MORTISE_ENTER(c, l, c##_at_##l##_enter_free_look, free_look)                                   \
    MORTISE_LINK_REST(c, l, alloc, ctx->size, ctx->align, ctx->want_zero)                          \
    MORTISE_LINK_REST(c, l, free, ctx->ptr)
#define MORTISE_LINK_REST(c, l, op, first, ...)                                                    \
    MORTISE_FAST struct c##_mctx *c##_at_##l##_rest_##op(                                          \
        struct c##_mctx *ctx, struct c##_at_##l##_heap *heap, struct c##_at_##l##_local *local)    \
    {                                                                                              \
        return c##_mctx_unpack(                                                                    \
            ctx, c##_at_##l##_gate_##op##_rest(first, MORTISE_WHOLE(c, heap, heap, l),             \
                                               MORTISE_WHOLE(c, local, local, l), ##__VA_ARGS__,   \
                                               ctx->extra));                                       \
    }

#define MORTISE_LINK_PAIR(c, s, u)                                                                 \
    MORTISE_FAST unsigned c##_at_##u##_next_facts(void)                                            \
    {                                                                                              \
        return c##_at_##s##_facts;                                                                 \
    }                                                                                              \
    MORTISE_FAST const void *c##_at_##u##_next_sizeclass(void)                                     \
    {                                                                                              \
        return c##_at_##s##_sizeclass();                                                           \
    }                                                                                              \
    MORTISE_LINK(c, s, u, create)                                                                  \
    MORTISE_LINK(c, s, u, destroy)                                                                 \
    MORTISE_LINK(c, s, u, alloc)                                                                   \
    MORTISE_LINK(c, s, u, free)                                                                    \
    MORTISE_LINK(c, s, u, getmeta)                                                                 \
    MORTISE_LINK(c, s, u, resize)                                                                  \
    MORTISE_LINK(c, s, u, trim)                                                                    \
    MORTISE_LINK(c, s, u, age)                                                                     \
    MORTISE_LINK(c, s, u, stats)                                                                   \
    MORTISE_LINK(c, s, u, walk)                                                                    \
    MORTISE_LINK(c, s, u, fork)                                                                    \
    MORTISE_LINK(c, s, u, claim)                                                                   \
    MORTISE_LINK(c, s, u, whose)                                                                   \
    MORTISE_LINK(c, s, u, alloc_batch)                                                             \
    MORTISE_LINK(c, s, u, free_batch)                                                              \
    MORTISE_LINK_COLD(c, s, u, alloc, unpack, ctx->size, ctx->align, ctx->kind)                    \
    MORTISE_LINK_COLD(c, s, u, free, unpack, ctx->ptr, ctx->size, ctx->kind, ctx->owned)           \
    MORTISE_LINK_COLD(c, s, u, resize, unpack, ctx->ptr, ctx->size, ctx->kind, ctx->may_move,      \
                      ctx->owned)                                                                  \
    MORTISE_LINK_COLD(c, s, u, alloc_batch, unpack_batch, ctx->size, ctx->count)                   \
    MORTISE_LINK_COLD(c, s, u, free_batch, unpack_batch, ctx->ptr, ctx->count)
#define MORTISE_LINK(c, s, u, op)                                                                  \
    MORTISE_CONNECTOR struct c##_mctx *c##_at_##u##_next_##op(                                     \
        struct c##_mctx *ctx, struct c##_at_##u##_heap *heap, struct c##_at_##u##_local *local)    \
    {                                                                                              \
        return c##_at_##s##_##op(ctx, MORTISE_PART(c, heap, MORTISE_WHOLE(c, heap, heap, u), s),   \
                                 MORTISE_PART(c, local, MORTISE_WHOLE(c, local, local, u), s));    \
    }
#define MORTISE_LINK_COLD(c, s, u, op, unpack, ...)                                                \
    MORTISE_FAST struct c##_mctx *c##_at_##u##_cold_##op(                                          \
        struct c##_mctx *ctx, struct c##_at_##u##_heap *heap, struct c##_at_##u##_local *local)    \
    {                                                                                              \
        return c##_mctx_##unpack(ctx, c##_at_##s##_gate_##op(MORTISE_WHOLE(c, heap, heap, u),      \
                                                             MORTISE_WHOLE(c, local, local, u),    \
                                                             __VA_ARGS__, ctx->extra));            \
    }

#endif
