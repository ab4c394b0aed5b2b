/* SPDX-License-Identifier: MIT */
/*
 * The part of every heap and of every thread state that keeps track of their beginning and end.
 * run/ works on it; here is only what LAYER_COMPOSE needs to lay it out.
 */
#ifndef MORTISE_CORE_LIFE_H
#define MORTISE_CORE_LIFE_H

#include "compiler.h"

/* Last member of the state of a thread. A state is made once, stays mapped while its heap lives,
 * and serves one thread after another. Guarded by the heap's lock. */
struct mortise_link {
    struct mortise_link *next;      /* all states of the heap */
    struct mortise_link *next_idle; /* those that wait for a thread */
    uint32_t thread;                /* the owner's number, 0: idle */
    uint32_t inside;                /* how often the owner has announced itself, see run/announce.h;
                                     * written by the owner alone */
    uint32_t process;               /* in which `thread` is a number */
};

/* What `forking` of a composition is made of, see run/announce.h. */
enum { MORTISE_FORK_FENCE = 1, MORTISE_FORK_ONE = 2 };

/* Which layer has which number among those that place; 0: it places nothing. Whether it walks. */
struct mortise_layer_name {
    const char *name;
    unsigned number;
    unsigned walks;
};

/* Last member of a heap. */
struct mortise_life {
    uint32_t ready;  /* 1 once the layers are made */
    uint32_t lock;   /* guards the lists; never held across a system call */
    uint64_t serial; /* never used twice; 0 is the default heap */
    struct mortise_link *all;
    struct mortise_link *idle;
    struct mortise_link *hand; /* the next to be asked whether its thread lives, NULL: the first */
    uint32_t firsts;           /* states that lie in the heap itself and are taken */
    char *spare;               /* room for more states */
    char *spare_end;
    struct mortise_life *next_heap; /* all heaps of the composition */
    size_t mapped;                  /* bytes to unmap for this structure itself, 0: static */
};

#endif
