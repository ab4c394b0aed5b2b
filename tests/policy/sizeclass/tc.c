/* SPDX-License-Identifier: MIT */
#define SIZECLASS tc
/* It has no parameters, and ignores those of others. */
#define PARAMETERS                                                                                 \
    {                                                                                              \
        {0, 0, 0},                                                                                 \
        {                                                                                          \
            32, 4096, 48                                                                           \
        }                                                                                          \
    }
#include "suite.h"

/* Up to a fifth of the block above 256; below, less than a unit. */
static bool wastes_little(size_t request, size_t block, struct mortise_sizeclass parameters)
{
    size_t waste = block - request;
    (void)parameters;
    return block <= 256 ? waste < MORTISE_SIZECLASS_UNIT : waste * 5 < block;
}

/* The rule of gperftools 2.9.1, in our words. Sizes advance by their alignment. */
enum { SPAN_PAGE = 8192, RULE_MOST = 262144, RULE_CLASSES = 85 };

static size_t alignment_of(size_t size)
{
    size_t align = size < 16 ? 8 : size < 128 ? 16 : ((size_t)1 << mortise_log2(size)) / 8;
    return align < SPAN_PAGE ? align : SPAN_PAGE;
}

/* Bytes of a span: of whole pages, so that at most an eighth is left over and there is a quarter of
 * a batch in it. */
static size_t span_of(size_t size)
{
    size_t batch = 65536 / size;
    batch = batch < 2 ? 2 : batch > 32 ? 32 : batch;
    size_t span = SPAN_PAGE;
    while (span % size > span / 8 || span / size < batch / 4)
        span += SPAN_PAGE;
    return span;
}

/* A size that gives as many objects from as large a span as the class before takes its place. */
static unsigned rule_classes(size_t *sizes)
{
    unsigned count = 0;
    for (size_t size = 8; size <= RULE_MOST; size += alignment_of(size)) {
        size_t before = count == 0 ? 0 : sizes[count - 1];
        if (count > 0 && span_of(before) == span_of(size) &&
            span_of(size) / before == span_of(size) / size)
            sizes[count - 1] = size;
        else if (count < RULE_CLASSES)
            sizes[count++] = size;
        else
            return 0;
    }
    return count;
}

static void tables_follow_from_the_rule(void **state)
{
    size_t sizes[RULE_CLASSES];
    (void)state;
    assert_int_equal(rule_classes(sizes), RULE_CLASSES);
    assert_int_equal(sizes[0], 8); /* the one that is left out */
    assert_int_equal(mortise_tc_classes, RULE_CLASSES - 1);
    for (unsigned szcls = 0; szcls < mortise_tc_classes; szcls++) {
        assert_int_equal(mortise_tc_size[szcls], sizes[szcls + 1]);
        assert_int_equal(mortise_tc_reciprocal[szcls],
                         mortise_sizeclass_reciprocal(sizes[szcls + 1]));
    }
}

/* As published: 57 of the 85 classes are up to 32 KiB. */
static void well_known_classes(void **state)
{
    (void)state;
    struct mortise_sizeclass parameters = all_parameters[0];
    assert_int_equal(SZCLS(size_to_szcls)(32768, parameters), 57 - 1 - 1);
    assert_int_equal(size_of(SZCLS(size_to_szcls)(16385, parameters), parameters), 20480);
    assert_int_equal(size_of(SZCLS(size_to_szcls)(3329, parameters), parameters), 4096);
    assert_int_equal(size_of(SZCLS(size_to_szcls)(769, parameters), parameters), 896);
    assert_int_equal(size_of(SZCLS(size_to_szcls)(8, parameters), parameters), 16);
    assert_int_equal(SZCLS(most)(parameters), 262144);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SUITE_TESTS, cmocka_unit_test(tables_follow_from_the_rule),
                                       cmocka_unit_test(well_known_classes)};
    return cmocka_run_group_tests_name("tc", tests, NULL, NULL);
}
