/* SPDX-License-Identifier: MIT */
/*
 * Free memory is poison under AddressSanitizer and Valgrind: whoever reads or writes a block after
 * its free, or behind its last byte, is reported with a stack trace, in every stack of layers.
 *
 * Only the socket poisons, since it alone knows what is the user's: on free all bytes that the
 * block could have, on malloc all but those that were asked for. Layers keep links and records in
 * what is free, at whatever depth, so their functions are not checked (MORTISE_UNCHECKED), and each
 * stays a function of its own, for a compiler does not inline what is not checked into what is.
 * They call no memset or memcpy, which the sanitizer's library would check, but those here. What
 * goes back to the system is poison no more (os/).
 *
 * MORTISE_VALGRIND=1 marks the same for Valgrind's memcheck, which looks at all code there is: it
 * reports nothing while a thread is inside a heap (MORTISE_UNREPORTED). What was not written since
 * malloc counts as undefined until realloc.
 *
 * MORTISE_POISON=0 instead has the layers' own functions checked, and poisons nothing: for whoever
 * works on a layer. It is 1 with AddressSanitizer and 0 without.
 */
#ifndef MORTISE_CORE_POISON_H
#define MORTISE_CORE_POISON_H

#include "compiler.h"

#if MORTISE_POISON && MORTISE_VALGRIND
#error "mortise: a program has either AddressSanitizer or MORTISE_VALGRIND"
#elif MORTISE_POISON

#ifdef __cplusplus
extern "C" {
#endif
void __asan_poison_memory_region(void const volatile *begin, size_t size);
void __asan_unpoison_memory_region(void const volatile *begin, size_t size);
void *__asan_region_is_poisoned(void *begin, size_t size);
int __asan_address_is_poisoned(void const volatile *address);
#ifdef __cplusplus
}
#endif

/* None of the `room` bytes at a block is the user's. Up to a multiple of 8, to which every block is
 * aligned, they are no other's either. */
MORTISE_PLAIN void mortise_poison_hide(void *block, size_t room)
{
    __asan_poison_memory_region(block, (room + 7) / 8 * 8);
}

/* The user has `size` bytes of the `room` at a block, and one at least, which tells that it lives.
 */
MORTISE_PLAIN void mortise_poison_show(void *block, size_t size, size_t room)
{
    size = size != 0 ? size : 1;
    mortise_poison_hide(block, room > size ? room : size);
    __asan_unpoison_memory_region(block, size);
}

/* The memory is no longer ours. Looks before it writes: most of a large range was never poisoned,
 * and the sanitizer's own memory for it need not come into being. */
MORTISE_PLAIN void mortise_poison_forget(void *base, size_t size)
{
    enum { STEP = 65536 };
    for (size_t at = 0; at < size; at += STEP) {
        char *part = (char *)base + at;
        size_t rest = size - at < STEP ? size - at : STEP;
        if (__asan_region_is_poisoned(part, rest) != NULL)
            __asan_unpoison_memory_region(part, rest);
    }
}

MORTISE_PLAIN bool mortise_poison_hides(const void *block)
{
    return __asan_address_is_poisoned(block) != 0;
}

/* The sanitizer does not tell. */
MORTISE_PLAIN void mortise_poison_unwritten(void *block, size_t size)
{
    (void)block, (void)size;
}

#elif MORTISE_VALGRIND

#include <valgrind/memcheck.h>

/* As above; but where a block's own bytes end is known to the byte. */
MORTISE_PLAIN size_t mortise_poison_end(const void *from, size_t room)
{
    return room + (-((uintptr_t)from + room) & 7);
}

MORTISE_PLAIN void mortise_poison_hide(void *block, size_t room)
{
    (void)VALGRIND_MAKE_MEM_NOACCESS(block, mortise_poison_end(block, room));
}

MORTISE_PLAIN void mortise_poison_show(void *block, size_t size, size_t room)
{
    size = size != 0 ? size : 1;
    mortise_poison_hide((char *)block + size, room > size ? room - size : 0);
    (void)VALGRIND_MAKE_MEM_DEFINED(block, size);
}

/* The system hands out zeroes, also where the tool does not know that. */
MORTISE_PLAIN void mortise_poison_forget(void *base, size_t size)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(base, size);
}

MORTISE_PLAIN bool mortise_poison_hides(const void *block)
{
    unsigned char bits;
    return VALGRIND_GET_VBITS(block, &bits, 1) == 3; /* cannot be accessed */
}

/* The user has not written these bytes yet. */
MORTISE_PLAIN void mortise_poison_unwritten(void *block, size_t size)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(block, size);
}

MORTISE_PLAIN int mortise_poison_enter(void)
{
    VALGRIND_DISABLE_ERROR_REPORTING;
    return 0;
}

MORTISE_PLAIN void mortise_poison_leave(int *inside)
{
    (void)inside;
    VALGRIND_ENABLE_ERROR_REPORTING;
}

#else

MORTISE_FAST void mortise_poison_show(void *block, size_t size, size_t room)
{
    (void)block, (void)size, (void)room;
}

MORTISE_FAST void mortise_poison_hide(void *block, size_t room)
{
    (void)block, (void)room;
}

MORTISE_FAST void mortise_poison_forget(void *base, size_t size)
{
    (void)base, (void)size;
}

MORTISE_FAST bool mortise_poison_hides(const void *block)
{
    (void)block;
    return false;
}

MORTISE_FAST void mortise_poison_unwritten(void *block, size_t size)
{
    (void)block, (void)size;
}

#endif

#if MORTISE_POISON || MORTISE_FREESTANDING

/* Eight bytes of whatever, anywhere. volatile, so that no compiler makes a call of memset of it,
 * which there may not be. */
typedef volatile uint64_t mortise_any_word __attribute__((may_alias, aligned(1)));

MORTISE_PLAIN void *mortise_set(void *to, int value, size_t size)
{
    uint64_t word = UINT64_C(0x0101010101010101) * (unsigned char)value;
    size_t i = 0;
    for (; i + 8 <= size; i += 8)
        *(mortise_any_word *)((char *)to + i) = word;
    for (; i < size; i++)
        ((volatile unsigned char *)to)[i] = (unsigned char)value;
    return to;
}

MORTISE_PLAIN void mortise_copy(void *to, const void *from, size_t size)
{
    size_t i = 0;
    for (; i + 8 <= size; i += 8)
        *(mortise_any_word *)((char *)to + i) = *(const mortise_any_word *)((const char *)from + i);
    for (; i < size; i++)
        ((volatile unsigned char *)to)[i] = ((const volatile unsigned char *)from)[i];
}

MORTISE_PLAIN void mortise_move_down(void *to, const void *from, size_t size)
{
    mortise_copy(to, from, size);
}

#else

MORTISE_FAST void *mortise_set(void *to, int value, size_t size)
{
    return __builtin_memset(to, value, size);
}

MORTISE_FAST void mortise_copy(void *to, const void *from, size_t size)
{
    __builtin_memcpy(to, from, size);
}

/* As memmove, to a lower address. */
MORTISE_FAST void mortise_move_down(void *to, const void *from, size_t size)
{
    __builtin_memmove(to, from, size);
}

#endif

/* Stands where a function enters a heap: until its end, what this thread does is not reported. */
#if MORTISE_VALGRIND
#define MORTISE_UNREPORTED                                                                         \
    int mortise_inside __attribute__((unused, cleanup(mortise_poison_leave))) =                    \
        mortise_poison_enter()
#else
#define MORTISE_UNREPORTED ((void)0)
#endif

#endif
