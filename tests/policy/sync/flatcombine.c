/* SPDX-License-Identifier: MIT */
#define SYNC flatcombine
#define SYNC_OWN "flatcombine_own.h"
#include "suite.h"
