/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "../mem.h"
#include "inspect.h"
#include "totals.h"

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* An address, which no reader may round. */
static json_t *address(uint64_t value)
{
    return json_string(mem_format("0x%" PRIx64, value));
}

static void add_sum(json_t *to, const struct inspect_sum *sum)
{
    json_object_set_new(to, "memory", integer(inspect_all(sum)));
    for (int state = 0; state < INSPECT_STATES; state++)
        json_object_set_new(to, inspect_state_name((enum inspect_state)state),
                            integer(sum->bytes[state]));
}

static json_t *layer_of(const struct inspect *picture, size_t layer)
{
    return json_string(picture->layers[layer].name);
}

static json_t *row_of(const struct inspect *picture, const struct inspect_row *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "layer", layer_of(picture, row->layer));
    json_object_set_new(object, "kind", json_string(row->label));
    json_object_set_new(object, "number", integer(row->number));
    json_object_set_new(object, "count", integer(row->parts));
    return object;
}

static json_t *rows_of(const struct inspect *picture, struct inspect_rows rows)
{
    json_t *array = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        json_t *object = row_of(picture, &rows.row[i]);
        add_sum(object, &rows.row[i].sum);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *layers_of(const struct inspect *picture, const struct inspect_heap *heap)
{
    const struct inspect_rows rows = inspect_layers(picture, heap);
    json_t *array = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "layer", layer_of(picture, i));
        json_object_set_new(object, "walks", json_boolean(picture->layers[i].walks));
        json_object_set_new(object, "regions", integer(rows.row[i].parts));
        add_sum(object, &rows.row[i].sum);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *lists_of(const struct inspect *picture, struct inspect_rows rows,
                        enum inspect_state state)
{
    json_t *array = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        json_t *object = row_of(picture, &rows.row[i]);
        if (state == INSPECT_CACHED) {
            json_object_del(object, "number");
            json_object_set_new(object, "thread",
                                rows.row[i].thread != 0 ? integer(rows.row[i].thread)
                                                        : json_null());
        }
        json_object_set_new(object, "bytes", integer(rows.row[i].sum.bytes[state]));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *spans_of(const struct inspect *picture, const struct inspect_heap *heap)
{
    json_t *array = json_array();
    for (size_t i = 0; i < heap->span_count; i++) {
        const struct inspect_span *span = &heap->spans[i];
        json_t *entry = json_array();
        json_array_append_new(entry, address(span->address));
        json_array_append_new(entry, integer(span->end - span->address));
        json_array_append_new(entry, json_string(inspect_state_name(span->state)));
        json_array_append_new(entry, layer_of(picture, heap->pieces[span->piece].layer));
        json_array_append_new(array, entry);
    }
    return array;
}

static json_t *heap_of(const struct inspect *picture, const struct inspect_heap *heap)
{
    const struct inspect_sum sum = inspect_sum_of(heap);
    json_t *object = json_object();
    json_object_set_new(object, "serial", integer(heap->serial));
    add_sum(object, &sum);
    json_object_set_new(object, "largest_free", integer(sum.largest_free));
    json_object_set_new(object, "fragmentation", json_real(inspect_fragmentation(&sum)));
    json_object_set_new(object, "reserved", integer(heap->reserved));
    json_object_set_new(object, "overlap", integer(heap->overlap));
    json_object_set_new(object, "layers", layers_of(picture, heap));
    json_object_set_new(object, "regions", rows_of(picture, inspect_parts(picture, heap)));
    json_object_set_new(object, "free_lists", lists_of(picture, inspect_bins(heap), INSPECT_FREE));
    json_object_set_new(object, "caches", lists_of(picture, inspect_caches(heap), INSPECT_CACHED));
    json_object_set_new(object, "spans", spans_of(picture, heap));
    return object;
}

void inspect_json(const struct inspect *picture, FILE *out)
{
    json_t *object = json_object(), *heaps = json_array();
    if (picture->program != NULL) {
        json_object_set_new(object, "process", integer(picture->process));
        json_object_set_new(object, "program", json_string(picture->program));
    }
    json_object_set_new(object, "model", json_string(inspect_model(picture)));
    json_object_set_new(object, "composition", json_string(picture->composition));
    json_object_set_new(object, "moment", json_string(picture->moment));
    json_object_set_new(object, "consistent", json_boolean(picture->consistent));
    for (size_t i = 0; i < picture->heap_count; i++)
        json_array_append_new(heaps, heap_of(picture, &picture->heaps[i]));
    json_object_set_new(object, "heaps", heaps);
    json_dumpf(object, out, JSON_INDENT(1));
    fputc('\n', out);
    json_decref(object);
}
