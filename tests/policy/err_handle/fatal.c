/* SPDX-License-Identifier: MIT */
#define ERR_HANDLE fatal
#define VERDICT 0
#define ENDS 1
#include "suite.h"
