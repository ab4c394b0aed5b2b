/* SPDX-License-Identifier: MIT */
#define SIZECLASS prime
#include "supermalloc_rule.h"
