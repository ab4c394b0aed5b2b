/* SPDX-License-Identifier: MIT */
/*
 * Everything that Mortise asks of a compiler beyond C11: gcc >= 11 or clang >= 13, as C or as C++.
 *
 * The headers are the common subset of C and C++: casts of void *, no _Atomic, no designated
 * initialisers, no compound literals.
 */
#ifndef MORTISE_CORE_COMPILER_H
#define MORTISE_CORE_COMPILER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1: neither libc nor an operating system; vmalloc_heap and its embedder say so, before the first
 * header of Mortise. One answer for all compositions of a unit. */
#ifndef MORTISE_FREESTANDING
#define MORTISE_FREESTANDING 0
#endif

/* ThreadSanitizer is on. */
#if defined __SANITIZE_THREAD__
#define MORTISE_TSAN 1
#elif defined __has_feature
#if __has_feature(thread_sanitizer)
#define MORTISE_TSAN 1
#endif
#endif
#ifndef MORTISE_TSAN
#define MORTISE_TSAN 0
#endif

/* AddressSanitizer is on. */
#if defined __SANITIZE_ADDRESS__
#define MORTISE_ASAN 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define MORTISE_ASAN 1
#endif
#endif
#ifndef MORTISE_ASAN
#define MORTISE_ASAN 0
#endif

/* Free memory is poison, see poison.h: functions of layers are not checked by the sanitizer. */
#ifndef MORTISE_POISON
#define MORTISE_POISON MORTISE_ASAN
#endif
/* The same under Valgrind, where the program asks for it. */
#ifndef MORTISE_VALGRIND
#define MORTISE_VALGRIND 0
#endif
#define MORTISE_MARKS (MORTISE_POISON || MORTISE_VALGRIND)

#if MORTISE_POISON
#define MORTISE_UNCHECKED unused, no_sanitize("address")
#else
#define MORTISE_UNCHECKED unused
#endif

/* A hot body: one with its caller, so that the request context lives in registers. Without
 * optimisation it stays a function of its own, for one frame a layer in the debugger. */
#if MORTISE_POISON
#define MORTISE_FAST static __attribute__((noinline, MORTISE_UNCHECKED))
#elif defined __OPTIMIZE__
#define MORTISE_FAST static inline __attribute__((always_inline, unused))
#else
#define MORTISE_FAST static inline __attribute__((unused))
#endif

/* In a hot body: where the function that it is part of returns to in the program. NULL where such
 * bodies are functions of their own. */
#if defined __OPTIMIZE__ && !MORTISE_POISON
#define MORTISE_CALLER ((const void *)__builtin_extract_return_addr(__builtin_return_address(0)))
#else
#define MORTISE_CALLER ((const void *)0)
#endif

/* A body that is neither hot nor rare; the compiler decides. */
#if MORTISE_POISON
#define MORTISE_PLAIN MORTISE_FAST
#else
#define MORTISE_PLAIN static inline __attribute__((unused))
#endif

/* A rare body: kept out of the hot one and out of its cache lines. */
#define MORTISE_SLOW static __attribute__((noinline, cold, MORTISE_UNCHECKED))

/* A rare body whose speed does not matter, in as few instructions as can be: gcc does so with all
 * that is cold, clang has to be asked. */
#ifdef __clang__
#define MORTISE_SMALL __attribute__((minsize)) MORTISE_SLOW
#else
#define MORTISE_SMALL MORTISE_SLOW
#endif

/* The rest of a hot body: what it calls when its own few steps do not answer. Out of line like a
 * rare one, but run often enough to be worth optimising for speed. */
#define MORTISE_APART static __attribute__((noinline, hot, MORTISE_UNCHECKED))

/* A body that runs once, when the program exits, by whichever thread, or lets go of the library
 * that this is part of: after what the program itself does then. */
#define MORTISE_AT_END static __attribute__((noinline, cold, destructor))

/* A body that runs once, when the program or the library that this is part of begins. */
#define MORTISE_AT_BEGIN static __attribute__((noinline, cold, constructor))

#define MORTISE_LIKELY(x) __builtin_expect(!!(x), 1)
#define MORTISE_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* The compiler forgets how `x` came about and has it in a register: it then computes what follows
 * from that one base or index, as operands of the instructions that use it. Emits nothing. */
#define MORTISE_BASE(x) __asm__("" : "+r"(x))

/* The compiler may rely on it. For what an invariant says and it cannot see. */
#define MORTISE_ASSUME(x)                                                                          \
    do {                                                                                           \
        if (!(x))                                                                                  \
            __builtin_unreachable();                                                               \
    } while (0)

/* 64 bytes: the line of every x86-64 and of most aarch64 processors. */
#define MORTISE_CACHE_LINE 64
#define MORTISE_ALIGNED(n) __attribute__((aligned(n)))

#define MORTISE_CAT(a, b) MORTISE_CAT_(a, b)
#define MORTISE_CAT_(a, b) a##b
#define MORTISE_STRING(x) MORTISE_STRING_(x)
#define MORTISE_STRING_(x) #x

/* The header of a policy: #include MORTISE_POLICY(sync, TLSF_GLK_SYNC). A member that does not
 * exist is one message from the compiler, with the path it looked for. */
/* clang-format off */
#define MORTISE_POLICY(slot, member) MORTISE_STRING(mortise/policy/slot/member.h)
/* clang-format on */

/* "x of the member that fills a slot", after the slot's macro is expanded: mortise_ccsynch_exec. */
#define MORTISE_MEMBER(member, x) MORTISE_MEMBER_(member, x)
#define MORTISE_MEMBER_(member, x) mortise_##member##_##x
#define MORTISE_MEMBER_STATE(member) struct MORTISE_CAT(mortise_, member)

/* The two ends of a range parameter, `LO, HI`. */
#define MORTISE_LOW(...) MORTISE_LOW_(__VA_ARGS__)
#define MORTISE_LOW_(lo, hi) (lo)
#define MORTISE_HIGH(...) MORTISE_HIGH_(__VA_ARGS__)
#define MORTISE_HIGH_(lo, hi) (hi)

/* Is lo <= n <= hi? A function, so that a constant 0 as lo is no comparison to warn about. */
MORTISE_FAST bool mortise_within(size_t n, size_t lo, size_t hi)
{
    return n >= lo && n <= hi;
}

#ifdef __cplusplus
#define MORTISE_ASSERT_STATIC(condition, message) static_assert(condition, message)
#else
#define MORTISE_ASSERT_STATIC(condition, message) _Static_assert(condition, message)
#endif

/* The body of a struct without members that has size 0 in C and in C++, so that a part without
 * state moves nothing else. */
#define MORTISE_NO_STATE __extension__ char mortise_no_state[0]

/* The object that holds `member` at `pointer`. */
#define MORTISE_CONTAINER(pointer, type, member)                                                   \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
