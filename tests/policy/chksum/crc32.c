/* SPDX-License-Identifier: MIT */
/* Compiled twice on x86-64, once for a target that has the instruction. */
static void it_is_the_published_crc(void **);
#define UNIT_TESTS cmocka_unit_test(it_is_the_published_crc)
#define CHKSUM crc32
#include "suite.h"

/* Bit by bit, from the polynomial. */
static uint32_t by_definition(uint32_t sum, uint64_t word, int bytes)
{
    for (int bit = 0; bit < 8 * bytes; bit++)
        sum = (sum >> 1) ^ (((sum ^ (word >> bit)) & 1) != 0 ? 0x82f63b78u : 0);
    return sum;
}

static void it_is_the_published_crc(void **state)
{
    (void)state;
    /* Its check value: "123456789" gives 0xe3069283. */
    uint32_t sum = mortise_crc32_add(UINT32_MAX, UINT64_C(0x3837363534333231));
    assert_int_equal(by_definition(sum, '9', 1) ^ UINT32_MAX, 0xe3069283u);
    for (int i = 0; i < WORDS; i++)
        for (int j = 0; j < WORDS; j++)
            assert_int_equal(mortise_crc32_add((uint32_t)words[i], words[j]),
                             by_definition((uint32_t)words[i], words[j], 8));
}
