/* SPDX-License-Identifier: MIT */
#pragma once
#include <stddef.h>
#include <mortise/core/compiler.h>

MORTISE_FAST void watch_raise(size_t *largest, size_t size)
{
    size_t before = __atomic_load_n(largest, __ATOMIC_RELAXED); /* a hint */
    if (size > before)
        __atomic_store_n(largest, size, __ATOMIC_RELAXED);
}
