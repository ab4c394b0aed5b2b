/* SPDX-License-Identifier: MIT */
/*
 * Runs a command and tells what it took. The system folds the peak of memory of a process that
 * begins another program into that of the program, and a process begins as its parent, so whoever
 * starts a command is counted with it. This is small, smaller than any shell, and so does not show.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/*
 * Runs command[0], a path, in a process group of its own, with LD_PRELOAD set to `preload` unless
 * that is empty, and writes lines of KEY VALUE to the file `report`:
 *
 *     wall_s, user_s, sys_s, peak_kb, minor_faults, major_faults
 *                  of the command and the children that it waited for; not of this process. The
 *                  peak is that of the largest process
 *     status       of the command, as waitpid gives it
 *     error        in place of all others, where the command does not start: errno
 *
 * SIGTERM, SIGINT and SIGHUP kill the group, which is then reported like any other. Returns
 * WORKLOAD_RIGHT, or WORKLOAD_USAGE where the report cannot be written.
 */
int measure(const char *report, const char *preload, char *const *command);

#endif
