/* SPDX-License-Identifier: MIT */
#include "plot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../compile.h"
#include "../file.h"
#include "../mem.h"
#include "../process.h"

enum { FIGURE_LIMIT = 16 * 1024 * 1024, WIDTH = 960, HEIGHT = 420, COLOURS = 18 };

const char *plot_colour(size_t under)
{
    /* Of middle lightness, so that each stands out on white and on black. */
    static const char *const colours[COLOURS] = {
        "#808080", "#2b83ba", "#d7301f", "#31a354", "#8856a7", "#b8860b",
        "#e7298a", "#00a0a0", "#fd8d3c", "#6a6ad8", "#a6761d", "#41ae76",
        "#c51b8a", "#4a90d9", "#7a9a01", "#b15928", "#9467bd", "#17becf"};
    return colours[under % COLOURS];
}

bool plot_possible(void)
{
    return process_find("gnuplot") != NULL;
}

/* Runs gnuplot on a script that leaves out the terminal and the output; the SVG element. */
static const char *draw(const char *script, size_t length)
{
    const char *gnuplot = process_find("gnuplot");
    struct diags ignored = {0};
    struct work work;
    if (gnuplot == NULL || !work_begin(&work, NULL, &ignored))
        return NULL;
    const char *input = mem_format("%s/figure.gp", work.folder);
    const char *output = mem_format("%s/figure.svg", work.folder);
    const char *head = mem_format("set terminal svg size %d,%d dynamic font 'sans-serif,13'; "
                                  "set output '%s'",
                                  WIDTH, HEIGHT, output);
    const char *const argv[] = {gnuplot, "-e", head, input, NULL};
    struct process_result result;
    const char *svg = NULL;
    size_t size;
    if (file_write(input, script, length) && process_run(argv, NULL, &result))
        svg = file_read(output, FIGURE_LIMIT, &size);
    work_end(&work);
    return svg == NULL ? NULL : strstr(svg, "<svg");
}

/* The text that a stream has collected, to be drawn. */
static const char *finish(FILE *stream, char **text, size_t *length)
{
    const char *svg = NULL;
    if (fclose(stream) == 0)
        svg = draw(*text, *length);
    free(*text);
    return svg;
}

/* gnuplot takes _ and the like for mark-up. */
static void common(FILE *script)
{
    fputs("set termoption noenhanced\n"
          "set encoding utf8\n"
          "set border 3\n"
          "set tics nomirror\n"
          "set grid ytics lc rgb '#808080' lw 0.4\n"
          "set key outside right top vertical reverse Left samplen 1\n",
          script);
}

/* In characters. Slanting names end at their ticks; a long first one begins left of the axis. */
static size_t left_margin(const char *first)
{
    const size_t least = 10, reach = strlen(first) * 9 / 10;
    return reach > least + 4 ? reach - 4 : least;
}

static void write_ratios(const struct bench *bench, enum bench_measure measure, const size_t *cases,
                         size_t count, FILE *script)
{
    common(script);
    fprintf(script, "set lmargin %zu\n", left_margin(bench->cases[cases[0]].name));
    fprintf(script,
            "set logscale y 2\nset ylabel '%s, times %s'\nset xrange [-0.5:%g]\n"
            "set xtics rotate by 25 right\nset arrow from graph 0, first 1 to graph 1, first 1 "
            "nohead lc rgb '#808080' lw 1\nset xtics (",
            bench_measure_name(measure), bench->allocators[bench->reference].name,
            (double)count - 0.5);
    for (size_t i = 0; i < count; i++)
        fprintf(script, "%s\"%s\" %zu", i == 0 ? "" : ", ", bench->cases[cases[i]].name, i);
    fputs(")\n", script);
    for (size_t under = 0; under < bench->allocator_count; under++) {
        fprintf(script, "$a%zu << EOD\n", under);
        for (size_t i = 0; i < count; i++) {
            const struct bench_estimate ratio = bench_ratio(bench, measure, cases[i], under);
            const double shift =
                0.8 * (((double)under + 0.5) / (double)bench->allocator_count - 0.5);
            if (ratio.count > 0 && bench_failure(bench, cases[i], under) == NULL)
                fprintf(script, "%g %g %g %g\n", (double)i + shift, ratio.value, ratio.low,
                        ratio.high);
            else
                fputs("nan nan nan nan\n", script);
        }
        fputs("EOD\n", script);
    }
    fputs("plot ", script);
    for (size_t under = 0; under < bench->allocator_count; under++)
        fprintf(script,
                "%s$a%zu using 1:2:3:4 with yerrorbars pt %zu ps 0.7 lw 1.2 lc rgb '%s' title "
                "'%s'",
                under == 0 ? "" : ", ", under, 5 + under % 6 * 2, plot_colour(under),
                bench->allocators[under].name);
    fputc('\n', script);
}

const char *plot_ratios(const struct bench *bench, enum bench_measure measure, size_t first,
                        size_t *next)
{
    size_t cases[PLOT_CASES], count = 0, on = first;
    for (; on < bench->case_count && count < PLOT_CASES; on++)
        if (bench->cases[on].kind != BENCH_TAIL &&
            bench_ratio(bench, measure, on, bench->reference).count > 0)
            cases[count++] = on;
    *next = on;
    char *text;
    size_t length;
    FILE *script = count == 0 ? NULL : open_memstream(&text, &length);
    if (script == NULL)
        return NULL;
    write_ratios(bench, measure, cases, count, script);
    return finish(script, &text, &length);
}

static void write_tail_data(const struct bench *bench, size_t on, size_t under,
                            const char *operation, FILE *script)
{
    for (size_t rank = 0; rank < BENCH_RANKS; rank++) {
        const struct bench_estimate time = bench_tail(bench, on, under, operation, rank);
        if (time.count > 0)
            fprintf(script, "%zu %g\n", rank, time.value / 1000);
        else
            fputs("nan nan\n", script);
    }
    fputs("EOD\n", script);
}

const char *plot_tail(const struct bench *bench, size_t on, const char *operation)
{
    char *text;
    size_t length;
    FILE *script = open_memstream(&text, &length);
    if (script == NULL)
        return NULL;
    common(script);
    fprintf(script, "set logscale y\nset ylabel '%s, microseconds'\nset xrange [-0.2:5.2]\n",
            strcmp(operation, "alloc") == 0 ? "malloc" : operation);
    fputs("set xtics (", script);
    for (size_t rank = 0; rank < BENCH_RANKS; rank++)
        fprintf(script, "%s\"%s %%\" %zu", rank == 0 ? "" : ", ", bench_ranks[rank] + 1, rank);
    fputs(")\n$floor << EOD\n", script);
    write_tail_data(bench, on, bench->reference, "floor", script);
    for (size_t under = 0; under < bench->allocator_count; under++) {
        fprintf(script, "$a%zu << EOD\n", under);
        write_tail_data(bench, on, under, operation, script);
    }
    fputs("plot $floor using 1:2 with lines dt 2 lw 2 lc rgb '#808080' title 'noise'", script);
    for (size_t under = 0; under < bench->allocator_count; under++)
        fprintf(script, ", $a%zu using 1:2 with linespoints pt %zu ps 0.6 lc rgb '%s' title '%s'",
                under, 5 + under % 6 * 2, plot_colour(under), bench->allocators[under].name);
    fputc('\n', script);
    return finish(script, &text, &length);
}
