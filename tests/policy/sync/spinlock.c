/* SPDX-License-Identifier: MIT */
#define SYNC spinlock
#include "suite.h"
