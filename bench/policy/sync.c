/* SPDX-License-Identifier: MIT */
/*
 * What one exec costs under each member of the slot sync: a table of threads by member, in
 * nanoseconds from start to end divided by the number of execs of all threads. Every figure is the
 * median over rounds; the cells of a round follow each other, so that a slow spell of the machine
 * touches all of them. A second table has the share of the sections that another thread than the
 * one that asked went through: what combining has to gain with.
 */
#include <argp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mortise/core/atomic.h>
#include <mortise/policy/sync.h>

enum { BENCH_MOST_THREADS = 64, MOST_ROUNDS = 101 };

static struct {
    long execs;
    long rounds;
    long work;
    long elsewhere;
    long most_threads;
} option = {200000, 7, 36, 0, BENCH_MOST_THREADS};

struct bench_request {
    const char *asked; /* the thread's own bench_self */
    unsigned long value;
    unsigned long result;
};

struct bench_member {
    const char *name;
    int threadsafe;
    void (*reset)(void);
    void (*run)(unsigned thread, long times);
};

/* A chain of dependent steps: about 4 cycles each on any processor of today. */
static unsigned long chain(unsigned long x, long steps)
{
    for (long i = 0; i < steps; i++)
        x = x * 6364136223846793005UL + 1442695040888963407UL;
    return x;
}

static unsigned long bench_state;
static long bench_lent; /* sections in which another thread was than the one that asked */
static _Thread_local char bench_self;

static void bench_section(void *argument)
{
    struct bench_request *request = (struct bench_request *)argument;
    bench_lent += request->asked != &bench_self;
    bench_state = chain(bench_state + request->value, option.work);
    request->result = bench_state;
}

static void bench_elsewhere(unsigned long seed)
{
    static _Thread_local unsigned long sink;
    if (option.elsewhere > 0)
        sink = chain(seed, option.elsewhere);
    __asm__ volatile("" ::"m"(sink));
}

static pthread_barrier_t start_line;

static void bench_line_up(void)
{
    pthread_barrier_wait(&start_line);
}

#define SYNC none
#include "sync_member.h"
#define SYNC spinlock
#include "sync_member.h"
#define SYNC ticketlock
#include "sync_member.h"
#define SYNC posix_spin
#include "sync_member.h"
#define SYNC futex
#include "sync_member.h"
#define SYNC mutex
#include "sync_member.h"
#define SYNC mcslock
#include "sync_member.h"
#define SYNC clhlock
#include "sync_member.h"
#define SYNC ccsynch
#include "sync_member.h"
#define SYNC combine
#include "sync_member.h"
#define SYNC flatcombine
#include "sync_member.h"
#define SYNC fcbitmap
#include "sync_member.h"
#define SYNC hsynch
#include "sync_member.h"
#define SYNC rcl
#include "sync_member.h"

static const struct bench_member *const members[] = {
    &bench_none,        &bench_spinlock, &bench_ticketlock, &bench_posix_spin, &bench_futex,
    &bench_mutex,       &bench_mcslock,  &bench_clhlock,    &bench_ccsynch,    &bench_combine,
    &bench_flatcombine, &bench_fcbitmap, &bench_hsynch,     &bench_rcl};
static const unsigned thread_counts[] = {1, 2, 8, 64};

enum {
    MEMBERS = sizeof members / sizeof members[0],
    COUNTS = sizeof thread_counts / sizeof thread_counts[0]
};

static double samples[COUNTS][MEMBERS][MOST_ROUNDS];
static double shares[COUNTS][MEMBERS][MOST_ROUNDS]; /* percent */

struct runner {
    pthread_t thread;
    const struct bench_member *member;
    unsigned number;
    long times;
};

static void *run(void *argument)
{
    struct runner *runner = (struct runner *)argument;
    runner->member->run(runner->number, runner->times);
    return NULL;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Nanoseconds for one exec, and in *share the percentage that another thread did. */
static double measure(const struct bench_member *member, unsigned threads, double *share)
{
    struct runner runners[BENCH_MOST_THREADS];
    long times = option.execs / (long)threads;
    member->reset();
    bench_lent = 0;
    pthread_barrier_init(&start_line, NULL, threads + 1);
    for (unsigned i = 0; i < threads; i++) {
        runners[i].member = member;
        runners[i].number = i;
        runners[i].times = times;
        if (pthread_create(&runners[i].thread, NULL, run, &runners[i]) != 0) {
            fprintf(stderr, "sync: cannot start %u threads\n", threads);
            exit(1);
        }
    }
    double start = now(); /* nobody has begun: this thread is the last that the barrier needs */
    bench_line_up();
    for (unsigned i = 0; i < threads; i++)
        pthread_join(runners[i].thread, NULL);
    double end = now();
    pthread_barrier_destroy(&start_line);
    *share = 100.0 * (double)bench_lent / (double)(times * (long)threads);
    return (end - start) / (double)(times * (long)threads);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, long count)
{
    qsort(values, (size_t)count, sizeof values[0], compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static bool applies(int count, int member)
{
    return (long)thread_counts[count] <= option.most_threads &&
           (thread_counts[count] == 1 || members[member]->threadsafe);
}

static void measure_all(void)
{
    for (long round = 0; round < option.rounds; round++)
        for (int count = 0; count < COUNTS; count++)
            for (int member = 0; member < MEMBERS; member++)
                if (applies(count, member))
                    samples[count][member][round] = measure(members[member], thread_counts[count],
                                                            &shares[count][member][round]);
}

static void print_table(const char *title, double table[COUNTS][MEMBERS][MOST_ROUNDS])
{
    printf("%s, median of %ld rounds of %ld execs\n", title, option.rounds, option.execs);
    printf("%-8s", "threads");
    for (int member = 0; member < MEMBERS; member++)
        printf("%12s", members[member]->name);
    printf("\n");
    for (int count = 0; count < COUNTS; count++) {
        if ((long)thread_counts[count] > option.most_threads)
            continue;
        printf("%-8u", thread_counts[count]);
        for (int member = 0; member < MEMBERS; member++) {
            if (applies(count, member))
                printf("%12.1f", median(table[count][member], option.rounds));
            else
                printf("%12s", "-");
        }
        printf("\n");
    }
}

static long number(const char *text, long low, long high, struct argp_state *state)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < low || value > high)
        argp_error(state, "'%s' is not a number from %ld to %ld", text, low, high);
    return value;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    switch (key) {
    case 'n':
        option.execs = number(text, BENCH_MOST_THREADS, 1000000000, state);
        return 0;
    case 'r':
        option.rounds = number(text, 1, MOST_ROUNDS, state);
        return 0;
    case 'w':
        option.work = number(text, 0, 1000000, state);
        return 0;
    case 'e':
        option.elsewhere = number(text, 0, 1000000, state);
        return 0;
    case 't':
        option.most_threads = number(text, 1, BENCH_MOST_THREADS, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"execs", 'n', "N", 0, "execs of all threads in one measurement (200000)", 0},
        {"rounds", 'r', "N", 0, "measurements of each cell (7)", 0},
        {"work", 'w', "STEPS", 0, "length of the critical section (36, about 50 ns)", 0},
        {"elsewhere", 'e', "STEPS", 0, "work of a thread between two execs (0)", 0},
        {"threads", 't', "N", 0, "leave out rows with more threads (64)", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        options, parse, NULL, "Measure an exec under each member of the slot sync.",
        NULL,    NULL,  NULL};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    measure_all();
    print_table("ns per exec", samples);
    print_table("percent of the execs that another thread did", shares);
    return 0;
}
