/* SPDX-License-Identifier: MIT */
#define SYNC flatcombine
#include "suite.h"
