/* SPDX-License-Identifier: MIT */
#define ERR_HANDLE drop
#define VERDICT MORTISE_DROP
#define ENDS 0
#include "suite.h"
