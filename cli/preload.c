/* SPDX-License-Identifier: MIT */
#include "preload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "compile.h"
#include "mem.h"
#include "text.h"

/* The loader ends a path at a blank or a colon, and has words such as $LIB in it replaced. What the
 * user preloads comes after ours: the first malloc that the loader finds is the one. */
static bool preload(const char *path, struct diags *diags)
{
    if (strpbrk(path, " :$") != NULL) {
        diag_add(diags, "LD_PRELOAD cannot name '%s'", text_escape(path))->help =
            "set MORTISE_CACHE to a folder without spaces and colons, and without $";
        return false;
    }
    const char *before = getenv("LD_PRELOAD");
    if (before != NULL && *before != '\0')
        path = mem_format("%s:%s", path, before);
    if (setenv("LD_PRELOAD", path, 1) == 0)
        return true;
    diag_add(diags, "cannot set LD_PRELOAD: %s", strerror(errno));
    return false;
}

/* Does the socket answer to malloc? One that has a choice may have been told not to. */
static bool serves_programs(const struct job *job, struct diags *diags)
{
    const struct use *socket = &job->model.uses[job->model.count - 1];
    const struct arg *interpose = model_arg(socket, "interpose");
    bool serves = head_param(&socket->word->head, "export") == NULL &&
                  (interpose == NULL || interpose->value.number != 0);
    if (!serves)
        diag_at(diags, socket->span.at, socket->span.length,
                "'%s' is not to replace malloc, so no program runs on it", socket->name)
            ->help = "mortise build makes a library of it";
    return serves;
}

const char *preload_library(struct job *job)
{
    struct compiler compiler;
    const char *path;
    bool built =
        job_load(job) && serves_programs(job, &job->diags) &&
        compiler_find(&job->options.compile, &compiler, NULL, &job->diags) &&
        cache_get(&job->model, &job->registry, &compiler, job->options.anew, &path, &job->diags);
    return built ? path : NULL;
}

bool preload_model(struct job *job)
{
    const char *path = preload_library(job);
    return path != NULL && preload(path, &job->diags);
}
