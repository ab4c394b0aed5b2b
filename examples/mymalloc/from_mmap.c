/* SPDX-License-Identifier: MIT */
/* Regions are mappings. */
#include "kit.h"

const bool kit_region_ends = false;

void *kit_region_take(size_t length)
{
    return kit_pages(length);
}

void kit_region_give(void *region, size_t length)
{
    kit_pages_give(region, length);
}
