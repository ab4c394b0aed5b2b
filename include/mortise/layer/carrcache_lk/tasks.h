/* SPDX-License-Identifier: MIT */
/*
 * What is done with the arrays of a core, under its sync. Part of layer/carrcache_lk.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../carrcache_lk.h"
#else
/* How many blocks of a class come and go at a time. */
MORTISE_FAST unsigned SELF(batch)(unsigned szcls)
{
    const unsigned most = SELF(longest_batch);
    unsigned batch = SIZECLASS(batch)(szcls, CLASSES);
    return batch < most ? batch : most;
}

struct SELF(take) {
    struct SELF(core) * core;
    unsigned szcls;
    void *block; /* answer: the one that was freed last, NULL where there is none */
};

MORTISE_PLAIN void SELF(do_take)(void *argument)
{
    struct SELF(take) *task = (struct SELF(take) *)argument;
    struct SELF(core) *core = task->core;
    unsigned count = core->count[task->szcls];
    if (MORTISE_UNLIKELY(count == 0))
        return;
    core->count[task->szcls] = (uint16_t)(count - 1);
    core->bytes -= SIZECLASS(szcls_to_size)(task->szcls, CLASSES);
    task->block = core->blocks[task->szcls][count - 1];
}

/* Blocks on their way to a core, or from it. */
struct SELF(put) {
    struct SELF(core) * core;
    unsigned szcls;
    unsigned
        count; /* answer, and of do_fill and do_take_some a request: how many blocks there are */
    void *blocks[SELF(longest_batch) + 1];
};

/* Up to task->count blocks, those that were freed last. */
MORTISE_PLAIN void SELF(do_take_some)(void *argument)
{
    struct SELF(put) *task = (struct SELF(put) *)argument;
    struct SELF(core) *core = task->core;
    unsigned held = core->count[task->szcls];
    if (task->count > held)
        task->count = held;
    held -= task->count;
    mortise_copy(task->blocks, &core->blocks[task->szcls][held],
                 task->count * sizeof *task->blocks);
    core->count[task->szcls] = (uint16_t)held;
    core->bytes -= task->count * SIZECLASS(szcls_to_size)(task->szcls, CLASSES);
}

/* Is there room for one more block of a class? */
MORTISE_FAST bool SELF(has_room)(const struct SELF(core) * core, unsigned szcls)
{
    return core->count[szcls] < CARRCACHE_LK_SLOTS &&
           core->bytes + SIZECLASS(szcls_to_size)(szcls, CLASSES) <= CARRCACHE_LK_CACHE_SIZE;
}

MORTISE_FAST void SELF(push)(struct SELF(core) * core, unsigned szcls, void *block)
{
    core->blocks[szcls][core->count[szcls]++] = block;
    core->bytes += SIZECLASS(szcls_to_size)(szcls, CLASSES);
}

/* Moves up to a batch of a class to task->blocks, those that have been kept longest. */
MORTISE_SLOW void SELF(move_out)(struct SELF(put) * task, unsigned szcls)
{
    struct SELF(core) *core = task->core;
    void **blocks = core->blocks[szcls];
    unsigned held = core->count[szcls];
    unsigned moved = held < SELF(batch)(szcls) ? held : SELF(batch)(szcls);
    mortise_copy(task->blocks, blocks, moved * sizeof *blocks);
    mortise_move_down(blocks, blocks + moved, (held - moved) * sizeof *blocks);
    core->count[szcls] = (uint16_t)(held - moved);
    core->bytes -= moved * SIZECLASS(szcls_to_size)(szcls, CLASSES);
    task->count = moved;
}

/* The next class in turn that has blocks gives up a batch; where none has, task->count stays. */
MORTISE_SLOW void SELF(do_give_up)(void *argument)
{
    struct SELF(put) *task = (struct SELF(put) *)argument;
    if (task->core->bytes == 0)
        return;
    unsigned victim;
    do
        victim = task->core->next_victim++ % SELF(classes);
    while (task->core->count[victim] == 0);
    SELF(move_out)(task, victim);
}

/* Makes room for the block, and keeps it, or lets it go with those that had to. */
MORTISE_SLOW void SELF(put_after_others)(struct SELF(put) * task, void *block)
{
    if (task->core->count[task->szcls] == CARRCACHE_LK_SLOTS)
        SELF(move_out)(task, task->szcls);
    else
        SELF(do_give_up)(task);
    if (SELF(has_room)(task->core, task->szcls))
        SELF(push)(task->core, task->szcls, block);
    else
        task->blocks[task->count++] = block;
}

/* Keeps the block at blocks[0]; count tells how many others, or it too, are to go. */
MORTISE_PLAIN void SELF(do_put)(void *argument)
{
    struct SELF(put) *task = (struct SELF(put) *)argument;
    if (MORTISE_LIKELY(SELF(has_room)(task->core, task->szcls)))
        SELF(push)(task->core, task->szcls, task->blocks[0]);
    else
        SELF(put_after_others)(task, task->blocks[0]);
}

/* Keeps as many blocks as there is room for, the last ones first; the others stay with the task. */
MORTISE_SLOW void SELF(do_fill)(void *argument)
{
    struct SELF(put) *task = (struct SELF(put) *)argument;
    unsigned held = task->count;
    size_t size = SIZECLASS(szcls_to_size)(task->szcls, CLASSES);
    size_t room = (CARRCACHE_LK_CACHE_SIZE - task->core->bytes) / size;
    unsigned slots = CARRCACHE_LK_SLOTS - task->core->count[task->szcls];
    if (room > slots)
        room = slots;
    unsigned first = room < held ? held - (unsigned)room : 0;
    for (unsigned i = first; i < held; i++)
        SELF(push)(task->core, task->szcls, task->blocks[i]);
    task->count = first;
}

struct SELF(sum) {
    const struct SELF(core) * core;
    size_t bytes, blocks; /* answer */
};

MORTISE_SLOW void SELF(do_sum)(void *argument)
{
    struct SELF(sum) *task = (struct SELF(sum) *)argument;
    task->bytes = task->core->bytes;
    for (unsigned i = 0; i < SELF(classes); i++)
        task->blocks += task->core->count[i];
}

#endif
