/* SPDX-License-Identifier: MIT */
/*
 * A program that steps through a copy of itself, which has an allocator preloaded.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(2);
}

struct range {
    uint64_t lo, hi, offset;
};

/* Where the code of the file is mapped in the child. */
static struct range code_of(pid_t child, const char *path)
{
    char name[64], line[4500];
    struct range found = {0, 0, 0};
    snprintf(name, sizeof name, "/proc/%d/maps", (int)child);
    FILE *maps = fopen(name, "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        struct range at;
        char access[8];
        int where = 0;
        line[strcspn(line, "\n")] = 0;
        if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %n", &at.lo, &at.hi, access, &at.offset,
                   &where) >= 4 &&
            strchr(access, 'x') != NULL && where != 0 && strcmp(line + where, path) == 0)
            found = at;
    }
    if (maps != NULL)
        fclose(maps);
    return found;
}

/* This program as `follow ARGUMENT`, on the allocator at `path`; it stands before its first
 * instruction. */
static pid_t traced_child(const char *path, const char *argument)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        setenv("LD_PRELOAD", path, 1);
        setenv("LD_BIND_NOW", "1", 1);
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(2);
        execl("/proc/self/exe", program_invocation_short_name, "follow", argument, (char *)NULL);
        _exit(2);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status))
        fail("ptrace");
    return child;
}
