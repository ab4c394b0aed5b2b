/* SPDX-License-Identifier: MIT */
/*
 * msqueue: Michael's and Scott's lock-free queue, with hazard pointers. Each number has a node that
 * is freed by the thread which takes it out, or by a later one in a batch with others.
 *
 * Wins: an allocator that takes back small blocks of other threads by the dozen.
 */
#include "workload.h"

#include "shared/hazard.h"
#include "shared/queue.h"

struct node {
    uint64_t number;
    _Atomic(void *) next;
};

struct msqueue {
    struct hazard hazard;
    _Alignas(128) _Atomic(void *) head;
    _Alignas(128) _Atomic(void *) tail;
};

static struct node *new_node(uint64_t number)
{
    struct node *node = (struct node *)work_malloc(sizeof *node);
    node->number = number;
    atomic_init(&node->next, NULL);
    return node;
}

static void *create(long threads)
{
    struct msqueue *queue = (struct msqueue *)work_aligned(128, sizeof *queue);
    struct node *first = new_node(0);
    hazard_create(&queue->hazard, threads);
    atomic_init(&queue->head, first);
    atomic_init(&queue->tail, first);
    return queue;
}

static void enqueue(void *self, long thread, uint64_t number)
{
    struct msqueue *queue = (struct msqueue *)self;
    struct node *node = new_node(number);
    for (;;) {
        void *tail = hazard_read(&queue->hazard, thread, 0, &queue->tail);
        void *next = atomic_load(&((struct node *)tail)->next);
        if (next != NULL) {
            atomic_compare_exchange_strong(&queue->tail, &tail, next);
        } else if (atomic_compare_exchange_strong(&((struct node *)tail)->next, &next, node)) {
            atomic_compare_exchange_strong(&queue->tail, &tail, node);
            break;
        }
    }
    hazard_drop(&queue->hazard, thread);
}

static bool dequeue(void *self, long thread, uint64_t *number)
{
    struct msqueue *queue = (struct msqueue *)self;
    for (;;) {
        void *head = hazard_read(&queue->hazard, thread, 0, &queue->head);
        void *tail = atomic_load(&queue->tail);
        void *next = hazard_read(&queue->hazard, thread, 1, &((struct node *)head)->next);
        /* The successor of a node that has left the queue may have left it as well. */
        if (atomic_load(&queue->head) != head)
            continue;
        if (next == NULL) {
            hazard_drop(&queue->hazard, thread);
            return false;
        }
        if (head == tail) {
            atomic_compare_exchange_strong(&queue->tail, &tail, next);
            continue;
        }
        *number = ((struct node *)next)->number;
        if (!atomic_compare_exchange_strong(&queue->head, &head, next))
            continue;
        hazard_drop(&queue->hazard, thread);
        hazard_retire(&queue->hazard, thread, head);
        return true;
    }
}

static void destroy(void *self)
{
    struct msqueue *queue = (struct msqueue *)self;
    hazard_destroy(&queue->hazard);
    for (struct node *node = (struct node *)atomic_load(&queue->head); node != NULL;) {
        struct node *next = (struct node *)atomic_load(&node->next);
        free(node);
        node = next;
    }
    free(queue);
}

static const struct queue_face face = {create, enqueue, dequeue, destroy};

static bool run(const long *value)
{
    return queue_run(&face, value);
}

const struct workload workload_msqueue = {
    .name = "msqueue",
    .purpose = "nodes of a lock-free queue",
    .source = "Michael and Scott 1996",
    .parameters = QUEUE_PARAMETERS(4000000, 1000000),
    .cases = {"threads=1", "threads=8"},
    .run = run,
};
