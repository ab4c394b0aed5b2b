/* SPDX-License-Identifier: MIT */
/* Loads a plugin in C++ again and again, while other threads allocate and use it. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 60, THREADS = 4, BLOCKS = 200 };

static atomic_int stop;
static char *(*make)(int);

static void *churn(void *argument)
{
    (void)argument;
    while (!atomic_load(&stop)) {
        char *blocks[BLOCKS];
        for (size_t i = 0; i < BLOCKS; i++) {
            blocks[i] = malloc(i * 13 + 1);
            if (blocks[i] == NULL)
                abort();
            blocks[i][0] = (char)i;
        }
        for (size_t i = 0; i < BLOCKS; i++)
            free(blocks[i]);
    }
    return NULL;
}

static void *use(void *argument)
{
    return make((int)(size_t)argument);
}

static void *symbol(void *plugin, const char *name)
{
    void *found = dlsym(plugin, name);
    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return found;
}

static size_t round_of(const char *path, int n)
{
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (plugin == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    int (*throws)(int);
    *(void **)&make = symbol(plugin, "plugin_make");
    *(void **)&throws = symbol(plugin, "plugin_throw");
    pthread_t thread;
    void *text = NULL;
    pthread_create(&thread, NULL, use, (void *)(size_t)n);
    pthread_join(thread, &text);
    char *own = make(n * 1000);
    size_t sum = strlen(text) + strlen(own) + (size_t)throws(2) + (size_t)throws(1) +
                 (size_t)(throws(n * 2 + 11) + 1);
    dlclose(plugin);
    free(text);
    free(own);
    return sum;
}

int main(int argc, char **argv)
{
    pthread_t crowd[THREADS];
    size_t sum = 0;
    if (argc != 2)
        return 2;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&crowd[i], NULL, churn, NULL) != 0)
            return 1;
    for (int n = 0; n < ROUNDS; n++)
        sum += round_of(argv[1], n);
    if (dlopen("/nonexistent/library.so", RTLD_NOW) != NULL || dlerror() == NULL)
        return 1;
    atomic_store(&stop, 1);
    for (int i = 0; i < THREADS; i++)
        pthread_join(crowd[i], NULL);
    printf("%zu\n", sum);
    return 0;
}
