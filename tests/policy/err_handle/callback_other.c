/* SPDX-License-Identifier: MIT */
#include "callback_other.h"

void other_unit_registers(mortise_error_callback_t *callback, void *user)
{
    mortise_set_error_callback(callback, user);
}

enum mortise_verdict other_unit_raises(void)
{
    return mortise_callback_raise(MORTISE_OVERFLOW, NULL, "there");
}
