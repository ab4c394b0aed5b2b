/* SPDX-License-Identifier: MIT */
/*
 * os/os.h's mortise_os_at_thread_exit by a key of POSIX threads.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of linux.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_PTHREAD_EXIT_H
#define MORTISE_OS_PTHREAD_EXIT_H

#include <pthread.h>

/* The state goes 0 -> 1 -> 2 once; whoever comes while another thread makes the key waits for it.
 * pthread_key_create takes no lock that an allocator's caller can hold. */
MORTISE_PLAIN bool mortise_os_at_thread_exit(struct mortise_os_exit_hook *hook,
                                             void (*ended)(void *), void *argument)
{
    enum { UNMADE, BEING_MADE, MADE, IMPOSSIBLE };
    uint32_t state = MORTISE_LOAD_ACQUIRE(&hook->state); /* sees the key that MADE published */
    while (state < MADE) {
        uint32_t unmade = UNMADE;
        if (MORTISE_CAS_ACQUIRE(&hook->state, &unmade, (uint32_t)BEING_MADE)) {
            pthread_key_t key;
            bool made = pthread_key_create(&key, ended) == 0;
            if (made)
                hook->key = (uint32_t)key;
            MORTISE_STORE_RELEASE(&hook->state, (uint32_t)(made ? MADE : IMPOSSIBLE));
        } else {
            mortise_os_yield();
        }
        state = MORTISE_LOAD_ACQUIRE(&hook->state);
    }
    return state == MADE && pthread_setspecific((pthread_key_t)hook->key, argument) == 0;
}

#endif
