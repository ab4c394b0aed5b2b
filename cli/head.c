/* SPDX-License-Identifier: MIT */
#include "head.h"

#include <string.h>

#include "head_table.h"
#include "mem.h"
#include "text.h"

/* A position in the text of a header. */
struct cursor {
    const char *at, *end;
};

static bool starts(struct cursor c, const char *word)
{
    const size_t n = strlen(word);
    return (size_t)(c.end - c.at) >= n && memcmp(c.at, word, n) == 0;
}

static const char *find(struct cursor c, const char *word)
{
    for (; c.at < c.end; c.at++)
        if (starts(c, word))
            return c.at;
    return NULL;
}

/* Finds the first block comment that holds more than the licence; only white space and comments
 * may stand before it. */
static bool find_comment(struct cursor *c)
{
    for (;;) {
        while (c->at < c->end && text_is_space(*c->at))
            c->at++;
        if (starts(*c, "//")) {
            while (c->at < c->end && *c->at != '\n')
                c->at++;
            continue;
        }
        if (!starts(*c, "/*"))
            return false;
        struct cursor inside = {c->at + 2, c->end};
        const char *close = find(inside, "*/");
        if (close == NULL)
            return false;
        inside.end = close;
        if (find(inside, "SPDX-") == NULL || find(inside, "\n") != NULL) {
            *c = inside;
            return true;
        }
        c->at = close + 2;
    }
}

/* The next line of a comment without its margin, its trailing white space, or NUL bytes. */
static const char *take_line(struct cursor *c, bool first)
{
    const char *newline = memchr(c->at, '\n', (size_t)(c->end - c->at));
    const char *end = newline == NULL ? c->end : newline;
    const char *begin = c->at;
    c->at = newline == NULL ? c->end : newline + 1;
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    if (!first && begin < end && *begin == '*') {
        begin++;
        if (begin < end && *begin == ' ')
            begin++;
    }
    while (end > begin && (text_is_space(end[-1]) || end[-1] == '\0'))
        end--;
    return mem_text(begin, (size_t)(end - begin));
}

/* `WORD - purpose` */
static bool parse_title(const char *line, struct head *head)
{
    const char *dash = strstr(line, " - ");
    if (dash == NULL || !text_is_name(line, (size_t)(dash - line)))
        return false;
    head->name = mem_text(line, (size_t)(dash - line));
    head->purpose = dash + 3;
    return true;
}

/* The length of KEY in a line that begins a section, `Key: text`; else 0. */
static size_t section_key(const char *line)
{
    if (!(line[0] >= 'A' && line[0] <= 'Z'))
        return 0;
    size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -");
    return n <= 24 && line[n] == ':' && (line[n + 1] == ' ' || line[n + 1] == '\0') ? n : 0;
}

static struct section *add_section(struct head *head, const char *key)
{
    head->sections = mem_more(head->sections, head->section_count, sizeof *head->sections);
    struct section *section = &head->sections[head->section_count++];
    section->key = key;
    section->text = NULL;
    return section;
}

/* Takes the indent that all lines share from each of them; the line that a key stands on has none
 * and does not count. */
static const char *take_indent(const char *text, bool first_counts)
{
    size_t indent = SIZE_MAX;
    bool counts = first_counts;
    for (const char *line = text; *line != '\0'; counts = true) {
        const size_t n = strcspn(line, "\n");
        const size_t spaces = strspn(line, " ");
        if (counts && n != 0 && spaces < indent)
            indent = spaces;
        line += n + (line[n] == '\n');
    }
    char *result = mem_get(strlen(text) + 1);
    char *to = result;
    counts = first_counts;
    for (const char *line = text; *line != '\0'; counts = true) {
        const size_t n = strcspn(line, "\n");
        const size_t skip = counts && n != 0 ? indent : 0;
        const size_t whole = n + (line[n] == '\n');
        memcpy(to, line + skip, whole - skip);
        to += whole - skip;
        line += whole;
    }
    return result;
}

/* Blank lines are kept between lines of a section, dropped at its ends. */
static void close_section(struct section *section, bool text_beside_key)
{
    if (section->text == NULL) {
        section->text = "";
        return;
    }
    const char *begin = section->text + strspn(section->text, "\n");
    size_t n = strlen(begin);
    while (n != 0 && begin[n - 1] == '\n')
        n--;
    section->text = take_indent(mem_text(begin, n), !text_beside_key);
}

static void split_sections(struct cursor *c, struct head *head)
{
    struct section *section = add_section(head, NULL);
    bool beside = false;
    while (c->at < c->end) {
        const char *line = take_line(c, false);
        const size_t n = section_key(line);
        if (n != 0) {
            close_section(section, beside);
            section = add_section(head, mem_text(line, n));
            line += n + 1 + strspn(line + n + 1, " ");
            beside = *line != '\0';
            section->text = beside ? line : NULL;
        } else {
            section->text = text_join(section->text, "\n", line);
        }
    }
    close_section(section, beside);
}

/* Takes the section Parameters out of the list and reads its table. */
static bool take_params(struct head *head, const char **problem)
{
    for (size_t i = 0; i < head->section_count; i++) {
        struct section *section = &head->sections[i];
        if (section->key == NULL || strcmp(section->key, "Parameters") != 0)
            continue;
        const char *table = section->text;
        memmove(section, section + 1, (head->section_count - i - 1) * sizeof *section);
        head->section_count--;
        return head_table_parse(table, head, problem);
    }
    return true;
}

bool head_parse(const char *text, size_t length, struct head *head, const char **problem)
{
    struct cursor c = {text, text + length};
    memset(head, 0, sizeof *head);
    if (!find_comment(&c))
        return true;
    const char *line = take_line(&c, true);
    while ((*line == '\0' || strncmp(line, "SPDX-", 5) == 0) && c.at < c.end)
        line = take_line(&c, false);
    if (!parse_title(line, head))
        return true;
    split_sections(&c, head);
    return take_params(head, problem);
}

const char *head_section(const struct head *head, const char *key)
{
    for (size_t i = 0; i < head->section_count; i++)
        if (head->sections[i].key != NULL && strcmp(head->sections[i].key, key) == 0)
            return head->sections[i].text;
    return NULL;
}

const struct param *head_param(const struct head *head, const char *name)
{
    for (size_t i = 0; i < head->param_count; i++)
        if (strcmp(head->params[i].name, name) == 0)
            return &head->params[i];
    return NULL;
}
