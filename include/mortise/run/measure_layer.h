/* SPDX-License-Identifier: MIT */
/*
 * What layers that measure do alike: how a thread comes to its record, and the report. A part of
 * the layer's body; the layer has defined before
 *   struct SELF(record)   what a thread counts, with a struct mortise_record head as first member
 *   SELF_LOCAL            with `struct SELF(record) *record; uint32_t thread;` among its members
 * and defines itself SELF(report)(sink), SELF(finish)(local, last), which is called when a state
 * that has a record ends, before the thread gives the record away if it is the last one, the batch
 * calls, resize and fork, where SELF(begin_in_child)(local) has to be called for
 * MORTISE_FORK_CHILD.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone.h"
#include "../layer/wcet_stat.h"
#else
static struct mortise_records SELF(records);

MORTISE_SLOW void SELF(report)(struct mortise_sink *sink);
MORTISE_PLAIN void SELF(finish)(SELF_LOCAL *local, bool last);

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD)
        local->thread = mortise_os_thread_id();
    return NEXT(create)(ctx, heap, local);
}

#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD && local->record != NULL) {
        bool last = mortise_records_leave(&local->record->head, local->thread);
        SELF(finish)(local, last);
        if (last)
            mortise_records_give(&local->record->head);
        local->record = NULL;
    }
    return NEXT(destroy)(ctx, heap, local);
}

/* The state of the calling thread, with a record; NULL where memory is out. */
MORTISE_SLOW SELF_LOCAL *SELF(begin)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    local = SELF(attach)(heap, local);
    if (local->thread == 0) /* nobody's */
        return NULL;
    if (local->record == NULL) {
        local->thread = mortise_os_thread_id();
        local->record = (struct SELF(record) *)(void *)mortise_records_take(
            &SELF(records), local->thread, sizeof(struct SELF(record)));
        if (local->record != NULL)
            mortise_records_enter(&local->record->head);
    }
    return local->record != NULL ? local : NULL;
}

MORTISE_PLAIN void SELF(begin_in_child)(SELF_LOCAL *local)
{
    if (local->record == NULL)
        return;
    local->thread = local->record->head.thread = mortise_os_thread_id();
    local->record->head.process = mortise_os_process_id();
}

/* The records of all threads, one after the other. */
MORTISE_PLAIN struct SELF(record) * SELF(first_record)(void)
{
    return (struct SELF(record) *)(void *)mortise_records_first(&SELF(records));
}

MORTISE_PLAIN struct SELF(record) * SELF(next_record)(const struct SELF(record) * record)
{
    return (struct SELF(record) *)(void *)record->head.next;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

#define LAYER_HAS_STATS
MORTISE_SLOW mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_stats *stats = (struct mortise_stats *)ctx->ptr;
    if (stats->sink != NULL)
        SELF(report)(stats->sink);
    return NEXT(stats)(ctx, heap, local);
}

MORTISE_AT_END void SELF(end)(void)
{
    if (SELF(first_record)() != NULL)
        mortise_measure_end(SELF(report));
}

#endif
