/* SPDX-License-Identifier: MIT */
#define SYNC fcbitmap
#include "suite.h"
