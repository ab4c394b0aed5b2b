/* SPDX-License-Identifier: MIT */
/*
 * The tests that need no more than one thread and no particular system. Part of suite.c.
 */
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name, begin_test, end_test, NULL                                                    \
    }

static const struct CMUnitTest one_thread_tests[] = {
    TEST(every_alignment_with_every_size),
    TEST(plain_blocks_are_aligned_to_16),
    TEST(empty_blocks_differ),
    TEST(usable_bytes_are_the_users),
    TEST(calloc_is_zero),
    TEST(calloc_is_zero_across_fresh_memory),
    TEST(absurd_sizes_are_refused),
    TEST(errno_stays),
    TEST(random_operations_keep_every_block),
    TEST(tides_of_allocation_keep_every_block),
    TEST(realloc_from_every_size_to_every_size),
    TEST(realloc_of_aligned_blocks_keeps_content),
    TEST(realloc_walks_up_and_down),
    TEST(realloc_of_null_and_to_nothing),
    TEST(realloc_down_returns_memory),
    TEST(the_same_size_forever),
    TEST(random_sizes_forever),
    TEST(freed_memory_serves_other_sizes),
    TEST(trim_returns_what_is_free),
    TEST(the_account_is_balanced),
    TEST(walk_tells_what_each_byte_is),
    TEST(calloc_is_zero_though_others_move_the_break),
    TEST(a_refused_return_splits_nothing),
    TEST(foreign_pointers_are_reported),
    TEST(misaligned_pointers_are_reported),
    TEST(double_frees_are_reported),
    TEST(double_frees_of_joined_blocks_are_reported),
    TEST(realloc_of_a_freed_block_does_no_harm),
};
