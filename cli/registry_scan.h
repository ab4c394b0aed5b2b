/* SPDX-License-Identifier: MIT */
/*
 * Walks the folders of the registry.
 */
#ifndef MORTISE_CLI_REGISTRY_SCAN_H
#define MORTISE_CLI_REGISTRY_SCAN_H

#include "registry.h"

/* Adds the words below DIR/heap, DIR/layer, DIR/socket and DIR/policy. */
void registry_scan_tree(struct registry *registry, const char *dir, bool user);

/* Adds the words that lie flat in a user's folder: those with a head comment, or the others, which
 * are headers of some other sort and must not hide a word of ours. */
void registry_scan_flat(struct registry *registry, const char *dir, bool documented);

#endif
