/* SPDX-License-Identifier: MIT */
#include "cache_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cache_key.h"
#include "file.h"
#include "mem.h"

/* The last bytes of a file with a list: how long the list is. */
#define FOOT "mortise-files %08zx\n"
enum { FOOT_LENGTH = 14 + 8 + 1, RULES_LIMIT = 16 * 1024 * 1024 };

/* One file: its size and its time, as for the compiler itself, and its path. NULL: not there. */
static const char *line_of(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return NULL;
    return mem_format("%lld %lld.%09ld %s\n", (long long)status.st_size,
                      (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec, path);
}

/* The next word of a rule of make, where a backslash goes before what is meant as it stands. */
static const char *next_word(const char **rules)
{
    const char *s = *rules + strspn(*rules, " \t\n");
    while (s[0] == '\\' && s[1] == '\n')
        s += 2 + strspn(s + 2, " \t\n");
    char *word = mem_get(strlen(s) + 1), *at = word;
    for (; *s != '\0' && strchr(" \t\n", *s) == NULL; s++) {
        if (s[0] == '\\' && s[1] == '\n')
            break;
        if ((*s == '\\' && s[1] != '\0' && strchr(" #", s[1]) != NULL) ||
            (*s == '$' && s[1] == '$'))
            s++;
        *at++ = *s;
    }
    *at = '\0';
    *rules = s;
    return *word == '\0' ? NULL : word;
}

static const char *list_of(const struct work *work, const struct registry *registry)
{
    size_t length;
    const char *list = "";
    const char *rules =
        file_read(mem_format("%s/" COMPILE_RULES, work->folder), RULES_LIMIT, &length);
    const char *folder = file_resolve(work->folder);
    rules = rules == NULL || folder == NULL ? "" : strstr(rules, ": ");
    for (const char *word; rules != NULL && *rules != '\0' && (word = next_word(&rules)) != NULL;) {
        const char *path = file_resolve(word);
        if (path == NULL || strchr(path, '\n') != NULL || file_is_below(path, folder) ||
            cache_key_holds(path, registry))
            continue;
        const char *line = line_of(path);
        list = line == NULL ? list : mem_format("%s%s", list, line);
    }
    return list;
}

bool cache_files_add(const char *library, const struct work *work, const struct registry *registry)
{
    const char *list = list_of(work, registry);
    FILE *file = fopen(library, "ae");
    if (file == NULL)
        return false;
    const bool written = fputs(list, file) >= 0 && fprintf(file, FOOT, strlen(list)) == FOOT_LENGTH;
    return fclose(file) == 0 && written;
}

/* The list, or NULL. */
static const char *read_list(FILE *file)
{
    char foot[FOOT_LENGTH + 1] = "";
    size_t length;
    if (fseek(file, -FOOT_LENGTH, SEEK_END) != 0 ||
        fread(foot, 1, FOOT_LENGTH, file) != FOOT_LENGTH ||
        sscanf(foot, "mortise-files %8zx", &length) != 1 || length > RULES_LIMIT ||
        fseek(file, -(long)length - FOOT_LENGTH, SEEK_END) != 0)
        return NULL;
    char *list = mem_get(length + 1);
    if (fread(list, 1, length, file) != length)
        return NULL;
    list[length] = '\0';
    return list;
}

bool cache_files_same(const char *library)
{
    FILE *file = fopen(library, "re");
    if (file == NULL)
        return false;
    const char *list = read_list(file);
    fclose(file);
    for (const char *at = list; at != NULL && *at != '\0';) {
        const size_t n = strcspn(at, "\n");
        const char *line = mem_text(at, n);
        const char *time = strchr(line, ' ');
        const char *path = time == NULL ? NULL : strchr(time + 1, ' ');
        const char *now = path == NULL ? NULL : line_of(path + 1);
        if (now == NULL || strlen(now) != n + 1 || strncmp(now, line, n) != 0)
            return false;
        at += n + (at[n] == '\n');
    }
    return list != NULL;
}
