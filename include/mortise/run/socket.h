/* SPDX-License-Identifier: MIT */
/*
 * What sockets of malloc's kind have in common: the needs, the policy for misuse, run/malloc.h. A
 * template over COMPOSITION, with these words bound:
 *   SOCKET             the name, a string
 *   SOCKET_ERR_HANDLE  a member of err_handle
 *   SOCKET_ALIGN       alignment of every block, a power of two in 8..4096
 *   SOCKET_THREADS     many or one
 *   SOCKET_BREAK       1: its system layer may move the program break, which nobody else does; 0 if
 *                      not said
 *   SOCKET_BACKGROUND  1: a thread in the background, see run/background.h; 0 if not said
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

#include "socket_needs.h"

#endif
