/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "mem.h"

enum { OUTPUT_LIMIT = 64 * 1024, TICK_MS = 100, PATIENCE_TICKS = 20 };

/* Messages are read by a program, so they must not be translated. */
static char **environment(void)
{
    size_t n = 0;
    while (environ[n] != NULL)
        n++;
    char **copy = mem_get((n + 2) * sizeof *copy);
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "LC_ALL=", 7) != 0)
            copy[at++] = environ[i];
    copy[at] = mem_text("LC_ALL=C", 8);
    return copy;
}

/* The child hears of signals that its parent holds back until the temporary files are gone. */
static int start(const char *const *argv, int out, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    if (error == 0)
        error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (error == 0)
        error =
            posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)argv, environment());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Whether a signal waits that would end the command. */
static bool is_interrupted(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGHUP) == 1 || sigismember(&pending, SIGINT) == 1 ||
            sigismember(&pending, SIGTERM) == 1);
}

/* Waits for output. Signals are held back while temporary files exist, so they are asked for. */
static bool wait_for_output(int in, const char *progress, unsigned *ticks, pid_t pid)
{
    struct pollfd wait = {.fd = in, .events = POLLIN};
    while (poll(&wait, 1, TICK_MS) <= 0) {
        if (is_interrupted()) {
            kill(pid, SIGTERM);
            return false;
        }
        if (++*ticks == PATIENCE_TICKS && progress != NULL)
            fprintf(stderr, "%s\n", progress);
    }
    return true;
}

/* Reads until the program closes its output; keeps what fits. */
static void drain(int in, const char *progress, pid_t pid, struct process_result *result)
{
    unsigned ticks = 0;
    result->output = mem_get(OUTPUT_LIMIT + 1);
    while (wait_for_output(in, progress, &ticks, pid)) {
        char surplus[4096];
        const size_t room = OUTPUT_LIMIT - result->length;
        const ssize_t n = room != 0 ? read(in, result->output + result->length, room)
                                    : read(in, surplus, sizeof surplus);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        if (room != 0)
            result->length += (size_t)n;
    }
}

bool process_run(const char *const *argv, const char *progress, struct process_result *result)
{
    int ends[2];
    pid_t pid;
    memset(result, 0, sizeof *result);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        result->error = errno;
        return false;
    }
    result->error = start(argv, ends[1], &pid);
    close(ends[1]);
    if (result->error == 0) {
        drain(ends[0], progress, pid, result);
        while (waitpid(pid, &result->status, 0) < 0 && errno == EINTR)
            continue;
    }
    close(ends[0]);
    return result->error == 0 && WIFEXITED(result->status) && WEXITSTATUS(result->status) == 0;
}

const char *process_find(const char *program)
{
    if (*program == '\0')
        return NULL;
    if (strchr(program, '/') != NULL)
        return file_is_regular(program) && access(program, X_OK) == 0 ? program : NULL;
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        const size_t n = strcspn(path, ":");
        const char *candidate = mem_format("%.*s%s%s", (int)n, path, n == 0 ? "./" : "/", program);
        if (file_is_regular(candidate) && access(candidate, X_OK) == 0)
            return candidate;
        path += n + (path[n] == ':');
    }
    return NULL;
}
