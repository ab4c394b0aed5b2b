/* SPDX-License-Identifier: MIT */
/*
 * The composition under test as the suite sees it: what it is, and its functions. The suite is
 * compiled once and knows no more of a composition; suite_unit.h makes the table of each.
 */
#ifndef SUITE_SUBJECT_H
#define SUITE_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include <mortise/core/facts.h>
#include <mortise/core/life.h>
#include <mortise/core/walk.h>

/* A heap of the composition: the default one, or one made at run time. */
typedef struct subject_heap heap_t;

/* As of struct mortise_stats. */
struct totals {
    size_t system, free;
    size_t direct, directs;
};

/* Which requests to the system fail; see the test layer `failing`. */
struct trouble {
    unsigned long at; /* the first one to fail, 0: none */
    bool on;          /* and all after it */
    bool and_claims;
    bool and_resizes;
};

/* Requests to the system so far, and how many of them failed. */
struct troubled {
    unsigned long requests, failed;
};

struct subject {
    const char *name;
    unsigned facts;
    const struct mortise_layer_name *layers; /* from the system side on */

    bool threads; /* false: it serves one thread only */
    bool rest;    /* false: the tests of the layer `failing` are all that is wanted */
    bool alone;   /* false: the tests with one thread are not wanted */
    bool made;    /* false: the default heap is enough */
    bool brief;   /* its layers are tested in full elsewhere */
    bool tuned;   /* false: how much memory it takes is not judged */

    heap_t *default_heap;
    heap_t *(*create)(void);
    void (*destroy)(heap_t *heap);

    void *(*malloc)(heap_t *heap, size_t size);
    void *(*calloc)(heap_t *heap, size_t count, size_t size);
    void *(*aligned_alloc)(heap_t *heap, size_t align, size_t size);
    void *(*realloc)(heap_t *heap, void *block, size_t size);
    void (*free)(heap_t *heap, void *block);
    size_t (*usable_size)(heap_t *heap, void *block);
    size_t (*trim)(heap_t *heap, size_t keep);
    struct totals (*stats)(heap_t *heap);
    void (*walk)(heap_t *heap, struct mortise_walk *walk); /* while nobody else is inside */

    void (*fork_prepare)(void);
    void (*fork_parent)(void);
    bool (*frees_wait)(void);      /* that were put off while a fork was under way */
    bool (*reserve_is_used)(void); /* that serves requests meanwhile */
    unsigned (*servers)(void);     /* threads of the composition, which do not end */

    /* NULL where the layer `failing` is not in it. */
    void (*let_fail)(heap_t *heap, struct trouble trouble);
    struct troubled (*troubled)(const heap_t *heap);
};

extern const struct subject subject;

#endif
