/* SPDX-License-Identifier: MIT */
/*
 * os/os.h on Linux: which file code comes from, read from the list of the process's mappings,
 *
 *     5581c0a4e000-5581c0a4f000 r-xp 00001000 fe:00 786465          /usr/bin/app
 *
 * character by character, for a line may be longer than any buffer.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of linux.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_LINUX_ORIGIN_H
#define MORTISE_OS_LINUX_ORIGIN_H

#include "linux_calls.h"

/* The columns, by number. */
enum {
    mortise_mapping_begin,
    mortise_mapping_end,
    mortise_mapping_rights,
    mortise_mapping_offset,
    mortise_mapping_device,
    mortise_mapping_inode,
    mortise_mapping_path
};

/* A line of the list, as far as it has been read. */
struct mortise_mapping {
    int column;
    uintptr_t value[mortise_mapping_path + 1]; /* rights: whether it may be read */
    size_t length;                             /* of the file's name so far */
    uintptr_t base;                            /* where the first page of a file is */
    uintptr_t file;                            /* the inode of that, 0: not known */
};

MORTISE_SLOW void mortise_mapping_add_to_name(struct mortise_mapping *line, char c,
                                              struct mortise_os_origin *origin)
{
    if (c == '/')
        line->length = 0;
    else if (line->length < sizeof origin->file - 1)
        origin->file[line->length++] = c;
    origin->file[line->length] = '\0';
}

/* The next character of the list. */
MORTISE_SLOW void mortise_mapping_add(struct mortise_mapping *line, char c,
                                      struct mortise_os_origin *origin)
{
    uintptr_t *value = &line->value[line->column];
    unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                            : 16;
    if (line->column == mortise_mapping_path) {
        if (c != ' ' || line->length != 0)
            mortise_mapping_add_to_name(line, c, origin);
    } else if (c == ' ' || (c == '-' && line->column == mortise_mapping_begin)) {
        line->column++;
    } else if (line->column == mortise_mapping_rights) {
        *value |= c == 'r';
    } else if (digit < 16) {
        *value = *value * (line->column == mortise_mapping_inode ? 10 : 16) + digit;
    }
}

/* A program that is not to be moved has its symbols where they are; e_type of its ELF header is
 * ET_EXEC. Not by elf.h, which brings a thousand macros into the program. */
MORTISE_SLOW bool mortise_mapping_is_fixed(uintptr_t base)
{
    return ((const uint16_t *)base)[8] == 2;
}

/* At the end of a line: is the address in it, and of which file? */
MORTISE_SLOW bool mortise_mapping_tells(struct mortise_mapping *line, uintptr_t address,
                                        struct mortise_os_origin *origin)
{
    const uintptr_t *value = line->value;
    if (value[mortise_mapping_offset] == 0 && value[mortise_mapping_rights] != 0) {
        line->base = value[mortise_mapping_begin];
        line->file = value[mortise_mapping_inode];
    }
    if (address < value[mortise_mapping_begin] || address >= value[mortise_mapping_end] ||
        value[mortise_mapping_inode] != line->file || line->file == 0 || line->length == 0)
        return false;
    origin->address = mortise_mapping_is_fixed(line->base) ? address : address - line->base;
    return true;
}

MORTISE_PLAIN bool mortise_os_find_origin(const void *code, struct mortise_os_origin *origin)
{
    int saved = errno;
    int file = mortise_linux_open("/proc/self/maps", O_RDONLY);
    struct mortise_mapping line;
    mortise_set(&line, 0, sizeof line);
    bool found = false;
    char text[512];
    for (ssize_t got = 1; file >= 0 && !found && got > 0;) {
        got = mortise_linux_read(file, text, sizeof text);
        for (ssize_t i = 0; i < got && !found; i++) {
            if (text[i] != '\n') {
                mortise_mapping_add(&line, text[i], origin);
                continue;
            }
            found = mortise_mapping_tells(&line, (uintptr_t)code, origin);
            line.column = 0;
            line.length = 0;
            mortise_set(line.value, 0, sizeof line.value);
        }
    }
    if (file >= 0)
        mortise_linux_close(file);
    errno = saved;
    return found;
}

#endif
