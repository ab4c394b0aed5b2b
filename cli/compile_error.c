/* SPDX-License-Identifier: MIT */
#include "compile_error.h"

#include <string.h>
#include <sys/wait.h>

#include "mem.h"
#include "text.h"

enum { LINES_SHOWN = 6 };

static const char *after(const char *s, const char *prefix)
{
    const size_t n = strlen(prefix);
    return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

/* Takes quotes from around a message. */
static const char *unquote(const char *s)
{
    const size_t n = strlen(s);
    return n >= 2 && s[0] == '"' && s[n - 1] == '"' ? mem_text(s + 1, n - 2) : s;
}

/* gcc: static assertion failed: "M"; clang 13 to 15: static_assert failed due to requirement 'E'
 * "M"; clang 16 on: static assertion failed due to requirement 'E': M. The requirement is C and
 * may hold quotes of its own, so the message is what follows the last ' of it. */
static const char *assertion(const char *line)
{
    const char *rest = after(line, "static assertion failed: ");
    if (rest != NULL)
        return unquote(rest);
    rest = after(line, "static_assert failed ");
    if (rest == NULL)
        rest = after(line, "static assertion failed ");
    if (rest == NULL)
        return NULL;
    const char *requirement = after(rest, "due to requirement '");
    if (requirement == NULL)
        return unquote(rest);
    const char *quoted = strstr(requirement, "' \"");
    if (quoted != NULL)
        return unquote(quoted + 2);
    const char *plain = strstr(requirement, "': ");
    return plain != NULL ? plain + 3 : requirement;
}

const char *compile_error_message(const char *output)
{
    for (const char *line = output; *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        const char *one = mem_text(line, n);
        line += n + (line[n] == '\n');
        const char *error = strstr(one, "error: ");
        if (error == NULL)
            continue;
        error += strlen("error: ");
        const char *message = assertion(error);
        if (message == NULL && (message = after(error, "#error ")) != NULL)
            message = unquote(message);
        /* clang says only the text of an #error, in quotes if the text has them */
        if (message == NULL && error[0] == '"')
            message = unquote(error);
        const char *bare = message == NULL ? NULL : after(message, "mortise: ");
        return bare == NULL ? message : bare;
    }
    return NULL;
}

/* The word of the model that a message names first. */
static const struct use *named_use(const struct model *model, const char *message)
{
    for (const char *s = message; *s != '\0';) {
        size_t n = 0;
        while (text_is_name(s, n + 1) || (n != 0 && s[n] >= '0' && s[n] <= '9'))
            n++;
        for (size_t i = 0; n != 0 && i < model->count; i++)
            if (strlen(model->uses[i].instance) == n && strncmp(model->uses[i].instance, s, n) == 0)
                return &model->uses[i];
        s += n == 0 ? 1 : n;
    }
    return NULL;
}

/* Whether a line of the output says nothing about the mistake itself. */
static bool is_noise(const char *line)
{
    return *line == '\0' || after(line, "In file included from ") != NULL ||
           after(line, "                 from ") != NULL ||
           after(line, "compilation terminated") != NULL;
}

/* Where the first line with an error begins: warnings before it could fill all that is shown. What
 * has none, such as a linker's words, is shown from its beginning. */
static const char *first_error(const char *output)
{
    for (const char *line = output; *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        if (strstr(mem_text(line, n), "error: ") != NULL)
            return line;
        line += n + (line[n] == '\n');
    }
    return output;
}

static const char *first_lines(const char *output)
{
    const char *lines = NULL;
    output = first_error(output);
    for (unsigned shown = 0; *output != '\0' && shown < LINES_SHOWN;) {
        const size_t n = strcspn(output, "\n");
        const char *line = mem_text(output, n);
        output += n + (output[n] == '\n');
        if (is_noise(line))
            continue;
        lines = text_join(lines, "\n", text_escape(line));
        shown++;
    }
    return lines;
}

/* `MISTAKE: REMEDY`, where the mistake is more than the name of a layer, takes two lines. */
static void report_message(const struct model *model, const char *message, struct diags *diags)
{
    const char *colon = NULL;
    for (const char *s = strstr(message, ": "); s != NULL; s = strstr(s + 1, ": "))
        colon = s;
    if (colon != NULL && memchr(message, ' ', (size_t)(colon - message)) == NULL)
        colon = NULL;
    const char *mistake = colon == NULL ? message : mem_text(message, (size_t)(colon - message));
    const struct use *use = named_use(model, message);
    struct diag *diag = use != NULL ? diag_at(diags, use->span.at, use->span.length, "%s", mistake)
                                    : diag_add(diags, "%s", mistake);
    diag->help = colon == NULL ? NULL : colon + 2;
}

void compile_error(const struct compiler *compiler, const struct model *model,
                   const struct process_result *result, struct diags *diags)
{
    const char *name = compiler->command[0];
    if (result->error != 0) {
        diag_add(diags, "cannot run '%s': %s", text_escape(name), strerror(result->error));
        return;
    }
    const char *message = compile_error_message(result->output);
    if (message != NULL) {
        report_message(model, text_escape(message), diags);
        return;
    }
    if (WIFSIGNALED(result->status))
        diag_add(diags, "%s was ended by signal %d", text_escape(name), WTERMSIG(result->status))
            ->help = first_lines(result->output);
    else
        diag_add(diags, "%s cannot compile the model", text_escape(name))->help =
            first_lines(result->output);
}
