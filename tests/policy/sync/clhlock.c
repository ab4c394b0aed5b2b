/* SPDX-License-Identifier: MIT */
#define SYNC clhlock
#include "suite.h"
