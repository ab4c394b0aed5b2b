/* SPDX-License-Identifier: MIT */
#include "amalgam_if.h"

#include <string.h>

#include "condition.h"
#include "mem.h"

struct branch {
    struct branch *around;
    bool outer;           /* the #if itself is live */
    bool taken;           /* a branch is known to hold: those after it do not */
    bool written;         /* an #if stands in the text */
    const char *guard;    /* the #if is an #ifndef of this name, and has one branch so far */
    struct macros rest;   /* while written: known where no branch so far held */
    struct macros merged; /* known behind the branches so far */
    bool has_merged;
};

/* The end of a branch that stands in the text. */
static void join(struct branch *branch, const struct macros *macros)
{
    branch->merged =
        branch->has_merged ? macros_merge(&branch->merged, macros) : macros_copy(macros);
    branch->has_merged = true;
}

/* What is to be tested: #ifdef X is #if defined X. */
static const char *condition_of(const struct line *line)
{
    if (strcmp(line->directive, "ifdef") == 0 || strcmp(line->directive, "elifdef") == 0)
        return mem_format("defined %s", line->rest);
    if (strcmp(line->directive, "ifndef") == 0 || strcmp(line->directive, "elifndef") == 0)
        return mem_format("!defined %s", line->rest);
    return line->rest;
}

/* A branch that begins here, where none before it in its #if is known to hold. */
static const char *begin(struct conditions *conditions, struct branch *branch,
                         const char *condition, const struct line *line)
{
    const enum truth truth = condition_eval(condition, &conditions->macros);
    conditions->live = truth != TRUTH_NO;
    branch->taken = truth == TRUTH_YES;
    if (truth == TRUTH_YES)
        return branch->written ? "#else\n" : "";
    if (truth == TRUTH_NO)
        return "";
    branch->rest = macros_copy(&conditions->macros);
    condition_assume(condition, true, &conditions->macros);
    condition_assume(condition, false, &branch->rest);
    if (branch->written)
        return mem_format("#elif %s\n", condition);
    branch->written = true;
    if (strcmp(line->directive, "ifndef") == 0)
        branch->guard = line->rest;
    return line->directive[0] == 'i' ? mem_text(line->text, line->length)
                                     : mem_format("#if %s\n", condition);
}

static const char *begin_first(struct conditions *conditions, const struct line *line)
{
    struct branch *branch = mem_get(sizeof *branch);
    branch->around = conditions->open;
    branch->outer = conditions->live;
    conditions->open = branch;
    return branch->outer ? begin(conditions, branch, condition_of(line), line) : "";
}

static const char *begin_next(struct conditions *conditions, const char *condition,
                              const struct line *line)
{
    struct branch *branch = conditions->open;
    if (branch == NULL || !branch->outer)
        return "";
    if (branch->written && conditions->live)
        join(branch, &conditions->macros);
    conditions->live = false;
    branch->guard = NULL;
    if (branch->taken)
        return "";
    if (branch->written)
        conditions->macros = macros_copy(&branch->rest);
    return begin(conditions, branch, condition, line);
}

/* Behind an include guard holds what it guards, whether it was this text that said it or an earlier
 * one: the guard tells that it was the same. A default of a parameter looks alike, but has a body.
 */
static bool is_guard(const struct branch *branch, const struct macros *macros)
{
    if (branch->guard == NULL)
        return false;
    const struct macro macro = macro_find(macros, branch->guard);
    return macro.kind == MACRO_DEFINED && macro.body != NULL && *macro.body == '\0';
}

static const char *end(struct conditions *conditions)
{
    struct branch *branch = conditions->open;
    if (branch == NULL)
        return "";
    if (branch->written && !is_guard(branch, &conditions->macros)) {
        if (conditions->live)
            join(branch, &conditions->macros);
        if (!branch->taken)
            join(branch, &branch->rest);
        conditions->macros = branch->merged;
    }
    conditions->live = branch->outer;
    conditions->open = branch->around;
    return branch->written ? "#endif\n" : "";
}

bool conditions_follow(struct conditions *conditions, const struct line *line, const char **text)
{
    if (strncmp(line->directive, "if", 2) == 0)
        *text = begin_first(conditions, line);
    else if (strncmp(line->directive, "elif", 4) == 0)
        *text = begin_next(conditions, condition_of(line), line);
    else if (strcmp(line->directive, "else") == 0)
        *text = begin_next(conditions, "1", line);
    else if (strcmp(line->directive, "endif") == 0)
        *text = end(conditions);
    else
        return false;
    return true;
}
