/* SPDX-License-Identifier: MIT */
/*
 * One member of the slot sync, measured. The including file defines SYNC; this header defines
 * bench_SYNC, a struct bench_member, and undefines SYNC.
 */
#include MORTISE_POLICY(sync, SYNC)

#define M(verb) MORTISE_CAT(MORTISE_CAT(mortise_, SYNC), verb)
#define B(name) MORTISE_CAT(MORTISE_CAT(bench_, SYNC), name)

static struct M() B(_sync);
static struct M(_local) B(_locals)[BENCH_MOST_THREADS];

static void B(_reset)(void)
{
    memset(&B(_sync), 0, sizeof B(_sync));
    memset(B(_locals), 0, sizeof B(_locals));
    M(_init)(&B(_sync));
}

static void B(_run)(unsigned thread, long times)
{
    struct M(_local) *local = &B(_locals)[thread];
    struct bench_request request = {&bench_self, thread, 0};
    M(_join)(&B(_sync), local);
    bench_line_up();
    for (long i = 0; i < times; i++) {
        M(_exec)(&B(_sync), local, bench_section, &request);
        bench_elsewhere(request.result);
    }
}

static const struct bench_member B() = {MORTISE_STRING(SYNC), M(_threadsafe), B(_reset), B(_run)};

#undef B
#undef M
#undef SYNC
