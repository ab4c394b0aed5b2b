/* SPDX-License-Identifier: MIT */
/*
 * Test of perf_stat: what is counted of which requests, and what is said where nothing can be. The
 * system's own counts need no processor that has counters, so they are what is compared.
 */
#define _GNU_SOURCE
#include <mortise/arch/cpu.h>
#define mortise_cpu_counter fake_counter /* for test_page: here there may be no real one */
static uint64_t fake_counter(uint32_t index);

#define COMPOSITION counted
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC spinlock
#include <mortise/layer/tlsf_glk.h>
#define LAYER touching
#include "user/touching.h"
#define LAYER faults
#define PERF_STAT_EVENT page_faults
#include <mortise/layer/perf_stat.h>
#define LAYER clock
#define PERF_STAT_SAMPLE 10
#include <mortise/layer/perf_stat.h>
#define LAYER cycles
#define PERF_STAT_EVENT cycles
#include <mortise/layer/perf_stat.h>
LAYER_COMPOSE(counted, mmap_heap, tlsf_glk, touching, faults, clock, cycles)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include "stat.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static struct mortise_sink sink;

static const char *report(void)
{
    mortise_sink_drop(&sink);
    sink.form = MORTISE_FORM_JSON;
    counted_stats_to(&counted_default, &sink);
    mortise_sink_add(&sink, "\n");
    sink.text[sink.length - 1] = '\0';
    return sink.text;
}

/* Whether the report of a layer has that text in it. */
static bool says(const char *layer, const char *what)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"layer\":\"%s\"", layer);
    const char *at = strstr(report(), wanted);
    const char *end = at != NULL ? strchr(at, '\n') : NULL;
    const char *found = at != NULL ? strstr(at, what) : NULL;
    return found != NULL && (end == NULL || found < end);
}

static void some(struct counted_heap *heap, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        void *block = counted_malloc(heap, 100);
        check(block != NULL, "malloc");
        counted_free(heap, block);
    }
}

/* Does the system count at all? */
static bool can_count(void)
{
    struct mortise_os_counter counter = {0};
    bool can = mortise_os_counter_open(&counter, mortise_event_page_faults) == MORTISE_COUNTING;
    mortise_os_counter_close(&counter);
    return can;
}

static void test_counts(void)
{
    some(&counted_default, 100); /* what is touched for the first time is */
    const char *said = report();
    long before = number(said, "faults", "alloc", "total");
    check(number(said, "faults", "alloc", "count") == 100, "every allocation is counted");
    check(number(said, "faults", "free", "count") == 100, "every free is counted");
    check(number(said, "clock", "alloc", "count") == 10, "every tenth allocation is counted");
    check(number(said, "clock", "free", "count") == 10, "every tenth free is counted");
    check(number(said, "clock", NULL, "sample") == 10, "the report says so");
    check(number(said, "clock", "alloc", "total") > 0, "an allocation takes time");
    check(number(said, "faults", NULL, "threads") == 1, "by one thread");
    check(number(said, "faults", NULL, "uncounted") == 0, "and all of it");
    pages_touched = 3;
    some(&counted_default, 50);
    pages_touched = 0;
    said = report();
    long faults = number(said, "faults", "alloc", "total") - before;
    check(faults >= 150, "the faults of an allocation are counted");
    check(MORTISE_TSAN || MORTISE_ASAN || faults < 160, "and no others");
    check(number(said, "faults", "alloc", "max") >= 3, "the most in one");
    long mean = number(said, "faults", "alloc", "mean");
    check(mean == number(said, "faults", "alloc", "total") / 150, "and how many on average");
}

static void test_failed(void)
{
    void *volatile nothing = NULL; /* which the compiler does not follow */
    long count = number(report(), "faults", "alloc", "count");
    check(counted_malloc(&counted_default, SIZE_MAX / 4) == NULL, "more than there is");
    counted_free(&counted_default, nothing);
    const char *said = report();
    check(number(said, "faults", "alloc", "count") == count, "a failed request is not counted");
    check(number(said, "faults", "alloc", "failed") >= 1, "but noted");
    check(number(said, "faults", "free", "failed") == 0, "free of NULL is not");
}

static int open_files(void)
{
    int files = 0;
    for (int file = 0; file < 4096; file++)
        files += fcntl(file, F_GETFD) >= 0;
    return files;
}

static struct perf_event_mmap_page fake_page;
static uint32_t fake_index, fake_readings;

/* At the first reading, the kernel comes between. */
static uint64_t fake_counter(uint32_t index)
{
    fake_index = index;
    if (fake_readings++ == 0) {
        fake_page.lock++;
        fake_page.offset = 1000;
    }
    return (UINT64_C(1) << 40) - 5; /* -5 in 40 bits */
}

/* What the kernel shows of the processor's counter; see perf_event_open(2). */
static void test_page(void)
{
    struct perf_event_mmap_page *page = &fake_page;
    uint64_t value = 0;
    page->cap_user_rdpmc = 1;
    page->pmc_width = 40;
    check(!mortise_linux_counter_shown(page, &value), "an index of 0 is no counter");
    page->index = 3;
    check(mortise_linux_counter_shown(page, &value), "another is");
    check(value == 995 && fake_index == 2, "the count is signed and has an offset");
    check(fake_readings == 2, "and is read again where the kernel moved it");
    page->cap_user_rdpmc = 0;
    check(!mortise_linux_counter_shown(page, &value), "not every kernel lets a program read it");
}

static void *thread_body(void *heap)
{
    some(heap != NULL ? (struct counted_heap *)heap : &counted_default, 10);
    return NULL;
}

/* What ended threads and heaps counted stays, but for their files. */
static void test_merge(void)
{
    int files = open_files();
    long before = number(report(), "faults", "free", "count");
    long threads = number(report(), "faults", NULL, "threads");
    for (int i = 0; i < 20; i++)
        run_thread(thread_body);
    check(open_files() == files, "threads that ended have no file");
    struct counted_heap *heap = counted_heap_create();
    check(heap != NULL, "heap_create");
    some(heap, 5);
    counted_heap_destroy(heap);
    check(number(report(), "faults", "free", "count") == before + 205, "of threads and of heaps");
    check(number(report(), "faults", NULL, "threads") == threads + 20, "each had a counter");
    unsigned records = 0;
    struct mortise_record *record = mortise_records_first(&counted_at_faults_records);
    for (; record != NULL; record = record->next)
        records++;
    check(records <= 4, "records go from one thread to the next");
}

static struct counted_heap *lost_heap;

static void *lost_body(void *unused)
{
    lost_heap = counted_heap_create();
    some(lost_heap, 1);
    counted_heap_destroy(lost_heap); /* and with it the thread's state */
    return unused;
}

/* A thread whose heap was destroyed gives nothing away: the record is found by the next ones. */
static void test_reclaim(void)
{
    for (int i = 0; i < 20; i++)
        run_thread(lost_body);
    unsigned records = 0;
    struct mortise_record *record = mortise_records_first(&counted_at_faults_records);
    for (; record != NULL; record = record->next)
        records++;
    check(records <= 8, "records of the dead are found");
    check(open_files() < 32, "and with them their files");
}

/* The child's counter is one of its own. */
static void fork_body(void)
{
    some(&counted_default, 30);
    const char *said = report();
    check(number(said, "faults", "alloc", "count") == 30, "a child begins at 0");
    check(number(said, "faults", NULL, "threads") == 1, "with a counter of its own");
    long before = number(said, "faults", "alloc", "total");
    pages_touched = 1;
    some(&counted_default, 10);
    check(number(report(), "faults", "alloc", "total") >= before + 10, "which counts what it does");
}

/* Leaves the program no file of ours, and puts files of its own in their place: they are not read,
 * and not closed. */
static void close_body(void)
{
    int ends[2];
    char text[16] = "";
    some(&counted_default, 1);
    check(pipe(ends) == 0 && write(ends[1], "12345678", 8) == 8, "pipe");
    for (int file = 3; file < 512; file++)
        if (file != ends[0] && file != ends[1] && fcntl(file, F_GETFD) >= 0)
            check(dup2(ends[0], file) == file, "dup2");
    int files = open_files();
    some(&counted_default, 30);
    check(read(ends[0], text, sizeof text) == 8, "what is in a file of the program stays there");
    check(open_files() == files, "and the file is not closed");
    const char *said = report();
    check(number(said, "faults", "alloc", "count") == 1, "from then on nothing is counted");
    check(says("faults", "\"because\":\"the program closed its file\""), "and the report says so");
}

/* No file is left: that thread is uncounted, the next is not. */
static void *limited_body(void *unused)
{
    struct rlimit limit, none;
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    none = limit;
    none.rlim_cur = 3;
    check(setrlimit(RLIMIT_NOFILE, &none) == 0, "setrlimit");
    some(&counted_default, 30);
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
    some(&counted_default, 30);
    return unused;
}

static void limit_body(void)
{
    run_thread(limited_body);
    check(number(report(), "faults", NULL, "uncounted") == 1, "a thread without a counter");
    check(number(report(), "faults", "alloc", "count") == -1, "counts nothing");
    check(says("faults", "\"because\":\"files or memory are out\""), "and the report says so");
    run_thread(thread_body);
    check(number(report(), "faults", "alloc", "count") == 10, "the next has one");
}

static void exit_body(void)
{
    some(&counted_default, 4);
}

/* A line for each layer, when the program ends. */
static void test_file(void)
{
    char path[] = "/tmp/perf_stat.XXXXXX", target[64];
    close(mkstemp(path));
    snprintf(target, sizeof target, "json:%s", path);
    setenv("MORTISE_STATS", target, 1);
    in_child(exit_body);
    setenv("MORTISE_STATS", "", 1);
    char *text = content(path);
    unlink(path);
    check(number(text, "faults", "alloc", "count") == 4, "what a program counted is in its file");
    check(strstr(text, "\"event\":\"page_faults\",\"sample\":1,") != NULL, "with the event");
    check(number(text, "clock", "free", "count") == 1, "of each layer");
    free(text);
}

static int calls;

static void refuse(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    calls++;
#if defined(__x86_64__)
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
    ((ucontext_t *)context)->uc_mcontext.regs[0] = (uint64_t)-EPERM;
#endif
}

/* A filter refuses the call: it is made for the first thread, and never again. */
static void filter_body(void)
{
    struct sigaction action = {0};
    action.sa_sigaction = refuse;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSYS, &action, NULL);
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof code / sizeof code[0], code};
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
              prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0,
          "a filter of system calls");
    errno = 0;
    some(&counted_default, 30);
    check(errno == 0, "errno stays");
    int first = calls;
    check(first > 0 && first <= 6, "each layer asks once, or twice with less");
    for (int i = 0; i < 5; i++)
        run_thread(thread_body);
    check(calls == first, "and never again");
    check(number(report(), "faults", "alloc", "count") == -1, "nothing is counted");
    check(says("faults", "\"because\":\"the system forbids it\""), "and the report says so");
    check(number(report(), "faults", NULL, "uncounted") == 6, "of how many threads");
}

/* A layer whose event there is not says so, and one whose event there is counts. */
static void test_unknown(void)
{
    long counted = number(report(), "cycles", NULL, "threads");
    check((counted > 0) != says("cycles", "\"because\":\"the system "), "counted, or said why not");
    check((counted > 0) == (number(report(), "cycles", "alloc", "count") > 0), "one of them");
    if (counted > 0)
        check(number(report(), "cycles", "alloc", "total") > 100, "an allocation has cycles");
}

int main(void)
{
    setenv("MORTISE_STATS", "", 1);
    if (MORTISE_CPU_COUNTERS)
        test_page();
    if (!can_count()) {
        some(&counted_default, 10);
        check(says("faults", "\"because\":\"the system "), "the report says why nothing counts");
        puts("perf_stat: the system does not count, skipped");
        return 0;
    }
    test_counts();
    test_failed();
    test_unknown();
    test_merge();
    test_reclaim();
    test_file();
    in_child(fork_body);
    in_child(close_body);
    in_child(limit_body);
    in_child(filter_body);
    puts("perf_stat: passed");
    return 0;
}
