/* SPDX-License-Identifier: MIT */
#include "emit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "mem.h"
#include "text.h"

static void emit_args(const struct arg *args, size_t count, FILE *out);

static void emit_value(const struct value *value, FILE *out)
{
    if (value->kind == VALUE_RANGE) {
        fputc('[', out);
        emit_value(value->low, out);
        fputc(',', out);
        emit_value(value->high, out);
        fputc(']', out);
    } else {
        fputs(value->text, out);
        emit_args(value->args, value->count, out);
    }
}

static void emit_args(const struct arg *args, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%s=", i == 0 ? "(" : ", ", args[i].name);
        emit_value(&args[i].value, out);
    }
    if (count != 0)
        fputc(')', out);
}

/* Bytes as C writes them; the largest keeps its name, for it depends on the target. */
static void emit_number(uint64_t number, FILE *out)
{
    if (number == UINT64_MAX)
        fputs("SIZE_MAX", out);
    else
        fprintf(out, "%" PRIu64 "%s", number, number > INT64_MAX ? "u" : "");
}

/* One #define a parameter; those of a policy follow its own, below the name of its slot. */
static void emit_defines(const char *prefix, const struct arg *args, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct value *value = &args[i].value;
        const char *name = mem_format("%s_%s", prefix, text_upper(args[i].name));
        fprintf(out, "#define %s ", name);
        if (value->kind == VALUE_RANGE) {
            emit_number(value->low->number, out);
            fputs(", ", out);
            emit_number(value->high->number, out);
        } else if (value->kind == VALUE_NUMBER) {
            emit_number(value->number, out);
        } else {
            fputs(value->text, out);
        }
        fputc('\n', out);
        emit_defines(name, value->args, value->count, out);
    }
}

static bool is_arguments(const struct use *use, const struct arg *arg)
{
    return head_param(&use->word->head, arg->name)->type == PARAM_ARGUMENTS;
}

static void emit_use(const struct use *use, FILE *out)
{
    static const char *const folders[] = {"heap", "layer", "socket"};
    for (size_t i = 0; i < use->count; i++)
        if (!is_arguments(use, &use->args[i]))
            emit_defines(text_upper(use->name), &use->args[i], 1, out);
    if (use->word->user)
        fprintf(out, "#include \"%s\"\n", use->word->path);
    else
        fprintf(out, "#include <mortise/%s/%s.h>\n", folders[use->word->kind], use->name);
}

bool emit_name_is_libc(const char *name)
{
    static const char *const names[] = {"malloc", "pthread", "errno", "NULL", "EOF"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The C name of the composition. Functions of the socket that begin with the same name would be
 * confused with those inside, and so would those of libc. */
static const char *composition_of(const struct model *model)
{
    const struct arg *prefix = model_arg(&model->uses[model->count - 1], "prefix");
    const char *name = model->source->composition;
    const bool same = prefix != NULL && strcmp(prefix->value.text, name) == 0;
    return same || emit_name_is_libc(name) ? mem_format("%s_inside", name) : name;
}

/* A memory stream that cannot fail later than here. */
static FILE *open_text(char **text, size_t *length)
{
    FILE *out = open_memstream(text, length);
    if (out == NULL) {
        perror("mortise");
        exit(2);
    }
    return out;
}

static const char *close_text(FILE *out, char **text, const size_t *length)
{
    if (fclose(out) != 0) {
        perror("mortise");
        exit(2);
    }
    const char *copy = mem_text(*text, *length);
    free(*text);
    return copy;
}

const char *emit_model(const struct model *model)
{
    char *text;
    size_t length;
    FILE *out = open_text(&text, &length);
    for (size_t i = 0; i < model->count; i++) {
        fprintf(out, "%s%s", i == 0 ? "" : "::", model->uses[i].name);
        emit_args(model->uses[i].args, model->uses[i].count, out);
    }
    return close_text(out, &text, &length);
}

const char *emit_value_text(const struct value *value)
{
    char *text;
    size_t length;
    FILE *out = open_text(&text, &length);
    emit_value(value, out);
    return close_text(out, &text, &length);
}

const char *emit_facts(const struct model *model)
{
    const char *name = composition_of(model);
    char *text;
    size_t length;
    FILE *out = open_text(&text, &length);
    fputs("\n__attribute__((used)) static void mortise_say_facts(void)\n{\n", out);
    for (size_t i = 0; i + 1 < model->count; i++) {
        const char *self = mem_format("%s_at_%s", name, model->uses[i].instance);
        fprintf(out,
                "__asm__ volatile(\".ascii \\\"->fact %s %%c0 %%c1 \\\"\" : : \"i\"(%s_needs), "
                "\"i\"(%s_facts));\n",
                model->uses[i].instance, self, self);
    }
    fputs("}\n", out);
    return close_text(out, &text, &length);
}

/* They are fields of the context, which the first layer has to know already. */
static void emit_arguments(const struct use *socket, FILE *out)
{
    for (size_t i = 0; i < socket->count; i++) {
        const char *arguments =
            is_arguments(socket, &socket->args[i]) ? arguments_c(&socket->args[i].value) : NULL;
        if (arguments != NULL)
            fprintf(out, "#define MCTX_ARGUMENTS %s\n", arguments);
    }
}

const char *emit_c(const struct model *model)
{
    const char *name = composition_of(model);
    char *text;
    size_t length;
    FILE *out = open_text(&text, &length);
    fprintf(out, "/* %s: %s */\n#define COMPOSITION %s\n", model->source->composition,
            emit_model(model), name);
    emit_arguments(&model->uses[model->count - 1], out);
    fputc('\n', out);
    for (size_t i = 0; i + 1 < model->count; i++) {
        fprintf(out, "#define LAYER %s\n", model->uses[i].instance);
        emit_use(&model->uses[i], out);
        fputc('\n', out);
    }
    fprintf(out, "LAYER_COMPOSE(%s", name);
    for (size_t i = 0; i + 1 < model->count; i++)
        fprintf(out, ", %s", model->uses[i].instance);
    fputs(")\n\n", out);
    emit_use(&model->uses[model->count - 1], out);
    return close_text(out, &text, &length);
}
