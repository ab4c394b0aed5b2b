/* SPDX-License-Identifier: MIT */
/*
 * Shows that nobody waits for a thread that stands still inside an allocator.
 *
 * usage: progress ALLOCATOR.so LOOK EVERY
 *
 * Runs itself as a child on the allocator (LD_PRELOAD). One thread of the child makes requests of
 * every kind and is single-stepped; at every LOOKth stop within the allocator the other thread
 * makes some of its own, among them frees of the first one's blocks. It has to come to an end of
 * them while the first stands still: one that waits makes a hang. Then further threads, each of
 * which gets one stop further, by EVERY stops, end there by the system call, without another
 * instruction; blocks still have to be whole. x86-64 only.
 *
 * Output: how many stops there were. Exit status: 0, 1 for damage, 2 when it is impossible here.
 */
#include "../traced.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/user.h>

#define MARK() __asm__ volatile("int3" ::: "memory")

enum { HANDED = 8, LIVE = 64 };

/* Between parent and child. */
static struct shared {
    unsigned wanted; /* rounds of the other thread */
    unsigned done;
    unsigned threads; /* to be stepped */
    unsigned damaged;
} * shared;

static void *to_other[HANDED]; /* blocks that the stepped thread leaves to the other */
static void *to_stepped[HANDED];

static void *filled(size_t size)
{
    unsigned char *block = malloc(size);
    if (block == NULL)
        abort();
    block[0] = block[size - 1] = (unsigned char)size;
    return block;
}

/* The exit of a thread that does nothing else any more. */
__attribute__((naked, used)) static void end_here(void)
{
    __asm__("mov $60, %eax\n\txor %edi, %edi\n\tsyscall");
}

/* What is stepped: small and large blocks, of this thread and of the other one, slabs that fill. */
static void *stepped(void *argument)
{
    static const size_t size[] = {24, 24, 700, 20000, 20000, 20000, 60000, 100000, 3000000};
    enum { SIZES = sizeof size / sizeof size[0] };
    void *block[SIZES];
    (void)argument;
    MARK();
    for (int i = 0; i < SIZES; i++)
        block[i] = filled(size[i]);
    for (int i = 0; i < HANDED; i++) {
        void *mine = filled(200);
        free(__atomic_exchange_n(&to_stepped[i], NULL, __ATOMIC_ACQ_REL));
        free(__atomic_exchange_n(&to_other[i], mine, __ATOMIC_ACQ_REL));
    }
    for (int i = 0; i < SIZES; i++)
        free(block[i]);
    void *other = realloc(calloc(10, 100), 5000);
    free(other);
    MARK();
    return NULL;
}

/* One round of the other thread. */
static void work(void)
{
    static unsigned char *live[LIVE];
    static size_t size[LIVE];
    static unsigned turn;
    for (int i = 0; i < 12; i++, turn++) {
        unsigned at = turn * 7 % LIVE;
        if (live[at] != NULL && (live[at][0] != (unsigned char)size[at] ||
                                 live[at][size[at] - 1] != (unsigned char)size[at]))
            shared->damaged++;
        free(live[at]);
        size[at] = turn % 61 == 0 ? 150000 : turn % 13 == 0 ? 20000 : 16 + turn % 500;
        live[at] = filled(size[at]);
    }
    unsigned at = turn % HANDED;
    free(__atomic_exchange_n(&to_other[at], NULL, __ATOMIC_ACQ_REL));
    free(__atomic_exchange_n(&to_stepped[at], filled(24 + turn % 200), __ATOMIC_ACQ_REL));
}

static int follow_me(int channel)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, channel, 0);
    if (shared == MAP_FAILED)
        return 2;
    for (int i = 0; i < 100; i++)
        work();
    for (unsigned i = 0; i < __atomic_load_n(&shared->threads, __ATOMIC_ACQUIRE); i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, stepped, NULL) != 0)
            return 2;
        unsigned end = i + 1; /* threads that have ended: the parent's word that they have */
        while (__atomic_load_n(&shared->damaged, __ATOMIC_RELAXED) == 0) {
            unsigned wanted = __atomic_load_n(&shared->wanted, __ATOMIC_ACQUIRE);
            if (wanted == UINT32_MAX - end)
                break;
            if (wanted == shared->done || wanted > UINT32_MAX / 2) {
                sched_yield();
                continue;
            }
            work();
            __atomic_store_n(&shared->done, shared->done + 1, __ATOMIC_RELEASE);
        }
        pthread_join(thread, NULL);
        for (int j = 0; j < 100; j++)
            work();
        __atomic_store_n(&shared->wanted, shared->done, __ATOMIC_RELEASE);
    }
    return shared->damaged != 0;
}

/* The next thread that stands at a mark. */
static pid_t next_stepped(pid_t child)
{
    for (;;) {
        int status;
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0)
            fail("waitpid");
        if (thread == child && (WIFEXITED(status) || WIFSIGNALED(status)))
            return 0;
        if (WIFSTOPPED(status) && thread != child && status >> 16 == 0 &&
            WSTOPSIG(status) == SIGTRAP)
            return thread;
        if (WIFSTOPPED(status) && ptrace(PTRACE_CONT, thread, NULL, NULL) != 0 && errno != ESRCH)
            fail("PTRACE_CONT");
    }
}

/* The other thread makes a round while `thread` stands still. */
static void let_other_work(void)
{
    unsigned round = shared->done + 1;
    __atomic_store_n(&shared->wanted, round, __ATOMIC_RELEASE);
    while (__atomic_load_n(&shared->done, __ATOMIC_ACQUIRE) != round)
        sched_yield();
}

/* Steps a thread up to its second mark, or to stop number `last`, where it ends. */
static unsigned step(pid_t thread, const char *path, unsigned look, unsigned last)
{
    unsigned stops = 0;
    struct range code = code_of(thread, path);
    for (;;) {
        int status;
        struct user_regs_struct regs;
        if (ptrace(PTRACE_SINGLESTEP, thread, NULL, NULL) != 0 ||
            waitpid(thread, &status, __WALL) < 0 || !WIFSTOPPED(status) ||
            ptrace(PTRACE_GETREGS, thread, NULL, &regs) != 0)
            fail("PTRACE_SINGLESTEP");
        if (regs.rip >= code.lo && regs.rip < code.hi) {
            stops++;
            if ((last == UINT32_MAX && stops % look == 0) || stops == last)
                let_other_work();
            if (stops == last) {
                regs.rip = (uint64_t)(uintptr_t)&end_here;
                regs.orig_rax = UINT64_MAX; /* of a system call, none is to be begun again */
                if (ptrace(PTRACE_SETREGS, thread, NULL, &regs) != 0)
                    fail("PTRACE_SETREGS");
                return stops;
            }
        } else if ((ptrace(PTRACE_PEEKTEXT, thread, (void *)regs.rip, NULL) & 0xff) == 0xcc) {
            regs.rip++;
            if (ptrace(PTRACE_SETREGS, thread, NULL, &regs) != 0)
                fail("PTRACE_SETREGS");
            return stops;
        }
    }
}

/* The first thread to its end, and others up to where they end; how many stops the first had. */
static unsigned step_all(pid_t child, const char *path, unsigned look, unsigned every)
{
    unsigned stops = 0, thread_number = 0;
    pid_t thread;
    while ((thread = next_stepped(child)) != 0) {
        unsigned last = thread_number == 0 ? UINT32_MAX : thread_number * every;
        unsigned made = step(thread, path, look, last);
        if (thread_number == 0)
            stops = made;
        thread_number++;
        unsigned more = stops / every + 1;
        __atomic_store_n(&shared->threads, more, __ATOMIC_RELEASE);
        __atomic_store_n(&shared->wanted, UINT32_MAX - thread_number, __ATOMIC_RELEASE);
        if (ptrace(PTRACE_CONT, thread, NULL, NULL) != 0)
            fail("PTRACE_CONT");
    }
    printf("%u stops, %u threads that ended in between\n", stops, thread_number - 1);
    return stops;
}

int main(int count, char **arguments)
{
    if (count == 3 && strcmp(arguments[1], "follow") == 0)
        return follow_me(atoi(arguments[2]));
    unsigned look = count == 4 ? (unsigned)strtoul(arguments[2], NULL, 10) : 0;
    unsigned every = count == 4 ? (unsigned)strtoul(arguments[3], NULL, 10) : 0;
    if (look == 0 || every == 0) {
        fprintf(stderr, "usage: progress ALLOCATOR.so LOOK EVERY\n");
        return 2;
    }
    char *path = realpath(arguments[1], NULL), channel[16];
    int file = memfd_create("progress", 0);
    if (path == NULL || file < 0 || ftruncate(file, sizeof *shared) != 0)
        fail(arguments[1]);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED)
        fail("mmap");
    shared->threads = 1;
    snprintf(channel, sizeof channel, "%d", file);
    pid_t child = traced_child(path, channel);
    if (ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) != 0 ||
        ptrace(PTRACE_CONT, child, NULL, NULL) != 0)
        fail("ptrace");
    unsigned stops = step_all(child, path, look, every);
    free(path);
    if (shared->damaged != 0)
        printf("%u blocks are damaged\n", shared->damaged);
    return stops == 0 || shared->damaged != 0;
}
