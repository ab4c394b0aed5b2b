/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../file.h"
#include "../mem.h"
#include "../process.h"
#include "../text.h"
#include "find.h"

enum { OUTPUT_LIMIT = 1024 * 1024, WRONG = 1, NO_MEMORY = 3 };

/* The group of the run that is under way, for the handler; 0: none. */
static volatile pid_t running;
static volatile sig_atomic_t interrupted, too_long;

static void on_signal(int signal)
{
    if (signal == SIGALRM)
        too_long = 1;
    else
        interrupted = 1;
    if (running > 0)
        kill(-running, SIGKILL);
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

static const char *input_folder(const struct bench_lab *lab, const char *program)
{
    return mem_format("%s/%s", lab->scratch, program);
}

static bool prepare(const struct bench_lab *lab, const char *program, struct diags *diags)
{
    const char *folder = input_folder(lab, program);
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

static const char **arguments(const struct bench_lab *lab, const struct bench_run *run)
{
    const struct bench_case *on = &lab->bench->cases[run->on];
    if (on->kind == BENCH_PROGRAM) {
        const char **argv = mem_get(4 * sizeof *argv);
        argv[0] = bench_program_script(lab->programs, on->name);
        argv[1] = "run";
        argv[2] = input_folder(lab, on->name);
        return argv;
    }
    size_t words;
    const char **split = text_split(on->name, &words);
    const char **argv = mem_get((words + 4) * sizeof *argv);
    size_t n = 0;
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

/* A script preloads for its program alone, not for the shell that it is. */
static char **environment(const struct bench_lab *lab, const struct bench_run *run)
{
    const struct bench_case *on = &lab->bench->cases[run->on];
    const char *path = lab->bench->allocators[run->under].path;
    size_t n = 0, at = 0;
    while (environ[n] != NULL)
        n++;
    char **copy = mem_get((n + 4) * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        if (!names(environ[i], "LD_PRELOAD") && !names(environ[i], "MORTISE_STATS") &&
            !names(environ[i], "MORTISE_BENCH_PRELOAD") && !names(environ[i], "LC_ALL"))
            copy[at++] = environ[i];
    copy[at++] = mem_format("LC_ALL=C");
    if (on->kind == BENCH_TAIL)
        path = path == NULL ? lab->timer : mem_format("%s:%s", lab->timer, path);
    copy[at++] = mem_format("MORTISE_STATS=%s%s", on->kind == BENCH_TAIL ? "json:" : "",
                            on->kind == BENCH_TAIL ? mem_format("%s/tail", lab->scratch) : "");
    if (path != NULL)
        copy[at++] = mem_format(
            "%s=%s", on->kind == BENCH_PROGRAM ? "MORTISE_BENCH_PRELOAD" : "LD_PRELOAD", path);
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
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP); /* a group of its own */
    const int error = argv[0] == NULL ? ENOENT
                                      : posix_spawn(pid, argv[0], &actions, &attributes,
                                                    (char *const *)argv, environment(lab, run));
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
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

/* Runs to the end and takes the times. */
static void run_process(const struct bench_lab *lab, struct bench_run *run, const char *output)
{
    struct rusage usage = {0};
    int status = 0;
    pid_t pid;
    too_long = 0;
    const double began = now();
    const int error = spawn(lab, run, output, &pid);
    if (error != 0) {
        run->fate = mem_format("does not start: %s", strerror(error));
        return;
    }
    running = pid;
    limit_time(lab->bench->limit_s);
    while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
        if (too_long || interrupted)
            kill(-pid, SIGKILL);
    run->wall_s = now() - began;
    limit_time(0);
    running = 0;
    run->user_s = seconds(usage.ru_utime);
    run->sys_s = seconds(usage.ru_stime);
    run->peak_kb = (double)usage.ru_maxrss;
    run->minor_faults = (double)usage.ru_minflt;
    run->major_faults = (double)usage.ru_majflt;
    run->fate = fate_of(status);
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
                                input_folder(lab, name), NULL};
    struct process_result result;
    if (argv[0] == NULL || !process_run(argv, NULL, &result))
        run->fate = "wrong result";
}

void bench_measure(const struct bench_lab *lab, struct bench_run *run)
{
    const enum bench_kind kind = lab->bench->cases[run->on].kind;
    const char *output = mem_format("%s/output", lab->scratch);
    const char *tail = mem_format("%s/tail", lab->scratch);
    unlink(tail);
    run->figures = json_object();
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
    /* The process itself knows better: getrusage counts what stood there before exec. */
    const double peak = json_number_value(json_object_get(run->figures, "peak_kb"));
    if (peak > 0)
        run->peak_kb = peak;
}
