/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "mem.h"
#include "registry_scan.h"
#include "text.h"

static const char *const kind_texts[KIND_COUNT] = {"system layer", "layer", "socket", "policy",
                                                   "slot"};

const char *registry_kind_text(enum kind kind)
{
    return kind_texts[kind];
}

const char *registry_beside(const char *installed, const char *built, const char *holds)
{
    const char *program = file_resolve("/proc/self/exe");
    if (program == NULL)
        return NULL;
    const size_t n = (size_t)(strrchr(program, '/') - program);
    const char *const places[] = {installed, built};
    for (size_t i = 0; i < 2; i++) {
        const char *folder = mem_format("%.*s/%s", (int)n, program, places[i]);
        if (file_resolve(mem_format("%s%s", folder, holds)) != NULL)
            return file_resolve(folder);
    }
    return NULL;
}

static bool find_include(struct registry *registry, struct diags *diags)
{
    const char *named = getenv("MORTISE_INCLUDE");
    if (named != NULL && *named != '\0') {
        if (file_is_folder(mem_format("%s/mortise", named)))
            registry->include = file_resolve(named);
        if (registry->include == NULL)
            diag_add(diags, "MORTISE_INCLUDE: no folder '%s/mortise'", text_escape(named))->help =
                "name the folder that holds mortise/, or unset the variable";
    } else {
        registry->include = registry_beside("../include", "../../include", "/mortise");
        if (registry->include == NULL)
            diag_add(diags, "cannot find the headers of Mortise")->help =
                "set MORTISE_INCLUDE to the folder that holds mortise/";
    }
    return registry->include != NULL;
}

static bool find_folders(struct registry *registry, const char *const *folders, size_t count,
                         struct diags *diags)
{
    registry->folders = mem_get((count + 1) * sizeof *registry->folders);
    for (size_t i = 0; i < count; i++) {
        const char *folder = file_resolve(folders[i]);
        if (folder == NULL || !file_is_folder(folder)) {
            diag_add(diags, "-I %s: %s", text_escape(folders[i]),
                     strerror(folder == NULL ? errno : ENOTDIR));
            return false;
        }
        if (strpbrk(folder, "\"\n\\") != NULL) {
            diag_add(diags, "-I %s: C cannot include from this path", text_escape(folders[i]))
                ->help = "name a folder without quotes, backslashes and newlines";
            return false;
        }
        registry->folders[registry->folder_count++] = folder;
    }
    return true;
}

static int compare_words(const void *a, const void *b)
{
    const struct word *left = a;
    const struct word *right = b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    const int slots = left->kind == KIND_POLICY ? strcmp(left->slot, right->slot) : 0;
    return slots != 0 ? slots : strcmp(left->name, right->name);
}

bool registry_open(struct registry *registry, const char *const *folders, size_t count,
                   struct diags *diags)
{
    memset(registry, 0, sizeof *registry);
    if (!find_include(registry, diags) || !find_folders(registry, folders, count, diags))
        return false;
    const char *models = getenv("MORTISE_MODELS");
    registry->models = models != NULL && *models != '\0'
                           ? models
                           : registry_beside("../share/mortise/models", "../../models", "");
    for (size_t i = 0; i < registry->folder_count; i++) {
        const char *folder = registry->folders[i];
        registry_scan_tree(registry, folder, true);
        registry_scan_tree(registry, mem_format("%s/mortise", folder), true);
        registry_scan_flat(registry, folder, true);
    }
    registry_scan_tree(registry, mem_format("%s/mortise", registry->include), false);
    for (size_t i = 0; i < registry->folder_count; i++)
        registry_scan_flat(registry, registry->folders[i], false);
    if (registry->count != 0)
        qsort(registry->words, registry->count, sizeof *registry->words, compare_words);
    return true;
}

const struct word *registry_find(const struct registry *registry, enum kind kind, const char *slot,
                                 const char *name)
{
    for (size_t i = 0; i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        if (word->kind == kind && strcmp(word->name, name) == 0 &&
            (slot == NULL || strcmp(word->slot, slot) == 0))
            return word;
    }
    return NULL;
}

const struct word *registry_find_any(const struct registry *registry, const char *name)
{
    for (enum kind kind = KIND_SYSTEM; kind <= KIND_SOCKET; kind++) {
        const struct word *word = registry_find(registry, kind, NULL, name);
        if (word != NULL)
            return word;
    }
    return NULL;
}

bool registry_documented(const struct word *word)
{
    return word->head.name != NULL && strcmp(word->head.name, word->name) == 0;
}

const char *registry_names(const struct registry *registry, enum kind kind, const char *slot)
{
    const char *names = NULL;
    for (size_t i = 0; i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        if (word->kind == kind && registry_documented(word) &&
            (slot == NULL || strcmp(word->slot, slot) == 0))
            names = text_join(names, ", ", word->name);
    }
    return names;
}

bool registry_is_slot(const struct registry *registry, const char *name)
{
    for (size_t i = 0; i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        if ((word->kind == KIND_SLOT && strcmp(word->name, name) == 0) ||
            (word->kind == KIND_POLICY && strcmp(word->slot, name) == 0))
            return true;
    }
    return false;
}

static const char *below(const char *path, const char *folder)
{
    const size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

const char *registry_shown(const struct registry *registry, const char *path)
{
    const char *shown = below(path, registry->include);
    for (size_t i = 0; shown == NULL && i < registry->folder_count; i++)
        shown = below(path, registry->folders[i]);
    return shown != NULL ? shown : strrchr(path, '/') + 1;
}
