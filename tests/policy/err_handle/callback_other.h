/* SPDX-License-Identifier: MIT */
/*
 * The second unit of the test of callback.
 */
#ifndef TESTS_CALLBACK_OTHER_H
#define TESTS_CALLBACK_OTHER_H

#include <mortise/policy/err_handle/callback.h>

void other_unit_registers(mortise_error_callback_t *callback, void *user);
enum mortise_verdict other_unit_raises(void);

#endif
