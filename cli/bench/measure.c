/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../file.h"
#include "../mem.h"
#include "../process.h"
#include "../text.h"
#include "find.h"

enum { OUTPUT_LIMIT = 1024 * 1024, FATE_LENGTH = 128, WRONG = 1, NO_MEMORY = 3 };

/* What measures the run that is under way, for the handler; 0: nothing. */
static volatile pid_t running;
static volatile sig_atomic_t interrupted, too_long;

static void on_signal(int signal)
{
    if (signal == SIGALRM)
        too_long = 1;
    else
        interrupted = 1;
    if (running > 0)
        kill(running, SIGTERM); /* it kills the run */
}

bool bench_interrupted(void)
{
    return interrupted != 0;
}

/* Without SA_RESTART: what waits for the run looks at the flags. */
static void catch_signals(void)
{
    static const int signals[] = {SIGALRM, SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
}

/* A program's folder is called as it is. */
static const char *in_scratch(const struct bench_lab *lab, const char *name)
{
    return mem_format("%s/%s", lab->scratch, name);
}

static bool prepare(const struct bench_lab *lab, const char *program, struct diags *diags)
{
    const char *folder = in_scratch(lab, program);
    const char *const argv[] = {bench_program_script(lab->programs, program), "prepare", folder,
                                bench_scale_name(lab->bench->scale), NULL};
    struct process_result result = {0};
    if (file_make_folders(folder) && argv[0] != NULL &&
        process_run(argv, mem_format("mortise: preparing what %s will work on", program), &result))
        return true;
    diag_add(diags, "what %s would work on cannot be made", program)->help =
        result.output == NULL ? strerror(errno) : text_escape(result.output);
    return false;
}

bool bench_lab_open(struct bench_lab *lab, const struct bench *bench, struct diags *diags)
{
    lab->bench = bench;
    lab->workload = bench_workload_program(diags);
    lab->programs = bench_program_folder();
    if (lab->workload == NULL)
        return false;
    lab->scratch = file_make_unique(file_temporary());
    if (lab->scratch == NULL) {
        diag_add(diags, "cannot write in '%s': %s", text_escape(file_temporary()), strerror(errno));
        return false;
    }
    catch_signals();
    for (size_t i = 0; i < bench->case_count && !bench_interrupted(); i++)
        if (bench->cases[i].kind == BENCH_PROGRAM && !prepare(lab, bench->cases[i].name, diags))
            return false;
    return true;
}

void bench_lab_close(const struct bench_lab *lab)
{
    if (lab->scratch != NULL)
        file_remove_tree(lab->scratch);
}

/* The library to preload, or several; "": none. */
static const char *library(const struct bench_lab *lab, const struct bench_run *run)
{
    const char *path = lab->bench->allocators[run->under].path;
    if (lab->bench->cases[run->on].kind == BENCH_TAIL)
        return path == NULL ? lab->timer : mem_format("%s:%s", lab->timer, path);
    return path == NULL ? "" : path;
}

/* What is run, by what measures it; NULL: there is no such program. */
static const char **arguments(const struct bench_lab *lab, const struct bench_run *run)
{
    enum { MOST_OTHERS = 8 };
    const struct bench_case *on = &lab->bench->cases[run->on];
    const bool program = on->kind == BENCH_PROGRAM;
    size_t n = 0, words;
    const char **split = text_split(on->name, &words);
    const char **argv = mem_get((words + MOST_OTHERS) * sizeof *argv);
    argv[n++] = lab->workload;
    argv[n++] = "--measure";
    argv[n++] = in_scratch(lab, "usage");
    argv[n++] = program ? "" : library(lab, run);
    if (program) {
        argv[n++] = bench_program_script(lab->programs, on->name);
        argv[n++] = "run";
        argv[n++] = in_scratch(lab, on->name);
        return argv[n - 3] == NULL ? NULL : argv;
    }
    argv[n++] = lab->workload;
    if (lab->bench->scale != BENCH_USUAL)
        argv[n++] = mem_format("--%s", bench_scale_name(lab->bench->scale));
    if (run->round == BENCH_IDLE)
        argv[n++] = "--idle";
    for (size_t i = 0; i < words; i++)
        argv[n++] = split[i];
    return argv;
}

static bool names(const char *entry, const char *variable)
{
    const size_t n = strlen(variable);
    return strncmp(entry, variable, n) == 0 && entry[n] == '=';
}

/* A script preloads for its program alone, not for the shell that it is; and what measures a run
 * has libc's malloc. */
static char **environment(const struct bench_lab *lab, const struct bench_run *run)
{
    const struct bench_case *on = &lab->bench->cases[run->on];
    size_t n = 0, at = 0;
    while (environ[n] != NULL)
        n++;
    char **copy = mem_get((n + 4) * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        if (!names(environ[i], "LD_PRELOAD") && !names(environ[i], "MORTISE_STATS") &&
            !names(environ[i], "MORTISE_BENCH_PRELOAD") && !names(environ[i], "LC_ALL"))
            copy[at++] = environ[i];
    copy[at++] = mem_format("LC_ALL=C");
    copy[at++] = mem_format("MORTISE_STATS=%s%s", on->kind == BENCH_TAIL ? "json:" : "",
                            on->kind == BENCH_TAIL ? in_scratch(lab, "tail") : "");
    if (on->kind == BENCH_PROGRAM)
        copy[at++] = mem_format("MORTISE_BENCH_PRELOAD=%s", library(lab, run));
    return copy;
}

static int spawn(const struct bench_lab *lab, const struct bench_run *run, const char *output,
                 pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    const char **argv = arguments(lab, run);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC,
                                     0666);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    /* A group of its own: an interrupt at the terminal reaches it through this process alone. */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    const int error = argv == NULL ? ENOENT
                                   : posix_spawn(pid, argv[0], &actions, &attributes,
                                                 (char *const *)argv, environment(lab, run));
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static const char *fate_of(int status)
{
    if (interrupted)
        return "interrupted";
    if (too_long)
        return "too long";
    if (WIFSIGNALED(status))
        return mem_format("killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
    switch (WEXITSTATUS(status)) {
    case 0:
        return "ok";
    case WRONG:
        return "wrong result";
    case NO_MEMORY:
        return "out of memory";
    default:
        return mem_format("exit code %d", WEXITSTATUS(status));
    }
}

static void limit_time(unsigned seconds_left)
{
    const struct itimerval timer = {.it_value = {.tv_sec = (time_t)seconds_left}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* Lines of KEY VALUE; others are the program's own. */
static void read_figures(const char *path, json_t *figures)
{
    size_t length;
    char *text = file_read(path, OUTPUT_LIMIT, &length);
    for (char *line = text, *end; line != NULL && (end = strchr(line, '\n')) != NULL;
         line = end + 1) {
        *end = '\0';
        const size_t n = strcspn(line, " ");
        char *rest;
        if (line[n] != ' ' || !text_is_name(line, n))
            continue;
        const double value = strtod(line + n + 1, &rest);
        if (rest != line + n + 1 && *rest == '\0')
            json_object_set_new(figures, mem_text(line, n), json_real(value));
    }
}

static double figure(const json_t *figures, const char *key)
{
    return json_number_value(json_object_get(figures, key));
}

/* Without a status in it, what measures has failed itself. */
static void read_usage(const char *path, struct bench_run *run)
{
    json_t *usage = json_object();
    read_figures(path, usage);
    run->wall_s = figure(usage, "wall_s");
    run->user_s = figure(usage, "user_s");
    run->sys_s = figure(usage, "sys_s");
    run->peak_kb = figure(usage, "peak_kb");
    run->minor_faults = figure(usage, "minor_faults");
    run->major_faults = figure(usage, "major_faults");
    if (json_object_get(usage, "error") != NULL)
        run->fate = mem_format("does not start: %s", strerror((int)figure(usage, "error")));
    else if (json_object_get(usage, "status") != NULL || too_long || interrupted)
        run->fate = fate_of((int)figure(usage, "status"));
    else
        run->fate = "not measured";
    json_decref(usage);
}

/* Runs to the end and takes the times. The system would count the memory of this process, which
 * may be large, with that of what it starts, so mortise-workload does so: bench/workload/measure.h
 * says how. It is there already, and as small as anything that has a libc. */
static void run_process(const struct bench_lab *lab, struct bench_run *run, const char *output)
{
    const char *usage = in_scratch(lab, "usage");
    pid_t pid;
    too_long = 0;
    unlink(usage);
    const int error = spawn(lab, run, output, &pid);
    if (error != 0) {
        run->fate = mem_format("does not start: %s", strerror(error));
        return;
    }
    running = pid;
    limit_time(lab->bench->limit_s);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        if (too_long || interrupted)
            kill(pid, SIGTERM);
    limit_time(0);
    running = 0;
    read_usage(usage, run);
}

/* A row of a report of wcet_stat as figures: alloc_p99.9, free_max, ... */
static void read_row(const char *operation, json_t *row, json_t *figures)
{
    for (void *at = json_object_iter(row); at != NULL; at = json_object_iter_next(row, at))
        json_object_set(figures, mem_format("%s_%s", operation, json_object_iter_key(at)),
                        json_object_iter_value(at));
}

static void read_tail(const char *path, json_t *figures)
{
    size_t length;
    const char *text = file_read(path, OUTPUT_LIMIT, &length);
    json_t *report = text == NULL ? NULL : json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
    json_t *rows = json_object_get(report, "rows");
    for (void *at = json_object_iter(rows); at != NULL; at = json_object_iter_next(rows, at))
        read_row(json_object_iter_key(at), json_object_iter_value(at), figures);
    json_decref(report);
}

static void check_program(const struct bench_lab *lab, struct bench_run *run)
{
    const char *name = lab->bench->cases[run->on].name;
    const char *const argv[] = {bench_program_script(lab->programs, name), "check",
                                in_scratch(lab, name), NULL};
    struct process_result result;
    if (argv[0] == NULL || !process_run(argv, NULL, &result))
        run->fate = "wrong result";
}

static void measure(const struct bench_lab *lab, struct bench_run *run)
{
    const enum bench_kind kind = lab->bench->cases[run->on].kind;
    const char *output = in_scratch(lab, "output");
    const char *tail = in_scratch(lab, "tail");
    unlink(tail);
    run_process(lab, run, output);
    if (!bench_run_good(run))
        return;
    if (kind == BENCH_PROGRAM) {
        check_program(lab, run);
        return;
    }
    read_figures(output, run->figures);
    if (kind == BENCH_TAIL)
        read_tail(tail, run->figures);
}

void bench_measure(const struct bench_lab *lab, struct bench_run *run)
{
    char fate[FATE_LENGTH];
    const void *mark = mem_mark();
    run->figures = json_object();
    measure(lab, run);
    snprintf(fate, sizeof fate, "%s", run->fate);
    mem_release_to(mark); /* a comparison has thousands of runs */
    run->fate = mem_text(fate, strlen(fate));
}
