/* SPDX-License-Identifier: MIT */
/*
 * callback - the program decides
 *
 * The program registers a function with mortise_set_error_callback; its result is the verdict. It
 * is called on the thread that found the misuse, possibly inside malloc or free, so it must not
 * allocate; what `layer` points to is there until it returns. Without one, errors are reported as
 * under `default`.
 *
 * The registry and the function are weak and visible, so that all units and shared objects of a
 * process have one of each.
 *
 * Needs: nothing
 * Offers: mortise_set_error_callback
 *
 * Parameters: none
 *
 * Invariants: the place that `version` points to is not written while it does; `writer` is the id
 * of the thread that registers, else 0
 * Ordering: stands at each operation below
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_ERR_HANDLE_CALLBACK_H
#define MORTISE_POLICY_ERR_HANDLE_CALLBACK_H

#include "../../core/atomic.h"
#include "../err_handle.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mortise_verdict mortise_error_callback_t(enum mortise_error error, const void *address,
                                                      const char *layer, void *user);

struct mortise_error_registration {
    mortise_error_callback_t *callback;
    void *user;
};

struct mortise_error_registry {
    uint32_t version; /* the last bit says which place is valid */
    uint32_t writer;
    struct mortise_error_registration place[2];
};

#define MORTISE_SHARED __attribute__((weak, visibility("default")))

extern MORTISE_SHARED struct mortise_error_registry mortise_error_registry;
MORTISE_SHARED struct mortise_error_registry mortise_error_registry;

/* From now on `callback` judges errors, called with `user`; NULL restores the default. A call to
 * the function before may still be under way on another thread when this returns. */
MORTISE_SHARED void mortise_set_error_callback(mortise_error_callback_t *callback, void *user);

#ifdef __cplusplus
}
#endif

/* Both places are valid in turn, so that a reader needs to wait for no writer: neither one that is
 * interrupted by the reader's misuse, nor one that a fork has left behind. */
MORTISE_PLAIN struct mortise_error_registration mortise_callback_current(void)
{
    struct mortise_error_registry *registry = &mortise_error_registry;
    struct mortise_error_registration found;
    uint32_t version;
    do {
        /* Acquire: shows the place as it was written before this version was. */
        version = MORTISE_LOAD_ACQUIRE(&registry->version);
        struct mortise_error_registration *place = &registry->place[version & 1];
        /* Acquire: whoever sees one half of a later registration sees the version before it too,
         * and so the difference below. */
        found.callback = MORTISE_LOAD_ACQUIRE(&place->callback);
        found.user = MORTISE_LOAD_ACQUIRE(&place->user);
    } while (MORTISE_LOAD_RELAXED(&registry->version) != version);
    return found;
}

MORTISE_SLOW enum mortise_verdict mortise_callback_raise(enum mortise_error error,
                                                         const void *address, const char *layer)
{
    struct mortise_error_registration current = mortise_callback_current();
    if (current.callback != NULL)
        return current.callback(error, address, layer, current.user);
    mortise_report(error, address, layer);
    return MORTISE_GO_ON;
}

/* One writer at a time; a writer that a fork has left behind lives no more and is replaced. */
MORTISE_PLAIN void mortise_callback_begin(struct mortise_error_registry *registry)
{
    uint32_t self = mortise_os_thread_id();
    uint32_t writer = 0;
    /* Acquire: shows version and places of the writer before. */
    while (!MORTISE_CAS_ACQUIRE(&registry->writer, &writer, self)) {
        if (mortise_os_thread_lives(writer)) {
            mortise_os_yield();
            writer = 0;
        }
    }
}

MORTISE_SHARED void mortise_set_error_callback(mortise_error_callback_t *callback, void *user)
{
    struct mortise_error_registry *registry = &mortise_error_registry;
    mortise_callback_begin(registry);
    uint32_t version = MORTISE_LOAD_RELAXED(&registry->version) + 1; /* own, see begin */
    struct mortise_error_registration *place = &registry->place[version & 1];
    /* Release: a reader of either half also sees the version stored last, see current. */
    MORTISE_STORE_RELEASE(&place->callback, callback);
    MORTISE_STORE_RELEASE(&place->user, user);
    MORTISE_STORE_RELEASE(&registry->version, version); /* shows both halves to readers */
    MORTISE_STORE_RELEASE(&registry->writer, 0);        /* shows all to the next writer */
}

#undef MORTISE_SHARED

#endif
