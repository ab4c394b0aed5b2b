/* SPDX-License-Identifier: MIT */
#include "library.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linkers write the table of sections at the end, so that a file which was cut off has less. */
static uint64_t length_of(const Elf64_Ehdr *header)
{
    if (header->e_ident[EI_CLASS] == ELFCLASS64)
        return header->e_shoff + (uint64_t)header->e_shnum * header->e_shentsize;
    Elf32_Ehdr small;
    memcpy(&small, header, sizeof small);
    return small.e_shoff + (uint64_t)small.e_shnum * small.e_shentsize;
}

bool library_is_whole(const char *path)
{
    struct stat status;
    Elf64_Ehdr header;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool whole = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
                       read(fd, &header, sizeof header) == (ssize_t)sizeof header &&
                       memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
                       (uint64_t)status.st_size >= length_of(&header);
    close(fd);
    return whole;
}

bool library_replace(const char *new_file, const char *path)
{
    const int fd = open(new_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    /* A file system without it keeps what it can. */
    const bool kept = fsync(fd) == 0 || errno == EINVAL || errno == ENOSYS;
    const int error = errno;
    close(fd);
    errno = error;
    return kept && rename(new_file, path) == 0;
}
