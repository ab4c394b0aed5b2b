/* SPDX-License-Identifier: MIT */
/*
 * The composition under test as plain functions on `heap`: the default heap, or one made at run
 * time. And what tests ask of the machine, of chance, and of each other. Part of suite.c.
 */
static heap_t *heap;

static void *get_from(heap_t *from, size_t size)
{
    return subject.malloc(from, size);
}

static void put_to(heap_t *to, void *block)
{
    subject.free(to, block);
}

static void *get(size_t size)
{
    return get_from(heap, size);
}

static void put(void *block)
{
    put_to(heap, block);
}

static void *get_zero(size_t count, size_t size)
{
    return subject.calloc(heap, count, size);
}

static void *get_aligned(size_t align, size_t size)
{
    return subject.aligned_alloc(heap, align, size);
}

static void *regrow(void *block, size_t size)
{
    return subject.realloc(heap, block, size);
}

static size_t usable(void *block)
{
    return subject.usable_size(heap, block);
}

static size_t trim(size_t keep)
{
    return subject.trim(heap, keep);
}

static struct totals stats(void)
{
    return subject.stats(heap);
}

/* ---- what tests ask of the machine ---- */

enum { UNDER_TSAN = MORTISE_TSAN, UNDER_ASAN = MORTISE_ASAN };

enum { KB = 1024, MB = 1024 * 1024 };

/* Stacks with size classes keep blocks for a class, and records of slabs, as if in use. */
static size_t kept_aside(void)
{
    return (subject.facts & MORTISE_CLASSES) != 0 ? 4 * MB : 0;
}

/* Stacks that check freed blocks have some of them wait. */
static size_t made_to_wait(void)
{
    return (subject.facts & MORTISE_GUARDS) != 0 ? 256 * KB : 0;
}

/* Whether what costs most is done everywhere, and not only where it most likely finds something. */
static bool thorough(void)
{
    return getenv("MORTISE_TEST_ROUNDS") != NULL;
}

/* How many it takes to judge memory by; `all` if it is thorough. */
static int enough_of(int few, int all)
{
    return thorough() ? all : few;
}

/* Fills a block; a large one at its ends, unless it is thorough. */
static void scribble(void *block, size_t size, int byte)
{
    size_t end = thorough() || size < 64 * KB ? size : 4 * KB;
    memset(block, byte, end);
    memset((char *)block + size - end, byte, end);
}

static bool scribbled(const void *block, size_t size, int byte)
{
    const unsigned char *bytes = (const unsigned char *)block;
    size_t end = thorough() || size < 64 * KB ? size : 4 * KB;
    return size == 0 || (bytes[0] == byte && memcmp(bytes, bytes + 1, end - 1) == 0 &&
                         memcmp(bytes, bytes + size - end, end) == 0);
}

/* Tests are MORTISE_TEST_ROUNDS times as long, and those at random one MORTISE_TEST_PART-th, where
 * there are many stacks to go through; a tenth under TSan, and a third under ASan, with which each
 * step takes that much longer and is looked at more closely. */
static int all_rounds(int n)
{
    const char *factor = getenv("MORTISE_TEST_ROUNDS");
    const char *part = getenv("MORTISE_TEST_PART");
    n = factor == NULL ? n : n * atoi(factor);
    if (part != NULL && n >= 1000)
        n = n / atoi(part) + 1;
    if (UNDER_ASAN && n >= 8)
        return (n + 2) / 3;
    return UNDER_TSAN && n >= 8 ? (n + 12) / 10 : n;
}

/* The same, fewer where more of them would find nothing else: in a brief unit a third, or half of
 * ASan's. A heap made at run time has been through all that is about such heaps, and has the lines
 * of the default heap, compiled for another address: a quarter tells whether they do the same
 * there. */
static int rounds(int n)
{
    if (!thorough() && heap != subject.default_heap && n >= 8)
        n = (n + 3) / 4;
    if (subject.brief && !UNDER_TSAN && n >= 8)
        n = UNDER_ASAN ? (n + 1) / 2 : (n + 2) / 3;
    return all_rounds(n);
}

/* Column `column` of /proc/self/statm in bytes: 0 addresses, 1 pages in memory. */
static size_t statm(int column)
{
    char text[256];
    int file = open("/proc/self/statm", O_RDONLY);
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    char *at = text;
    size_t pages = 0;
    for (int i = 0; i <= column; i++)
        pages = strtoul(at, &at, 10);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t addresses(void)
{
    return statm(0);
}

static size_t resident(void)
{
    return statm(1);
}

/* ---- chance, repeatable ---- */

static uint64_t chance(uint64_t *seed)
{
    uint64_t x = *seed += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static size_t below(uint64_t *seed, size_t n)
{
    return (size_t)(chance(seed) % n);
}

/* ---- faults found on any thread: cmocka's assertions work on the first one only ---- */

static unsigned faults;

__attribute__((format(printf, 1, 2))) static void fault(const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (MORTISE_ADD_RELAXED(&faults, 1) < 10)
        fprintf(stderr, "fault: %.*s\n", length, text);
}

#define expect(condition)                                                                          \
    ((condition) ? (void)0 : fault("%s:%d: %s", __FILE__, __LINE__, #condition))

/* How much memory a stack takes and keeps depends on parameters as well, and where these are any,
 * it is not judged: tuned in suite_subject.h. */
#define assert_sparing(condition) assert_true(!subject.tuned || (condition))
#define expect_sparing(condition) expect(!subject.tuned || (condition))

/* ---- misuse that the composition reports ---- */

struct report {
    unsigned count;
    enum mortise_error error;
    const void *address;
    char layer[32];
};

static struct report report;

static enum mortise_verdict note_report(enum mortise_error error, const void *address,
                                        const char *layer, void *user)
{
    (void)user;
    MORTISE_ADD_RELAXED(&report.count, 1);
    report.error = error;
    report.address = address;
    snprintf(report.layer, sizeof report.layer, "%s", layer);
    return MORTISE_GO_ON;
}

static int begin_test(void **state)
{
    (void)state;
    memset(&report, 0, sizeof report);
    faults = 0;
    return 0;
}

/* Nothing may be reported but what the test itself provoked and took note of. */
static int end_test(void **state)
{
    (void)state;
    if (report.count != 0)
        fprintf(stderr, "reported: %s in %s\n", mortise_error_name(report.error), report.layer);
    return report.count != 0 || faults != 0;
}
