/* SPDX-License-Identifier: MIT */
#include "find.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "../compile.h"
#include "../file.h"
#include "../mem.h"
#include "../preload.h"
#include "../process.h"
#include "../text.h"

/* Allocators that others wrote, as libraries of this machine; %s is the processor. */
static const struct peer {
    const char *name;
    const char *file; /* NULL: part of every program */
    const char *package;
    const char *pattern; /* where the compiler's search does not lead; may be NULL */
    bool quick;
} peers[] = {
    {"glibc", NULL, NULL, NULL, true},
    {"mimalloc", "libmimalloc.so.2", "libmimalloc2.0", NULL, true},
    {"jemalloc", "libjemalloc.so.2", "libjemalloc2", NULL, true},
    {"tcmalloc", "libtcmalloc_minimal.so.4", "libtcmalloc-minimal4", NULL, true},
    {"tbb", "libtbbmalloc_proxy.so.2", "libtbbmalloc2", NULL, false},
    {"scudo", "libclang_rt.scudo_standalone-%s.so", "libclang-rt-14-dev",
     "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.scudo_standalone-%s.so", false},
    /* Not another's, but what the model wfslab would be if it were written by hand. */
    {"wfslabm", "libwfslabm.so", NULL, NULL, false},
};

enum { PEERS = sizeof peers / sizeof peers[0] };

/* Named models, and one that is here only to be compared with. */
static const struct {
    const char *text;
    bool quick;
} models[] = {
    {"tlsf", false},     {"tlsf_futex=brk_heap::tlsf_glk(sync=futex)::malloc_socket", false},
    {"tlsfcc", true},    {"hslab", true},
    {"wfslab", true},    {"wfslabfl", false},
    {"tlsfccsd", false}, {"hslabd", false},
    {"wfslabs", false},
};

static void take(struct bench *bench, const char *name, const char *path, const char *about)
{
    bench->allocators =
        mem_more(bench->allocators, bench->allocator_count, sizeof *bench->allocators);
    bench->allocators[bench->allocator_count++] = (struct bench_allocator){name, path, about};
}

/* Compilers know where libraries are; one that finds none prints the name alone. */
static const char *ask_compiler(const struct options *options, const char *file)
{
    struct compiler compiler;
    struct diags ignored = {0};
    bool missing = false;
    if (!compiler_find(&options->compile, &compiler, &missing, &ignored))
        return NULL;
    const char *const argv[] = {compiler.command[0], mem_format("-print-file-name=%s", file), NULL};
    struct process_result result;
    if (!process_run(argv, NULL, &result) || result.output[0] != '/')
        return NULL;
    return file_resolve(mem_text(result.output, strcspn(result.output, "\n")));
}

static const char *match(const char *pattern)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return NULL;
    const char *path = file_resolve(found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return path;
}

static const char *for_processor(const char *text)
{
    struct utsname machine;
    const char *mark = strstr(text, "%s");
    if (mark == NULL || uname(&machine) != 0)
        return text;
    return mem_format("%.*s%s%s", (int)(mark - text), text, machine.machine, mark + 2);
}

static const char *find_peer(const struct options *options, const struct peer *peer)
{
    const char *built =
        registry_beside("../libexec/mortise", "bench", mem_format("/%s", peer->file));
    if (built != NULL)
        return mem_format("%s/%s", built, peer->file);
    const char *path = ask_compiler(options, for_processor(peer->file));
    if (path == NULL && peer->pattern != NULL)
        path = match(for_processor(peer->pattern));
    return path;
}

/* False: it is not on this machine. */
static bool take_peer(struct bench *bench, const struct options *options, const struct peer *peer)
{
    if (peer->file == NULL) {
        take(bench, peer->name, NULL, "the malloc of libc");
        return true;
    }
    const char *path = find_peer(options, peer);
    if (path == NULL) {
        fprintf(stderr, "mortise: without %s: %s%s\n", peer->name,
                peer->package == NULL ? "it is not beside this program"
                                      : "on Debian, apt-get install ",
                peer->package == NULL ? "" : peer->package);
        return false;
    }
    take(bench, peer->name, path, strrchr(path, '/') + 1);
    return true;
}

/* The library of a model; NULL when something is wrong with it, which has been printed. */
static const char *build(const struct options *options, const char *model)
{
    struct job job = {.options = *options};
    job.options.word = model;
    const char *path = preload_library(&job);
    if (path == NULL)
        job_fail(&job);
    return path;
}

/* The text before the first '=' is a name, unless the model has begun by then. */
static size_t name_length(const char *text)
{
    const size_t n = strcspn(text, "=");
    return text[n] == '=' && text_is_name(text, n) ? n : 0;
}

/* As in libx.so and libx.so.2: no model has a dot before a name. */
static bool is_library(const char *text)
{
    const char *slash = strrchr(text, '/');
    const char *suffix = strstr(slash == NULL ? text : slash, ".so");
    while (suffix != NULL && suffix[3] != '\0' && suffix[3] != '.')
        suffix = strstr(suffix + 3, ".so");
    return suffix != NULL;
}

static bool take_library(struct bench *bench, const char *name, const char *file,
                         struct diags *diags)
{
    const char *path = file_resolve(file);
    if (path == NULL || !file_is_regular(path) || strpbrk(path, " :$") != NULL) {
        diag_add(diags, "'%s' is no library that can be preloaded", text_escape(file));
        return false;
    }
    take(bench, name, path, strrchr(path, '/') + 1);
    return true;
}

static bool take_allocator(struct bench *bench, const struct options *options, const char *text,
                           struct diags *diags)
{
    const size_t n = name_length(text);
    const char *name = n > 0 ? mem_text(text, n) : text;
    const char *what = n > 0 ? text + n + 1 : text;
    if (bench_allocator_find(bench, name) < bench->allocator_count) {
        diag_add(diags, "two allocators are called '%s'", text_escape(name));
        return false;
    }
    if (is_library(what)) {
        if (n > 0)
            return take_library(bench, name, what, diags);
        diag_add(diags, "'%s' has no name", text_escape(what))->help = "write NAME=FILE.so";
        return false;
    }
    for (size_t i = 0; n == 0 && i < PEERS; i++)
        if (strcmp(peers[i].name, what) == 0)
            return take_peer(bench, options, &peers[i]);
    if (n == 0 && !text_is_name(what, strlen(what)))
        name = mem_format("model%zu", bench->allocator_count + 1);
    const char *path = build(options, what);
    if (path == NULL)
        return false;
    take(bench, name, path, what);
    return true;
}

static bool take_suite(struct bench *bench, const struct options *options, struct diags *diags)
{
    const bool quick = bench->scale == BENCH_QUICK;
    for (size_t i = 0; i < PEERS; i++)
        if (!quick || peers[i].quick)
            (void)take_peer(bench, options, &peers[i]);
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if ((!quick || models[i].quick) && !take_allocator(bench, options, models[i].text, diags))
            return false;
    return true;
}

bool bench_take_allocators(struct bench *bench, const struct options *options,
                           const char *const *texts, size_t count, struct diags *diags)
{
    if (count == 0)
        return take_suite(bench, options, diags);
    for (size_t i = 0; i < count; i++)
        if (!take_allocator(bench, options, texts[i], diags))
            return false;
    return true;
}

const char *bench_timer(const struct options *options, struct diags *diags)
{
    const char *path = build(options, "malloc_heap::wcet_stat(sample=8, floor=1)::malloc_socket");
    if (path == NULL)
        diag_add(diags, "the library that times requests cannot be built");
    return path;
}
