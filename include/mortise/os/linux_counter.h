/* SPDX-License-Identifier: MIT */
/*
 * mortise_os_counter_* on Linux, by perf_event_open. Part of linux.h.
 *
 * A counter is a file, and the program may close files that it does not know, and open others in
 * their place. So the kernel's number of the counter is asked for before the file is read or
 * closed: nothing is taken out of a file of the program's. The file's own number is out of the way
 * of those that a program expects.
 *
 * Where the kernel shows the processor's counter in a page, it is read there, without a system
 * call. A counter of the processor is pinned: it counts always, or reading it fails.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of os.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_LINUX_COUNTER_H
#define MORTISE_OS_LINUX_COUNTER_H

#include "../arch/cpu.h"
#include "../core/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct mortise_os_counter {
    uint64_t number; /* the kernel's, 0: there is no counter */
    struct perf_event_mmap_page *page;
    int file;
    bool all;
};

/* How the kernel names an event, and whether it can leave out what it does for the thread: a
 * switch or a migration is all the kernel's, a clock runs on. */
enum mortise_linux_part { MORTISE_LINUX_DIVIDES, MORTISE_LINUX_KERNELS, MORTISE_LINUX_RUNS_ON };

struct mortise_linux_event {
    uint32_t type;
    uint64_t config;
    enum mortise_linux_part part;
};

MORTISE_PLAIN struct mortise_linux_event mortise_linux_event(enum mortise_event event)
{
    static const struct mortise_linux_event events[] = {
        {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, MORTISE_LINUX_DIVIDES},
        {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, MORTISE_LINUX_DIVIDES},
        {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES, MORTISE_LINUX_DIVIDES},
        {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, MORTISE_LINUX_DIVIDES},
        {PERF_TYPE_HW_CACHE,
         PERF_COUNT_HW_CACHE_DTLB | PERF_COUNT_HW_CACHE_OP_READ << 8 |
             PERF_COUNT_HW_CACHE_RESULT_MISS << 16,
         MORTISE_LINUX_DIVIDES},
        {PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS, MORTISE_LINUX_DIVIDES},
        {PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, MORTISE_LINUX_DIVIDES},
        {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, MORTISE_LINUX_DIVIDES},
        {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ, MORTISE_LINUX_DIVIDES},
        {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, MORTISE_LINUX_KERNELS},
        {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS, MORTISE_LINUX_KERNELS},
        {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, MORTISE_LINUX_RUNS_ON},
    };
    return events[event];
}

/* A file that counts in the calling thread, or -1. Changes errno. */
MORTISE_PLAIN int mortise_linux_counter_file(struct mortise_linux_event event, bool all)
{
    struct perf_event_attr attr;
    __builtin_memset(&attr, 0, sizeof attr);
    attr.size = sizeof attr;
    attr.type = event.type;
    attr.config = event.config;
    attr.pinned = event.type != PERF_TYPE_SOFTWARE;
    attr.exclude_kernel = !all;
    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* The same file under a number that programs do not count on, or closed. Changes errno. */
MORTISE_PLAIN int mortise_linux_file_away(int file)
{
    enum { far_away = 256 };
    int away = fcntl(file, F_DUPFD_CLOEXEC, far_away);
    if (away < 0)
        away = fcntl(file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int saved = errno;
    mortise_linux_close(file);
    errno = saved;
    return away;
}

MORTISE_PLAIN enum mortise_counting mortise_linux_refusal(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        return MORTISE_COUNTING_FORBIDDEN;
    case EMFILE:
    case ENFILE:
    case EINVAL: /* of fcntl: the limit of files is that low */
    case ENOMEM:
        return MORTISE_COUNTING_FULL;
    default:
        return MORTISE_COUNTING_UNKNOWN;
    }
}

/* Is its file still the counter? */
MORTISE_PLAIN bool mortise_linux_counter_mine(const struct mortise_os_counter *counter)
{
    uint64_t number = 0;
    return ioctl(counter->file, PERF_EVENT_IOC_ID, &number) == 0 && number == counter->number;
}

MORTISE_PLAIN bool mortise_os_counter_opened(const struct mortise_os_counter *counter)
{
    return counter->number != 0;
}

/* The page shows the counter of a processor alone; without it, the file is read. */
MORTISE_PLAIN struct perf_event_mmap_page *mortise_linux_counter_page(int file, uint32_t type)
{
    if (!MORTISE_CPU_COUNTERS || type == PERF_TYPE_SOFTWARE)
        return NULL;
    void *page = mmap(NULL, mortise_os_page_size(), PROT_READ, MAP_SHARED, file, 0);
    return page == MAP_FAILED ? NULL : (struct perf_event_mmap_page *)page;
}

MORTISE_PLAIN enum mortise_counting mortise_os_counter_open(struct mortise_os_counter *counter,
                                                            enum mortise_event event)
{
    int saved = errno;
    struct mortise_linux_event named = mortise_linux_event(event);
    enum mortise_counting counting = MORTISE_COUNTING;
    bool all = named.part != MORTISE_LINUX_RUNS_ON;
    int file = mortise_linux_counter_file(named, all);
    if (file < 0 && (errno == EACCES || errno == EPERM) && named.part == MORTISE_LINUX_DIVIDES) {
        all = false;
        file = mortise_linux_counter_file(named, all);
    }
    if (file < 0) {
        counting = errno == EINVAL ? MORTISE_COUNTING_UNKNOWN : mortise_linux_refusal(errno);
    } else {
        file = mortise_linux_file_away(file);
        if (file < 0 || ioctl(file, PERF_EVENT_IOC_ID, &counter->number) != 0)
            counting = mortise_linux_refusal(errno);
    }
    if (counting == MORTISE_COUNTING) {
        counter->file = file;
        counter->all = all || named.part == MORTISE_LINUX_RUNS_ON;
        counter->page = mortise_linux_counter_page(file, named.type);
    } else if (file >= 0) {
        mortise_linux_close(file);
    }
    errno = saved;
    return counting;
}

/* The kernel moves the lock on whenever it changes the page, as it does when the thread comes to
 * another processor. Acquire: what is read lies between two equal values of it. */
MORTISE_FAST bool mortise_linux_counter_shown(const struct perf_event_mmap_page *page,
                                              uint64_t *value)
{
    uint32_t lock;
    do {
        lock = MORTISE_LOAD_ACQUIRE(&page->lock);
        uint32_t index = MORTISE_LOAD_ACQUIRE(&page->index);
        unsigned width = MORTISE_LOAD_RELAXED(&page->pmc_width);
        if (!page->cap_user_rdpmc || index == 0 || width == 0 || width > 64)
            return false;
        uint64_t sign = UINT64_C(1) << (width - 1);
        uint64_t count = mortise_cpu_counter(index - 1) & (sign | (sign - 1));
        *value = (uint64_t)MORTISE_LOAD_ACQUIRE(&page->offset) + (count ^ sign) - sign;
    } while (MORTISE_LOAD_RELAXED(&page->lock) != lock);
    return true;
}

MORTISE_SLOW bool mortise_linux_counter_ask(const struct mortise_os_counter *counter,
                                            uint64_t *value)
{
    int saved = errno;
    bool done = mortise_linux_counter_mine(counter) &&
                mortise_linux_read(counter->file, value, sizeof *value) == (ssize_t)sizeof *value;
    errno = saved;
    return done;
}

MORTISE_PLAIN bool mortise_os_counter_read(const struct mortise_os_counter *counter,
                                           uint64_t *value)
{
    if (counter->page != NULL && mortise_linux_counter_shown(counter->page, value))
        return true;
    return mortise_linux_counter_ask(counter, value);
}

MORTISE_PLAIN void mortise_os_counter_close(struct mortise_os_counter *counter)
{
    if (counter->number == 0)
        return;
    int saved = errno;
    if (counter->page != NULL)
        munmap(counter->page, mortise_os_page_size());
    if (mortise_linux_counter_mine(counter))
        mortise_linux_close(counter->file);
    errno = saved;
    counter->page = NULL;
    counter->number = 0;
}

#endif
