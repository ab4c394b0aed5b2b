/* SPDX-License-Identifier: MIT */
#define SYNC futex
#include "suite.h"
