/* SPDX-License-Identifier: MIT */
/*
 * What the tests of layers that measure share: the report as JSON, and a number of it.
 */
#include <mortise/os/sink.h>

#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* `report` is a text of lines: the number behind "field": behind "row": in that of `layer`, or -1.
 */
static long number(const char *report, const char *layer, const char *row, const char *field)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"layer\":\"%s\"", layer);
    const char *at = strstr(report, wanted);
    if (at == NULL)
        return -1;
    const char *end = strchr(at, '\n');
    if (row != NULL) {
        snprintf(wanted, sizeof wanted, "\"%s\":{", row);
        at = strstr(at, wanted);
        if (at == NULL || at > end)
            return -1;
        end = strchr(at, '}');
    }
    snprintf(wanted, sizeof wanted, "\"%s\":", field);
    at = strstr(at, wanted);
    return at == NULL || at > end ? -1 : strtol(at + strlen(wanted), NULL, 10);
}

/* The file as a string, to be freed. */
static char *content(const char *path)
{
    int file = open(path, O_RDONLY);
    check(file >= 0, "a report was written");
    size_t length = 0, room = 1 << 20;
    char *text = (char *)malloc(room);
    for (ssize_t got; (got = read(file, text + length, room - 1 - length)) > 0;)
        length += (size_t)got;
    text[length] = '\0';
    close(file);
    return text;
}

/* Runs `body`, if any, in a child and waits for it. */
static pid_t in_child(void (*body)(void))
{
    fflush(NULL);
    pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        if (body != NULL)
            body();
        exit(0);
    }
    int status;
    check(waitpid(child, &status, 0) == child && status == 0, "the child ended well");
    return child;
}

static void run_thread(void *(*body)(void *))
{
    pthread_t thread;
    check(pthread_create(&thread, NULL, body, NULL) == 0, "pthread_create");
    pthread_join(thread, NULL);
}
