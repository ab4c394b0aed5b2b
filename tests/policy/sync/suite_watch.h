/* SPDX-License-Identifier: MIT */
/*
 * Part of suite.h: what the member under test asks of the system, as far as tests look at it. From
 * here on the three words of os/os.h mean what is below.
 */
static uint32_t given_up; /* threads that have slept or yielded since they began to watch */
static _Thread_local bool watches;
static _Thread_local bool woke; /* the thread has woken others */

static inline void watch_give_up(void)
{
    if (watches)
        MORTISE_ADD_RELAXED(&given_up, 1);
    watches = false;
}

static inline void watched_wait(uint32_t *word, uint32_t value)
{
    watch_give_up();
    mortise_os_wait(word, value);
}

static inline void watched_yield(void)
{
    watch_give_up();
    mortise_os_yield();
}

static inline void watched_wake(uint32_t *word, int count)
{
    woke = true;
    mortise_os_wake(word, count);
}

#define mortise_os_wait watched_wait
#define mortise_os_yield watched_yield
#define mortise_os_wake watched_wake
