/* SPDX-License-Identifier: MIT */
/*
 * Part of suite.h: what one thread can see.
 */
static void runs_once_and_returns(void **state)
{
    (void)state;
    for (long i = 0; i < 1000; i++)
        assert_int_equal(post_with(own(), 3), 3 * i);
    assert_books(3000);
}

static void ready_follows_join(void **state)
{
    (void)state;
    assert_true(M(_ready)(own()));
    M(_join)(&sync_object, &locals[0]);
    assert_true(M(_ready)(&locals[0]));
    M(_join)(&sync_object, &locals[0]); /* again, as a thread that takes it over may */
    assert_true(M(_ready)(&locals[0]));
    for (long i = 0; i < 100; i++) { /* locals[1] has not joined */
        assert_int_equal(post_with(&locals[0], 1), 3 * i);
        assert_int_equal(post_with(&locals[1], 1), 3 * i + 1);
        assert_int_equal(post_with(own(), 1), 3 * i + 2);
    }
    assert_books(300);
}

/* Without a fork, but a child sees nothing else. */
static void reset_changes_nothing_at_rest(void **state)
{
    (void)state;
    M(_join)(&sync_object, &locals[0]);
    for (int i = 0; i < 100; i++) {
        post_with(&locals[0], 1); /* nodes wander */
        post_with(own(), 1);
        M(_reset)(&sync_object);
        post_with(&locals[1], 1); /* has not joined */
        M(_reset)(&sync_object);
    }
    assert_books(300);
}
