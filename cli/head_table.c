/* SPDX-License-Identifier: MIT */
#include "head_table.h"

#include <string.h>

#include "mem.h"
#include "model.h"
#include "text.h"

enum { COLUMN_NAME, COLUMN_TYPE, COLUMN_DEFAULT, COLUMN_RANGE, COLUMN_MEANING, COLUMN_COUNT };

static const char *const titles[COLUMN_COUNT] = {"name", "type", "default", "range", "meaning"};

static const char *const types[] = {"int", "size", "bool", "range", "name", "arguments"};

/* Columns are separated by two or more spaces; the last one takes the rest of the line. */
static size_t split_row(const char *row, const char *columns[COLUMN_COUNT])
{
    size_t count = 0;
    while (*row != '\0' && count < COLUMN_COUNT) {
        const char *gap = count == COLUMN_MEANING ? NULL : strstr(row, "  ");
        const size_t n = gap == NULL ? strlen(row) : (size_t)(gap - row);
        columns[count++] = mem_text(row, n);
        row += n + strspn(row + n, " ");
    }
    return count;
}

static bool bad(const char **problem, const char *row, const char *what)
{
    *problem = mem_format("table of parameters: %s: '%s'", what, text_quote(row, strlen(row)));
    return false;
}

/* `LO..HI` */
static bool parse_limits(const char *s, struct param *param)
{
    param->low = 0;
    param->high = UINT64_MAX;
    if (strcmp(s, "-") == 0)
        return true;
    const char *dots = strstr(s, "..");
    return dots != NULL && model_size(s, (size_t)(dots - s), &param->low) == SIZE_OK &&
           model_size(dots + 2, strlen(dots + 2), &param->high) == SIZE_OK &&
           param->low <= param->high;
}

static enum param_type type_of(const char *text)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(text, types[i]) == 0)
            return (enum param_type)i;
    return PARAM_SLOT;
}

static bool parse_row(const char *row, struct head *head, const char **problem)
{
    const char *columns[COLUMN_COUNT];
    if (split_row(row, columns) != COLUMN_COUNT)
        return bad(problem, row, "a row has not five columns");
    const char *name = columns[COLUMN_NAME];
    const char *type = columns[COLUMN_TYPE];
    if (!text_is_name(name, strlen(name)))
        return bad(problem, name, "not a name");
    if (head_param(head, name) != NULL)
        return bad(problem, name, "a parameter is listed twice");
    if (!text_is_name(type, strlen(type)))
        return bad(problem, type, "not a type");
    head->params = mem_more(head->params, head->param_count, sizeof *head->params);
    struct param *param = &head->params[head->param_count++];
    *param = (struct param){.name = name,
                            .type = type_of(type),
                            .type_text = type,
                            .standard = columns[COLUMN_DEFAULT],
                            .range = columns[COLUMN_RANGE],
                            .meaning = columns[COLUMN_MEANING]};
    const bool limited =
        param->type == PARAM_INT || param->type == PARAM_SIZE || param->type == PARAM_RANGE;
    if (limited && !parse_limits(param->range, param))
        return bad(problem, param->range, "a range is written LO..HI");
    return true;
}

static bool check_titles(const char *row, const char **problem)
{
    const char *columns[COLUMN_COUNT];
    bool right = split_row(row, columns) == COLUMN_COUNT;
    for (size_t i = 0; right && i < COLUMN_COUNT; i++)
        right = strcmp(columns[i], titles[i]) == 0;
    return right || bad(problem, row, "the titles are name, type, default, range, meaning");
}

/* A line more of the last row. Names that go on from the line before come first. */
static void continue_row(const char *line, struct param *param)
{
    const size_t length = strlen(param->range);
    if (length != 0 && param->range[length - 1] == '|') {
        const char *gap = strstr(line, "  ");
        const size_t n = gap == NULL ? strlen(line) : (size_t)(gap - line);
        param->range = text_join(param->range, "", mem_text(line, n));
        line += n + strspn(line + n, " ");
    }
    if (*line != '\0')
        param->meaning = text_join(param->meaning, " ", line);
}

bool head_table_parse(const char *text, struct head *head, const char **problem)
{
    if (strcmp(text, "none") == 0 || strcmp(text, "none.") == 0)
        return true;
    size_t margin = 0;
    bool titled = false;
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n");
        const char *row = mem_text(text, n);
        text += n + (text[n] == '\n');
        const size_t indent = strspn(row, " ");
        row += indent;
        if (*row == '\0')
            continue;
        if (!titled) {
            margin = indent;
            titled = true;
            if (!check_titles(row, problem))
                return false;
        } else if (indent > margin && head->param_count != 0) {
            continue_row(row, &head->params[head->param_count - 1]);
        } else if (!parse_row(row, head, problem)) {
            return false;
        }
    }
    return true;
}
