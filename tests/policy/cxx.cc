// SPDX-License-Identifier: MIT
// Every member of the slots arena, chksum, purge, sizeclass, spread and sync as C++17: that it
// compiles is the test.
#include <mortise/policy/arena/one.h>
#include <mortise/policy/arena/per_cpu.h>
#include <mortise/policy/arena/per_thread.h>
#include <mortise/policy/chksum/crc32.h>
#include <mortise/policy/chksum/magic.h>
#include <mortise/policy/chksum/xor.h>
#include <mortise/policy/purge/idle.h>
#include <mortise/policy/purge/never.h>
#include <mortise/policy/purge/ratio.h>
#include <mortise/policy/sizeclass/linear.h>
#include <mortise/policy/sizeclass/log2b.h>
#include <mortise/policy/sizeclass/prime.h>
#include <mortise/policy/sizeclass/tc.h>
#include <mortise/policy/spread/first_line.h>
#include <mortise/policy/spread/next_line.h>
#include <mortise/policy/spread/random_line.h>
#include <mortise/policy/sync/ccsynch.h>
#include <mortise/policy/sync/clhlock.h>
#include <mortise/policy/sync/combine.h>
#include <mortise/policy/sync/fcbitmap.h>
#include <mortise/policy/sync/flatcombine.h>
#include <mortise/policy/sync/futex.h>
#include <mortise/policy/sync/hsynch.h>
#include <mortise/policy/sync/mcslock.h>
#include <mortise/policy/sync/mutex.h>
#include <mortise/policy/sync/none.h>
#include <mortise/policy/sync/posix_spin.h>
#include <mortise/policy/sync/rcl.h>
#include <mortise/policy/sync/spinlock.h>
#include <mortise/policy/sync/ticketlock.h>
