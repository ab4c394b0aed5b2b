/* SPDX-License-Identifier: MIT */
/*
 * MAP and FOLDL over up to 16 macro arguments.
 *
 *   MORTISE_MAP(f, c, a1, ..., an)    f(c, a1) ... f(c, an)
 *   MORTISE_MAP_BACK(f, c, a1, ..., an)  f(c, an) ... f(c, a1)
 *   MORTISE_FOLDL(f, c, a1, ..., an)  f(c, a1, a2) f(c, a2, a3) ... f(c, an-1, an)
 *   MORTISE_FIRST(a1, ..., an), MORTISE_LAST(a1, ..., an)
 *
 * FOLDL visits adjacent pairs, because each f defines what the next one refers to. A ladder of one
 * macro a length instead of recursion: it preprocesses some twenty times faster, needs no more than
 * C99, and a mistake in an argument is one message instead of thousands.
 */
#ifndef MORTISE_CORE_FOLD_H
#define MORTISE_CORE_FOLD_H

#include "compiler.h"

/* clang-format off */
#define MORTISE_COUNT(...) \
    MORTISE_COUNT_(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, too_few)
#define MORTISE_COUNT_(a1, a2, a3, a4, a5, a6, a7, a8, \
    a9, a10, a11, a12, a13, a14, a15, a16, n, ...) n

#define MORTISE_FIRST(...) MORTISE_FIRST_(__VA_ARGS__, unused)
#define MORTISE_FIRST_(a, ...) a
#define MORTISE_LAST(...) MORTISE_CAT(MORTISE_LAST_, MORTISE_COUNT(__VA_ARGS__))(__VA_ARGS__)
#define MORTISE_MAP(f, c, ...) \
    MORTISE_CAT(MORTISE_MAP_, MORTISE_COUNT(__VA_ARGS__))(f, c, __VA_ARGS__)
#define MORTISE_MAP_BACK(f, c, ...) \
    MORTISE_CAT(MORTISE_MAP_BACK_, MORTISE_COUNT(__VA_ARGS__))(f, c, __VA_ARGS__)
#define MORTISE_FOLDL(f, c, ...) \
    MORTISE_CAT(MORTISE_FOLDL_, MORTISE_COUNT(__VA_ARGS__))(f, c, __VA_ARGS__)

#define MORTISE_LAST_1(a) a
#define MORTISE_LAST_2(a, ...) MORTISE_LAST_1(__VA_ARGS__)
#define MORTISE_LAST_3(a, ...) MORTISE_LAST_2(__VA_ARGS__)
#define MORTISE_LAST_4(a, ...) MORTISE_LAST_3(__VA_ARGS__)
#define MORTISE_LAST_5(a, ...) MORTISE_LAST_4(__VA_ARGS__)
#define MORTISE_LAST_6(a, ...) MORTISE_LAST_5(__VA_ARGS__)
#define MORTISE_LAST_7(a, ...) MORTISE_LAST_6(__VA_ARGS__)
#define MORTISE_LAST_8(a, ...) MORTISE_LAST_7(__VA_ARGS__)
#define MORTISE_LAST_9(a, ...) MORTISE_LAST_8(__VA_ARGS__)
#define MORTISE_LAST_10(a, ...) MORTISE_LAST_9(__VA_ARGS__)
#define MORTISE_LAST_11(a, ...) MORTISE_LAST_10(__VA_ARGS__)
#define MORTISE_LAST_12(a, ...) MORTISE_LAST_11(__VA_ARGS__)
#define MORTISE_LAST_13(a, ...) MORTISE_LAST_12(__VA_ARGS__)
#define MORTISE_LAST_14(a, ...) MORTISE_LAST_13(__VA_ARGS__)
#define MORTISE_LAST_15(a, ...) MORTISE_LAST_14(__VA_ARGS__)
#define MORTISE_LAST_16(a, ...) MORTISE_LAST_15(__VA_ARGS__)

#define MORTISE_MAP_1(f, c, a) f(c, a)
#define MORTISE_MAP_2(f, c, a, ...) f(c, a) MORTISE_MAP_1(f, c, __VA_ARGS__)
#define MORTISE_MAP_3(f, c, a, ...) f(c, a) MORTISE_MAP_2(f, c, __VA_ARGS__)
#define MORTISE_MAP_4(f, c, a, ...) f(c, a) MORTISE_MAP_3(f, c, __VA_ARGS__)
#define MORTISE_MAP_5(f, c, a, ...) f(c, a) MORTISE_MAP_4(f, c, __VA_ARGS__)
#define MORTISE_MAP_6(f, c, a, ...) f(c, a) MORTISE_MAP_5(f, c, __VA_ARGS__)
#define MORTISE_MAP_7(f, c, a, ...) f(c, a) MORTISE_MAP_6(f, c, __VA_ARGS__)
#define MORTISE_MAP_8(f, c, a, ...) f(c, a) MORTISE_MAP_7(f, c, __VA_ARGS__)
#define MORTISE_MAP_9(f, c, a, ...) f(c, a) MORTISE_MAP_8(f, c, __VA_ARGS__)
#define MORTISE_MAP_10(f, c, a, ...) f(c, a) MORTISE_MAP_9(f, c, __VA_ARGS__)
#define MORTISE_MAP_11(f, c, a, ...) f(c, a) MORTISE_MAP_10(f, c, __VA_ARGS__)
#define MORTISE_MAP_12(f, c, a, ...) f(c, a) MORTISE_MAP_11(f, c, __VA_ARGS__)
#define MORTISE_MAP_13(f, c, a, ...) f(c, a) MORTISE_MAP_12(f, c, __VA_ARGS__)
#define MORTISE_MAP_14(f, c, a, ...) f(c, a) MORTISE_MAP_13(f, c, __VA_ARGS__)
#define MORTISE_MAP_15(f, c, a, ...) f(c, a) MORTISE_MAP_14(f, c, __VA_ARGS__)
#define MORTISE_MAP_16(f, c, a, ...) f(c, a) MORTISE_MAP_15(f, c, __VA_ARGS__)

#define MORTISE_MAP_BACK_1(f, c, a) f(c, a)
#define MORTISE_MAP_BACK_2(f, c, a, ...) MORTISE_MAP_BACK_1(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_3(f, c, a, ...) MORTISE_MAP_BACK_2(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_4(f, c, a, ...) MORTISE_MAP_BACK_3(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_5(f, c, a, ...) MORTISE_MAP_BACK_4(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_6(f, c, a, ...) MORTISE_MAP_BACK_5(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_7(f, c, a, ...) MORTISE_MAP_BACK_6(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_8(f, c, a, ...) MORTISE_MAP_BACK_7(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_9(f, c, a, ...) MORTISE_MAP_BACK_8(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_10(f, c, a, ...) MORTISE_MAP_BACK_9(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_11(f, c, a, ...) MORTISE_MAP_BACK_10(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_12(f, c, a, ...) MORTISE_MAP_BACK_11(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_13(f, c, a, ...) MORTISE_MAP_BACK_12(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_14(f, c, a, ...) MORTISE_MAP_BACK_13(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_15(f, c, a, ...) MORTISE_MAP_BACK_14(f, c, __VA_ARGS__) f(c, a)
#define MORTISE_MAP_BACK_16(f, c, a, ...) MORTISE_MAP_BACK_15(f, c, __VA_ARGS__) f(c, a)

#define MORTISE_FOLDL_1(f, c, a)
#define MORTISE_FOLDL_2(f, c, a, b) f(c, a, b)
#define MORTISE_FOLDL_3(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_2(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_4(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_3(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_5(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_4(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_6(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_5(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_7(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_6(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_8(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_7(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_9(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_8(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_10(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_9(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_11(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_10(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_12(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_11(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_13(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_12(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_14(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_13(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_15(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_14(f, c, b, __VA_ARGS__)
#define MORTISE_FOLDL_16(f, c, a, b, ...) f(c, a, b) MORTISE_FOLDL_15(f, c, b, __VA_ARGS__)
/* clang-format on */

#endif
