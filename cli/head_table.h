/* SPDX-License-Identifier: MIT */
/*
 * The table in the section Parameters of a head comment.
 */
#ifndef MORTISE_CLI_HEAD_TABLE_H
#define MORTISE_CLI_HEAD_TABLE_H

#include "head.h"

/* Fills head->params; describes the first mistake and returns false. */
bool head_table_parse(const char *text, struct head *head, const char **problem);

#endif
