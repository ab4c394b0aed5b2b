/* SPDX-License-Identifier: MIT */
#include "registry_scan.h"

#include <errno.h>
#include <string.h>

#include "file.h"
#include "mem.h"
#include "text.h"

/* A head comment that is longer than this is not one. */
enum { HEAD_LIMIT = 64 * 1024 };

static bool same_slot(const struct word *a, const struct word *b)
{
    return a->kind == b->kind && (a->kind != KIND_POLICY || strcmp(a->slot, b->slot) == 0);
}

/* Layers, system layers and sockets share one set of names: a model does not say which it means. */
static bool is_model_word(const struct word *word)
{
    return word->kind <= KIND_SOCKET;
}

/* The folder that is scanned first wins: the user's, in the order of the command line. */
static void add(struct registry *registry, const struct word *word)
{
    for (size_t i = 0; i < registry->count; i++) {
        struct word *other = &registry->words[i];
        if (strcmp(other->name, word->name) != 0)
            continue;
        if (same_slot(other, word) || (is_model_word(other) && is_model_word(word))) {
            other->replaces = other->replaces || (other->user && !word->user);
            return;
        }
    }
    registry->words = mem_more(registry->words, registry->count, sizeof *registry->words);
    registry->words[registry->count++] = *word;
}

static bool read_head(struct word *word)
{
    size_t length;
    const char *text = file_read(word->path, HEAD_LIMIT, &length);
    if (text == NULL) {
        word->problem = strerror(errno);
        return false;
    }
    if (!head_parse(text, length, &word->head, &word->problem))
        return true;
    if (word->head.name == NULL || strcmp(word->head.name, word->name) != 0) {
        word->problem =
            mem_format("the head comment does not begin with '%s - purpose'", word->name);
        return false;
    }
    return true;
}

static void scan_folder(struct registry *registry, const char *folder, enum kind kind,
                        const char *slot, bool user)
{
    size_t count;
    const char **files = file_list(folder, &count);
    for (size_t i = 0; i < count; i++) {
        struct word word = {.kind = kind, .slot = slot, .user = user};
        word.name = file_name_of(files[i], ".h");
        if (word.name == NULL)
            continue;
        word.path = mem_format("%s/%s", folder, files[i]);
        read_head(&word);
        add(registry, &word);
    }
}

void registry_scan_tree(struct registry *registry, const char *dir, bool user)
{
    scan_folder(registry, mem_format("%s/heap", dir), KIND_SYSTEM, NULL, user);
    scan_folder(registry, mem_format("%s/layer", dir), KIND_LAYER, NULL, user);
    scan_folder(registry, mem_format("%s/socket", dir), KIND_SOCKET, NULL, user);
    const char *policies = mem_format("%s/policy", dir);
    scan_folder(registry, policies, KIND_SLOT, NULL, user);
    size_t count;
    const char **slots = file_list(policies, &count);
    for (size_t i = 0; i < count; i++)
        if (text_is_name(slots[i], strlen(slots[i])))
            scan_folder(registry, mem_format("%s/%s", policies, slots[i]), KIND_POLICY, slots[i],
                        user);
}

/* `Kind: layer`, `Kind: policy SLOT`; without it a flat header is a layer. */
static void read_kind(struct word *word)
{
    const char *text = head_section(&word->head, "Kind");
    size_t count;
    const char **words = text_split(text == NULL ? "layer" : text, &count);
    word->kind = KIND_COUNT;
    if (words != NULL && count == 1) {
        if (strcmp(words[0], "system") == 0)
            word->kind = KIND_SYSTEM;
        else if (strcmp(words[0], "layer") == 0)
            word->kind = KIND_LAYER;
        else if (strcmp(words[0], "socket") == 0)
            word->kind = KIND_SOCKET;
    } else if (words != NULL && count == 2 && strcmp(words[0], "policy") == 0 &&
               text_is_name(words[1], strlen(words[1]))) {
        word->kind = KIND_POLICY;
        word->slot = words[1];
    }
    if (word->kind == KIND_COUNT) {
        word->kind = KIND_LAYER;
        word->problem = "Kind is not one of: system, layer, socket, policy SLOT";
    }
}

void registry_scan_flat(struct registry *registry, const char *dir, bool documented)
{
    size_t count;
    const char **files = file_list(dir, &count);
    for (size_t i = 0; i < count; i++) {
        struct word word = {.user = true, .kind = KIND_LAYER};
        word.name = file_name_of(files[i], ".h");
        if (word.name == NULL)
            continue;
        word.path = mem_format("%s/%s", dir, files[i]);
        if (!file_is_regular(word.path))
            continue;
        if (read_head(&word) != documented)
            continue;
        if (documented)
            read_kind(&word);
        add(registry, &word);
    }
}
