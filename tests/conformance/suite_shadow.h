/* SPDX-License-Identifier: MIT */
/*
 * A shadow model: what the program believes about its blocks, against what the heap does with them.
 * Random operations run over many live blocks; every byte of a block holds a pattern that belongs
 * to that block alone, so that an overlap shows as damage. Inside a large block, unless the test is
 * thorough, a page in eight does: what it costs to have a page takes longer than all else here.
 * Part of suite.c.
 */
struct shadow_block {
    unsigned char *ptr;
    size_t span; /* bytes that carry the pattern */
    size_t align;
    uint64_t seed;
    size_t last; /* from here on every byte does */
};

enum { SHADOW_MOST = 4096 };

struct shadow {
    struct shadow_block *block; /* slots, ptr NULL: none */
    size_t slots;
    uint64_t seed;
    size_t refused; /* requests that returned NULL */
    bool may_fail;  /* that is no fault */
};

static uint64_t shadow_word(const struct shadow_block *block, size_t i)
{
    return (block->seed + i) * UINT64_C(0x9E3779B97F4A7C15);
}

/* The first word from `i` on that carries the pattern. */
static size_t shadow_at(const struct shadow_block *block, size_t i)
{
    enum { PAGE = 4096 / 8, EACH = 8 * PAGE };
    if (i < EACH || i % EACH < PAGE || i * 8 >= block->last)
        return i;
    size_t next = (i / EACH + 1) * EACH;
    return next * 8 < block->last ? next : (block->last + 7) / 8;
}

static void shadow_fill(struct shadow_block *block, size_t from)
{
    block->last = thorough() || block->span < 4 * KB ? 0 : block->span - 4 * KB;
    size_t first = from < block->last ? from : block->last;
    for (size_t i = shadow_at(block, first / 8); i * 8 < block->span; i = shadow_at(block, i + 1)) {
        uint64_t word = shadow_word(block, i);
        size_t left = block->span - i * 8;
        if (left >= 8) /* not a call */
            memcpy(block->ptr + i * 8, &word, 8);
        else
            memcpy(block->ptr + i * 8, &word, left);
    }
}

/* The first `span` bytes carry the pattern. */
static bool shadow_holds(const struct shadow_block *block, size_t span)
{
    for (size_t i = 0; i * 8 < span; i = shadow_at(block, i + 1)) {
        uint64_t word = shadow_word(block, i);
        size_t left = span - i * 8;
        if (left >= 8 ? memcmp(block->ptr + i * 8, &word, 8) != 0
                      : memcmp(block->ptr + i * 8, &word, left) != 0)
            return false;
    }
    return true;
}

static void shadow_check(const struct shadow_block *block)
{
    if (!shadow_holds(block, block->span))
        fault("block %p of %zu bytes is damaged", (void *)block->ptr, block->span);
}

/* Mostly small, some of every size up to 3 MB. */
static size_t shadow_size(uint64_t *seed)
{
    size_t dice = below(seed, 1000);
    if (dice < 700)
        return below(seed, 256);
    if (dice < 920)
        return below(seed, 4 * KB);
    if (dice < 980)
        return below(seed, 64 * KB);
    return dice < 998 ? below(seed, MB) : below(seed, 3 * MB);
}

static bool all_zero(const unsigned char *bytes, size_t n)
{
    return n == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0);
}

/* The same, of a large block at its ends and a page in eight, each time others. */
static bool seems_zero(const unsigned char *bytes, size_t n)
{
    static size_t turn;
    if (thorough() || n <= 64 * KB)
        return all_zero(bytes, n);
    size_t at = MORTISE_ADD_RELAXED(&turn, 1) % 8 * 4 * KB;
    bool zero = all_zero(bytes, 4 * KB) && all_zero(bytes + n - 4 * KB, 4 * KB);
    for (; zero && at < n - 4 * KB; at += 32 * KB)
        zero = all_zero(bytes + at, 4 * KB);
    return zero;
}

/* Takes note of a new block; now and then the pattern goes to the very last usable byte. */
static void shadow_enter(struct shadow *shadow, struct shadow_block *block, size_t size)
{
    size_t most = usable(block->ptr);
    if (most < size)
        fault("%zu bytes asked, %zu usable at %p", size, most, (void *)block->ptr);
    if (((uintptr_t)block->ptr & (block->align - 1)) != 0)
        fault("%p is not aligned to %zu", (void *)block->ptr, block->align);
    block->span = below(&shadow->seed, 4) == 0 ? most : size;
    block->seed = chance(&shadow->seed);
    shadow_fill(block, 0);
}

static void shadow_refused(struct shadow *shadow)
{
    shadow->refused++;
    if (!shadow->may_fail)
        fault("a request failed");
    if (errno != ENOMEM)
        fault("a request failed with errno %d", errno);
}

static void shadow_add(struct shadow *shadow, struct shadow_block *block)
{
    size_t size = shadow_size(&shadow->seed);
    size_t dice = below(&shadow->seed, 8);
    block->align = 16;
    errno = 0;
    if (dice == 0) {
        block->ptr = (unsigned char *)get_zero(1 + size / 3, 3);
        if (block->ptr != NULL && !seems_zero(block->ptr, (1 + size / 3) * 3))
            fault("calloc of %zu bytes at %p is not zero", size, (void *)block->ptr);
    } else if (dice == 1) {
        block->align = (size_t)1 << below(&shadow->seed, 14);
        block->ptr = (unsigned char *)get_aligned(block->align, size);
    } else {
        block->ptr = (unsigned char *)get(size);
    }
    if (block->ptr == NULL)
        shadow_refused(shadow);
    else if (errno != 0)
        fault("a request that succeeded left errno %d", errno);
    if (block->ptr != NULL)
        shadow_enter(shadow, block, size);
}

static void shadow_drop(struct shadow_block *block)
{
    shadow_check(block);
    errno = 1234;
    put(block->ptr);
    if (errno != 1234)
        fault("free changed errno to %d", errno);
    block->ptr = NULL;
}

static void shadow_regrow(struct shadow *shadow, struct shadow_block *block)
{
    size_t size = 1 + (below(&shadow->seed, 3) == 0 ? block->span + below(&shadow->seed, 512)
                                                    : shadow_size(&shadow->seed));
    size_t kept = size < block->span ? size : block->span;
    shadow_check(block);
    errno = 0;
    unsigned char *ptr = (unsigned char *)regrow(block->ptr, size);
    if (ptr == NULL) {
        shadow_refused(shadow);
        shadow_check(block); /* the block is as it was */
        return;
    }
    block->ptr = ptr;
    if (!shadow_holds(block, kept))
        fault("realloc from %zu to %zu lost content", block->span, size);
    block->align = 16;
    shadow_enter(shadow, block, size);
}

static void shadow_step(struct shadow *shadow)
{
    struct shadow_block *block = &shadow->block[below(&shadow->seed, shadow->slots)];
    if (block->ptr == NULL)
        shadow_add(shadow, block);
    else if (below(&shadow->seed, 4) == 0)
        shadow_regrow(shadow, block);
    else
        shadow_drop(block);
}

static void shadow_check_all(const struct shadow *shadow)
{
    for (size_t i = 0; i < shadow->slots; i++)
        if (shadow->block[i].ptr != NULL)
            shadow_check(&shadow->block[i]);
}

static void shadow_drop_all(struct shadow *shadow)
{
    for (size_t i = 0; i < shadow->slots; i++)
        if (shadow->block[i].ptr != NULL)
            shadow_drop(&shadow->block[i]);
}

static int shadow_by_address(const void *left, const void *right)
{
    uintptr_t a = (uintptr_t)((const struct shadow_block *)left)->ptr;
    uintptr_t b = (uintptr_t)((const struct shadow_block *)right)->ptr;
    return a < b ? -1 : a > b;
}

/* Usable ranges do not overlap. */
static void shadow_check_apart(const struct shadow *shadow)
{
    static struct shadow_block sorted[SHADOW_MOST];
    memcpy(sorted, shadow->block, shadow->slots * sizeof sorted[0]);
    qsort(sorted, shadow->slots, sizeof sorted[0], shadow_by_address);
    for (size_t i = 1; i < shadow->slots; i++) {
        unsigned char *before = sorted[i - 1].ptr;
        if (before != NULL && before + usable(before) > sorted[i].ptr)
            fault("blocks at %p and %p overlap", (void *)before, (void *)sorted[i].ptr);
    }
}

static struct shadow_block shadow_blocks[SHADOW_MOST];

static void random_operations_keep_every_block(void **state)
{
    (void)state;
    static const size_t slots[] = {16, 300, SHADOW_MOST};
    for (size_t size = 0; size < sizeof slots / sizeof slots[0]; size++) {
        struct shadow shadow = {shadow_blocks, slots[size], 11 + size, 0, false};
        memset(shadow_blocks, 0, sizeof shadow_blocks);
        for (int i = 0; i < rounds(15000); i++) {
            shadow_step(&shadow);
            if (i % 3000 == 2999) {
                shadow_check_all(&shadow);
                shadow_check_apart(&shadow);
            }
            if (i % 3203 == 0)
                trim(below(&shadow.seed, MB));
        }
        shadow_check_all(&shadow);
        shadow_drop_all(&shadow);
    }
    assert_int_equal(faults, 0);
}

/* Phases of growth and decline, so that pools come and go. */
static void tides_of_allocation_keep_every_block(void **state)
{
    (void)state;
    struct shadow shadow = {shadow_blocks, SHADOW_MOST, 5, 0, false};
    memset(shadow_blocks, 0, sizeof shadow_blocks);
    for (int tide = 0; tide < rounds(8); tide++) {
        for (int i = 0; i < 3000; i++) {
            struct shadow_block *block = &shadow_blocks[below(&shadow.seed, SHADOW_MOST)];
            if (block->ptr == NULL)
                shadow_add(&shadow, block);
        }
        shadow_check_apart(&shadow);
        for (size_t i = 0; i < SHADOW_MOST; i++)
            if (shadow_blocks[i].ptr != NULL && (tide % 4 == 3 || below(&shadow.seed, 8) != 0))
                shadow_drop(&shadow_blocks[i]);
        if (tide % 3 == 0)
            trim(0);
        shadow_check_all(&shadow);
    }
    shadow_drop_all(&shadow);
    assert_int_equal(faults, 0);
}
