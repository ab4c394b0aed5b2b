/* SPDX-License-Identifier: MIT */
/*
 * A naive model of folios: which blocks are out, in plain arrays, and the rule by which a folio is
 * chosen, written down as a search over all of them.
 */
enum { FOLIOS = 512, MOST_BLOCKS = 256, CHUNKS = 6 };

enum state { NEVER, WITH_PAGES, BARE, LENT };

struct shadow_folio {
    enum state state;
    unsigned room;
    unsigned freed_into; /* the step */
    bool out[MOST_BLOCKS];
};

struct shadow_chunk {
    bool there;
    struct shadow_folio folio[FOLIOS];
};

static struct shadow_chunk shadow[CHUNKS];
static unsigned folios_of_chunk, blocks_of_folio;

/* Of those with room: how good a folio is, less is better. */
typedef unsigned rule(const struct shadow_folio *folio);

static unsigned fullest(const struct shadow_folio *folio)
{
    return folio->room + (folio->state == BARE);
}

static unsigned emptiest(const struct shadow_folio *folio)
{
    return MOST_BLOCKS - folio->room + 2 * MOST_BLOCKS * (folio->state == BARE);
}

/* Address order. */
static unsigned lowest(const struct shadow_folio *folio)
{
    return folio->state == BARE;
}

/* The one that had a block back last, as a list does that is a stack. */
static unsigned last(const struct shadow_folio *folio)
{
    return INT_MAX - folio->freed_into * (folio->state != BARE);
}

static bool serves(const struct shadow_folio *folio)
{
    return folio->state != NEVER && folio->state != LENT && folio->room != 0;
}

/* What the best of all has; UINT_MAX: none has room. */
static unsigned best(rule *rule)
{
    unsigned least = UINT_MAX;
    for (unsigned c = 0; c < CHUNKS; c++)
        for (unsigned f = 0; shadow[c].there && f < folios_of_chunk; f++)
            if (serves(&shadow[c].folio[f]) && rule(&shadow[c].folio[f]) < least)
                least = rule(&shadow[c].folio[f]);
    return least;
}

/* The first folio of the one chunk that the rule prefers; where none has room, one that was never
 * used. */
static struct shadow_folio *choose(rule *rule)
{
    unsigned least = best(rule);
    struct shadow_folio *folio = shadow[0].folio;
    if (least == UINT_MAX) {
        while (folio->state != NEVER)
            folio++;
        folio->room = blocks_of_folio;
    } else {
        while (!serves(folio) || rule(folio) != least)
            folio++;
    }
    return folio;
}

static unsigned blocks_out(const struct shadow_chunk *chunk)
{
    unsigned out = 0;
    for (unsigned f = 0; f < folios_of_chunk; f++)
        if (chunk->folio[f].state != NEVER)
            out += blocks_of_folio - chunk->folio[f].room;
    return out;
}

static unsigned folios_in_state(enum state state)
{
    unsigned count = 0;
    for (unsigned c = 0; c < CHUNKS; c++)
        for (unsigned f = 0; shadow[c].there && f < folios_of_chunk; f++)
            count += shadow[c].folio[f].state == state;
    return count;
}

static unsigned empty_with_pages(void)
{
    unsigned count = 0;
    for (unsigned c = 0; c < CHUNKS; c++)
        for (unsigned f = 0; shadow[c].there && f < folios_of_chunk; f++)
            count += shadow[c].folio[f].state == WITH_PAGES &&
                     shadow[c].folio[f].room == blocks_of_folio;
    return count;
}
