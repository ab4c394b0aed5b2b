/* SPDX-License-Identifier: MIT */
/*
 * What every member of the slot sizeclass promises, as tests. A unit defines
 *   SIZECLASS   the name of a member
 *   PARAMETERS  a list of {least, most, step}
 * includes this file, defines wastes_little, and has a main that runs SUITE_TESTS and its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mortise/core/compiler.h>

#include MORTISE_POLICY(sizeclass, SIZECLASS)

#define SZCLS(x) MORTISE_MEMBER(SIZECLASS, x)

/* Sizes up to here are tested one by one. */
#define EXHAUSTIVE ((size_t)1 << 20)

static const struct mortise_sizeclass all_parameters[] = PARAMETERS;
enum { PARAMETER_SETS = sizeof all_parameters / sizeof all_parameters[0] };

/* The bound that the member states, for a request above 0. */
static bool wastes_little(size_t request, size_t block, struct mortise_sizeclass parameters);

static unsigned used(struct mortise_sizeclass parameters)
{
    return SZCLS(size_to_szcls)(SZCLS(most)(parameters), parameters) + 1;
}

static size_t size_of(unsigned szcls, struct mortise_sizeclass parameters)
{
    return SZCLS(szcls_to_size)(szcls, parameters);
}

/* False where the class of a size is not the smallest that fits. A function of its own, since an
 * assertion for each size would take its time under a sanitizer. */
static bool fits(size_t size, struct mortise_sizeclass parameters)
{
    unsigned szcls = SZCLS(size_to_szcls)(size, parameters);
    return szcls < used(parameters) && size <= size_of(szcls, parameters) &&
           (szcls == 0 || size > size_of(szcls - 1, parameters)) &&
           (size == 0 || wastes_little(size, size_of(szcls, parameters), parameters));
}

static void sizes_increase(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETER_SETS; i++) {
        struct mortise_sizeclass parameters = all_parameters[i];
        unsigned count = used(parameters);
        assert_in_range(count, 1, SZCLS(classes));
        for (unsigned szcls = 0; szcls < count; szcls++) {
            size_t size = size_of(szcls, parameters);
            assert_int_equal(size % MORTISE_SIZECLASS_UNIT, 0);
            assert_true(szcls == 0 ? size > 0 : size > size_of(szcls - 1, parameters));
            assert_true(size <= (size_t)512 << 10 || mortise_is_power_of_two(size));
            assert_int_equal(SZCLS(size_to_szcls)(size, parameters), szcls);
        }
        assert_int_equal(size_of(count - 1, parameters), SZCLS(most)(parameters));
        assert_true(SZCLS(fine)(parameters) <= SZCLS(most)(parameters));
    }
}

static void every_size_has_the_smallest_that_fits(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETER_SETS; i++) {
        struct mortise_sizeclass parameters = all_parameters[i];
        size_t most = SZCLS(most)(parameters);
        assert_int_equal(SZCLS(size_to_szcls)(0, parameters), 0);
        for (size_t size = 0; size <= most && size <= EXHAUSTIVE; size++)
            if (!fits(size, parameters))
                fail_msg("parameters %d: size %zu has class %u", i, size,
                         SZCLS(size_to_szcls)(size, parameters));
    }
}

static void sizes_around_each_class_fit(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETER_SETS; i++) {
        struct mortise_sizeclass parameters = all_parameters[i];
        for (unsigned szcls = 0; szcls < used(parameters); szcls++) {
            size_t size = size_of(szcls, parameters);
            assert_true(fits(size - 1, parameters));
            assert_true(fits(size, parameters));
            if (szcls + 1 < used(parameters))
                assert_true(fits(size + 1, parameters));
        }
    }
}

static size_t index_of(size_t offset, unsigned szcls, struct mortise_sizeclass parameters)
{
    return mortise_sizeclass_index(offset, SZCLS(szcls_to_reciprocal)(szcls, parameters));
}

/* Over all offsets of the largest slab, for the first parameters; for the others at both ends of
 * each block, which is as good, for the index never falls when the offset grows. */
static void index_is_exact(void **state)
{
    (void)state;
    struct mortise_sizeclass parameters = all_parameters[0];
    for (unsigned szcls = 0; szcls < used(parameters); szcls++) {
        size_t size = size_of(szcls, parameters);
        size_t index = 0;
        size_t end = size;
        for (size_t offset = 0; offset < MORTISE_SIZECLASS_SLAB; offset++) {
            if (offset == end) {
                index++;
                end += size;
            }
            if (index_of(offset, szcls, parameters) != index)
                fail_msg("offset %zu in blocks of %zu", offset, size);
        }
    }
}

static void index_is_exact_at_block_ends(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETER_SETS; i++) {
        struct mortise_sizeclass parameters = all_parameters[i];
        for (unsigned szcls = 0; szcls < used(parameters); szcls++) {
            size_t size = size_of(szcls, parameters);
            assert_int_equal(index_of(MORTISE_SIZECLASS_SLAB - 1, szcls, parameters),
                             (MORTISE_SIZECLASS_SLAB - 1) / size);
            for (size_t start = 0; start < MORTISE_SIZECLASS_SLAB; start += size) {
                bool first = index_of(start, szcls, parameters) == start / size;
                bool last =
                    start == 0 || index_of(start - 1, szcls, parameters) == start / size - 1;
                if (!first || !last)
                    fail_msg("offset %zu in blocks of %zu", start, size);
            }
        }
    }
}

static void batches_hold_64_kib(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETER_SETS; i++) {
        struct mortise_sizeclass parameters = all_parameters[i];
        for (unsigned szcls = 0; szcls < used(parameters); szcls++) {
            size_t blocks = 65536 / size_of(szcls, parameters);
            size_t expected = blocks < 2 ? 2 : blocks > 32 ? 32 : blocks;
            assert_int_equal(SZCLS(batch)(szcls, parameters), expected);
        }
    }
}

#define SUITE_TESTS                                                                                \
    cmocka_unit_test(sizes_increase), cmocka_unit_test(every_size_has_the_smallest_that_fits),     \
        cmocka_unit_test(sizes_around_each_class_fit), cmocka_unit_test(index_is_exact),           \
        cmocka_unit_test(index_is_exact_at_block_ends), cmocka_unit_test(batches_hold_64_kib)
