/* SPDX-License-Identifier: MIT */
/*
 * The model that data/buddy.h is compared with: it knows only which unit belongs to which block.
 * Part of buddy.c.
 */
enum { UNIT = MORTISE_BUDDY_UNIT, REGIONS = 6, BLOCKS = 400, NOBODY = -1 };

static struct mortise_buddy buddy;

/* Regions of all lengths, also of none that is a power of two. */
static const uint32_t lengths[REGIONS] = {512, 16, 240, 1008, 64, 368};

struct shadow {
    struct mortise_buddy_region *region;
    bool entered;
    int owner[1008];  /* the block that a unit belongs to */
    bool pages[1008]; /* it may have some */
};

static struct shadow shadows[REGIONS];

struct block {
    struct mortise_buddy_unit *unit; /* NULL: no block */
    struct shadow *shadow;
    uint32_t index;
    uint32_t length;
};

static struct block blocks[BLOCKS];

static uint64_t chance(uint64_t *seed)
{
    uint64_t x = *seed += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(chance(seed) % n);
}

/* Bases are granules, and apart by odd numbers of them, so that alignment is never there by luck.
 */
static char *base_of(int number)
{
    return (char *)((uintptr_t)0x10000000 + (uintptr_t)number * 129 * MORTISE_GRANULE);
}

static struct shadow *shadow_of(const struct mortise_buddy_region *region)
{
    for (int i = 0; i < REGIONS; i++)
        if (shadows[i].region == region)
            return &shadows[i];
    fail_msg("a block in a region that does not exist");
    return NULL;
}

static void enter(int number, bool zeroed)
{
    struct shadow *shadow = &shadows[number];
    shadow->region->base = base_of(number);
    shadow->region->units = lengths[number];
    shadow->region->bytes = (size_t)lengths[number] * UNIT;
    shadow->region->touched = 0;
    shadow->region->zeroed = zeroed;
    memset(shadow->pages, 0, sizeof shadow->pages);
    shadow->entered = true;
    struct mortise_buddy_move task = {&buddy, shadow->region};
    mortise_buddy_do_enter(&task);
}

static int begin(void **state)
{
    (void)state;
    memset(&buddy, 0, sizeof buddy);
    memset(blocks, 0, sizeof blocks);
    for (int i = 0; i < REGIONS; i++) {
        shadows[i].region =
            (struct mortise_buddy_region *)calloc(1, mortise_buddy_record_bytes(lengths[i]));
        shadows[i].entered = false;
        for (uint32_t j = 0; j < 1008; j++)
            shadows[i].owner[j] = NOBODY;
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (int i = 0; i < REGIONS; i++)
        free(shadows[i].region);
    return 0;
}

/* ---- the invariants ---- */

static void check_free_block(const struct mortise_buddy_region *region, uint32_t index)
{
    const struct mortise_buddy_unit *unit = &region->unit[index];
    uint32_t length = (uint32_t)1 << unit->order;
    assert_int_equal(index % length, 0);
    assert_true(index + length <= region->units);
    uint32_t other = index ^ length;
    if (other + length <= region->units)
        assert_false(region->unit[other].state == MORTISE_BUDDY_FREE &&
                     region->unit[other].order == unit->order);
    const struct shadow *shadow = shadow_of(region);
    for (uint32_t i = 0; i < length; i++) {
        assert_int_equal(shadow->owner[index + i], NOBODY);
        assert_true(i < unit->length || !shadow->pages[index + i]);
        if (i != 0)
            assert_int_equal(region->unit[index + i].state, MORTISE_BUDDY_INSIDE);
    }
}

static void check_used_block(const struct mortise_buddy_region *region, uint32_t index)
{
    const struct mortise_buddy_unit *unit = &region->unit[index];
    const struct shadow *shadow = shadow_of(region);
    int owner = shadow->owner[index];
    assert_true(owner != NOBODY);
    assert_ptr_equal(blocks[owner].unit, unit);
    assert_int_equal(blocks[owner].index, index);
    assert_true(unit->state >= MORTISE_BUDDY_OBJECT);
    assert_int_equal(blocks[owner].length, unit->length);
    assert_ptr_equal(mortise_buddy_address(unit), region->base + (size_t)index * UNIT);
    for (uint32_t i = 0; i < unit->length; i++) {
        assert_int_equal(shadow->owner[index + i], owner);
        if (i != 0)
            assert_int_equal(region->unit[index + i].state, MORTISE_BUDDY_INSIDE);
    }
}

static void check_region(const struct mortise_buddy_region *region)
{
    uint32_t free_units = 0;
    for (uint32_t index = 0; index < region->units;) {
        const struct mortise_buddy_unit *unit = &region->unit[index];
        if (unit->state == MORTISE_BUDDY_FREE) {
            check_free_block(region, index);
            free_units += (uint32_t)1 << unit->order;
            index += (uint32_t)1 << unit->order;
        } else {
            check_used_block(region, index);
            index += unit->length;
        }
    }
    assert_int_equal(free_units, region->free_units);
}

static void check_lists(void)
{
    size_t free_units = 0, free_blocks = 0, bare_units = 0;
    for (unsigned order = 0; order < MORTISE_BUDDY_ORDERS; order++) {
        const struct mortise_buddy_unit *before = NULL, *unit = buddy.head[order];
        assert_int_equal(unit != NULL, (buddy.orders >> order) & 1);
        for (; unit != NULL; before = unit, unit = unit->next) {
            assert_ptr_equal(unit->prev, before);
            assert_int_equal(unit->state, MORTISE_BUDDY_FREE);
            assert_int_equal(unit->order, order);
            assert_true(before == NULL || unit->length == 0 || before->length != 0);
            assert_true(unit->length <= (size_t)1 << order);
            bare_units += ((size_t)1 << order) - unit->length;
            free_units += (size_t)1 << order;
            free_blocks++;
        }
    }
    assert_int_equal(free_units, buddy.free_units);
    assert_int_equal(bare_units, buddy.bare_units);
    assert_int_equal(free_blocks, buddy.free_blocks);
}

static void check(void)
{
    size_t units = 0;
    check_lists();
    const struct mortise_buddy_region *before = NULL, *region = buddy.regions;
    for (; region != NULL; before = region, region = region->next) {
        assert_ptr_equal(region->prev, before);
        assert_true(shadow_of(region)->entered);
        check_region(region);
        units += region->units;
    }
    assert_int_equal(units, buddy.units);
    for (int i = 0; i < REGIONS; i++)
        units -= shadows[i].entered ? lengths[i] : 0;
    assert_int_equal(units, 0);
    assert_true(buddy.kept == NULL || mortise_buddy_is_empty(buddy.kept));
}

/* ---- the steps ---- */

static void own(int number)
{
    const struct block *block = &blocks[number];
    for (uint32_t i = 0; i < block->length; i++) {
        assert_int_equal(block->shadow->owner[block->index + i], NOBODY);
        block->shadow->owner[block->index + i] = number;
        block->shadow->pages[block->index + i] = true;
    }
}

static void disown(int number)
{
    const struct block *block = &blocks[number];
    for (uint32_t i = 0; i < block->length; i++)
        block->shadow->owner[block->index + i] = NOBODY;
}

/* Is there a free block of so many units, aligned as buddies are? */
static bool model_has(uint32_t whole)
{
    for (int i = 0; i < REGIONS; i++) {
        for (uint32_t at = 0; shadows[i].entered && at + whole <= lengths[i]; at += whole) {
            uint32_t count = 0;
            while (count < whole && shadows[i].owner[at + count] == NOBODY)
                count++;
            if (count == whole)
                return true;
        }
    }
    return false;
}

static uint32_t round_up(uint32_t n)
{
    uint32_t power = 1;
    while (power < n)
        power *= 2;
    return power;
}

static bool take(int number, uint32_t length, uint32_t align)
{
    struct mortise_buddy_wish wish = {length, align, MORTISE_BUDDY_OBJECT};
    uint32_t granule = MORTISE_BUDDY_GRANULE;
    uint32_t whole = round_up(align > granule ? length + align - granule : length);
    if (whole < (align < granule ? align : granule))
        whole = align < granule ? align : granule;
    if (align == 1)
        whole = round_up(length);
    bool expected = model_has(whole);
    struct mortise_buddy_take task = {&buddy, wish, NULL, NULL, false};
    mortise_buddy_do_take(&task);
    assert_int_equal(task.unit != NULL, expected);
    if (task.unit == NULL)
        return false;
    struct block *block = &blocks[number];
    block->unit = task.unit;
    block->shadow = shadow_of(task.unit->region);
    block->index = mortise_buddy_index(task.unit);
    block->length = length;
    assert_int_equal((uintptr_t)mortise_buddy_address(task.unit) % ((size_t)align * UNIT), 0);
    own(number);
    return true;
}

/* Returns the region that left, if one did. */
static struct mortise_buddy_region *give(int number, bool may_leave)
{
    struct block *block = &blocks[number];
    struct mortise_buddy_region *region = block->shadow->region;
    struct mortise_buddy_free task = {&buddy,
                                      region,
                                      mortise_buddy_address(block->unit),
                                      MORTISE_BUDDY_OBJECT,
                                      may_leave,
                                      false,
                                      false,
                                      MORTISE_OK,
                                      NULL};
    disown(number);
    mortise_buddy_do_free(&task);
    assert_int_equal(task.error, MORTISE_OK);
    block->unit = NULL;
    if (task.detached != NULL)
        shadow_of(task.detached)->entered = false;
    return task.detached;
}

static void give_all(bool may_leave)
{
    for (int i = 0; i < BLOCKS; i++)
        if (blocks[i].unit != NULL)
            (void)give(i, may_leave);
}

static void resize(int number, uint32_t length)
{
    struct block *block = &blocks[number];
    bool fits = block->index + length <= block->shadow->region->units;
    for (uint32_t i = block->length; fits && i < length; i++)
        fits = block->shadow->owner[block->index + i] == NOBODY;
    struct mortise_buddy_resize task = {&buddy, block->unit, length, false};
    mortise_buddy_do_resize(&task);
    assert_int_equal(task.done, fits);
    if (!fits)
        return;
    disown(number);
    block->length = length;
    own(number);
}

static void random_step(uint64_t *seed, bool may_leave)
{
    int number = (int)below(seed, BLOCKS);
    uint32_t length = 1 + below(seed, 1u << below(seed, 8));
    if (blocks[number].unit == NULL)
        (void)take(number, length, below(seed, 4) != 0 ? 1 : 1u << below(seed, 8));
    else if (below(seed, 3) == 0)
        resize(number, length);
    else
        (void)give(number, may_leave);
}
