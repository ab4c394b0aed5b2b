/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <ctype.h>
#include <string.h>

#include "mem.h"

/* Past a string or a character; at its end, or at the end of the line. */
static const char *skip_quoted(const char *at)
{
    const char quote = *at++;
    while (*at != '\0' && *at != '\n' && *at != quote)
        at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
    return *at == quote ? at + 1 : at;
}

static bool is_continued(const char *at)
{
    return at[0] == '\\' && (at[1] == '\n' || (at[1] == '\r' && at[2] == '\n'));
}

/* n bytes to *plain, which moves on; nothing where only the length is asked. */
static void put(char **plain, const char *s, size_t n)
{
    if (*plain == NULL)
        return;
    memcpy(*plain, s, n);
    *plain += n;
}

/* The end of the line at lines->at (whole: of a directive, which goes on within a comment and after
 * a backslash); what stands there besides comments goes to `plain`, which may be NULL. */
static const char *read_line(struct lines *lines, bool whole, char *plain)
{
    const char *at = lines->at;
    while (*at != '\0' && (*at != '\n' || (whole && lines->comment))) {
        if (lines->comment) {
            lines->comment = strncmp(at, "*/", 2) != 0;
            at += lines->comment ? 1 : 2;
        } else if (strncmp(at, "/*", 2) == 0) {
            lines->comment = true;
            put(&plain, " ", 1);
            at += 2;
        } else if (strncmp(at, "//", 2) == 0) {
            at += strcspn(at, "\n");
        } else if (whole && is_continued(at)) {
            put(&plain, " ", 1);
            at += strcspn(at, "\n") + 1;
        } else {
            const char *end = *at == '"' || *at == '\'' ? skip_quoted(at) : at + 1;
            put(&plain, at, (size_t)(end - at));
            at = end;
        }
    }
    return *at == '\n' ? at + 1 : at;
}

static const char *skip_space(const char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    return s;
}

static const char *without_space(const char *s)
{
    s = skip_space(s);
    size_t n = strlen(s);
    while (n != 0 && isspace((unsigned char)s[n - 1]))
        n--;
    return mem_text(s, n);
}

bool line_next(struct lines *lines, struct line *line)
{
    memset(line, 0, sizeof *line);
    if (*lines->at == '\0')
        return false;
    line->text = lines->at;
    const bool whole = !lines->comment && line->text[strspn(line->text, " \t")] == '#';
    struct lines ahead = *lines;
    line->length = (size_t)(read_line(&ahead, whole, NULL) - line->text);
    char *plain = mem_get(line->length + 1);
    lines->at = read_line(lines, whole, plain);
    const char *first = skip_space(plain);
    line->code = *first != '\0';
    if (whole) {
        first = skip_space(first + 1);
        const size_t n = strspn(first, "abcdefghijklmnopqrstuvwxyz_");
        line->directive = mem_text(first, n);
        line->rest = without_space(first + n);
    }
    return true;
}
