/* SPDX-License-Identifier: MIT */
/*
 * Test of the members of cond that compare one figure of a request with a least one. A unit defines
 * COND, the name of a member.
 */
#include <mortise/core/compiler.h>

#include <stdio.h>
#include <stdlib.h>

#include MORTISE_POLICY(cond, COND)

static bool holds(bool by_size, size_t figure, size_t other, size_t least)
{
    return MORTISE_MEMBER(COND, holds)(by_size ? figure : other, by_size ? other : figure, NULL,
                                       mortise_cond_of(least));
}

/* Right at, and right before, the default and a given value, whatever the other figure is. */
static void check_edges(bool by_size, size_t standard)
{
    const size_t others[] = {1, 16, 65536, SIZE_MAX};
    for (unsigned i = 0; i < 4; i++)
        for (size_t given = 0; given <= 1024; given += 512) {
            size_t least = given != 0 ? given : standard;
            if (!holds(by_size, least, others[i], given) ||
                !holds(by_size, SIZE_MAX, others[i], given) ||
                holds(by_size, least - 1, others[i], given)) {
                fprintf(stderr, "FAILED: least %zu, other figure %zu\n", least, others[i]);
                exit(1);
            }
        }
}
