/* SPDX-License-Identifier: MIT */
#define SYNC rcl
#define main suite_main
#include "suite.h"
#undef main

/* The suite holds for a plain lock too, so look whether there was more. */
int main(void)
{
    int failed = suite_main();
    struct mortise_rcl_server *server = &mortise_rcl_server;
    if (MORTISE_LOAD_ACQUIRE(&server->stage) != MORTISE_RCL_SERVES ||
        MORTISE_LOAD_RELAXED(&server->posts) <= mortise_rcl_one_post) {
        fprintf(stderr, "rcl: no server, or nobody posted\n");
        return 1;
    }
    return failed;
}
