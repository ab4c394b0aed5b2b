/* SPDX-License-Identifier: MIT */
#define SYNC none
#include "suite.h"
