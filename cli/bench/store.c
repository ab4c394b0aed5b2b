/* SPDX-License-Identifier: MIT */
/*
 * The folder of a comparison. Runs are appended a line each, so that an interruption loses at most
 * the run that it fell into; an unfinished last line is taken for none.
 */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../file.h"
#include "../mem.h"
#include "../text.h"

enum { FILE_LIMIT = 256 * 1024 * 1024 };

static const char *path_in(const char *folder, const char *file)
{
    return mem_format("%s/%s", folder, file);
}

static json_t *allocators_json(const struct bench *bench)
{
    json_t *array = json_array();
    for (size_t i = 0; i < bench->allocator_count; i++) {
        const struct bench_allocator *one = &bench->allocators[i];
        json_array_append_new(array, json_pack("{ss ss* ss}", "name", one->name, "path", one->path,
                                               "about", one->about));
    }
    return array;
}

static const char *const kinds[] = {"workload", "program", "tail"};

static json_t *cases_json(const struct bench *bench)
{
    json_t *array = json_array();
    for (size_t i = 0; i < bench->case_count; i++)
        json_array_append_new(array, json_pack("{ss ss}", "name", bench->cases[i].name, "kind",
                                               kinds[bench->cases[i].kind]));
    return array;
}

bool bench_store_begin(const struct bench *bench, struct diags *diags)
{
    const char *path = path_in(bench->folder, "bench.json");
    if (file_is_regular(path)) {
        diag_add(diags, "'%s' holds a comparison already", text_escape(bench->folder))->help =
            "name another folder with -o, or go on with this one with --resume";
        return false;
    }
    json_t *json = json_pack("{ss ss si si sI ss sO so so}", "mortise", MORTISE_VERSION, "scale",
                             bench_scale_name(bench->scale), "rounds", bench->rounds, "limit_s",
                             (int)bench->limit_s, "seed", (json_int_t)bench->seed, "reference",
                             bench->allocators[bench->reference].name, "machine", bench->machine,
                             "allocators", allocators_json(bench), "cases", cases_json(bench));
    char *text = json == NULL ? NULL : json_dumps(json, JSON_INDENT(2));
    bool written = text != NULL && file_make_folders(bench->folder) &&
                   file_write(path, mem_format("%s\n", text), strlen(text) + 1);
    if (!written)
        diag_add(diags, "cannot write '%s': %s", text_escape(path), strerror(errno));
    free(text);
    json_decref(json);
    return written;
}

static bool damaged(const char *path, const char *why, struct diags *diags)
{
    diag_add(diags, "'%s' is not a comparison: %s", text_escape(path), why)->help =
        "name a folder that 'mortise bench' has written";
    return false;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? NULL : mem_text(text, strlen(text));
}

static bool read_allocators(struct bench *bench, const json_t *array)
{
    bench->allocator_count = json_array_size(array);
    bench->allocators = mem_get((bench->allocator_count + 1) * sizeof *bench->allocators);
    for (size_t i = 0; i < bench->allocator_count; i++) {
        const json_t *json = json_array_get(array, i);
        struct bench_allocator *one = &bench->allocators[i];
        *one = (struct bench_allocator){text_of(json, "name"), text_of(json, "path"),
                                        text_of(json, "about")};
        if (one->name == NULL || one->about == NULL)
            return false;
    }
    return bench->allocator_count > 0;
}

static bool read_cases(struct bench *bench, const json_t *array)
{
    bench->case_count = json_array_size(array);
    bench->cases = mem_get((bench->case_count + 1) * sizeof *bench->cases);
    for (size_t i = 0; i < bench->case_count; i++) {
        const json_t *json = json_array_get(array, i);
        const char *kind = text_of(json, "kind");
        size_t k = 0;
        while (kind != NULL && k <= BENCH_TAIL && strcmp(kinds[k], kind) != 0)
            k++;
        bench->cases[i] = (struct bench_case){(enum bench_kind)k, text_of(json, "name")};
        if (kind == NULL || k > BENCH_TAIL || bench->cases[i].name == NULL)
            return false;
    }
    return bench->case_count > 0;
}

static bool read_plan(struct bench *bench, const json_t *json)
{
    const char *scale = text_of(json, "scale");
    const char *reference = text_of(json, "reference");
    size_t s = 0;
    while (scale != NULL && s < BENCH_SCALES &&
           strcmp(bench_scale_name((enum bench_scale)s), scale) != 0)
        s++;
    bench->scale = (enum bench_scale)s;
    bench->rounds = (int)json_integer_value(json_object_get(json, "rounds"));
    bench->limit_s = (unsigned)json_integer_value(json_object_get(json, "limit_s"));
    bench->seed = (uint64_t)json_integer_value(json_object_get(json, "seed"));
    bench->machine = json_incref(json_object_get(json, "machine"));
    if (scale == NULL || s == BENCH_SCALES || reference == NULL || bench->rounds < 1 ||
        bench->limit_s < 1 || !json_is_object(bench->machine) ||
        !read_allocators(bench, json_object_get(json, "allocators")) ||
        !read_cases(bench, json_object_get(json, "cases")))
        return false;
    bench->reference = bench_allocator_find(bench, reference);
    return bench->reference < bench->allocator_count;
}

static void keep(struct bench *bench, const struct bench_run *run)
{
    bench->runs = mem_more(bench->runs, bench->run_count, sizeof *bench->runs);
    bench->runs[bench->run_count++] = *run;
}

static double number(const json_t *json, const char *key)
{
    return json_number_value(json_object_get(json, key));
}

static bool read_run(struct bench *bench, const json_t *json)
{
    const char *name = text_of(json, "allocator");
    const char *on = text_of(json, "case");
    struct bench_run run = {
        .round = (int)json_integer_value(json_object_get(json, "round")),
        .fate = text_of(json, "fate"),
        .wall_s = number(json, "wall_s"),
        .user_s = number(json, "user_s"),
        .sys_s = number(json, "sys_s"),
        .peak_kb = number(json, "peak_kb"),
        .minor_faults = number(json, "minor_faults"),
        .major_faults = number(json, "major_faults"),
        .figures = json_incref(json_object_get(json, "figures")),
    };
    if (name == NULL || on == NULL || run.fate == NULL || !json_is_object(run.figures))
        return false;
    run.under = bench_allocator_find(bench, name);
    while (run.on < bench->case_count && strcmp(bench->cases[run.on].name, on) != 0)
        run.on++;
    if (run.under == bench->allocator_count || run.on == bench->case_count)
        return false;
    keep(bench, &run);
    return true;
}

static bool read_runs(struct bench *bench, const char *path, struct diags *diags)
{
    size_t length;
    const char *text = file_read(path, FILE_LIMIT, &length);
    if (text == NULL)
        return errno == ENOENT ? true : damaged(path, strerror(errno), diags);
    for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        json_t *json = json_loadb(line, (size_t)(end - line), 0, NULL);
        const bool good = json != NULL && read_run(bench, json);
        json_decref(json);
        if (!good)
            return damaged(path, "a line is no run of it", diags);
    }
    return true;
}

bool bench_store_load(struct bench *bench, const char *folder, struct diags *diags)
{
    const char *path = path_in(folder, "bench.json");
    size_t length;
    const char *text = file_read(path, FILE_LIMIT, &length);
    if (text == NULL)
        return damaged(path, strerror(errno), diags);
    json_t *json = json_loadb(text, length, 0, NULL);
    bench->folder = folder;
    const bool good = json != NULL && read_plan(bench, json);
    json_decref(json);
    if (!good)
        return damaged(path, "its plan is incomplete", diags);
    return read_runs(bench, path_in(folder, "runs.jsonl"), diags);
}

bool bench_store_resume(const struct bench *bench, struct diags *diags)
{
    const char *path = path_in(bench->folder, "runs.jsonl");
    size_t length;
    const char *text = file_read(path, FILE_LIMIT, &length);
    if (text == NULL || length == 0 || text[length - 1] == '\n')
        return true;
    const char *last = memrchr(text, '\n', length);
    if (truncate(path, last == NULL ? 0 : last + 1 - text) == 0)
        return true;
    diag_add(diags, "cannot write '%s': %s", text_escape(path), strerror(errno));
    return false;
}

bool bench_store_add(struct bench *bench, const struct bench_run *run, struct diags *diags)
{
    const char *path = path_in(bench->folder, "runs.jsonl");
    json_t *json =
        json_pack("{ss ss si ss sf sf sf sf sf sf sO}", "case", bench->cases[run->on].name,
                  "allocator", bench->allocators[run->under].name, "round", run->round, "fate",
                  run->fate, "wall_s", run->wall_s, "user_s", run->user_s, "sys_s", run->sys_s,
                  "peak_kb", run->peak_kb, "minor_faults", run->minor_faults, "major_faults",
                  run->major_faults, "figures", run->figures);
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
    FILE *file = text != NULL ? fopen(path, "ae") : NULL;
    bool written = file != NULL && fprintf(file, "%s\n", text) > 0;
    written = (file != NULL && fclose(file) == 0) && written;
    if (!written)
        diag_add(diags, "cannot write '%s': %s", text_escape(path), strerror(errno));
    free(text);
    json_decref(json);
    keep(bench, run);
    return written;
}

bool bench_store_table(const struct bench *bench, struct diags *diags)
{
    const char *path = path_in(bench->folder, "runs.csv");
    FILE *file = fopen(path, "we");
    if (file != NULL) {
        fputs("case,allocator,round,fate,wall_s,user_s,sys_s,peak_kb,minor_faults,major_faults\n",
              file);
        for (size_t i = 0; i < bench->run_count; i++) {
            const struct bench_run *run = &bench->runs[i];
            fprintf(file, "\"%s\",\"%s\",%d,\"%s\",%.6f,%.6f,%.6f,%.0f,%.0f,%.0f\n",
                    bench->cases[run->on].name, bench->allocators[run->under].name, run->round,
                    run->fate, run->wall_s, run->user_s, run->sys_s, run->peak_kb,
                    run->minor_faults, run->major_faults);
        }
    }
    bool written = file != NULL && !ferror(file);
    written = (file != NULL && fclose(file) == 0) && written;
    if (!written)
        diag_add(diags, "cannot write '%s': %s", text_escape(path), strerror(errno));
    return written;
}
