/* SPDX-License-Identifier: MIT */
/*
 * Atomic operations, with the memory order in the name. They work on plain objects, because the
 * headers are C and C++ at once, where _Atomic is not.
 */
#ifndef MORTISE_CORE_ATOMIC_H
#define MORTISE_CORE_ATOMIC_H

#include "compiler.h"

#define MORTISE_LOAD_RELAXED(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define MORTISE_LOAD_ACQUIRE(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define MORTISE_STORE_RELAXED(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define MORTISE_STORE_RELEASE(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

#define MORTISE_SWAP_ACQUIRE(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQUIRE)
#define MORTISE_SWAP_RELEASE(p, v) __atomic_exchange_n((p), (v), __ATOMIC_RELEASE)
#define MORTISE_SWAP_ACQ_REL(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)

#define MORTISE_SWAP_SEQ_CST(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)

#define MORTISE_LOAD_SEQ_CST(p) __atomic_load_n((p), __ATOMIC_SEQ_CST)
#define MORTISE_STORE_SEQ_CST(p, v) __atomic_store_n((p), (v), __ATOMIC_SEQ_CST)
#define MORTISE_ADD_SEQ_CST(p, v) __atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)
#define MORTISE_SUB_SEQ_CST(p, v) __atomic_fetch_sub((p), (v), __ATOMIC_SEQ_CST)
#define MORTISE_SUB_RELEASE(p, v) __atomic_fetch_sub((p), (v), __ATOMIC_RELEASE)

/* Without a result, so that it is one instruction on x86. */
#define MORTISE_OR_RELEASE(p, v) ((void)__atomic_fetch_or((p), (v), __ATOMIC_RELEASE))
#define MORTISE_OR_RELAXED(p, v) ((void)__atomic_fetch_or((p), (v), __ATOMIC_RELAXED))

#define MORTISE_ADD_RELAXED(p, v) __atomic_fetch_add((p), (v), __ATOMIC_RELAXED)
#define MORTISE_ADD_RELEASE(p, v) __atomic_fetch_add((p), (v), __ATOMIC_RELEASE)
#define MORTISE_ADD_ACQ_REL(p, v) __atomic_fetch_add((p), (v), __ATOMIC_ACQ_REL)
#define MORTISE_SUB_RELAXED(p, v) __atomic_fetch_sub((p), (v), __ATOMIC_RELAXED)

/* *p == *expected ? (*p = v, true) : (*expected = *p, false) */
#define MORTISE_CAS_ACQUIRE(p, expected, v)                                                        \
    __atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)
#define MORTISE_CAS_ACQ_REL(p, expected, v)                                                        \
    __atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
#define MORTISE_CAS_RELEASE(p, expected, v)                                                        \
    __atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)
#define MORTISE_CAS_SEQ_CST(p, expected, v)                                                        \
    __atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)

/* Orders what the compiler emits and nothing else: the light half of a pair whose other half is
 * mortise_os_heavy_fence. */
#define MORTISE_LIGHT_FENCE() __atomic_signal_fence(__ATOMIC_SEQ_CST)

#endif
