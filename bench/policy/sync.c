/* SPDX-License-Identifier: MIT */
/*
 * What one exec costs under each member of the slot sync: a table of threads by member, in
 * nanoseconds from start to end divided by the number of execs of all threads. Every figure is the
 * median over rounds; the cells of a round follow each other, so that a slow spell of the machine
 * touches all of them. A second table has the share of the sections that another thread than the
 * one that asked went through: what combining has to gain with. It depends on the cores that the
 * threads had, which the third table tells: processor time in each second of time.
 */
#include <argp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mortise/core/atomic.h>
#include <mortise/policy/sync.h>

enum { BENCH_MOST_THREADS = 64, MOST_ROUNDS = 101, EACH = 0x100 };

static struct {
    long execs;
    long rounds;
    long work;
    long elsewhere;
    long most_threads;
    bool each;
} option = {200000, 7, 36, 0, BENCH_MOST_THREADS, false};

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

static bool chosen[MEMBERS];

/* Nanoseconds for one exec; the percentage of execs that another thread did; processor time in each
 * second of time. */
enum figure { TIME, SHARE, CORES, FIGURES };
static double samples[FIGURES][COUNTS][MEMBERS][MOST_ROUNDS];

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

static double read_clock(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* The threads spend next to nothing before they begin: processor time is that of their execs. */
static void measure(const struct bench_member *member, unsigned threads, double figure[FIGURES])
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
    /* Nobody has begun: this thread is the last that the barrier needs. */
    double used = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    double start = read_clock(CLOCK_MONOTONIC);
    bench_line_up();
    for (unsigned i = 0; i < threads; i++)
        pthread_join(runners[i].thread, NULL);
    double taken = read_clock(CLOCK_MONOTONIC) - start;
    used = read_clock(CLOCK_PROCESS_CPUTIME_ID) - used;
    pthread_barrier_destroy(&start_line);
    figure[TIME] = taken / (double)(times * (long)threads);
    figure[SHARE] = 100.0 * (double)bench_lent / (double)(times * (long)threads);
    figure[CORES] = used / taken;
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
    return chosen[member] && (long)thread_counts[count] <= option.most_threads &&
           (thread_counts[count] == 1 || members[member]->threadsafe);
}

static void measure_one(long round, int count, int member)
{
    double figure[FIGURES];
    measure(members[member], thread_counts[count], figure);
    for (int i = 0; i < FIGURES; i++)
        samples[i][count][member][round] = figure[i];
    if (option.each) {
        printf("%-8ld%-8u%-12s%12.1f%12.1f%12.2f\n", round + 1, thread_counts[count],
               members[member]->name, figure[TIME], figure[SHARE], figure[CORES]);
        fflush(stdout); /* it may take long, and be watched */
    }
}

static void measure_all(void)
{
    if (option.each)
        printf("%-8s%-8s%-12s%12s%12s%12s\n", "round", "threads", "member", "ns", "percent",
               "cores");
    for (long round = 0; round < option.rounds; round++)
        for (int count = 0; count < COUNTS; count++)
            for (int member = 0; member < MEMBERS; member++)
                if (applies(count, member))
                    measure_one(round, count, member);
}

static void print_table(const char *title, int digits, double table[COUNTS][MEMBERS][MOST_ROUNDS])
{
    printf("%s, median of %ld rounds of %ld execs\n", title, option.rounds, option.execs);
    printf("%-8s", "threads");
    for (int member = 0; member < MEMBERS; member++)
        if (chosen[member])
            printf("%12s", members[member]->name);
    printf("\n");
    for (int count = 0; count < COUNTS; count++) {
        if ((long)thread_counts[count] > option.most_threads)
            continue;
        printf("%-8u", thread_counts[count]);
        for (int member = 0; member < MEMBERS; member++) {
            if (applies(count, member))
                printf("%12.*f", digits, median(table[count][member], option.rounds));
            else if (chosen[member])
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

static void choose(const char *name, struct argp_state *state)
{
    char list[512] = "";
    for (int member = 0; member < MEMBERS; member++) {
        if (strcmp(members[member]->name, name) == 0) {
            chosen[member] = true;
            return;
        }
        size_t length = strlen(list);
        snprintf(list + length, sizeof list - length, " %s", members[member]->name);
    }
    argp_failure(state, argp_err_exit_status, 0, "no member '%s'; there are:%s", name, list);
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
    case EACH:
        option.each = true;
        return 0;
    case ARGP_KEY_ARG:
        choose(text, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        for (int member = 0; member < MEMBERS; member++)
            chosen[member] = true;
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
        {"each", EACH, NULL, 0, "a line for each measurement in place of the tables", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {options,
                                     parse,
                                     "[MEMBER...]",
                                     "Measure an exec under members of the slot sync, by default "
                                     "all of them.",
                                     NULL,
                                     NULL,
                                     NULL};
    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    measure_all();
    if (option.each)
        return 0;
    print_table("ns per exec", 1, samples[TIME]);
    print_table("percent of the execs that another thread did", 1, samples[SHARE]);
    print_table("seconds of processor time in a second", 2, samples[CORES]);
    return 0;
}
