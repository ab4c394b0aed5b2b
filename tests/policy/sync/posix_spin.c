/* SPDX-License-Identifier: MIT */
#define SYNC posix_spin
#include "suite.h"
