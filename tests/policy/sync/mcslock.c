/* SPDX-License-Identifier: MIT */
#define SYNC mcslock
#include "suite.h"
