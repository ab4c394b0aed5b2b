/* SPDX-License-Identifier: MIT */
/*
 * Memory carved from ranges: pieces of many threads do not overlap, nothing of a range is lost, and
 * a limit on addresses makes ranges smaller but stops nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mortise/data/ranges.h>

#define G MORTISE_GRANULE
#define MB ((size_t)1 << 20)

static struct mortise_ranges ranges;
static const struct mortise_range_wish wish = {8 * MB, MORTISE_GRANULE};

static size_t addresses(void)
{
    char text[64];
    int file = open("/proc/self/statm", O_RDONLY);
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    return strtoul(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

static char *take(size_t size)
{
    char *end = NULL;
    char *piece = (char *)mortise_ranges_take(&ranges, size, wish, &end);
    if (piece != NULL)
        assert_true(piece + size <= end && (uintptr_t)piece % G == 0);
    return piece;
}

static void pieces_follow_each_other(void **state)
{
    (void)state;
    size_t before = addresses();
    char *first = take(G);
    assert_non_null(first);
    size_t with_range = addresses();
    assert_true(with_range >= before + wish.size);
    for (size_t at = G; at < wish.size; at += 2 * G) {
        char *piece = take(at + 2 * G <= wish.size ? 2 * G : G);
        assert_ptr_equal(piece, first + at);
        assert_int_equal(piece[0], 0);
    }
    assert_int_equal(addresses(), with_range); /* no system call, as far as the kernel can tell */
    mortise_os_unmap(first, wish.size);
    char *next = take(G);
    assert_true(next < first || next >= first + wish.size || addresses() > with_range - wish.size);
    mortise_os_unmap(next, G);
    mortise_ranges_destroy(&ranges);
    assert_int_equal(addresses(), before);
}

static void what_is_left_goes_back(void **state)
{
    (void)state;
    size_t before = addresses();
    char *small = take(G);
    char *large = take(wish.size); /* more than is left: a new range, and the old one ends */
    assert_non_null(large);
    size_t page = mortise_os_page_size();
    assert_int_equal(addresses(), before + G + wish.size + 2 * page);
    char *huge = take(3 * wish.size);
    assert_non_null(huge);
    huge[3 * wish.size - 1] = 1;
    mortise_os_unmap(small, G);
    mortise_os_unmap(large, wish.size);
    mortise_os_unmap(huge, 3 * wish.size);
    mortise_ranges_destroy(&ranges);
    assert_int_equal(addresses(), before);
}

static void the_rest_is_there_for_what_fits(void **state)
{
    (void)state;
    assert_null(mortise_ranges_take_rest(&ranges, G));
    char *first = take(4 * G);
    assert_null(mortise_ranges_take_rest(&ranges, wish.size));
    assert_ptr_equal(mortise_ranges_take_rest(&ranges, 2 * G), first + 4 * G);
    assert_ptr_equal(take(G), first + 6 * G);
    size_t left = wish.size - 7 * G;
    assert_ptr_equal(mortise_ranges_take_rest(&ranges, left), first + 7 * G);
    assert_null(mortise_ranges_take_rest(&ranges, G));
    mortise_os_unmap(first, wish.size);
    mortise_ranges_destroy(&ranges);
}

/* ---- threads ---- */

enum { THREADS = 8, PIECES = 200 };

struct piece {
    char *base;
    size_t size;
};

static struct piece pieces[THREADS][PIECES];

static void *take_many(void *argument)
{
    struct piece *mine = (struct piece *)argument;
    for (int i = 0; i < PIECES; i++) {
        char *end;
        mine[i].size = (size_t)(1 + (i * 7 + i * i) % 13) * G;
        mine[i].base = (char *)mortise_ranges_take(&ranges, mine[i].size, wish, &end);
        if (mine[i].base != NULL)
            mine[i].base[0] = mine[i].base[mine[i].size - 1] = 1; /* it is there */
    }
    return NULL;
}

static int by_base(const void *a, const void *b)
{
    const struct piece *one = (const struct piece *)a, *other = (const struct piece *)b;
    return one->base < other->base ? -1 : one->base > other->base;
}

static void threads_get_pieces_apart(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    size_t used = 0, held = 0;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, take_many, pieces[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    struct piece *all = pieces[0];
    qsort(all, (size_t)THREADS * PIECES, sizeof *all, by_base);
    for (int i = 0; i < THREADS * PIECES; i++) {
        assert_non_null(all[i].base);
        used += all[i].size;
        if (i != 0)
            assert_true(all[i - 1].base + all[i - 1].size <= all[i].base);
    }
    for (struct mortise_range *range = ranges.current; range != NULL; range = range->before)
        held += range->size;
    assert_true(held >= used && held <= used + used / 2); /* ends of ranges are small */
    for (int i = 0; i < THREADS * PIECES; i++)
        mortise_os_unmap(all[i].base, all[i].size);
    mortise_ranges_destroy(&ranges);
}

/* ---- a limit ---- */

static void take_all_there_is(void)
{
    struct rlimit limit;
    const struct mortise_range_wish large = {(size_t)1 << 40, MORTISE_GRANULE};
    limit.rlim_cur = limit.rlim_max = addresses() + 64 * MB;
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        _exit(2);
    size_t got = 0;
    char *end;
    while (mortise_ranges_take(&ranges, G, large, &end) != NULL)
        got += G;
    _exit(got < 63 * MB || got > 64 * MB);
}

/* Down to one granule, nearly everything is handed out. */
static void a_limit_makes_ranges_small(void **state)
{
    (void)state;
#if MORTISE_ASAN || MORTISE_TSAN
    skip(); /* they need addresses themselves */
#endif
    pid_t child = fork();
    if (child == 0)
        take_all_there_is();
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_follow_each_other),
        cmocka_unit_test(what_is_left_goes_back),
        cmocka_unit_test(the_rest_is_there_for_what_fits),
        cmocka_unit_test(threads_get_pieces_apart),
        cmocka_unit_test(a_limit_makes_ranges_small),
    };
    return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
