/* SPDX-License-Identifier: MIT */
/*
 * How threads get their state in a heap, and how it finds its next thread. Part of run.h.
 *
 * A state is carved from the heap's own memory when a thread first needs it, and goes to a list of
 * idle ones when the thread ends, with all that it holds. The exit hook asks for every round of
 * destructors that there is, so that it runs after those of the program. A thread that allocates
 * even later has a state for the one request. Where there is no hook to be had, trim, or the next
 * thread that finds no idle state, reclaims one whose thread is gone. So states hardly outnumber
 * the threads that once lived at the same time.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
MORTISE_SLOW void RUN(leave)(struct RUN(heap) * heap, struct RUN(local) * local)
{
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_THREAD, NULL, 0, 1);
    RUN(enter_destroy)(&ctx, heap, local);
    mortise_run_lock(&heap->life.lock);
    local->link.thread = 0;
    local->link.next_idle = heap->life.idle;
    heap->life.idle = &local->link;
    mortise_run_unlock(&heap->life.lock);
}

MORTISE_SLOW struct RUN(local) * RUN(take_idle)(struct RUN(heap) * heap, uint32_t thread)
{
    uint32_t process = mortise_os_process_id();
    mortise_run_lock(&heap->life.lock);
    struct mortise_link *link = heap->life.idle;
    if (link != NULL) {
        heap->life.idle = link->next_idle;
        link->thread = thread;
        link->process = process;
    }
    mortise_run_unlock(&heap->life.lock);
    return link != NULL ? RUN(local_of)(link) : NULL;
}

/* Whether `link` is of a thread that ended without saying so, as one does for which there was no
 * hook. If so its state is an idle one now. In a child that was made past the handlers of fork, by
 * clone or _Fork, nobody knows the threads of its parent's numbers, and one of them lives: the one
 * that came along. So those states stay whose they are. */
MORTISE_SLOW bool RUN(retire)(struct RUN(heap) * heap, struct mortise_link *link, uint32_t self)
{
    mortise_run_lock(&heap->life.lock);
    uint32_t owner = link->thread, process = link->process;
    mortise_run_unlock(&heap->life.lock);
    if (owner == 0 || owner == self || process != mortise_os_process_id() ||
        mortise_os_thread_lives(owner))
        return false;
    mortise_run_lock(&heap->life.lock);
    bool mine = link->thread == owner; /* else another thread was faster */
    if (mine)
        link->thread = self;
    mortise_run_unlock(&heap->life.lock);
    if (mine)
        RUN(leave)(heap, RUN(local_of)(link));
    return mine;
}

/* Lets the states that wait for a thread give up what they hold, once more, for blocks of theirs
 * may have come back since, and those of threads that ended unseen. Called inside. */
MORTISE_SLOW void RUN(trim_idle)(struct RUN(heap) * heap)
{
    mortise_run_lock(&heap->life.lock);
    struct mortise_link *link = heap->life.idle, *each = heap->life.all;
    heap->life.idle = NULL;
    mortise_run_unlock(&heap->life.lock);
    while (link != NULL) {
        struct mortise_link *next = link->next_idle;
        RUN(leave)(heap, RUN(local_of)(link));
        link = next;
    }
    uint32_t self = mortise_os_thread_id();
    for (; each != NULL; each = each->next) /* none ever leaves this list */
        (void)RUN(retire)(heap, each, self);
}

/* Who finds no idle state asks about the owners of others: 32 system calls at most. The hand goes
 * round over all states, so that those of the dead stay a 32nd of them, none where they are few. */
MORTISE_SLOW bool RUN(reclaim)(struct RUN(heap) * heap, uint32_t self)
{
    for (int looks = 0; looks < 32; looks++) {
        mortise_run_lock(&heap->life.lock);
        struct mortise_link *link = heap->life.hand != NULL ? heap->life.hand : heap->life.all;
        heap->life.hand = link != NULL ? link->next : NULL;
        mortise_run_unlock(&heap->life.lock);
        if (link != NULL && RUN(retire)(heap, link, self))
            return true;
    }
    return false;
}

/* Room for one more state: in the heap itself, or in a region; `region`, of `room` bytes, is a new
 * one or NULL. */
MORTISE_SLOW struct RUN(local) * RUN(carve)(struct RUN(heap) * heap, char *region, size_t room)
{
    const size_t size = sizeof(struct RUN(local));
    struct RUN(local) *local = NULL;
    mortise_run_lock(&heap->life.lock);
    if (heap->life.firsts < sizeof heap->first / sizeof heap->first[0])
        local = &heap->first[heap->life.firsts++];
    if (region != NULL) { /* what is left of another thread's region is lost: rare, small */
        heap->life.spare = region;
        heap->life.spare_end = region + room;
    }
    if (local == NULL && (size_t)(heap->life.spare_end - heap->life.spare) >= size) {
        local = (struct RUN(local) *)(void *)heap->life.spare;
        heap->life.spare += size;
    }
    mortise_run_unlock(&heap->life.lock);
    return local;
}

/* A new state. The memory comes straight from the system layer: the layers in between may need the
 * very state that is being made. */
MORTISE_SLOW struct RUN(local) * RUN(make_local)(struct RUN(heap) * heap, uint32_t thread)
{
    struct RUN(local) *local = RUN(carve)(heap, NULL, 0);
    if (local == NULL) {
        size_t room =
            mortise_round_up(sizeof(struct RUN(local)) + MORTISE_CACHE_LINE, MORTISE_GRANULE);
        char *region = (char *)RUN(system_region)(heap, (struct RUN(local) *)&RUN(nobody), room);
        if (region == NULL)
            return NULL;
        local = RUN(carve)(heap, region, room);
    }
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_THREAD, NULL, 0, 1);
    RUN(enter_create)(&ctx, heap, local);
    local->link.thread = thread;
    local->link.process = mortise_os_process_id();
    mortise_run_lock(&heap->life.lock);
    local->link.next = heap->life.all;
    heap->life.all = &local->link;
    mortise_run_unlock(&heap->life.lock);
    return local;
}

/* Puts the seats in heaps that live into `to`, which has room for them; NULL: none. How many. */
MORTISE_SLOW size_t RUN(move_seats)(const struct mortise_seats *from, struct mortise_seats *to)
{
    size_t count = 0;
    mortise_run_lock(&RUN(heaps_lock));
    for (size_t i = 0; i <= from->mask; i++) {
        const struct mortise_seat *seat = &from->seat[i];
        if (seat->serial == 0 || !RUN(heap_lives)(seat->heap, seat->serial))
            continue;
        count++;
        if (to != NULL)
            mortise_seats_put(to, *seat);
    }
    mortise_run_unlock(&RUN(heaps_lock));
    return count;
}

/* Remembers `local` as the calling thread's in a run-time heap; false when memory is out. The next
 * table has room for what lives; meanwhile heaps may have died, but no seat was added. */
MORTISE_SLOW bool RUN(sit)(struct RUN(heap) * heap, struct RUN(local) * local)
{
    struct mortise_seats *seats = RUN(seats);
    if (mortise_seats_full(seats)) {
        struct mortise_seats *next = mortise_seats_make(RUN(move_seats)(seats, NULL));
        if (next == NULL)
            return false;
        (void)RUN(move_seats)(seats, next);
        mortise_seats_drop(seats);
        RUN(seats) = seats = next;
    }
    struct mortise_seat seat = {heap->life.serial, heap, local};
    mortise_seats_put(seats, seat);
    return true;
}

/* Runs at the end of a thread, once in every round of destructors; acts in the last. */
MORTISE_SLOW void RUN(thread_ended)(void *round)
{
    MORTISE_UNREPORTED;
    uintptr_t next = (uintptr_t)round + 1;
    if (next <= MORTISE_OS_EXIT_ROUNDS &&
        mortise_os_at_thread_exit(&RUN(exit_hook), RUN(thread_ended), (void *)next))
        return;
    RUN(free_late_ones)(); /* for whoever held requests up and was no thread that may free */
    RUN(announce_or_wait)();
    struct RUN(local) *local = RUN(self);
    RUN(self) = (struct RUN(local) *)&RUN(gone);
    if (!RUN(is_nobody)(local))
        RUN(leave)(&RUN(default), local);
    struct mortise_seats *seats = RUN(seats);
    RUN(seats) = (struct mortise_seats *)&mortise_no_seats;
    mortise_run_lock(&RUN(heaps_lock)); /* a heap cannot end while its thread state is left */
    for (size_t i = 0; i <= seats->mask; i++) {
        struct mortise_seat *seat = &seats->seat[i];
        if (seat->serial != 0 && RUN(heap_lives)(seat->heap, seat->serial))
            RUN(leave)((struct RUN(heap) *)seat->heap, (struct RUN(local) *)seat->local);
    }
    mortise_run_unlock(&RUN(heaps_lock));
    mortise_seats_drop(seats);
    RUN(depart)(&RUN(strangers));
}

/* A state for the calling thread, from a thread that has ended or new, or NULL. */
MORTISE_SLOW struct RUN(local) * RUN(get_local)(struct RUN(heap) * heap)
{
    uint32_t thread = mortise_os_thread_id();
    struct RUN(local) *local = RUN(take_idle)(heap, thread);
    while (local == NULL && RUN(reclaim)(heap, thread))
        local = RUN(take_idle)(heap, thread); /* NULL when another thread was faster */
    return local != NULL ? local : RUN(make_local)(heap, thread);
}

/* The state of a thread whose exit hook has run, for one request. */
MORTISE_SLOW struct RUN(local) * RUN(begin_late)(struct RUN(heap) * heap)
{
    if (RUN(late) == NULL) {
        RUN(late) = RUN(get_local)(heap);
        RUN(late_heap) = heap;
    }
    return RUN(late_heap) == heap ? RUN(late) : NULL;
}

MORTISE_SLOW void RUN(end_late)(void)
{
    struct RUN(local) *local = RUN(late);
    RUN(late) = NULL;
    RUN(leave)(RUN(late_heap), local);
}

/* Called inside. */
MORTISE_SLOW struct RUN(local) * RUN(attach)(struct RUN(heap) * heap, struct RUN(local) * local)
{
    if (RUN(has_local) && !RUN(is_nobody)(local))
        return local; /* also the state of a thread that is ending, which `here` no longer knows */
    if (!RUN(begin)(heap) || !RUN(has_local))
        return local;
    struct RUN(local) *mine = RUN(here)(heap); /* a layer may have attached during this request */
    if (!RUN(is_nobody)(mine))
        return mine;
    if (RUN(self) == &RUN(gone)) {
        mine = RUN(begin_late)(heap);
        return mine != NULL ? mine : local;
    }
    mine = RUN(get_local)(heap);
    if (mine == NULL)
        return local;
    if (heap == &RUN(default)) {
        RUN(self) = mine; /* first: registering below may call malloc */
    } else if (!RUN(sit)(heap, mine)) {
        RUN(leave)(heap, mine);
        return local;
    }
    /* Where this fails, RUN(reclaim) will find the state. */
    (void)mortise_os_at_thread_exit(&RUN(exit_hook), RUN(thread_ended), (void *)1);
    return mine;
}

#endif
