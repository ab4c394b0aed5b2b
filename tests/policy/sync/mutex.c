/* SPDX-License-Identifier: MIT */
#define SYNC mutex
#include "suite.h"
