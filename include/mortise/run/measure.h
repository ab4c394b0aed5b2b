/* SPDX-License-Identifier: MIT */
/*
 * What layers that measure have in common: records of threads, and a report when the program ends.
 *
 * A thread counts in a record of its own, the same for all heaps, by plain loads and stores. When
 * the last of its states in heaps ends, the record goes with all that it holds to the next thread
 * that needs one. So the sum over the records of a layer is the sum over all of its threads and
 * heaps, and records do not outnumber the threads that lived at once. Records are never unmapped:
 * who reads them takes no lock, and neither a fork nor a signal at any moment can do harm.
 *
 * Where the report goes, the environment says: MORTISE_STATS=FILE appends to a file, - is standard
 * error, which is also where it goes when there is no such variable, and nothing is none. After
 * json: the report is one line of JSON.
 */
#ifndef MORTISE_RUN_MEASURE_H
#define MORTISE_RUN_MEASURE_H

#include "../core/compiler.h"
#if MORTISE_FREESTANDING
#error "mortise: a layer that measures reports to a system, and there is none: leave it out"
#endif
#include "../arch/cpu.h"
#include "../core/atomic.h"
#include "../os/os.h"
#include "../os/sink.h"

/* First member of a layer's record. */
struct mortise_record {
    struct mortise_record *next;
    uint32_t thread;  /* whose it is, 0: nobody's */
    uint32_t process; /* in which `thread` is a number, see retire in threads.h; the thread's */
    uint32_t states;  /* of threads in a heap, that count here */
};

/* All records of a layer; all-zero memory is none. */
struct mortise_records {
    struct mortise_record *first;
    struct mortise_record *hand; /* the next one to ask whether its thread lives */
};

/* Acquire: sees the records that make published. */
MORTISE_PLAIN struct mortise_record *mortise_records_first(struct mortise_records *records)
{
    return MORTISE_LOAD_ACQUIRE(&records->first);
}

/* A record whose thread ended without giving it away, as one does whose heap was destroyed before.
 * Asks about a few alone, so that those of the dead stay a fraction. Relaxed: where the hand is
 * matters little. */
MORTISE_SLOW struct mortise_record *mortise_records_reclaim(struct mortise_records *records,
                                                            uint32_t thread)
{
    for (int looks = 0; looks < 8; looks++) {
        struct mortise_record *record = MORTISE_LOAD_RELAXED(&records->hand);
        if (record == NULL)
            record = mortise_records_first(records);
        if (record == NULL)
            return NULL;
        MORTISE_STORE_RELAXED(&records->hand, record->next);
        uint32_t owner = MORTISE_LOAD_RELAXED(&record->thread);
        bool known = MORTISE_LOAD_RELAXED(&record->process) == mortise_os_process_id();
        /* Acquire: sees what it counted, for the system says only after its end that it is over. */
        if (owner != 0 && known && !mortise_os_thread_lives(owner) &&
            MORTISE_CAS_ACQUIRE(&record->thread, &owner, thread)) {
            MORTISE_STORE_RELAXED(&record->states, 0u); /* those of the dead are not this one's */
            return record;
        }
    }
    return NULL;
}

/* The record of a thread, of `size` bytes, or NULL where memory is out. */
MORTISE_SLOW struct mortise_record *mortise_records_take(struct mortise_records *records,
                                                         uint32_t thread, size_t size)
{
    uint32_t process = mortise_os_process_id();
    struct mortise_record *record = mortise_records_first(records);
    for (; record != NULL; record = record->next)
        if (MORTISE_LOAD_RELAXED(&record->thread) == thread && /* only the thread wrote these */
            MORTISE_LOAD_RELAXED(&record->process) == process)
            return record;
    for (record = mortise_records_first(records); record != NULL; record = record->next) {
        uint32_t nobody = 0;
        /* Acquire: sees what the thread before counted. */
        if (MORTISE_CAS_ACQUIRE(&record->thread, &nobody, thread)) {
            MORTISE_STORE_RELAXED(&record->process, process); /* orders nothing */
            return record;
        }
    }
    record = mortise_records_reclaim(records, thread);
    if (record != NULL)
        return record;
    size_t page = mortise_os_page_size();
    record = (struct mortise_record *)mortise_os_map(mortise_round_up(size, page), page);
    if (record == NULL)
        return NULL;
    record->thread = thread;
    record->process = process;
    record->next = MORTISE_LOAD_RELAXED(&records->first);
    /* Release: whoever finds the record sees it complete. */
    while (!MORTISE_CAS_RELEASE(&records->first, &record->next, record)) {
    }
    return record;
}

/* A state begins to count in the record of its thread. */
MORTISE_PLAIN void mortise_records_enter(struct mortise_record *record)
{
    MORTISE_ADD_RELAXED(&record->states, 1u); /* orders nothing: give does */
}

/* A state of that thread ends. True: it was the last one that counts here, so that the record can
 * be given away. False as well where it has been taken from a thread that ended without a word. */
MORTISE_PLAIN bool mortise_records_leave(struct mortise_record *record, uint32_t thread)
{
    return MORTISE_LOAD_RELAXED(&record->thread) == thread &&
           MORTISE_SUB_RELAXED(&record->states, 1u) == 1;
}

/* After the last state has left. Release: shows the counts to the next thread. */
MORTISE_PLAIN void mortise_records_give(struct mortise_record *record)
{
    MORTISE_STORE_RELEASE(&record->thread, 0u);
}

/* In the child of a fork, which begins anew: clears what follows the heads of the records. Pages
 * that nobody wrote to stay so. */
MORTISE_SLOW void mortise_records_clear(struct mortise_records *records, size_t size)
{
    struct mortise_record *record = mortise_records_first(records);
    for (; record != NULL; record = record->next) {
        uint64_t *word = (uint64_t *)(void *)(record + 1);
        for (uint64_t *end = word + (size - sizeof *record) / sizeof *word; word < end; word++)
            if (*word != 0)
                *word = 0;
    }
}

/* A clock for short times, and its rate. */
MORTISE_FAST uint64_t mortise_ticks_begin(void)
{
    return MORTISE_CPU_TICKS ? mortise_cpu_ticks_begin() : mortise_os_clock();
}

MORTISE_FAST uint64_t mortise_ticks_end(void)
{
    return MORTISE_CPU_TICKS ? mortise_cpu_ticks_end() : mortise_os_clock();
}

struct mortise_moment {
    uint64_t ticks;
    uint64_t ns;
};

/* Both clocks at once: of several tries the one that took the shortest. */
MORTISE_SLOW struct mortise_moment mortise_moment_now(void)
{
    struct mortise_moment best = {0, 0};
    uint64_t shortest = UINT64_MAX;
    for (int tries = 0; tries < 8; tries++) {
        uint64_t before = mortise_ticks_begin();
        uint64_t ns = mortise_os_clock();
        uint64_t took = mortise_ticks_end() - before;
        if (took < shortest) {
            shortest = took;
            best.ticks = before + took / 2;
            best.ns = ns;
        }
    }
    return best;
}

/* Ticks in 2^20 ns. Takes 2 ms, so that the error is below a thousandth. */
MORTISE_SLOW uint64_t mortise_ticks_rate(void)
{
    if (!MORTISE_CPU_TICKS)
        return 1 << 20;
    struct mortise_moment begin = mortise_moment_now(), end;
    do {
        end = mortise_moment_now();
    } while (end.ns - begin.ns < 2000000);
    return ((end.ticks - begin.ticks) << 20) / (end.ns - begin.ns);
}

/* Tenths of nanoseconds. */
MORTISE_PLAIN uint64_t mortise_ticks_tenths(uint64_t ticks, uint64_t rate)
{
    return ticks / rate * (10 << 20) + ticks % rate * (10 << 20) / rate;
}

/* What timing costs by itself: the least that lies between two readings of the clock. */
MORTISE_SLOW uint64_t mortise_ticks_cost(void)
{
    uint64_t least = UINT64_MAX;
    for (int tries = 0; tries < 64; tries++) {
        uint64_t before = mortise_ticks_begin();
        uint64_t took = mortise_ticks_end() - before;
        least = took < least ? took : least;
    }
    return least;
}

/* Has `report` write, and takes that to where the environment says. */
MORTISE_SLOW void mortise_measure_end(void (*report)(struct mortise_sink *))
{
    const char *target = mortise_os_environment("MORTISE_STATS");
    enum mortise_form form = MORTISE_FORM_TEXT;
    if (target == NULL)
        target = "-";
    if (__builtin_strncmp(target, "json:", 5) == 0) {
        form = MORTISE_FORM_JSON;
        target += 5;
    }
    if (*target == '\0')
        return;
    struct mortise_sink sink = mortise_sink_make(form);
    report(&sink);
    if (target[0] == '-' && target[1] == '\0') {
        mortise_os_complain(sink.text, sink.length);
    } else if (!mortise_os_append(target, sink.text, sink.length)) {
        const char sorry[] = "mortise: the file that MORTISE_STATS names cannot be written to\n";
        mortise_os_complain(sorry, sizeof sorry - 1);
    }
    mortise_sink_drop(&sink);
}

#endif
