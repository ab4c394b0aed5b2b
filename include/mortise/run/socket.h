/* SPDX-License-Identifier: MIT */
/*
 * What sockets of malloc's kind have in common: the needs, the policy for misuse, run/malloc.h. A
 * template over COMPOSITION, with these words bound:
 *   SOCKET             the name, a string
 *   SOCKET_ERR_HANDLE  a member of err_handle
 *   SOCKET_ALIGN       alignment of every block, a power of two in 8..4096
 *   SOCKET_THREADS     many or one
 *   SOCKET_EXPORT      1: SOCKET_CALL begins the definition of a function that others link to;
 *                      0: that of a static one
 * core/socket_end.h takes them back, with SOCKET_CALL and what malloc.h wants.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
MORTISE_ASSERT_STATIC(!MORTISE_FREESTANDING,
                      "mortise: " SOCKET " needs libc and an operating system, which a "
                      "freestanding composition has not: end it with mymalloc_socket");
#include "../policy/err_handle.h"
#include MORTISE_POLICY(err_handle, SOCKET_ERR_HANDLE)

#define MALLOC_ALIGN ((size_t)(SOCKET_ALIGN))
#define MALLOC_RAISE MORTISE_MEMBER(SOCKET_ERR_HANDLE, raise)
#include "malloc.h"

#define FACTS MORTISE_CAT(COMPOSITION, _facts)
#define THREADS_many MORTISE_THREADSAFE
#define THREADS_one 0
MORTISE_ASSERT_STATIC((FACTS & MORTISE_OBJECTS) != 0,
                      "mortise: " SOCKET " needs objects of known size, which the layer on its "
                      "system side does not give: put a placing layer such as tlsf_glk before it");
MORTISE_ASSERT_STATIC((FACTS & MORTISE_ALIGNS) != 0,
                      "mortise: " SOCKET " needs any alignment, which the layer on its system "
                      "side does not give: put a placing layer such as tlsf_glk before it");
MORTISE_ASSERT_STATIC((~FACTS & MORTISE_CAT(THREADS_, SOCKET_THREADS)) == 0,
                      "mortise: " SOCKET " needs a thread-safe neighbour, which the layer on its "
                      "system side is not: give it another sync than none, or promise one thread "
                      "by " SOCKET "(threads=one)");
MORTISE_ASSERT_STATIC(MALLOC_ALIGN >= 8 && MALLOC_ALIGN <= 4096 &&
                          (MALLOC_ALIGN & (MALLOC_ALIGN - 1)) == 0,
                      "mortise: " SOCKET ": align must be a power of two in 8..4096");
#undef FACTS
#undef THREADS_many
#undef THREADS_one

#if !SOCKET_EXPORT
#define SOCKET_CALL MORTISE_PLAIN
#elif defined __cplusplus
#define SOCKET_CALL extern "C" __attribute__((visibility("default")))
#else
#define SOCKET_CALL __attribute__((visibility("default")))
#endif

#endif
