/* SPDX-License-Identifier: MIT */
/*
 * The text of LICENSE, which the build puts into licence.c.
 */
#ifndef MORTISE_CLI_LICENCE_H
#define MORTISE_CLI_LICENCE_H

extern const char licence[];

#endif
