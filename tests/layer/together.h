/* SPDX-License-Identifier: MIT */
/*
 * Threads that live at once, to see which arenas serve them. Behind a composition and check.h; a
 * unit defines
 *   void *get(size_t size)     a block
 *   void *arena_here(void)     the arena of this thread
 */
#include <pthread.h>
#include <semaphore.h>

enum { THREADS = 5 };

static struct {
    pthread_barrier_t end;
    sem_t ready;
    void *arena[THREADS];
    char *block[THREADS];
    size_t size; /* of each block */
    int next;
} together;

static void *live(void *unused)
{
    int me = together.next++;
    together.block[me] = (char *)get(together.size);
    check(together.block[me] != NULL, "a block");
    together.arena[me] = arena_here();
    sem_post(&together.ready);
    pthread_barrier_wait(&together.end);
    return unused;
}

static unsigned users_of(const void *arena)
{
    unsigned count = 0;
    for (int i = 0; i < THREADS; i++)
        count += together.arena[i] == arena;
    return count;
}

static void run_together(pthread_t *threads, size_t size)
{
    together.next = 0;
    together.size = size;
    sem_init(&together.ready, 0, 0);
    pthread_barrier_init(&together.end, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++) {
        check(pthread_create(&threads[i], NULL, live, NULL) == 0, "a thread");
        while (sem_wait(&together.ready) != 0) /* one after the other, so that turns are known */
            ;
    }
}

static void end_together(pthread_t *threads)
{
    pthread_barrier_wait(&together.end);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}
