/* SPDX-License-Identifier: MIT */
/*
 * mergesort: a linked list is sorted by threads that take tasks from a queue. Each list has a small
 * head of its own, which is freed when it is merged; each task is a block as well, mostly freed by
 * another thread than the one that made it.
 *
 * Wins: an allocator with a short way for very small blocks that live shortly, amid many that stay.
 */
#include "workload.h"

#include <stdlib.h>

enum { THREADS, NUMBERS, LISTS };

struct node {
    uint64_t number;
    struct node *next;
};

struct list {
    struct node *first;
    long count;
};

struct task {
    struct list *list;
    bool sorted;
    struct task *next;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct task *unsorted, *sorted;
    long merges; /* that nobody has begun */
};

static struct list *new_list(struct node *first, long count)
{
    struct list *list = (struct list *)work_malloc(sizeof *list);
    *list = (struct list){first, count};
    return list;
}

static struct list *merge(struct list *left, struct list *right)
{
    struct node *a = left->first, *b = right->first, *first = NULL, **end = &first;
    while (a != NULL && b != NULL) {
        struct node **less = b->number < a->number ? &b : &a;
        *end = *less;
        end = &(*less)->next;
        *less = (*less)->next;
    }
    *end = a != NULL ? a : b;
    struct list *merged = new_list(first, left->count + right->count);
    free(left);
    free(right);
    return merged;
}

/* Takes the first `count` nodes off a list. */
static struct list *cut(struct list *list, long count)
{
    struct node *last = list->first;
    for (long i = 1; i < count; i++)
        last = last->next;
    struct list *head = new_list(list->first, count);
    list->first = last->next;
    list->count -= count;
    last->next = NULL;
    return head;
}

static struct list *sort(struct list *list)
{
    if (list->count < 2)
        return list;
    struct list *left = cut(list, list->count / 2);
    left = sort(left);
    return merge(left, sort(list));
}

static void put(struct task **queue, struct list *list, bool sorted)
{
    struct task *task = (struct task *)work_malloc(sizeof *task);
    *task = (struct task){list, sorted, *queue};
    *queue = task;
}

static struct list *take(struct task **queue)
{
    struct task *task = *queue;
    struct list *list = task->list;
    *queue = task->next;
    free(task);
    return list;
}

static bool body(void *argument, long thread)
{
    struct pool *pool = (struct pool *)argument;
    (void)thread;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        struct list *list, *other = NULL;
        if (pool->merges > 0 && pool->sorted != NULL && pool->sorted->next != NULL) {
            pool->merges--;
            list = take(&pool->sorted);
            other = take(&pool->sorted);
        } else if (pool->unsorted != NULL) {
            list = take(&pool->unsorted);
        } else if (pool->merges == 0) {
            break;
        } else {
            pthread_cond_wait(&pool->came, &pool->lock);
            continue;
        }
        pthread_mutex_unlock(&pool->lock);
        list = other == NULL ? sort(list) : merge(list, other);
        pthread_mutex_lock(&pool->lock);
        put(&pool->sorted, list, true);
        pthread_cond_broadcast(&pool->came);
    }
    pthread_mutex_unlock(&pool->lock);
    return true;
}

static struct list *random_list(long count, struct work_random *random, uint64_t *sum)
{
    struct node *first = NULL;
    for (long i = 0; i < count; i++) {
        struct node *node = (struct node *)work_malloc(sizeof *node);
        node->number = work_random(random);
        node->next = first;
        first = node;
        *sum += node->number;
    }
    return new_list(first, count);
}

/* Sorted, and what it was before. */
static bool free_sorted(struct list *list, long count, uint64_t sum)
{
    bool right = list->count == count;
    uint64_t before = 0;
    for (struct node *node = list->first; node != NULL; count--) {
        struct node *next = node->next;
        right = right && node->number >= before;
        before = node->number;
        sum -= node->number;
        free(node);
        node = next;
    }
    free(list);
    return right && count == 0 && sum == 0;
}

static bool one_list(const long *value, struct work_random *random)
{
    struct pool pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER};
    uint64_t sum = 0;
    struct list *list = random_list(value[NUMBERS], random, &sum);
    long parts = 4 * value[THREADS];
    if (parts > value[NUMBERS])
        parts = value[NUMBERS];
    pool.merges = parts - 1;
    for (long left = parts; left > 1; left--)
        put(&pool.unsorted, cut(list, list->count / left), false);
    put(&pool.unsorted, list, false);
    work_in_threads(value[THREADS], body, &pool);
    return free_sorted(take(&pool.sorted), value[NUMBERS], sum);
}

static bool run(const long *value)
{
    struct work_random random = {1};
    bool right = true;
    for (long i = 0; right && i < value[LISTS]; i++)
        right = one_list(value, &random);
    return right;
}

const struct workload workload_mergesort = {
    .name = "mergesort",
    .purpose = "tasks and heads of lists while threads sort a linked list",
    .source = "sysprog21, mergesort-concurrent",
    .parameters = {{"threads", 0, 0, 4, 0, 1024, "threads that sort"},
                   {"numbers", 150000, 100000, 350000, 1, 1L << 40, "numbers in a list"},
                   {"lists", 3, 1, 20, 1, 1L << 40, "one after the other"}},
    .cases = {"threads=1", "threads=8", "threads=64"},
    .run = run,
};
