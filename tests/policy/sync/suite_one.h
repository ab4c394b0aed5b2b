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

static void hold_and_release_take_turns_with_exec(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        post_under_hold(own());
        post_with(own(), 1);
        post_under_hold(&locals[0]); /* has not joined */
        post_with(&locals[0], 1);
    }
    assert_books(400);
}

/* Without a fork, but a child sees nothing else. */
static void reset_ends_a_hold(void **state)
{
    (void)state;
    M(_join)(&sync_object, &locals[0]);
    for (int i = 0; i < 100; i++) {
        post_with(&locals[0], 1); /* nodes wander */
        post_with(own(), 1);
        M(_hold)(&sync_object, own());
        M(_reset)(&sync_object, own());
        post_with(own(), 1);
        post_with(&locals[0], 1);
        M(_hold)(&sync_object, &locals[1]);
        M(_reset)(&sync_object, &locals[1]);
        post_with(&locals[1], 1);
    }
    assert_books(500);
}
