/* SPDX-License-Identifier: MIT */
/*
 * How a program whose malloc the composition is shows its heap, where the environment asks for it:
 * MORTISE_INSPECT=FILE has the picture of its end written to a file, which had better be named by
 * an absolute path; % in it becomes the number of the process, for all that the program starts
 * inherits the variable. While such a program runs, `mortise inspect --pid` sees its heap by asking
 * a thread that waits for that; with an empty name that is all. Part of socket/malloc_socket.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#include "../os/sink.h"

#define RUN(x) MORTISE_CAT(COMPOSITION, _##x)

static char RUN(inspect_name)[RUN(path_most) + 1];

/* Copies the name: the program may change its environment. True when that is all of it. */
MORTISE_SLOW bool RUN(inspect_note)(const char *name)
{
    size_t length = __builtin_strlen(name);
    bool fits = length <= RUN(path_most);
    if (fits)
        __builtin_memcpy(RUN(inspect_name), name, length + 1);
    return fits;
}

MORTISE_SLOW void RUN(inspect_sorry)(const char *what)
{
    mortise_os_complain(what, __builtin_strlen(what));
}

/* Also in the child of a fork, which has the caller alone. */
MORTISE_SLOW void RUN(inspect_wait)(void)
{
    if (!mortise_os_start_server(RUN(inspect_serve), NULL))
        RUN(inspect_sorry)("mortise: the system refuses a thread that mortise inspect could ask\n");
}

MORTISE_AT_BEGIN void RUN(inspect_begin)(void)
{
    const char *name = mortise_os_environment("MORTISE_INSPECT");
    if (name == NULL)
        return;
    if (!RUN(inspect_note)(name))
        RUN(inspect_sorry)("mortise: the name in MORTISE_INSPECT is too long: no picture\n");
    RUN(inspect_wait)();
    mortise_os_at_fork(NULL, NULL, RUN(inspect_wait));
}

/* The name with the number of the process for each %; false where that is too long. */
MORTISE_SLOW bool RUN(inspect_path)(char *path, size_t room)
{
    struct mortise_decimal number = mortise_decimal(mortise_os_process_id());
    size_t length = 0;
    for (const char *at = RUN(inspect_name); *at != '\0'; at++) {
        const char one[2] = {*at, '\0'}, *part = *at == '%' ? number.text : one;
        size_t more = __builtin_strlen(part);
        if (more > room - 1 - length)
            return false;
        __builtin_memcpy(path + length, part, more);
        length += more;
    }
    path[length] = '\0';
    return true;
}

MORTISE_AT_END void RUN(inspect_end)(void)
{
    char path[RUN(path_most) + 1];
    if (RUN(inspect_name)[0] != '\0' &&
        !(RUN(inspect_path)(path, sizeof path) && RUN(inspect_at)(path, "end")))
        RUN(inspect_sorry)("mortise: the picture that MORTISE_INSPECT names cannot be written\n");
}

#undef RUN

#endif
