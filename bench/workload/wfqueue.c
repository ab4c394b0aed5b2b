/* SPDX-License-Identifier: MIT */
/*
 * wfqueue: the wait-free queue of Kogan and Petrank. Each operation is published with a number that
 * grows, and everybody first helps the operations with smaller numbers. A published operation never
 * changes: each of its steps is another small block in its place. What is taken out is freed by
 * epochs, which are not wait-free, in place of the paper's garbage collector.
 *
 * Wins: an allocator with a short way for small blocks of two sizes, which come back by the
 * hundred.
 */
#include "workload.h"

#include "shared/epoch.h"
#include "shared/queue.h"

enum { NOBODY = -1 };

struct node {
    uint64_t number;
    long putter;
    _Atomic(long) taker;
    _Atomic(struct node *) next;
};

/* For a put `node` is what goes in; for a take, the sentinel before the node that comes out, NULL
 * if there is none. */
struct step {
    long phase;
    bool pending, is_put;
    struct node *node;
};

struct place {
    _Alignas(128) _Atomic(struct step *) step;
};

struct wfqueue {
    struct epoch epoch;
    long threads;
    struct place *place;
    _Alignas(128) _Atomic(struct node *) head;
    _Alignas(128) _Atomic(struct node *) tail;
};

static struct node *new_node(uint64_t number, long putter)
{
    struct node *node = (struct node *)work_malloc(sizeof *node);
    node->number = number;
    node->putter = putter;
    atomic_init(&node->taker, NOBODY);
    atomic_init(&node->next, NULL);
    return node;
}

static struct step *new_step(long phase, bool pending, bool is_put, struct node *node)
{
    struct step *step = (struct step *)work_malloc(sizeof *step);
    *step = (struct step){phase, pending, is_put, node};
    return step;
}

static struct step *step_of(struct wfqueue *queue, long who)
{
    return atomic_load(&queue->place[who].step);
}

/* The next step of `who`, if nobody else was faster. */
static bool advance(struct wfqueue *queue, long self, long who, struct step *from, struct step *to)
{
    if (atomic_compare_exchange_strong(&queue->place[who].step, &from, to)) {
        epoch_retire(&queue->epoch, self, from);
        return true;
    }
    free(to);
    return false;
}

/* Ends the put whose node is linked behind the tail, and moves the tail on. */
static void finish_put(struct wfqueue *queue, long self)
{
    struct node *tail = atomic_load(&queue->tail);
    struct node *next = atomic_load(&tail->next);
    if (next == NULL)
        return;
    struct step *step = step_of(queue, next->putter);
    if (atomic_load(&queue->tail) != tail)
        return;
    if (step->node == next && step->pending)
        advance(queue, self, next->putter, step, new_step(step->phase, false, true, next));
    (void)atomic_compare_exchange_strong(&queue->tail, &tail, next);
}

static bool is_pending(struct wfqueue *queue, long who, long phase)
{
    const struct step *step = step_of(queue, who);
    return step->pending && step->phase <= phase;
}

static void help_put(struct wfqueue *queue, long self, long who, long phase)
{
    while (is_pending(queue, who, phase)) {
        struct node *tail = atomic_load(&queue->tail);
        struct node *next = atomic_load(&tail->next);
        if (atomic_load(&queue->tail) != tail)
            continue;
        if (next == NULL) {
            const struct step *step = step_of(queue, who);
            if (!step->pending || step->phase > phase)
                return;
            if (!atomic_compare_exchange_strong(&tail->next, &next, step->node))
                continue;
        }
        finish_put(queue, self);
    }
}

/* Ends the take to which the sentinel was given, and moves the head on. */
static void finish_take(struct wfqueue *queue, long self)
{
    struct node *head = atomic_load(&queue->head);
    struct node *next = atomic_load(&head->next);
    const long who = atomic_load(&head->taker);
    if (who == NOBODY)
        return;
    struct step *step = step_of(queue, who);
    if (atomic_load(&queue->head) != head || next == NULL)
        return;
    if (step->pending)
        advance(queue, self, who, step, new_step(step->phase, false, false, step->node));
    (void)atomic_compare_exchange_strong(&queue->head, &head, next);
}

static void help_take(struct wfqueue *queue, long self, long who, long phase)
{
    while (is_pending(queue, who, phase)) {
        struct node *head = atomic_load(&queue->head);
        struct node *tail = atomic_load(&queue->tail);
        struct node *next = atomic_load(&head->next);
        if (atomic_load(&queue->head) != head)
            continue;
        struct step *step = step_of(queue, who);
        if (!step->pending || step->phase > phase)
            return;
        if (head == tail) {
            if (next != NULL)
                finish_put(queue, self);
            else if (atomic_load(&queue->tail) == tail)
                advance(queue, self, who, step, new_step(step->phase, false, false, NULL));
            continue;
        }
        /* First the sentinel is written into the step, then the taker into the sentinel. */
        if (step->node != head) {
            if (atomic_load(&queue->head) != head ||
                !advance(queue, self, who, step, new_step(step->phase, true, false, head)))
                continue;
        }
        long nobody = NOBODY;
        (void)atomic_compare_exchange_strong(&head->taker, &nobody, who);
        finish_take(queue, self);
    }
}

/* Publishes an operation and helps all that are not newer, its own among them. */
static void operate(struct wfqueue *queue, long self, bool is_put, struct node *node)
{
    long phase = 0;
    for (long i = 0; i < queue->threads; i++) {
        const long other = step_of(queue, i)->phase;
        phase = other > phase ? other : phase;
    }
    phase++;
    struct step *before = step_of(queue, self);
    atomic_store(&queue->place[self].step, new_step(phase, true, is_put, node));
    epoch_retire(&queue->epoch, self, before);
    for (long i = 0; i < queue->threads; i++) {
        const struct step *step = step_of(queue, i);
        if (!step->pending || step->phase > phase)
            continue;
        if (step->is_put)
            help_put(queue, self, i, phase);
        else
            help_take(queue, self, i, phase);
    }
    if (is_put)
        finish_put(queue, self);
    else
        finish_take(queue, self);
}

static void *create(long threads)
{
    struct wfqueue *queue = (struct wfqueue *)work_aligned(128, sizeof *queue);
    struct node *first = new_node(0, 0);
    epoch_create(&queue->epoch, threads);
    queue->threads = threads;
    queue->place = (struct place *)work_aligned(128, (size_t)threads * sizeof(struct place));
    for (long i = 0; i < threads; i++)
        atomic_init(&queue->place[i].step, new_step(0, false, true, NULL));
    atomic_init(&queue->head, first);
    atomic_init(&queue->tail, first);
    return queue;
}

static void enqueue(void *self, long thread, uint64_t number)
{
    struct wfqueue *queue = (struct wfqueue *)self;
    epoch_enter(&queue->epoch, thread);
    operate(queue, thread, true, new_node(number, thread));
    epoch_leave(&queue->epoch, thread);
}

static bool dequeue(void *self, long thread, uint64_t *number)
{
    struct wfqueue *queue = (struct wfqueue *)self;
    epoch_enter(&queue->epoch, thread);
    operate(queue, thread, false, NULL);
    struct node *sentinel = step_of(queue, thread)->node;
    if (sentinel != NULL) {
        *number = atomic_load(&sentinel->next)->number;
        epoch_retire(&queue->epoch, thread, sentinel);
    }
    epoch_leave(&queue->epoch, thread);
    return sentinel != NULL;
}

static void destroy(void *self)
{
    struct wfqueue *queue = (struct wfqueue *)self;
    epoch_destroy(&queue->epoch);
    for (long i = 0; i < queue->threads; i++)
        free(step_of(queue, i));
    for (struct node *node = atomic_load(&queue->head); node != NULL;) {
        struct node *next = atomic_load(&node->next);
        free(node);
        node = next;
    }
    free(queue->place);
    free(queue);
}

static const struct queue_face face = {create, enqueue, dequeue, destroy};

static bool run(const long *value)
{
    return queue_run(&face, value);
}

const struct workload workload_wfqueue = {
    .name = "wfqueue",
    .purpose = "nodes and published steps of a wait-free queue",
    .source = "Kogan and Petrank 2011",
    .parameters = QUEUE_PARAMETERS(1000000, 250000),
    .cases = {"threads=1", "threads=8"},
    .run = run,
};
