/* SPDX-License-Identifier: MIT */
/*
 * Blocks that wander between threads, and threads that begin, work and end at the same time.
 * Part of suite.c.
 */
enum { MOST_THREADS = 16 };

/* On stacks of 1 MB: libc keeps a few of them, now more and now less, and where addresses are
 * counted that must not matter. */
static void run_threads(int n, void *(*work)(void *), void *arguments, size_t size)
{
    pthread_t thread[MOST_THREADS];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, MB);
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_create(&thread[i], &small, work, (char *)arguments + i * size), 0);
    pthread_attr_destroy(&small);
    for (int i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
}

/* ---- each thread has a shadow of its own, and they exchange blocks ---- */

enum { EXCHANGE = 64, OWN_SLOTS = 500 };

static pthread_mutex_t exchange_lock = PTHREAD_MUTEX_INITIALIZER;
static struct shadow_block exchange[EXCHANGE];

struct trader {
    struct shadow_block block[OWN_SLOTS];
    struct shadow shadow;
    int steps;
};

static void *trade(void *argument)
{
    struct trader *trader = (struct trader *)argument;
    struct shadow *shadow = &trader->shadow;
    for (int i = 0; i < trader->steps; i++) {
        shadow_step(shadow);
        if (i % 2 == 0) { /* then half of the frees are of other threads' blocks */
            struct shadow_block *mine = &trader->block[below(&shadow->seed, OWN_SLOTS)];
            size_t place = below(&shadow->seed, EXCHANGE);
            pthread_mutex_lock(&exchange_lock);
            struct shadow_block other = exchange[place];
            exchange[place] = *mine;
            *mine = other;
            pthread_mutex_unlock(&exchange_lock);
        }
    }
    shadow_check_all(shadow);
    shadow_drop_all(shadow);
    return NULL;
}

static void threads_exchange_blocks(void **state)
{
    (void)state;
    static struct trader trader[8];
    memset(trader, 0, sizeof trader);
    memset(exchange, 0, sizeof exchange);
    for (int i = 0; i < 8; i++) {
        struct shadow shadow = {trader[i].block, OWN_SLOTS, (uint64_t)i * 1000 + 1, 0, false};
        trader[i].shadow = shadow;
        trader[i].steps = rounds(5000);
    }
    run_threads(8, trade, trader, sizeof trader[0]);
    for (int i = 0; i < EXCHANGE; i++)
        if (exchange[i].ptr != NULL)
            shadow_drop(&exchange[i]);
    assert_int_equal(faults, 0);
}

/* ---- one side allocates, the other frees ---- */

enum { PIPE_ROOM = 256 };

struct pipe {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct shadow_block block[PIPE_ROOM];
    unsigned in, out;
    int blocks;
};

static void *produce(void *argument)
{
    struct pipe *pipe = (struct pipe *)argument;
    struct shadow shadow = {NULL, 0, (uintptr_t)pipe, 0, false};
    for (int i = 0; i < pipe->blocks; i++) {
        struct shadow_block block = {(unsigned char *)get(below(&shadow.seed, 2000)), 0, 16, 0, 0};
        if (block.ptr == NULL) {
            fault("out of memory");
            return NULL;
        }
        shadow_enter(&shadow, &block, usable(block.ptr));
        pthread_mutex_lock(&pipe->lock);
        while (pipe->in - pipe->out == PIPE_ROOM)
            pthread_cond_wait(&pipe->moved, &pipe->lock);
        pipe->block[pipe->in++ % PIPE_ROOM] = block;
        pthread_cond_broadcast(&pipe->moved);
        pthread_mutex_unlock(&pipe->lock);
    }
    return NULL;
}

static void *consume(void *argument)
{
    struct pipe *pipe = (struct pipe *)argument;
    for (int i = 0; i < pipe->blocks; i++) {
        pthread_mutex_lock(&pipe->lock);
        while (pipe->in == pipe->out)
            pthread_cond_wait(&pipe->moved, &pipe->lock);
        struct shadow_block block = pipe->block[pipe->out++ % PIPE_ROOM];
        pthread_cond_broadcast(&pipe->moved);
        pthread_mutex_unlock(&pipe->lock);
        shadow_drop(&block);
    }
    return NULL;
}

static void *pipe_end(void *argument)
{
    struct pipe **end = (struct pipe **)argument;
    return (end[1] != NULL ? produce : consume)(end[0]);
}

static void blocks_are_freed_by_another_thread(void **state)
{
    (void)state;
    static struct pipe pipe[4];
    struct pipe *end[8][2];
    for (int i = 0; i < 4; i++) {
        memset(&pipe[i], 0, sizeof pipe[i]);
        pthread_mutex_init(&pipe[i].lock, NULL);
        pthread_cond_init(&pipe[i].moved, NULL);
        pipe[i].blocks = rounds(10000);
        end[2 * i][0] = end[2 * i + 1][0] = &pipe[i];
        end[2 * i][1] = &pipe[i];
        end[2 * i + 1][1] = NULL;
    }
    size_t before = stats().system;
    run_threads(8, pipe_end, end, sizeof end[0]);
    assert_int_equal(faults, 0);
    assert_sparing(stats().system < before + 16 * MB); /* freed memory came back into use */
}

/* ---- threads that end and leave blocks behind ---- */

enum { LEFT = 50 };

struct leaver {
    struct shadow_block block[LEFT];
    uint64_t seed;
};

static void *leave_blocks(void *argument)
{
    struct leaver *leaver = (struct leaver *)argument;
    struct shadow shadow = {NULL, 0, leaver->seed, 0, false};
    for (int i = 0; i < LEFT; i++)
        shadow_add(&shadow, &leaver->block[i]);
    return NULL;
}

static void *drop_left_blocks(void *argument)
{
    struct leaver *leaver = (struct leaver *)argument;
    for (int i = 0; i < LEFT; i++)
        if (leaver->block[i].ptr != NULL)
            shadow_drop(&leaver->block[i]);
    return NULL;
}

static void blocks_outlive_their_thread(void **state)
{
    (void)state;
    static struct leaver leaver[MOST_THREADS];
    for (int round = 0; round < rounds(8); round++) {
        memset(leaver, 0, sizeof leaver);
        for (int i = 0; i < MOST_THREADS; i++)
            leaver[i].seed = (uint64_t)round * 100 + (uint64_t)i;
        run_threads(MOST_THREADS, leave_blocks, leaver, sizeof leaver[0]);
        for (int i = 0; i < MOST_THREADS / 2; i++) /* half by this thread, half by new ones */
            drop_left_blocks(&leaver[i]);
        run_threads(MOST_THREADS / 2, drop_left_blocks, leaver + MOST_THREADS / 2,
                    sizeof leaver[0]);
    }
    assert_int_equal(faults, 0);
}
