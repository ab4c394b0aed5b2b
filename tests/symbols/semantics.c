/* SPDX-License-Identifier: MIT */
/* What a program may rely on, whichever malloc answers. Runs alone, so that it can be linked
 * statically and against a second libc. The sizes are volatile: the compiler must not know them. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MB ((size_t)1 << 20)

/* Not declared by every libc. */
extern void *pvalloc(size_t size);
extern void *valloc(size_t size);

/* What a failed call leaves of a block is looked at below, which a compiler warns of. */
static void *(*volatile resize)(void *block, size_t size) = realloc;
static void *(*volatile resize_array)(void *block, size_t count, size_t size) = reallocarray;

static int failures;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            complain(__LINE__, #condition);                                                        \
    } while (0)

static void complain(int line, const char *what)
{
    printf("%s:%d: not so: %s\n", __FILE__, line, what);
    failures++;
}

static int aligned(const void *block, size_t align)
{
    return (uintptr_t)block % align == 0;
}

/* Whether every byte of the block is `value`. */
static int holds(const void *block, int value, size_t size)
{
    const unsigned char *bytes = block;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != (unsigned char)value)
            return 0;
    return 1;
}

static size_t resident(void)
{
    char text[128] = {0};
    int file = open("/proc/self/statm", O_RDONLY);
    if (file < 0 || read(file, text, sizeof text - 1) <= 0)
        abort();
    close(file);
    return strtoul(strchr(text, ' '), NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

static const size_t too_much[] = {SIZE_MAX,        SIZE_MAX - 15,
                                  SIZE_MAX - 4096, (size_t)PTRDIFF_MAX + 1,
                                  PTRDIFF_MAX,     PTRDIFF_MAX - (size_t)4096};

static void zero_bytes(void)
{
    volatile size_t none = 0;
    void *a = malloc(none), *b = malloc(none), *c = calloc(none, 8), *d = realloc(NULL, none);
    CHECK(a != NULL && b != NULL && c != NULL && d != NULL);
    CHECK(a != b && c != d && a != c && b != d);
    free(a), free(b), free(c), free(d);
    CHECK(malloc_usable_size(NULL) == 0);
    free(NULL);
    void *e = malloc(100);
    CHECK(realloc(e, none) == NULL); /* freed */
}

static void every_size(void)
{
    for (size_t size = 1; size < 300000; size += 1 + size / 9) {
        errno = 77;
        char *block = malloc(size);
        CHECK(block != NULL && errno == 77);
        CHECK(aligned(block, 16));
        size_t usable = malloc_usable_size(block);
        CHECK(usable >= size);
        memset(block, 0x5a, usable);
        block = realloc(block, usable + 1);
        CHECK(block != NULL && holds(block, 0x5a, usable));
        CHECK(errno == 77);
        free(block);
        CHECK(errno == 77);
    }
}

static void errors_of_size(void)
{
    for (size_t i = 0; i < sizeof too_much / sizeof *too_much; i++) {
        volatile size_t size = too_much[i];
        errno = 0;
        CHECK(malloc(size) == NULL && errno == ENOMEM);
        errno = 0;
        CHECK(calloc(1, size) == NULL && errno == ENOMEM);
        errno = 0;
        CHECK(calloc(size, 1) == NULL && errno == ENOMEM);
        errno = 0;
        CHECK(aligned_alloc(64, size) == NULL && errno == ENOMEM);
        errno = 0;
        CHECK(memalign(4096, size) == NULL && errno == ENOMEM);
        errno = 0;
        CHECK(valloc(size) == NULL && errno == ENOMEM);
        errno = 0;
        CHECK(pvalloc(size) == NULL && errno == ENOMEM);
        char *block = malloc(40);
        memset(block, 1, 40);
        errno = 0;
        CHECK(resize(block, size) == NULL && errno == ENOMEM);
        CHECK(holds(block, 1, 40)); /* untouched and still ours */
        free(block);
        void *result = &result;
        errno = 55;
        CHECK(posix_memalign(&result, 64, size) == ENOMEM);
        CHECK(result == (void *)&result && errno == 55);
    }
}

static void overflow(void)
{
    volatile size_t half = SIZE_MAX / 2 + 1, two = 2;
    errno = 0;
    CHECK(calloc(half, two) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(calloc(two, half + 1) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(reallocarray(NULL, half, two) == NULL && errno == ENOMEM);
    char *block = malloc(64);
    memset(block, 3, 64);
    errno = 0;
    CHECK(resize_array(block, half, two) == NULL && errno == ENOMEM);
    CHECK(holds(block, 3, 64));
    block = resize_array(block, 100, 20);
    CHECK(block != NULL && holds(block, 3, 64) && malloc_usable_size(block) >= 2000);
    free(block);
}

static void alignments(void)
{
    for (size_t align = 1; align <= 4 * MB; align *= 2)
        for (size_t size = 0; size < 40000; size = size * 3 + 1) {
            void *a = aligned_alloc(align, size), *b = memalign(align, size), *c = NULL;
            CHECK(a != NULL && aligned(a, align) && malloc_usable_size(a) >= size);
            CHECK(b != NULL && aligned(b, align) && malloc_usable_size(b) >= size);
            int wrong = align % sizeof(void *) != 0;
            CHECK(posix_memalign(&c, align, size) == (wrong ? EINVAL : 0));
            CHECK(wrong ? c == NULL : c != NULL && aligned(c, align));
            memset(a, 1, size);
            memset(b, 2, size);
            CHECK(holds(a, 1, size) && holds(b, 2, size));
            free(a), free(b), free(c);
        }
    static const size_t wrong[] = {0, 3, 12, 24, 48, 4097, SIZE_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        volatile size_t align = wrong[i];
        void *result = &result;
        errno = 55;
        CHECK(posix_memalign(&result, align, 100) == EINVAL);
        CHECK(result == (void *)&result && errno == 55);
    }
    volatile size_t odd = 48; /* raised to the next power of two */
    void *block = memalign(odd, 100);
    CHECK(block != NULL && aligned(block, 64));
    free(block);
    volatile size_t beyond = SIZE_MAX / 2 + 2;
    CHECK(memalign(beyond, 100) == NULL);
}

static void whole_pages(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t size = 1; size < 5 * page; size += 1777) {
        void *a = valloc(size), *b = pvalloc(size);
        CHECK(a != NULL && aligned(a, page) && malloc_usable_size(a) >= size);
        size_t whole = (size + page - 1) / page * page;
        CHECK(b != NULL && aligned(b, page) && malloc_usable_size(b) >= whole);
        memset(b, 1, whole);
        free(a), free(b);
    }
}

static void zeroed(void)
{
    static const size_t sizes[] = {1, 24, 100, 4096, 70000, 300000, 3 * MB};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int round = 0; round < 4; round++) {
            unsigned char *block = calloc(1, sizes[i]);
            CHECK(block != NULL && holds(block, 0, sizes[i]));
            memset(block, 0xff, malloc_usable_size(block)); /* dirty for the next round */
            free(block);
        }
    /* Fresh pages are zero already and must not be touched. */
    size_t before = resident();
    char *large = calloc(64, MB);
    CHECK(large != NULL);
    CHECK(resident() < before + 8 * MB);
    for (size_t i = 0; i < 64 * MB; i += 4096)
        CHECK(large[i] == 0);
    large[33 * MB] = 1;
    free(large);
}

static void free_keeps_errno(void)
{
    static const size_t sizes[] = {1, 1000, 200000, 9 * MB, 80 * MB};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *block = malloc(sizes[i]);
        CHECK(block != NULL);
        memset(block, 1, sizes[i]);
        errno = 4321;
        free(block);
        CHECK(errno == 4321);
    }
}

static void large_moves(void)
{
    size_t size = 100000;
    unsigned char *block = malloc(size);
    for (size_t i = 0; i < size; i++)
        block[i] = (unsigned char)(i * 7);
    static const size_t steps[] = {200000, MB, 30 * MB, 100 * MB, 2 * MB, 150000, 100000};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        block = realloc(block, steps[i]);
        CHECK(block != NULL && aligned(block, 16));
        block[steps[i] - 1] = 1;
        int same = 1;
        for (size_t j = 0; j < size - 1; j++)
            same &= block[j] == (unsigned char)(j * 7);
        CHECK(same);
    }
    free(block);
    void *wide = aligned_alloc(65536, 1000); /* realloc need not keep the alignment */
    memset(wide, 9, 1000);
    wide = realloc(wide, 500000);
    CHECK(wide != NULL && holds(wide, 9, 1000));
    free(wide);
}

/* After the last byte that there is, small requests are served again. */
static void after_exhaustion(void)
{
    struct chain {
        struct chain *next;
    } *chain = NULL;
    for (size_t size = (size_t)1 << 46; size >= 4096; size /= 2)
        for (int i = 0; i < 64; i++) {
            struct chain *link = malloc(size);
            if (link == NULL)
                break;
            if (size > MB) { /* address space only: the page would cost memory */
                free(link);
                break;
            }
            link->next = chain;
            chain = link;
        }
    while (chain != NULL) {
        struct chain *next = chain->next;
        free(chain);
        chain = next;
    }
    for (size_t size = 1; size < 5000; size += 7) {
        void *block = malloc(size);
        CHECK(block != NULL);
        free(block);
    }
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    zero_bytes();
    every_size();
    errors_of_size();
    overflow();
    alignments();
    whole_pages();
    zeroed();
    free_keeps_errno();
    large_moves();
    after_exhaustion();
    printf("%d failures\n", failures);
    return failures != 0;
}
