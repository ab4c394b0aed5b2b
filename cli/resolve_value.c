/* SPDX-License-Identifier: MIT */
#include "resolve_value.h"

#include <string.h>

#include "arguments.h"
#include "mem.h"
#include "text.h"

/* What the checks of one parameter share. */
struct check {
    const struct registry *registry;
    const struct word *word;
    const struct param *param;
    struct diags *diags;
};

/* What a parameter takes, in words. */
static const char *expectation(const struct check *check)
{
    const struct param *param = check->param;
    const bool limited = strcmp(param->range, "-") != 0;
    switch (param->type) {
    case PARAM_INT:
        return limited ? mem_format("a number in %s", param->range) : "a number";
    case PARAM_SIZE:
        return limited ? mem_format("a size in %s", param->range) : "a size, such as 64KB";
    case PARAM_BOOL:
        return "0 or 1";
    case PARAM_RANGE:
        return limited ? mem_format("a range [LOW,HIGH] within %s", param->range)
                       : "a range [LOW,HIGH]";
    case PARAM_NAME:
        if (strcmp(param->range, "layer") == 0)
            return "the name of a layer";
        return limited ? mem_format("one of %s", param->range) : "a name";
    case PARAM_ARGUMENTS:
        return "none or list(NAME=TYPE, ...)";
    case PARAM_SLOT:
    default:
        return mem_format("a %s policy: %s", param->type_text,
                          registry_names(check->registry, KIND_POLICY, param->type_text));
    }
}

static const char *value_text(const struct diags *diags, const struct value *value)
{
    return text_quote(diags->source->text + value->span.at, value->span.length);
}

static struct diag *refuse(const struct check *check, const struct value *value)
{
    struct diag *diag =
        diag_at(check->diags, value->span.at, value->span.length, "'%s' of '%s' cannot be '%s'",
                check->param->name, check->word->name, value_text(check->diags, value));
    diag->help = mem_format("expected %s", expectation(check));
    return diag;
}

static void check_number(const struct check *check, const struct value *value)
{
    const struct param *param = check->param;
    if (value->kind != VALUE_NUMBER || (param->type == PARAM_INT && value->unit)) {
        refuse(check, value);
    } else if (value->number < param->low || value->number > param->high) {
        diag_at(check->diags, value->span.at, value->span.length, "%s=%s is out of range",
                param->name, value->text)
            ->help = mem_format("expected %s", expectation(check));
    }
}

static void check_range(const struct check *check, const struct value *value)
{
    if (value->kind != VALUE_RANGE || value->low->kind != VALUE_NUMBER ||
        value->high->kind != VALUE_NUMBER) {
        refuse(check, value);
        return;
    }
    const size_t before = check->diags->count;
    check_number(check, value->low);
    if (check->diags->count == before)
        check_number(check, value->high);
    if (check->diags->count == before && value->low->number > value->high->number)
        diag_at(check->diags, value->span.at, value->span.length,
                "the range %s is empty: its low end is above its high end",
                value_text(check->diags, value))
            ->help = mem_format("write [%s,%s]", value->high->text, value->low->text);
}

/* One of a|b|c; a choice may also be a number, as in align=8. */
static void check_choice(const struct check *check, const struct value *value)
{
    struct nearest nearest = {value->text, NULL, 0};
    const char *choice = check->param->range;
    const bool any = strcmp(choice, "-") == 0 || strcmp(choice, "layer") == 0;
    if (any && value->kind == VALUE_NAME && value->count == 0)
        return; /* of layers resolve() knows the names */
    while (value->kind != VALUE_RANGE && value->count == 0 && *choice != '\0') {
        const size_t n = strcspn(choice, "|");
        const char *text = mem_text(choice, n);
        if (strcmp(text, value->text) == 0)
            return;
        if (value->kind == VALUE_NAME)
            nearest_offer(&nearest, text);
        choice += n + (choice[n] == '|');
    }
    refuse(check, value)->suggestion = nearest.best;
}

static void check_arguments(const struct check *check, const struct value *value)
{
    struct span at;
    const char *mistake = arguments_mistake(value, &at);
    if (mistake != NULL)
        diag_at(check->diags, at.at, at.length, "'%s' of '%s' cannot be this", check->param->name,
                check->word->name)
            ->help = mistake;
}

static void check_policy(const struct check *check, struct value *value)
{
    const char *slot = check->param->type_text;
    if (!registry_is_slot(check->registry, slot)) {
        diag_add(check->diags, "%s: parameter '%s' has the unknown type '%s'", check->word->path,
                 check->param->name, slot)
            ->help = "a type is int, size, bool, range, name, arguments, or a folder below policy/";
        return;
    }
    if (value->kind != VALUE_NAME) {
        refuse(check, value);
        return;
    }
    value->policy = registry_find(check->registry, KIND_POLICY, slot, value->text);
    if (value->policy == NULL) {
        struct nearest nearest = {value->text, NULL, 0};
        for (size_t i = 0; i < check->registry->count; i++) {
            const struct word *word = &check->registry->words[i];
            if (word->kind == KIND_POLICY && strcmp(word->slot, slot) == 0 &&
                registry_documented(word))
                nearest_offer(&nearest, word->name);
        }
        struct diag *diag = diag_at(check->diags, value->span.at, strlen(value->text),
                                    "unknown %s policy '%s'", slot, value->text);
        diag->suggestion = nearest.best;
        if (nearest.best == NULL)
            diag->help = mem_format("expected %s", expectation(check));
    } else if (value->policy->problem != NULL) {
        resolve_head_problem(value->policy, check->diags);
    } else {
        resolve_args(check->registry, value->policy, value->args, value->count, check->diags);
    }
}

static void check_value(const struct check *check, struct value *value)
{
    switch (check->param->type) {
    case PARAM_INT:
    case PARAM_SIZE:
        check_number(check, value);
        break;
    case PARAM_BOOL:
        if (value->kind != VALUE_NUMBER || value->unit || value->number > 1)
            refuse(check, value);
        break;
    case PARAM_RANGE:
        check_range(check, value);
        break;
    case PARAM_NAME:
        check_choice(check, value);
        break;
    case PARAM_ARGUMENTS:
        check_arguments(check, value);
        break;
    case PARAM_SLOT:
    default:
        check_policy(check, value);
        break;
    }
}

void resolve_head_problem(const struct word *word, struct diags *diags)
{
    diag_add(diags, "%s: the head comment is wrong", text_escape(word->path))->help =
        text_escape(word->problem);
}

static void unknown_parameter(const struct word *word, const struct arg *arg, struct diags *diags)
{
    struct nearest nearest = {arg->name, NULL, 0};
    const char *names = NULL;
    for (size_t i = 0; i < word->head.param_count; i++) {
        nearest_offer(&nearest, word->head.params[i].name);
        names = text_join(names, ", ", word->head.params[i].name);
    }
    struct diag *diag = diag_at(diags, arg->span.at, arg->span.length, "'%s' has no parameter '%s'",
                                word->name, arg->name);
    diag->suggestion = nearest.best;
    if (names == NULL)
        diag->help = mem_format("'%s' takes no parameters", word->name);
    else if (nearest.best == NULL)
        diag->help = mem_format("its parameters are: %s", names);
}

static bool given_before(const struct arg *args, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(args[j].name, args[i].name) == 0)
            return true;
    return false;
}

void resolve_args(const struct registry *registry, const struct word *word, struct arg *args,
                  size_t count, struct diags *diags)
{
    for (size_t i = 0; i < count; i++) {
        struct arg *arg = &args[i];
        const struct check check = {registry, word, head_param(&word->head, arg->name), diags};
        if (check.param == NULL)
            unknown_parameter(word, arg, diags);
        else if (given_before(args, i))
            diag_at(diags, arg->span.at, arg->span.length, "parameter '%s' is given twice",
                    arg->name)
                ->help = "keep one of the two";
        else
            check_value(&check, &arg->value);
    }
}
