/* SPDX-License-Identifier: MIT */
/*
 * Deterministic pseudo-random input through everything that reads what a user wrote: no crash, no
 * hang, no message without a text, and what passes the checks is C and reads back as itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "head.h"
#include "mem.h"
#include "registry.h"
#include "resolve.h"
#include "text.h"

enum { LONGEST = 400 };

static int rounds = 8000; /* times MORTISE_TEST_ROUNDS */

static uint64_t seed;

/* xorshift64*: the same numbers everywhere. */
static uint32_t next_random(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 32);
}

static size_t below(size_t n)
{
    return next_random() % n;
}

static size_t random_bytes(char *text)
{
    const size_t n = below(LONGEST);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)next_random();
    return n;
}

/* Pieces of the language in any order: much more of it parses. */
static size_t random_pieces(char *text)
{
    static const char *const pieces[] = {
        "mmap_heap",
        "brk_heap",
        "tlsf_glk",
        "fake",
        "malloc_socket",
        "::",
        "::",
        "::",
        "(",
        ")",
        "[",
        "]",
        ",",
        "=",
        "sync",
        "mutex",
        "size_handle",
        "levels",
        "64KB",
        "0",
        "5",
        "SIZE_MAX",
        "linear",
        "sizeclass",
        "(step=64)",
        "(levels=5)",
        "(sync=mutex)",
        " ",
        "\n",
        "#",
        "\t",
        "zzz",
        "::tlsf_glk(size_handle=[0,1KB])",
        "\xff",
        "99999999999999999999",
        "[0,1]",
    };
    const size_t count = below(40);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
        memcpy(text + n, piece, strlen(piece));
        n += strlen(piece);
    }
    return n;
}

/* A good model with a few bytes changed, taken out or put in. */
static size_t mutated(char *text)
{
    static const char good[] = "mmap_heap(huge_page=1, grow=2MB)::tlsf_glk(sync=mutex, sizeclass="
                               "linear(step=64), size_handle=[0,SIZE_MAX])::malloc_socket";
    size_t n = sizeof good - 1;
    memcpy(text, good, n);
    for (size_t i = below(4); i > 0; i--) {
        const size_t at = below(n);
        const size_t how = below(3);
        if (how == 0) {
            text[at] = good[below(sizeof good - 1)];
        } else if (how == 1) {
            memmove(text + at, text + at + 1, n - at - 1);
            n--;
        } else {
            memmove(text + at + 1, text + at, n - at);
            text[at] = (char)next_random();
            n++;
        }
    }
    return n;
}

static void assert_sane(const struct diags *diags)
{
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    diag_print(diags, out);
    fclose(out);
    assert_true(diags->count >= 1);
    for (size_t i = 0; i < n; i++)
        assert_true(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
    free(text);
    json_t *json = diag_json(diags);
    char *dump = json_dumps(json, 0);
    assert_non_null(dump);
    free(dump);
    json_decref(json);
}

/* A model that passes reads back as itself from its canonical form. */
static void assert_stable(const struct model *model, const struct registry *registry)
{
    const char *canonical = emit_model(model);
    const struct source source = {NULL, "model", canonical, strlen(canonical)};
    struct diags diags = {.source = &source};
    struct model again;
    assert_true(model_parse(&source, &again, &diags));
    assert_true(resolve(&again, registry, &diags));
    assert_string_equal(emit_model(&again), canonical);
    assert_string_equal(emit_c(&again), emit_c(model));
}

static unsigned passed;

static void try_model(const char *text, size_t length)
{
    /* exactly as long as the text, so that the sanitizer sees a read beyond it */
    char *copy = malloc(length == 0 ? 1 : length);
    assert_non_null(copy);
    memcpy(copy, text, length);
    struct registry registry;
    const struct source source = {NULL, "model", copy, length};
    struct diags diags = {.source = &source};
    struct model model;
    if (!model_parse(&source, &model, &diags)) {
        assert_int_equal(diags.count, 1);
        assert_sane(&diags);
    } else {
        assert_true(registry_open(&registry, NULL, 0, &diags));
        if (resolve(&model, &registry, &diags)) {
            assert_stable(&model, &registry);
            passed++;
        } else {
            assert_sane(&diags);
        }
    }
    free(copy);
    mem_release();
}

static void try_many(size_t (*make)(char *), uint64_t start)
{
    static char text[40 * LONGEST];
    seed = start;
    for (int i = 0; i < rounds; i++)
        try_model(text, make(text));
}

static void test_bytes(void **state)
{
    (void)state;
    try_many(random_bytes, 1);
}

static void test_pieces(void **state)
{
    (void)state;
    try_many(random_pieces, 2);
}

static void test_mutations(void **state)
{
    (void)state;
    passed = 0;
    try_many(mutated, 3);
    assert_true(passed > (unsigned)rounds / 10);
}

static void test_heads(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "/*",
        "*/",
        "\n",
        " * ",
        "\n * ",
        "w - p",
        "Parameters:",
        "\n *   name  type  default  range  meaning",
        "\n *   a  int  1  1..2  x",
        "  ",
        "none",
        "\n *      more",
        "Needs: ",
        "SPDX-License-Identifier: MIT",
        "//",
        "Kind: policy",
        "1..",
        "\r",
        "\xe6\xa6\xab",
    };
    seed = 4;
    for (int i = 0; i < rounds; i++) {
        char *text = malloc(40 * 64);
        size_t n = 0;
        for (size_t count = below(40); count > 0; count--) {
            const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
        char *exact = malloc(n == 0 ? 1 : n);
        memcpy(exact, text, n);
        free(text);
        struct head head;
        const char *problem = NULL;
        const bool right = head_parse(exact, n, &head, &problem);
        assert_int_equal(right, problem == NULL);
        free(exact);
        mem_release();
    }
}

static void test_splits(void **state)
{
    (void)state;
    seed = 5;
    for (int i = 0; i < rounds; i++) {
        char text[LONGEST + 1];
        size_t count;
        const size_t n = below(60);
        for (size_t at = 0; at < n; at++)
            text[at] = "ab '\"\\ \t-="[below(10)];
        text[n] = '\0';
        const char **words = text_split(text, &count);
        if (words != NULL)
            assert_null(words[count]);
        mem_release();
    }
}

int main(void)
{
    const char *more = getenv("MORTISE_TEST_ROUNDS");
    rounds *= more != NULL ? atoi(more) : 1;
    setenv("MORTISE_INCLUDE", CLI_FIXTURE "/include", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),     cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_mutations), cmocka_unit_test(test_heads),
        cmocka_unit_test(test_splits),
    };
    return cmocka_run_group_tests_name("cli.random", tests, NULL, NULL);
}
