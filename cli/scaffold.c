/* SPDX-License-Identifier: MIT */
#include "scaffold.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { FILE_LIMIT = 1024 * 1024 };

#define LAYER_ORIGIN "count"
#define LAYER_BENEATH "tlsf_glk"

static const struct param *slot_param(const struct word *word, const char *slot)
{
    for (size_t i = 0; i < word->head.param_count; i++) {
        const struct param *param = &word->head.params[i];
        if (param->type == PARAM_SLOT && strcmp(param->type_text, slot) == 0)
            return param;
    }
    return NULL;
}

/* A word that has the slot, tlsf_glk if that is one, and its parameter; NULL: none has it. */
static const struct word *slot_user(const struct registry *registry, const char *slot,
                                    const struct param **param)
{
    static const enum kind kinds[] = {KIND_LAYER, KIND_SYSTEM, KIND_SOCKET};
    const struct word *beneath = registry_find(registry, KIND_LAYER, NULL, LAYER_BENEATH);
    if (beneath != NULL && (*param = slot_param(beneath, slot)) != NULL)
        return beneath;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (size_t i = 0; i < registry->count; i++) {
            const struct word *word = &registry->words[i];
            if (word->kind == kinds[k] && !word->user && (*param = slot_param(word, slot)) != NULL)
                return word;
        }
    return NULL;
}

const struct word *scaffold_origin(const struct registry *registry, enum kind kind,
                                   const char *slot, struct diags *diags)
{
    const struct param *param;
    const struct word *origin = NULL;
    if (kind == KIND_LAYER)
        origin = registry_find(registry, KIND_LAYER, NULL, LAYER_ORIGIN);
    else if (slot_user(registry, slot, &param) != NULL)
        origin = registry_find(registry, KIND_POLICY, slot, param->standard);
    if (origin == NULL)
        diag_add(diags, "there is no %s to begin a new one with",
                 kind == KIND_LAYER ? "layer '" LAYER_ORIGIN "'"
                                    : mem_format("default member of '%s'", slot));
    return origin;
}

/* One identifier under its new name: NAME stands for the word in the names of functions, types,
 * parameters and guards, and nowhere else. */
static const char *renamed(const struct word *origin, const char *name, const char *identifier)
{
    const char *const stems[][2] = {
        {mem_format("mortise_%s", origin->name), mem_format("mortise_%s", name)},
        {text_upper(origin->name), text_upper(name)},
        {mem_format("MORTISE_POLICY_%s_%s", text_upper(origin->slot == NULL ? "" : origin->slot),
                    text_upper(origin->name)),
         mem_format("MORTISE_POLICY_%s_%s", text_upper(origin->slot == NULL ? "" : origin->slot),
                    text_upper(name))}};
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) {
        const size_t n = strlen(stems[i][0]);
        if (strncmp(identifier, stems[i][0], n) == 0 &&
            (identifier[n] == '_' || (identifier[n] == '\0' && i != 1)))
            return mem_format("%s%s", stems[i][1], identifier + n);
    }
    return identifier;
}

static void put_renamed(const struct word *origin, const char *name, const char *text, size_t n,
                        FILE *out)
{
    for (const char *end = text + n; text < end;) {
        size_t length = 0;
        while (text + length < end && (isalnum((unsigned char)text[length]) || text[length] == '_'))
            length++;
        if (length != 0)
            fputs(renamed(origin, name, mem_text(text, length)), out);
        else
            fputc(*text, out);
        text += length != 0 ? length : 1;
    }
}

/* " * Key: ", of the head comment. */
static bool is_section(const char *line)
{
    if (strncmp(line, " * ", 3) != 0 || !isupper((unsigned char)line[3]))
        return false;
    return line[3 + strspn(line + 3, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] ==
           ':';
}

/* The rest of what the line at `text` begins: up to a section, an empty line or the end. */
static const char *skip_rest(const char *text)
{
    do
        text += strcspn(text, "\n") + 1;
    while (strncmp(text, " * ", 3) == 0 && !is_section(text));
    return text;
}

/* The head comment says whose copy it is, and claims neither wins nor a source. Returns what
 * follows it. */
static const char *put_head(const struct word *origin, const char *name, const char *text,
                            FILE *out)
{
    const char *title = mem_format(" * %s - ", origin->name);
    bool inside = false;
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n") + 1;
        if (!inside && strncmp(text, title, strlen(title)) == 0) {
            inside = true;
            fprintf(out, " * %s - begun as a copy of %s\n", name, origin->name);
            text = skip_rest(text);
        } else if (inside && strncmp(text, " * Wins:", 8) == 0) {
            fputs(" * Wins: none yet\n", out);
            text = skip_rest(text);
        } else if (inside && strncmp(text, " * Source:", 10) == 0) {
            text = skip_rest(text);
        } else {
            fwrite(text, 1, n, out);
            text += n;
            if (inside && strncmp(text - n, " */", 3) == 0)
                break;
        }
    }
    return text;
}

/* An #include of a neighbouring file by its full name. */
static bool put_include(const struct registry *registry, const struct word *origin,
                        const char *line, FILE *out)
{
    static const char start[] = "#include \"";
    if (strncmp(line, start, sizeof start - 1) != 0)
        return false;
    const char *name = line + sizeof start - 1;
    const char *path =
        file_resolve(mem_format("%.*s/%.*s", (int)(strrchr(origin->path, '/') - origin->path),
                                origin->path, (int)strcspn(name, "\"\n"), name));
    if (path == NULL)
        return false;
    fprintf(out, "#include <%s>\n", registry_shown(registry, path));
    return true;
}

static const char *close_text(FILE *out, char **text, const size_t *length)
{
    if (out == NULL || fclose(out) != 0) {
        perror("mortise");
        exit(2);
    }
    const char *copy = mem_text(*text, *length);
    free(*text);
    return copy;
}

const char *scaffold_header(const struct registry *registry, const struct word *origin,
                            const char *name, bool apart)
{
    size_t length;
    const char *text = file_read(origin->path, FILE_LIMIT, &length);
    if (text == NULL)
        return NULL;
    char *result;
    FILE *out = open_memstream(&result, &length);
    if (out == NULL)
        return NULL;
    text = put_head(origin, name, text, out);
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n");
        if (!apart || !put_include(registry, origin, text, out))
            put_renamed(origin, name, text, n + (text[n] == '\n'), out);
        text += n + (text[n] == '\n');
    }
    return close_text(out, &result, &length);
}

const char *scaffold_member_test(const struct word *origin, const char *name, const char *text)
{
    char *result;
    size_t length;
    FILE *out = open_memstream(&result, &length);
    if (out == NULL)
        return NULL;
    const char *member = mem_format(" %s\n", origin->name);
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n") + 1;
        const size_t tail = strlen(member);
        if (strncmp(text, "#define ", 8) == 0 && n > tail &&
            strncmp(text + n - tail, member, tail) == 0)
            fprintf(out, "%.*s %s\n", (int)(n - tail), text, name);
        else
            put_renamed(origin, name, text, n, out);
        text += n;
    }
    return close_text(out, &result, &length);
}

/* A policy stands where a word has its slot. */
struct stand {
    const struct word *user;
    const char *define;
};

static void put_layer(const char *name, const char *include, const struct stand *stand, FILE *out)
{
    const bool here = stand->user != NULL && strcmp(stand->user->name, name) == 0;
    fprintf(out, "#define LAYER %s\n%s#include %s\n", name, here ? stand->define : "", include);
}

/* The stack that the test is about. */
static void put_composition(const struct registry *registry, const struct word *origin,
                            const char *name, const char *include, FILE *out)
{
    struct stand stand = {NULL, ""};
    const char *system = "mmap_heap";
    const char *third = NULL;
    if (origin->kind == KIND_LAYER) {
        third = name;
    } else {
        const struct param *param = NULL;
        stand.user = slot_user(registry, origin->slot, &param);
        stand.define = mem_format("#define %s_%s %s\n", text_upper(stand.user->name),
                                  text_upper(param->name), name);
        if (stand.user->kind == KIND_SYSTEM)
            system = stand.user->name;
        else if (stand.user->kind == KIND_LAYER && strcmp(stand.user->name, LAYER_BENEATH) != 0)
            third = stand.user->name;
        include = third == NULL ? NULL : mem_format("<mortise/layer/%s.h>", third);
    }
    fputs("#define COMPOSITION sample\n", out);
    put_layer(system, mem_format("<mortise/heap/%s.h>", system), &stand, out);
    put_layer(LAYER_BENEATH, "<mortise/layer/" LAYER_BENEATH ".h>", &stand, out);
    if (third != NULL)
        put_layer(third, include, &stand, out);
    fprintf(out, "LAYER_COMPOSE(sample, %s, " LAYER_BENEATH "%s%s)\n", system,
            third == NULL ? "" : ", ", third == NULL ? "" : third);
    fputs("#define MALLOC_SOCKET_INTERPOSE 0\n", out);
    if (stand.user != NULL && stand.user->kind == KIND_SOCKET)
        fputs(stand.define, out);
    fputs("#include <mortise/socket/malloc_socket.h>\n", out);
    if (origin->kind == KIND_LAYER)
        fprintf(out,
                "\n#define OWN_ALLOCS sample_default.%s.allocs\n"
                "#define OWN_FREES sample_default.%s.frees\n",
                name, name);
}

/* The test without the condition in it, and without what stands there where it is no layer's. */
static void put_rest(const char *text, bool layer, FILE *out)
{
    static const char begin[] = "#ifdef OWN_ALLOCS\n";
    static const char end[] = "#endif\n";
    const char *own = strstr(text, begin);
    const char *after = strstr(own, end);
    fwrite(text, 1, (size_t)(own - text), out);
    own += sizeof begin - 1;
    if (layer)
        fwrite(own, 1, (size_t)(after - own), out);
    fputs(after + sizeof end - 1, out);
}

const char *scaffold_test(const struct registry *registry, const struct word *origin,
                          const char *name, const char *include)
{
    static const char place[] = "#include \"composition.h\"\n";
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return NULL;
    const char *at = strstr(embedded_test, place);
    fwrite(embedded_test, 1, (size_t)(at - embedded_test), out);
    put_composition(registry, origin, name, include, out);
    put_rest(at + sizeof place - 1, origin->kind == KIND_LAYER, out);
    const char *whole = close_text(out, &text, &length);
    out = open_memstream(&text, &length);
    if (out == NULL)
        return NULL;
    static const char word[] = "sample";
    for (const char *next; (next = strstr(whole, word)) != NULL; whole = next + sizeof word - 1)
        fprintf(out, "%.*s%s", (int)(next - whole), whole, name);
    fputs(whole, out);
    return close_text(out, &text, &length);
}
