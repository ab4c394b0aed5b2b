/* SPDX-License-Identifier: MIT */
/*
 * The tests, and what they say:
 *     kit TEST THREADS      one of smoke, random, exchange, waves, traces, leaks, limit, all
 *     kit scale THREADS     what a request costs, by the number of threads
 *     kit picture THREADS   the heap in the middle of random, for mortise inspect to show
 * Memory is counted over all tests of a run: at its peak what vmalloc has given, but for START, may
 * be four times of what was requested at its own peak.
 */
#include "kit.h"

enum { KB = 1 << 10, MB = 1 << 20, START = MB, TIMES = 4, SLOTS = 600, ROUNDS = 6, STEPS = 3000 };

/* ---- words ---- */

static void say(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    kit_say(text, length);
}

static void say_number(uint64_t number, unsigned width)
{
    char digits[24];
    unsigned at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (sizeof digits - at < width)
        digits[--at] = ' ';
    kit_say(digits + at, sizeof digits - at);
}

/* A quotient with two digits behind the point. */
static void say_quotient(uint64_t n, uint64_t by)
{
    uint64_t hundredths = by == 0 ? 0 : n * 100 / by;
    say_number(hundredths / 100, 0);
    say(hundredths % 100 < 10 ? ".0" : ".");
    say_number(hundredths % 100, 0);
}

void kit_fail(const char *what, size_t value)
{
    say("FAILED: ");
    say(what);
    say(" ");
    say_number(value, 0);
    say("\n");
    kit_exit(1);
}

static void check(bool right, const char *what, size_t value)
{
    if (!right)
        kit_fail(what, value);
}

/* ---- what all tests share ---- */

static unsigned threads;
static unsigned round_now;

/* Sizes as programs have them: most are small, one in a hundred takes pages. */
static size_t some_size(uint64_t *seed)
{
    uint64_t n = kit_random(seed);
    unsigned kind = n % 100;
    n >>= 32;
    if (kind < 50)
        return n % 64;
    if (kind < 85)
        return n % 512;
    if (kind < 97)
        return n % (4 * KB);
    return kind < 99 ? n % (32 * KB) : n % (256 * KB);
}

static void *must_get(size_t size)
{
    void *block = kit_get(size);
    check(block != NULL, "no memory for bytes", size);
    return block;
}

/* ---- smoke ---- */

static void smoke(void)
{
    enum { MANY = 500 };
    static void *block[MANY];
    myfree(NULL);
    for (size_t size = 0; size < 300 * KB; size = size * 9 / 8 + 1) {
        void *one = must_get(size), *two = must_get(size);
        kit_put(one, size);
        kit_put(two, size);
    }
    for (size_t i = 0; i < MANY; i++)
        block[i] = must_get(i * 13);
    for (size_t i = 0; i < MANY; i += 2)
        kit_put(block[i], i * 13);
    for (size_t i = 0; i < MANY; i += 2)
        block[i] = must_get(i * 13);
    for (size_t i = 0; i < MANY; i++)
        kit_put(block[i], i * 13);
    static const size_t absurd[] = {SIZE_MAX, SIZE_MAX - 4096, SIZE_MAX / 2, SIZE_MAX / 2 + 1,
                                    (size_t)1 << 50};
    for (size_t i = 0; i < sizeof absurd / sizeof absurd[0]; i++)
        check(mymalloc(absurd[i]) == NULL, "there is a block of bytes", absurd[i]);
}

/* ---- random: each thread for itself ---- */

struct slot {
    void *block;
    size_t size;
};
static struct slot slots[KIT_THREADS][SLOTS];

static void random_begin(unsigned thread)
{
    struct slot *mine = slots[thread];
    uint64_t seed = thread * 1000 + round_now;
    for (unsigned step = 0; step < STEPS; step++) {
        struct slot *slot = &mine[kit_random(&seed) % SLOTS];
        kit_put(slot->block, slot->size);
        slot->size = some_size(&seed);
        slot->block = must_get(slot->size);
    }
}

static void random_end(unsigned thread)
{
    struct slot *mine = slots[thread];
    for (unsigned i = 0; i < SLOTS; i++) {
        kit_put(mine[i].block, mine[i].size);
        mine[i].block = NULL;
    }
}

static void random_work(unsigned thread)
{
    random_begin(thread);
    random_end(thread);
}

/* ---- exchange: blocks are freed by whoever finds them ---- */

static struct slot *shared[KIT_THREADS * SLOTS];

static void put_shared(struct slot *slot)
{
    if (slot == NULL)
        return;
    kit_put(slot->block, slot->size);
    myfree(slot);
}

static void exchange_work(unsigned thread)
{
    uint64_t seed = thread * 77 + round_now * 13;
    for (unsigned step = 0; step < STEPS; step++) {
        struct slot *slot = mymalloc(sizeof *slot);
        check(slot != NULL, "no memory for bytes", sizeof *slot);
        slot->size = some_size(&seed);
        slot->block = must_get(slot->size);
        put_shared(__atomic_exchange_n(&shared[kit_random(&seed) % (threads * SLOTS)], slot,
                                       __ATOMIC_ACQ_REL));
    }
}

/* ---- waves: all of one size, then all of another, as phases of a program ---- */

static void waves_work(unsigned thread)
{
    static void *block[KIT_THREADS][4096];
    static const size_t sizes[] = {24, 100, 500, 1000, 3000, 20 * KB, 100 * KB, 16};
    for (size_t wave = 0; wave < sizeof sizes / sizeof sizes[0]; wave++) {
        size_t size = sizes[(wave + round_now) % (sizeof sizes / sizeof sizes[0])];
        size_t count = 1500 * KB / size < 4096 ? 1500 * KB / size : 4096;
        for (size_t i = 0; i < count; i++)
            block[thread][i] = must_get(size);
        for (size_t i = 0; i < count; i++) /* every third last */
            if (i % 3 != 0)
                kit_put(block[thread][i], size);
        for (size_t i = 0; i < count; i += 3)
            kit_put(block[thread][i], size);
    }
}

/* ---- traces ---- */

static void traces_work(unsigned thread)
{
    kit_replay(&kit_traces[(thread + round_now) % kit_trace_count]);
}

/* ---- limit: all that there is, where that is little ---- */

static void limit(void)
{
    enum { MANY = 40000 };
    static void *block[MANY];
    size_t before[2] = {0, 0};
    for (unsigned round = 0; kit_region_ends && round < 4; round++) {
        size_t size = round % 2 == 0 ? 900 : 5000, count = 0;
        while (count < MANY && (block[count] = kit_get(size)) != NULL)
            count++;
        check(count < MANY && count * size > 20 * MB, "too little of all memory was had, bytes",
              count * size);
        check(round < 2 || count >= before[round % 2] * 9 / 10, "memory has died, bytes",
              (before[round % 2] - count) * size);
        before[round % 2] = count;
        check(mymalloc(2 * MB) == NULL, "there is memory behind the end, bytes", 2 * MB);
        for (size_t i = 0; i < count; i++)
            kit_put(block[i], size);
    }
}

/* ---- leaks: the same again and again comes to take no more, to the page ---- */

static void leaks(void)
{
    size_t first = 0, last = 0;
    kit_memory_begin();
    for (unsigned round = 0, quiet = 0; quiet < 10; round++) {
        check(round < 60, "what was freed is not found again, bytes", last - first);
        round_now = 0;
        random_work(0);
        traces_work(1);
        quiet = kit_mapped_peak() == last ? quiet + 1 : 0;
        last = kit_mapped_peak();
        first = round == 0 ? last : first;
    }
}

/* ---- runs ---- */

struct test {
    const char *name;
    void (*work)(unsigned thread);
    void (*after)(void);
};

static void empty_shared(void)
{
    for (unsigned i = 0; i < threads * SLOTS; i++)
        put_shared(__atomic_exchange_n(&shared[i], NULL, __ATOMIC_ACQ_REL));
}

static const struct test tests[] = {
    {"random", random_work, NULL},
    {"exchange", exchange_work, empty_shared},
    {"waves", waves_work, NULL},
    {"traces", traces_work, NULL},
};
enum { TESTS = sizeof tests / sizeof tests[0] };

static bool same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

/* The figures are of this test, the bound is for all up to now: in a test whose threads happen to
 * run one after the other little is requested at once, beside what the test before has left. */
static void run(const struct test *test)
{
    static size_t most_ever, asked_ever;
    kit_checker_begin();
    kit_memory_begin();
    for (round_now = 0; round_now < ROUNDS; round_now++) {
        kit_together(threads, test->work);
        if (test->after != NULL)
            test->after();
        check(kit_requested() == 0, "blocks are left, bytes", kit_requested());
    }
    size_t most = kit_mapped_peak(), asked = kit_requested_peak();
    size_t beyond = most > START ? most - START : 0;
    most_ever = most > most_ever ? most : most_ever;
    asked_ever = asked > asked_ever ? asked : asked_ever;
    say(test->name);
    say(" on ");
    say_number(threads, 0);
    say(": requested ");
    say_number(asked / KB, 0), say(" KB at the peak, mapped ");
    say_number(most / KB, 0);
    say(" KB (x ");
    say_quotient(most, asked);
    say(", without the start x ");
    say_quotient(beyond, asked);
    say("), ");
    say_number(kit_mapped() / KB, 0);
    say(" KB left\n");
    check(most_ever <= START + TIMES * asked_ever, "more than four times is mapped, bytes",
          most_ever);
}

/* ---- scale ---- */

enum { SCALE_STEPS = 300000 };

/* Without the checker, whose own words threads share. */
static void scale_work(unsigned thread)
{
    static void *block[KIT_THREADS][64 + 16];
    uint64_t seed = thread;
    for (unsigned step = 0; step < SCALE_STEPS; step++) {
        uint64_t n = kit_random(&seed);
        void **slot = &block[thread][n % 64];
        myfree(*slot);
        *slot = mymalloc(16 + (n >> 40) % 400);
    }
    for (unsigned i = 0; i < 64; i++) {
        myfree(block[thread][i]);
        block[thread][i] = NULL;
    }
}

static void scale(void)
{
    for (unsigned count = 1; count <= threads; count *= 2) {
        uint64_t best = UINT64_MAX;
        for (unsigned i = 0; i < 5; i++) {
            uint64_t began = kit_clock();
            kit_together(count, scale_work);
            uint64_t took = kit_clock() - began;
            best = took < best ? took : best;
        }
        say_number(count, 2);
        say(" threads: ");
        say_quotient(best, (uint64_t)SCALE_STEPS * count);
        say(" ns from beginning to end for each pair of mymalloc and myfree\n");
    }
}

/* ---- picture ---- */

static bool picture_write(void *argument, const char *text, size_t length)
{
    (void)argument;
    kit_say(text, length);
    return true;
}

static int picture(void)
{
    if (myinspect == NULL) {
        say("this allocator has no myinspect: give mymalloc_socket inspect=1\n");
        return 1;
    }
    kit_together(threads, random_begin);
    bool whole = myinspect(picture_write, NULL);
    kit_together(threads, random_end);
    return whole ? 0 : 1;
}

int kit_main(int argc, char **argv)
{
    bool known = false;
    threads =
        argc == 3 && argv[2][0] >= '1' && argv[2][0] <= '8' ? (unsigned)(argv[2][0] - '0') : 0;
    if (threads == 0 || threads > KIT_THREADS) {
        say("usage: kit smoke|random|exchange|waves|traces|leaks|limit|all|scale|picture "
            "THREADS\n");
        return 2;
    }
    bool all = same(argv[1], "all");
    if (same(argv[1], "scale")) {
        scale();
        return 0;
    }
    if (same(argv[1], "picture"))
        return picture();
    if (all || same(argv[1], "smoke")) {
        smoke();
        known = true;
    }
    for (unsigned i = 0; i < TESTS; i++) {
        if (all || same(argv[1], tests[i].name)) {
            run(&tests[i]);
            known = true;
        }
    }
    if (all || same(argv[1], "leaks")) {
        leaks();
        known = true;
    }
    if (all || same(argv[1], "limit")) {
        limit();
        known = true;
    }
    check(known, "no such test", 0);
    say("passed\n");
    return 0;
}
