/* SPDX-License-Identifier: MIT */
/*
 * Headers in front of blocks, and the pattern in freed ones: what was written is read, and what
 * anybody else writes is seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <mortise/data/fill.h>
#include <mortise/data/header.h>
#include <mortise/policy/chksum/crc32.h>
#include <mortise/policy/chksum/xor.h>

static const struct mortise_header_scheme schemes[] = {
    {UINT64_C(0x123456789abcdef), UINT64_C(0xfedcba9876543210), true, mortise_xor_calculate},
    {UINT64_C(0x123456789abcdef), UINT64_C(0xfedcba9876543210), false, mortise_crc32_calculate}};
enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

static const enum mortise_header_state states[] = {MORTISE_HEADER_LIVES, MORTISE_HEADER_WAITS,
                                                   MORTISE_HEADER_LEFT};
enum { STATES = sizeof states / sizeof states[0] };

static struct mortise_header place[4];

static enum mortise_header_state read_state(int scheme, struct mortise_header *header)
{
    uint64_t word;
    uint64_t node;
    return mortise_header_read(schemes[scheme], header, &word, &node);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    for (int i = 0; i < SCHEMES; i++) {
        for (int j = 0; j < STATES; j++) {
            for (size_t cost = 16; cost <= 65536; cost *= 2) {
                uint64_t word;
                uint64_t node;
                mortise_header_write(schemes[i], place, 4321 * cost, states[j], cost);
                assert_int_equal(mortise_header_read(schemes[i], place, &word, &node), states[j]);
                assert_int_equal(node, 4321 * cost);
                assert_int_equal(mortise_header_cost(word), cost);
            }
        }
    }
    assert_ptr_equal(mortise_header_of(mortise_header_block(place)), place);
}

/* But for the node of one that has left, which is the neighbour's to overwrite. */
static void every_changed_bit_is_seen(void **state)
{
    (void)state;
    for (int i = 0; i < SCHEMES; i++) {
        for (int j = 0; j < STATES; j++) {
            mortise_header_write(schemes[i], place, 4321, states[j], 16);
            for (int bit = 0; bit < 128; bit++) {
                bool free_to_change = states[j] == MORTISE_HEADER_LEFT && bit < 64;
                ((unsigned char *)place)[bit / 8] ^= (unsigned char)(1 << bit % 8);
                assert_int_equal(read_state(i, place), free_to_change ? states[j] : 0);
                ((unsigned char *)place)[bit / 8] ^= (unsigned char)(1 << bit % 8);
            }
            assert_int_equal(read_state(i, place), states[j]);
        }
    }
}

static void a_header_is_good_for_one_place_and_heap(void **state)
{
    (void)state;
    for (int i = 0; i < SCHEMES; i++) {
        mortise_header_write(schemes[i], place, 4321, MORTISE_HEADER_LIVES, 16);
        place[1] = place[0];
        assert_int_equal(read_state(i, &place[1]), MORTISE_HEADER_NONE);
        struct mortise_header_scheme other = schemes[i];
        uint64_t word;
        uint64_t node;
        other.sum_key++;
        assert_int_equal(mortise_header_read(other, place, &word, &node), MORTISE_HEADER_NONE);
        memset(&place[2], 0, sizeof place[2]);
        assert_int_equal(read_state(i, &place[2]), MORTISE_HEADER_NONE);
    }
}

static void a_claim_succeeds_once(void **state)
{
    (void)state;
    uint64_t word;
    uint64_t node;
    mortise_header_write(schemes[0], place, 4321, MORTISE_HEADER_LIVES, 32);
    mortise_header_read(schemes[0], place, &word, &node);
    assert_true(mortise_header_claim(schemes[0], place, word));
    assert_int_equal(read_state(0, place), MORTISE_HEADER_TURNS);
    assert_false(mortise_header_claim(schemes[0], place, word));
    place[0].node = 99; /* is being written */
    assert_int_equal(read_state(0, place), MORTISE_HEADER_TURNS);
}

/* The steps of a block's life: it is nobody's yet, lives, is claimed, waits, and has left. */
static void a_header_goes_through_its_states(void **state)
{
    (void)state;
    for (int i = 0; i < SCHEMES; i++) {
        uint64_t word;
        uint64_t node;
        memset(place, 0xd5, sizeof place);
        mortise_header_settle(schemes[i], place, 4321, MORTISE_HEADER_LIVES, 64);
        assert_int_equal(mortise_header_read(schemes[i], place, &word, &node),
                         MORTISE_HEADER_LIVES);
        assert_int_equal(node, 4321);
        assert_true(mortise_header_claim(schemes[i], place, word));
        mortise_header_settle(schemes[i], place, 1234, MORTISE_HEADER_WAITS, 64);
        assert_int_equal(mortise_header_read(schemes[i], place, &word, &node),
                         MORTISE_HEADER_WAITS);
        assert_int_equal(node, 1234);
        assert_int_equal(mortise_header_cost(word), 64);
        mortise_header_leave(schemes[i], place, 64);
        assert_int_equal(read_state(i, place), MORTISE_HEADER_LEFT);
    }
}

static void every_changed_byte_of_a_pattern_is_seen(void **state)
{
    (void)state;
    unsigned char block[80];
    for (size_t at = 0; at < 8; at++) {
        for (size_t size = 0; size < 60; size++) {
            memset(block, 0, sizeof block);
            mortise_fill(block + at, size);
            assert_true(mortise_is_filled(block + at, size));
            for (size_t i = 0; i < size; i++) {
                block[at + i] ^= 0x10;
                assert_false(mortise_is_filled(block + at, size));
                block[at + i] ^= 0x10;
            }
            assert_int_equal(block[at + size], 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(every_changed_bit_is_seen),
        cmocka_unit_test(a_header_is_good_for_one_place_and_heap),
        cmocka_unit_test(a_claim_succeeds_once),
        cmocka_unit_test(a_header_goes_through_its_states),
        cmocka_unit_test(every_changed_byte_of_a_pattern_is_seen),
    };
    return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
