/* SPDX-License-Identifier: MIT */
/*
 * A model as one self-contained file of C, which is C++ too: an allocator to carry into another
 * project without Mortise. FILE.c takes the place of malloc, unless the model says interpose=0;
 * FILE.h is for use inside a program and takes it only if the model says interpose=1.
 */
#ifndef MORTISE_CLI_EXPORT_H
#define MORTISE_CLI_EXPORT_H

#include "model.h"
#include "registry.h"

/* The text of the file; its composition is the model's. NULL after reporting an error. */
const char *export_file(struct model *model, const struct registry *registry, bool header,
                        struct diags *diags);

#endif
