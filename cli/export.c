/* SPDX-License-Identifier: MIT */
#include "export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amalgam.h"
#include "embedded.h"
#include "emit.h"
#include "mem.h"
#include "text.h"

static const char *const in_a_program =
    " * For one file of a program in C11 with GNU extensions or in C++17, by gcc or clang:\n"
    " *\n"
    " *     #include \"NAME.h\"\n"
    " *\n"
    " *     struct NAME_heap *heap = NAME_heap_create();\n"
    " *     void *block = NAME_malloc(heap, 100);\n"
    " *     NAME_free(heap, block);\n"
    " *     NAME_heap_destroy(heap); // takes back what is still allocated\n"
    " *\n"
    " * compiled with -pthread, and with -O2 or -O3. There are also NAME_calloc, NAME_realloc,\n"
    " * NAME_aligned_alloc, NAME_usable_size, NAME_trim and NAME_stats, and a heap that needs no\n"
    " * making, &NAME_default. Any thread may use any heap, unless the model says threads=one.\n"
    " *\n"
    " * Everything is static. Each file that includes this one has an allocator of its own: a "
    "heap\n"
    " * is used by the file that made it. Files of other models may stand beside this one.\n";

static const char *const in_place_of_malloc =
    " * It answers to malloc and all other names of libc's allocator. In a program, C or C++:\n"
    " *\n"
    " *     cc -std=gnu11 -O3 -pthread -c NAME.c        and link NAME.o with the rest\n"
    " *\n"
    " * or beneath one that is there already:\n"
    " *\n"
    " *     cc -std=gnu11 -O3 -pthread -fPIC -fvisibility=hidden -shared -Wl,-z,nodelete \\\n"
    " *         NAME.c -o NAME.so\n"
    " *     LD_PRELOAD=./NAME.so PROGRAM\n";

static const char *const by_its_socket =
    " * For one file of a program in C11 with GNU extensions or in C++17, by gcc or clang, which\n"
    " * includes it, compiled with -pthread, and with -O2 or -O3. All functions are static.\n";

static const char *const to_link =
    " * Compiled by gcc or clang, as C11 with GNU extensions or as C++17, with -pthread, and with\n"
    " * -O2 or -O3, and linked with a program that calls its functions.\n";

/* Text with each NAME replaced. */
static void put_named(const char *text, const char *name, FILE *out)
{
    for (const char *at; (at = strstr(text, "NAME")) != NULL; text = at + 4)
        fprintf(out, "%.*s%s", (int)(at - text), text, name);
    fputs(text, out);
}

static void put_licence(FILE *out)
{
    for (const char *line = embedded_licence; *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        fprintf(out, " *%s%.*s\n", n == 0 ? "" : " ", (int)n, line);
        line += n + (line[n] == '\n');
    }
}

/* The parameter of the socket that says who may call its functions, or NULL where it has none. */
static struct arg *linkage_of(struct use *socket, const char *name, bool header)
{
    struct arg *given = model_arg(socket, name);
    if (given != NULL)
        return given;
    const struct param *param = head_param(&socket->word->head, name);
    if (param == NULL)
        return NULL;
    struct arg *args = mem_get((socket->count + 1) * sizeof *args);
    if (socket->count != 0)
        memcpy(args, socket->args, socket->count * sizeof *args);
    struct arg *arg = &args[socket->count];
    arg->name = name;
    arg->value.kind = VALUE_NUMBER;
    arg->value.text = header ? "0" : param->standard;
    arg->value.number = strtoull(arg->value.text, NULL, 10);
    if (header) {
        socket->args = args;
        socket->count++;
    }
    return arg;
}

static void put_head(const struct model *model, bool header, const struct arg *interpose,
                     const struct arg *exported, FILE *out)
{
    const char *name = model->source->composition;
    fprintf(out,
            "/* SPDX-License-Identifier: MIT */\n"
            "/*\n"
            " * %s.%c - a memory allocator in one file, made by mortise " MORTISE_VERSION
            " from the model\n *\n *     %s\n *\n",
            name, header ? 'h' : 'c', emit_model(model));
    if (interpose != NULL) {
        put_named(interpose->value.number != 0 ? in_place_of_malloc : in_a_program, name, out);
        fputs(" *\n", out);
    } else if (exported != NULL) {
        fprintf(out, "%s * Its functions: mortise doc %s\n *\n",
                exported->value.number != 0 ? to_link : by_its_socket,
                model->uses[model->count - 1].name);
    }
    fputs(" * To change something, change the model and make the file anew.\n *\n", out);
    put_licence(out);
    fputs(" */\n", out);
}

/* Two of these files share what they have in common, if it is the same. */
static void put_guards(const struct model *model, bool header, FILE *out)
{
    unsigned major = 0;
    unsigned minor = 0;
    unsigned patch = 0;
    sscanf(MORTISE_VERSION, "%u.%u.%u", &major, &minor, &patch);
    const unsigned version = (major * 1000 + minor) * 1000 + patch;
    if (header)
        put_named("#ifndef MORTISE_FILE_NAME_H\n#define MORTISE_FILE_NAME_H\n\n",
                  text_upper(model->source->composition), out);
    else
        fputs("#ifndef _GNU_SOURCE\n#define _GNU_SOURCE\n#endif\n\n", out);
    fprintf(out,
            "#ifndef MORTISE_FILE\n"
            "#define MORTISE_FILE %u\n"
            "#elif MORTISE_FILE != %u\n"
            "#error \"mortise: two files of different versions of mortise in one unit\"\n"
            "#endif\n\n",
            version, version);
    /* gcc defines these words, and a word of a model or the file may have such a name. */
    static const char *const words[] = {"linux", "unix"};
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        bool named = strcmp(model->source->composition, words[w]) == 0;
        for (size_t i = 0; i < model->count; i++)
            named = named || strcmp(model->uses[i].name, words[w]) == 0;
        if (named)
            fprintf(out, "#undef %s\n", words[w]);
    }
}

const char *export_file(struct model *model, const struct registry *registry, bool header,
                        struct diags *diags)
{
    struct use *socket = &model->uses[model->count - 1];
    const struct arg *interpose = linkage_of(socket, "interpose", header);
    const struct arg *exported = linkage_of(socket, "export", header);
    const char *body = amalgam(emit_c(model), registry, diags);
    if (body == NULL)
        return NULL;
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        diag_add(diags, "out of memory");
        return NULL;
    }
    put_head(model, header, interpose, exported, out);
    fputc('\n', out);
    put_guards(model, header, out);
    fputs(body, out);
    if (header)
        fputs("\n#endif\n", out);
    if (fclose(out) != 0) {
        diag_add(diags, "out of memory");
        return NULL;
    }
    const char *copy = mem_text(text, length);
    free(text);
    return copy;
}
