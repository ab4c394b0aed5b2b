/* SPDX-License-Identifier: MIT */
/*
 * The names of libc's allocator, glibc's or musl's, answered by the default heap of COMPOSITION.
 * Included by malloc_socket; needs run/malloc.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#include "sink.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>

#ifdef __cplusplus
#define LIBC_MALLOC extern "C" __attribute__((visibility("default")))
#else
#define LIBC_MALLOC __attribute__((visibility("default")))
#endif
#if defined __cplusplus && defined __GLIBC__ /* which declares them so */
#define LIBC_THROWS_NOT noexcept
#else
#define LIBC_THROWS_NOT
#endif

#define RUN(x) MORTISE_CAT(COMPOSITION, _##x)
#define HEAP &RUN(default)

LIBC_MALLOC void *malloc(size_t size) LIBC_THROWS_NOT
{
    return RUN(malloc)(HEAP, size);
}

LIBC_MALLOC void free(void *block) LIBC_THROWS_NOT
{
    RUN(free)(HEAP, block);
}

LIBC_MALLOC void *calloc(size_t count, size_t size) LIBC_THROWS_NOT
{
    return RUN(calloc)(HEAP, count, size);
}

LIBC_MALLOC void *realloc(void *block, size_t size) LIBC_THROWS_NOT
{
    return RUN(realloc)(HEAP, block, size);
}

/* One body for all who ask for an alignment: to jump costs them little, five bodies cost a compiler
 * much. */
MORTISE_APART void *RUN(aligned)(size_t align, size_t size)
{
    return RUN(aligned_alloc)(HEAP, align, size);
}

/* C17 lets any supported alignment come with any size. */
LIBC_MALLOC void *aligned_alloc(size_t align, size_t size) LIBC_THROWS_NOT
{
    if (!mortise_is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    return RUN(aligned)(align, size);
}

/* As glibc does, an alignment that is no power of two is raised to the next. */
LIBC_MALLOC void *memalign(size_t align, size_t size) LIBC_THROWS_NOT
{
    if (align > MORTISE_MAX_SIZE / 2) {
        errno = EINVAL;
        return NULL;
    }
    if (align > 1 && !mortise_is_power_of_two(align))
        align = (size_t)1 << (mortise_log2(align) + 1);
    return RUN(aligned)(align, size);
}

/* Reports by its result and leaves errno and, on failure, *result alone. */
LIBC_MALLOC int posix_memalign(void **result, size_t align, size_t size) LIBC_THROWS_NOT
{
    if (!mortise_is_power_of_two(align) || align % sizeof(void *) != 0)
        return EINVAL;
    int saved = errno;
    void *block = RUN(aligned)(align, size);
    errno = saved;
    if (block == NULL)
        return ENOMEM;
    *result = block;
    return 0;
}

LIBC_MALLOC void *valloc(size_t size) LIBC_THROWS_NOT
{
    return RUN(aligned)(mortise_os_page_size(), size);
}

LIBC_MALLOC void *pvalloc(size_t size) LIBC_THROWS_NOT
{
    size_t page = mortise_os_page_size();
    if (size > MORTISE_MAX_SIZE) {
        errno = ENOMEM;
        return NULL;
    }
    return RUN(aligned)(page, mortise_round_up(size, page));
}

LIBC_MALLOC size_t malloc_usable_size(void *block) LIBC_THROWS_NOT
{
    return RUN(usable_size)(HEAP, block);
}

/* C23. The sizes are promises of the caller; the heap knows better. */
LIBC_MALLOC void free_sized(void *block, size_t size)
{
    RUN(free_as)(HEAP, block, 1, size);
}

LIBC_MALLOC void free_aligned_sized(void *block, size_t align, size_t size)
{
    RUN(free_as)(HEAP, block, align != 0 ? align : 1, size);
}

/* C23: the largest power of two that divides the address, 0 for NULL. */
LIBC_MALLOC size_t memalignment(const void *address)
{
    return (uintptr_t)address & -(uintptr_t)address;
}

/* 1 when memory went back to the system. */
LIBC_MALLOC int malloc_trim(size_t keep) LIBC_THROWS_NOT
{
    return RUN(trim)(HEAP, keep) != 0;
}

LIBC_MALLOC int mallopt(int parameter, int value) LIBC_THROWS_NOT
{
    (void)parameter, (void)value;
    return 0;
}

/* Totals, and what layers have measured. */
LIBC_MALLOC void malloc_stats(void) LIBC_THROWS_NOT
{
    struct mortise_sink sink = mortise_sink_make(MORTISE_FORM_TEXT);
    struct mortise_stats s = RUN(stats_to)(HEAP, &sink);
    char line[160];
    int length = snprintf(line, sizeof line,
                          "system bytes     = %10zu\nin use bytes     = %10zu\n"
                          "mmap regions     = %10zu\nmmap bytes       = %10zu\n",
                          s.system, s.system - s.free, s.directs, s.direct);
    mortise_os_complain(line, (size_t)length);
    mortise_os_complain(sink.text, sink.length);
    mortise_sink_drop(&sink);
}

#ifdef __GLIBC__
LIBC_MALLOC int malloc_info(int options, FILE *stream) LIBC_THROWS_NOT
{
    if (options != 0)
        return EINVAL;
    struct mortise_sink sink = mortise_sink_make(MORTISE_FORM_XML);
    struct mortise_stats s = RUN(stats_to)(HEAP, &sink);
    int length = fprintf(stream,
                         "<malloc version=\"1\">\n<heap nr=\"0\">\n"
                         "<total type=\"rest\" count=\"%zu\" size=\"%zu\"/>\n"
                         "<total type=\"mmap\" count=\"%zu\" size=\"%zu\"/>\n"
                         "<system type=\"current\" size=\"%zu\"/>\n</heap>\n%.*s</malloc>\n",
                         s.free_blocks, s.free, s.directs, s.direct, s.system, (int)sink.length,
                         sink.length != 0 ? sink.text : "");
    mortise_sink_drop(&sink);
    return length < 0 ? EIO : 0;
}

MORTISE_SLOW struct mallinfo2 RUN(mallinfo)(void)
{
    struct mortise_stats s = RUN(stats)(HEAP);
    struct mallinfo2 info;
    __builtin_memset(&info, 0, sizeof info);
    info.arena = s.system - s.direct;
    info.ordblks = s.free_blocks;
    info.hblks = s.directs;
    info.hblkhd = s.direct;
    info.uordblks = info.arena - s.free;
    info.fordblks = s.free;
    return info;
}

LIBC_MALLOC struct mallinfo2 mallinfo2(void) LIBC_THROWS_NOT
{
    return RUN(mallinfo)();
}

/* The older form, in which large figures stop at INT_MAX instead of turning negative. */
LIBC_MALLOC struct mallinfo mallinfo(void) LIBC_THROWS_NOT
{
    struct mallinfo2 wide = RUN(mallinfo)();
    struct mallinfo info;
    __builtin_memset(&info, 0, sizeof info);
#define NARROW(field) info.field = wide.field < INT_MAX ? (int)wide.field : INT_MAX
    NARROW(arena);
    NARROW(ordblks);
    NARROW(hblks);
    NARROW(hblkhd);
    NARROW(uordblks);
    NARROW(fordblks);
    NARROW(keepcost);
#undef NARROW
    return info;
}
#endif

#undef LIBC_MALLOC
#undef LIBC_THROWS_NOT
#undef HEAP
#undef RUN

#endif
