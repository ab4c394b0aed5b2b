/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <string.h>

#include "../mem.h"
#include "statistics.h"

const char *const bench_ranks[BENCH_RANKS] = {"p90",    "p99",     "p99.9",
                                              "p99.99", "p99.999", "p99.9999"};

struct bench_estimate bench_tail(const struct bench *bench, size_t on, size_t under,
                                 const char *operation, size_t rank)
{
    return bench_figure(bench, on, under, mem_format("%s_%s", operation, bench_ranks[rank]));
}

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
        fprintf(out, "  %-12s", bench->allocators[i].name);
        for (int measure = 0; measure < BENCH_MEASURES; measure++)
            print_estimate(bench_geometric_mean(bench, (enum bench_measure)measure, i), out);
        fprintf(out, "  %zu", bench_geometric_mean(bench, BENCH_WALL, i).count);
        if (failures(bench, i) > 0)
            fprintf(out, ", failed in %zu", failures(bench, i));
        fputc('\n', out);
    }
}

static void print_head(const struct bench *bench, FILE *out)
{
    fprintf(out, "  %-28s", "");
    for (size_t i = 0; i < bench->allocator_count; i++)
        fprintf(out, "%11s", bench->allocators[i].name);
    fputc('\n', out);
}

/* The column of the reference has what one is: seconds or MB. */
static void print_cases(const struct bench *bench, enum bench_measure measure, FILE *out)
{
    const bool memory = measure == BENCH_PEAK || measure == BENCH_REST;
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
                fprintf(out, "%11s", "failed");
            else if (ratio.count == 0)
                fprintf(out, "%11s", "-");
            else if (i == bench->reference)
                fprintf(out, "%9.3f %s", memory ? value.value / 1024 : value.value,
                        memory ? "M" : "s");
            else
                fprintf(out, "%11.3f", ratio.value);
        }
        fputc('\n', out);
    }
}

static void print_failures(const struct bench *bench, FILE *out)
{
    bool any = false;
    for (size_t on = 0; on < bench->case_count; on++) {
        for (size_t i = 0; i < bench->allocator_count; i++) {
            const char *failure = bench_failure(bench, on, i);
            if (failure == NULL)
                continue;
            fprintf(out, "%s  %s on %s: %s\n", any ? "" : "\nFailed\n\n", bench->allocators[i].name,
                    bench->cases[on].name, failure);
            any = true;
        }
    }
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
            const struct bench_estimate floor = bench_tail(bench, on, i, "floor", rank);
            if (time.count == 0)
                fprintf(out, "%12s ", "-");
            else
                fprintf(out, "%12.0f%c", time.value, time.value <= 2 * floor.value ? '*' : ' ');
        }
        fputc('\n', out);
    }
}

void bench_report_text(const struct bench *bench, FILE *out)
{
    if (has_kind(bench, false)) {
        print_means(bench, out);
        for (int measure = 0; measure < BENCH_MEASURES; measure++)
            if (bench_geometric_mean(bench, (enum bench_measure)measure, bench->reference).count >
                0)
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
