/* SPDX-License-Identifier: MIT */
#include "amalgam.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amalgam_if.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { DEPTH_LIMIT = 64, FILE_LIMIT = 16 * 1024 * 1024 };

struct amalgam {
    const struct registry *registry;
    struct diags *diags;
    struct conditions conditions;
    const char **seen; /* files that are in the text already */
    size_t seen_count;
    int depth;
};

/* A file on its way into the text. */
struct part {
    const char *path;  /* NULL: the C of the model itself */
    const char *shown; /* without the folders of this machine */
    bool again;        /* it was there before: its head comment is known */
    bool code;         /* more than comments came of it */
    bool blank;        /* an empty line waits for a line to stand before */
    bool left;         /* another file stands between the last line and the next */
    bool guarded;      /* an #endif is due at its end */
    FILE *out;
};

static bool add_line(struct amalgam *amalgam, struct part *part, const struct line *line);
static bool add_text(struct amalgam *amalgam, struct part *part, const char *text);

/* mortise/policy/SLOT/MEMBER.h or mortise/policy/SLOT.h of a user. */
static const char *find_policy(const struct registry *registry, const char *name)
{
    for (size_t i = 0; i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        const bool member = word->kind == KIND_POLICY;
        if (word->user && (member || word->kind == KIND_SLOT) &&
            strcmp(name, mem_format("mortise/policy/%s%s%s.h", member ? word->slot : "",
                                    member ? "/" : "", word->name)) == 0)
            return word->path;
    }
    return NULL;
}

/* <time.h> is the system's, though a word of the user may be called time: for the compiler too. */
static bool is_users_word(const struct registry *registry, const char *path)
{
    const char *resolved = file_resolve(path);
    for (size_t i = 0; resolved != NULL && i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        const char *of_word = word->user ? file_resolve(word->path) : NULL;
        if (of_word != NULL && strcmp(of_word, resolved) == 0)
            return true;
    }
    return false;
}

/* The header that <name> or "name" means in `from`, an absolute path; NULL: one of the system. */
static const char *find_header(const struct registry *registry, const char *name, bool quoted,
                               const char *from)
{
    if (*name == '/')
        return file_resolve(name);
    if (quoted && from != NULL) {
        const char *near = mem_format("%.*s/%s", (int)(strrchr(from, '/') - from), from, name);
        if (file_is_regular(near))
            return file_resolve(near);
    }
    const char *path = find_policy(registry, name);
    if (path != NULL)
        return file_resolve(path);
    for (size_t i = 0; i <= registry->folder_count; i++) {
        path = mem_format("%s/%s", i == 0 ? registry->include : registry->folders[i - 1], name);
        if (file_is_regular(path) &&
            (quoted || strchr(name, '/') != NULL || !is_users_word(registry, path)))
            return file_resolve(path);
    }
    return NULL;
}

/* The path in MORTISE_POLICY(slot, member), whose member may be a macro; NULL if it is not known.
 */
static const char *computed(const struct macros *macros, const char *text)
{
    static const char call[] = "MORTISE_POLICY(";
    if (strncmp(text, call, sizeof call - 1) != 0)
        return NULL;
    text += sizeof call - 1;
    const size_t comma = strcspn(text, ",");
    const char *member = text + comma + (text[comma] == ',');
    member += strspn(member, " \t");
    member = mem_text(member, strcspn(member, " \t)"));
    for (unsigned i = 0; i < 16; i++) {
        const struct macro macro = macro_find(macros, member);
        if (macro.kind == MACRO_UNKNOWN || (macro.kind == MACRO_DEFINED && macro.body == NULL))
            return NULL;
        if (macro.kind != MACRO_DEFINED)
            break;
        member = macro.body;
    }
    if (!text_is_name(member, strlen(member)))
        return NULL;
    return mem_format("mortise/policy/%.*s/%s.h", (int)comma, text, member);
}

static bool fail(struct amalgam *amalgam, const struct part *part, const char *what,
                 const char *detail)
{
    diag_add(amalgam->diags, "'%s' cannot be put into one file: %s%s%s", text_escape(part->shown),
             what, *detail == '\0' ? "" : " ", text_escape(detail));
    return false;
}

static bool was_seen(struct amalgam *amalgam, const char *path)
{
    for (size_t i = 0; i < amalgam->seen_count; i++)
        if (strcmp(amalgam->seen[i], path) == 0)
            return true;
    amalgam->seen = mem_more(amalgam->seen, amalgam->seen_count, sizeof *amalgam->seen);
    amalgam->seen[amalgam->seen_count++] = path;
    return false;
}

static void write_line(struct part *part, const char *text, size_t length)
{
    if (part->blank || part->left)
        fputc('\n', part->out);
    if (part->left && part->path != NULL)
        fprintf(part->out, "/* ---- %s goes on */\n", part->shown);
    part->blank = false;
    part->left = false;
    fwrite(text, 1, length, part->out);
}

/* What a header takes back at its end was not there at its beginning. */
static void assume_undefined(struct macros *macros, const char *text)
{
    struct lines lines = {text, false};
    struct line line;
    while (line_next(&lines, &line))
        if (line.directive != NULL && strcmp(line.directive, "undef") == 0 &&
            macro_find(macros, line.rest).kind == MACRO_UNTOUCHED)
            macro_set(macros, line.rest, MACRO_UNDEFINED, NULL);
}

static void set_depth(struct amalgam *amalgam, int depth)
{
    amalgam->depth = depth;
    macro_set(&amalgam->conditions.macros, "__INCLUDE_LEVEL__", MACRO_DEFINED,
              mem_format("%d", depth));
}

static bool add_file(struct amalgam *amalgam, struct part *from, const char *path)
{
    size_t length;
    const char *text = file_read(path, FILE_LIMIT, &length);
    if (text == NULL)
        return fail(amalgam, from, strerror(errno), path);
    if (amalgam->depth == DEPTH_LIMIT)
        return fail(amalgam, from, "headers include each other without end", "");
    assume_undefined(&amalgam->conditions.macros, text);
    char *inner;
    size_t size;
    struct part part = {.path = path, .shown = registry_shown(amalgam->registry, path)};
    part.again = was_seen(amalgam, path);
    part.out = open_memstream(&inner, &size);
    if (part.out == NULL)
        return fail(amalgam, from, strerror(errno), "");
    set_depth(amalgam, amalgam->depth + 1);
    const bool added = add_text(amalgam, &part, text);
    set_depth(amalgam, amalgam->depth - 1);
    if (fclose(part.out) != 0)
        return fail(amalgam, from, strerror(errno), "");
    if (added && part.code) {
        fprintf(from->out, "\n/* ---- %s */\n", part.shown);
        fwrite(inner, 1, size, from->out);
        from->left = true;
        from->blank = false;
        from->code = true;
    }
    free(inner);
    return added;
}

static bool include(struct amalgam *amalgam, struct part *part, const struct line *line)
{
    const char *rest = line->rest;
    const bool quoted = *rest == '"';
    const char *name = quoted || *rest == '<'
                           ? mem_text(rest + 1, strcspn(rest + 1, quoted ? "\"" : ">"))
                           : computed(&amalgam->conditions.macros, rest);
    if (name == NULL)
        return fail(amalgam, part, "the file is not known that is meant by #include", rest);
    const char *path = find_header(amalgam->registry, name, quoted, part->path);
    if (path != NULL)
        return add_file(amalgam, part, path);
    if (strncmp(name, "mortise/", 8) == 0)
        return fail(amalgam, part, "there is no", name);
    write_line(part, line->text, line->length);
    part->code = true;
    return true;
}

static void define(struct macros *macros, const char *rest)
{
    const size_t n = strcspn(rest, "( \t");
    const char *body = rest + n + strspn(rest + n, " \t");
    macro_set(macros, mem_text(rest, n), MACRO_DEFINED, rest[n] == '(' ? NULL : body);
}

/* #pragma once says nothing in the middle of a file: the guard that it stands for. */
static bool open_guard(struct amalgam *amalgam, struct part *part)
{
    char *name = mem_format("MORTISE_ONCE_%s", text_upper(part->shown));
    for (char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    const char *test = mem_format("#ifndef %s\n", name);
    const char *mark = mem_format("#define %s\n", name);
    const struct line lines[] = {{test, strlen(test), true, "ifndef", name},
                                 {mark, strlen(mark), true, "define", name}};
    part->guarded = true;
    return add_line(amalgam, part, &lines[0]) && add_line(amalgam, part, &lines[1]);
}

/* A directive in a place that may be compiled. */
static bool add_directive(struct amalgam *amalgam, struct part *part, const struct line *line)
{
    struct macros *macros = &amalgam->conditions.macros;
    if (strcmp(line->directive, "include") == 0)
        return include(amalgam, part, line);
    if (strcmp(line->directive, "define") == 0) {
        define(macros, line->rest);
    } else if (strcmp(line->directive, "undef") == 0) {
        const bool was = macro_find(macros, line->rest).kind != MACRO_UNDEFINED;
        macro_set(macros, line->rest, MACRO_UNDEFINED, NULL);
        if (!was)
            return true;
    } else if (strcmp(line->directive, "pragma") == 0 && strcmp(line->rest, "once") == 0) {
        return open_guard(amalgam, part);
    }
    write_line(part, line->text, line->length);
    part->code = true;
    return true;
}

static bool add_condition(struct amalgam *amalgam, struct part *part, const struct line *line,
                          bool *was)
{
    const char *text;
    *was = conditions_follow(&amalgam->conditions, line, &text);
    if (!*was || *text == '\0')
        return true;
    if (strstr(text, "__INCLUDE_LEVEL__") != NULL)
        return fail(amalgam, part, "in one file there is no", "__INCLUDE_LEVEL__");
    write_line(part, text, strlen(text));
    return true;
}

static bool add_line(struct amalgam *amalgam, struct part *part, const struct line *line)
{
    bool was = false;
    if (line->directive != NULL && !add_condition(amalgam, part, line, &was))
        return false;
    if (was || !amalgam->conditions.live)
        return true;
    if (line->directive != NULL)
        return add_directive(amalgam, part, line);
    const bool empty = strspn(line->text, " \t\r\n") == line->length;
    const bool licence = strncmp(line->text, "/* SPDX-License-Identifier: MIT", 31) == 0;
    if (empty)
        part->blank = ftell(part->out) > 0;
    else if (!licence && !(part->again && !part->code && !line->code))
        write_line(part, line->text, line->length);
    part->code = part->code || line->code;
    return true;
}

static bool add_text(struct amalgam *amalgam, struct part *part, const char *text)
{
    static const struct line close = {"#endif\n", 7, true, "endif", ""};
    struct lines lines = {text, false};
    struct line line;
    const struct branch *around = amalgam->conditions.open;
    while (line_next(&lines, &line))
        if (!add_line(amalgam, part, &line))
            return false;
    if (part->guarded && !add_line(amalgam, part, &close))
        return false;
    if (amalgam->conditions.open != around)
        return fail(amalgam, part, "#if and #endif do not match", "");
    return true;
}

const char *amalgam(const char *c, const struct registry *registry, struct diags *diags)
{
    struct amalgam amalgam = {.registry = registry, .diags = diags, .conditions = {.live = true}};
    struct part part = {.shown = "the model"};
    char *text;
    size_t length;
    part.out = open_memstream(&text, &length);
    if (part.out == NULL) {
        fail(&amalgam, &part, strerror(errno), "");
        return NULL;
    }
    set_depth(&amalgam, 0);
    const bool added = add_text(&amalgam, &part, c);
    if (fclose(part.out) != 0 || !added) {
        if (added)
            fail(&amalgam, &part, strerror(errno), "");
        free(text);
        return NULL;
    }
    const char *copy = mem_text(text, length);
    free(text);
    return copy;
}
