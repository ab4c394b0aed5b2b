/* SPDX-License-Identifier: MIT */
/*
 * crturn: the wait-free queue of Ramalhete and Correia, in which threads take turns at both ends.
 * Whoever wants to put in publishes a node, and everybody links the node of whoever's turn is next;
 * whoever wants to take out publishes a request, and the first node is given to whoever's turn is
 * next. As many steps as there are threads are enough. Nodes are freed through hazard pointers.
 *
 * Wins: an allocator that takes back small blocks of other threads by the dozen.
 */
#include "workload.h"

#include "shared/hazard.h"
#include "shared/queue.h"

enum { NOBODY = -1 };
enum { ENDS, NEXT, GIVEN }; /* what the hazards hold: head or tail, its successor, a node given */

struct node {
    uint64_t number;
    long putter;
    _Atomic(long) taker; /* to whom the node was given */
    _Atomic(void *) next;
};

/* What a thread has published. Its request is open while `asked` is `given`, and is answered by
 * another node in `given`. */
struct place {
    _Alignas(128) _Atomic(void *) put;
    _Alignas(128) _Atomic(void *) asked;
    _Alignas(128) _Atomic(void *) given;
};

struct crturn {
    struct hazard hazard;
    long threads;
    struct place *place;
    struct node *first;
    _Alignas(128) _Atomic(void *) head;
    _Alignas(128) _Atomic(void *) tail;
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

static void swap(_Atomic(void *) *where, void *from, void *to)
{
    (void)atomic_compare_exchange_strong(where, &from, to);
}

static void *create(long threads)
{
    struct crturn *queue = (struct crturn *)work_aligned(128, sizeof *queue);
    struct node *first = new_node(0, 0);
    queue->first = first;
    hazard_create(&queue->hazard, threads);
    queue->threads = threads;
    queue->place = (struct place *)work_aligned(128, (size_t)threads * sizeof(struct place));
    for (long i = 0; i < threads; i++) {
        atomic_init(&queue->place[i].put, NULL);
        atomic_init(&queue->place[i].asked, new_node(0, 0));
        atomic_init(&queue->place[i].given, new_node(0, 0));
    }
    atomic_init(&queue->head, first);
    atomic_init(&queue->tail, first);
    return queue;
}

/* Links the node of the thread whose turn comes after that of `tail`. */
static void link_next(struct crturn *queue, struct node *tail)
{
    for (long i = 1; i <= queue->threads; i++) {
        void *node = atomic_load(&queue->place[(tail->putter + i) % queue->threads].put);
        if (node == NULL)
            continue;
        swap(&tail->next, NULL, node);
        return;
    }
}

static void enqueue(void *self, long thread, uint64_t number)
{
    struct crturn *queue = (struct crturn *)self;
    _Atomic(void *) *own = &queue->place[thread].put;
    atomic_store(own, new_node(number, thread));
    for (long i = 0; i < queue->threads && atomic_load(own) != NULL; i++) {
        struct node *tail = (struct node *)atomic_load(&queue->tail);
        hazard_hold(&queue->hazard, thread, ENDS, tail);
        /* As often as that, and the own node is in. */
        if (atomic_load(&queue->tail) != tail)
            continue;
        /* A node that is in is published no longer, before another is linked behind it. */
        _Atomic(void *) *of_tail = &queue->place[tail->putter].put;
        if (atomic_load(of_tail) == tail)
            swap(of_tail, tail, NULL);
        link_next(queue, tail);
        void *next = atomic_load(&tail->next);
        if (next != NULL)
            swap(&queue->tail, tail, next);
    }
    atomic_store(own, NULL);
    hazard_drop(&queue->hazard, thread);
}

/* Gives `next` to the thread with an open request whose turn comes after that of `head`; answers
 * who has it. */
static long give_turn(struct crturn *queue, struct node *head, struct node *next)
{
    const long turn = atomic_load(&head->taker);
    for (long i = 1; i <= queue->threads; i++) {
        const long who = (turn + i) % queue->threads;
        if (atomic_load(&queue->place[who].asked) != atomic_load(&queue->place[who].given))
            continue;
        long nobody = NOBODY;
        if (atomic_load(&next->taker) == NOBODY)
            (void)atomic_compare_exchange_strong(&next->taker, &nobody, who);
        break;
    }
    return atomic_load(&next->taker);
}

/* Answers the request of whoever has `next`, and only then lets the head move on. */
static void answer(struct crturn *queue, long thread, struct node *head, struct node *next)
{
    const long taker = atomic_load(&next->taker);
    _Atomic(void *) *given = &queue->place[taker].given;
    if (taker == thread) {
        atomic_store(given, next);
    } else {
        void *before = atomic_load(given);
        hazard_hold(&queue->hazard, thread, GIVEN, before);
        if (atomic_load(given) == before && before != next && atomic_load(&queue->head) == head)
            swap(given, before, next);
    }
    swap(&queue->head, head, next);
}

/* The head and its successor, held; false if the head has moved. */
static bool hold_head(struct crturn *queue, long thread, struct node **head, struct node **next)
{
    *head = (struct node *)atomic_load(&queue->head);
    hazard_hold(&queue->hazard, thread, ENDS, *head);
    if (atomic_load(&queue->head) != *head)
        return false;
    *next = (struct node *)atomic_load(&(*head)->next);
    hazard_hold(&queue->hazard, thread, NEXT, *next);
    return atomic_load(&queue->head) == *head;
}

/* After a request was taken back because the queue was empty: it may have been seen all the same,
 * and a node that came meanwhile may be given for it. */
static void give_up(struct crturn *queue, long thread, const void *request)
{
    struct node *head, *next;
    if (atomic_load(&queue->place[thread].given) != request ||
        atomic_load(&queue->head) == atomic_load(&queue->tail) ||
        !hold_head(queue, thread, &head, &next) || next == NULL)
        return;
    long nobody = NOBODY;
    if (give_turn(queue, head, next) == NOBODY)
        (void)atomic_compare_exchange_strong(&next->taker, &nobody, thread);
    answer(queue, thread, head, next);
}

static bool dequeue(void *self, long thread, uint64_t *number)
{
    struct crturn *queue = (struct crturn *)self;
    struct place *own = &queue->place[thread];
    struct node *head, *next;
    void *before = atomic_load(&own->asked);
    void *request = atomic_load(&own->given);
    atomic_store(&own->asked, request);
    for (long i = 0; i < queue->threads && atomic_load(&own->given) == request; i++) {
        if (!hold_head(queue, thread, &head, &next))
            continue;
        if (head == atomic_load(&queue->tail)) {
            atomic_store(&own->asked, before);
            give_up(queue, thread, request);
            if (atomic_load(&own->given) == request) {
                hazard_drop(&queue->hazard, thread);
                return false;
            }
            atomic_store(&own->asked, request);
            break;
        }
        if (next != NULL && give_turn(queue, head, next) != NOBODY)
            answer(queue, thread, head, next);
    }
    struct node *node = (struct node *)atomic_load(&own->given);
    *number = node->number;
    if (hold_head(queue, thread, &head, &next) && next == node)
        swap(&queue->head, head, node);
    hazard_drop(&queue->hazard, thread);
    hazard_retire(&queue->hazard, thread, before);
    return true;
}

static void destroy(void *self)
{
    struct crturn *queue = (struct crturn *)self;
    struct node *head = (struct node *)atomic_load(&queue->head);
    hazard_destroy(&queue->hazard);
    for (struct node *node = (struct node *)atomic_load(&head->next); node != NULL;) {
        struct node *next = (struct node *)atomic_load(&node->next);
        free(node);
        node = next;
    }
    /* The first node was given to nobody; the head, if it is another, is in somebody's place. */
    free(queue->first);
    for (long i = 0; i < queue->threads; i++) {
        free(atomic_load(&queue->place[i].asked));
        free(atomic_load(&queue->place[i].given));
    }
    free(queue->place);
    free(queue);
}

static const struct queue_face face = {create, enqueue, dequeue, destroy};

static bool run(const long *value)
{
    return queue_run(&face, value);
}

const struct workload workload_crturn = {
    .name = "crturn",
    .purpose = "nodes of a wait-free queue whose threads take turns",
    .source = "Ramalhete and Correia 2017",
    .parameters = QUEUE_PARAMETERS(3000000, 750000),
    .cases = {"threads=1", "threads=8"},
    .run = run,
};
