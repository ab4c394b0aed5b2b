/* SPDX-License-Identifier: MIT */
#include "draw.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "mem.h"

enum { TEXT_LIMIT = 64 * 1024 * 1024 };

/* The names are read where they are defined: `MORTISE_REGIONS = 1 << 0,`. */
static void read_names(struct drawing *drawing, const struct registry *registry)
{
    size_t length;
    const char *text =
        file_read(mem_format("%s/mortise/core/facts.h", registry->include), TEXT_LIMIT, &length);
    while (text != NULL && *text != '\0') {
        const size_t n = strcspn(text, "\n");
        char name[32];
        unsigned bit;
        if (sscanf(text, " MORTISE_%31[A-Z_] = 1 << %u", name, &bit) == 2 && bit < 32) {
            drawing->facts = mem_more(drawing->facts, drawing->fact_count, sizeof *drawing->facts);
            char *copy = mem_text(name, strlen(name));
            for (char *c = copy; *c != '\0'; c++)
                *c = (char)tolower((unsigned char)*c);
            drawing->facts[drawing->fact_count++] = (struct fact){copy, 1u << bit};
        }
        text += n + (text[n] == '\n');
    }
}

/* The lines of emit_facts() in an assembly. */
static void read_facts(struct drawing *drawing, const char *text)
{
    while ((text = strstr(text, "->fact ")) != NULL) {
        text += strlen("->fact ");
        const size_t n = strcspn(text, " ");
        char *end;
        const long long needs = strtoll(text + n, &end, 10);
        const long long facts = strtoll(end, NULL, 10);
        for (size_t i = 0; i < drawing->model->count; i++) {
            struct draw_word *word = &drawing->words[i];
            if (strlen(word->use->instance) == n && memcmp(word->use->instance, text, n) == 0) {
                word->needs = (unsigned)needs;
                word->facts = (unsigned)facts;
            }
        }
    }
}

bool draw_find_facts(struct drawing *drawing, const struct compiler *compiler,
                     const struct registry *registry, struct diags *diags)
{
    struct work work;
    if (!work_begin(&work, NULL, diags))
        return false;
    const char *path = mem_format("%s/facts.s", work.folder);
    size_t length;
    const bool fits =
        compile(compiler, drawing->model, registry, &work, COMPILE_FACTS, path, diags);
    const char *text = fits ? file_read(path, TEXT_LIMIT, &length) : NULL;
    if (text != NULL) {
        read_names(drawing, registry);
        read_facts(drawing, text);
    }
    work_end(&work);
    return fits;
}
