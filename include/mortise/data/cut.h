/* SPDX-License-Identifier: MIT */
/*
 * A payload just cut out of free memory, with what is known of it.
 */
#ifndef MORTISE_DATA_CUT_H
#define MORTISE_DATA_CUT_H

#include <stddef.h>

struct mortise_cut {
    void *payload; /* NULL: none */
    size_t usable;
    size_t dirty; /* so many leading bytes may not be zero; usable: unknown */
};

#endif
