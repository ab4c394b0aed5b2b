/* SPDX-License-Identifier: MIT */
#define CHKSUM xor
#include "suite.h"
