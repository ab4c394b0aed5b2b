/* SPDX-License-Identifier: MIT */
#define ERR_HANDLE default
#define VERDICT MORTISE_GO_ON
#define ENDS 0
#include "suite.h"
