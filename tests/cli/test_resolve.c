/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "mem.h"
#include "registry.h"
#include "resolve.h"

static struct source source;
static struct diags diags;
static struct model model;
static struct registry registry;

static int open_registry(void **state)
{
    (void)state;
    diags = (struct diags){0};
    setenv("MORTISE_INCLUDE", CLI_FIXTURE "/include", 1);
    return registry_open(&registry, NULL, 0, &diags) ? 0 : -1;
}

static int release(void **state)
{
    (void)state;
    mem_release();
    return 0;
}

static bool resolves(const char *text)
{
    source = (struct source){NULL, "model", text, strlen(text)};
    diags = (struct diags){.source = &source};
    assert_true(model_parse(&source, &model, &diags));
    const bool right = resolve(&model, &registry, &diags);
    assert_int_equal(right, diags.count == 0);
    return right;
}

static void test_words(void **state)
{
    (void)state;
    assert_true(resolves("mmap_heap::malloc_socket"));
    assert_true(resolves("mmap_heap::tlsf_glk::malloc_socket"));
    assert_int_equal(model.uses[0].word->kind, KIND_SYSTEM);
    assert_int_equal(model.uses[1].word->kind, KIND_LAYER);
    assert_int_equal(model.uses[2].word->kind, KIND_SOCKET);
    assert_false(resolves("mmap_heap::mmap_heap::malloc_socket"));
    assert_false(resolves("mmap_heap::mutex::malloc_socket"));
}

static void test_instances(void **state)
{
    (void)state;
    assert_true(resolves("mmap_heap::fake::tlsf_glk::fake::fake::malloc_socket"));
    assert_string_equal(model.uses[1].instance, "fake");
    assert_string_equal(model.uses[2].instance, "tlsf_glk");
    assert_string_equal(model.uses[3].instance, "fake_2");
    assert_string_equal(model.uses[4].instance, "fake_3");
    /* a word that looks like an instance */
    assert_false(resolves("mmap_heap::fake::fake_2::fake::malloc_socket"));
    assert_string_equal(model.uses[3].instance, "fake_3");
}

static void test_ends_of_ranges(void **state)
{
    (void)state;
    assert_true(resolves("mmap_heap::tlsf_glk(levels=1)::malloc_socket"));
    assert_true(resolves("mmap_heap::tlsf_glk(levels=8)::malloc_socket"));
    assert_false(resolves("mmap_heap::tlsf_glk(levels=0)::malloc_socket"));
    assert_false(resolves("mmap_heap::tlsf_glk(levels=9)::malloc_socket"));
    assert_true(resolves("mmap_heap::tlsf_glk(pool_size=4KB)::malloc_socket"));
    assert_false(resolves("mmap_heap::tlsf_glk(pool_size=4095)::malloc_socket"));
    assert_true(resolves("mmap_heap::tlsf_glk(pool_size=1GB)::malloc_socket"));
    assert_false(resolves("mmap_heap::tlsf_glk(pool_size=1073741825)::malloc_socket"));
    assert_true(resolves("mmap_heap::tlsf_glk(size_handle=[0,SIZE_MAX])::malloc_socket"));
    assert_true(resolves("mmap_heap::tlsf_glk(size_handle=[5,5])::malloc_socket"));
    assert_false(resolves("mmap_heap::tlsf_glk(size_handle=[6,5])::malloc_socket"));
    assert_false(resolves("mmap_heap::tlsf_glk(size_handle=[[0,1],5])::malloc_socket"));
    assert_true(resolves("mmap_heap(huge_page=1)::malloc_socket"));
    assert_false(resolves("mmap_heap(huge_page=1KB)::malloc_socket"));
}

static void test_choices(void **state)
{
    (void)state;
    assert_true(resolves("mmap_heap::malloc_socket(align=8)"));
    assert_true(resolves("mmap_heap::malloc_socket(align=16)"));
    assert_false(resolves("mmap_heap::malloc_socket(align=1)"));
    assert_false(resolves("mmap_heap::malloc_socket(align=08)"));
    assert_false(resolves("mmap_heap::malloc_socket(align=[8,16])"));
    assert_true(resolves("mmap_heap::tlsf_glk(mode=best)::malloc_socket"));
    assert_false(resolves("mmap_heap::tlsf_glk(mode=best(x=1))::malloc_socket"));
    assert_false(resolves("mmap_heap::tlsf_glk(mode=bes)::malloc_socket"));
}

static void test_every_mistake(void **state)
{
    (void)state;
    assert_false(resolves("mmap_heap(a=1, b=2)::tlfs_glk::tlsf_glk(levels=0)::malloc_sock"));
    assert_int_equal(diags.count, 5);
    assert_string_equal(diags.list[2].suggestion, "tlsf_glk");
    assert_string_equal(diags.list[4].suggestion, "malloc_socket");
}

static void test_emit(void **state)
{
    (void)state;
    assert_true(resolves(" mmap_heap( grow = 16MiB )::tlsf_glk(size_handle=[ 0 , 4KB ])"
                         "::malloc_socket "));
    assert_string_equal(emit_model(&model),
                        "mmap_heap(grow=16MiB)::tlsf_glk(size_handle=[0,4KB])::malloc_socket");
    assert_non_null(strstr(emit_c(&model), "#define MMAP_HEAP_GROW 16777216\n"));
    assert_non_null(strstr(emit_c(&model), "#define TLSF_GLK_SIZE_HANDLE 0, 4096\n"));
    /* a number that no signed type of C holds */
    assert_true(
        resolves("mmap_heap::tlsf_glk(size_handle=[0,9223372036854775808])::malloc_socket"));
    assert_non_null(strstr(emit_c(&model), "_SIZE_HANDLE 0, 9223372036854775808u\n"));
}

static void test_registry(void **state)
{
    (void)state;
    assert_non_null(registry_find(&registry, KIND_POLICY, "sync", "mutex"));
    assert_null(registry_find(&registry, KIND_POLICY, "sizeclass", "mutex"));
    assert_null(registry_find_any(&registry, "mutex"));
    assert_true(registry_is_slot(&registry, "sizeclass"));
    assert_false(registry_is_slot(&registry, "heap"));
    assert_string_equal(registry_names(&registry, KIND_POLICY, "sync"), "ccsynch, mutex, spinlock");
    const struct word *bare = registry_find_any(&registry, "no_head");
    assert_non_null(bare);
    assert_false(registry_documented(bare));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_registry, release)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_words),    TEST(test_instances),     TEST(test_ends_of_ranges),
        TEST(test_choices),  TEST(test_every_mistake), TEST(test_emit),
        TEST(test_registry),
    };
    return cmocka_run_group_tests_name("cli.resolve", tests, NULL, NULL);
}
