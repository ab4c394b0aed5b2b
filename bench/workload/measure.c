/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static const int ends[] = {SIGTERM, SIGINT, SIGHUP};

enum { ENDS = sizeof ends / sizeof ends[0] };

/* The group of the command, for the handler; 0: none. */
static volatile pid_t group;

static void on_end(int signal)
{
    (void)signal;
    if (group > 0)
        kill(-group, SIGKILL);
}

static int start(char *const *command, const sigset_t *mask, pid_t *pid)
{
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    const int error = posix_spawn(pid, command[0], NULL, &attributes, command, environ);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* A signal that comes before there is a group to kill waits until there is one. */
static int run(char *const *command, int *status, struct rusage *usage)
{
    struct sigaction action = {.sa_handler = on_end};
    sigset_t blocked, before;
    pid_t pid = 0;
    sigemptyset(&blocked);
    for (size_t i = 0; i < ENDS; i++)
        sigaddset(&blocked, ends[i]);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    const int error = start(command, &before, &pid);
    if (error != 0)
        return error;
    group = pid;
    for (size_t i = 0; i < ENDS; i++)
        sigaction(ends[i], &action, NULL);
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    while (wait4(pid, status, 0, usage) < 0)
        if (errno != EINTR)
            return errno;
    group = 0;
    return 0;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

int measure(const char *report, const char *preload, char *const *command)
{
    struct rusage usage = {0};
    int status = 0;
    const int out = open(report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out < 0 || (*preload != '\0' && setenv("LD_PRELOAD", preload, 1) != 0)) {
        fprintf(stderr, "mortise-workload: '%s': %s\n", report, strerror(errno));
        return WORKLOAD_USAGE;
    }
    const uint64_t began = work_nanoseconds();
    const int error = run(command, &status, &usage);
    const double wall = (double)(work_nanoseconds() - began) * 1e-9;
    const int written = error != 0
                            ? dprintf(out, "error %d\n", error)
                            : dprintf(out,
                                      "wall_s %.9f\nuser_s %.6f\nsys_s %.6f\npeak_kb %ld\n"
                                      "minor_faults %ld\nmajor_faults %ld\nstatus %d\n",
                                      wall, seconds(usage.ru_utime), seconds(usage.ru_stime),
                                      usage.ru_maxrss, usage.ru_minflt, usage.ru_majflt, status);
    return written > 0 && close(out) == 0 ? WORKLOAD_RIGHT : WORKLOAD_USAGE;
}
