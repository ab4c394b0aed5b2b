/* SPDX-License-Identifier: MIT */
/*
 * custom_socket - malloc under names of the program's own, with arguments of its own
 *
 * A program gets an allocator beside malloc, and says with each request what malloc has no place
 * for: a core, a call site, how long the block will live. The arguments stand in one line. In a
 * model:
 *     custom_socket(prefix=pool, arguments=list(core=unsigned, site=pointer))
 * and in C, before the first layer (then the type is any type of C):
 *     #define MCTX_ARGUMENTS (unsigned, core), (const void *, site)
 * They come after malloc's own arguments, and layers find them in ctx->extra, by their names:
 *     void *pool_malloc(size_t size, unsigned core, const void *site);
 *     void *pool_calloc(size_t count, size_t size, unsigned core, const void *site);
 *     void *pool_realloc(void *block, size_t size, unsigned core, const void *site);
 *     void *pool_aligned_alloc(size_t align, size_t size, unsigned core, const void *site);
 *     void pool_free(void *block);
 *     size_t pool_usable_size(void *block);
 *     size_t pool_trim(size_t keep);                  bytes that went back to the system
 *     struct NAME_heap *pool_heap_create(void);       another heap, NULL where memory is out
 *     void pool_heap_destroy(struct NAME_heap *heap);         with all that is allocated there
 * and the first six once more for such a heap, which is their first argument: pool_heap_malloc and
 * so on. A program that links the composition as an object declares those that it calls.
 *
 * Needs: objects of known size and any alignment; a thread-safe neighbour unless threads=one
 * Offers: PREFIX_malloc and the others
 *
 * Parameters:
 *   name        type        default  range     meaning
 *   prefix      name        custom   -         what the names begin with
 *   arguments   arguments   none     -         list(NAME=TYPE, ...) with the types int, unsigned,
 *                                              long, size, pointer, bool, u8, u16, u32 and u64
 *   export      bool        1        -         0: the functions are static, for a program that
 *                                              includes the composition
 *   err_handle  err_handle  default  -         what happens when a pointer is freed that is not a
 *                                              living block
 *   align       int         16       8..4096   alignment of every block, a power of two
 *   threads     name        many     many|one  one: the program promises to use one thread
 *
 * Invariants: errno changes only when an allocation fails, to ENOMEM; an alignment that is no power
 *     of two is refused
 * Ordering: none of its own
 * Wins: not an allocator
 * Source: paper table 2
 */
#include "../core/socket_begin.h"

#ifndef CUSTOM_SOCKET_PREFIX
#define CUSTOM_SOCKET_PREFIX custom
#endif
#ifndef CUSTOM_SOCKET_ARGUMENTS
#define CUSTOM_SOCKET_ARGUMENTS none
#endif
#ifndef CUSTOM_SOCKET_EXPORT
#define CUSTOM_SOCKET_EXPORT 1
#endif
#ifndef CUSTOM_SOCKET_ERR_HANDLE
#define CUSTOM_SOCKET_ERR_HANDLE default
#endif
#ifndef CUSTOM_SOCKET_ALIGN
#define CUSTOM_SOCKET_ALIGN 16
#endif
#ifndef CUSTOM_SOCKET_THREADS
#define CUSTOM_SOCKET_THREADS many
#endif

#define SOCKET "custom_socket"
#define SOCKET_ERR_HANDLE CUSTOM_SOCKET_ERR_HANDLE
#define SOCKET_ALIGN CUSTOM_SOCKET_ALIGN
#define SOCKET_THREADS CUSTOM_SOCKET_THREADS
#define SOCKET_EXPORT CUSTOM_SOCKET_EXPORT
#include "../run/socket.h"
MORTISE_ASSERT_STATIC(sizeof MORTISE_STRING(CUSTOM_SOCKET_ARGUMENTS) == sizeof "none",
                      "mortise: custom_socket: declare the arguments before the first layer, as "
                      "MCTX_ARGUMENTS");

#define RUN(x) MORTISE_CAT(COMPOSITION, _##x)
#define CALL(x) MORTISE_CAT(CUSTOM_SOCKET_PREFIX, _##x)
#define HEAP struct RUN(heap)
#define DEFAULT &RUN(default)
#ifdef MCTX_ARGUMENTS
#define TAKEN MORTISE_MAP(MORTISE_ARGUMENT_TAKEN, _, MCTX_ARGUMENTS)
#define GIVEN MORTISE_MAP(MORTISE_ARGUMENT_GIVEN, _, MCTX_ARGUMENTS)
#define VALUES MORTISE_MAP(MORTISE_ARGUMENT_VALUE, _, MCTX_ARGUMENTS)
#else
#define TAKEN
#define GIVEN
#define VALUES
#endif

SOCKET_CALL HEAP *CALL(heap_create)(void)
{
    return RUN(heap_create)();
}

SOCKET_CALL void CALL(heap_destroy)(HEAP *heap)
{
    RUN(heap_destroy)(heap);
}

SOCKET_CALL void *CALL(heap_malloc)(HEAP *heap, size_t size TAKEN)
{
    struct RUN(extra) extra = {VALUES};
    return RUN(obtain)(heap, size, MALLOC_ALIGN, extra);
}

SOCKET_CALL void *CALL(heap_calloc)(HEAP *heap, size_t count, size_t size TAKEN)
{
    struct RUN(extra) extra = {VALUES};
    return RUN(obtain_zero)(heap, count, size, extra);
}

SOCKET_CALL void *CALL(heap_realloc)(HEAP *heap, void *block, size_t size TAKEN)
{
    struct RUN(extra) extra = {VALUES};
    return RUN(obtain_again)(heap, block, size, extra);
}

SOCKET_CALL void *CALL(heap_aligned_alloc)(HEAP *heap, size_t align, size_t size TAKEN)
{
    struct RUN(extra) extra = {VALUES};
    if (mortise_is_power_of_two(align))
        return RUN(obtain)(heap, size, align, extra);
    mortise_os_set_enomem();
    return NULL;
}

SOCKET_CALL void CALL(heap_free)(HEAP *heap, void *block)
{
    RUN(free)(heap, block);
}

SOCKET_CALL size_t CALL(heap_usable_size)(HEAP *heap, void *block)
{
    return RUN(usable_size)(heap, block);
}

/* The same with the heap that is always there, whose address is a constant. */
SOCKET_CALL void *CALL(malloc)(size_t size TAKEN)
{
    struct RUN(extra) extra = {VALUES};
    return RUN(obtain)(DEFAULT, size, MALLOC_ALIGN, extra);
}

SOCKET_CALL void *CALL(calloc)(size_t count, size_t size TAKEN)
{
    struct RUN(extra) extra = {VALUES};
    return RUN(obtain_zero)(DEFAULT, count, size, extra);
}

SOCKET_CALL void *CALL(realloc)(void *block, size_t size TAKEN)
{
    struct RUN(extra) extra = {VALUES};
    return RUN(obtain_again)(DEFAULT, block, size, extra);
}

SOCKET_CALL void *CALL(aligned_alloc)(size_t align, size_t size TAKEN)
{
    return CALL(heap_aligned_alloc)(DEFAULT, align, size GIVEN);
}

SOCKET_CALL void CALL(free)(void *block)
{
    RUN(free)(DEFAULT, block);
}

SOCKET_CALL size_t CALL(usable_size)(void *block)
{
    return RUN(usable_size)(DEFAULT, block);
}

SOCKET_CALL size_t CALL(trim)(size_t keep)
{
    return RUN(trim)(DEFAULT, keep);
}

#undef RUN
#undef CALL
#undef HEAP
#undef DEFAULT
#undef TAKEN
#undef GIVEN
#undef VALUES
#undef CUSTOM_SOCKET_PREFIX
#undef CUSTOM_SOCKET_ARGUMENTS
#undef CUSTOM_SOCKET_EXPORT
#undef CUSTOM_SOCKET_ERR_HANDLE
#undef CUSTOM_SOCKET_ALIGN
#undef CUSTOM_SOCKET_THREADS
#include "../core/socket_end.h"
