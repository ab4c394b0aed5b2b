/* SPDX-License-Identifier: MIT */
/*
 * A user's handler of misuse that keeps the last error. Behind a composition.
 */
static enum mortise_error reported;

static enum mortise_verdict note(enum mortise_error error, const void *address, const char *layer,
                                 void *user)
{
    (void)address;
    (void)layer;
    (void)user;
    reported = error;
    return MORTISE_GO_ON;
}
