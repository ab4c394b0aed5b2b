/* SPDX-License-Identifier: MIT */
/* One composition, for macros.sh. */
#define NAME_OF_ONE first
#include "one.h"
#undef NAME_OF_ONE
