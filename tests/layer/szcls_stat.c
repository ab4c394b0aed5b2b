/* SPDX-License-Identifier: MIT */
/*
 * Test of szcls_stat: which class is counted, and that what lives is what was not freed.
 */
#define COMPOSITION sized
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC spinlock
#include <mortise/layer/tlsf_glk.h>
#define LAYER inner
#define SZCLS_STAT_SIZECLASS log2b
#include <mortise/layer/szcls_stat.h>
#define LAYER outer
#include <mortise/layer/szcls_stat.h>
LAYER_COMPOSE(sized, mmap_heap, tlsf_glk, inner, outer)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

static void ending_hook(void);

#define COMPOSITION several
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER szcls_stat
#include <mortise/layer/szcls_stat.h>
#define LAYER ending
#include "user/ending.h"
LAYER_COMPOSE(several, mmap_heap, tlsf_glk, szcls_stat, ending)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION checked
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER delayed_free
#define DELAYED_FREE_ERR_HANDLE callback
#include <mortise/layer/delayed_free.h>
#define LAYER szcls_stat
#include <mortise/layer/szcls_stat.h>
LAYER_COMPOSE(checked, mmap_heap, tlsf_glk, delayed_free, szcls_stat)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include "stat.h"

static struct mortise_sink sink;

static const char *report(void)
{
    mortise_sink_drop(&sink);
    sink.form = MORTISE_FORM_JSON;
    sized_stats_to(&sized_default, &sink);
    mortise_sink_add(&sink, "\n");
    sink.text[sink.length - 1] = '\0';
    return sink.text;
}

static long of(const char *row, const char *field)
{
    return number(report(), "outer", row, field);
}

/* Over all classes of a layer. */
static long sum(const char *layer, const char *field)
{
    const char *said = report();
    long all = 0;
    char row[32];
    for (unsigned szcls = 0; szcls < mortise_tc_classes; szcls++) {
        snprintf(row, sizeof row, "%zu",
                 mortise_tc_szcls_to_size(szcls, mortise_sizeclass_of(0, 0, 0)));
        long here = number(said, layer, row, field);
        all += here > 0 ? here : 0;
    }
    long here = number(said, layer, "larger", field);
    return all + (here > 0 ? here : 0);
}

static void test_classes(void)
{
    void *small = sized_malloc(&sized_default, 100), *large = sized_malloc(&sized_default, 1000000);
    check(of("112", "wanted") == 1 && of("112", "wanted_bytes") == 100, "by the class of the size");
    check(of("larger", "wanted") == 1 && of("larger", "live") == 1, "beyond the last class");
    check(of("larger", "live_bytes") == (long)sized_usable_size(&sized_default, large),
          "usable bytes live");
    check(number(report(), "inner", "128", "wanted") == 1, "each layer has classes of its own");
    sized_free(&sized_default, small);
    sized_free(&sized_default, large);
    check(of("112", "freed") == 1 && of("112", "live") == 0 && of("112", "live_bytes") == 0,
          "free");
    check(of("larger", "freed") == 1 && of("larger", "live") == 0, "free of a large block");
}

static void test_failed(void)
{
    void *volatile nothing = NULL; /* which the compiler does not follow */
    check(sized_malloc(&sized_default, SIZE_MAX / 4) == NULL, "more than there is");
    sized_free(&sized_default, nothing);
    check(of("larger", "failed") >= 1 && of("larger", "live") == 0, "a failed request is no block");
    check(sum("outer", "freed") == 2, "free of NULL is none");
}

static void test_resize(void)
{
    void *block = sized_malloc(&sized_default, 1000);
    for (size_t size = 2000; size < 1000000; size *= 2)
        block = sized_realloc(&sized_default, block, size);
    check(sum("outer", "live") == 1, "one block, however often it was resized");
    check(sum("outer", "live_bytes") == (long)sized_usable_size(&sized_default, block),
          "and sized");
    sized_free(&sized_default, block);
    check(sum("outer", "live") == 0 && sum("outer", "live_bytes") == 0, "none is left");
}

static void *blocks[100];

static void *allocate(void *unused)
{
    for (int i = 0; i < 100; i++)
        blocks[i] = sized_malloc(&sized_default, (size_t)i * 50);
    return unused;
}

static void *release(void *unused)
{
    for (int i = 0; i < 100; i++)
        sized_free(&sized_default, blocks[i]);
    return unused;
}

/* One thread allocates, another frees, and both have ended. */
static void test_threads(void)
{
    long wanted = sum("outer", "wanted");
    run_thread(allocate);
    check(sum("outer", "live") == 100 && sum("outer", "wanted") == wanted + 100, "100 blocks live");
    run_thread(release);
    check(sum("outer", "live") == 0 && sum("outer", "live_bytes") == 0, "none lives");
    struct sized_heap *heap = sized_heap_create();
    void *block = sized_malloc(heap, 10);
    check(sum("outer", "wanted") == wanted + 101, "further heaps count as well");
    sized_free(heap, block);
    sized_heap_destroy(heap);
}

/* Records of the calling thread, if `mine`, else of any. */
static int records(bool mine)
{
    int count = 0;
    struct mortise_record *record = mortise_records_first(&several_at_szcls_stat_records);
    for (; record != NULL; record = record->next)
        count += mine ? record->thread == mortise_os_thread_id() : record->thread != 0;
    return count;
}

static int ends;

/* What layers on the user side do at an end, such as giving back what they hold, is counted. */
static void ending_hook(void)
{
    ends++;
    check(records(true) == 1, "a thread has its record up to the end of its last state");
}

static void *use_three_heaps(void *beside)
{
    struct several_heap **heap = (struct several_heap **)beside;
    several_free(&several_default, several_malloc(&several_default, 10));
    for (int i = 0; i < 2; i++)
        several_free(heap[i], several_malloc(heap[i], 10));
    check(records(true) == 1, "which counts in one record");
    return NULL;
}

static void test_heaps(void)
{
    struct several_heap *heap[2] = {several_heap_create(), several_heap_create()};
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        check(pthread_create(&thread, NULL, use_three_heaps, heap) == 0, "pthread_create");
        pthread_join(thread, NULL);
        check(ends == 3 * (i + 1), "a thread has a state in each of three heaps");
        check(records(false) == 0, "the record is given away with the last one");
    }
    several_heap_destroy(heap[0]);
    several_heap_destroy(heap[1]);
}

static void child_body(void)
{
    check(sum("outer", "wanted") == 0 && sum("outer", "freed") == 0, "a child begins at 0");
    check(sum("outer", "live") == 100, "with the blocks of its parent");
    release(NULL);
    check(sum("outer", "live") == 0 && sum("outer", "freed") == 100, "which it may free");
    in_child(NULL);
}

static void test_fork(void)
{
    char path[] = "/tmp/szcls_stat.XXXXXX", target[64];
    close(mkstemp(path));
    snprintf(target, sizeof target, "json:%s", path);
    allocate(NULL);
    setenv("MORTISE_STATS", target, 1);
    in_child(child_body);
    setenv("MORTISE_STATS", "", 1);
    char *text = content(path);
    unlink(path);
    unsigned lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    check(lines == 4, "a line for each layer of each process");
    free(text);
    check(sum("outer", "live") == 100, "the parent does not notice");
    release(NULL);
}

static unsigned told;

static enum mortise_verdict tell(enum mortise_error error, const void *address, const char *layer,
                                 void *user)
{
    (void)address, (void)layer, (void)user;
    told++;
    check(error == MORTISE_DOUBLE_FREE, "a second free is one");
    return MORTISE_GO_ON;
}

/* The layer below looks at a block when it is asked about it, and again when it is to free it. */
static void test_second_free(void)
{
    mortise_set_error_callback(tell, NULL);
    void *block = checked_malloc(&checked_default, 100);
    checked_free(&checked_default, block);
    checked_free(&checked_default, block);
    check(told == 1, "a second free is told once");
    struct mortise_sink text = mortise_sink_make(MORTISE_FORM_JSON);
    checked_stats_to(&checked_default, &text);
    mortise_sink_add(&text, "\n");
    text.text[text.length - 1] = '\0';
    check(strstr(text.text, "\"freed\":1") != NULL, "and not counted");
    mortise_sink_drop(&text);
}

int main(void)
{
    setenv("MORTISE_STATS", "", 1);
    test_classes();
    test_failed();
    test_resize();
    test_threads();
    test_fork();
    test_second_free();
    test_heaps(); /* from then on there is a report of that composition, too */
    puts("szcls_stat: passed");
    return 0;
}
