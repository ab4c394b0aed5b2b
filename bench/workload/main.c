/* SPDX-License-Identifier: MIT */
/*
 * mortise-workload: runs one workload on the malloc of this process, or measures a command.
 * `mortise bench` starts it for both; it works alone too, as in
 *     LD_PRELOAD=x.so mortise-workload larson threads=4
 */
#include "workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "all.h"
#include "measure.h"

enum scale { USUAL, QUICK, PAPER };

static int usage(FILE *out)
{
    fputs("usage: mortise-workload [--quick | --paper] [--idle] NAME [PARAMETER=VALUE...]\n"
          "       mortise-workload --list\n"
          "       mortise-workload --measure REPORT LIBRARY COMMAND [ARGUMENT...]\n"
          "\n"
          "Runs a workload on the malloc of this process. Figures besides the time are printed\n"
          "as KEY VALUE. Exit code: 0, 1 if the result is wrong, 2 for a wrong call, 3 if memory\n"
          "was refused.\n"
          "\n"
          "  --quick    small values for all parameters that are not given\n"
          "  --paper    the threads and sizes of the publication\n"
          "  --idle     rest a second after the work and tell what is still resident\n"
          "  --list     one line for each: name, purpose, source, parameters as\n"
          "             name=usual/quick/paper/least/most/meaning, and cases; separated by tabs\n"
          "  --measure  run COMMAND, a path, with LIBRARY preloaded ('': none), and write to the\n"
          "             file REPORT, as KEY VALUE, the time and the memory that it took\n",
          out);
    return out == stdout ? WORKLOAD_RIGHT : WORKLOAD_USAGE;
}

static int list(void)
{
    for (size_t i = 0; i < WORKLOADS; i++) {
        const struct workload *workload = workloads[i];
        printf("%s\t%s\t%s\t", workload->name, workload->purpose, workload->source);
        for (const struct workload_parameter *p = workload->parameters; p->name != NULL; p++)
            printf("%s%s=%ld/%ld/%ld/%ld/%ld/%s", p == workload->parameters ? "" : ";", p->name,
                   p->usual, p->quick, p->paper, p->least, p->most, p->meaning);
        putchar('\t');
        for (const char *const *one = workload->cases; *one != NULL; one++)
            printf("%s%s", one == workload->cases ? "" : ";", *one);
        putchar('\n');
    }
    return fflush(stdout) == 0 ? WORKLOAD_RIGHT : WORKLOAD_USAGE;
}

static const struct workload *find(const char *name)
{
    for (size_t i = 0; i < WORKLOADS; i++)
        if (strcmp(workloads[i]->name, name) == 0)
            return workloads[i];
    fprintf(stderr, "mortise-workload: no workload '%s'; --list shows all\n", name);
    exit(WORKLOAD_USAGE);
}

/* Takes NAME=VALUE into its place. */
static void take(const struct workload *workload, const char *text, long *value)
{
    const size_t length = strcspn(text, "=");
    for (size_t i = 0; workload->parameters[i].name != NULL; i++) {
        const struct workload_parameter *parameter = &workload->parameters[i];
        if (strlen(parameter->name) != length || strncmp(parameter->name, text, length) != 0)
            continue;
        char *end = NULL;
        errno = 0;
        const long number = text[length] == '=' ? strtol(text + length + 1, &end, 0) : 0;
        if (end == NULL || end == text + length + 1 || *end != '\0' || errno != 0 ||
            number < parameter->least || number > parameter->most) {
            fprintf(stderr, "mortise-workload: '%s': %s is a number in [%ld, %ld]\n", text,
                    parameter->name, parameter->least, parameter->most);
            exit(WORKLOAD_USAGE);
        }
        value[i] = number;
        return;
    }
    fprintf(stderr, "mortise-workload: '%s': %s has no such parameter\n", text, workload->name);
    exit(WORKLOAD_USAGE);
}

/* Memory that the work gave back may have to go back to the system still: a program that goes on
 * makes a request now and then. */
static void tell_idle(void)
{
    sleep(1);
    free(work_hide(work_malloc(64)));
    work_figure("idle_kb", (double)work_resident_kb());
}

int main(int argc, char **argv)
{
    enum scale scale = USUAL;
    bool idle = false;
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--quick") == 0)
            scale = QUICK;
        else if (strcmp(argv[at], "--paper") == 0)
            scale = PAPER;
        else if (strcmp(argv[at], "--idle") == 0)
            idle = true;
        else if (strcmp(argv[at], "--list") == 0)
            return list();
        else if (strcmp(argv[at], "--measure") == 0 && argc - at > 3)
            return measure(argv[at + 1], argv[at + 2], argv + at + 3);
        else
            return usage(strcmp(argv[at], "--help") == 0 ? stdout : stderr);
    }
    if (at == argc)
        return usage(stderr);
    const struct workload *workload = find(argv[at]);
    long value[WORKLOAD_MOST_PARAMETERS] = {0};
    for (size_t i = 0; workload->parameters[i].name != NULL; i++) {
        const struct workload_parameter *p = &workload->parameters[i];
        value[i] = scale == QUICK ? p->quick : scale == PAPER ? p->paper : p->usual;
    }
    while (++at < argc)
        take(workload, argv[at], value);
    for (size_t i = 0; workload->parameters[i].name != NULL; i++)
        if (value[i] == 0 && strcmp(workload->parameters[i].name, "threads") == 0)
            value[i] = sysconf(_SC_NPROCESSORS_ONLN);
    if (!workload->run(value)) {
        fprintf(stderr, "mortise-workload: %s: the result is wrong\n", workload->name);
        return WORKLOAD_WRONG;
    }
    if (idle)
        tell_idle();
    return fflush(stdout) == 0 ? WORKLOAD_RIGHT : WORKLOAD_USAGE;
}
