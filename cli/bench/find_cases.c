/* SPDX-License-Identifier: MIT */
#include "find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "../file.h"
#include "../mem.h"
#include "../process.h"
#include "../registry.h"
#include "../text.h"
#include "arguments.h"

enum { NOT_INSTALLED = 77 };

/* The workload whose requests are timed one by one. */
static const char tail_workload[] = "wcet";

/* What the paper measures, as far as its programs can be had: section 4.2. */
static const char *const paper[] = {
    "cfrac",        "barnes",   "espresso", "redis",      "msqueue", "wfqueue",
    "crturn",       "larson",   "xmalloc",  "rptest",     "mstress", "glibc_simple",
    "glibc_thread", "sh6bench", "sh8bench", "alloc_test", "wcet",    "cache_scratch",
};

/* The programs that the quick suite has time for. */
static const char *const quick_programs[] = {"python3", "sqlite3"};

static bool among(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

#define AMONG(name, list) among(name, list, sizeof(list) / sizeof *(list))

/* As `mortise-workload --list` tells of it. */
struct workload {
    const char *name, *purpose, *source, *parameters, *cases;
};

struct workloads {
    struct workload *list;
    size_t count;
};

const char *bench_workload_program(struct diags *diags)
{
    const char *path = registry_beside("../libexec/mortise", ".", "/mortise-workload");
    if (path != NULL)
        return mem_format("%s/mortise-workload", path);
    diag_add(diags, "mortise-workload, which has the workloads, is not beside this program")->help =
        "build it with  cmake --build build/release";
    return NULL;
}

const char *bench_program_folder(void)
{
    return registry_beside("../share/mortise/program", "../../bench/program", "");
}

const char *bench_program_script(const char *folder, const char *name)
{
    if (folder == NULL || !text_is_name(name, strlen(name)))
        return NULL;
    const char *path = mem_format("%s/%s.sh", folder, name);
    return file_is_regular(path) ? path : NULL;
}

static char *field(char **line)
{
    char *begin = *line;
    *line += strcspn(begin, "\t");
    if (**line != '\0')
        *(*line)++ = '\0';
    return begin;
}

static bool read_workloads(struct workloads *workloads, struct diags *diags)
{
    const char *program = bench_workload_program(diags);
    if (program == NULL)
        return false;
    const char *const argv[] = {program, "--list", NULL};
    struct process_result result;
    if (!process_run(argv, NULL, &result)) {
        diag_add(diags, "'%s' does not run", text_escape(program));
        return false;
    }
    workloads->list = NULL;
    workloads->count = 0;
    for (char *line = result.output, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        workloads->list = mem_more(workloads->list, workloads->count, sizeof *workloads->list);
        struct workload *one = &workloads->list[workloads->count++];
        one->name = field(&line);
        one->purpose = field(&line);
        one->source = field(&line);
        one->parameters = field(&line);
        one->cases = field(&line);
    }
    return true;
}

static void take(struct bench *bench, enum bench_kind kind, const char *name)
{
    for (size_t i = 0; i < bench->case_count; i++)
        if (strcmp(bench->cases[i].name, name) == 0)
            return;
    bench->cases = mem_more(bench->cases, bench->case_count, sizeof *bench->cases);
    bench->cases[bench->case_count++] = (struct bench_case){kind, name};
}

static enum bench_kind kind_of(const char *workload)
{
    return strcmp(workload, tail_workload) == 0 ? BENCH_TAIL : BENCH_WORKLOAD;
}

/* A workload as it is, and where there is time for them, its further cases. */
static void take_workload(struct bench *bench, const struct workload *workload)
{
    const enum bench_kind kind = kind_of(workload->name);
    take(bench, kind, workload->name);
    for (const char *at = workload->cases; bench->scale == BENCH_USUAL && *at != '\0';) {
        const size_t n = strcspn(at, ";");
        take(bench, kind, mem_format("%s %.*s", workload->name, (int)n, at));
        at += n + (at[n] == ';');
    }
}

/* Its script says whether the program is installed, and if not which package brings it. */
static bool installed(const char *name, const char *script)
{
    const char *const argv[] = {script, "have", NULL};
    struct process_result result;
    if (process_run(argv, NULL, &result))
        return true;
    fprintf(stderr, "mortise: without %s: on Debian, apt-get install %.*s\n", name,
            (int)strcspn(result.output, "\n"), result.output);
    return false;
}

static void take_programs(struct bench *bench)
{
    const char *folder = bench_program_folder();
    size_t count = 0;
    const char **files = folder == NULL ? NULL : file_list(folder, &count);
    for (size_t i = 0; files != NULL && i < count; i++) {
        const char *name = file_name_of(files[i], ".sh");
        const char *script = name == NULL ? NULL : bench_program_script(folder, name);
        if (script == NULL)
            continue;
        if ((bench->scale == BENCH_PAPER && !AMONG(name, paper)) ||
            (bench->scale == BENCH_QUICK && !AMONG(name, quick_programs)))
            continue;
        if (installed(name, script))
            take(bench, BENCH_PROGRAM, name);
    }
}

static void take_suite(struct bench *bench, const struct workloads *workloads)
{
    for (size_t i = 0; i < workloads->count; i++)
        if (bench->scale != BENCH_PAPER || AMONG(workloads->list[i].name, paper))
            take_workload(bench, &workloads->list[i]);
    take_programs(bench);
}

static bool take_case(struct bench *bench, const struct workloads *workloads, const char *text,
                      struct diags *diags)
{
    const size_t n = strcspn(text, " ");
    const char *name = mem_text(text, n);
    struct nearest nearest = {name, NULL, 0};
    for (size_t i = 0; i < workloads->count; i++) {
        nearest_offer(&nearest, workloads->list[i].name);
        if (strcmp(workloads->list[i].name, name) != 0)
            continue;
        if (text[n] == '\0')
            take_workload(bench, &workloads->list[i]);
        else if (bench_arguments_fit(text, workloads->list[i].parameters, diags))
            take(bench, kind_of(name), text);
        else
            return false;
        return true;
    }
    const char *script =
        text[n] == '\0' ? bench_program_script(bench_program_folder(), name) : NULL;
    if (script != NULL && installed(name, script)) {
        take(bench, BENCH_PROGRAM, name);
        return true;
    }
    struct diag *diag =
        diag_add(diags, "unknown workload or program '%s'", text_quote(text, strlen(text)));
    diag->suggestion = nearest.best;
    if (nearest.best == NULL)
        diag->help = "'mortise bench list' shows all";
    return false;
}

bool bench_take_cases(struct bench *bench, const char *const *texts, size_t count,
                      struct diags *diags)
{
    struct workloads workloads;
    if (!read_workloads(&workloads, diags))
        return false;
    if (count == 0)
        take_suite(bench, &workloads);
    for (size_t i = 0; i < count; i++)
        if (!take_case(bench, &workloads, texts[i], diags))
            return false;
    return true;
}

static void list_parameters(const char *at)
{
    while (*at != '\0') {
        const size_t n = strcspn(at, ";");
        const size_t name = strcspn(at, "=");
        char usual[32], quick[32], by_paper[32], meaning[128];
        if (sscanf(at + name, "=%31[^/]/%31[^/]/%31[^/]/%*[^/]/%*[^/]/%127[^;]", usual, quick,
                   by_paper, meaning) == 4)
            printf("      %-12.*s%s (quick %s, paper %s)  %s\n", (int)name, at, usual, quick,
                   by_paper, meaning);
        at += n + (at[n] == ';');
    }
}

bool bench_list(struct diags *diags)
{
    struct workloads workloads;
    struct bench programs = {.scale = BENCH_USUAL};
    if (!read_workloads(&workloads, diags))
        return false;
    puts("Workloads");
    for (size_t i = 0; i < workloads.count; i++) {
        const struct workload *one = &workloads.list[i];
        printf("  %-16s%s\n      (%s)\n", one->name, one->purpose, one->source);
        list_parameters(one->parameters);
    }
    take_programs(&programs);
    puts("\nPrograms");
    for (size_t i = 0; i < programs.case_count; i++)
        printf("  %s\n", programs.cases[i].name);
    return true;
}
