/* SPDX-License-Identifier: MIT */
/*
 * socket/mymalloc_socket.h: blocks of all sizes, with threads whose numbers are good, are those of
 * Linux, or are all the same; more threads in turn than there are states; memory that runs out and
 * comes back; misuse; one thread.
 */
#define COMPOSITION by_stack
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
LAYER_COMPOSE(by_stack, vmalloc_heap, tlsf_glk, slab_lk, thread_cache)
#define MYMALLOC_SOCKET_PREFIX stack_
#define MYMALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/mymalloc_socket.h>

/* Slabs that know their thread. */
#define COMPOSITION by_tid
#define LAYER vmalloc_heap
#include <mortise/heap/vmalloc_heap.h>
#define LAYER slab_wf
#include <mortise/layer/slab_wf.h>
LAYER_COMPOSE(by_tid, vmalloc_heap, slab_wf)
#define MYMALLOC_SOCKET_PREFIX tid_
#define MYMALLOC_SOCKET_THREAD_ID gettid
#define MYMALLOC_SOCKET_EXPORT 0
#define MYMALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/mymalloc_socket.h>

#define COMPOSITION by_call
#define LAYER vmalloc_heap
#include <mortise/heap/vmalloc_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC spinlock
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(by_call, vmalloc_heap, tlsf_glk)
#define MYMALLOC_SOCKET_PREFIX call_
#define MYMALLOC_SOCKET_THREAD_ID call
#define MYMALLOC_SOCKET_FUNCTION everybody
#define MYMALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/mymalloc_socket.h>

#define COMPOSITION alone
#define LAYER sheap_glk
#define SHEAP_GLK_SIZE 1048576
#define SHEAP_GLK_SYNC none
#include <mortise/heap/sheap_glk.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC none
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(alone, sheap_glk, tlsf_glk)
#define MYMALLOC_SOCKET_PREFIX alone_
#define MYMALLOC_SOCKET_THREADS one
#define MYMALLOC_SOCKET_EXPORT 0
#define MYMALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/mymalloc_socket.h>

#include <pthread.h>
#include <sys/mman.h>

#include "../layer/noted.h"
#include "check.h"

MORTISE_ASSERT_STATIC(MORTISE_FREESTANDING == 1, "the unit is freestanding, on the libc of a test");
MORTISE_ASSERT_STATIC(sizeof by_stack_default + sizeof by_stack_table < 400 << 10,
                      "static memory: a mebibyte in all is allowed");

unsigned long everybody(void)
{
    return 7;
}

static size_t limit = SIZE_MAX, mapped;

void *vmalloc(void *addr, size_t length)
{
    check(addr == NULL && length % 4096 == 0 && length != 0, "arguments of vmalloc");
    if (__atomic_add_fetch(&mapped, length, __ATOMIC_RELAXED) > limit) {
        __atomic_sub_fetch(&mapped, length, __ATOMIC_RELAXED);
        return NULL;
    }
    char *base =
        (char *)mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t at = 0; at < length; at += 65536)
        memset(base + at, 0x5a, 4096);
    return base;
}

void vmfree(void *addr, size_t length)
{
    __atomic_sub_fetch(&mapped, length, __ATOMIC_RELAXED);
    check(munmap(addr, length) == 0, "vmfree");
}

struct face {
    void *(*malloc)(size_t size);
    void (*free)(void *block);
};

static const struct face faces[] = {
    {stack_malloc, stack_free}, {tid_malloc, tid_free}, {call_malloc, call_free}};

enum { SLOTS = 256, THREADS = 8, STEPS = 20000 };

/* Blocks that threads hand to each other; each says how large it is and is full of that. */
static unsigned char *slot[SLOTS];

static void empty(const struct face *face, size_t i, unsigned char *block)
{
    unsigned char *old = __atomic_exchange_n(&slot[i], block, __ATOMIC_ACQ_REL);
    if (old == NULL)
        return;
    size_t size;
    memcpy(&size, old, sizeof size);
    check(all_bytes(old + sizeof size, size - sizeof size, (unsigned char)size), "content");
    face->free(old);
}

static const struct face *used;

static void *worker(void *argument)
{
    uint64_t seed = (uint64_t)(uintptr_t)argument * 77 + 5;
    for (int step = 0; step < STEPS; step++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        size_t size = 8 + (seed >> 40) % ((size_t)16 << (seed >> 33) % (step % 64 == 0 ? 15 : 8));
        unsigned char *block = (unsigned char *)used->malloc(size);
        check(block != NULL && (uintptr_t)block % 16 == 0, "malloc");
        memcpy(block, &size, sizeof size);
        memset(block + sizeof size, (int)size, size - sizeof size);
        empty(used, (seed >> 20) % SLOTS, block);
    }
    return NULL;
}

static void run(size_t count, void *(*function)(void *))
{
    pthread_t thread[THREADS];
    for (size_t i = 0; i < count; i++)
        check(pthread_create(&thread[i], NULL, function, (void *)i) == 0, "a thread");
    for (size_t i = 0; i < count; i++)
        pthread_join(thread[i], NULL);
}

static void threads_share_blocks(void)
{
    for (size_t f = 0; f < 3; f++) {
        used = &faces[f];
        run(THREADS, worker);
        for (size_t i = 0; i < SLOTS; i++)
            empty(used, i, NULL);
    }
}

static uint64_t visited; /* states of by_tid, a bit each */

static void *visitor(void *argument)
{
    visited |= UINT64_C(1) << by_tid_first_place();
    void *block[20];
    for (size_t i = 0; i < 20; i++) {
        block[i] = used->malloc(i * 50);
        check(block[i] != NULL, "malloc of one of many");
        memset(block[i], (int)i, i * 50);
    }
    for (size_t i = 0; i < 20; i++)
        used->free(block[i]);
    return argument;
}

/* What a thread took, its state keeps for the next. All states of by_tid have been used after some
 * 300 threads, by chance: their numbers are in a row only where no other program starts any. */
static void threads_come_and_go(void)
{
    for (size_t f = 0; f < 3; f++) {
        used = &faces[f];
        for (int i = 0; i < 200 || (used->malloc == tid_malloc && visited != UINT64_MAX); i++)
            run(1, visitor);
        size_t after = mapped;
        for (int i = 0; i < 300; i++)
            run(1, visitor);
        check(mapped <= after, "300 threads leave no growth");
    }
}

/* What other states keep is collected before a request is refused. */
static void memory_runs_out_and_comes_back(void)
{
    enum { MANY = 400000 };
    static void *block[MANY];
    for (size_t f = 0; f < 3; f++) {
        const struct face *face = &faces[f];
        size_t before = 0;
        limit = mapped;
        check(face->malloc(1 << 30) == NULL, "a gibibyte"); /* collects what is kept */
        limit = mapped + (8 << 20);
        for (int round = 0; round < 4; round++) {
            size_t count = 0, size = round % 2 == 0 ? 200 : 3000;
            while (count < MANY && (block[count] = face->malloc(size)) != NULL)
                memset(block[count++], round, size);
            check(count < MANY && count * size > 5 << 20, "all that there is");
            check(round < 2 || count * size > before / 2, "as much as before");
            before = count * size;
            check(face->malloc(1 << 20) == NULL, "nothing left");
            for (size_t i = 0; i < count; i++) {
                check(all_bytes(block[i], size, (unsigned char)round), "content");
                face->free(block[i]);
            }
        }
        void *large = face->malloc(2 << 20);
        check(large != NULL, "a quarter of it in one block");
        face->free(large);
        limit = SIZE_MAX;
    }
}

static void misuse_is_told(void)
{
    int variable;
    void *block = call_malloc(100);
    for (size_t f = 0; f < 3; f++) {
        reported = MORTISE_OK;
        faces[f].free(NULL);
        check(reported == MORTISE_OK, "free of NULL");
        faces[f].free(&variable);
        check(reported == MORTISE_FOREIGN_POINTER, "free of a variable");
        check(faces[f].malloc(SIZE_MAX) == NULL && faces[f].malloc(SIZE_MAX / 2) == NULL,
              "sizes that are too large");
        check(faces[f].malloc(0) != NULL, "a size of nothing");
    }
    reported = MORTISE_OK;
    call_free(block);
    check(reported == MORTISE_OK, "free");
    call_free(block);
    check(reported == MORTISE_DOUBLE_FREE, "free of a free block");
}

static void one_thread_and_a_pool(void)
{
    for (int round = 0; round < 3; round++) {
        void *block[300];
        size_t count = 0;
        while (count < 300 && (block[count] = alone_malloc(10000)) != NULL)
            memset(block[count++], 1, 10000);
        check(count > 80 && count < 110, "a pool of a mebibyte");
        for (size_t i = 0; i < count; i++)
            alone_free(block[i]);
    }
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    threads_share_blocks();
    threads_come_and_go();
    memory_runs_out_and_comes_back();
    misuse_is_told();
    one_thread_and_a_pool();
    return 0;
}
