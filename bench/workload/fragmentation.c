/* SPDX-License-Identifier: MIT */
/*
 * fragmentation: a probe. Blocks of random sizes fill the heap; most of them, picked at random, are
 * freed; then as many bytes as were freed are asked for in blocks of twice the sizes, in several
 * rounds. The holes that the freed blocks left are too small for these where they do not join.
 *
 * Figures: resident memory for each live byte when the heap is new, when it has holes, and at the
 * end; what a request takes in the new heap and in the one with holes.
 *
 * Wins: an allocator that joins neighbours, or gives whole free pages to other sizes.
 */
#include "workload.h"

#include "shared/kept.h"

enum { LIVE, MOST, ROUNDS, FREED };

struct probe {
    struct kept *blocks;
    long count, room;
    size_t bytes;
    struct work_random random;
};

/* Blocks of up to `most` bytes until `bytes` are live; what one took, in nanoseconds. */
static double fill(struct probe *probe, size_t bytes, size_t most)
{
    const uint64_t before = work_nanoseconds();
    const long first = probe->count;
    while (probe->bytes < bytes) {
        if (probe->count == probe->room) {
            probe->room = probe->room == 0 ? 4096 : 2 * probe->room;
            probe->blocks = (struct kept *)work_realloc(probe->blocks,
                                                        (size_t)probe->room * sizeof(struct kept));
        }
        const uint64_t number = work_random(&probe->random);
        const size_t size = most / 4 + 1 + (number >> 32) % (most - most / 4);
        struct kept *one = &probe->blocks[probe->count++];
        void *block = work_hide(work_malloc(size));
        memset(block, 1, size);
        kept_mark(one, block, size, (uint32_t)number);
        probe->bytes += size;
    }
    return (double)(work_nanoseconds() - before) / (double)(probe->count - first + 1);
}

/* Each block with the same probability. */
static bool make_holes(struct probe *probe, long percent)
{
    bool right = true;
    long left = 0;
    for (long i = 0; i < probe->count; i++) {
        if ((long)work_random_below(&probe->random, 100) >= percent) {
            probe->blocks[left++] = probe->blocks[i];
        } else {
            probe->bytes -= probe->blocks[i].size;
            right = kept_free(&probe->blocks[i]) && right;
        }
    }
    probe->count = left;
    return right;
}

static double resident_per_live(const struct probe *probe)
{
    return (double)work_resident_kb() * 1024 / (double)(probe->bytes + 1);
}

static bool run(const long *value)
{
    const size_t live = (size_t)value[LIVE] << 20;
    struct probe probe = {.random = {1}};
    bool right = true;
    size_t most = (size_t)value[MOST];
    work_figure("new_ns", fill(&probe, live, most));
    work_figure("new_resident_per_live", resident_per_live(&probe));
    double nanoseconds = 0;
    for (long round = 0; round < value[ROUNDS]; round++) {
        right = make_holes(&probe, value[FREED]) && right;
        if (round == 0)
            work_figure("holes_resident_per_live", resident_per_live(&probe));
        most *= 2;
        nanoseconds += fill(&probe, live, most);
    }
    work_figure("holes_ns", nanoseconds / (double)value[ROUNDS]);
    work_figure("end_resident_per_live", resident_per_live(&probe));
    right = kept_free_all(probe.blocks, probe.count) && right;
    free(probe.blocks);
    return right;
}

const struct workload workload_fragmentation = {
    .name = "fragmentation",
    .purpose = "larger and larger blocks in a heap that is full of holes",
    .source = "fragbench; TempoJiJi and others",
    .parameters = {{"live_mb", 24, 8, 256, 1, 1L << 20, "MB in all when the heap is full"},
                   {"most", 64, 64, 64, 16, 1 << 20, "bytes in the largest block at first"},
                   {"rounds", 6, 4, 8, 1, 12, "times holes are made and the sizes doubled"},
                   {"freed", 80, 80, 80, 1, 100, "per cent of the blocks that go"}},
    .cases = {"most=1024 rounds=4"},
    .run = run,
};
