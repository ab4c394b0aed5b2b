/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "mem.h"
#include "text.h"
#include "verb.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} verbs[] = {
    {"run", verb_run, "run a program on a model"},
    {"build", verb_build, "build a model as a library"},
    {"check", verb_check, "check a model"},
    {"show", verb_show, "print the C that a model means"},
    {"expand", verb_expand, "print it with all macros replaced, or one layer of it"},
    {"draw", verb_draw, "draw its layers as text or as a picture"},
    {"list", verb_list, "list the words of the model language, and the models"},
    {"doc", verb_doc, "print the manual of a word"},
    {"inspect", verb_inspect, "show the heap of a program as text or as a map"},
    {"bench", verb_bench, "compare allocators on workloads and programs"},
    {"new", verb_new, "begin a layer or a policy of your own, with its test"},
};

enum { VERB_COUNT = sizeof verbs / sizeof verbs[0] };

static int print_help(void)
{
    puts("Usage: mortise VERB [OPTION...] ARGUMENT...\n"
         "Compose a memory allocator from one line of text, and run programs on it.\n");
    for (size_t i = 0; i < VERB_COUNT; i++)
        printf("  %-9s%s\n", verbs[i].name, verbs[i].summary);
    puts("\n  mortise run 'brk_heap::tlsf_glk(sync=mutex)::malloc_socket' -- python3 -V\n\n"
         "'mortise VERB --help' tells more about a verb.\n"
         "Exit code: 0, or 2 for any error; of run: that of the program.");
    return job_finish_output();
}

static int print_version(void)
{
    puts("mortise " MORTISE_VERSION);
    return job_finish_output();
}

static int unknown_verb(const char *name)
{
    struct diags diags = {0};
    struct nearest nearest = {name, NULL, 0};
    for (size_t i = 0; i < VERB_COUNT; i++)
        nearest_offer(&nearest, verbs[i].name);
    struct diag *diag = diag_add(&diags, "unknown verb '%s'", text_quote(name, strlen(name)));
    diag->suggestion = nearest.best;
    if (nearest.best == NULL)
        diag->help = "see 'mortise --help'";
    diag_print(&diags, stderr);
    return 2;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        fputs("mortise: a verb is missing\n  see 'mortise --help'\n", stderr);
        return 2;
    }
    const char *name = argv[1];
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(name, verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return print_help();
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        return print_version();
    return unknown_verb(name);
}

int main(int argc, char **argv)
{
    atexit(mem_release);
    return dispatch(argc, argv);
}
