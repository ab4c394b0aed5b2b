/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <string.h>

#include "../mem.h"
#include "statistics.h"

static bool has_kind(const struct bench *bench, bool tail)
{
    for (size_t on = 0; on < bench->case_count; on++)
        if ((bench->cases[on].kind == BENCH_TAIL) == tail)
            return true;
    return false;
}

static size_t failures(const struct bench *bench, size_t under)
{
    size_t count = 0;
    for (size_t on = 0; on < bench->case_count; on++)
        if (bench_failure(bench, on, under) != NULL)
            count++;
    return count;
}

static void print_estimate(struct bench_estimate estimate, FILE *out)
{
    if (estimate.count == 0)
        fprintf(out, "  %6s %-15s", "-", "");
    else
        fprintf(out, "  %6.3f [%5.3f, %5.3f]", estimate.value, estimate.low, estimate.high);
}

static void print_means(const struct bench *bench, FILE *out)
{
    fprintf(out,
            "As multiples of %s: geometric mean of the medians of %d rounds, and 95 %% interval\n\n"
            "  %-12s  %-22s  %-22s  %-22s  %-22s  cases\n",
            bench->allocators[bench->reference].name, bench->rounds, "",
            bench_measure_name(BENCH_WALL), bench_measure_name(BENCH_CPU),
            bench_measure_name(BENCH_PEAK), bench_measure_name(BENCH_REST));
    for (size_t i = 0; i < bench->allocator_count; i++) {
        const size_t failed = failures(bench, i);
        size_t cases = 0;
        fprintf(out, "  %-12s", bench->allocators[i].name);
        for (int measure = 0; measure < BENCH_MEASURES; measure++) {
            const struct bench_estimate mean =
                bench_geometric_mean(bench, (enum bench_measure)measure, i);
            print_estimate(mean, out);
            cases = mean.count > cases ? mean.count : cases;
        }
        fprintf(out, "  %zu", cases);
        if (failed > 0)
            fprintf(out, ", failed in %zu", failed);
        fputc('\n', out);
    }
}

/* Of a column under the name of an allocator. */
static int width_of(const struct bench *bench)
{
    size_t width = 11;
    for (size_t i = 0; i < bench->allocator_count; i++) {
        const size_t wanted = strlen(bench->allocators[i].name) + 2;
        width = wanted > width ? wanted : width;
    }
    return (int)width;
}

static void print_head(const struct bench *bench, FILE *out)
{
    fprintf(out, "  %-28s", "");
    for (size_t i = 0; i < bench->allocator_count; i++)
        fprintf(out, "%*s", width_of(bench), bench->allocators[i].name);
    fputc('\n', out);
}

/* The column of the reference has what one is: seconds or MB. */
static void print_cases(const struct bench *bench, enum bench_measure measure, FILE *out)
{
    const bool memory = measure == BENCH_PEAK || measure == BENCH_REST;
    const int width = width_of(bench);
    fprintf(out, "\n%s, as multiples of %s, which is in %s\n\n", bench_measure_name(measure),
            bench->allocators[bench->reference].name, memory ? "MB" : "seconds");
    print_head(bench, out);
    for (size_t on = 0; on < bench->case_count; on++) {
        if (bench->cases[on].kind == BENCH_TAIL)
            continue;
        fprintf(out, "  %-28s", bench->cases[on].name);
        for (size_t i = 0; i < bench->allocator_count; i++) {
            const struct bench_estimate ratio = bench_ratio(bench, measure, on, i);
            const struct bench_estimate value = bench_absolute(bench, measure, on, i);
            if (bench_failure(bench, on, i) != NULL)
                fprintf(out, "%*s", width, "failed");
            else if (ratio.count == 0)
                fprintf(out, "%*s", width, "-");
            else if (i == bench->reference)
                fprintf(out, "%*.3f %s", width - 2, memory ? value.value / 1024 : value.value,
                        memory ? "M" : "s");
            else
                fprintf(out, "%*.3f", width, ratio.value);
        }
        fputc('\n', out);
    }
}

static void print_failures(const struct bench *bench, FILE *out)
{
    size_t on = 0, under = 0;
    const char *failure = bench_failure_next(bench, &on, &under);
    if (failure != NULL)
        fputs("\nFailed\n\n", out);
    for (; failure != NULL; under++, failure = bench_failure_next(bench, &on, &under))
        fprintf(out, "  %s on %s: %s\n", bench->allocators[under].name, bench->cases[on].name,
                failure);
}

static void print_tail(const struct bench *bench, size_t on, const char *operation, FILE *out)
{
    fprintf(out, "\n%s, %s: the slowest requests, in ns\n\n  %-12s", bench->cases[on].name,
            operation, "");
    for (size_t rank = 0; rank < BENCH_RANKS; rank++)
        fprintf(out, "%12s ", bench_ranks[rank]);
    fputc('\n', out);
    for (size_t i = 0; i < bench->allocator_count; i++) {
        fprintf(out, "  %-12s", bench->allocators[i].name);
        for (size_t rank = 0; rank < BENCH_RANKS; rank++) {
            const struct bench_estimate time = bench_tail(bench, on, i, operation, rank);
            if (time.count == 0)
                fprintf(out, "%12s ", "-");
            else
                fprintf(out, "%12.0f%c", time.value,
                        bench_is_noise(bench, on, i, operation, rank) ? '*' : ' ');
        }
        fputc('\n', out);
    }
}

void bench_report_text(const struct bench *bench, FILE *out)
{
    if (has_kind(bench, false)) {
        print_means(bench, out);
        for (int measure = 0; measure < BENCH_MEASURES; measure++)
            if (bench_measured(bench, (enum bench_measure)measure))
                print_cases(bench, (enum bench_measure)measure, out);
    }
    for (size_t on = 0; on < bench->case_count; on++) {
        if (bench->cases[on].kind != BENCH_TAIL)
            continue;
        print_tail(bench, on, "alloc", out);
        print_tail(bench, on, "free", out);
    }
    if (has_kind(bench, true))
        fputs(
            "\n  * less than twice what an empty section took in the same run: the machine's own\n"
            "    noise, and nothing about the allocator\n",
            out);
    print_failures(bench, out);
}
