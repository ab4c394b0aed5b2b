/* SPDX-License-Identifier: MIT */
/*
 * One text of C out of many files: each header of Mortise and of the user's folders is put where it
 * is included, while the system's headers stay includes. What depends on macros that are known here
 * (parameters, the depth of an include, which operations a layer has) is decided here; the rest,
 * such as which compiler it is, stays a condition in the text. All comments stay.
 *
 * Nothing is known of a name at first, so a condition that cannot be decided stays, which is always
 * right. But what a header takes back by #undef was not defined before it.
 */
#ifndef MORTISE_CLI_AMALGAM_H
#define MORTISE_CLI_AMALGAM_H

#include "registry.h"

/* NULL after reporting what cannot be put into one file. */
const char *amalgam(const char *c, const struct registry *registry, struct diags *diags);

#endif
