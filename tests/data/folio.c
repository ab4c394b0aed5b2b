/* SPDX-License-Identifier: MIT */
/*
 * Folios against a naive model on random traces: each block comes from the fullest folio that has
 * room, lists and counts agree after every step, addresses are told from each other, and what the
 * rule is for: fewer folios keep pages than by other rules.
 *
 * The memory itself is never there: a structure that touched it would crash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <mortise/data/folio_tasks.h>
#include <mortise/policy/sizeclass.h>

#include "folio_model.h"

enum { CHUNK = 2 << 20, LIVE = 20000 };

static struct mortise_folios list;
static struct mortise_folio_chunk *chunks[CHUNKS];
static char *live[LIVE];
static unsigned lives;

static uint64_t below(uint64_t *seed, uint64_t n)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (*seed >> 33) % n;
}

static uint32_t reciprocal_of(size_t block)
{
    return mortise_sizeclass_reciprocal(block);
}

static void begin(size_t block, unsigned spare)
{
    struct mortise_folio_shape shape = mortise_folio_shape(block, CHUNK / 2);
    memset(&list, 0, sizeof list);
    memset(shadow, 0, sizeof shadow);
    mortise_folios_begin(&list, block, reciprocal_of(block), shape);
    list.spare = spare;
    folios_of_chunk = (unsigned)(CHUNK / shape.bytes);
    blocks_of_folio = shape.blocks;
    lives = 0;
    for (unsigned c = 0; c < CHUNKS; c++) {
        chunks[c] = (struct mortise_folio_chunk *)aligned_alloc(
            64, mortise_folio_record_bytes(folios_of_chunk));
        memset(chunks[c], 0xa5, mortise_folio_record_bytes(folios_of_chunk));
        memset(chunks[c], 0, sizeof *chunks[c]);
        chunks[c]->base = (char *)(uintptr_t)((UINT64_C(1) << 40) + (uint64_t)c * 2 * CHUNK);
        chunks[c]->bytes = CHUNK;
        chunks[c]->folios = folios_of_chunk;
    }
}

static void end(void)
{
    for (unsigned c = 0; c < CHUNKS; c++)
        free(chunks[c]);
}

/* ---- the place of a block, by plain divisions ---- */

static unsigned chunk_of(const char *block)
{
    return (unsigned)((block - chunks[0]->base) / (2 * CHUNK));
}

static struct shadow_folio *folio_at(const char *block, unsigned *index)
{
    unsigned c = chunk_of(block);
    size_t offset = (size_t)(block - chunks[c]->base);
    *index = (unsigned)(offset % list.bytes / list.block);
    return &shadow[c].folio[offset / list.bytes];
}

/* ---- consistency ---- */

static void check_chunks(struct mortise_folio_chunk *first, bool fresh, unsigned *count)
{
    struct mortise_folio_chunk *prev = NULL;
    for (struct mortise_folio_chunk *chunk = first; chunk != NULL; chunk = chunk->next) {
        unsigned c = chunk_of(chunk->base), busy = 0;
        assert_ptr_equal(chunk->prev, prev);
        assert_true(shadow[c].there);
        assert_int_equal(fresh, chunk->carved < chunk->folios);
        for (unsigned f = 0; f < folios_of_chunk; f++) {
            const struct shadow_folio *folio = &shadow[c].folio[f];
            assert_int_equal(folio->state != NEVER, f < chunk->carved);
            busy +=
                folio->state == LENT || (folio->state != NEVER && folio->room < blocks_of_folio);
        }
        assert_int_equal(chunk->busy, busy);
        prev = chunk;
        ++*count;
    }
}

static void check(void)
{
    unsigned listed = 0, wanted = 0, there = 0, listed_chunks = 0;
    for (unsigned k = 0; k < mortise_folio_lists; k++) {
        const struct mortise_folio *prev = NULL;
        assert_int_equal(list.some[k / 64] >> (k % 64) & 1, list.by_room[k] != NULL);
        for (struct mortise_folio *folio = list.by_room[k]; folio != NULL; folio = folio->next) {
            unsigned index, room = 0;
            struct shadow_folio *at = folio_at(mortise_folio_base(&list, folio), &index);
            assert_int_equal(fullest(at), k);
            assert_true(serves(at));
            assert_ptr_equal(folio->prev, prev);
            for (unsigned i = 0; i < blocks_of_folio; i++) {
                bool is_free = (folio->free[i / 64] >> (i % 64) & 1) != 0;
                assert_int_equal(is_free, !at->out[i]);
                room += is_free;
            }
            assert_int_equal(folio->room, room);
            prev = folio;
            listed++;
        }
    }
    for (unsigned c = 0; c < CHUNKS; c++) {
        there += shadow[c].there;
        for (unsigned f = 0; shadow[c].there && f < folios_of_chunk; f++)
            wanted += serves(&shadow[c].folio[f]);
    }
    assert_int_equal(listed, wanted);
    assert_int_equal(list.empties, empty_with_pages());
    assert_int_equal(list.out, lives);
    check_chunks(list.fresh, true, &listed_chunks);
    check_chunks(list.full, false, &listed_chunks);
    assert_int_equal(listed_chunks, there);
}

/* ---- steps ---- */

static bool add_chunk(struct mortise_folio_request *task)
{
    for (unsigned c = 0; c < CHUNKS; c++)
        if (!shadow[c].there) {
            memset(&shadow[c], 0, sizeof shadow[c]);
            shadow[c].there = true;
            task->chunk = chunks[c];
            return true;
        }
    return false;
}

/* The block is of the best folio; where none has room, of one that was never used. */
static bool take(void)
{
    struct mortise_folio_request task = {&list, NULL, 1, 0, 0, NULL};
    unsigned index, least = best(fullest);
    if (lives == LIVE)
        return false;
    mortise_folio_do_take(&task);
    if (task.got == 0) {
        assert_int_equal(least, UINT_MAX);
        if (!add_chunk(&task))
            return false;
        mortise_folio_do_take(&task);
    }
    assert_int_equal(task.got, 1);
    struct shadow_folio *folio = folio_at((char *)task.chain, &index);
    if (least == UINT_MAX) {
        assert_int_equal(folio->state, NEVER);
        folio->room = blocks_of_folio;
    } else {
        assert_int_equal(fullest(folio), least);
    }
    assert_false(folio->out[index]);
    for (unsigned i = 0; i < index; i++)
        assert_true(folio->out[i]); /* the lowest address */
    folio->out[index] = true;
    folio->room--;
    folio->state = WITH_PAGES;
    live[lives++] = (char *)task.chain;
    return true;
}

static struct mortise_folio *give(unsigned which)
{
    unsigned index, empties = empty_with_pages();
    char *block = live[which];
    struct shadow_folio *folio = folio_at(block, &index);
    struct mortise_folio_back task = {&list, chunks[chunk_of(block)], block, MORTISE_OK, NULL};
    mortise_folio_do_give(&task);
    assert_int_equal(task.error, MORTISE_OK);
    live[which] = live[--lives];
    folio->out[index] = false;
    folio->room++;
    if (folio->room == blocks_of_folio && empties >= list.spare)
        folio->state = LENT;
    assert_int_equal(task.lent != NULL, folio->state == LENT);
    mortise_folio_do_give(&task);
    assert_int_equal(task.error, MORTISE_DOUBLE_FREE);
    return task.lent;
}

static void come_back(struct mortise_folio *lent, bool bare)
{
    unsigned index;
    for (struct mortise_folio *folio = lent; folio != NULL; folio = folio->next) {
        struct shadow_folio *at = folio_at(mortise_folio_base(&list, folio), &index);
        assert_int_equal(at->state, LENT);
        at->state = bare ? BARE : WITH_PAGES;
        folio->bare = bare;
    }
    struct mortise_folio_move task = {&list, lent, NULL};
    mortise_folio_do_return(&task);
}

/* Chunks of which nothing is out leave, and no others. */
static void leave(void)
{
    struct mortise_folio_move task = {&list, NULL, NULL};
    unsigned left = 0, wanted = 0;
    for (unsigned c = 0; c < CHUNKS; c++) {
        bool lent = false;
        for (unsigned f = 0; f < folios_of_chunk; f++)
            lent = lent || shadow[c].folio[f].state == LENT;
        wanted += shadow[c].there && blocks_out(&shadow[c]) == 0 && !lent;
    }
    mortise_folio_do_leave(&task);
    for (; task.chunk != NULL; task.chunk = task.chunk->next, left++) {
        unsigned c = chunk_of(task.chunk->base);
        assert_int_equal(blocks_out(&shadow[c]), 0);
        shadow[c].there = false;
    }
    assert_int_equal(left, wanted);
}

/* ---- tests ---- */

static const size_t sizes[] = {16,   48,   80,   112,   320,   512,  704,
                               3904, 4096, 8192, 14272, 20288, 65536};

enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void shapes_are_the_fewest_pages_that_blocks_fill(void **state)
{
    (void)state;
    for (size_t block = 16; block <= CHUNK; block += 16) {
        struct mortise_folio_shape shape = mortise_folio_shape(block, CHUNK / 2);
        assert_int_equal(shape.bytes % mortise_folio_page, 0);
        assert_true(shape.blocks * block <= shape.bytes && shape.blocks <= MOST_BLOCKS);
        if (shape.blocks == 1) {
            assert_true(shape.bytes - block < mortise_folio_page);
            continue;
        }
        assert_int_equal(shape.blocks * block, shape.bytes);
        for (unsigned fewer = 1; fewer < shape.blocks; fewer++)
            assert_true(fewer * block % mortise_folio_page != 0);
    }
    assert_int_equal(mortise_folio_shape(832, CHUNK / 2).blocks, 64);
    assert_int_equal(mortise_folio_shape(832, CHUNK / 2).bytes, 13 * 4096);
}

static void the_fullest_serves(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SIZES; s++)
        for (unsigned spare = 0; spare < 4; spare += 1 + (spare == 1)) {
            uint64_t seed = s * 10 + spare;
            struct mortise_folio *lent = NULL;
            begin(sizes[s], spare);
            for (unsigned i = 0; i < 3000; i++) {
                bool grows = i / 500 % 2 == 0;
                if (below(&seed, 100) < (grows ? 70 : 35))
                    take();
                else if (lives != 0 && lent == NULL)
                    lent = give((unsigned)below(&seed, lives));
                else if (lives != 0)
                    come_back(give((unsigned)below(&seed, lives)), true);
                if (lent != NULL && below(&seed, 3) == 0) {
                    come_back(lent, below(&seed, 8) != 0); /* the system may refuse */
                    lent = NULL;
                }
                if (below(&seed, 300) == 0)
                    leave();
                if (i % 7 == 0)
                    check();
            }
            if (lent != NULL)
                come_back(lent, true);
            while (lives != 0)
                come_back(give(lives - 1), true);
            check();
            assert_true(folios_in_state(WITH_PAGES) <= spare + 30);
            leave();
            check();
            assert_true(list.fresh == NULL && list.full == NULL);
            end();
        }
}

static void only_beginnings_of_blocks_are_blocks(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SIZES; s++) {
        uint64_t seed = s;
        begin(sizes[s], 1);
        for (unsigned i = 0; i < 3 * blocks_of_folio; i++)
            take();
        for (unsigned i = 0; i < 200000; i++) {
            size_t offset =
                below(&seed, 4) != 0 ? below(&seed, 4 * list.bytes) : below(&seed, CHUNK);
            size_t in = offset % list.bytes;
            struct mortise_folio_place place =
                mortise_folio_find(&list, chunks[0], chunks[0]->base + offset);
            bool is = offset / list.bytes < chunks[0]->carved && in % list.block == 0 &&
                      in / list.block < blocks_of_folio;
            assert_int_equal(place.folio != NULL, is);
            if (is) {
                assert_int_equal(place.index, in / list.block);
                assert_ptr_equal(mortise_folio_base(&list, place.folio),
                                 chunks[0]->base + offset - in);
            }
        }
        end();
    }
}

/* A program that grows, shrinks and lives on, blocks coming and going at random all the time: the
 * folios that have pages then, by a rule. */
static unsigned folios_after(rule *rule, uint64_t seed)
{
    static struct {
        struct shadow_folio *folio;
        unsigned index;
    } block[LIVE];
    unsigned count = 0;
    begin(320, 0);
    shadow[0].there = true;
    for (unsigned i = 0; i < 60000; i++) {
        unsigned wanted = i < 15000 ? i / 3 : i < 30000 ? 5000 - (i - 15000) / 4 : 1250;
        if (below(&seed, 100) < (count < wanted ? 75 : 25) || count == 0) {
            struct shadow_folio *folio = choose(rule);
            folio->state = WITH_PAGES;
            folio->room--;
            unsigned index = 0;
            while (folio->out[index])
                index++;
            folio->out[index] = true;
            block[count].index = index;
            block[count++].folio = folio;
        } else {
            unsigned which = (unsigned)below(&seed, count);
            struct shadow_folio *folio = block[which].folio;
            folio->out[block[which].index] = false;
            folio->freed_into = i;
            if (++folio->room == blocks_of_folio)
                folio->state = BARE;
            block[which] = block[--count];
        }
    }
    unsigned folios = folios_in_state(WITH_PAGES);
    assert_true(folios * blocks_of_folio >= count);
    if (rule == fullest)
        assert_true((folios - 2) * blocks_of_folio < count); /* hardly more than there must be */
    end();
    return folios;
}

static void fewer_pages_are_kept_than_by_other_rules(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        unsigned kept = folios_after(fullest, seed);
        assert_true(kept <= folios_after(lowest, seed));
        assert_true(kept * 2 < folios_after(last, seed));
        assert_true(kept * 2 < folios_after(emptiest, seed));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_the_fewest_pages_that_blocks_fill),
        cmocka_unit_test(the_fullest_serves),
        cmocka_unit_test(only_beginnings_of_blocks_are_blocks),
        cmocka_unit_test(fewer_pages_are_kept_than_by_other_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
