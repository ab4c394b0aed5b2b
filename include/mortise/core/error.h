/* SPDX-License-Identifier: MIT */
/*
 * What can be wrong with a request, and the words for it.
 */
#ifndef MORTISE_CORE_ERROR_H
#define MORTISE_CORE_ERROR_H

#include "compiler.h"

enum mortise_error {
    MORTISE_OK,
    MORTISE_NO_MEMORY,       /* not a misuse: the system or a limit refused */
    MORTISE_FOREIGN_POINTER, /* freed or measured, but never handed out by this heap */
    MORTISE_DOUBLE_FREE,     /* freed, but free already */
    MORTISE_OVERFLOW,        /* bytes after the block were written */
    MORTISE_CORRUPT,         /* the allocator's own data was overwritten */
    MORTISE_USED_AFTER_FREE, /* written to after it was freed */
    MORTISE_MISMATCH,        /* freed as if it had been asked for in another way */
    MORTISE_REPORTED         /* whatever it was, the layer that found it has raised it already */
};

/* A short name without spaces, and one sentence for a person. */
MORTISE_PLAIN const char *mortise_error_name(enum mortise_error error)
{
    switch (error) {
    case MORTISE_OK:
        return "ok";
    case MORTISE_NO_MEMORY:
        return "no-memory";
    case MORTISE_FOREIGN_POINTER:
        return "foreign-pointer";
    case MORTISE_DOUBLE_FREE:
        return "double-free";
    case MORTISE_OVERFLOW:
        return "overflow";
    case MORTISE_CORRUPT:
        return "corrupt";
    case MORTISE_USED_AFTER_FREE:
        return "used-after-free";
    case MORTISE_MISMATCH:
        return "mismatch";
    case MORTISE_REPORTED:
        return "reported";
    }
    return "unknown-error";
}

MORTISE_PLAIN const char *mortise_error_text(enum mortise_error error)
{
    switch (error) {
    case MORTISE_OK:
        return "nothing is wrong";
    case MORTISE_NO_MEMORY:
        return "the system gives no more memory";
    case MORTISE_FOREIGN_POINTER:
        return "this address was never handed out by this heap";
    case MORTISE_DOUBLE_FREE:
        return "this block is free already";
    case MORTISE_OVERFLOW:
        return "bytes behind this block were overwritten";
    case MORTISE_CORRUPT:
        return "the allocator's record of this block was overwritten";
    case MORTISE_USED_AFTER_FREE:
        return "this block was written to after it was freed";
    case MORTISE_MISMATCH:
        return "this block was asked for with another size or alignment";
    case MORTISE_REPORTED:
        return "this has been reported already";
    }
    return "unknown error";
}

#endif
