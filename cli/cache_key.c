/* SPDX-License-Identifier: MIT */
#include "cache_key.h"

#include <sys/types.h>

#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emit.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { HEADER_LIMIT = 16 * 1024 * 1024, FILES_LIMIT = 20000, DEPTH_LIMIT = 16 };

struct hash {
    SHA2_CTX sha;
    struct diags *diags;
    unsigned files;
};

/* Each field with its length, so that no two sequences of fields look alike. */
static void add(struct hash *hash, const char *text, size_t length)
{
    const uint64_t size = length;
    SHA256Update(&hash->sha, (const uint8_t *)&size, sizeof size);
    SHA256Update(&hash->sha, (const uint8_t *)text, length);
}

static void add_text(struct hash *hash, const char *text)
{
    add(hash, text, strlen(text));
}

static void add_list(struct hash *hash, const char *const *list, size_t count)
{
    add_text(hash, mem_format("%zu", count));
    for (size_t i = 0; i < count; i++)
        add_text(hash, list[i]);
}

static bool is_code(const char *name)
{
    static const char *const suffixes[] = {".h", ".c", ".inc", ".def", ".hh", ".hpp"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (strcmp(dot, suffixes[i]) == 0)
            return true;
    return false;
}

static bool add_file(struct hash *hash, const char *path)
{
    size_t length;
    if (++hash->files > FILES_LIMIT) {
        diag_add(hash->diags, "more than %d headers below the folders of the model", FILES_LIMIT)
            ->help = "name a smaller folder with -I";
        return false;
    }
    const char *text = file_read(path, HEADER_LIMIT, &length);
    if (text == NULL) {
        diag_add(hash->diags, "cannot read '%s': %s", text_escape(path), strerror(errno));
        return false;
    }
    add_text(hash, path);
    add(hash, text, length);
    return true;
}

/* Symbolic links to folders are not followed: they may lead in a circle. */
static bool add_folder(struct hash *hash, const char *folder, unsigned depth)
{
    size_t count;
    const char **names = depth == DEPTH_LIMIT ? NULL : file_list(folder, &count);
    if (names == NULL)
        return true;
    for (size_t i = 0; i < count; i++) {
        const char *path = mem_format("%s/%s", folder, names[i]);
        struct stat status;
        if (lstat(path, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            if (!add_folder(hash, path, depth + 1))
                return false;
        } else if (is_code(names[i]) && file_is_regular(path) && !add_file(hash, path)) {
            return false;
        }
    }
    return true;
}

bool cache_key_holds(const char *path, const struct registry *registry)
{
    const char *slash = strrchr(path, '/');
    bool below = file_is_below(path, mem_format("%s/mortise", registry->include));
    for (size_t i = 0; !below && i < registry->folder_count; i++)
        below = file_is_below(path, registry->folders[i]);
    return below && is_code(slash == NULL ? path : slash);
}

/* Variables that change what a compiler reads. */
static void add_environment(struct hash *hash)
{
    static const char *const names[] = {"CPATH", "C_INCLUDE_PATH", "GCC_EXEC_PREFIX",
                                        "COMPILER_PATH", "LIBRARY_PATH"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        add_text(hash, value == NULL ? "" : value);
    }
}

/* What a flag names by a relative path is another file in another folder. */
static void add_place(struct hash *hash, const struct compiler *compiler)
{
    bool names = false;
    for (size_t i = 0; i < compiler->cflag_count; i++)
        names = names || strncmp(compiler->cflags[i], "-I", 2) == 0 ||
                strncmp(compiler->cflags[i], "-i", 2) == 0 || compiler->cflags[i][0] == '@';
    const char *place = names ? file_resolve(".") : NULL;
    add_text(hash, place == NULL ? "" : place);
}

static void add_compiler(struct hash *hash, const struct compiler *compiler)
{
    struct stat status;
    size_t count;
    const char *const *flags = compile_flags(compiler, &count);
    add_list(hash, compiler->command, compiler->command_count);
    add_list(hash, flags, count);
    add_text(hash, compiler->identity);
    if (stat(compiler->command[0], &status) == 0)
        add_text(hash, mem_format("%lld %lld.%09ld", (long long)status.st_size,
                                  (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec));
}

const char *cache_key(const struct model *model, const struct registry *registry,
                      const struct compiler *compiler, struct diags *diags)
{
    struct hash hash = {.diags = diags};
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Init(&hash.sha);
    add_text(&hash, "mortise " MORTISE_VERSION);
    add_text(&hash, emit_c(model));
    add_compiler(&hash, compiler);
    add_place(&hash, compiler);
    add_environment(&hash);
    bool complete = add_folder(&hash, mem_format("%s/mortise", registry->include), 0);
    for (size_t i = 0; complete && i < registry->folder_count; i++)
        complete = add_folder(&hash, registry->folders[i], 0);
    SHA256Final(digest, &hash.sha);
    if (!complete)
        return NULL;
    char *key = mem_get(2 * sizeof digest + 1);
    for (size_t i = 0; i < sizeof digest; i++) {
        key[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        key[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    return key;
}
