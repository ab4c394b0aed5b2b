/* SPDX-License-Identifier: MIT */
/*
 * Test of wcet_stat: which requests are timed, whose counts add up, and what a report says.
 */
#define COMPOSITION timed
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC spinlock
#include <mortise/layer/tlsf_glk.h>
#define LAYER each
#include <mortise/layer/wcet_stat.h>
#define LAYER tenth
#define WCET_STAT_SAMPLE 10
#define WCET_STAT_FLOOR 1
#include <mortise/layer/wcet_stat.h>
LAYER_COMPOSE(timed, mmap_heap, tlsf_glk, each, tenth)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include "stat.h"

static struct mortise_sink sink;

static const char *report(void)
{
    mortise_sink_drop(&sink);
    sink.form = MORTISE_FORM_JSON;
    timed_stats_to(&timed_default, &sink);
    mortise_sink_add(&sink, "\n");
    sink.text[sink.length - 1] = '\0';
    return sink.text;
}

static void some(struct timed_heap *heap, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        void *block = timed_malloc(heap, 100 + i);
        check(block != NULL, "malloc");
        timed_free(heap, block);
    }
}

static void test_samples(void)
{
    some(&timed_default, 50);
    const char *said = report();
    check(number(said, "each", "alloc", "count") == 50, "every allocation is timed");
    check(number(said, "each", "free", "count") == 50, "every free is timed");
    check(number(said, "tenth", "alloc", "count") == 5, "every tenth allocation is timed");
    check(number(said, "tenth", "free", "count") == 5, "every tenth free is timed");
    check(number(said, "tenth", "floor", "count") == 10, "with each of them, nothing is timed");
    check(number(said, "tenth", NULL, "sample") == 10, "the report says so");
    check(number(said, "each", NULL, "process") == getpid(), "and whose it is");
}

/* A larger share is never below a smaller one. */
static void test_order(void)
{
    static const char *const ranks[] = {"p90",     "p99",      "p99.9", "p99.99",
                                        "p99.999", "p99.9999", "max"};
    const char *said = report();
    for (unsigned i = 1; i < sizeof ranks / sizeof ranks[0]; i++)
        check(number(said, "each", "alloc", ranks[i - 1]) <=
                  number(said, "each", "alloc", ranks[i]),
              "ranks ascend");
    check(number(said, "each", "alloc", "max") > 0, "an allocation takes time");
}

/* A failed request is no time, and what nobody owns is no request of a user. */
static void test_failed(void)
{
    void *volatile nothing = NULL; /* which the compiler does not follow */
    long count = number(report(), "each", "alloc", "count");
    check(timed_malloc(&timed_default, SIZE_MAX / 4) == NULL, "more than there is");
    timed_free(&timed_default, nothing);
    const char *said = report();
    check(number(said, "each", "alloc", "count") == count, "a failed request is not timed");
    check(number(said, "each", "alloc", "failed") >= 1, "but counted");
    check(number(said, "each", "free", "failed") == 0, "free of NULL is not");
}

static void test_resize(void)
{
    void *block = timed_malloc(&timed_default, 1000000);
    block = timed_realloc(&timed_default, block, 2000000);
    timed_free(&timed_default, block);
    const char *said = report();
    check(number(said, "each", "resize", "count") + number(said, "each", "resize", "failed") == 1,
          "a resize is timed");
}

static void *thread_body(void *unused)
{
    some(&timed_default, 10);
    return unused;
}

/* What ended threads and heaps counted stays. */
static void test_merge(void)
{
    long before = number(report(), "each", "free", "count");
    for (int i = 0; i < 20; i++)
        run_thread(thread_body);
    for (int i = 0; i < 20; i++) {
        struct timed_heap *heap = timed_heap_create();
        check(heap != NULL, "heap_create");
        some(heap, 5);
        timed_heap_destroy(heap);
    }
    check(number(report(), "each", "free", "count") == before + 300, "of threads and of heaps");
    unsigned records = 0;
    struct mortise_record *record = mortise_records_first(&timed_at_each_records);
    for (; record != NULL; record = record->next)
        records++;
    check(records <= 4, "records go from one thread to the next");
}

static void *exit_body(void *unused)
{
    some(&timed_default, 3);
    exit(0);
    return unused;
}

/* A child begins at 0; its report is written though it exits from another thread. */
static void child_body(void)
{
    some(&timed_default, 4);
    run_thread(exit_body);
}

static void outer_body(void)
{
    some(&timed_default, 9);
    in_child(child_body);
}

/* Both append to one file. */
static void test_files(void)
{
    char path[] = "/tmp/wcet_stat.XXXXXX", target[64];
    close(mkstemp(path));
    snprintf(target, sizeof target, "json:%s", path);
    setenv("MORTISE_STATS", target, 1);
    pid_t outer = in_child(outer_body);
    setenv("MORTISE_STATS", "", 1);
    char *text = content(path);
    unlink(path);
    char mine[64];
    snprintf(mine, sizeof mine, "\"process\":%d,", (int)outer);
    unsigned lines = 0, of_outer = 0;
    for (char *line = text; *line != '\0'; lines++) {
        char *end = strchr(line, '\n');
        check(line[0] == '{' && end != NULL && end[-1] == '}', "a line is an object");
        *end = '\0';
        of_outer += strstr(line, mine) != NULL;
        long count = strstr(line, mine) != NULL ? 9 : 7;
        *end = '\n';
        char next = end[1];
        end[1] = '\0';
        if (strstr(line, "\"layer\":\"each\"") != NULL)
            check(number(line, "each", "alloc", "count") == count, "a process has its own counts");
        end[1] = next;
        line = end + 1;
    }
    check(lines == 4 && of_outer == 2, "a line for each layer of each process");
    free(text);
}

int main(void)
{
    setenv("MORTISE_STATS", "", 1);
    test_samples();
    test_order();
    test_failed();
    test_resize();
    test_merge();
    test_files();
    puts("wcet_stat: passed");
    return 0;
}
