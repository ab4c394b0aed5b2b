/* SPDX-License-Identifier: MIT */
/*
 * espresso: minimises logic functions of two levels. A function is a cover, a list of cubes; it is
 * complemented by splitting, its cubes are made as large as they can be without touching the
 * complement, and those that the others cover are left out; then smaller again, to leave the local
 * minimum. Covers of all lengths grow by realloc and are gone soon.
 *
 * Wins: an allocator whose realloc grows small blocks fast, in one thread.
 */
#include "workload.h"

#include <stdlib.h>
#include <string.h>

enum { VARIABLES, CUBES, FUNCTIONS };
enum { MOST_VARIABLES = 20 };

/* Two bits for each variable: may it be 0, may it be 1. All bits: the cube that is everything. */
typedef uint64_t cube;

struct cover {
    long count, room;
    cube *cubes;
    cube all;
};

static struct cover cover_new(cube all)
{
    return (struct cover){0, 0, NULL, all};
}

static void cover_add(struct cover *cover, cube c)
{
    if (cover->count == cover->room) {
        cover->room += cover->room / 2 + 4;
        cover->cubes = (cube *)work_realloc(cover->cubes, (size_t)cover->room * sizeof(cube));
    }
    cover->cubes[cover->count++] = c;
}

/* A cube without a value for some variable has no point. */
static bool is_empty(cube c, cube all)
{
    return ((c | c >> 1) & all & 0x5555555555555555) != (all & 0x5555555555555555);
}

static cube literal(int variable, int value)
{
    return (cube)1 << (2 * variable + value);
}

/* The part of the cover that lies in c, seen from there. */
static struct cover cofactor(const struct cover *cover, cube c)
{
    struct cover part = cover_new(cover->all);
    for (long i = 0; i < cover->count; i++)
        if (!is_empty(cover->cubes[i] & c, cover->all))
            cover_add(&part, cover->cubes[i] | (cover->all & ~c));
    return part;
}

static struct cover half_of(const struct cover *cover, int variable, int value)
{
    return cofactor(cover, cover->all & ~literal(variable, 1 - value));
}

static bool has_universe(const struct cover *cover)
{
    for (long i = 0; i < cover->count; i++)
        if (cover->cubes[i] == cover->all)
            return true;
    return false;
}

/* The variable that most cubes depend on, in both ways if possible; *binate says if so. */
static int choose(const struct cover *cover, bool *binate)
{
    int best = 0;
    long most = -1;
    *binate = false;
    for (int v = 0; cover->all >> (2 * v) != 0 && v < MOST_VARIABLES; v++) {
        long count[2] = {0, 0};
        for (long i = 0; i < cover->count; i++) {
            const cube values = cover->cubes[i] >> (2 * v) & 3;
            if (values != 3)
                count[values - 1]++;
        }
        const bool both = count[0] > 0 && count[1] > 0;
        if (*binate && !both)
            continue;
        if ((both && !*binate) || count[0] + count[1] > most) {
            most = count[0] + count[1];
            best = v;
        }
        *binate = *binate || both;
    }
    return best;
}

/* A cover in which every variable has one way only is everything only if one of its cubes is. */
static bool is_tautology(const struct cover *cover)
{
    bool binate;
    if (has_universe(cover))
        return true;
    const int variable = choose(cover, &binate);
    bool both = binate;
    for (int value = 0; both && value < 2; value++) {
        struct cover half = half_of(cover, variable, value);
        both = is_tautology(&half);
        free(half.cubes);
    }
    return both;
}

static struct cover complement(const struct cover *cover)
{
    struct cover result = cover_new(cover->all);
    bool binate;
    if (has_universe(cover))
        return result;
    if (cover->count == 0) {
        cover_add(&result, cover->all);
        return result;
    }
    const int variable = choose(cover, &binate);
    for (int value = 0; value < 2; value++) {
        struct cover half = half_of(cover, variable, value), other = complement(&half);
        for (long i = 0; i < other.count; i++) {
            /* A cube of the complement that is in both halves need not be split. */
            const cube c = other.cubes[i];
            bool joined = false;
            for (long j = 0; value == 1 && !joined && j < result.count; j++) {
                joined = result.cubes[j] == (c & ~literal(variable, 1));
                if (joined)
                    result.cubes[j] = c;
            }
            if (!joined)
                cover_add(&result, c & ~literal(variable, 1 - value));
        }
        free(other.cubes);
        free(half.cubes);
    }
    return result;
}

static void leave_out(struct cover *cover, long at)
{
    memmove(cover->cubes + at, cover->cubes + at + 1, (size_t)(--cover->count - at) * sizeof(cube));
}

/* Each cube as large as it can be without touching `off`; those inside it go. */
static void expand(struct cover *cover, const struct cover *off, struct work_random *random)
{
    for (long i = 0; i < cover->count; i++) {
        const int turn = (int)(work_random(random) % MOST_VARIABLES);
        for (int j = 0; j < MOST_VARIABLES; j++) {
            const int v = (turn + j) % MOST_VARIABLES;
            const cube larger = cover->cubes[i] | (((cube)3 << (2 * v)) & cover->all);
            bool touches = larger == cover->cubes[i];
            for (long k = 0; !touches && k < off->count; k++)
                touches = !is_empty(larger & off->cubes[k], cover->all);
            if (!touches)
                cover->cubes[i] = larger;
        }
        for (long k = cover->count - 1; k >= 0; k--)
            if (k != i && (cover->cubes[k] & ~cover->cubes[i]) == 0) {
                leave_out(cover, k);
                i -= k < i;
            }
    }
}

/* What the others have inside the i'th cube, seen from there. */
static struct cover others_within(const struct cover *cover, long i)
{
    struct cover others = cover_new(cover->all);
    for (long j = 0; j < cover->count; j++)
        if (j != i)
            cover_add(&others, cover->cubes[j]);
    struct cover within = cofactor(&others, cover->cubes[i]);
    free(others.cubes);
    return within;
}

static void leave_out_redundant(struct cover *cover)
{
    for (long i = cover->count - 1; i >= 0; i--) {
        struct cover within = others_within(cover, i);
        if (is_tautology(&within))
            leave_out(cover, i);
        free(within.cubes);
    }
}

/* Each cube only as large as what no other has of it. */
static void reduce(struct cover *cover)
{
    for (long i = cover->count - 1; i >= 0; i--) {
        struct cover within = others_within(cover, i), own = complement(&within);
        cube around = 0;
        for (long j = 0; j < own.count; j++)
            around |= own.cubes[j];
        cover->cubes[i] &= around;
        if (own.count == 0)
            leave_out(cover, i);
        free(own.cubes);
        free(within.cubes);
    }
}

static struct cover minimise(const struct cover *function, struct work_random *random)
{
    struct cover off = complement(function), best = cofactor(function, function->all), next;
    for (bool better = true; better;) {
        next = cofactor(&best, best.all);
        reduce(&next);
        expand(&next, &off, random);
        leave_out_redundant(&next);
        better = next.count < best.count;
        if (better) {
            const struct cover other = best;
            best = next;
            next = other;
        }
        free(next.cubes);
    }
    free(off.cubes);
    return best;
}

/* Where a cover is 1: a byte for each point. */
static unsigned char *table_of(const struct cover *cover, long variables)
{
    unsigned char *table = (unsigned char *)work_calloc((size_t)1 << variables, 1);
    for (long i = 0; i < cover->count; i++) {
        uint32_t fixed = 0, ones = 0;
        for (int v = 0; v < variables; v++) {
            const cube values = cover->cubes[i] >> (2 * v) & 3;
            fixed |= (uint32_t)(values != 3) << v;
            ones |= (uint32_t)(values == 2) << v;
        }
        /* All subsets of the variables that are free. */
        const uint32_t free_ones = ((uint32_t)1 << variables) - 1 - fixed;
        uint32_t subset = 0;
        do {
            table[ones | subset] = 1;
            subset = (subset - free_ones) & free_ones;
        } while (subset != 0);
    }
    return table;
}

/* The smaller cover is the same function, point for point, and is not larger. */
static bool one_function(const long *value, struct work_random *random)
{
    const long variables = value[VARIABLES];
    struct cover function = cover_new(((cube)1 << (2 * variables)) - 1);
    for (long i = 0; i < value[CUBES]; i++) {
        cube c = function.all;
        for (int v = 0; v < variables; v++) {
            const uint64_t number = work_random(random) % 4;
            if (number < 2)
                c &= ~literal(v, (int)number);
        }
        cover_add(&function, c);
    }
    struct cover least = minimise(&function, random);
    unsigned char *before = table_of(&function, variables), *after = table_of(&least, variables);
    const bool right =
        least.count <= function.count && memcmp(before, after, (size_t)1 << variables) == 0;
    free(after);
    free(before);
    free(least.cubes);
    free(function.cubes);
    return right;
}

static bool run(const long *value)
{
    struct work_random random = {1};
    bool right = true;
    for (long i = 0; right && i < value[FUNCTIONS]; i++)
        right = one_function(value, &random);
    return right;
}

const struct workload workload_espresso = {
    .name = "espresso",
    .purpose = "logic functions of two levels, minimised: lists of all lengths that grow",
    .source = "Brayton et al. 1984; espresso as used since Grunwald, Zorn and Henderson 1993",
    .parameters = {{"variables", 14, 14, 18, 2, MOST_VARIABLES, "variables of a function"},
                   {"cubes", 200, 200, 400, 1, 1L << 20, "cubes of a function at first"},
                   {"functions", 40, 10, 10, 1, 1L << 30, "functions to minimise"}},
    .cases = {NULL},
    .run = run,
};
