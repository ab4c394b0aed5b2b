/* SPDX-License-Identifier: MIT */
#define CHKSUM magic
#include "suite.h"
