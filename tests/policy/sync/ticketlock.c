/* SPDX-License-Identifier: MIT */
#define SYNC ticketlock
#define PART 10 /* with more threads than cores each hand-over waits for the system's scheduler */
#include "suite.h"
