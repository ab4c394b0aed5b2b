/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool text_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool text_is_name(const char *s, size_t n)
{
    if (n == 0 || n > NAME_MAX_LENGTH || !is_letter(s[0]))
        return false;
    for (size_t i = 1; i < n; i++)
        if (!is_letter(s[i]) && !(s[i] >= '0' && s[i] <= '9'))
            return false;
    return true;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edit distance without regard to case, where two exchanged neighbours count as one mistake: the
 * commonest slip of a typist. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
    unsigned rows[3][NAME_MAX_LENGTH + 1];
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            const unsigned differs = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = least(above[j - 1] + differs, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    const size_t na = strlen(nearest->word);
    const size_t nb = strlen(candidate);
    if (na == 0 || na > NAME_MAX_LENGTH || nb > NAME_MAX_LENGTH)
        return;
    unsigned d = distance(nearest->word, na, candidate, nb);
    /* `tlsf` for `tlsf_glk` is an abbreviation: many edits, one idea. */
    if (na >= 3 && na < nb && distance(nearest->word, na, candidate, na) == 0)
        d = 1;
    if (d > (na + 2) / 3 || d >= na)
        return;
    if (nearest->best == NULL || d < nearest->distance) {
        nearest->best = candidate;
        nearest->distance = d;
    }
}

static size_t escape_into(char *to, char c)
{
    const bool plain = c >= ' ' && c <= '~';
    if (plain)
        *to = c;
    else
        snprintf(to, 5, "\\x%02x", (unsigned)(unsigned char)c);
    return plain ? 1 : 4;
}

static const char *escape(const char *s, size_t n, size_t limit)
{
    const bool cut = n > limit;
    if (cut)
        n = limit;
    char *text = mem_get(4 * n + 4);
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        at += escape_into(text + at, s[i]);
    memcpy(text + at, cut ? "..." : "", cut ? 4 : 1);
    return text;
}

const char *text_quote(const char *s, size_t n)
{
    return escape(s, n, 40);
}

const char *text_escape(const char *s)
{
    return escape(s, strlen(s), SIZE_MAX);
}

const char *text_html(const char *s)
{
    char *copy = mem_get(strlen(s) * 5 + 1), *at = copy;
    for (; *s != '\0'; s++) {
        const char *entity = *s == '<'   ? "&lt;"
                             : *s == '>' ? "&gt;"
                             : *s == '&' ? "&amp;"
                             : *s == '"' ? "&#34;"
                                         : NULL;
        if (entity == NULL)
            *at++ = *s;
        else
            at = stpcpy(at, entity);
    }
    return copy;
}

const char *text_upper(const char *s)
{
    char *upper = mem_text(s, strlen(s));
    for (char *c = upper; *c != '\0'; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    return upper;
}

const char *text_shell(const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./+,:@%=";
    if (*s != '\0' && s[strspn(s, plain)] == '\0')
        return s;
    char *quoted = mem_get(strlen(s) * 4 + 3), *at = quoted;
    *at++ = '\'';
    for (; *s != '\0'; s++) {
        if (*s == '\'')
            at = stpcpy(at, "'\\''");
        else
            *at++ = *s;
    }
    *at++ = '\'';
    *at = '\0';
    return quoted;
}

/* Copies one word of a command line to `to`; returns where it ends, or NULL at an open quote. */
static const char *split_one(const char *s, char *to)
{
    char quote = '\0';
    for (; *s != '\0' && (quote != '\0' || !text_is_space(*s)); s++) {
        if (*s == quote) {
            quote = '\0';
        } else if (quote == '\0' && (*s == '\'' || *s == '"')) {
            quote = *s;
        } else {
            if (*s == '\\' && quote != '\'' && s[1] != '\0')
                s++;
            *to++ = *s;
        }
    }
    return quote == '\0' ? s : NULL;
}

const char **text_split(const char *line, size_t *count)
{
    const char **words = NULL;
    size_t n = 0;
    while (text_is_space(*line))
        line++;
    while (*line != '\0') {
        char *word = mem_get(strlen(line) + 1);
        line = split_one(line, word);
        if (line == NULL)
            return NULL;
        words = mem_more(words, n, sizeof *words);
        words[n++] = word;
        while (text_is_space(*line))
            line++;
    }
    words = mem_more(words, n, sizeof *words);
    words[n] = NULL;
    *count = n;
    return words;
}

const char *text_join(const char *list, const char *separator, const char *text)
{
    return list == NULL ? text : mem_format("%s%s%s", list, separator, text);
}
