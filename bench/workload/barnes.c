/* SPDX-License-Identifier: MIT */
/*
 * barnes: the gravitation of many bodies by the method of Barnes and Hut. In each step threads make
 * an octree, a block for each of its cells, compute the forces on their bodies from it, and take
 * apart what another thread made.
 *
 * Wins: an allocator that lays blocks which are asked for one after the other side by side.
 */
#include "workload.h"

#include "shared/octree.h"

#include <math.h>

enum { THREADS, BODIES, STEPS };
enum { SAMPLES = 32 };

static const double time_step = 1.0 / 256;

struct space {
    const long *value;
    struct body *body;
    struct octree tree;
    pthread_barrier_t barrier;
    bool right;
};

/* A sphere in which density falls from the middle (Plummer 1911), about at rest. */
static void scatter(struct body *body, long count)
{
    struct work_random random = {1};
    double middle[3] = {0, 0, 0};
    for (long i = 0; i < count; i++) {
        const double part = 0.001 + 0.998 * (double)(work_random(&random) >> 11) * 0x1p-53;
        const double radius = 1 / sqrt(pow(part, -2.0 / 3) - 1);
        double direction[3], length = 0;
        for (int k = 0; k < 3; k++) {
            direction[k] = (double)(work_random(&random) >> 11) * 0x1p-52 - 1;
            length += direction[k] * direction[k];
        }
        length = sqrt(length) + 1e-9;
        body[i].mass = 1.0 / (double)count;
        for (int k = 0; k < 3; k++) {
            body[i].place[k] = radius * direction[k] / length;
            /* At right angles to the direction, so that the whole turns. */
            body[i].speed[k] = k == 2 ? 0 : 0.3 * (k == 0 ? -direction[1] : direction[0]) / length;
            middle[k] += body[i].speed[k] / (double)count;
        }
    }
    for (long i = 0; i < count; i++)
        for (int k = 0; k < 3; k++)
            body[i].speed[k] -= middle[k];
}

/* Against the sum over all other bodies, for some of them; in the mean of their squares. */
static bool forces_are_right(const struct space *space)
{
    const long count = space->value[BODIES];
    double wrong = 0, all = 0;
    for (long s = 0; s < SAMPLES && s < count; s++) {
        const struct body *one = &space->body[s * count / SAMPLES % count];
        struct pull exact = {{0, 0, 0}, 0};
        for (long j = 0; j < count; j++)
            if (&space->body[j] != one)
                pull_add(&exact, one->place, space->body[j].place, space->body[j].mass);
        for (int k = 0; k < 3; k++) {
            const double difference = exact.force[k] - one->pull.force[k];
            wrong += difference * difference;
            all += exact.force[k] * exact.force[k];
        }
    }
    return wrong <= 0.02 * 0.02 * all;
}

static double energy(const struct space *space)
{
    double sum = 0;
    for (long i = 0; i < space->value[BODIES]; i++) {
        const struct body *one = &space->body[i];
        const double *v = one->speed;
        sum += one->mass * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2] + one->pull.potential) / 2;
    }
    return sum;
}

/* Half a step of speed, a step of place, and half a step of speed again after the new forces. */
static void kick(struct body *one)
{
    for (int k = 0; k < 3; k++)
        one->speed[k] += one->pull.force[k] * time_step / 2;
}

static void drift(struct body *one)
{
    for (int k = 0; k < 3; k++)
        one->place[k] += one->speed[k] * time_step;
}

static void forces(struct space *space, long thread)
{
    const long threads = space->value[THREADS], count = space->value[BODIES];
    const bool in_charge = pthread_barrier_wait(&space->barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
    if (in_charge)
        octree_bound(&space->tree, space->body, count);
    pthread_barrier_wait(&space->barrier);
    for (int root = (int)thread; root < OCTREE_ROOTS; root += (int)threads)
        octree_make(&space->tree, root, space->body, count);
    pthread_barrier_wait(&space->barrier);
    octree_pull_all(&space->tree, thread, threads);
    if (in_charge)
        space->right = space->right && octree_has(&space->tree, space->body, count);
    pthread_barrier_wait(&space->barrier);
    for (int root = (int)((thread + 1) % threads); root < OCTREE_ROOTS; root += (int)threads)
        octree_free(&space->tree, root);
}

static bool body(void *argument, long thread)
{
    struct space *space = (struct space *)argument;
    const long threads = space->value[THREADS], count = space->value[BODIES];
    for (long step = 0; step < space->value[STEPS]; step++) {
        for (long i = thread; i < count; i += threads) {
            kick(&space->body[i]);
            drift(&space->body[i]);
        }
        forces(space, thread);
        for (long i = thread; i < count; i += threads)
            kick(&space->body[i]);
    }
    return true;
}

static bool first_forces(void *argument, long thread)
{
    forces((struct space *)argument, thread);
    return true;
}

/* Neither energy nor momentum goes lost, but for what the method's approximation takes. */
static bool run(const long *value)
{
    const long count = value[BODIES];
    struct space space = {.value = value, .right = true};
    double momentum = 0, speeds = 0;
    space.body = (struct body *)work_calloc((size_t)count, sizeof *space.body);
    scatter(space.body, count);
    pthread_barrier_init(&space.barrier, NULL, (unsigned)value[THREADS]);
    work_in_threads(value[THREADS], first_forces, &space);
    const double before = energy(&space);
    work_in_threads(value[THREADS], body, &space);
    for (int k = 0; k < 3; k++) {
        double sum = 0;
        for (long i = 0; i < count; i++) {
            sum += space.body[i].mass * space.body[i].speed[k];
            speeds += space.body[i].mass * fabs(space.body[i].speed[k]);
        }
        momentum += fabs(sum);
    }
    const bool right = space.right && forces_are_right(&space) &&
                       fabs(energy(&space) - before) <= 0.01 * fabs(before) &&
                       momentum <= 0.01 * speeds;
    pthread_barrier_destroy(&space.barrier);
    free(space.body);
    return right;
}

const struct workload workload_barnes = {
    .name = "barnes",
    .purpose = "the octree of a simulation of many bodies",
    .source = "Barnes and Hut 1986; SPLASH-2",
    .parameters = {{"threads", 1, 1, 1, 0, 64, "threads"},
                   {"bodies", 10000, 3000, 163840, 64, 1L << 28, "bodies"},
                   {"steps", 2, 2, 1, 1, 1L << 30, "steps in time"}},
    .cases = {"threads=0"},
    .run = run,
};
