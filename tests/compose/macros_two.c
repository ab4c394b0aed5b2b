/* SPDX-License-Identifier: MIT */
/* Two compositions, for macros.sh. */
#define NAME_OF_ONE first
#include "one.h"
#undef NAME_OF_ONE
#define NAME_OF_ONE second
#include "one.h"
#undef NAME_OF_ONE
