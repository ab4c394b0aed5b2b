/* SPDX-License-Identifier: MIT */
/*
 * Closes a socket and with it the composition: its name is free for the next one.
 */
#undef MORTISE_OPEN
#undef MORTISE_ALONE
#undef MCTX_FIELDS
#undef COMPOSITION
