/* SPDX-License-Identifier: MIT */
/*
 * Forks while other threads are where fork is about to go: inside getline, which allocates with its
 * stream locked, and inside fflush(NULL), which locks the list of streams and then each stream, as
 * fork does. And while threads begin, end, and allocate in their destructors.
 *
 * usage: fork ROUNDS
 *
 * Each child allocates, frees what the parent allocated, starts a thread and reads a line. Prints
 * the number of rounds. A deadlock shows as a hang; a child that hangs is killed by its alarm.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE = 3000, KEPT = 200 };

static volatile int over;
static char text[LINE * 4];
static pthread_key_t key;

static void fail(const char *what)
{
    perror(what);
    _exit(1);
}

/* Reads lines of all lengths again and again, each into a buffer that getline has to grow. */
static void *read_lines(void *unused)
{
    (void)unused;
    while (!over) {
        FILE *stream = fmemopen(text, sizeof text - 1, "r");
        if (stream == NULL)
            fail("fmemopen");
        char *line = NULL;
        size_t size = 0;
        while (getline(&line, &size, stream) > 0) {
            free(line);
            line = NULL;
            size = 0;
        }
        free(line);
        fclose(stream);
    }
    return NULL;
}

static void *flush_all(void *unused)
{
    (void)unused;
    while (!over)
        fflush(NULL);
    return NULL;
}

static void at_the_end(void *block)
{
    free(block);
    free(malloc(1000));
}

static void *live_shortly(void *unused)
{
    (void)unused;
    pthread_setspecific(key, malloc(100));
    free(malloc(70000));
    return NULL;
}

static void *start_threads(void *unused)
{
    (void)unused;
    while (!over) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, live_shortly, NULL) != 0)
            fail("pthread_create");
        pthread_join(thread, NULL);
    }
    return NULL;
}

static void be_a_child(void **kept)
{
    alarm(300);
    for (int i = 0; i < KEPT; i++) {
        if (memcmp(kept[i], text, 20) != 0)
            fail("the parent's block");
        free(kept[i]);
    }
    void *block = realloc(malloc(100), 100000);
    free(block);
    pthread_t thread;
    if (pthread_create(&thread, NULL, live_shortly, NULL) != 0)
        fail("pthread_create in a child");
    pthread_join(thread, NULL);
    over = 0;
    char *line = NULL;
    size_t size = 0;
    FILE *stream = fmemopen(text, sizeof text - 1, "r");
    if (getline(&line, &size, stream) <= 0)
        fail("getline in a child");
    free(line);
    _exit(0);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 100;
    for (size_t i = 0, next = 10; i < sizeof text - 1; i++) {
        text[i] = (char)('a' + i % 26);
        if (i == next) {
            text[i] = '\n';
            next += next % LINE;
        }
    }
    memset(text, 'x', 5);
    pthread_key_create(&key, at_the_end);
    pthread_t thread[5];
    void *(*const work[5])(void *) = {read_lines, read_lines, flush_all, start_threads, flush_all};
    for (int i = 0; i < 5; i++)
        if (pthread_create(&thread[i], NULL, work[i], NULL) != 0)
            fail("pthread_create");
    static void *kept[KEPT];
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < KEPT; i++) {
            kept[i] = malloc(20 + (size_t)i * (size_t)(round % 50));
            memcpy(kept[i], text, 20);
        }
        pid_t child = fork();
        if (child == 0)
            be_a_child(kept);
        for (int i = 0; i < KEPT; i++)
            free(kept[i]);
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child)
            fail("fork");
        if (status != 0) {
            fprintf(stderr, "round %d: the child ended with status %x\n", round, (unsigned)status);
            _exit(1);
        }
    }
    over = 1;
    for (int i = 0; i < 5; i++)
        pthread_join(thread[i], NULL);
    printf("%d rounds\n", rounds);
    return 0;
}
