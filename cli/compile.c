/* SPDX-License-Identifier: MIT */
#include "compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile_error.h"
#include "emit.h"
#include "file.h"
#include "mem.h"
#include "process.h"
#include "text.h"

/* A compiler must not turn the body of malloc into a call of malloc. The words linux and unix may
 * be names in a model, so they must not be macros. */
static const char *const common_flags[] = {
    "-std=gnu11",
    "-O3",
    "-fPIC",
    "-pthread",
    "-fvisibility=hidden",
    "-fno-semantic-interposition",
    "-fno-builtin-malloc",
    "-fno-builtin-calloc",
    "-fno-builtin-realloc",
    "-fno-builtin-free",
    "-fno-builtin-aligned_alloc",
    "-fno-builtin-memalign",
    "-fno-builtin-posix_memalign",
    "-Ulinux",
    "-Uunix",
    "-Wall",
    "-Wfatal-errors",
    NULL,
};

/* One mistake, one message: without the chain of macros that led to it. */
static const char *const gcc_flags[] = {"-ftrack-macro-expansion=0", NULL};
static const char *const clang_flags[] = {"-fmacro-backtrace-limit=1", "-fno-caret-diagnostics",
                                          NULL};

struct list {
    const char **items;
    size_t count;
};

static void push(struct list *list, const char *item)
{
    list->items = mem_more(list->items, list->count, sizeof *list->items);
    list->items[list->count++] = item;
}

static void push_all(struct list *list, const char *const *items)
{
    for (; *items != NULL; items++)
        push(list, *items);
}

const char *const *compile_flags(const struct compiler *compiler, size_t *count)
{
    struct list list = {NULL, 0};
    push_all(&list, common_flags);
    push_all(&list, compiler->clang ? clang_flags : gcc_flags);
    push_all(&list, compiler->cflags);
    push(&list, NULL);
    *count = list.count - 1;
    return list.items;
}

static const char **split_option(const char *option, const char *text, size_t *count,
                                 struct diags *diags)
{
    const char **words = text_split(text, count);
    if (words == NULL)
        diag_add(diags, "%s: a quote is left open: %s", option, text_escape(text));
    return words;
}

bool compiler_find(const struct compile_options *options, struct compiler *compiler, bool *missing,
                   struct diags *diags)
{
    const char *cc = options->cc != NULL ? options->cc : getenv("CC");
    memset(compiler, 0, sizeof *compiler);
    compiler->quiet = options->quiet;
    compiler->cflags = split_option("--cflags", options->cflags == NULL ? "" : options->cflags,
                                    &compiler->cflag_count, diags);
    compiler->command = split_option(options->cc != NULL ? "--cc" : "CC", cc == NULL ? "" : cc,
                                     &compiler->command_count, diags);
    if (compiler->cflags == NULL || compiler->command == NULL)
        return false;
    const bool named = compiler->command_count != 0;
    if (!named)
        compiler->command = text_split("cc", &compiler->command_count);
    const char *path = process_find(compiler->command[0]);
    if (path == NULL && missing != NULL && !named) {
        *missing = true;
        return false;
    }
    if (path == NULL) {
        diag_add(diags, "no compiler '%s' on PATH", text_escape(compiler->command[0]))->help =
            "install one (on Debian: apt-get install gcc libc6-dev) or name one with --cc";
        return false;
    }
    compiler->command[0] = path;
    const char *const ask[] = {path, "--version", NULL};
    struct process_result result;
    if (!process_run(ask, NULL, &result)) {
        diag_add(diags, "'%s --version' fails%s%s", text_escape(path),
                 result.error != 0 ? ": " : "", result.error != 0 ? strerror(result.error) : "")
            ->help = "name a working compiler with --cc";
        return false;
    }
    const char *resolved = file_resolve(path);
    compiler->identity = mem_format("%s\n%s", resolved == NULL ? path : resolved, result.output);
    compiler->clang = strstr(result.output, "clang") != NULL;
    return true;
}

void compiler_note_missing(const struct compile_options *options)
{
    if (!options->quiet)
        fputs("mortise: note: no compiler 'cc' on PATH: whether the layers fit together is not "
              "checked\n",
              stderr);
}

bool work_begin(struct work *work, const char *parent, struct diags *diags)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGHUP);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, &work->signals);
    if (parent == NULL)
        parent = file_temporary();
    work->folder = file_make_unique(parent);
    if (work->folder == NULL) {
        diag_add(diags, "cannot write in '%s': %s", text_escape(parent), strerror(errno));
        sigprocmask(SIG_SETMASK, &work->signals, NULL);
        return false;
    }
    return true;
}

void work_end(struct work *work)
{
    file_remove_tree(work->folder);
    sigprocmask(SIG_SETMASK, &work->signals, NULL);
}

/* Layers include a policy by the path mortise/policy/SLOT/MEMBER.h; for a user's member that path
 * leads on to the user's folder. */
static bool write_forwards(const struct registry *registry, const char *folder)
{
    for (size_t i = 0; i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        if (!word->user || (word->kind != KIND_POLICY && word->kind != KIND_SLOT))
            continue;
        const char *place =
            mem_format("%s/mortise/policy/%s", folder, word->kind == KIND_POLICY ? word->slot : "");
        const char *text = mem_format("#include \"%s\"\n", word->path);
        if (!file_make_folders(place) ||
            !file_write(mem_format("%s/%s.h", place, word->name), text, strlen(text)))
            return false;
    }
    return true;
}

static const char **command_line(const struct compiler *compiler, const struct registry *registry,
                                 const struct work *work, enum compile_kind kind, const char *out)
{
    static const char *const modes[] = {"-shared", "-c", "-fsyntax-only", "-E", "-S"};
    struct list list = {NULL, 0};
    size_t count;
    push_all(&list, compiler->command);
    push_all(&list, compile_flags(compiler, &count));
    push(&list, modes[kind]);
    if (kind == COMPILE_SHARED) { /* threads that end later, and those of rcl, run its code */
        push(&list, "-Wl,-z,nodelete");
        push(&list, "-MD");
        push(&list, "-MF");
        push(&list, mem_format("%s/" COMPILE_RULES, work->folder));
    }
    if (kind == COMPILE_EXPAND)
        push(&list, "-dI");
    if (kind == COMPILE_FACTS)
        push(&list, "-O0"); /* only constants are of interest */
    push(&list, mem_format("-I%s", work->folder));
    push(&list, mem_format("-I%s", registry->include));
    /* Words of the user may be called as headers of the system are, which <NAME.h> means. */
    for (size_t i = 0; i < registry->folder_count; i++) {
        push(&list, "-iquote");
        push(&list, registry->folders[i]);
        push(&list, "-idirafter");
        push(&list, registry->folders[i]);
    }
    if (out != NULL) {
        push(&list, "-o");
        push(&list, out);
    }
    push(&list, mem_format("%s/%s", work->folder, "model.c"));
    push(&list, NULL);
    return list.items;
}

bool compile(const struct compiler *compiler, const struct model *model,
             const struct registry *registry, const struct work *work, enum compile_kind kind,
             const char *out, struct diags *diags)
{
    const char *c = emit_c(model);
    if (kind == COMPILE_FACTS)
        c = mem_format("%s%s", c, emit_facts(model));
    const char *file = mem_format("%s/model.c", work->folder);
    if (!file_write(file, c, strlen(c)) || !write_forwards(registry, work->folder)) {
        diag_add(diags, "cannot write in '%s': %s", text_escape(work->folder), strerror(errno));
        return false;
    }
    const bool progress = !compiler->quiet && isatty(STDERR_FILENO);
    const char *word = mem_format("mortise: building %s ...", model->source->composition);
    struct process_result result;
    const bool done = process_run(command_line(compiler, registry, work, kind, out),
                                  progress ? word : NULL, &result);
    if (!done)
        compile_error(compiler, model, &result, diags);
    else if (result.length != 0 && !compiler->quiet)
        fputs(result.output, stderr);
    return done;
}
