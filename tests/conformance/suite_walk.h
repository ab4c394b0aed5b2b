/* SPDX-License-Identifier: MIT */
/*
 * What walk tells of a heap, against what the program knows of it. Part of suite.c.
 */
struct told {
    struct mortise_walk walk;
    struct mortise_piece *piece;
    size_t count, room;
};

static void told_add(struct mortise_walk *walk, const struct mortise_piece *piece)
{
    struct told *told = MORTISE_CONTAINER(walk, struct told, walk);
    if (told->count == told->room) {
        told->room = told->room != 0 ? 2 * told->room : 4096;
        told->piece =
            (struct mortise_piece *)realloc(told->piece, told->room * sizeof *told->piece);
        assert_non_null(told->piece);
    }
    told->piece[told->count++] = *piece;
}

/* From the system side on, 0 is the system layer. */
static unsigned told_layer(const struct mortise_piece *piece)
{
    unsigned layer = 0;
    while (subject.layers[layer].name != NULL &&
           strcmp(subject.layers[layer].name, piece->layer) != 0)
        layer++;
    if (subject.layers[layer].name == NULL)
        fault("a piece of %s, which is no layer", piece->layer);
    return layer;
}

/* By layer, regions first, by address. */
static int told_in_order(const void *left, const void *right)
{
    const struct mortise_piece *a = (const struct mortise_piece *)left;
    const struct mortise_piece *b = (const struct mortise_piece *)right;
    unsigned layer = told_layer(a), others = told_layer(b);
    bool region = a->state == MORTISE_WALK_REGION, other = b->state == MORTISE_WALK_REGION;
    uintptr_t at = (uintptr_t)a->address, that = (uintptr_t)b->address;
    if (layer != others)
        return layer < others ? -1 : 1;
    if (region != other)
        return region ? -1 : 1;
    return at < that ? -1 : at > that;
}

static uintptr_t told_end(const struct mortise_piece *piece)
{
    return (uintptr_t)piece->address + piece->size;
}

static struct told tell_all(void)
{
    enum { SCRATCH = MB };
    struct told told;
    memset(&told, 0, sizeof told);
    told.walk.visit = told_add;
    told.walk.scratch = (uint64_t *)malloc(SCRATCH);
    told.walk.scratch_bits = (size_t)SCRATCH * 8;
    subject.walk(heap, &told.walk);
    free(told.walk.scratch);
    qsort(told.piece, told.count, sizeof *told.piece, told_in_order);
    return told;
}

/* Pieces of a layer, but for its regions, do not overlap. */
static void told_are_apart(const struct told *told)
{
    for (size_t i = 1; i < told->count; i++) {
        const struct mortise_piece *a = &told->piece[i - 1], *b = &told->piece[i];
        if (a->state != MORTISE_WALK_REGION && told_layer(a) == told_layer(b) &&
            told_end(a) > (uintptr_t)b->address)
            fault("%s tells of %p and %p, which overlap", a->layer, a->address, b->address);
    }
}

/* What the layer nearest to the user says of an address, its regions last; NULL: nothing. */
static const struct mortise_piece *told_of(const struct told *told, const void *address)
{
    uintptr_t at = (uintptr_t)address;
    for (size_t i = told->count; i > 0; i--)
        if (at - (uintptr_t)told->piece[i - 1].address < told->piece[i - 1].size)
            return &told->piece[i - 1];
    return NULL;
}

/* Bytes that the system layer tells to be its memory; its regions may lie in each other. */
static size_t told_system(const struct told *told)
{
    size_t bytes = 0;
    uintptr_t end = 0;
    for (size_t i = 0; i < told->count && told_layer(&told->piece[i]) == 0 &&
                       told->piece[i].state == MORTISE_WALK_REGION;
         i++) {
        uintptr_t from = (uintptr_t)told->piece[i].address, to = told_end(&told->piece[i]);
        from = from > end ? from : end;
        if (to > from)
            bytes += to - from;
        end = to > end ? to : end;
    }
    return bytes;
}

/* A block of the program lies in one piece, which is allocated. The malloc beneath malloc_heap does
 * not tell of its blocks. An empty block may be nothing but the end of its header. */
static void told_lives(const struct told *told, const struct shadow_block *block)
{
    const struct mortise_piece *piece = told_of(told, block->ptr);
    if (usable(block->ptr) == 0 ||
        (piece == NULL && strcmp(subject.layers[0].name, "malloc_heap") == 0))
        return;
    if (piece == NULL || piece->state != MORTISE_WALK_ALLOCATED)
        fault("%p is allocated, and %s says %d", (void *)block->ptr,
              piece != NULL ? piece->layer : "nobody", piece != NULL ? (int)piece->state : -1);
    else if (told_end(piece) < (uintptr_t)block->ptr + usable(block->ptr))
        fault("%p has %zu bytes more than %s says", (void *)block->ptr,
              (size_t)((uintptr_t)block->ptr + usable(block->ptr) - told_end(piece)), piece->layer);
}

/* Memory of a block that is gone is not allocated, or to another that lives. */
static void told_is_gone(const struct told *told, const void *gone)
{
    const struct mortise_piece *piece = told_of(told, gone);
    if (piece == NULL || piece->state != MORTISE_WALK_ALLOCATED)
        return;
    for (size_t i = 0; i < SHADOW_MOST; i++)
        if ((uintptr_t)shadow_blocks[i].ptr - (uintptr_t)piece->address <= piece->size)
            return;
    fault("%p is free, and %s says it is allocated", gone, piece->layer);
}

static void walk_tells_what_each_byte_is(void **state)
{
    (void)state;
    enum { SLOTS = 400, GONE = 100 };
    struct shadow shadow = {shadow_blocks, SLOTS, 31, 0, false};
    const void *gone[GONE];
    if (!subject.layers[0].walks)
        return;
    memset(shadow_blocks, 0, sizeof shadow_blocks);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 2000; i++)
            shadow_step(&shadow);
        size_t count = 0;
        for (size_t i = 0; i < SLOTS && count < GONE; i += 2) {
            if (shadow_blocks[i].ptr == NULL || usable(shadow_blocks[i].ptr) == 0)
                continue;
            gone[count++] = shadow_blocks[i].ptr;
            shadow_drop(&shadow_blocks[i]);
        }
        struct told told = tell_all();
        told_are_apart(&told);
        expect(told_system(&told) >= stats().system);
        for (size_t i = 0; i < SLOTS; i++)
            if (shadow_blocks[i].ptr != NULL)
                told_lives(&told, &shadow_blocks[i]);
        for (size_t i = 0; i < count; i++)
            told_is_gone(&told, gone[i]);
        free(told.piece);
        if (round == 1)
            trim(0);
    }
    shadow_drop_all(&shadow);
    assert_int_equal(faults, 0);
}

enum { TOLD_FREED = 200 };

static void *told_free(void *blocks)
{
    for (int i = 0; i < TOLD_FREED; i++)
        put(((void **)blocks)[i]);
    return NULL;
}

/* Also where the owner of a block has not noticed that it came back. */
static void walk_tells_what_another_thread_freed(void **state)
{
    (void)state;
    static void *block[TOLD_FREED], *kept[TOLD_FREED];
    pthread_t thread;
    if (!subject.layers[0].walks)
        return;
    memset(shadow_blocks, 0, sizeof shadow_blocks);
    for (int i = 0; i < TOLD_FREED; i++) {
        assert_non_null(block[i] = get(100));
        assert_non_null(kept[i] = get(100));
        shadow_blocks[i].ptr = (unsigned char *)kept[i];
    }
    assert_int_equal(pthread_create(&thread, NULL, told_free, block), 0);
    pthread_join(thread, NULL);
    struct told told = tell_all();
    for (int i = 0; i < TOLD_FREED; i++) {
        told_lives(&told, &shadow_blocks[i]);
        told_is_gone(&told, block[i]);
    }
    free(told.piece);
    for (int i = 0; i < TOLD_FREED; i++)
        put(kept[i]);
    assert_int_equal(faults, 0);
}
