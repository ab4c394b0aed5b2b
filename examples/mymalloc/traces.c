/* SPDX-License-Identifier: MIT */
/*
 * Requests of real programs, as record.c wrote them down: a number for each request, 7 bits a byte,
 * the low ones first, the top bit of a byte says that there are more. Even: a block of half the
 * number is allocated. Odd: a block is freed, half the number says how many were allocated since.
 */
#include "kit.h"

#define TRACE(name)                                                                                \
    __asm__(".section .rodata\n"                                                                   \
            "trace_" #name ":\n"                                                                   \
            ".incbin \"traces/" #name ".trace\"\n"                                                 \
            "trace_" #name "_end:\n"                                                               \
            ".text\n");                                                                            \
    extern const unsigned char trace_##name[] __attribute__((visibility("hidden")));               \
    extern const unsigned char trace_##name##_end[] __attribute__((visibility("hidden")));

TRACE(perl)
TRACE(python3)
TRACE(sqlite3)

const struct kit_trace kit_traces[] = {
    {"perl", trace_perl, trace_perl_end},
    {"python3", trace_python3, trace_python3_end},
    {"sqlite3", trace_sqlite3, trace_sqlite3_end},
};
const unsigned kit_trace_count = sizeof kit_traces / sizeof kit_traces[0];

struct block {
    void *at;
    size_t size;
};

static uint64_t next_number(const unsigned char **at)
{
    uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        unsigned char byte = *(*at)++;
        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return number;
    }
}

size_t kit_replay(const struct kit_trace *trace)
{
    size_t most = (size_t)(trace->end - trace->begin), allocated = 0, requests = 0;
    struct block *blocks = kit_pages(most * sizeof *blocks);
    if (blocks == NULL)
        kit_fail("no memory for a trace", most);
    for (const unsigned char *at = trace->begin; at < trace->end; requests++) {
        uint64_t number = next_number(&at);
        if (number % 2 == 0) {
            struct block *block = &blocks[allocated++];
            block->size = (size_t)(number / 2);
            block->at = kit_get(block->size);
            if (block->at == NULL)
                kit_fail("no memory in a trace, for bytes", block->size);
        } else {
            struct block *block = &blocks[allocated - 1 - (size_t)(number / 2)];
            kit_put(block->at, block->size);
            block->at = NULL;
        }
    }
    for (size_t i = 0; i < allocated; i++)
        kit_put(blocks[i].at, blocks[i].size);
    kit_pages_give(blocks, most * sizeof *blocks);
    return requests;
}
