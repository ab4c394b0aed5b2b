/* SPDX-License-Identifier: MIT */
/*
 * What only thread_cache does: with coreaware_cachesize a thread keeps less on a core with less
 * cache, and more again where there is more. Which request came first makes no difference.
 */
#define _GNU_SOURCE
#define COMPOSITION aware
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER thread_cache
#define THREAD_CACHE_CACHE_SIZE 1048576
#define THREAD_CACHE_COREAWARE_CACHESIZE 1
#include <mortise/layer/thread_cache.h>
LAYER_COMPOSE(aware, mmap_heap, slab_lk, thread_cache)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include "check.h"
#include "cores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCKS = 3000, CACHE = 1 << 20 };

/* Allocation in waves, so that the caches run empty and over, in classes of all sizes. */
static void work(void)
{
    static void *blocks[BLOCKS];
    for (int wave = 0; wave < 40; wave++) {
        for (size_t i = 0; i < BLOCKS; i++)
            check((blocks[i] = aware_malloc(&aware_default, i * 7 % 4000)) != NULL, "malloc");
        for (size_t i = 0; i < BLOCKS; i++)
            aware_free(&aware_default, blocks[i]);
    }
}

/* Bytes in the lists of the calling thread. */
static size_t kept(void)
{
    const struct aware_at_thread_cache_local *local = &aware_here(&aware_default)->thread_cache;
    size_t sum = 0, limits = 0;
    for (unsigned i = 0; i < sizeof local->head / sizeof local->head[0]; i++) {
        size_t count = 0, size = i < mortise_tc_classes ? mortise_tc_size[i] : 0;
        for (void *block = local->head[i]; block != NULL; block = *(void **)block)
            count++;
        check(count + local->room[i] == local->limit[i], "blocks and room make the limit");
        sum += count * size;
        limits += local->limit[i] * size;
    }
    check(limits == local->budget, "the limits make the budget");
    return sum;
}

static size_t budget(void)
{
    check(kept() <= aware_here(&aware_default)->thread_cache.budget, "no more than the budget");
    return aware_here(&aware_default)->thread_cache.budget;
}

/* What the system itself says: every core that can run this process has a size, or none has. */
static void test_system(void)
{
    static struct mortise_linux_cores cores;
    mortise_linux_ask_system(&cores);
    cpu_set_t set;
    check(sched_getaffinity(0, sizeof set, &set) == 0, "sched_getaffinity");
    int with = 0, without = 0;
    for (int i = 0; i < CPU_SETSIZE && i < mortise_linux_cores_most; i++)
        if (CPU_ISSET(i, &set))
            *(cores.size[i] != 0 ? &with : &without) += 1;
    check(with == 0 || without == 0, "sizes of all cores or of none");
    check(access("/sys/devices/system/cpu/cpu0/cache/index2/size", R_OK) != 0 || with != 0,
          "sizes where the system shows them");
}

/* A large block, which goes past the cache, may be what the state of the thread begins with. */
static void test_first(void)
{
    aware_free(&aware_default, aware_malloc(&aware_default, 100000));
    aware_free(&aware_default, aware_malloc(&aware_default, 100));
    check(kept() != 0, "a block is kept after a large one came first");
}

int main(void)
{
    int core[2];
    char path[] = "/tmp/mortise-cores.XXXXXX";
    test_first();
    test_system();
    int found = find_cores(core);
    check(found != 0, "sched_getaffinity");
    if (found < 2) {
        puts("thread_cache: this machine has one core; skipped");
        return 0;
    }
    int file = mkstemp(path);
    check(file >= 0, "mkstemp");
    FILE *text = fdopen(file, "w");
    check(text != NULL, "fdopen");
    fprintf(text, "no line of this form\n%d 2M\n%d-%d 256K\n9999 1K\n7-", core[0], core[1],
            core[1]);
    fclose(text);
    setenv("MORTISE_CORES", path, 1);

    check(run_on(core[0]) && mortise_os_core() == core[0], "the first core");
    check(mortise_os_core_share(core[0]) == 1024, "the share of the large core");
    check(mortise_os_core_share(core[1]) == 128, "the share of the small core");
    check(mortise_os_core_share(-1) == 1024 && mortise_os_core_share(9999) == 1024, "unknown");
    unlink(path);
    work();
    size_t large = budget();
    check(large > CACHE / 2 && large <= CACHE, "the budget on the large core");
    check(run_on(core[1]) && mortise_os_core() == core[1], "the second core");
    work();
    size_t small = budget();
    check(small <= CACHE / 8 && small > CACHE / 32, "the budget on the small core");
    check(run_on(core[0]), "the first core again");
    work();
    check(budget() > CACHE / 2, "the budget back on the large core");
    puts("thread_cache: passed");
    return 0;
}
