/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <gnu/libc-version.h>

#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../compile.h"
#include "../file.h"
#include "../mem.h"
#include "../process.h"
#include "../text.h"

enum { FILE_LIMIT = 256 * 1024 };

static void set(json_t *machine, const char *key, const char *text)
{
    if (text != NULL && *text != '\0')
        json_object_set_new(machine, key, json_string(text_escape(text)));
}

static const char *first_line(const char *text)
{
    return text == NULL ? NULL : mem_text(text, strcspn(text, "\n"));
}

static const char *line_of(const char *path)
{
    size_t length;
    return first_line(file_read(path, FILE_LIMIT, &length));
}

/* What follows "key :" in a file of such lines. */
static const char *field_of(const char *path, const char *key)
{
    size_t length;
    const char *text = file_read(path, FILE_LIMIT, &length);
    const char *at = text == NULL ? NULL : strstr(text, key);
    const char *colon = at == NULL ? NULL : strchr(at, ':');
    return colon == NULL ? NULL : first_line(colon + 1 + strspn(colon + 1, " \t"));
}

/* Of "always [madvise] never". */
static const char *chosen(const char *text)
{
    const char *open = text == NULL ? NULL : strchr(text, '[');
    return open == NULL ? NULL : mem_text(open + 1, strcspn(open + 1, "]"));
}

static const char *output_of(const char *const *argv)
{
    struct process_result result;
    return argv[0] != NULL && process_run(argv, NULL, &result) ? first_line(result.output) : NULL;
}

static const char *compiler_name(const struct options *options)
{
    struct compiler compiler;
    struct diags ignored = {0};
    bool missing = false;
    if (!compiler_find(&options->compile, &compiler, &missing, &ignored))
        return NULL;
    return first_line(strchr(compiler.identity, '\n') + 1); /* its path comes first */
}

/* Of the sources that this command was built from, where it still lies in them. */
static const char *commit(void)
{
    const char *program = file_resolve("/proc/self/exe");
    if (program == NULL)
        return NULL;
    const char *folder = mem_text(program, (size_t)(strrchr(program, '/') - program));
    const char *const argv[] = {process_find("git"), "-C",      folder, "describe",
                                "--always",          "--dirty", NULL};
    return output_of(argv);
}

json_t *bench_machine(const struct options *options)
{
    json_t *machine = json_object();
    struct utsname name;
    char now[64];
    const time_t time_now = time(NULL);
    struct tm utc;
    if (gmtime_r(&time_now, &utc) != NULL &&
        strftime(now, sizeof now, "%Y-%m-%d %H:%M UTC", &utc) > 0)
        set(machine, "date", now);
    set(machine, "processor", field_of("/proc/cpuinfo", "model name"));
    set(machine, "processors", mem_format("%ld", sysconf(_SC_NPROCESSORS_ONLN)));
    set(machine, "memory", field_of("/proc/meminfo", "MemTotal"));
    if (uname(&name) == 0)
        set(machine, "kernel", mem_format("%s %s %s", name.sysname, name.release, name.machine));
    set(machine, "hypervisor", line_of("/sys/hypervisor/type"));
    set(machine, "huge pages", chosen(line_of("/sys/kernel/mm/transparent_hugepage/enabled")));
    set(machine, "governor", line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
    set(machine, "libc", mem_format("glibc %s", gnu_get_libc_version()));
    set(machine, "compiler", compiler_name(options));
    set(machine, "mortise", MORTISE_VERSION);
    set(machine, "commit", commit());
    return machine;
}
