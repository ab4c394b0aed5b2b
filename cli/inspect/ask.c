/* SPDX-License-Identifier: MIT */
#include "inspect.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "../file.h"
#include "../mem.h"
#include "../text.h"

enum { PICTURE_MOST = 1 << 30, PATIENCE = 60 /* seconds, for each part of an answer */ };

/* Everything that comes; NULL with errno. */
static char *receive(int socket, size_t *length)
{
    size_t size = 0, room = 1 << 20;
    char *text = mem_get(room + 1);
    for (;;) {
        const ssize_t more = recv(socket, text + size, room - size, 0);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return NULL;
        size += (size_t)more;
        if (more == 0 || size >= PICTURE_MOST)
            break;
        if (size == room) {
            char *larger = mem_get(2 * room + 1);
            memcpy(larger, text, size);
            text = larger;
            room *= 2;
        }
    }
    text[size] = '\0';
    *length = size;
    return text;
}

/* The socket of a process, see os/linux_inspect.h; -1 with errno. */
static int reach(const char *process)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *name = mem_format("mortise-inspect-%s", process);
    const struct timeval patience = {.tv_sec = PATIENCE};
    const size_t length = strlen(name);
    const int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file < 0)
        return -1;
    memcpy(address.sun_path + 1, name, length); /* a process has at most ten digits */
    if (setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
        connect(file, (const struct sockaddr *)&address,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)) == 0)
        return file;
    const int error = errno;
    close(file);
    errno = error;
    return -1;
}

/* Why nobody is there. */
static void explain(const char *process, int error, struct diags *diags)
{
    if (!file_is_folder(mem_format("/proc/%s", process))) {
        diag_add(diags, "there is no process %s", process);
    } else if (error == ECONNREFUSED || error == ENOENT) {
        diag_add(diags,
                 "process %s cannot be asked: it does not run on a model of Mortise with "
                 "MORTISE_INSPECT",
                 process)
            ->help = "start it by MORTISE_INSPECT= mortise run MODEL -- PROGRAM";
    } else {
        diag_add(diags, "process %s cannot be asked: %s", process, strerror(error));
    }
}

const char *inspect_ask(const char *process, size_t *length, struct diags *diags)
{
    const size_t digits = strspn(process, "0123456789");
    if (digits == 0 || digits > 10 || process[digits] != '\0') {
        diag_add(diags, "'%s' is no number of a process", text_escape(process));
        return NULL;
    }
    const int file = reach(process);
    if (file < 0) {
        explain(process, errno, diags);
        return NULL;
    }
    const char *text = receive(file, length);
    const int error = errno;
    close(file);
    if (text == NULL)
        diag_add(diags, "process %s does not answer: %s", process,
                 error == EAGAIN ? "it is in the middle of a request for memory and does not go on"
                                 : strerror(error));
    else if (*length == 0)
        diag_add(diags, "process %s gives no answer", process)->help =
            "it answers its own user and root, and only where it can be copied, as by fork";
    return text != NULL && *length != 0 ? text : NULL;
}
