/* SPDX-License-Identifier: MIT */
#define SYNC ccsynch
#include "suite.h"
