/* SPDX-License-Identifier: MIT */
/*
 * The words of the model language: every header below include/mortise and below the folders that
 * the user names. A word is a path: heap/W.h, layer/W.h, socket/W.h, policy/SLOT/M.h; in a
 * user's folder a header may also lie flat and say its kind in its head comment.
 */
#ifndef MORTISE_CLI_REGISTRY_H
#define MORTISE_CLI_REGISTRY_H

#include "diag.h"
#include "head.h"

enum kind { KIND_SYSTEM, KIND_LAYER, KIND_SOCKET, KIND_POLICY, KIND_SLOT, KIND_COUNT };

struct word {
    enum kind kind;
    const char *name;
    const char *slot; /* of KIND_POLICY */
    const char *path; /* of the header */
    bool user;        /* found in a user's folder */
    bool replaces;    /* hides a word of ours with the same name */
    struct head head;
    const char *problem; /* why the head comment cannot be used, or NULL */
};

struct registry {
    const char *include;  /* the folder that holds mortise/ */
    const char *models;   /* the folder of the named models; may not exist */
    const char **folders; /* the user's, absolute */
    size_t folder_count;
    struct word *words; /* sorted by kind, slot, name */
    size_t count;
};

/* `folders` are the -I of the command line. */
bool registry_open(struct registry *registry, const char *const *folders, size_t count,
                   struct diags *diags);

/* slot is NULL unless kind is KIND_POLICY. */
const struct word *registry_find(const struct registry *registry, enum kind kind, const char *slot,
                                 const char *name);

/* A layer, system layer or socket of this name. */
const struct word *registry_find_any(const struct registry *registry, const char *name);

/* Whether the word can be listed and suggested: its head comment begins with its name. */
bool registry_documented(const struct word *word);

/* Names of one kind, joined by ", "; NULL when there is none. */
const char *registry_names(const struct registry *registry, enum kind kind, const char *slot);

/* "system layer", "layer", "socket", "policy", "slot". */
const char *registry_kind_text(enum kind kind);

/* Whether a policy folder or contract of this name exists. */
bool registry_is_slot(const struct registry *registry, const char *name);

/* The first of two folders, relative to the one that holds this program, that has `holds` in it:
 * installed as PREFIX/bin/mortise, or built as build/PRESET/mortise. NULL: neither. */
const char *registry_beside(const char *installed, const char *built, const char *holds);

/* The name of a header, an absolute path, without the folders of this machine. */
const char *registry_shown(const struct registry *registry, const char *path);

#endif
