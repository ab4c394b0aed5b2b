/* SPDX-License-Identifier: MIT */
/*
 * A red-black tree whose nodes are members of what is in it. For one thread; nothing is allocated.
 *
 * The tree knows no keys: its user brings a comparison, a constant, which is inlined where the tree
 * is used. Finding, inserting and erasing take at most 2 log2(n + 1) steps.
 *
 * Invariants: a red node has a black parent; every way from the root to a missing child passes as
 *     many black nodes; in order, nodes come as their user put them. All-zero memory is an empty
 *     tree.
 * Source: Guibas and Sedgewick, "A dichromatic framework for balanced trees", 1978; Cormen et al.,
 *     Introduction to Algorithms, chapter 13, with a missing child instead of a sentinel
 */
#ifndef MORTISE_DATA_RBTREE_H
#define MORTISE_DATA_RBTREE_H

#include "../core/compiler.h"

struct mortise_rb_node {
    struct mortise_rb_node *child[2]; /* less, greater */
    uintptr_t parent_red;             /* the address of the parent; bit 0: the node is red */
};

struct mortise_rb_tree {
    struct mortise_rb_node *root;
};

MORTISE_FAST struct mortise_rb_node *mortise_rb_parent(const struct mortise_rb_node *node)
{
    return (struct mortise_rb_node *)(node->parent_red & ~(uintptr_t)1);
}

MORTISE_FAST bool mortise_rb_is_red(const struct mortise_rb_node *node)
{
    return node != NULL && (node->parent_red & 1) != 0;
}

MORTISE_FAST void mortise_rb_set_parent(struct mortise_rb_node *node,
                                        struct mortise_rb_node *parent)
{
    node->parent_red = (uintptr_t)parent | (node->parent_red & 1);
}

MORTISE_FAST void mortise_rb_paint(struct mortise_rb_node *node, bool red)
{
    node->parent_red = (node->parent_red & ~(uintptr_t)1) | red;
}

/* `instead`, or nothing, where `node` hangs; the parent of `instead` is told. */
MORTISE_FAST void mortise_rb_replace(struct mortise_rb_tree *tree, struct mortise_rb_node *node,
                                     struct mortise_rb_node *instead)
{
    struct mortise_rb_node *parent = mortise_rb_parent(node);
    if (parent == NULL)
        tree->root = instead;
    else
        parent->child[parent->child[1] == node] = instead;
    if (instead != NULL)
        mortise_rb_set_parent(instead, parent);
}

/* The child on the other side of `side` takes the place of `node`, which goes down to `side`. */
MORTISE_PLAIN void mortise_rb_rotate(struct mortise_rb_tree *tree, struct mortise_rb_node *node,
                                     unsigned side)
{
    struct mortise_rb_node *up = node->child[!side];
    node->child[!side] = up->child[side];
    if (up->child[side] != NULL)
        mortise_rb_set_parent(up->child[side], node);
    mortise_rb_replace(tree, node, up);
    up->child[side] = node;
    mortise_rb_set_parent(node, up);
}

/* Hangs a node on `side` of `parent`, which has no child there; NULL: the tree is empty. */
MORTISE_PLAIN void mortise_rb_insert(struct mortise_rb_tree *tree, struct mortise_rb_node *node,
                                     struct mortise_rb_node *parent, unsigned side)
{
    node->child[0] = node->child[1] = NULL;
    node->parent_red = (uintptr_t)parent | 1;
    if (parent == NULL)
        tree->root = node;
    else
        parent->child[side] = node;
    while (mortise_rb_is_red(parent = mortise_rb_parent(node))) {
        struct mortise_rb_node *grand = mortise_rb_parent(parent); /* a root is black */
        side = grand->child[1] == parent;
        struct mortise_rb_node *uncle = grand->child[!side];
        if (mortise_rb_is_red(uncle)) {
            mortise_rb_paint(parent, false);
            mortise_rb_paint(uncle, false);
            mortise_rb_paint(grand, true);
            node = grand;
            continue;
        }
        if (parent->child[!side] == node) {
            mortise_rb_rotate(tree, parent, side);
            node = parent;
            parent = mortise_rb_parent(node);
        }
        mortise_rb_paint(parent, false);
        mortise_rb_paint(grand, true);
        mortise_rb_rotate(tree, grand, !side);
    }
    mortise_rb_paint(tree->root, false);
}

/* Ways through `node`, which may be missing, pass one black node less than others below its
 * `parent`. */
MORTISE_PLAIN void mortise_rb_balance(struct mortise_rb_tree *tree, struct mortise_rb_node *node,
                                      struct mortise_rb_node *parent)
{
    while (node != tree->root && !mortise_rb_is_red(node)) {
        unsigned side = parent->child[1] == node;
        struct mortise_rb_node *sibling = parent->child[!side]; /* its ways pass one at least */
        if (mortise_rb_is_red(sibling)) {
            mortise_rb_paint(sibling, false);
            mortise_rb_paint(parent, true);
            mortise_rb_rotate(tree, parent, side);
            sibling = parent->child[!side];
        }
        if (!mortise_rb_is_red(sibling->child[0]) && !mortise_rb_is_red(sibling->child[1])) {
            mortise_rb_paint(sibling, true);
            node = parent;
            parent = mortise_rb_parent(node);
            continue;
        }
        if (!mortise_rb_is_red(sibling->child[!side])) {
            mortise_rb_paint(sibling->child[side], false);
            mortise_rb_paint(sibling, true);
            mortise_rb_rotate(tree, sibling, !side);
            sibling = parent->child[!side];
        }
        mortise_rb_paint(sibling, mortise_rb_is_red(parent));
        mortise_rb_paint(parent, false);
        mortise_rb_paint(sibling->child[!side], false);
        mortise_rb_rotate(tree, parent, side);
        return;
    }
    if (node != NULL)
        mortise_rb_paint(node, false);
}

MORTISE_PLAIN void mortise_rb_erase(struct mortise_rb_tree *tree, struct mortise_rb_node *node)
{
    struct mortise_rb_node *parent = mortise_rb_parent(node), *orphan;
    bool lost_red = mortise_rb_is_red(node);
    if (node->child[0] == NULL || node->child[1] == NULL) {
        orphan = node->child[node->child[0] == NULL];
        mortise_rb_replace(tree, node, orphan);
    } else {
        struct mortise_rb_node *next = node->child[1];
        while (next->child[0] != NULL)
            next = next->child[0];
        parent = mortise_rb_parent(next);
        orphan = next->child[1];
        lost_red = mortise_rb_is_red(next);
        if (parent == node) {
            parent = next;
        } else {
            mortise_rb_replace(tree, next, orphan);
            next->child[1] = node->child[1];
            mortise_rb_set_parent(next->child[1], next);
        }
        mortise_rb_replace(tree, node, next);
        next->child[0] = node->child[0];
        mortise_rb_set_parent(next->child[0], next);
        mortise_rb_paint(next, mortise_rb_is_red(node));
    }
    if (!lost_red)
        mortise_rb_balance(tree, orphan, parent);
}

/* The first node, or with side 1 the last one; NULL: the tree is empty. */
MORTISE_PLAIN struct mortise_rb_node *mortise_rb_end(const struct mortise_rb_tree *tree,
                                                     unsigned side)
{
    struct mortise_rb_node *node = tree->root;
    while (node != NULL && node->child[side] != NULL)
        node = node->child[side];
    return node;
}

/* The node before, or with side 1 the one behind; NULL: there is none. */
MORTISE_PLAIN struct mortise_rb_node *mortise_rb_beside(struct mortise_rb_node *node, unsigned side)
{
    if (node->child[side] != NULL) {
        node = node->child[side];
        while (node->child[!side] != NULL)
            node = node->child[!side];
        return node;
    }
    struct mortise_rb_node *parent = mortise_rb_parent(node);
    while (parent != NULL && parent->child[side] == node) {
        node = parent;
        parent = mortise_rb_parent(node);
    }
    return parent;
}

/* Is `a` in front of `b`? */
typedef bool mortise_rb_before_t(const struct mortise_rb_node *a, const struct mortise_rb_node *b);

/* Inserts a node where `before` says. */
MORTISE_FAST void mortise_rb_add(struct mortise_rb_tree *tree, struct mortise_rb_node *node,
                                 mortise_rb_before_t *before)
{
    struct mortise_rb_node *parent = NULL, *at = tree->root;
    unsigned side = 0;
    while (at != NULL) {
        parent = at;
        side = before(at, node);
        at = at->child[side];
    }
    mortise_rb_insert(tree, node, parent, side);
}

/* Does a node reach `key`? If one does, so do all behind it. */
typedef bool mortise_rb_reaches_t(const struct mortise_rb_node *node, uintptr_t key);

/* The first node that reaches a key, NULL: none does. */
MORTISE_FAST struct mortise_rb_node *mortise_rb_first(const struct mortise_rb_tree *tree,
                                                      uintptr_t key, mortise_rb_reaches_t *reaches)
{
    struct mortise_rb_node *first = NULL, *node = tree->root;
    while (node != NULL) {
        bool does = reaches(node, key);
        if (does)
            first = node;
        node = node->child[!does];
    }
    return first;
}

#endif
