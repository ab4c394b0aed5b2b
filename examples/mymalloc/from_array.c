/* SPDX-License-Identifier: MIT */
/*
 * Regions are parts of a static array: pages, of which a map says which are taken. The first run
 * that is long enough is taken, as it was left, from a page that is no multiple of anything else.
 */
#include "kit.h"

enum { PAGE = 4096, PAGES = 32 << 20 >> 12 };

const bool kit_region_ends = true;

static struct {
    unsigned char before[PAGE];
    unsigned char page[PAGES][PAGE];
} array __attribute__((aligned(65536)));

static bool taken[PAGES];

void *kit_region_take(size_t length)
{
    size_t pages = length / PAGE, run = 0;
    for (size_t i = 0; i < PAGES; i++) {
        run = taken[i] ? 0 : run + 1;
        if (run < pages)
            continue;
        for (size_t j = 0; j < pages; j++)
            taken[i - j] = true;
        return array.page[i + 1 - pages];
    }
    return NULL;
}

void kit_region_give(void *region, size_t length)
{
    size_t first = (size_t)((unsigned char *)region - array.page[0]) / PAGE;
    for (size_t i = first; i < first + length / PAGE; i++)
        taken[i] = false;
}
