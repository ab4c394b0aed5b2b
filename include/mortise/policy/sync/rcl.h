/* SPDX-License-Identifier: MIT */
/*
 * rcl - under contention a thread of its own runs the procedures of all others
 *
 * Remote core locking: one server, a thread that serves every sync of the unit, runs what others
 * leave in 64 request lines, so that the state of a layer stays in the cache of its core. It is
 * started when a thread finds a lock taken for the first time, polls while there is work and sleeps
 * in the kernel when there has been none for a while. While it sleeps, is about to start, cannot be
 * had, or all lines are in use, this is a plain lock of one word, which the server takes too before
 * it runs anything, so that there is no change of regime to get wrong.
 *
 * The server takes a core: with few cores it does not pay. It exists in programs with one thread
 * only after contention, but then system calls that insist on a single thread refuse. A shared
 * object must not be unloaded once it has a server. A child of a fork starts without one.
 *
 * Waiters pause a bounded number of times and then sleep in the kernel. Not fair: as the word goes
 * to whoever comes first, one call has no bound but that of the scheduler.
 *
 * Needs: a system that can start a thread without allocating; else it is as futex
 * Offers: exclusion, run by one core; no state in a thread
 *
 * Parameters: none
 *
 * Invariants: whoever runs a procedure has the word; the server touches a sync only while
 * a request for it is posted; a line belongs to one call from CLAIMED until that writes FREE
 * Ordering: stands at each operation below and of shared/waiting.h
 * Wins: none yet
 * Source: Lozi, David, Thomas, Lawall and Muller, Remote core locking, USENIX ATC 2012
 */
#ifndef MORTISE_POLICY_SYNC_RCL_H
#define MORTISE_POLICY_SYNC_RCL_H

#include "../sync.h"
#include "shared/waiting.h"

enum {
    mortise_rcl_threadsafe = 1,
    mortise_rcl_sleeps = 1,
    mortise_rcl_lines = 64,
    mortise_rcl_patience = 4096, /* rounds without work before the server sleeps */
    mortise_rcl_awake = 1,       /* of `posts` */
    mortise_rcl_one_post = 2
};

/* What a line says, after those of shared/waiting.h, which mean that a request is posted. */
enum { MORTISE_RCL_DONE = MORTISE_WAITING_GO, MORTISE_RCL_CLAIMED, MORTISE_RCL_FREE };

struct mortise_rcl_line {
    uint32_t state;
    uint32_t *word; /* of the sync */
    mortise_procedure_t *procedure;
    void *argument;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

enum { MORTISE_RCL_NO_SERVER, MORTISE_RCL_STARTING, MORTISE_RCL_SERVES, MORTISE_RCL_IMPOSSIBLE };

struct mortise_rcl_server {
    uint32_t stage MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    uint32_t thread;                                    /* its number, once it runs */
    uint32_t posts MORTISE_ALIGNED(MORTISE_CACHE_LINE); /* twice their number, + 1 while awake */
    struct mortise_rcl_line line[mortise_rcl_lines];
};

static struct mortise_rcl_server mortise_rcl_server __attribute__((unused));

/* A line of its own, since the server and those who find it free take turns with it. */
struct mortise_rcl {
    uint32_t word MORTISE_ALIGNED(MORTISE_CACHE_LINE); /* a lock of shared/waiting.h */
};

struct mortise_rcl_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_rcl_init(struct mortise_rcl *sync)
{
    (void)sync; /* zero is open, and others may be inside already */
}

MORTISE_FAST void mortise_rcl_join(struct mortise_rcl *sync, struct mortise_rcl_local *local)
{
    (void)sync;
    (void)local;
}

MORTISE_FAST bool mortise_rcl_ready(const struct mortise_rcl_local *local)
{
    (void)local;
    return true;
}

/* Acquire: shows the line as its client posted it. */
MORTISE_FAST bool mortise_rcl_posted(struct mortise_rcl_line *line)
{
    return MORTISE_LOAD_ACQUIRE(&line->state) < MORTISE_WAITING_GO;
}

/* As the owner of the word. After the unlock the sync, and after `tell` the line, may be gone. */
MORTISE_PLAIN void mortise_rcl_run(struct mortise_rcl_line *line)
{
    line->procedure(line->argument);
    mortise_waiting_unlock(line->word);
    mortise_waiting_tell(&line->state, MORTISE_RCL_DONE); /* shows the results to the client */
}

/* Runs what is posted; true if that was anything. Where all of it waits for words that others have,
 * the server waits for the first of them, so that it never sleeps over a request. */
MORTISE_PLAIN bool mortise_rcl_round(struct mortise_rcl_server *server)
{
    struct mortise_rcl_line *left = NULL;
    bool ran = false;
    for (unsigned i = 0; i < mortise_rcl_lines; i++) {
        struct mortise_rcl_line *line = &server->line[i];
        if (!mortise_rcl_posted(line))
            continue;
        if (mortise_waiting_try_lock(line->word)) {
            mortise_rcl_run(line);
            ran = true;
        } else if (left == NULL) {
            left = line;
        }
    }
    if (ran || left == NULL)
        return ran;
    mortise_waiting_lock(left->word);
    mortise_rcl_run(left);
    return true;
}

/* Sleeps until somebody posts. No wake-up is lost: a post since `seen` makes the change fail, and a
 * later one finds that the server is not awake. */
MORTISE_PLAIN void mortise_rcl_sleep(struct mortise_rcl_server *server, uint32_t seen)
{
    uint32_t expected = seen;
    uint32_t asleep = seen - mortise_rcl_awake;
    if (!MORTISE_CAS_ACQUIRE(&server->posts, &expected, asleep))
        return;
    while (MORTISE_LOAD_ACQUIRE(&server->posts) == asleep)
        mortise_os_wait(&server->posts, asleep);
    MORTISE_ADD_RELAXED(&server->posts, mortise_rcl_awake); /* tells that posts need not wake */
}

MORTISE_SLOW void mortise_rcl_serve(void *argument)
{
    struct mortise_rcl_server *server = (struct mortise_rcl_server *)argument;
    MORTISE_STORE_RELAXED(&server->thread, mortise_os_thread_id()); /* for a child of a fork */
    MORTISE_ADD_RELAXED(&server->posts, mortise_rcl_awake);
    for (unsigned idle = 0;;) {
        /* Acquire: shows the lines of all that have been posted by then. */
        uint32_t seen = MORTISE_LOAD_ACQUIRE(&server->posts);
        if (mortise_rcl_round(server)) {
            idle = 0;
        } else if (++idle >= mortise_rcl_patience || mortise_os_single_core()) {
            mortise_rcl_sleep(server, seen);
            idle = 0;
        } else {
            mortise_cpu_pause();
        }
    }
}

/* Starts the server, on one thread; others go on with the word meanwhile. */
MORTISE_SLOW void mortise_rcl_start(struct mortise_rcl_server *server)
{
    uint32_t stage = MORTISE_RCL_NO_SERVER;
    if (!MORTISE_CAS_ACQUIRE(&server->stage, &stage, (uint32_t)MORTISE_RCL_STARTING))
        return;
    for (unsigned i = 0; i < mortise_rcl_lines; i++)
        server->line[i].state = MORTISE_RCL_FREE;
    MORTISE_STORE_RELAXED(&server->thread, 0); /* these two are shown by the start of the thread */
    MORTISE_STORE_RELAXED(&server->posts, 0);
    bool started = mortise_os_start_server(mortise_rcl_serve, server);
    stage = started ? MORTISE_RCL_SERVES : MORTISE_RCL_IMPOSSIBLE;
    MORTISE_STORE_RELEASE(&server->stage, stage); /* shows the lines */
}

/* A line for this call, or NULL. The search begins at a line that other threads, whose stacks lie
 * elsewhere, hardly begin at. */
MORTISE_PLAIN struct mortise_rcl_line *mortise_rcl_claim(struct mortise_rcl_server *server)
{
    uint64_t stack = (uintptr_t)&server >> 16;
    unsigned first = (unsigned)((stack * 0x9e3779b97f4a7c15u) >> 58);
    for (unsigned i = 0; i < mortise_rcl_lines; i++) {
        struct mortise_rcl_line *line = &server->line[(first + i) % mortise_rcl_lines];
        uint32_t state = MORTISE_RCL_FREE;
        /* Acquire: the client before is done with the line. */
        if (MORTISE_LOAD_RELAXED(&line->state) == state &&
            MORTISE_CAS_ACQUIRE(&line->state, &state, (uint32_t)MORTISE_RCL_CLAIMED))
            return line;
    }
    return NULL;
}

/* Has the server run the procedure and waits for it. */
MORTISE_PLAIN void mortise_rcl_delegate(struct mortise_rcl_server *server,
                                        struct mortise_rcl_line *line, uint32_t *word,
                                        mortise_procedure_t *procedure, void *argument)
{
    static uint32_t haste; /* see shared/waiting.h */
    line->word = word;
    line->procedure = procedure;
    line->argument = argument;
    /* Release, here and below: shows the line, and all that this thread wrote before. */
    MORTISE_STORE_RELEASE(&line->state, MORTISE_WAITING_LOOKS);
    if ((MORTISE_ADD_RELEASE(&server->posts, mortise_rcl_one_post) & mortise_rcl_awake) == 0)
        mortise_os_wake(&server->posts, 1);
    (void)mortise_waiting_await(&line->state, &haste);
    MORTISE_STORE_RELEASE(&line->state, MORTISE_RCL_FREE); /* the next client writes after this */
}

MORTISE_SLOW void mortise_rcl_exec_contended(struct mortise_rcl *sync,
                                             mortise_procedure_t *procedure, void *argument)
{
    struct mortise_rcl_server *server = &mortise_rcl_server;
    struct mortise_rcl_line *line = NULL;
    uint32_t stage = MORTISE_LOAD_ACQUIRE(&server->stage); /* the pair is in mortise_rcl_start */
    if (stage == MORTISE_RCL_SERVES)
        line = mortise_rcl_claim(server);
    else if (stage == MORTISE_RCL_NO_SERVER)
        mortise_rcl_start(server);
    if (line != NULL) {
        mortise_rcl_delegate(server, line, &sync->word, procedure, argument);
        return;
    }
    mortise_waiting_lock(&sync->word);
    procedure(argument);
    mortise_waiting_unlock(&sync->word);
}

MORTISE_FAST void mortise_rcl_exec(struct mortise_rcl *sync, struct mortise_rcl_local *local,
                                   mortise_procedure_t *procedure, void *argument)
{
    (void)local;
    /* Relaxed: a hint. */
    if (MORTISE_UNLIKELY((MORTISE_LOAD_RELAXED(&mortise_rcl_server.posts) & mortise_rcl_awake) ||
                         !mortise_waiting_try_lock(&sync->word))) {
        mortise_rcl_exec_contended(sync, procedure, argument);
        return;
    }
    procedure(argument);
    mortise_waiting_unlock(&sync->word);
}

/* The server has not come along. Each sync says so; a server that was started meanwhile stays. */
MORTISE_PLAIN void mortise_rcl_reset(struct mortise_rcl *sync)
{
    struct mortise_rcl_server *server = &mortise_rcl_server;
    (void)sync;
    uint32_t thread = MORTISE_LOAD_RELAXED(&server->thread); /* nobody else is there */
    if (thread == 0 || !mortise_os_thread_lives(thread)) {
        server->stage = MORTISE_RCL_NO_SERVER;
        server->posts = 0;
    }
}

#endif
