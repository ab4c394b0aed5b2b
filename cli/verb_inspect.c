/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "inspect/inspect.h"
#include "job.h"
#include "mem.h"
#include "options.h"
#include "preload.h"
#include "text.h"

enum { OPTION_KEY_PID = 0x200, OPTION_KEY_FORMAT, PICTURE_MOST = 1 << 30 };

typedef void show_t(const struct inspect *picture, FILE *out);

static const struct {
    const char *name;
    show_t *show;
} formats[] = {
    {"text", inspect_text}, {"json", inspect_json}, {"svg", inspect_svg}, {"html", inspect_html}};

enum { FORMATS = sizeof formats / sizeof formats[0] };

static const char *process, *format;

static error_t parse_key(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case OPTION_KEY_PID:
        process = value;
        return 0;
    case OPTION_KEY_FORMAT:
        format = value;
        return 0;
    case 'o':
        options->out = value;
        return 0;
    default:
        return options_parse_program(key, value, state);
    }
}

static const struct argp_option choices[] = {
    {"pid", OPTION_KEY_PID, "PID", 0, "Ask a process that runs with MORTISE_INSPECT", 0},
    {"format", OPTION_KEY_FORMAT, "FORMAT", 0,
     "text, json, svg or html; as the name of the output ends, text if that says nothing", 0},
    {"output", 'o', "FILE", 0, "Write to FILE, not to standard output", 0},
    OPTIONS_FOLDERS,
    OPTIONS_CC,
    OPTIONS_CFLAGS,
    OPTIONS_NO_CACHE,
    OPTIONS_QUIET,
    {0}};

static const struct argp argp = {
    .options = choices,
    .parser = parse_key,
    .args_doc = "MODEL -- PROGRAM [ARGUMENT...]\nFILE\n--pid=PID",
    .doc = "Show the heap of a program: arenas, regions, slabs, free lists, what threads keep, and "
           "a map of what is allocated, cached, free, and not used yet.\v"
           "With MODEL and PROGRAM the program is run, and its heap shown as it is at the end. A "
           "program that runs with MORTISE_INSPECT=FILE in its environment writes the same to "
           "FILE (% in it is the number of the process; - as FILE here is standard input), and "
           "can be asked by --pid while it runs; with an empty name it does the latter alone. The "
           "program goes on meanwhile: a copy of it is looked at.",
};

/* What the result is to be; NULL: there is no such form. */
static show_t *format_of(const struct options *options, struct diags *diags)
{
    struct nearest nearest = {format, NULL, 0};
    const char *dot = options->out == NULL ? NULL : strrchr(options->out, '.');
    const char *name = format != NULL ? format : dot != NULL ? dot + 1 : "text";
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(name, formats[i].name) == 0)
            return formats[i].show;
    if (format == NULL)
        return inspect_text;
    for (size_t i = 0; i < FORMATS; i++)
        nearest_offer(&nearest, formats[i].name);
    struct diag *diag = diag_add(diags, "unknown format '%s'", text_quote(format, strlen(format)));
    diag->suggestion = nearest.best;
    if (nearest.best == NULL)
        diag->help = "there are text, json, svg and html";
    return NULL;
}

static const char *read_file(const char *path, size_t *length, struct diags *diags)
{
    const char *text = file_read(path, PICTURE_MOST, length);
    if (text != NULL)
        return text;
    const int error = errno;
    struct diag *diag = diag_add(diags, "cannot read '%s': %s", text_escape(path), strerror(error));
    if (error == ENOENT)
        diag->help = "a MODEL is followed by -- and the PROGRAM to run on it";
    return NULL;
}

/* Waits for a program, whatever is typed at it meanwhile; how it ended. */
static int await(pid_t child)
{
    int status = 0;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
        continue;
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    return status;
}

/* Runs the program, which is to write a picture at its end; NULL: there is none. */
static const char *run(struct job *job, const char *folder, size_t *length)
{
    char *const *program = job->options.program;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        if (setenv("MORTISE_INSPECT", mem_format("%s/%%", folder), 1) == 0)
            execvp(program[0], program);
        fprintf(stderr, "mortise: cannot run '%s': %s\n", text_escape(program[0]), strerror(errno));
        _exit(127);
    }
    const int status = child > 0 ? await(child) : 0;
    const char *text = file_read(mem_format("%s/%ld", folder, (long)child), PICTURE_MOST, length);
    if (text != NULL)
        return text;
    if (child > 0 && WIFSIGNALED(status))
        diag_add(&job->diags, "'%s' left no picture: it was killed by %s", text_escape(program[0]),
                 strsignal(WTERMSIG(status)));
    else
        diag_add(&job->diags, "'%s' left no picture", text_escape(program[0]))->help =
            "it ended by _exit, has its own malloc linked in, or is not this model's to preload";
    return NULL;
}

static const char *run_model(struct job *job, size_t *length)
{
    if (!preload_model(job))
        return NULL;
    const char *folder = file_make_unique(file_temporary());
    if (folder == NULL) {
        diag_add(&job->diags, "cannot make a folder in '%s': %s", text_escape(file_temporary()),
                 strerror(errno));
        return NULL;
    }
    const char *text = run(job, folder, length);
    file_remove_tree(folder);
    return text;
}

/* The text of the picture that was asked for. */
static const char *get_picture(struct job *job, const char **from, size_t *length)
{
    struct options *options = &job->options;
    *from = process != NULL ? mem_format("process %s", process) : options->word;
    if (process != NULL && options->word != NULL) {
        diag_add(&job->diags, "--pid and '%s' are two things to look at",
                 text_escape(options->word))
            ->help = "give one of them";
        return NULL;
    }
    if (process != NULL)
        return inspect_ask(process, length, &job->diags);
    if (options->program != NULL)
        return run_model(job, length);
    return read_file(options->word, length, &job->diags);
}

struct shown {
    struct inspect picture;
    show_t *show;
};

static void put(const void *what, const struct options *options, FILE *out)
{
    const struct shown *shown = what;
    (void)options;
    shown->show(&shown->picture, out);
}

int verb_inspect(int argc, char **argv)
{
    struct job job = {0};
    struct shown shown;
    const char *from;
    size_t length = 0;
    options_read(&argp, ARGP_IN_ORDER, argc, argv, &job.options);
    if (process == NULL)
        options_require(&job.options, "inspect", "MODEL, FILE or --pid");
    shown.show = format_of(&job.options, &job.diags);
    const char *text = shown.show != NULL ? get_picture(&job, &from, &length) : NULL;
    if (text == NULL || !inspect_read(&shown.picture, from, text, length, &job.diags))
        return job_fail(&job);
    return job_put(&job, put, &shown);
}
