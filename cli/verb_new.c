/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "file.h"
#include "format.h"
#include "job.h"
#include "mem.h"
#include "options.h"
#include "scaffold.h"
#include "text.h"

enum { FILE_LIMIT = 4 * 1024 * 1024 };

static error_t parse_key(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;
    if (key == 'o') {
        options->out = value;
        return 0;
    }
    if (key == ARGP_KEY_ARG && options->kind == NULL) {
        options->kind = value;
        return 0;
    }
    return options_parse_key(key, value, state);
}

static const struct argp_option choices[] = {
    {"output", 'o', "DIR", 0, "The folder, in place of the current one", 0},
    OPTIONS_FOLDERS,
    OPTIONS_JSON,
    {0}};

static const struct argp argp = {
    .options = choices,
    .parser = parse_key,
    .args_doc = "layer NAME\npolicy SLOT/NAME",
    .doc = "Begin a word of your own: a copy of one that works, and a test that passes, to be "
           "changed.\v"
           "In the source tree of Mortise the files go where the words and tests of their kind "
           "are. In any other folder they are DIR/NAME.h or DIR/mortise/policy/SLOT/NAME.h, and "
           "DIR/NAME_test.c, and -I DIR makes the word known. No file is replaced.",
};

/* What is to be made. */
struct plan {
    struct job *job;
    const char *dir;
    bool tree; /* dir is the source tree of Mortise */
    enum kind kind;
    const char *slot;
    const char *name;
    const struct word *origin;
    const char *files[4]; /* those that were made */
    size_t count;
};

static bool is_keyword(const char *name)
{
    static const char words[] =
        " alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl "
        "const const_cast constexpr continue decltype default delete do double dynamic_cast else "
        "enum explicit export extern false float for friend goto if inline int long mutable "
        "namespace new noexcept not not_eq nullptr operator or or_eq private protected public "
        "register reinterpret_cast restrict return short signed sizeof static static_assert "
        "static_cast struct switch template this thread_local throw true try typedef typeid "
        "typename typeof union unsigned using virtual void volatile wchar_t while xor xor_eq ";
    return strstr(words, mem_format(" %s ", name)) != NULL;
}

/* Names that are replaced before a model is made of them, or that libc goes on from. */
static bool is_of_c(const char *name)
{
    return emit_name_is_libc(name) || strcmp(name, "linux") == 0 || strcmp(name, "unix") == 0 ||
           (name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z')));
}

static bool read_kind(struct plan *plan)
{
    struct job *job = plan->job;
    const char *kind = job->options.kind;
    struct nearest nearest = {kind, NULL, 0};
    nearest_offer(&nearest, "layer");
    nearest_offer(&nearest, "policy");
    plan->kind = strcmp(kind, "policy") == 0 ? KIND_POLICY : KIND_LAYER;
    if (plan->kind == KIND_POLICY || strcmp(kind, "layer") == 0)
        return true;
    struct diag *diag =
        diag_add(&job->diags, "a new '%s' cannot be made", text_quote(kind, strlen(kind)));
    diag->suggestion = nearest.best;
    diag->help = nearest.best == NULL ? "make a layer or a policy" : NULL;
    return false;
}

static const char *slot_names(const struct registry *registry, struct nearest *nearest)
{
    const char *names = NULL;
    const char *last = "";
    for (size_t i = 0; i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        if (word->kind != KIND_POLICY || strcmp(word->slot, last) == 0)
            continue;
        last = word->slot;
        nearest_offer(nearest, last);
        names = text_join(names, ", ", last);
    }
    return names == NULL ? "none" : names;
}

/* SLOT/NAME of a policy. */
static bool read_slot(struct plan *plan)
{
    struct job *job = plan->job;
    const char *slash = strchr(plan->name, '/');
    const char *slot = slash == NULL ? "" : mem_text(plan->name, (size_t)(slash - plan->name));
    struct nearest nearest = {slot, NULL, 0};
    const char *names = slot_names(&job->registry, &nearest);
    if (slash == NULL) {
        diag_add(&job->diags, "'%s' names no slot: write SLOT/%s", text_escape(plan->name),
                 text_escape(plan->name))
            ->help = mem_format("slots: %s", names);
        return false;
    }
    if (!registry_is_slot(&job->registry, slot)) {
        struct diag *diag =
            diag_add(&job->diags, "unknown slot '%s'", text_quote(slot, strlen(slot)));
        diag->suggestion = nearest.best;
        diag->help = nearest.best == NULL ? mem_format("slots: %s", names) : NULL;
        return false;
    }
    plan->slot = slot;
    plan->name = slash + 1;
    return true;
}

static bool read_name(struct plan *plan)
{
    struct job *job = plan->job;
    plan->name = job->options.word;
    if (plan->kind == KIND_POLICY && !read_slot(plan))
        return false;
    if (!text_is_name(plan->name, strlen(plan->name)) || is_keyword(plan->name)) {
        diag_add(&job->diags, "'%s' cannot be a name in a model", text_escape(plan->name))->help =
            "a name has letters, digits and _, begins with a letter, and is no keyword of C or C++";
        return false;
    }
    if (is_of_c(plan->name)) {
        diag_add(&job->diags, "'%s' cannot be the name of a new word", plan->name)->help =
            "libc or the compiler has it, or may have it; choose another";
        return false;
    }
    const struct word *taken =
        plan->kind == KIND_POLICY
            ? registry_find(&job->registry, KIND_POLICY, plan->slot, plan->name)
            : registry_find_any(&job->registry, plan->name);
    if (taken == NULL)
        return true;
    diag_add(&job->diags, "there is a %s '%s' already", registry_kind_text(taken->kind), plan->name)
        ->help = text_escape(taken->path);
    return false;
}

static bool make(struct plan *plan, const char *path, const char *text)
{
    struct diags *diags = &plan->job->diags;
    const char *slash = strrchr(path, '/');
    if (text == NULL || !file_make_folders(mem_text(path, (size_t)(slash - path))) ||
        !file_write(path, text, strlen(text))) {
        diag_add(diags, "cannot make '%s': %s", text_escape(path), strerror(errno));
        return false;
    }
    format_file(path);
    plan->files[plan->count++] = path;
    return true;
}

/* One line more at the end of a list of tests. */
static bool append(struct plan *plan, const char *path, const char *text)
{
    FILE *file = fopen(path, "a");
    bool done = file != NULL && fputs(text, file) >= 0;
    if (file != NULL && fclose(file) != 0)
        done = false;
    if (!done)
        diag_add(&plan->job->diags, "cannot add to '%s': %s", text_escape(path), strerror(errno));
    else
        plan->files[plan->count++] = path;
    return done;
}

static bool make_layer_in_tree(struct plan *plan)
{
    const char *header = scaffold_header(&plan->job->registry, plan->origin, plan->name, false);
    const char *test = scaffold_test(&plan->job->registry, plan->origin, plan->name,
                                     mem_format("<mortise/layer/%s.h>", plan->name));
    return make(plan, mem_format("%s/include/mortise/layer/%s.h", plan->dir, plan->name), header) &&
           make(plan, mem_format("%s/tests/layer/%s.c", plan->dir, plan->name), test) &&
           append(plan, mem_format("%s/tests/conformance/CMakeLists.txt", plan->dir),
                  mem_format("mortise_conformance(%s \"mmap_heap::tlsf_glk::%s\")\n", plan->name,
                             plan->name));
}

static bool make_policy_in_tree(struct plan *plan)
{
    size_t length;
    const char *test =
        file_read(mem_format("%s/tests/policy/%s/%s.c", plan->dir, plan->slot, plan->origin->name),
                  FILE_LIMIT, &length);
    if (test != NULL)
        test = scaffold_member_test(plan->origin, plan->name, test);
    const char *header = scaffold_header(&plan->job->registry, plan->origin, plan->name, false);
    return make(plan,
                mem_format("%s/include/mortise/policy/%s/%s.h", plan->dir, plan->slot, plan->name),
                header) &&
           make(plan, mem_format("%s/tests/policy/%s/%s.c", plan->dir, plan->slot, plan->name),
                test) &&
           append(plan, mem_format("%s/tests/policy/CMakeLists.txt", plan->dir),
                  mem_format("policy_test(%s %s)\n", plan->slot, plan->name));
}

static bool make_apart(struct plan *plan)
{
    const char *path = plan->kind == KIND_LAYER ? mem_format("%s/%s.h", plan->dir, plan->name)
                                                : mem_format("%s/mortise/policy/%s/%s.h", plan->dir,
                                                             plan->slot, plan->name);
    const char *header = scaffold_header(&plan->job->registry, plan->origin, plan->name, true);
    const char *test = scaffold_test(&plan->job->registry, plan->origin, plan->name,
                                     mem_format("\"%s.h\"", plan->name));
    return make(plan, path, header) &&
           make(plan, mem_format("%s/%s_test.c", plan->dir, plan->name), test);
}

/* What to do next, as commands. */
static void print_next(const struct plan *plan)
{
    const char *name = plan->name;
    if (plan->tree) {
        const char *targets = plan->kind == KIND_LAYER
                                  ? mem_format("test_layer_%s test_conformance_%s", name, name)
                                  : mem_format("test_policy_%s_%s", plan->slot, name);
        printf("Its tests:\n  cmake --build --preset dev -t %s\n  ctest --preset dev -R "
               "'[.]%s([.]|$)'\n",
               targets, name);
    } else {
        const char *dir = text_shell(plan->dir);
        printf("Its test:\n  cc -std=gnu11 -O2 -I %s -idirafter %s %s/%s_test.c \\\n"
               "      -pthread -o %s_test && ./%s_test\n",
               text_shell(plan->job->registry.include), dir, dir, name, name, name);
    }
}

static int print_result(const struct plan *plan)
{
    if (plan->job->options.json) {
        json_t *result = json_object();
        json_t *files = json_array();
        for (size_t i = 0; i < plan->count; i++)
            json_array_append_new(files, diag_json_text(plan->files[i]));
        json_object_set_new(result, "files", files);
        json_dumpf(result, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(result);
    } else {
        for (size_t i = 0; i < plan->count; i++)
            puts(plan->files[i]);
        print_next(plan);
    }
    return job_finish_output();
}

int verb_new(int argc, char **argv)
{
    struct job job = {0};
    struct plan plan = {.job = &job};
    options_read(&argp, 0, argc, argv, &job.options);
    options_require(&job.options, "new", job.options.kind == NULL ? "what to make" : "NAME");
    plan.dir = job.options.out == NULL ? "." : job.options.out;
    plan.tree = file_is_regular(mem_format("%s/include/mortise/core/layer_begin.h", plan.dir)) &&
                file_is_regular(mem_format("%s/tests/conformance/CMakeLists.txt", plan.dir));
    if (!registry_open(&job.registry, job.options.folders, job.options.folder_count, &job.diags) ||
        !read_kind(&plan) || !read_name(&plan))
        return job_fail(&job);
    plan.origin = scaffold_origin(&job.registry, plan.kind, plan.slot, &job.diags);
    if (plan.origin == NULL)
        return job_fail(&job);
    const bool made = !plan.tree                ? make_apart(&plan)
                      : plan.kind == KIND_LAYER ? make_layer_in_tree(&plan)
                                                : make_policy_in_tree(&plan);
    return made ? print_result(&plan) : job_fail(&job);
}
