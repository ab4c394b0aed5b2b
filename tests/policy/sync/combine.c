/* SPDX-License-Identifier: MIT */
#define SYNC combine
#include "suite.h"
