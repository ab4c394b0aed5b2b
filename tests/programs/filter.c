/* SPDX-License-Identifier: MIT */
/*
 * Runs a program where the kernel knows less than today's: mremap, rseq, getrandom, membarrier and
 * every madvise but MADV_DONTNEED are answered by ENOSYS, as by an old kernel or a sandbox.
 *
 * usage: filter PROGRAM ARGUMENT...
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)

int main(int count, char **arguments)
{
    struct sock_filter filter[] = {
        LOAD(nr),
        UNLESS(SYS_mremap, 1),
        REFUSE,
        UNLESS(SYS_rseq, 1),
        REFUSE,
        UNLESS(SYS_getrandom, 1),
        REFUSE,
        UNLESS(SYS_membarrier, 1),
        REFUSE,
        UNLESS(SYS_madvise, 4),
        LOAD(args[2]),
        UNLESS(MADV_DONTNEED, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        REFUSE,
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (count < 2) {
        fprintf(stderr, "usage: filter PROGRAM ARGUMENT...\n");
        return 2;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("filter: seccomp");
        return 2;
    }
    if (syscall(SYS_membarrier, 0, 0, 0) != -1 || errno != ENOSYS) {
        fprintf(stderr, "filter: the filter does not work\n");
        return 2;
    }
    execvp(arguments[1], arguments + 1);
    perror(arguments[1]);
    return 2;
}
