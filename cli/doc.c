/* SPDX-License-Identifier: MIT */
#include "doc.h"

#include <stdio.h>
#include <string.h>

#include "diag.h"
#include "mem.h"
#include "text.h"

enum { INDENT = 4, COLUMNS = 100, PARAM_COLUMNS = 4, LEAST_MEANING = 20, LONGEST_RANGE = 40 };

/* Bytes from 0x80 on pass, as the manual may be in any language; what could steer a terminal does
 * not. */
static void print_line(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        putchar((unsigned char)s[i] < ' ' || s[i] == 0x7f ? ' ' : s[i]);
    putchar('\n');
}

static void print_block(const char *text)
{
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n");
        printf("%*s", n == 0 ? 0 : INDENT, "");
        print_line(text, n);
        text += n + (text[n] == '\n');
    }
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Words of `text`, filled into lines that begin at `column`; the first line is there already. */
static void print_filled(const char *text, size_t column)
{
    const size_t room = column + LEAST_MEANING > COLUMNS ? LEAST_MEANING : COLUMNS - column;
    while (*text != '\0') {
        size_t n = strlen(text);
        if (n > room) {
            n = room;
            while (n != 0 && text[n] != ' ')
                n--;
            if (n == 0)
                n = strcspn(text, " ");
        }
        print_line(text, n);
        text += n + strspn(text + n, " ");
        if (*text != '\0')
            printf("%*s", (int)column, "");
    }
}

/* A list of names that would leave no room for the meaning, and so is put into it. */
static bool is_long(const char *range)
{
    return strlen(range) > LONGEST_RANGE && strchr(range, '|') != NULL;
}

static const char *meaning_of(const struct param *param)
{
    if (!is_long(param->range))
        return param->meaning;
    const char *text = param->meaning, *gap = "; one of ";
    for (const char *name = param->range; *name != '\0'; gap = ", ") {
        const size_t n = strcspn(name, "|");
        text = text_join(text, gap, mem_text(name, n));
        name += n + (name[n] == '|');
    }
    return text;
}

static void param_cells(const struct param *param, const char *cells[PARAM_COLUMNS])
{
    cells[0] = param->name;
    cells[1] = param->type_text;
    cells[2] = param->standard;
    cells[3] = is_long(param->range) ? "names" : param->range;
}

static void print_params(const struct head *head)
{
    static const char *const titles[PARAM_COLUMNS] = {"name", "type", "default", "range"};
    const char *cells[PARAM_COLUMNS];
    size_t widths[PARAM_COLUMNS];
    size_t column = INDENT;
    for (size_t c = 0; c < PARAM_COLUMNS; c++) {
        widths[c] = strlen(titles[c]);
        for (size_t i = 0; i < head->param_count; i++) {
            param_cells(&head->params[i], cells);
            widths[c] = larger(widths[c], strlen(cells[c]));
        }
        column += widths[c] + 2;
    }
    printf("\nParameters\n%*s", INDENT, "");
    for (size_t c = 0; c < PARAM_COLUMNS; c++)
        printf("%-*s  ", (int)widths[c], titles[c]);
    puts("meaning");
    for (size_t i = 0; i < head->param_count; i++) {
        param_cells(&head->params[i], cells);
        printf("%*s", INDENT, "");
        for (size_t c = 0; c < PARAM_COLUMNS; c++)
            printf("%-*s  ", (int)widths[c], cells[c]);
        print_filled(meaning_of(&head->params[i]), column);
    }
}

static void print_members(const struct registry *registry, const char *slot)
{
    puts("\nMembers");
    for (size_t i = 0; i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        if (word->kind == KIND_POLICY && strcmp(word->slot, slot) == 0 && registry_documented(word))
            printf("%*s%-16s%s\n", INDENT, "", word->name, text_escape(word->head.purpose));
    }
}

void doc_print(const struct registry *registry, const struct word *word, bool again)
{
    const struct head *head = &word->head;
    if (again)
        printf("\n%.*s\n\n", 72,
               "------------------------------------------------------------------------");
    printf("%s - ", word->name);
    print_line(head->purpose, strlen(head->purpose));
    if (word->kind == KIND_POLICY)
        printf("\nKind\n%*spolicy of %s\n", INDENT, "", word->slot);
    else
        printf("\nKind\n%*s%s\n", INDENT, "", registry_kind_text(word->kind));
    bool params_shown = head->param_count == 0;
    for (size_t i = 0; i < head->section_count; i++) {
        const struct section *section = &head->sections[i];
        if (*section->text == '\0' || (section->key != NULL && strcmp(section->key, "Kind") == 0))
            continue;
        /* The parameters stand where headers have them: before the fine print. */
        if (!params_shown && section->key != NULL && strcmp(section->key, "Needs") != 0 &&
            strcmp(section->key, "Offers") != 0) {
            print_params(head);
            params_shown = true;
        }
        printf("\n%s\n", section->key == NULL ? "Description" : section->key);
        print_block(section->text);
    }
    if (!params_shown)
        print_params(head);
    if (word->kind == KIND_SLOT)
        print_members(registry, word->name);
    printf("\nHeader\n%*s", INDENT, "");
    print_line(word->path, strlen(word->path));
    if (word->problem != NULL)
        printf("\nMistake in the head comment\n%*s%s\n", INDENT, "", text_escape(word->problem));
}

static json_t *params_json(const struct head *head)
{
    json_t *array = json_array();
    for (size_t i = 0; i < head->param_count; i++) {
        const struct param *param = &head->params[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", json_string(param->name));
        json_object_set_new(object, "type", json_string(param->type_text));
        json_object_set_new(object, "default", diag_json_text(param->standard));
        json_object_set_new(object, "range", diag_json_text(param->range));
        json_object_set_new(object, "meaning", diag_json_text(param->meaning));
        json_array_append_new(array, object);
    }
    return array;
}

json_t *doc_json(const struct registry *registry, const struct word *word)
{
    static const char *const kinds[] = {"system", "layer", "socket", "policy", "slot"};
    const struct head *head = &word->head;
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(word->name));
    json_object_set_new(object, "kind", json_string(kinds[word->kind]));
    json_object_set_new(object, "slot", diag_json_text(word->slot));
    json_object_set_new(object, "purpose", diag_json_text(head->purpose));
    json_object_set_new(object, "path", diag_json_text(word->path));
    json_object_set_new(object, "user", json_boolean(word->user));
    json_t *sections = json_object();
    for (size_t i = 0; i < head->section_count; i++)
        json_object_set_new(sections,
                            head->sections[i].key == NULL ? "Description" : head->sections[i].key,
                            diag_json_text(head->sections[i].text));
    json_object_set_new(object, "sections", sections);
    json_object_set_new(object, "parameters", params_json(head));
    json_t *members = json_array();
    for (size_t i = 0; word->kind == KIND_SLOT && i < registry->count; i++)
        if (registry->words[i].kind == KIND_POLICY &&
            strcmp(registry->words[i].slot, word->name) == 0)
            json_array_append_new(members, json_string(registry->words[i].name));
    json_object_set_new(object, "members", members);
    return object;
}
