/* SPDX-License-Identifier: MIT */
#include "arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../text.h"

/* An argument in the text of a case. */
struct argument {
    const struct source *source;
    const char *workload;
    size_t at, name, length; /* where it begins, how long its name is, and all of it */
};

static const char *name_of(const struct argument *argument)
{
    return mem_text(argument->source->text + argument->at, argument->name);
}

/* The parameter of that name; else NULL, and the nearest one and all of them are told. */
static const char *find(const char *parameters, const struct argument *argument,
                        struct diags *diags)
{
    const char *name = name_of(argument);
    struct nearest nearest = {name, NULL, 0};
    const char *all = NULL;
    for (const char *at = parameters; *at != '\0';) {
        const char *one = mem_text(at, strcspn(at, "="));
        if (strcmp(one, name) == 0)
            return at;
        nearest_offer(&nearest, one);
        all = text_join(all, ", ", one);
        at += strcspn(at, ";");
        at += *at == ';';
    }
    struct diag *diag = diag_at(diags, argument->at, argument->name, "'%s' has no parameter '%s'",
                                argument->workload, text_quote(name, strlen(name)));
    diag->suggestion = nearest.best;
    diag->help = all == NULL ? "it has none" : mem_format("it has: %s", all);
    return NULL;
}

static bool value_fits(const char *parameter, const struct argument *argument, struct diags *diags)
{
    const char *text = argument->source->text + argument->at;
    const bool given = argument->name < argument->length;
    const size_t before = argument->name + given;
    const char *value = mem_text(text + before, argument->length - before);
    long least, most;
    char *end;
    if (sscanf(parameter, "%*[^=]=%*[^/]/%*[^/]/%*[^/]/%ld/%ld", &least, &most) != 2)
        return true;
    errno = 0;
    const long number = strtol(value, &end, 0);
    if (given && end != value && *end == '\0' && errno == 0 && number >= least && number <= most)
        return true;
    const char *name = name_of(argument);
    struct diag *diag =
        *value == '\0' ? diag_at(diags, argument->at, argument->length, "'%s' has no value", name)
                       : diag_at(diags, argument->at + before, argument->length - before,
                                 "'%s' of '%s' cannot be '%s'", name, argument->workload,
                                 text_quote(value, strlen(value)));
    diag->help = mem_format("expected %s=, a number in [%ld, %ld]", name, least, most);
    return false;
}

bool bench_arguments_fit(const char *text, const char *parameters, struct diags *diags)
{
    struct source *source = mem_get(sizeof *source);
    *source = (struct source){NULL, "model", text, strlen(text)};
    const struct source *before = diags->source;
    struct argument argument = {source, mem_text(text, strcspn(text, " ")), 0, 0, 0};
    diags->source = source;
    for (size_t at = strlen(argument.workload); text[at] != '\0'; at += argument.length) {
        while (text_is_space(text[at]))
            at++;
        for (argument.length = 0; text[at + argument.length] != '\0'; argument.length++)
            if (text_is_space(text[at + argument.length]))
                break;
        if (argument.length == 0)
            break;
        argument.at = at;
        argument.name = strcspn(text + at, "=");
        if (argument.name > argument.length)
            argument.name = argument.length;
        const char *parameter = find(parameters, &argument, diags);
        if (parameter == NULL || !value_fits(parameter, &argument, diags))
            return false;
    }
    diags->source = before;
    return true;
}
