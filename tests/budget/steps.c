/* SPDX-License-Identifier: MIT */
/*
 * Counts what a warm malloc and free execute, instruction by instruction.
 *
 * usage: steps ALLOCATOR.so SIZE [list]
 *
 * Runs itself as a child on the allocator (LD_PRELOAD), lets it warm up, and follows one malloc and
 * one free of SIZE bytes by single-stepping. Counts the instructions that lie in the allocator and
 * those of them that lock the bus; `list` prints their offsets in the file, to be looked up in a
 * disassembly. x86-64 only.
 *
 * Output: one line each, "malloc INSTRUCTIONS ATOMICS" and "free INSTRUCTIONS ATOMICS".
 * Exit status: 0, or 2 when that is impossible here.
 */
#include "../traced.h"

#include <sys/user.h>

#define MARK() __asm__ volatile("int3" ::: "memory")

/* The child: its stops are at the marks. */
static int follow_me(size_t size)
{
    void *volatile blocks[64];
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 64; i++)
            blocks[i] = malloc(size);
        for (int i = 0; i < 64; i++)
            free(blocks[i]);
    }
    blocks[0] = malloc(size);
    free(blocks[0]);
    MARK();
    blocks[0] = malloc(size);
    MARK();
    free(blocks[0]);
    MARK();
    return 0;
}

/* A locked instruction has the prefix; xchg with memory locks without it. */
static int is_atomic(pid_t child, uint64_t ip)
{
    long word = ptrace(PTRACE_PEEKTEXT, child, (void *)ip, NULL);
    const unsigned char *byte = (const unsigned char *)&word;
    int i = 0;
    while (byte[i] == 0x66 || byte[i] == 0x64)
        i++;
    if (byte[i] == 0xf0)
        return 1;
    if ((byte[i] & 0xf0) == 0x40)
        i++;
    return (byte[i] == 0x86 || byte[i] == 0x87) && (byte[i + 1] & 0xc0) != 0xc0;
}

/* Steps from one mark to the next. */
static void count(pid_t child, struct range code, const char *what, int list)
{
    unsigned instructions = 0, atomics = 0;
    for (;;) {
        struct user_regs_struct regs;
        if (ptrace(PTRACE_GETREGS, child, NULL, &regs) != 0)
            fail("PTRACE_GETREGS");
        if ((ptrace(PTRACE_PEEKTEXT, child, (void *)regs.rip, NULL) & 0xff) == 0xcc)
            break;
        if (regs.rip >= code.lo && regs.rip < code.hi) {
            instructions++;
            atomics += is_atomic(child, regs.rip);
            if (list)
                printf("  %s %llx\n", what, regs.rip - code.lo + code.offset);
        }
        int status;
        if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0 || waitpid(child, &status, 0) < 0)
            fail("PTRACE_SINGLESTEP");
        if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) {
            fprintf(stderr, "steps: %s ended the child: status %x\n", what, (unsigned)status);
            exit(2);
        }
    }
    printf("%s %u %u\n", what, instructions, atomics);
}

static void next_mark(pid_t child, int request)
{
    int status;
    if (ptrace(request, child, NULL, NULL) != 0 || waitpid(child, &status, 0) < 0)
        fail("ptrace");
    if (!WIFSTOPPED(status)) {
        fprintf(stderr, "steps: the child ended before its first mark: status %x\n",
                (unsigned)status);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "follow") == 0)
        return follow_me(strtoul(argv[2], NULL, 0));
    if (argc < 3) {
        fprintf(stderr, "usage: steps ALLOCATOR.so SIZE [list]\n");
        return 2;
    }
    char *path = realpath(argv[1], NULL);
    if (path == NULL)
        fail(argv[1]);
    pid_t child = traced_child(path, argv[2]);
    next_mark(child, PTRACE_CONT); /* behind the first int3 */
    struct range code = code_of(child, path);
    if (code.lo == 0) {
        fprintf(stderr, "steps: %s is not in the child\n", path);
        return 2;
    }
    count(child, code, "malloc", argc > 3);
    next_mark(child, PTRACE_SINGLESTEP);
    count(child, code, "free", argc > 3);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    free(path);
    return 0;
}
