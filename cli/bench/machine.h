/* SPDX-License-Identifier: MIT */
/*
 * What figures depend on besides the allocators: processor, memory, kernel, libc, compiler.
 */
#ifndef MORTISE_CLI_BENCH_MACHINE_H
#define MORTISE_CLI_BENCH_MACHINE_H

#include <jansson.h>

#include "../options.h"

/* An object of texts; what cannot be found out is not in it. */
json_t *bench_machine(const struct options *options);

#endif
