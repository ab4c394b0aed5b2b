/* SPDX-License-Identifier: MIT */
/*
 * A red-black tree: after every step of random and of adverse traces it has just what was put in,
 * in order, and is as red and black as it should be; so it is never deeper than it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <mortise/data/rbtree.h>

enum { ITEMS = 400 };

static struct item {
    int key;
    struct mortise_rb_node node;
} items[ITEMS];

static bool inside[ITEMS];
static struct mortise_rb_tree tree;

static int begin(void **state)
{
    (void)state;
    memset(&tree, 0, sizeof tree);
    memset(inside, 0, sizeof inside);
    for (int i = 0; i < ITEMS; i++)
        items[i].key = i;
    return 0;
}

static int key_of(const struct mortise_rb_node *node)
{
    return MORTISE_CONTAINER(node, struct item, node)->key;
}

static bool is_before(const struct mortise_rb_node *a, const struct mortise_rb_node *b)
{
    return key_of(a) < key_of(b);
}

static bool reaches(const struct mortise_rb_node *node, uintptr_t key)
{
    return key_of(node) >= (int)key;
}

static void insert(int key)
{
    memset(&items[key].node, 0xa5, sizeof items[key].node); /* nothing of it is believed */
    mortise_rb_add(&tree, &items[key].node, is_before);
    inside[key] = true;
}

static void erase(int key)
{
    mortise_rb_erase(&tree, &items[key].node);
    memset(&items[key].node, 0xa5, sizeof items[key].node); /* nor may anybody lead there */
    inside[key] = false;
}

/* Black nodes on each way down from a node. */
static int blacks_below(const struct mortise_rb_node *node, int depth)
{
    if (node == NULL)
        return 0;
    assert_true(depth < 2 * 9); /* 2 log2(ITEMS + 1) */
    int blacks[2];
    for (int side = 0; side < 2; side++) {
        const struct mortise_rb_node *child = node->child[side];
        blacks[side] = blacks_below(child, depth + 1);
        if (child == NULL)
            continue;
        assert_ptr_equal(mortise_rb_parent(child), node);
        assert_false(mortise_rb_is_red(node) && mortise_rb_is_red(child));
    }
    assert_int_equal(blacks[0], blacks[1]);
    return blacks[0] + !mortise_rb_is_red(node);
}

static void check_all(void)
{
    assert_false(mortise_rb_is_red(tree.root));
    blacks_below(tree.root, 0);
    struct mortise_rb_node *up = mortise_rb_end(&tree, 0), *down = mortise_rb_end(&tree, 1);
    for (int i = 0; i < ITEMS; i++) {
        assert_ptr_equal(mortise_rb_first(&tree, (uintptr_t)i, reaches), up);
        if (inside[i]) {
            assert_ptr_equal(up, &items[i].node);
            up = mortise_rb_beside(up, 1);
        }
        if (inside[ITEMS - 1 - i]) {
            assert_ptr_equal(down, &items[ITEMS - 1 - i].node);
            down = mortise_rb_beside(down, 0);
        }
    }
    assert_null(up);
    assert_null(down);
}

static void empty_has_no_ends(void **state)
{
    (void)state;
    assert_null(mortise_rb_end(&tree, 0));
    assert_null(mortise_rb_end(&tree, 1));
    insert(7);
    erase(7);
    assert_null(tree.root);
}

/* Ascending and descending order are what a tree without balance is deepest in. */
static void sorted_traces(void **state)
{
    (void)state;
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < ITEMS; i++) {
            insert(round & 1 ? ITEMS - 1 - i : i);
            check_all();
        }
        for (int i = 0; i < ITEMS; i++) {
            erase(round & 2 ? ITEMS - 1 - i : i);
            check_all();
        }
    }
}

static void random_traces(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int step = 0; step < 40000; step++) {
        random = random * 1664525 + 1013904223;
        int key = (int)(random >> 8) % ITEMS;
        bool grow = (step / 1000) % 3 != 0; /* fills up, and empties */
        if (!inside[key] && (grow || random >> 31))
            insert(key);
        else if (inside[key] && (!grow || random >> 31))
            erase(key);
        check_all();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(empty_has_no_ends, begin),
        cmocka_unit_test_setup(sorted_traces, begin),
        cmocka_unit_test_setup(random_traces, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
