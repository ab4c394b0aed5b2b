/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "text.h"

static char *read_all(int fd, size_t limit, size_t *length)
{
    size_t size = 0;
    size_t room = 4096;
    char *text = mem_get(room + 1);
    while (size < limit) {
        if (size == room) {
            char *larger = mem_get(2 * room + 1);
            memcpy(larger, text, size);
            text = larger;
            room *= 2;
        }
        const size_t want = room < limit ? room - size : limit - size;
        const ssize_t n = read(fd, text + size, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return NULL;
        if (n == 0)
            break;
        size += (size_t)n;
    }
    text[size] = '\0';
    *length = size;
    return text;
}

char *file_read(const char *path, size_t limit, size_t *length)
{
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, limit, length);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    char *text = read_all(fd, limit, length);
    const int error = errno;
    close(fd);
    errno = error;
    return text;
}

bool file_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool file_is_regular(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **file_list(const char *folder, size_t *count)
{
    *count = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return NULL;
    const char **names = mem_get(sizeof *names);
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        names = mem_more(names, *count, sizeof *names);
        names[(*count)++] = mem_text(entry->d_name, strlen(entry->d_name));
    }
    closedir(dir);
    qsort(names, *count, sizeof *names, compare_names);
    return names;
}

const char *file_name_of(const char *file, const char *suffix)
{
    const size_t n = strlen(file);
    const size_t tail = strlen(suffix);
    if (n <= tail || strcmp(file + n - tail, suffix) != 0 || !text_is_name(file, n - tail))
        return NULL;
    return mem_text(file, n - tail);
}

const char *file_resolve(const char *path)
{
    char *resolved = realpath(path, NULL);
    if (resolved == NULL)
        return NULL;
    const char *copy = mem_text(resolved, strlen(resolved));
    free(resolved);
    return copy;
}

bool file_is_below(const char *path, const char *folder)
{
    const size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

bool file_write(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "wxe");
    if (file == NULL)
        return false;
    const bool written = fwrite(text, 1, length, file) == length;
    return (fclose(file) == 0) && written;
}

const char *file_temporary(void)
{
    const char *named = getenv("TMPDIR");
    return named != NULL && *named != '\0' ? named : "/tmp";
}

const char *file_make_unique(const char *parent)
{
    return mkdtemp(mem_format("%s/.mortise-XXXXXX", parent));
}

bool file_make_folders(const char *path)
{
    char *part = mem_text(path, strlen(path));
    for (char *slash = part + 1; *slash != '\0'; slash++) {
        if (*slash != '/')
            continue;
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    if (mkdir(part, 0777) == 0)
        return true;
    if (errno != EEXIST)
        return false;
    errno = ENOTDIR;
    return file_is_folder(path);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    remove(path); /* what cannot be removed stays; there is nobody to tell */
    return 0;
}

void file_remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
