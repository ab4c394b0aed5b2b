/* SPDX-License-Identifier: MIT */
#include "expand.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "mem.h"

/* Where a line of preprocessed text comes from. */
struct place {
    const char *path;
    bool system;
    unsigned depth; /* 0: the C of the model */
    int word;       /* the last word of the model that was included, from 0 */
};

struct expansion {
    const struct registry *registry;
    int only;
    struct place at;
    const char *main;    /* the file with the C of the model */
    const char *include; /* an #include that was seen and not entered yet */
    const char *told;    /* the file that the last line in the result was from */
    bool blank;
    FILE *out;
};

static bool is_wanted(const struct expansion *expansion)
{
    const struct place *at = &expansion->at;
    if (at->system)
        return false;
    return expansion->only < 0 || (at->depth == 1 && at->word == expansion->only);
}

static const char *shown(const struct expansion *expansion)
{
    if (expansion->at.depth == 0)
        return "the composition";
    const char *resolved = file_resolve(expansion->at.path);
    return registry_shown(expansion->registry, resolved == NULL ? expansion->at.path : resolved);
}

static void put(struct expansion *expansion, const char *line)
{
    if (expansion->told == NULL || strcmp(expansion->told, expansion->at.path) != 0)
        fprintf(expansion->out, "%s/* ---- %s */\n", expansion->told == NULL ? "" : "\n",
                shown(expansion));
    else if (expansion->blank)
        fputc('\n', expansion->out);
    expansion->told = expansion->at.path;
    expansion->blank = false;
    fprintf(expansion->out, "%s\n", line);
}

/* `# 12 "file.h" 1 3`: 1 enters a file, 2 comes back to it, 3 is one of the system. */
static void follow(struct expansion *expansion, const char *marker)
{
    const char *begin = strchr(marker, '"');
    const char *end = strrchr(marker, '"');
    if (begin == NULL || begin == end)
        return;
    struct place *at = &expansion->at;
    const struct place before = *at;
    at->path = mem_text(begin + 1, (size_t)(end - begin - 1));
    const bool enters = strchr(end, '1') != NULL;
    const bool leaves = strchr(end, '2') != NULL;
    at->system = strchr(end, '3') != NULL;
    if (*at->path == '<') /* <built-in>, <command-line> */
        at->system = true;
    else if (expansion->main == NULL)
        expansion->main = at->path;
    if (enters && *at->path != '<')
        at->depth++;
    else if (leaves && before.depth > 0 && *before.path != '<')
        at->depth--;
    if (strcmp(at->path, expansion->main == NULL ? "" : expansion->main) == 0)
        at->depth = 0;
    if (enters && before.depth == 0 && !at->system)
        at->word++;
    if (enters && at->system && expansion->include != NULL) {
        const struct place inside = *at;
        *at = before;
        if (is_wanted(expansion))
            put(expansion, expansion->include);
        *at = inside;
    }
    if (enters || leaves) /* gcc repeats where it is between the #include and the file */
        expansion->include = NULL;
}

static void add(struct expansion *expansion, const char *line)
{
    const char *first = line + strspn(line, " \t");
    if (strncmp(line, "# ", 2) == 0 && isdigit((unsigned char)line[2])) {
        follow(expansion, line);
    } else if (strncmp(first, "#include", 8) == 0) {
        const char *comment = strstr(first, " /*"); /* clang's: it says why the line is there */
        expansion->include = comment == NULL ? first : mem_text(first, (size_t)(comment - first));
    } else if (*first == '\0') {
        expansion->blank = true;
    } else if (is_wanted(expansion)) {
        put(expansion, line);
    }
}

const char *expand_text(const char *text, const struct registry *registry, int only)
{
    char *result;
    size_t length;
    struct expansion expansion = {
        .registry = registry, .only = only, .at = {.path = "", .word = -1}};
    expansion.out = open_memstream(&result, &length);
    if (expansion.out == NULL)
        return NULL;
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n");
        add(&expansion, mem_text(text, n));
        text += n + (text[n] == '\n');
    }
    if (fclose(expansion.out) != 0)
        return NULL;
    const char *copy = mem_text(result, length);
    free(result);
    return copy;
}
