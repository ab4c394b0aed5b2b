/* SPDX-License-Identifier: MIT */
#include "cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache_files.h"
#include "cache_key.h"
#include "file.h"
#include "library.h"
#include "mem.h"
#include "text.h"

static const char *const remedy = "set MORTISE_CACHE to a folder that you can write";

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

/* The folder of the cache, made if need be; its name has no symbolic links and no dots, for the
 * program that runs on the allocator may change its folder. */
static const char *find_folder(struct diags *diags)
{
    const char *folder = variable("MORTISE_CACHE");
    if (folder == NULL && variable("XDG_CACHE_HOME") != NULL)
        folder = mem_format("%s/mortise", variable("XDG_CACHE_HOME"));
    if (folder == NULL && variable("HOME") != NULL)
        folder = mem_format("%s/.cache/mortise", variable("HOME"));
    if (folder == NULL) {
        diag_add(diags, "no folder for the cache: HOME is not set")->help = remedy;
        return NULL;
    }
    const char *resolved = file_make_folders(folder) ? file_resolve(folder) : NULL;
    if (resolved == NULL)
        diag_add(diags, "cannot make the cache '%s': %s", text_escape(folder), strerror(errno))
            ->help = remedy;
    return resolved;
}

static bool build(const struct model *model, const struct registry *registry,
                  const struct compiler *compiler, const char *folder, const char *path,
                  struct diags *diags)
{
    struct work work;
    const size_t before = diags->count;
    if (!work_begin(&work, folder, diags)) {
        diags->list[before].help = remedy;
        return false;
    }
    const char *out = mem_format("%s/model.so", work.folder);
    bool built = compile(compiler, model, registry, &work, COMPILE_SHARED, out, diags);
    if (built && !(cache_files_add(out, &work, registry) && library_replace(out, path))) {
        diag_add(diags, "cannot write '%s': %s", text_escape(path), strerror(errno))->help = remedy;
        built = false;
    }
    work_end(&work);
    return built;
}

bool cache_get(const struct model *model, const struct registry *registry,
               const struct compiler *compiler, bool anew, const char **path, struct diags *diags)
{
    const char *folder = find_folder(diags);
    if (folder == NULL)
        return false;
    const char *key = cache_key(model, registry, compiler, diags);
    if (key == NULL)
        return false;
    *path = mem_format("%s/%s-%s.so", folder, model->source->composition, key);
    if (!anew && library_is_whole(*path) && cache_files_same(*path))
        return true;
    return build(model, registry, compiler, folder, *path, diags);
}
