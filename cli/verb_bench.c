/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/find.h"
#include "bench/machine.h"
#include "bench/measure.h"
#include "bench/report.h"
#include "bench/turns.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "options.h"
#include "text.h"

enum { USUAL_ROUNDS = 5, USUAL_LIMIT = 60 };

enum {
    KEY_QUICK = 0x200,
    KEY_PAPER,
    KEY_ROUNDS,
    KEY_SEED,
    KEY_REF,
    KEY_LIMIT,
    KEY_RESUME,
    KEY_PEER
};

struct request {
    struct options options;
    struct bench bench;
    const char *reference;
    const char *decides; /* an option that was given and that a comparison begins with */
    bool resume;
    const char **allocators;
    size_t allocator_count;
    const char **cases;
    size_t case_count;
};

static long number(struct argp_state *state, const char *name, const char *text, long least,
                   long most)
{
    char *end;
    const long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < least || value > most)
        argp_error(state, "%s is a number in [%ld, %ld], not '%s'", name, least, most,
                   text_escape(text));
    return value;
}

static const char **append(const char **list, size_t *count, const char *text)
{
    list = mem_more(list, *count, sizeof *list);
    list[(*count)++] = text;
    return list;
}

static error_t parse_key(int key, char *value, struct argp_state *state)
{
    struct request *request = state->input;
    struct bench *bench = &request->bench;
    switch (key) {
    case KEY_QUICK:
        request->decides = "--quick";
        bench->scale = BENCH_QUICK;
        return 0;
    case KEY_PAPER:
        request->decides = "--paper";
        bench->scale = BENCH_PAPER;
        return 0;
    case KEY_ROUNDS:
        request->decides = "--rounds";
        bench->rounds = (int)number(state, "--rounds", value, 1, BENCH_MOST_ROUNDS);
        return 0;
    case KEY_LIMIT:
        request->decides = "--limit";
        bench->limit_s = (unsigned)number(state, "--limit", value, 1, 86400);
        return 0;
    case KEY_SEED:
        request->decides = "--seed";
        bench->seed = (uint64_t)number(state, "--seed", value, 1, INT32_MAX);
        return 0;
    case KEY_REF:
        request->reference = value;
        return 0;
    case KEY_RESUME:
        request->resume = true;
        return 0;
    case 'o':
        request->options.out = value;
        return 0;
    case 'a':
    case KEY_PEER:
        request->decides = "--allocator";
        request->allocators = append(request->allocators, &request->allocator_count, value);
        return 0;
    case ARGP_KEY_ARG:
        request->cases = append(request->cases, &request->case_count, value);
        return 0;
    default: {
        struct argp_state shared = *state;
        shared.input = &request->options;
        return options_parse_key(key, value, &shared);
    }
    }
}

static const struct argp_option choices[] = {
    {"allocator", 'a', "WHICH", 0,
     "A named model, NAME=MODEL, a peer such as mimalloc, or NAME=FILE.so (repeatable; default: "
     "the named models, and the peers that are installed)",
     0},
    {"peer", KEY_PEER, "WHICH", 0, "The same as --allocator", 0},
    {"ref", KEY_REF, "NAME", 0, "The allocator that is 1 (default: the first)", 0},
    {"quick", KEY_QUICK, 0, 0, "Small work, fewer cases and allocators: 3 minutes", 0},
    {"paper", KEY_PAPER, 0, 0, "The paper's cases, threads and sizes: an hour", 0},
    {"rounds", KEY_ROUNDS, "N", 0, "How often each case is timed (default: 5)", 0},
    {"limit", KEY_LIMIT, "SECONDS", 0, "Longer runs are ended, and have failed (default: 60)", 0},
    {"seed", KEY_SEED, "N", 0, "Of the order of the runs (default: drawn)", 0},
    {"output", 'o', "DIR", 0, "The folder of the results (default: bench-results)", 0},
    {"resume", KEY_RESUME, 0, 0, "Go on with the comparison in DIR", 0},
    OPTIONS_FOLDERS,
    OPTIONS_CC,
    OPTIONS_CFLAGS,
    OPTIONS_QUIET,
    {0}};

static const struct argp argp = {
    .options = choices,
    .parser = parse_key,
    .args_doc = "[CASE...]\nlist\nreport [DIR] [-o FILE.html]",
    .doc =
        "Compare allocators on workloads and programs.\v"
        "CASE is a workload or a program, as 'mortise bench list' shows them, or a workload with "
        "arguments: 'larson threads=8'. All allocators take turns on each case, in an order drawn "
        "anew in every round; ratios are taken within rounds. An interrupted comparison goes on "
        "with --resume.\n"
        "'mortise bench report' makes tables of DIR, with --ref as multiples of another one, and "
        "with -o a page with figures, for which gnuplot is needed.\n"
        "Exit code: 0, or 2 for any error; allocators that fail in a case are marked.",
};

/* Takes the reference that was named; without one it stays as it is. */
static bool refer(struct request *request, struct diags *diags)
{
    struct bench *bench = &request->bench;
    if (request->reference != NULL)
        bench->reference = bench_allocator_find(bench, request->reference);
    if (bench->reference < bench->allocator_count)
        return true;
    diag_add(diags, "nothing to compare: no allocator '%s' takes part",
             text_escape(request->reference == NULL ? "" : request->reference))
        ->help = "name one with --allocator";
    return false;
}

/* What is decided before the first run. */
static bool plan(struct request *request, struct diags *diags)
{
    struct bench *bench = &request->bench;
    if (bench->rounds == 0)
        bench->rounds = USUAL_ROUNDS;
    if (bench->limit_s == 0)
        bench->limit_s = bench->scale == BENCH_PAPER ? 10 * USUAL_LIMIT : USUAL_LIMIT;
    if (bench->seed == 0)
        bench->seed = (uint64_t)time(NULL) & INT32_MAX;
    if (!bench_take_allocators(bench, &request->options, request->allocators,
                               request->allocator_count, diags) ||
        !bench_take_cases(bench, request->cases, request->case_count, diags) ||
        !refer(request, diags))
        return false;
    bench->machine = bench_machine(&request->options);
    return bench_store_begin(bench, diags);
}

static bool has_tail(const struct bench *bench)
{
    for (size_t i = 0; i < bench->case_count; i++)
        if (bench->cases[i].kind == BENCH_TAIL)
            return true;
    return false;
}

/* A library that was built before may have been removed from the cache since. */
static bool libraries_there(const struct bench *bench, struct diags *diags)
{
    for (size_t i = 0; i < bench->allocator_count; i++) {
        const struct bench_allocator *one = &bench->allocators[i];
        if (one->path == NULL || file_is_regular(one->path))
            continue;
        diag_add(diags, "'%s' of %s is gone", text_escape(one->path), one->name)->help =
            "begin a new comparison";
        return false;
    }
    return true;
}

static bool measure(struct request *request, struct diags *diags)
{
    struct bench *bench = &request->bench;
    struct bench_lab lab = {0};
    if (has_tail(bench)) {
        lab.timer = bench_timer(&request->options, diags);
        if (lab.timer == NULL)
            return false;
    }
    bool whole = bench_lab_open(&lab, bench, diags) &&
                 bench_take_turns(bench, &lab, request->options.compile.quiet, diags);
    bench_lab_close(&lab);
    whole = bench_store_table(bench, diags) && whole;
    if (bench_interrupted())
        fprintf(stderr, "\nmortise: interrupted; go on with  mortise bench --resume -o %s\n",
                text_escape(bench->folder));
    return whole;
}

static bool compare(struct request *request, struct diags *diags)
{
    struct bench *bench = &request->bench;
    bench->folder = request->options.out == NULL ? "bench-results" : request->options.out;
    if (request->resume
            ? !(bench_store_load(bench, bench->folder, diags) && refer(request, diags) &&
                libraries_there(bench, diags) && bench_store_resume(bench, diags))
            : !plan(request, diags))
        return false;
    if (!measure(request, diags))
        return false;
    bench_report_text(bench, stdout);
    return true;
}

static bool report(struct request *request, struct diags *diags)
{
    struct bench *bench = &request->bench;
    const char *folder = request->case_count > 1 ? request->cases[1] : "bench-results";
    if (!bench_store_load(bench, folder, diags) || !refer(request, diags))
        return false;
    if (request->options.out != NULL)
        return bench_report_page(bench, request->options.out, diags);
    bench_report_text(bench, stdout);
    return true;
}

/* What would be passed over in silence: options of a comparison where none begins, and words behind
 * the last that is looked at. */
static bool applies(const struct request *request, const char *what, size_t most,
                    struct diags *diags)
{
    if (request->case_count > most)
        diag_add(diags, "%s: one argument too many: '%s'", what, text_escape(request->cases[most]))
            ->help = "see 'mortise bench --help'";
    else if (request->decides != NULL)
        diag_add(diags, "%s: %s is decided when a comparison begins", what, request->decides)
            ->help = "leave it out, or begin a new comparison";
    else
        return true;
    return false;
}

int verb_bench(int argc, char **argv)
{
    struct request request = {0};
    struct job job = {0}; /* for its diagnostics */
    argp_err_exit_status = 2;
    argv[0] = mem_format("mortise %s", argv[0]);
    if (argp_parse(&argp, argc, argv, 0, NULL, &request) != 0)
        return 2;
    const char *what = request.case_count > 0 ? request.cases[0] : "";
    bool done;
    if (strcmp(what, "list") == 0)
        done = applies(&request, "bench list", 1, &job.diags) && bench_list(&job.diags);
    else if (strcmp(what, "report") == 0)
        done = applies(&request, "bench report", 2, &job.diags) && report(&request, &job.diags);
    else if (request.resume && !applies(&request, "bench --resume", 0, &job.diags))
        done = false;
    else
        done = compare(&request, &job.diags);
    json_decref(request.bench.machine);
    return done ? job_finish_output() : job_fail(&job);
}
