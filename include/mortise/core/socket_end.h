/* SPDX-License-Identifier: MIT */
/*
 * Closes a socket and with it the composition: its name is free for the next one.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#undef SOCKET
#undef SOCKET_ERR_HANDLE
#undef SOCKET_ALIGN
#undef SOCKET_THREADS
#undef SOCKET_BREAK
#undef SOCKET_BACKGROUND
#undef SOCKET_EXPORT
#undef SOCKET_CALL
#undef MALLOC_ALIGN
#undef MALLOC_RAISE
#undef MORTISE_OPEN
#undef MORTISE_ALONE
#undef MCTX_FIELDS
#undef MCTX_ARGUMENTS
#undef COMPOSITION

#endif
