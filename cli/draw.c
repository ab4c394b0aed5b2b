/* SPDX-License-Identifier: MIT */
#include "draw.h"

#include <inttypes.h>
#include <string.h>

#include "emit.h"
#include "mem.h"
#include "text.h"

/* The default in the header reads [low,high]. */
static bool read_range(const char *text, uint64_t *low, uint64_t *high)
{
    const char *comma = strchr(text, ',');
    const size_t n = strlen(text);
    return *text == '[' && comma != NULL && text[n - 1] == ']' &&
           model_size(text + 1, (size_t)(comma - text - 1), low) == SIZE_OK &&
           model_size(comma + 1, n - (size_t)(comma - text) - 2, high) == SIZE_OK;
}

static void add_params(struct draw_word *word)
{
    const struct head *head = &word->use->word->head;
    word->params = mem_get((head->param_count + 1) * sizeof *word->params);
    for (size_t i = 0; i < head->param_count; i++) {
        const struct param *param = &head->params[i];
        const struct arg *arg = model_arg(word->use, param->name);
        word->params[word->param_count++] = (struct draw_param){
            param->name, arg != NULL ? emit_value_text(&arg->value) : param->standard, arg != NULL};
        if (strcmp(param->name, "size_handle") != 0 || param->type != PARAM_RANGE)
            continue;
        word->ranged = true;
        if (arg != NULL) {
            word->low = arg->value.low->number;
            word->high = arg->value.high->number;
        } else {
            word->ranged = read_range(param->standard, &word->low, &word->high);
        }
    }
}

void draw_begin(struct drawing *drawing, const struct model *model)
{
    memset(drawing, 0, sizeof *drawing);
    drawing->model = model;
    for (size_t i = 0; i < model->count; i++) {
        drawing->words[i].use = &model->uses[model->count - 1 - i];
        add_params(&drawing->words[i]);
    }
}

const char *draw_fact_names(const struct drawing *drawing, unsigned bits)
{
    const char *names = NULL;
    for (size_t i = 0; i < drawing->fact_count; i++)
        if (bits & drawing->facts[i].bit)
            names = text_join(names, ", ", drawing->facts[i].name);
    return names == NULL ? "nothing" : names;
}

const char *draw_size(uint64_t bytes)
{
    static const char *const units[] = {"", "KB", "MB", "GB", "TB"};
    if (bytes == UINT64_MAX)
        return "SIZE_MAX";
    unsigned unit = 0;
    for (; unit < 4 && bytes != 0 && bytes % 1024 == 0; unit++)
        bytes /= 1024;
    return mem_format("%" PRIu64 "%s", bytes, units[unit]);
}

unsigned draw_scale(uint64_t bytes)
{
    unsigned at = 0;
    for (; bytes != 0 && at < DRAW_SCALE; bytes /= 2)
        at++;
    return at;
}

static json_t *facts_json(const struct drawing *drawing, unsigned bits)
{
    json_t *array = json_array();
    for (size_t i = 0; i < drawing->fact_count; i++)
        if (bits & drawing->facts[i].bit)
            json_array_append_new(array, json_string(drawing->facts[i].name));
    return array;
}

static json_t *word_json(const struct drawing *drawing, const struct draw_word *word)
{
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(word->use->name));
    json_object_set_new(object, "instance", json_string(word->use->instance));
    json_object_set_new(object, "kind", json_string(registry_kind_text(word->use->word->kind)));
    json_object_set_new(object, "purpose", diag_json_text(word->use->word->head.purpose));
    json_t *params = json_array();
    for (size_t i = 0; i < word->param_count; i++) {
        json_t *param = json_object();
        json_object_set_new(param, "name", json_string(word->params[i].name));
        json_object_set_new(param, "value", diag_json_text(word->params[i].value));
        json_object_set_new(param, "given", json_boolean(word->params[i].given));
        json_array_append_new(params, param);
    }
    json_object_set_new(object, "parameters", params);
    /* The largest size is no JSON integer: a range that ends there has no end. */
    json_t *sizes = json_null();
    if (word->ranged) {
        sizes = json_object();
        json_object_set_new(sizes, "low", json_integer((json_int_t)word->low));
        json_object_set_new(sizes, "high",
                            word->high > INT64_MAX ? json_null()
                                                   : json_integer((json_int_t)word->high));
    }
    json_object_set_new(object, "sizes", sizes);
    const bool known = drawing->fact_count != 0 && word->use->word->kind != KIND_SOCKET;
    json_object_set_new(object, "needs", known ? facts_json(drawing, word->needs) : json_null());
    json_object_set_new(object, "facts", known ? facts_json(drawing, word->facts) : json_null());
    return object;
}

json_t *draw_json(const struct drawing *drawing)
{
    json_t *result = json_object();
    json_t *words = json_array();
    json_object_set_new(result, "name", json_string(drawing->model->source->composition));
    json_object_set_new(result, "model", json_string(emit_model(drawing->model)));
    for (size_t i = 0; i < drawing->model->count; i++)
        json_array_append_new(words, word_json(drawing, &drawing->words[i]));
    json_object_set_new(result, "words", words);
    return result;
}
