/* SPDX-License-Identifier: MIT */
/*
 * The model that data/bins.h is compared with: it knows chunks by their offset, and each list as an
 * array, in the order of the documentation. Bins are found in a table of ranges, not computed.
 * Part of bins.c.
 */
enum { MOST = 4096, LISTS = 127, FASTS = 9, TOP = -1, UNSORTED = 1, CHUNK_LEAST = 32 };

enum state { NOTHING, USED, FAST, FREE };

struct list {
    int count;
    int chunk[MOST]; /* offsets; the first is the front */
};

struct model {
    size_t size; /* of the memory */
    size_t top;  /* offset */
    size_t fast_most;
    int last_remainder; /* offset, TOP: none */
    enum state state[1 << 16];
    size_t length[1 << 16]; /* both by offset / 16 */
    struct list fast[FASTS];
    struct list bin[LISTS];
};

static struct model model;

/* Where each bin from 64 on begins, on 64 bits, in the words of the original's documentation. */
static size_t bin_begins(int bin)
{
    if (bin <= 96)
        return 1024 + (size_t)(bin - 64) * 64;
    if (bin == 97)
        return 3136;
    if (bin <= 111)
        return 3584 + (size_t)(bin - 98) * 512;
    if (bin == 112)
        return 10752;
    if (bin <= 119)
        return 12288 + (size_t)(bin - 113) * 4096;
    static const size_t rest[] = {40960, 65536, 98304, 131072, 163840, 262144, 524288};
    return rest[bin - 120];
}

static int bin_of(size_t size)
{
    if (size < 1024)
        return (int)(size / 16);
    int bin = 126;
    while (bin_begins(bin) > size)
        bin--;
    return bin;
}

static enum state *state_at(size_t offset)
{
    return &model.state[offset / 16];
}

static size_t *length_at(size_t offset)
{
    return &model.length[offset / 16];
}

static void list_insert(struct list *list, int at, int chunk)
{
    for (int i = list->count; i > at; i--)
        list->chunk[i] = list->chunk[i - 1];
    list->chunk[at] = chunk;
    list->count++;
}

static int list_remove(struct list *list, int at)
{
    int chunk = list->chunk[at];
    list->count--;
    for (int i = at; i < list->count; i++)
        list->chunk[i] = list->chunk[i + 1];
    return chunk;
}

static bool list_drop(struct list *list, int chunk)
{
    for (int i = 0; i < list->count; i++) {
        if (list->chunk[i] == chunk) {
            list_remove(list, i);
            return true;
        }
    }
    return false;
}

/* A free chunk is wherever it is. */
static void model_unlink(size_t offset)
{
    for (int i = UNSORTED; i < LISTS; i++)
        if (list_drop(&model.bin[i], (int)offset))
            return;
    fail_msg("the free chunk at %zu is in no list", offset);
}

static void model_put_unsorted(size_t offset, size_t length)
{
    *state_at(offset) = FREE;
    *length_at(offset) = length;
    list_insert(&model.bin[UNSORTED], 0, (int)offset);
}

/* Frees a chunk for good: joins it with its neighbours. */
static void model_join(size_t offset)
{
    size_t length = *length_at(offset);
    *state_at(offset) = NOTHING;
    for (size_t before = 0; before < offset; before += *length_at(before)) {
        if (before + *length_at(before) == offset && *state_at(before) == FREE) {
            model_unlink(before);
            *state_at(before) = NOTHING;
            length += offset - before;
            offset = before;
            break;
        }
    }
    size_t next = offset + length;
    if (next == model.top) {
        model.top = offset;
        return;
    }
    if (*state_at(next) == FREE) {
        model_unlink(next);
        *state_at(next) = NOTHING;
        length += *length_at(next);
    }
    model_put_unsorted(offset, length);
}

static void model_consolidate(void)
{
    for (int i = 0; i < FASTS; i++)
        while (model.fast[i].count > 0)
            model_join((size_t)list_remove(&model.fast[i], 0));
}

static bool model_has_fast(void)
{
    for (int i = 0; i < FASTS; i++)
        if (model.fast[i].count > 0)
            return true;
    return false;
}

static int model_use(size_t offset, size_t need, bool remember)
{
    size_t rest = *length_at(offset) - need;
    *state_at(offset) = USED;
    if (rest < CHUNK_LEAST)
        return (int)offset;
    *length_at(offset) = need;
    model_put_unsorted(offset + need, rest);
    if (remember)
        model.last_remainder = (int)(offset + need);
    return (int)offset;
}

static void model_sort(int chunk)
{
    size_t size = *length_at((size_t)chunk);
    struct list *list = &model.bin[bin_of(size)];
    int at = 0;
    while (size >= 1024 && at<list->count && * length_at((size_t)list->chunk[at])> size)
        at++;
    if (size >= 1024 && at < list->count && *length_at((size_t)list->chunk[at]) == size)
        at++;
    list_insert(list, at, chunk);
}

/* TOP: none, NOTHING: go on. */
static int model_sort_all(size_t need)
{
    struct list *list = &model.bin[UNSORTED];
    while (list->count > 0) {
        bool sole = list->count == 1;
        int chunk = list_remove(list, list->count - 1);
        size_t size = *length_at((size_t)chunk);
        if (need < 1024 && sole && chunk == model.last_remainder && size > need + CHUNK_LEAST)
            return model_use((size_t)chunk, need, true);
        if (size == need)
            return model_use((size_t)chunk, need, false);
        model_sort(chunk);
    }
    return TOP;
}

static int model_best_fit(size_t need)
{
    struct list *list = &model.bin[bin_of(need)];
    size_t best = SIZE_MAX;
    for (int i = 0; i < list->count; i++) {
        size_t size = *length_at((size_t)list->chunk[i]);
        if (size >= need && size < best)
            best = size;
    }
    for (int i = 0; i < list->count; i++) {
        if (*length_at((size_t)list->chunk[i]) != best)
            continue;
        if (i + 1 < list->count && *length_at((size_t)list->chunk[i + 1]) == best)
            i++;
        return model_use((size_t)list_remove(list, i), need, false);
    }
    return TOP;
}

static int model_search(size_t need)
{
    int chunk = model_sort_all(need);
    if (chunk == TOP && need >= 1024)
        chunk = model_best_fit(need);
    for (int bin = bin_of(need) + 1; chunk == TOP && bin < LISTS; bin++) {
        struct list *list = &model.bin[bin];
        if (list->count > 0)
            chunk = model_use((size_t)list_remove(list, list->count - 1), need, need < 1024);
    }
    if (chunk == TOP && model.size - model.top >= need + CHUNK_LEAST) {
        chunk = (int)model.top;
        *state_at(model.top) = USED;
        *length_at(model.top) = need;
        model.top += need;
    }
    return chunk;
}

/* The offset of the chunk that serves, or TOP: none does. */
static int model_alloc(size_t need)
{
    struct list *fast = &model.fast[need <= 160 ? need / 16 - 2 : 0];
    struct list *small = &model.bin[bin_of(need)];
    if (need <= model.fast_most && fast->count > 0) {
        int chunk = list_remove(fast, 0);
        *state_at((size_t)chunk) = USED;
        return chunk;
    }
    if (need < 1024 && small->count > 0)
        return model_use((size_t)list_remove(small, small->count - 1), need, false);
    if (need >= 1024)
        model_consolidate();
    int chunk = model_search(need);
    if (chunk == TOP && model_has_fast()) {
        model_consolidate();
        chunk = model_search(need);
    }
    return chunk;
}

static void model_free(size_t offset)
{
    size_t size = *length_at(offset);
    if (size > model.fast_most) {
        model_join(offset);
        return;
    }
    *state_at(offset) = FAST;
    list_insert(&model.fast[size / 16 - 2], 0, (int)offset);
}
