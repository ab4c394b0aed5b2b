/* SPDX-License-Identifier: MIT */
/*
 * Extents: runs of granules, cut from regions by address-ordered best fit. For one thread; no
 * function here enters the system.
 *
 * The smallest extent that is large enough serves, of equal ones the one at the lowest address, and
 * of that the beginning. A freed extent is joined with free ones beside it, within its region. So
 * extents are found in two orders: free ones by (size, address), to serve; all of them by address,
 * to be joined, and to be found by who knows no more than where one begins.
 *
 * Records lie out of band: neither does an overflow reach them, nor do they hold the pages of free
 * memory. An extent that is in use has one too, so that giving it back never needs another. Records
 * are never unmapped, and never leave the structure that they were fed to.
 *
 * What lies free is known by two prefixes: so many bytes may have pages (`dirty`), so many may not
 * be zero (`written`). As extents are cut from their beginning, a prefix is all that is needed; the
 * end of what is dirty is the first to lose its pages.
 *
 * Invariants: all sizes are multiples of a granule. Two free extents never touch, but where a
 *     region begins. by_address has all extents in use, free or lent, by_size those that are free.
 *     dirty <= written <= bytes of a free extent. held = used + the bytes of all others.
 * Source: thestinger/allocator, chunk.c and extent.c; Wilson et al., "Dynamic Storage Allocation",
 *     1995, for address-ordered best fit
 */
#ifndef MORTISE_DATA_EXTENTS_H
#define MORTISE_DATA_EXTENTS_H

#include "../core/bits.h"
#include "rbtree.h"

enum mortise_extent_state {
    MORTISE_EXTENT_SPARE, /* a record of nothing */
    MORTISE_EXTENT_FREE,
    MORTISE_EXTENT_USED,
    MORTISE_EXTENT_LENT /* free, but with who gives its pages to the system */
};

/* The most records that one operation needs. */
enum { MORTISE_EXTENT_SPARES = 2 };

struct mortise_extent {
    char *base;
    size_t bytes;
    size_t dirty; /* so many leading bytes may have pages; of one in use: had, when it was taken */
    size_t written; /* so many may not be zero; likewise */
    struct mortise_rb_node by_size, by_address;
    struct mortise_extent *next; /* among spare records, and in a chain of some that left */
    void *owner;                 /* whoever has the structure: the answer to which one it is */
    uint64_t region_owned;       /* of the first of a region: what that goes back with */
    size_t region;               /* its bytes; 0: not the first */
    size_t lent;                 /* of the dirty bytes, from the end */
    enum mortise_extent_state state;
    bool object; /* while in use, whatever the owner makes of it */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_extents {
    struct mortise_rb_tree by_size, by_address;
    struct mortise_extent *spare;
    size_t spares;
    size_t held;  /* bytes of all regions */
    size_t used;  /* of these */
    size_t dirty; /* of those that are not in use, may have pages */
    size_t free_extents;
};

MORTISE_FAST struct mortise_extent *mortise_extent_of_size(const struct mortise_rb_node *node)
{
    return MORTISE_CONTAINER(node, struct mortise_extent, by_size);
}

MORTISE_FAST struct mortise_extent *mortise_extent_of_address(const struct mortise_rb_node *node)
{
    return MORTISE_CONTAINER(node, struct mortise_extent, by_address);
}

MORTISE_FAST char *mortise_extent_end(const struct mortise_extent *extent)
{
    return extent->base + extent->bytes;
}

/* ---- records ---- */

MORTISE_FAST void mortise_extents_put_spare(struct mortise_extents *extents,
                                            struct mortise_extent *extent)
{
    extent->state = MORTISE_EXTENT_SPARE;
    extent->next = extents->spare;
    extents->spare = extent;
    extents->spares++;
}

/* Adds as many records as fit into memory, which is the structure's from now on. */
MORTISE_SLOW void mortise_extents_feed(struct mortise_extents *extents, void *memory, size_t bytes,
                                       void *owner)
{
    struct mortise_extent *record = (struct mortise_extent *)memory;
    for (size_t i = bytes / sizeof *record; i-- > 0;) {
        record[i].owner = owner;
        mortise_extents_put_spare(extents, &record[i]);
    }
}

/* A record; the caller has seen that there is one. */
MORTISE_PLAIN struct mortise_extent *mortise_extents_record(struct mortise_extents *extents,
                                                            char *base, size_t bytes)
{
    struct mortise_extent *extent = extents->spare;
    extents->spare = extent->next;
    extents->spares--;
    extent->base = base;
    extent->bytes = bytes;
    extent->region = 0;
    return extent;
}

/* ---- the two orders ---- */

MORTISE_FAST bool mortise_extent_is_smaller(const struct mortise_rb_node *a,
                                            const struct mortise_rb_node *b)
{
    const struct mortise_extent *left = mortise_extent_of_size(a);
    const struct mortise_extent *right = mortise_extent_of_size(b);
    return left->bytes != right->bytes ? left->bytes < right->bytes : left->base < right->base;
}

MORTISE_FAST bool mortise_extent_has_room(const struct mortise_rb_node *node, uintptr_t bytes)
{
    return mortise_extent_of_size(node)->bytes >= bytes;
}

MORTISE_FAST bool mortise_extent_is_lower(const struct mortise_rb_node *a,
                                          const struct mortise_rb_node *b)
{
    return mortise_extent_of_address(a)->base < mortise_extent_of_address(b)->base;
}

/* Enters a free extent by its size. */
MORTISE_PLAIN void mortise_extents_enter_size(struct mortise_extents *extents,
                                              struct mortise_extent *extent)
{
    mortise_rb_add(&extents->by_size, &extent->by_size, mortise_extent_is_smaller);
    extent->state = MORTISE_EXTENT_FREE;
    extents->free_extents++;
}

MORTISE_PLAIN void mortise_extents_leave_size(struct mortise_extents *extents,
                                              struct mortise_extent *extent)
{
    mortise_rb_erase(&extents->by_size, &extent->by_size);
    extents->free_extents--;
}

MORTISE_PLAIN void mortise_extents_enter_address(struct mortise_extents *extents,
                                                 struct mortise_extent *extent)
{
    mortise_rb_add(&extents->by_address, &extent->by_address, mortise_extent_is_lower);
}

/* The free extent that serves `bytes`: of those that are large enough the first by (size, address).
 * NULL: none is. */
MORTISE_PLAIN struct mortise_extent *mortise_extents_fit(struct mortise_extents *extents,
                                                         size_t bytes)
{
    struct mortise_rb_node *node =
        mortise_rb_first(&extents->by_size, bytes, mortise_extent_has_room);
    return node != NULL ? mortise_extent_of_size(node) : NULL;
}

/* ---- cutting and joining ---- */

/* What of a prefix lies in the first `bytes`, and what lies behind them. */
MORTISE_FAST size_t mortise_extent_prefix(size_t prefix, size_t bytes)
{
    return prefix < bytes ? prefix : bytes;
}

/* Cuts an extent, in no order by size, behind `bytes`; the record of the rest, likewise. */
MORTISE_PLAIN struct mortise_extent *
mortise_extents_cut(struct mortise_extents *extents, struct mortise_extent *extent, size_t bytes)
{
    struct mortise_extent *rest =
        mortise_extents_record(extents, extent->base + bytes, extent->bytes - bytes);
    extent->bytes = bytes;
    rest->dirty = extent->dirty - mortise_extent_prefix(extent->dirty, bytes);
    rest->written = extent->written - mortise_extent_prefix(extent->written, bytes);
    extent->dirty = mortise_extent_prefix(extent->dirty, bytes);
    extent->written = mortise_extent_prefix(extent->written, bytes);
    mortise_extents_enter_address(extents, rest);
    return rest;
}

/* Joins an extent with the one behind it; neither is in the order by size. */
MORTISE_PLAIN void mortise_extents_join(struct mortise_extents *extents,
                                        struct mortise_extent *extent, struct mortise_extent *next)
{
    size_t gap = next->dirty != 0 ? extent->bytes - extent->dirty : 0;
    extents->dirty += gap; /* without pages, but no longer known to be */
    extent->dirty = next->dirty != 0 ? extent->bytes + next->dirty : extent->dirty;
    extent->written = next->written != 0 ? extent->bytes + next->written : extent->written;
    extent->bytes += next->bytes;
    mortise_rb_erase(&extents->by_address, &next->by_address);
    mortise_extents_put_spare(extents, next);
}

/* The free extent beside one, which it may be joined with, or NULL. */
MORTISE_PLAIN struct mortise_extent *mortise_extents_neighbour(struct mortise_extent *extent,
                                                               unsigned side)
{
    struct mortise_rb_node *node = mortise_rb_beside(&extent->by_address, side);
    if (node == NULL)
        return NULL;
    struct mortise_extent *other = mortise_extent_of_address(node);
    struct mortise_extent *second = side ? other : extent, *first = side ? extent : other;
    bool joins = other->state == MORTISE_EXTENT_FREE && second->region == 0 &&
                 mortise_extent_end(first) == second->base;
    return joins ? other : NULL;
}

/* An extent that is in no order by size is free again; with what it could be joined with. */
MORTISE_PLAIN struct mortise_extent *mortise_extents_settle(struct mortise_extents *extents,
                                                            struct mortise_extent *extent)
{
    struct mortise_extent *before = mortise_extents_neighbour(extent, 0);
    struct mortise_extent *behind = mortise_extents_neighbour(extent, 1);
    if (behind != NULL) {
        mortise_extents_leave_size(extents, behind);
        mortise_extents_join(extents, extent, behind);
    }
    if (before != NULL) {
        mortise_extents_leave_size(extents, before);
        mortise_extents_join(extents, before, extent);
        extent = before;
    }
    mortise_extents_enter_size(extents, extent);
    return extent;
}

/* ---- regions ---- */

/* A region, all of it free; needs a record. */
MORTISE_SLOW void mortise_extents_add(struct mortise_extents *extents, void *base, size_t bytes,
                                      bool zeroed, uint64_t region_owned)
{
    struct mortise_extent *extent = mortise_extents_record(extents, (char *)base, bytes);
    extent->dirty = extent->written = zeroed ? 0 : bytes;
    extent->region = bytes;
    extent->region_owned = region_owned;
    extents->held += bytes;
    extents->dirty += extent->dirty;
    mortise_extents_enter_address(extents, extent);
    mortise_extents_enter_size(extents, extent);
}

/* A region that had left comes back as it was. */
MORTISE_SLOW void mortise_extents_add_again(struct mortise_extents *extents,
                                            struct mortise_extent *extent)
{
    extents->held += extent->bytes;
    extents->dirty += extent->dirty;
    mortise_extents_enter_address(extents, extent);
    mortise_extents_enter_size(extents, extent);
}

/* All regions that are free leave; linked by next. */
MORTISE_SLOW struct mortise_extent *mortise_extents_leave(struct mortise_extents *extents)
{
    struct mortise_extent *chain = NULL;
    struct mortise_rb_node *node = mortise_rb_end(&extents->by_size, 1), *before;
    for (; node != NULL; node = before) {
        struct mortise_extent *extent = mortise_extent_of_size(node);
        before = mortise_rb_beside(node, 0);
        if (extent->region != extent->bytes)
            continue;
        mortise_extents_leave_size(extents, extent);
        mortise_rb_erase(&extents->by_address, &extent->by_address);
        extents->held -= extent->bytes;
        extents->dirty -= extent->dirty;
        extent->next = chain;
        chain = extent;
    }
    return chain;
}

/* ---- requests ---- */

/* Bytes of an extent in which `bytes` at a multiple of `align` fit for sure. */
MORTISE_FAST size_t mortise_extents_room(size_t bytes, size_t align)
{
    return align <= MORTISE_GRANULE ? bytes : bytes + (align - MORTISE_GRANULE);
}

/* An extent of just `bytes`, granules, NULL: none is large enough. Needs MORTISE_EXTENT_SPARES. */
MORTISE_PLAIN struct mortise_extent *mortise_extents_take(struct mortise_extents *extents,
                                                          size_t bytes, size_t align)
{
    struct mortise_extent *extent =
        mortise_extents_fit(extents, mortise_extents_room(bytes, align));
    if (extent == NULL)
        return NULL;
    mortise_extents_leave_size(extents, extent);
    size_t lead = mortise_round_up((uintptr_t)extent->base, align) - (uintptr_t)extent->base;
    if (lead != 0) {
        struct mortise_extent *rest = mortise_extents_cut(extents, extent, lead);
        mortise_extents_enter_size(extents, extent);
        extent = rest;
    }
    if (extent->bytes != bytes)
        mortise_extents_enter_size(extents, mortise_extents_cut(extents, extent, bytes));
    extents->dirty -= extent->dirty;
    extents->used += bytes;
    extent->state = MORTISE_EXTENT_USED;
    return extent;
}

/* Gives an extent in use back, all of which may have been written; the one that it is part of. */
MORTISE_PLAIN struct mortise_extent *mortise_extents_give(struct mortise_extents *extents,
                                                          struct mortise_extent *extent)
{
    extents->used -= extent->bytes;
    extents->dirty += extent->bytes;
    extent->dirty = extent->written = extent->bytes;
    return mortise_extents_settle(extents, extent);
}

/* Changes the size of an extent in use where it is; false when it cannot grow. Needs
 * MORTISE_EXTENT_SPARES. */
MORTISE_SLOW bool mortise_extents_resize(struct mortise_extents *extents,
                                         struct mortise_extent *extent, size_t bytes)
{
    if (bytes < extent->bytes) {
        struct mortise_extent *rest = mortise_extents_cut(extents, extent, bytes);
        mortise_extents_give(extents, rest);
        return true;
    }
    size_t more = bytes - extent->bytes;
    struct mortise_extent *next = mortise_extents_neighbour(extent, 1);
    if (more == 0 || next == NULL || next->bytes < more)
        return more == 0;
    mortise_extents_leave_size(extents, next);
    if (next->bytes != more)
        mortise_extents_enter_size(extents, mortise_extents_cut(extents, next, more));
    extents->dirty -= next->dirty;
    extents->used += more;
    extent->bytes = bytes;
    mortise_rb_erase(&extents->by_address, &next->by_address);
    mortise_extents_put_spare(extents, next);
    return true;
}

#endif
