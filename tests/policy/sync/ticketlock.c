/* SPDX-License-Identifier: MIT */
#define SYNC ticketlock
#include "suite.h"
