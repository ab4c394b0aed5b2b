/* SPDX-License-Identifier: MIT */
/*
 * How threads of wfslabm get their state and hand it on, and how fork finds them at rest: whoever
 * leaves the hot path says so in a word, and fork waits until none does. Who comes while a fork is
 * under way is served from the reserve.
 */
#ifndef WFSLABM_THREAD_H
#define WFSLABM_THREAD_H

#include "reserve.h"
#include "slab.h"

enum { FORK_FENCE = 1, FORK_ONE = 2, ROUNDS = 4 };

#define TLS static __thread __attribute__((tls_model("initial-exec")))

static const struct thread nobody, gone;
static struct thread first_state, *all_states, *idle_states;
static char *spare_states, *spare_end;
static uint32_t states_lock, forking, strangers, watching, exit_key_state;
static pthread_key_t exit_key;

TLS struct thread *self = (struct thread *)&nobody;
TLS struct thread *late; /* the state of a thread after its end, for one request */
TLS uint32_t admitted;   /* how often this thread is inside as a stranger */

HOT bool is_nobody(const struct thread *thread)
{
    return thread == &nobody || thread == &gone;
}

static struct thread *attach(struct thread *thread);
COLD void free_postponed(void);

static bool enter_at(uint32_t *inside)
{
    __atomic_fetch_add(inside, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&forking, __ATOMIC_SEQ_CST) < FORK_ONE)
        return true;
    __atomic_fetch_sub(inside, 1, __ATOMIC_RELEASE);
    return false;
}

COLD uint32_t *enter_slowly(uint32_t *inside)
{
    if (admitted != 0) {
        __atomic_fetch_add(inside, 1, __ATOMIC_RELAXED);
        admitted += inside == &strangers;
        return inside;
    }
    for (int tries = 0; tries < 64; tries++) {
        if (enter_at(inside)) {
            admitted += inside == &strangers;
            return inside;
        }
        sched_yield();
    }
    return NULL;
}

/* NULL: a fork is under way. */
HOT uint32_t *enter(struct thread *thread)
{
    if (UNLIKELY(thread->number == 0)) {
        uint32_t *inside = enter_slowly(&strangers);
        if (inside != NULL)
            attach(thread);
        return inside;
    }
    uint32_t *inside = &thread->inside;
    uint32_t depth = __atomic_load_n(inside, __ATOMIC_RELAXED);
    __atomic_store_n(inside, depth + 1, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* fork has the other half */
    if (LIKELY(__atomic_load_n(&forking, __ATOMIC_RELAXED) == 0) || depth != 0)
        return inside;
    __atomic_store_n(inside, 0, __ATOMIC_RELEASE);
    return enter_slowly(inside);
}

static void end_state(struct thread *thread);

COLD void leave_stranger(void)
{
    if (late != NULL && admitted == 1) {
        struct thread *state = late;
        late = NULL;
        end_state(state);
    }
    admitted--;
    __atomic_fetch_sub(&strangers, 1, __ATOMIC_RELEASE);
}

HOT void leave(uint32_t *inside)
{
    if (UNLIKELY(inside == &strangers))
        leave_stranger();
    else
        __atomic_store_n(inside, __atomic_load_n(inside, __ATOMIC_RELAXED) - 1, __ATOMIC_RELEASE);
}

/* For what no holder of a lock of libc asks for. */
COLD void enter_or_wait(void)
{
    if (admitted == 0)
        while (!enter_at(&strangers))
            sched_yield();
    else
        __atomic_fetch_add(&strangers, 1, __ATOMIC_RELAXED);
    admitted++;
}

COLD void purge_class(struct thread *thread, unsigned szcls)
{
    struct slab *all = NULL, *slab;
    if (thread->active[szcls] != 0) {
        slab = slab_at(thread, thread->active[szcls]);
        slab->count -= ACTIVE;
        thread->active[szcls] = 0;
        link_slab(&all, slab);
    }
    while ((slab = thread->partial[szcls]) != NULL) {
        unlink_slab(&thread->partial[szcls], slab);
        link_slab(&all, slab);
    }
    while ((slab = thread->full[szcls]) != NULL) {
        unlink_slab(&thread->full[szcls], slab);
        reopen(slab);
        link_slab(&all, slab);
    }
    while ((slab = all) != NULL) {
        unlink_slab(&all, slab);
        while (collect(slab)) {
        }
        if (slab->count == 0) {
            retire(thread, slab, 0);
        } else if (slab->free != NULL || carve_some(slab)) {
            link_slab(&thread->partial[szcls], slab);
        } else {
            close_slab(slab);
            link_slab(&thread->full[szcls], slab);
        }
    }
}

COLD void purge(struct thread *thread)
{
    for (unsigned szcls = 0; szcls < CLASSES && thread->large.begun; szcls++)
        purge_class(thread, szcls);
    while (thread->empty != NULL) {
        struct slab *slab = thread->empty;
        thread->empty = slab->next;
        thread->empties--;
        retire(thread, slab, 0);
    }
}

/* The state, with all slabs that hold something, waits for the next thread. */
COLD void end_state(struct thread *thread)
{
    purge(thread);
    share_parked(&thread->large);
    lock(&states_lock);
    thread->number = 0;
    thread->next_idle = idle_states;
    idle_states = thread;
    unlock(&states_lock);
}

static struct thread *take_idle(uint32_t number)
{
    lock(&states_lock);
    struct thread *thread = idle_states;
    if (thread != NULL) {
        idle_states = thread->next_idle;
        thread->number = number;
    }
    unlock(&states_lock);
    return thread;
}

static struct thread *carve_state(char *region, size_t room)
{
    struct thread *thread = NULL;
    lock(&states_lock);
    if (first_state.number == 0 && !first_state.large.begun)
        thread = &first_state;
    if (region != NULL) {
        spare_states = region;
        spare_end = region + room;
    }
    if (thread == NULL && (size_t)(spare_end - spare_states) >= sizeof *thread) {
        thread = (struct thread *)spare_states;
        spare_states += sizeof *thread;
    }
    if (thread != NULL)
        thread->large.begun = true;
    unlock(&states_lock);
    return thread;
}

COLD struct thread *make_state(uint32_t number)
{
    struct thread *thread = carve_state(NULL, 0);
    if (thread == NULL) {
        char *region = take_region(NULL, GRANULE);
        if (region == NULL)
            return NULL;
        thread = carve_state(region, GRANULE);
    }
    lock(&states_lock);
    thread->number = number;
    thread->next = all_states;
    all_states = thread;
    unlock(&states_lock);
    return thread;
}

/* Asked for in each round of destructors, acts in the last. */
COLD void thread_ended(void *round)
{
    uintptr_t next = (uintptr_t)round + 1;
    if (next <= ROUNDS && pthread_setspecific(exit_key, (void *)next) == 0)
        return;
    enter_or_wait();
    struct thread *thread = self;
    self = (struct thread *)&gone;
    if (!is_nobody(thread))
        end_state(thread);
    leave(&strangers);
}

static void watch_thread(void)
{
    uint32_t state = __atomic_load_n(&exit_key_state, __ATOMIC_ACQUIRE), unmade = 0;
    while (state < 2) {
        if (__atomic_compare_exchange_n(&exit_key_state, &unmade, 1, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED)) {
            bool made = pthread_key_create(&exit_key, thread_ended) == 0;
            __atomic_store_n(&exit_key_state, made ? 2 : 3, __ATOMIC_RELEASE);
        } else {
            unmade = 0;
            sched_yield();
        }
        state = __atomic_load_n(&exit_key_state, __ATOMIC_ACQUIRE);
    }
    if (state == 2)
        pthread_setspecific(exit_key, (void *)1);
}

static void drain(const uint32_t *inside)
{
    while (__atomic_load_n(inside, __ATOMIC_SEQ_CST) != 0)
        sched_yield();
}

static void fork_prepare(void)
{
    uint32_t before = __atomic_fetch_add(&forking, FORK_ONE, __ATOMIC_SEQ_CST);
    if ((before & FORK_FENCE) == 0)
        syscall(SYS_membarrier, 1 << 3, 0, 0); /* MEMBARRIER_CMD_PRIVATE_EXPEDITED */
    drain(&strangers);
    for (struct thread *thread = all_states; thread != NULL; thread = thread->next)
        if (thread != self)
            drain(&thread->inside);
}

static void fork_parent(void)
{
    __atomic_fetch_sub(&forking, FORK_ONE, __ATOMIC_SEQ_CST);
    free_postponed();
}

/* States of vanished threads are never used again: their lists may be half done. */
static void fork_child(void)
{
    strangers = 0;
    for (struct thread *thread = all_states; thread != NULL; thread = thread->next) {
        if (thread == self)
            thread->number = (uint32_t)syscall(SYS_gettid);
        else if (thread->number != 0)
            thread->number = thread->inside = 0;
    }
    __atomic_store_n(&forking, forking & FORK_FENCE, __ATOMIC_RELEASE);
    free_postponed();
}

COLD void watch_forks(void)
{
    if (__atomic_exchange_n(&watching, 1, __ATOMIC_ACQUIRE) != 0)
        return;
    if (syscall(SYS_membarrier, 1 << 4, 0, 0) != 0) /* ..._REGISTER_PRIVATE_EXPEDITED */
        __atomic_fetch_add(&forking, FORK_FENCE, __ATOMIC_SEQ_CST);
    pthread_atfork(fork_prepare, fork_parent, fork_child);
}

/* The state of the calling thread, made if need be; still nobody's where memory is out. */
COLD struct thread *attach(struct thread *thread)
{
    if (!is_nobody(thread))
        return thread;
    watch_forks();
    if (!is_nobody(self))
        return self;
    if (self == &gone && late != NULL)
        return late;
    int saved = errno;
    uint32_t number = (uint32_t)syscall(SYS_gettid);
    struct thread *mine = take_idle(number);
    if (mine == NULL)
        mine = make_state(number);
    if (mine == NULL)
        mine = thread;
    else if (self == &gone)
        late = mine;
    else
        self = mine; /* first: what follows may call malloc */
    if (!is_nobody(self))
        watch_thread();
    errno = saved;
    return mine;
}

#endif
