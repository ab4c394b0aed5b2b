/* SPDX-License-Identifier: MIT */
/*
 * Files of the repository that the command carries inside, each as one text.
 */
#ifndef MORTISE_CLI_EMBEDDED_H
#define MORTISE_CLI_EMBEDDED_H

extern const char embedded_licence[]; /* LICENSE */
extern const char embedded_test[];    /* cli/template/test.c */

#endif
