/* SPDX-License-Identifier: MIT */
/*
 * The tree of Barnes and Hut: a cube that holds all bodies, in OCTREE_ROOTS equal cubes, each of
 * them halved in each direction until few bodies are left in a part. A part that is far away pulls
 * as if all of its mass were in its middle. The same bodies give the same tree, whoever makes it.
 */
#ifndef BENCH_WORKLOAD_SHARED_OCTREE_H
#define BENCH_WORKLOAD_SHARED_OCTREE_H

#include "workload.h"

#include <math.h>
#include <stdlib.h>

enum { OCTREE_SIDE = 4, OCTREE_ROOTS = OCTREE_SIDE * OCTREE_SIDE * OCTREE_SIDE };
enum { OCTREE_FEW = 8, OCTREE_DEEPEST = 40 };

struct pull {
    double force[3], potential;
};

struct body {
    double place[3], speed[3], mass;
    struct pull pull;
    struct body *next; /* in the same leaf */
};

struct cell {
    double mass, middle[3]; /* of the mass */
    double centre[3], half; /* of the cube, and half its side */
    long count;
    struct body *bodies;   /* of a leaf */
    struct cell *child[8]; /* of others */
    bool is_leaf;
};

struct octree {
    double low[3], side; /* of each root */
    struct cell *root[OCTREE_ROOTS];
};

/* The square of the length within which bodies pass through each other. */
static const double octree_softness = 0.0025;

/* What is at `from` pulls at `place`. */
static inline void pull_add(struct pull *pull, const double *place, const double *from, double mass)
{
    double way[3], square = octree_softness;
    for (int k = 0; k < 3; k++) {
        way[k] = from[k] - place[k];
        square += way[k] * way[k];
    }
    const double length = sqrt(square), strength = mass / (square * length);
    for (int k = 0; k < 3; k++)
        pull->force[k] += way[k] * strength;
    pull->potential -= mass / length;
}

static inline void octree_bound(struct octree *tree, const struct body *body, long count)
{
    double side = 0;
    for (int k = 0; k < 3; k++) {
        double low = body[0].place[k], high = low;
        for (long i = 1; i < count; i++) {
            low = fmin(low, body[i].place[k]);
            high = fmax(high, body[i].place[k]);
        }
        tree->low[k] = low;
        side = fmax(side, high - low);
    }
    tree->side = (side * 1.000001 + 1e-9) / OCTREE_SIDE;
}

static inline struct cell *cell_new(const double *centre, double half)
{
    struct cell *cell = (struct cell *)work_calloc(1, sizeof *cell);
    for (int k = 0; k < 3; k++)
        cell->centre[k] = centre[k];
    cell->half = half;
    cell->is_leaf = true;
    return cell;
}

static inline struct cell *cell_child(struct cell *cell, const double *place)
{
    int which = 0;
    double centre[3];
    for (int k = 0; k < 3; k++) {
        const bool upper = place[k] >= cell->centre[k];
        which |= (int)upper << k;
        centre[k] = cell->centre[k] + (upper ? 0.5 : -0.5) * cell->half;
    }
    if (cell->child[which] == NULL)
        cell->child[which] = cell_new(centre, cell->half / 2);
    return cell->child[which];
}

static inline void cell_add(struct cell *cell, struct body *body, int depth)
{
    for (;; depth++) {
        cell->count++;
        if (cell->is_leaf) {
            body->next = cell->bodies;
            cell->bodies = body;
            if (cell->count <= OCTREE_FEW || depth >= OCTREE_DEEPEST)
                return;
            struct body *each = cell->bodies;
            cell->bodies = NULL;
            cell->is_leaf = false;
            while (each != NULL) {
                struct body *next = each->next;
                cell_add(cell_child(cell, each->place), each, depth + 1);
                each = next;
            }
            return;
        }
        cell = cell_child(cell, body->place);
    }
}

static inline void cell_weigh(struct cell *cell)
{
    for (const struct body *body = cell->bodies; body != NULL; body = body->next) {
        cell->mass += body->mass;
        for (int k = 0; k < 3; k++)
            cell->middle[k] += body->mass * body->place[k];
    }
    for (int i = 0; i < 8; i++) {
        struct cell *child = cell->child[i];
        if (child == NULL)
            continue;
        cell_weigh(child);
        cell->mass += child->mass;
        for (int k = 0; k < 3; k++)
            cell->middle[k] += child->mass * child->middle[k];
    }
    for (int k = 0; k < 3; k++)
        cell->middle[k] /= cell->mass;
}

static inline int octree_root_of(const struct octree *tree, const double *place)
{
    int which = 0;
    for (int k = 0; k < 3; k++) {
        const int at = (int)((place[k] - tree->low[k]) / tree->side);
        which = which * OCTREE_SIDE + (at < OCTREE_SIDE ? at : OCTREE_SIDE - 1);
    }
    return which;
}

static inline void octree_make(struct octree *tree, int root, struct body *body, long count)
{
    const double at[3] = {root / OCTREE_SIDE / OCTREE_SIDE, root / OCTREE_SIDE % OCTREE_SIDE,
                          root % OCTREE_SIDE};
    double centre[3];
    for (int k = 0; k < 3; k++)
        centre[k] = tree->low[k] + (at[k] + 0.5) * tree->side;
    tree->root[root] = NULL;
    for (long i = 0; i < count; i++) {
        if (octree_root_of(tree, body[i].place) != root)
            continue;
        if (tree->root[root] == NULL)
            tree->root[root] = cell_new(centre, tree->side / 2);
        cell_add(tree->root[root], &body[i], 0);
    }
    if (tree->root[root] != NULL)
        cell_weigh(tree->root[root]);
}

/* Far is what is farther away than its side and a tenth of it. */
static inline void cell_pull(const struct cell *cell, struct body *body)
{
    double square = 0;
    for (int k = 0; k < 3; k++) {
        const double way = cell->middle[k] - body->place[k];
        square += way * way;
    }
    if (!cell->is_leaf && 4 * cell->half * cell->half < 0.81 * square) {
        pull_add(&body->pull, body->place, cell->middle, cell->mass);
        return;
    }
    for (const struct body *other = cell->bodies; other != NULL; other = other->next)
        if (other != body)
            pull_add(&body->pull, body->place, other->place, other->mass);
    for (int i = 0; i < 8; i++)
        if (cell->child[i] != NULL)
            cell_pull(cell->child[i], body);
}

static inline void octree_pull(const struct octree *tree, struct body *body)
{
    body->pull = (struct pull){{0, 0, 0}, 0};
    for (int i = 0; i < OCTREE_ROOTS; i++)
        if (tree->root[i] != NULL)
            cell_pull(tree->root[i], body);
}

/* The bodies of every `step`-th leaf from `*skip` on; `*skip` goes on to the next cell. */
static inline void cell_pull_all(const struct octree *tree, const struct cell *cell, long *skip,
                                 long step)
{
    if (cell == NULL)
        return;
    for (struct body *one = *skip == 0 ? cell->bodies : NULL; one != NULL; one = one->next)
        octree_pull(tree, one);
    if (cell->is_leaf)
        *skip = *skip == 0 ? step - 1 : *skip - 1;
    for (int i = 0; i < 8; i++)
        cell_pull_all(tree, cell->child[i], skip, step);
}

/* One of `threads` shares of all bodies, in the order of the tree: what pulls at one pulls at the
 * next, so it is in the cache. */
static inline void octree_pull_all(const struct octree *tree, long thread, long threads)
{
    for (int i = 0; i < OCTREE_ROOTS; i++)
        cell_pull_all(tree, tree->root[i], &thread, threads);
}

/* Every body is in the tree, with its mass. */
static inline bool octree_has(const struct octree *tree, const struct body *body, long count)
{
    long bodies = 0;
    double mass = 0, expected = 0;
    for (int i = 0; i < OCTREE_ROOTS; i++) {
        bodies += tree->root[i] != NULL ? tree->root[i]->count : 0;
        mass += tree->root[i] != NULL ? tree->root[i]->mass : 0;
    }
    for (long i = 0; i < count; i++)
        expected += body[i].mass;
    return bodies == count && fabs(mass - expected) <= 1e-9 * expected;
}

static inline void cell_free(struct cell *cell)
{
    if (cell == NULL)
        return;
    for (int i = 0; i < 8; i++)
        cell_free(cell->child[i]);
    free(cell);
}

static inline void octree_free(struct octree *tree, int root)
{
    cell_free(tree->root[root]);
}

#endif
