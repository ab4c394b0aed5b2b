/* SPDX-License-Identifier: MIT */
#define SPREAD next_line
#include "suite.h"

int main(void)
{
    check_spread();
    for (unsigned i = 0; i < 1000; i++) {
        size_t now = mortise_next_line_offset(&of_thread[0]);
        size_t next = mortise_next_line_offset(&of_thread[0]);
        check(next == (now + MORTISE_CACHE_LINE) % 4096, "a line later each time");
    }
    return 0;
}
