/* SPDX-License-Identifier: MIT */
/*
 * What sockets of malloc's kind need of the layer beside them, and how their functions begin. With
 * the words of socket.h, but SOCKET_ERR_HANDLE.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
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
MORTISE_ASSERT_STATIC((SOCKET_ALIGN) >= 8 && (SOCKET_ALIGN) <= 4096 &&
                          ((SOCKET_ALIGN) & ((SOCKET_ALIGN)-1)) == 0,
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
