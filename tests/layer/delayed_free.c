/* SPDX-License-Identifier: MIT */
/*
 * What only delayed_free does: freed blocks wait, no more of them than promised, and of two threads
 * that free a block one is told.
 */
#define COMPOSITION waiting
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER delayed_free
#define DELAYED_FREE_DELAYED_SIZE 16384
#define DELAYED_FREE_ERR_HANDLE callback
#include <mortise/layer/delayed_free.h>
LAYER_COMPOSE(waiting, brk_heap, tlsf_glk, delayed_free)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT = 16384 };

#define check(condition)                                                                           \
    ((condition) ? (void)0 : (fprintf(stderr, "%d: %s\n", __LINE__, #condition), exit(1)))

static struct {
    int count;
    enum mortise_error error;
    const void *address;
    enum mortise_verdict verdict;
} said;

static enum mortise_verdict note(enum mortise_error error, const void *address, const char *layer,
                                 void *user)
{
    (void)user;
    check(strncmp(layer, "delayed_free", 12) == 0);
    MORTISE_ADD_RELAXED(&said.count, 1);
    MORTISE_STORE_RELAXED(&said.error, error);
    MORTISE_STORE_RELAXED(&said.address, address);
    return said.verdict;
}

static void check_said(enum mortise_error error, const void *address)
{
    check(said.count == 1);
    check(said.error == error);
    check(said.address == address);
    said.count = 0;
}

static void *get(size_t size)
{
    void *block = waiting_malloc(&waiting_default, size);
    check(block != NULL);
    return block;
}

static void put(void *block)
{
    waiting_free(&waiting_default, block);
}

static size_t used(void)
{
    struct mortise_stats stats = waiting_stats(&waiting_default);
    return stats.system - stats.free;
}

static void trim(void)
{
    waiting_trim(&waiting_default, 0);
}

/* A block is not handed out again before WAIT bytes have been freed after it, and then it is. */
static void a_block_waits_its_turn(void)
{
    trim();
    void *block = get(1000);
    void *pin = get(16);
    put(block);
    size_t freed = 0;
    for (; freed + 2100 < WAIT; freed += 1040) {
        void *other = get(1000);
        check(other != block);
        put(other);
    }
    bool again = false;
    for (int i = 0; i < 10 && !again; i++) {
        void *other = get(1000);
        again = other == block;
        put(other);
    }
    check(again);
    put(pin);
}

/* As many bytes as were promised, headers included, wait: of small blocks, and of empty ones. */
static void the_queue_is_bounded(void)
{
    static void *blocks[5000];
    static const size_t sizes[] = {0, 1, 24, 100, 5000, WAIT - 100, WAIT, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int count = sizes[i] > 100 ? 50 : 5000;
        trim();
        size_t before = used();
        for (int j = 0; j < count; j++)
            blocks[j] = get(sizes[i]);
        for (int j = 0; j < count; j++)
            put(blocks[j]);
        check(used() <= before + WAIT + WAIT / 2); /* a block costs the neighbour 8 more */
        trim();
        check(used() <= before + 256);
    }
    check(said.count == 0);
}

static void *leave_blocks(void *argument)
{
    for (int i = 0; i < 10; i++)
        put(get(1000));
    return argument;
}

static void a_thread_that_ends_leaves_none(void)
{
    trim();
    pthread_t thread;
    check(pthread_create(&thread, NULL, leave_blocks, NULL) == 0);
    pthread_join(thread, NULL);
    size_t before = used();
    for (int i = 0; i < 20; i++) {
        check(pthread_create(&thread, NULL, leave_blocks, NULL) == 0);
        pthread_join(thread, NULL);
    }
    check(used() <= before + 256);
}

/* Blocks that begin anywhere, where the header has to get out of the way of those that pass by. */
static void every_alignment(void)
{
    enum { MANY = 200 };
    for (size_t align = 16; align <= 1 << 20; align *= 2) {
        char *blocks[MANY];
        int many = align > 65536 ? 8 : MANY;
        for (int i = 0; i < many; i++) {
            blocks[i] = (char *)waiting_aligned_alloc(&waiting_default, align, 100 + (size_t)i);
            check(blocks[i] != NULL && (uintptr_t)blocks[i] % align == 0);
            memset(blocks[i], 'x', waiting_usable_size(&waiting_default, blocks[i]));
            get(16 * ((size_t)i % 5));
        }
        for (int i = 0; i < many; i++)
            put(blocks[i]);
        check(said.count == 0);
        if (align >= 65536)
            continue; /* these pass by */
        put(blocks[many - 1]);
        check_said(MORTISE_DOUBLE_FREE, blocks[many - 1]);
    }
}

/* A block whose byte `at` is changed while it waits. */
static void change_one_that_waits(size_t size, size_t at)
{
    char *block = (char *)get(size);
    put(block);
    block[at] ^= 1;
    trim();
    check_said(MORTISE_USED_AFTER_FREE, block);
}

static void changes_are_found(void)
{
    static const size_t sizes[] = {0, 1, 15, 24, 100, 1000, 8000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        void *block = get(sizes[i]);
        size_t usable = waiting_usable_size(&waiting_default, block);
        put(block);
        trim();
        size_t before = used();
        for (size_t at = 0; at < usable; at += usable / 7 + 1)
            change_one_that_waits(sizes[i], at);
        check(used() == before);
        said.verdict = MORTISE_DROP; /* and it does not come back */
        change_one_that_waits(sizes[i], usable - 1);
        check(used() >= before + usable);
        said.verdict = MORTISE_GO_ON;
    }
}

/* One header overwritten while others wait before and behind it: told once, and all goes on. */
static void a_broken_queue_is_left(void)
{
    for (int broken = 0; broken < 8; broken++) {
        char *blocks[8];
        for (int i = 0; i < 8; i++)
            blocks[i] = (char *)get(100);
        for (int i = 0; i < 8; i++)
            put(blocks[i]);
        blocks[broken][-3] ^= 1;
        if (broken % 2 == 0)
            put(get(50));
        trim();
        check_said(MORTISE_CORRUPT, blocks[broken]);
    }
}

enum { RACES = 20000, DISPUTED = 8 };

static void *disputed[DISPUTED];
static int turn; /* even: the blocks are not there yet */
static int ended;

/* Frees every block in the turn that is to come; the threads meet in the middle. */
static void free_disputed(int mine, bool upwards)
{
    for (int looks = 1; MORTISE_LOAD_ACQUIRE(&turn) != mine; looks++) { /* sees the blocks */
        if (looks % 1024 != 0)
            mortise_cpu_pause();
        else
            mortise_os_yield();
    }
    for (int i = 0; i < DISPUTED; i++)
        put(disputed[upwards ? i : DISPUTED - 1 - i]);
}

static void *free_at_once(void *argument)
{
    for (int i = 0; i < RACES; i++) {
        free_disputed(2 * i + 1, true);
        MORTISE_STORE_RELEASE(&ended, i + 1); /* shows that the blocks are freed */
    }
    return argument;
}

/* Of two threads that free a block at once exactly one is told. ThreadSanitizer finds that one
 * looks at a block that the other has freed, which is what this is about. */
static void a_race_has_one_winner(void)
{
    if (MORTISE_TSAN)
        return;
    pthread_t thread;
    check(pthread_create(&thread, NULL, free_at_once, NULL) == 0);
    for (int i = 0; i < RACES; i++) {
        for (int j = 0; j < DISPUTED; j++)
            disputed[j] = get(40);
        MORTISE_STORE_RELEASE(&turn, 2 * i + 1); /* shows the blocks */
        free_disputed(2 * i + 1, false);
        while (MORTISE_LOAD_ACQUIRE(&ended) != i + 1)
            mortise_os_yield();
        check(said.count == DISPUTED);
        check(said.error == MORTISE_DOUBLE_FREE);
        said.count = 0;
    }
    pthread_join(thread, NULL);
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    a_block_waits_its_turn();
    the_queue_is_bounded();
    a_thread_that_ends_leaves_none();
    every_alignment();
    changes_are_found();
    a_broken_queue_is_left();
    a_race_has_one_winner();
    return 0;
}
