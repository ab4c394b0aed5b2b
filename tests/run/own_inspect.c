/* SPDX-License-Identifier: MIT */
/*
 * run/own_inspect.h: the picture of a heap without a system says of each block what it is, also
 * while threads are busy, is whole, ends where it cannot be written, and leaves the heap as it was.
 */
#define COMPOSITION seen
#define LAYER vmalloc_heap
#include <mortise/heap/vmalloc_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC spinlock
#define TLSF_GLK_POOL_SIZE 65536
#define TLSF_GLK_SIZE_HANDLE 0, 65535
#include <mortise/layer/tlsf_glk.h>
#define LAYER slab_lk
#define SLAB_LK_SYNC spinlock
#include <mortise/layer/slab_lk.h>
#define LAYER thread_cache
#include <mortise/layer/thread_cache.h>
LAYER_COMPOSE(seen, vmalloc_heap, tlsf_glk, slab_lk, thread_cache)
#define MYMALLOC_SOCKET_EXPORT 0
#define MYMALLOC_SOCKET_INSPECT 1
#include <mortise/socket/mymalloc_socket.h>

/* The same with one thread, over a pool. */
#define COMPOSITION alone
#define LAYER sheap_glk
#define SHEAP_GLK_SIZE 8388608
#define SHEAP_GLK_SYNC none
#include <mortise/heap/sheap_glk.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC none
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(alone, sheap_glk, tlsf_glk)
#define MYMALLOC_SOCKET_PREFIX alone_
#define MYMALLOC_SOCKET_THREADS one
#define MYMALLOC_SOCKET_EXPORT 0
#define MYMALLOC_SOCKET_INSPECT 1
#include <mortise/socket/mymalloc_socket.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../layer/check.h"

void *vmalloc(void *addr, size_t length)
{
    return mmap(addr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

void vmfree(void *addr, size_t length)
{
    check(munmap(addr, length) == 0, "vmfree");
}

/* ---- a picture, and what it says ---- */

static char text[8 << 20];
static size_t length, most_at_once, calls, calls_left;

static bool take(void *argument, const char *part, size_t size)
{
    check(argument == (void *)text && calls_left > 0, "the function's own argument");
    check(length + size < sizeof text, "a picture of reasonable length");
    memcpy(text + length, part, size);
    length += size;
    most_at_once = size > most_at_once ? size : most_at_once;
    calls++;
    return --calls_left > 0;
}

struct piece {
    char state;
    unsigned long first, size, stride, count;
};

static struct piece pieces[200000];
static size_t piece_count;

static void take_line(const char *line)
{
    struct piece *piece = &pieces[piece_count];
    if (strchr("afct", line[0]) == NULL || line[1] != ' ')
        return;
    check(piece_count + 1 < sizeof pieces / sizeof pieces[0], "a reasonable number of lines");
    char *at = NULL;
    unsigned long number[4];
    strtoul(line + 1, &at, 16); /* the layer */
    for (size_t i = 0; i < 4; i++)
        number[i] = strtoul(at, &at, 16);
    check(at[0] == ' ' && number[1] > 0 && number[2] > 0 && number[3] > 0, "a line of pieces");
    *piece = (struct piece){line[0], number[0], number[1], number[2], number[3]};
    piece_count++;
}

typedef bool inspect_t(mortise_snapshot_write_t *write, void *argument);

static void look(inspect_t *inspect)
{
    length = piece_count = 0;
    calls_left = SIZE_MAX;
    check(inspect(take, text), "a picture");
    text[length] = '\0';
    check(most_at_once <= 256, "parts are small");
    check(strncmp(text, "mortise-heap 1\n", 15) == 0, "its first line");
    check(strstr(text, "\nconsistent yes\n") != NULL, "it is consistent");
    unsigned long lines = 0, said = 0;
    const char *last = text;
    for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1) {
        last = at;
        lines++;
        take_line(at);
    }
    check(sscanf(last, "end %lu", &said) == 1 && said == lines - 1, "its last line");
}

/* What it says of an address last, but for regions; '-': nothing. */
static char state_at(const void *address)
{
    for (size_t i = piece_count; i-- > 0;) {
        const struct piece *piece = &pieces[i];
        unsigned long away = (unsigned long)(uintptr_t)address - piece->first;
        if (away / piece->stride < piece->count && away % piece->stride < piece->size)
            return piece->state;
    }
    return '-';
}

/* ---- blocks ---- */

enum { BLOCKS = 300 };

static char *block[BLOCKS];

static size_t size_of(size_t i)
{
    return 8 + i * i * i % 300000 / (i % 7 == 0 ? 1 : 300);
}

static void get_blocks(void *(*get)(size_t size))
{
    for (size_t i = 0; i < BLOCKS; i++) {
        block[i] = (char *)get(size_of(i));
        check(block[i] != NULL, "memory");
        memset(block[i], (int)i, size_of(i));
    }
}

static void blocks_are(size_t step, size_t from, const char *states)
{
    for (size_t i = from; i < BLOCKS; i += step) {
        check(strchr(states, state_at(block[i])) != NULL, "the state of a block's beginning");
        check(strchr(states, state_at(block[i] + size_of(i) - 1)) != NULL, "and of its end");
    }
}

/* What goes back to vmalloc at once is in the picture no more. */
static void each_block_is_seen(inspect_t *inspect, void *(*get)(size_t size), void (*put)(void *))
{
    look(inspect);
    get_blocks(get);
    look(inspect);
    blocks_are(1, 0, "a");
    for (size_t i = 0; i < BLOCKS; i += 2)
        put(block[i]);
    look(inspect);
    blocks_are(2, 1, "a");
    blocks_are(2, 0, "cft-");
    for (size_t i = 1; i < BLOCKS; i += 2) {
        for (size_t at = 0; at < size_of(i); at++)
            check(block[i][at] == (char)i, "a picture changes nothing");
        put(block[i]);
    }
}

static uint32_t stop;

static void *work(void *argument)
{
    char *mine[200] = {NULL};
    uint64_t seed = (uint64_t)(uintptr_t)argument;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        char **at = &mine[(seed >> 33) % 200];
        size_t size = (seed >> 40) % ((size_t)64 << (seed >> 58) % 12) + 1;
        myfree(*at);
        *at = (char *)mymalloc(size);
        check(*at != NULL, "memory for a thread");
        (*at)[0] = (*at)[size - 1] = 1;
    }
    for (size_t i = 0; i < 200; i++)
        myfree(mine[i]);
    return NULL;
}

/* What the threads have changes from one picture to the next; what does not must be in all. */
static void threads_may_be_busy(void)
{
    enum { THREADS = 2, PICTURES = 10 };
    pthread_t thread[THREADS];
    get_blocks(mymalloc);
    for (size_t i = 0; i < THREADS; i++)
        check(pthread_create(&thread[i], NULL, work, (void *)(i + 1)) == 0, "a thread");
    for (int i = 0; i < PICTURES; i++) {
        look(myinspect);
        blocks_are(3, 0, "a");
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    for (size_t i = 0; i < BLOCKS; i++)
        myfree(block[i]);
}

static void what_cannot_be_written_ends(void)
{
    length = calls = 0;
    calls_left = 2;
    check(!myinspect(take, text), "half a picture is none");
    check(calls == 2, "nothing is written after what failed");
    get_blocks(mymalloc);
    for (size_t i = 0; i < BLOCKS; i++)
        myfree(block[i]);
}

int main(void)
{
    each_block_is_seen(myinspect, mymalloc, myfree);
    each_block_is_seen(alone_inspect, alone_malloc, alone_free);
    threads_may_be_busy();
    what_cannot_be_written_ends();
    return 0;
}
