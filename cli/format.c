/* SPDX-License-Identifier: MIT */
#include "format.h"

#include <stddef.h>

#include "process.h"

void format_file(const char *path)
{
    static const char style[] =
        "--style={BasedOnStyle: LLVM, IndentWidth: 4, ColumnLimit: 100, "
        "BreakBeforeBraces: Linux, AllowShortFunctionsOnASingleLine: None, "
        "PointerAlignment: Right, SortIncludes: Never, ReflowComments: false}";
    const char *program = process_find("clang-format");
    if (program == NULL)
        return;
    const char *const argv[] = {program, style, "-i", path, NULL};
    struct process_result result;
    process_run(argv, NULL, &result);
}
