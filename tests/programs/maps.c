/* SPDX-License-Identifier: MIT */
/*
 * The walk through a malloc of arenas that is known from texts about glibc's: a program and a
 * thread of it each take 1000 bytes and free them, and the table of mappings is looked at before,
 * between and after. The main arena is the end of the program break, the thread's the beginning of
 * 64 MB of addresses of which the rest is no memory; nothing goes back for a small block. Nothing
 * here but the one malloc allocates, so there is no stdio.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 400, KB = 1024, GRANULE = 64 * KB };
static const uintptr_t room = (uintptr_t)64 << 20;

/* What comes first, 128 KB and the request, in whole granules. */
enum { ARENA = 192 * KB };

struct line {
    uintptr_t from, to;
    bool readable, writable, heap;
};

struct table {
    struct line line[LINES];
    int lines;
};

static void say(const char *text)
{
    if (write(1, text, strlen(text)) < 0)
        _exit(2);
}

static void check(bool right, const char *what)
{
    if (right)
        return;
    say("FAILED: ");
    say(what);
    say("\n");
    _exit(1);
}

static uintptr_t number(char **at)
{
    uintptr_t value = 0;
    for (;; (*at)++) {
        char digit = **at;
        if (digit >= '0' && digit <= '9')
            value = value * 16 + (uintptr_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value = value * 16 + (uintptr_t)(digit - 'a' + 10);
        else
            return value;
    }
}

static void look(struct table *table)
{
    static char text[1 << 18];
    size_t length = 0;
    ssize_t got;
    int file = open("/proc/self/maps", O_RDONLY);
    check(file >= 0, "/proc/self/maps");
    while ((got = read(file, text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)got;
    close(file);
    text[length] = '\0';
    table->lines = 0;
    for (char *at = text, *end; *at != '\0' && table->lines < LINES; at = end + 1) {
        struct line *line = &table->line[table->lines++];
        end = strchr(at, '\n');
        *end = '\0';
        line->from = number(&at);
        at++;
        line->to = number(&at);
        line->readable = at[1] == 'r';
        line->writable = at[2] == 'w';
        line->heap = strstr(at, "[heap]") != NULL;
    }
}

static struct table before, now;

static const struct line *heap_of(const struct table *table)
{
    for (int i = 0; i < table->lines; i++)
        if (table->line[i].heap)
            return &table->line[i];
    return NULL;
}

static const struct line *line_at(const struct table *table, uintptr_t address)
{
    for (int i = 0; i < table->lines; i++)
        if (address >= table->line[i].from && address < table->line[i].to)
            return &table->line[i];
    return NULL;
}

static bool same(const struct line *a, const struct line *b)
{
    return a != NULL && b != NULL && a->from == b->from && a->to == b->to &&
           a->writable == b->writable;
}

static void in_main(void)
{
    look(&before);
    check(heap_of(&before) == NULL, "main, before malloc: there is a heap");
    char *block = (char *)malloc(1000);
    look(&now);
    const struct line *heap = heap_of(&now);
    check(heap != NULL && heap->readable && heap->writable, "main, after malloc: no heap");
    uintptr_t at = (uintptr_t)block;
    check(at >= heap->from && at + 1000 <= heap->to, "main: the block is not in the heap");
    /* It begins at a granule, which the break need not do before. */
    check(heap->to % GRANULE == 0 && heap->to - heap->from >= ARENA &&
              heap->to - heap->from < ARENA + GRANULE,
          "main: the heap is not 192 KB");
    before = now;
    free(block);
    look(&now);
    check(same(heap_of(&now), heap_of(&before)), "main, after free: the heap is another");
}

/* The line of memory at the beginning of the room that a block is in. */
static const struct line *check_room(const struct table *table, uintptr_t at)
{
    uintptr_t base = at & ~(room - 1);
    const struct line *memory = line_at(table, base);
    check(memory != NULL && memory->readable && memory->writable, "thread: no memory at 64 MB");
    check(memory->to == base + ARENA, "thread: the arena is not 192 KB");
    check(at < memory->to, "thread: the block is not in its arena");
    uintptr_t rest = memory->to;
    while (rest < base + room) {
        const struct line *line = line_at(table, rest);
        check(line != NULL && !line->readable && !line->writable,
              "thread: the rest of 64 MB is not reserved");
        rest = line->to;
    }
    return memory;
}

static void *in_thread(void *unused)
{
    look(&before);
    char *block = (char *)malloc(1000);
    look(&now);
    uintptr_t at = (uintptr_t)block;
    const struct line *old = line_at(&before, at & ~(room - 1));
    check(old == NULL || !old->writable || old->to <= at,
          "thread, before malloc: its arena is there");
    check(heap_of(&now) == NULL || at >= heap_of(&now)->to || at < heap_of(&now)->from,
          "thread: the block is in the heap of main");
    check_room(&now, at);
    before = now;
    free(block);
    look(&now);
    check(check_room(&now, at)->to == check_room(&before, at)->to,
          "thread, after free: the arena is another");
    return unused;
}

int main(void)
{
    pthread_t thread;
    in_main();
    check(pthread_create(&thread, NULL, in_thread, NULL) == 0, "a thread");
    pthread_join(thread, NULL);
    say("as it was told\n");
    return 0;
}
