/* SPDX-License-Identifier: MIT */
#define SIZECLASS supermalloc
#include "supermalloc_rule.h"
