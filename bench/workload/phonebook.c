/* SPDX-License-Identifier: MIT */
/*
 * phonebook: threads append entries to lists of their own, each entry with its details in a second
 * block; the lists are joined, names looked up, and the one thread that is left frees what the
 * others made.
 *
 * Wins: an allocator in which threads do not meet as long as they only ask, and that takes back all
 * blocks of threads which are gone.
 */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS, ENTRIES, BOOKS };
enum { LOOKUPS = 16, NAME = 16 };

struct detail {
    char first_name[16], email[16], phone[10], address[24];
    long number;
};

struct entry {
    char last_name[NAME];
    struct detail *detail;
    struct entry *next;
};

struct book {
    const long *value;
    struct entry **first, **last; /* of each thread */
};

/* A name for each number, and the same each time: letters as digits, the last one first. */
static void name_of(long number, char name[NAME])
{
    uint64_t left = (uint64_t)number + 26 * 26 * 26;
    size_t length = 0;
    for (; left > 0 && length < NAME - 1; left /= 26)
        name[length++] = (char)('a' + left % 26);
    memset(name + length, 0, NAME - length);
}

static struct entry *new_entry(long number)
{
    struct entry *entry = (struct entry *)work_malloc(sizeof *entry);
    name_of(number, entry->last_name);
    entry->next = NULL;
    entry->detail = (struct detail *)work_calloc(1, sizeof *entry->detail);
    entry->detail->number = number;
    return entry;
}

/* Thread t has the numbers t, t + threads, … */
static bool append(void *argument, long thread)
{
    const struct book *book = (const struct book *)argument;
    struct entry **end = &book->first[thread];
    for (long i = thread; i < book->value[ENTRIES]; i += book->value[THREADS]) {
        struct entry *entry = new_entry(i);
        book->last[thread] = *end = entry;
        end = &entry->next;
    }
    return true;
}

static struct entry *join(const struct book *book)
{
    struct entry *first = NULL;
    for (long i = book->value[THREADS]; i-- > 0;) {
        if (book->first[i] == NULL)
            continue;
        book->last[i]->next = first;
        first = book->first[i];
    }
    return first;
}

static bool has(const struct entry *entry, long number)
{
    char name[NAME];
    name_of(number, name);
    while (entry != NULL && memcmp(entry->last_name, name, NAME) != 0)
        entry = entry->next;
    return entry != NULL && entry->detail->number == number;
}

static bool free_all(struct entry *entry, long entries)
{
    uint64_t count = 0, sum = 0;
    while (entry != NULL) {
        struct entry *next = entry->next;
        count++;
        sum += (uint64_t)entry->detail->number;
        free(entry->detail);
        free(entry);
        entry = next;
    }
    const uint64_t expected = (uint64_t)entries;
    return count == expected && sum == expected * (expected - 1) / 2;
}

static bool one_book(struct book *book, struct work_random *random)
{
    const long threads = book->value[THREADS], entries = book->value[ENTRIES];
    book->first = (struct entry **)work_calloc((size_t)threads, sizeof *book->first);
    book->last = (struct entry **)work_calloc((size_t)threads, sizeof *book->last);
    bool right = work_in_threads(threads, append, book);
    struct entry *first = join(book);
    for (int i = 0; i < LOOKUPS; i++)
        right = right && has(first, (long)work_random_below(random, (uint64_t)entries));
    right = right && !has(first, entries);
    right = right && free_all(first, entries);
    free(book->last);
    free(book->first);
    return right;
}

static bool run(const long *value)
{
    struct book book = {.value = value};
    struct work_random random = {1};
    bool right = true;
    for (long i = 0; right && i < value[BOOKS]; i++)
        right = one_book(&book, &random);
    return right;
}

const struct workload workload_phonebook = {
    .name = "phonebook",
    .purpose = "lists that threads append to, and one thread frees",
    .source = "sysprog21, phonebook-concurrent",
    .parameters = {{"threads", 0, 0, 4, 0, 1024, "threads that append"},
                   {"entries", 350000, 150000, 350000, 1, 1L << 40, "names in the book"},
                   {"books", 3, 2, 100, 1, 1L << 40, "one after the other"}},
    .cases = {"threads=1", "threads=8", "threads=64"},
    .run = run,
};
