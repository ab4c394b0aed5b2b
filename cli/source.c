/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "mem.h"
#include "text.h"

#define SUFFIX ".mortise"

/* No model comes near it; what is larger is not a model. */
enum { SOURCE_LIMIT = 16 * 1024 * 1024 };

static bool ends_with(const char *s, const char *suffix)
{
    const size_t n = strlen(s);
    const size_t tail = strlen(suffix);
    return n >= tail && strcmp(s + n - tail, suffix) == 0;
}

const char *source_composition(const char *path, const char *suffix)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    size_t n = strlen(base) - (ends_with(base, suffix) ? strlen(suffix) : 0);
    if (n > NAME_MAX_LENGTH - 1)
        n = NAME_MAX_LENGTH - 1;
    char *name = mem_text(base, n);
    for (char *c = name; *c != '\0'; c++)
        if (!text_is_name(c, 1) && !(*c >= '0' && *c <= '9'))
            *c = '_';
    return text_is_name(name, n) ? name : mem_format("_%s", name);
}

static bool read_source(const char *path, const char *shown, struct source *source,
                        struct diags *diags)
{
    source->file = text_escape(shown);
    source->text = file_read(path, SOURCE_LIMIT + 1, &source->length);
    if (source->text == NULL) {
        diag_add(diags, "cannot read '%s': %s", source->file, strerror(errno));
        return false;
    }
    if (source->length > SOURCE_LIMIT) {
        diag_add(diags, "'%s' is larger than %d MB: not a model", source->file,
                 SOURCE_LIMIT / (1024 * 1024));
        return false;
    }
    return true;
}

/* The path of a named model, or NULL. */
static const char *find_model(const struct registry *registry, const char *name)
{
    const char *path = mem_format("%s" SUFFIX, name);
    if (file_is_regular(path))
        return path;
    for (size_t i = 0; i < registry->folder_count; i++) {
        path = mem_format("%s/%s" SUFFIX, registry->folders[i], name);
        if (file_is_regular(path))
            return path;
    }
    if (registry->models == NULL)
        return NULL;
    path = mem_format("%s/%s" SUFFIX, registry->models, name);
    return file_is_regular(path) ? path : NULL;
}

static void unknown_model(const struct registry *registry, const char *name, struct diags *diags)
{
    struct nearest nearest = {name, NULL, 0};
    size_t count;
    const struct named_model *models = source_models(registry, &count);
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, models[i].name);
    struct diag *diag = diag_add(diags, "unknown model '%s'", text_quote(name, strlen(name)));
    diag->suggestion = nearest.best;
    if (nearest.best == NULL)
        diag->help = "a model is a text such as brk_heap::tlsf_glk::malloc_socket, a path that "
                     "ends\nin " SUFFIX ", or a name: see 'mortise list model'";
}

bool source_open(const char *argument, const struct registry *registry, struct source *source,
                 struct diags *diags)
{
    *source = (struct source){NULL, "model", argument, strlen(argument)};
    diags->source = source;
    if (strcmp(argument, "-") == 0) {
        return read_source("-", "<stdin>", source, diags);
    }
    if (ends_with(argument, SUFFIX) && strstr(argument, "::") == NULL) {
        source->composition = source_composition(argument, SUFFIX);
        return read_source(argument, argument, source, diags);
    }
    const bool name = strspn(argument, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_-./+") == source->length;
    if (!name || source->length == 0 || source->length > NAME_MAX_LENGTH)
        return true;
    const char *path = strchr(argument, '/') == NULL ? find_model(registry, argument) : NULL;
    if (path != NULL) {
        source->composition = source_composition(path, SUFFIX);
        return read_source(path, path, source, diags);
    }
    if (registry_find_any(registry, argument) != NULL)
        return true;
    unknown_model(registry, argument, diags);
    return false;
}

static const char *read_purpose(const char *path, const char *name)
{
    size_t length;
    const char *text = file_read(path, SOURCE_LIMIT, &length);
    while (text != NULL && *text == '#') {
        const size_t n = strcspn(text, "\n");
        const char *line = text + 1 + strspn(text + 1, "# \t");
        text += n + (text[n] == '\n');
        if (line >= text || strncmp(line, "SPDX-", 5) == 0 || *line == '\n')
            continue;
        const char *purpose = mem_text(line, strcspn(line, "\r\n"));
        const char *title = mem_format("%s - ", name);
        if (strncmp(purpose, title, strlen(title)) == 0)
            purpose += strlen(title);
        return text_escape(purpose);
    }
    return "";
}

static int compare_models(const void *a, const void *b)
{
    return strcmp(((const struct named_model *)a)->name, ((const struct named_model *)b)->name);
}

static void add_models(const char *folder, struct named_model **models, size_t *count)
{
    size_t files;
    const char **list = file_list(folder, &files);
    const size_t before = *count;
    for (size_t i = 0; i < files; i++) {
        if (!ends_with(list[i], SUFFIX))
            continue;
        const char *name = mem_text(list[i], strlen(list[i]) - strlen(SUFFIX));
        bool hidden = *name == '\0';
        for (size_t j = 0; j < before; j++)
            hidden = hidden || strcmp((*models)[j].name, name) == 0;
        if (hidden)
            continue;
        *models = mem_more(*models, *count, sizeof **models);
        struct named_model *model = &(*models)[(*count)++];
        model->name = text_escape(name);
        model->path = mem_format("%s/%s", folder, list[i]);
        model->purpose = read_purpose(model->path, name);
    }
}

struct named_model *source_models(const struct registry *registry, size_t *count)
{
    struct named_model *models = NULL;
    *count = 0;
    for (size_t i = 0; i < registry->folder_count; i++)
        add_models(registry->folders[i], &models, count);
    if (registry->models != NULL)
        add_models(registry->models, &models, count);
    if (*count != 0)
        qsort(models, *count, sizeof *models, compare_models);
    return models;
}
