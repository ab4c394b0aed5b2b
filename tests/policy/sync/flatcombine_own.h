/* SPDX-License-Identifier: MIT */
/*
 * Tests of flatcombine alone: one thread takes the steps of several, in an order that is rare.
 */
#define OWN_TESTS cmocka_unit_test_setup(a_holder_looks_after_who_is_behind_it, fresh),

static void set_to_one(void *argument)
{
    *(int *)argument = 1;
}

/* The owner finds a holder in the list and hands the word over, before it has come to another
 * thread, which sleeps and has asked for a look: the holder owes it that look. */
static void a_holder_looks_after_who_is_behind_it(void **state)
{
    (void)state;
    struct mortise_flatcombine_local *sleeper = &locals[0], *holder = &locals[1];
    int served = 0;
    mortise_flatcombine_join(&sync_object, sleeper);
    mortise_flatcombine_join(&sync_object, holder);
    assert_true(mortise_waiting_try_lock(&sync_object.word));
    mortise_flatcombine_publish(&sync_object, sleeper, set_to_one, &served);
    mortise_flatcombine_publish(&sync_object, holder, NULL, NULL);
    sync_object.asked = 0;                     /* a pass that began meanwhile has written this */
    sync_object.word = MORTISE_WAITING_WANTED; /* await, of the sleeper */
    sleeper->state = MORTISE_WAITING_PARKED;
    mortise_flatcombine_leave(&sync_object);
    assert_int_equal(holder->state, MORTISE_FLATCOMBINE_LEAD);
    assert_int_equal(served, 0);
    mortise_flatcombine_retire(&sync_object, holder);
    mortise_flatcombine_release(&sync_object, holder);
    assert_int_equal(served, 1);
    assert_int_equal(sleeper->state, MORTISE_FLATCOMBINE_DONE);
    assert_int_equal(sync_object.word, MORTISE_WAITING_FREE);
}
