/* SPDX-License-Identifier: MIT */
/* Loads an allocator, has threads use it, and lets go of it: its code must stay, because threads
 * that end later run it, and so does a thread of its own, if it has one. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 3 };

static void *(*its_malloc)(size_t);
static void (*its_free)(void *);
static pthread_barrier_t used, let_go;

static void *use(void *argument)
{
    its_free(its_malloc(1000));
    pthread_barrier_wait(&used);
    pthread_barrier_wait(&let_go);
    return argument;
}

int main(int count, char **arguments)
{
    pthread_t thread[THREADS];
    void *library = count > 1 ? dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    *(void **)&its_malloc = dlsym(library, "malloc");
    *(void **)&its_free = dlsym(library, "free");
    pthread_barrier_init(&used, NULL, THREADS + 1);
    pthread_barrier_init(&let_go, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, use, NULL);
    pthread_barrier_wait(&used);
    dlclose(library);
    if (dlopen(arguments[1], RTLD_NOW | RTLD_NOLOAD) == NULL) {
        fprintf(stderr, "the library is gone\n");
        return 1;
    }
    pthread_barrier_wait(&let_go);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    its_free(its_malloc(1000));
    printf("sound\n");
    return 0;
}
