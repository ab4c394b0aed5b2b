/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../file.h"
#include "../mem.h"
#include "../text.h"
#include "plot.h"
#include "statistics.h"

/* Tables and figures are wider than a phone: they scroll by themselves, the page does not. */
static const char style[] =
    ":root{color-scheme:light dark;--text:#1a1a1a;--page:#fff;--line:#c8c8c8;--soft:#f3f3f1}\n"
    "@media(prefers-color-scheme:dark){:root{--text:#e6e6e6;--page:#161616;--line:#444;"
    "--soft:#222}}\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);"
    "max-width:64rem;margin:0 auto;padding:1rem}\n"
    "h1{line-height:1.2}h2{margin-top:2.5rem}\n"
    ".wide{overflow-x:auto;margin:1rem 0}\n"
    ".figure svg{min-width:44rem;width:100%;height:auto}\n"
    ".figure svg text{fill:var(--text)}\n"
    ".figure svg [color=\"black\"]{color:var(--line)}\n"
    ".figure svg [stroke=\"black\"]{stroke:var(--line)}\n"
    ".figure svg [color=\"white\"]{color:var(--page)}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.875rem}\n"
    "th,td{padding:.2rem .6rem;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid var(--line)}\n"
    "th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:var(--page)}\n"
    ".good{background:#31a35433}.bad{background:#d7301f33}.failed{color:#d7301f}\n"
    ".quiet{opacity:.65;font-size:.8em}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}\n"
    "dt{opacity:.65}dd{margin:0;overflow-wrap:anywhere}\n";

static void write_machine(const struct bench *bench, FILE *out)
{
    fputs("<h2>Conditions</h2>\n<dl>\n", out);
    json_t *machine = bench->machine;
    for (void *at = json_object_iter(machine); at != NULL; at = json_object_iter_next(machine, at))
        fprintf(out, "<dt>%s</dt><dd>%s</dd>\n", text_html(json_object_iter_key(at)),
                text_html(json_string_value(json_object_iter_value(at))));
    fprintf(out,
            "<dt>work</dt><dd>%s</dd>\n<dt>rounds</dt><dd>%d, and one to warm up</dd>\n"
            "<dt>seed</dt><dd>%ju</dd>\n</dl>\n",
            bench_scale_name(bench->scale), bench->rounds, (uintmax_t)bench->seed);
    fputs("<h2>Allocators</h2>\n<dl>\n", out);
    for (size_t i = 0; i < bench->allocator_count; i++)
        fprintf(out, "<dt><span style=\"color:%s\">&#9632;</span> %s</dt><dd>%s</dd>\n",
                plot_colour(i), text_html(bench->allocators[i].name),
                text_html(bench->allocators[i].about));
    fputs("</dl>\n", out);
}

/* A cell is coloured where the interval leaves 1 out. */
static const char *class_of(struct bench_estimate ratio)
{
    return ratio.high < 1 ? " class=\"good\"" : ratio.low > 1 ? " class=\"bad\"" : "";
}

static void write_cell(struct bench_estimate ratio, FILE *out)
{
    if (ratio.count == 0)
        fputs("<td>&ndash;</td>", out);
    else
        fprintf(out, "<td%s>%.3f <span class=\"quiet\">[%.3f, %.3f]</span></td>", class_of(ratio),
                ratio.value, ratio.low, ratio.high);
}

static void write_means(const struct bench *bench, FILE *out)
{
    fprintf(out,
            "<h2>All cases</h2>\n<p>Multiples of %s: the geometric mean over the cases of the "
            "median over %d rounds, with its 95 %% interval (bootstrap). Less is better.</p>\n"
            "<div class=\"wide\"><table>\n<tr><th></th>",
            text_html(bench->allocators[bench->reference].name), bench->rounds);
    for (int measure = 0; measure < BENCH_MEASURES; measure++)
        fprintf(out, "<th>%s</th>", bench_measure_name((enum bench_measure)measure));
    fputs("<th>cases</th></tr>\n", out);
    for (size_t i = 0; i < bench->allocator_count; i++) {
        size_t cases = 0;
        fprintf(out, "<tr><td>%s</td>", text_html(bench->allocators[i].name));
        for (int measure = 0; measure < BENCH_MEASURES; measure++) {
            const struct bench_estimate mean =
                bench_geometric_mean(bench, (enum bench_measure)measure, i);
            write_cell(mean, out);
            cases = mean.count > cases ? mean.count : cases;
        }
        fprintf(out, "<td>%zu</td></tr>\n", cases);
    }
    fputs("</table></div>\n", out);
}

static void write_head(const struct bench *bench, FILE *out)
{
    fputs("<div class=\"wide\"><table>\n<tr><th></th>", out);
    for (size_t i = 0; i < bench->allocator_count; i++)
        fprintf(out, "<th>%s</th>", text_html(bench->allocators[i].name));
    fputs("</tr>\n", out);
}

static void write_case(const struct bench *bench, enum bench_measure measure, size_t on, FILE *out)
{
    const bool memory = measure == BENCH_PEAK || measure == BENCH_REST;
    fprintf(out, "<tr><td>%s</td>", text_html(bench->cases[on].name));
    for (size_t i = 0; i < bench->allocator_count; i++) {
        const struct bench_estimate ratio = bench_ratio(bench, measure, on, i);
        const char *failure = bench_failure(bench, on, i);
        if (failure != NULL)
            fprintf(out, "<td class=\"failed\" title=\"%s\">failed</td>", text_html(failure));
        else if (ratio.count == 0)
            fputs("<td>&ndash;</td>", out);
        else if (i == bench->reference)
            fprintf(out, "<td>%.3f %s</td>",
                    bench_absolute(bench, measure, on, i).value / (memory ? 1024 : 1),
                    memory ? "MB" : "s");
        else
            fprintf(out, "<td%s title=\"[%.3f, %.3f]\">%.3f</td>", class_of(ratio), ratio.low,
                    ratio.high, ratio.value);
    }
    fputs("</tr>\n", out);
}

static void write_figure(const char *svg, FILE *out)
{
    if (svg != NULL)
        fprintf(out, "<div class=\"wide figure\">%s</div>\n", svg);
}

static void write_measure(const struct bench *bench, enum bench_measure measure, FILE *out)
{
    if (!bench_measured(bench, measure))
        return;
    fprintf(out,
            "<h2>%c%s</h2>\n<p>Each case in multiples of %s; bars are 95 %% intervals. Less is "
            "better.</p>\n",
            bench_measure_name(measure)[0] - 'a' + 'A', bench_measure_name(measure) + 1,
            text_html(bench->allocators[bench->reference].name));
    for (size_t on = 0; on < bench->case_count;)
        write_figure(plot_ratios(bench, measure, on, &on), out);
    write_head(bench, out);
    for (size_t on = 0; on < bench->case_count; on++)
        if (bench->cases[on].kind != BENCH_TAIL)
            write_case(bench, measure, on, out);
    fputs("</table></div>\n", out);
}

static void write_tail(const struct bench *bench, size_t on, const char *operation, FILE *out)
{
    fprintf(out, "<h3>%s</h3>\n", strcmp(operation, "alloc") == 0 ? "malloc" : operation);
    write_figure(plot_tail(bench, on, operation), out);
    fputs("<div class=\"wide\"><table>\n<tr><th>ns</th>", out);
    for (size_t rank = 0; rank < BENCH_RANKS; rank++)
        fprintf(out, "<th>%s %%</th>", bench_ranks[rank] + 1);
    fputs("</tr>\n", out);
    for (size_t i = 0; i < bench->allocator_count; i++) {
        fprintf(out, "<tr><td>%s</td>", text_html(bench->allocators[i].name));
        for (size_t rank = 0; rank < BENCH_RANKS; rank++) {
            const struct bench_estimate time = bench_tail(bench, on, i, operation, rank);
            if (time.count == 0)
                fputs("<td>&ndash;</td>", out);
            else
                fprintf(out, "<td>%.0f%s</td>", time.value,
                        bench_is_noise(bench, on, i, operation, rank) ? " *" : "");
        }
        fputs("</tr>\n", out);
    }
    fputs("</table></div>\n", out);
}

static void write_tails(const struct bench *bench, FILE *out)
{
    for (size_t on = 0; on < bench->case_count; on++) {
        if (bench->cases[on].kind != BENCH_TAIL)
            continue;
        fprintf(out,
                "<h2>The slowest requests: %s</h2>\n<p>The time that all but the given share of "
                "requests stay below. Values with * are less than twice what an empty section took "
                "in the same run: noise of the machine.</p>\n",
                text_html(bench->cases[on].name));
        write_tail(bench, on, "alloc", out);
        write_tail(bench, on, "free", out);
    }
}

static void write_failures(const struct bench *bench, FILE *out)
{
    size_t on = 0, under = 0;
    const char *failure = bench_failure_next(bench, &on, &under);
    if (failure == NULL)
        return;
    fputs("<h2>Failed</h2>\n<ul>\n", out);
    for (; failure != NULL; under++, failure = bench_failure_next(bench, &on, &under))
        fprintf(out, "<li>%s on %s: %s</li>\n", text_html(bench->allocators[under].name),
                text_html(bench->cases[on].name), text_html(failure));
    fputs("</ul>\n", out);
}

static void write_page(const struct bench *bench, FILE *out)
{
    fprintf(out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<title>Allocators compared</title>\n<style>\n%s</style>\n</head>\n<body>\n"
            "<h1>Allocators compared</h1>\n",
            style);
    write_means(bench, out);
    for (int measure = 0; measure < BENCH_MEASURES; measure++)
        write_measure(bench, (enum bench_measure)measure, out);
    write_tails(bench, out);
    write_failures(bench, out);
    write_machine(bench, out);
    fputs("</body>\n</html>\n", out);
}

bool bench_report_page(const struct bench *bench, const char *path, struct diags *diags)
{
    if (!plot_possible())
        fputs("mortise: the page has no figures: on Debian, apt-get install gnuplot-nox\n", stderr);
    FILE *out = fopen(path, "we");
    if (out != NULL)
        write_page(bench, out);
    bool written = out != NULL && !ferror(out);
    written = (out != NULL && fclose(out) == 0) && written;
    if (!written)
        diag_add(diags, "cannot write '%s': %s", text_escape(path), strerror(errno));
    return written;
}
