/* SPDX-License-Identifier: MIT */
/*
 * Forks while other threads allocate, and nothing else: a malloc that takes its locks in handlers
 * of fork survives this, though it does not survive fork.c.
 *
 * usage: fork_malloc ROUNDS
 *
 * Prints the number of rounds. A deadlock shows as a hang.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int over;

static void *allocate(void *unused)
{
    (void)unused;
    for (size_t size = 1; !over; size = size % 1000 + 1) {
        char *block = (char *)malloc(size);
        memset(block, 1, size);
        free(block);
    }
    return NULL;
}

static void be_a_child(void)
{
    alarm(300);
    pthread_t thread;
    over = 1;
    char *block = (char *)calloc(1, 5000);
    if (pthread_create(&thread, NULL, allocate, NULL) != 0 || block[4999] != 0)
        _exit(1);
    pthread_join(thread, NULL);
    free(realloc(block, 100000));
    _exit(0);
}

int main(int count, char **arguments)
{
    int rounds = count > 1 ? atoi(arguments[1]) : 1, status = 0;
    pthread_t thread[3];
    for (int i = 0; i < 3; i++)
        if (pthread_create(&thread[i], NULL, allocate, NULL) != 0)
            return 1;
    for (int i = 0; i < rounds && status == 0; i++) {
        pid_t child = fork();
        if (child == 0)
            be_a_child();
        if (child < 0 || waitpid(child, &status, 0) != child)
            return 1;
    }
    over = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
    printf("%d rounds\n", rounds);
    return status != 0;
}
