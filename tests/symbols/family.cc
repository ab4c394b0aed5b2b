/* SPDX-License-Identifier: MIT */
/* Every way in which C and C++ give out and take back memory must land in the composition: what it
 * reports as in use grows with each way to allocate and shrinks with each way to free.
 * With FAMILY_STATIC the C23 names are linked; else they are looked up, since libc may lack them.
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <functional>
#include <malloc.h>
#include <new>

/* mallinfo is deprecated, and answered all the same. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#ifdef FAMILY_STATIC
extern "C" void free_sized(void *block, size_t size);
extern "C" void free_aligned_sized(void *block, size_t align, size_t size);
extern "C" size_t memalignment(const void *address);
#endif

namespace
{
constexpr size_t count = 64, size = 1008, align = 128;
constexpr std::align_val_t wide{align};
int failures;

void check(bool good, const char *name, const char *what)
{
    if (good)
        return;
    std::printf("%s: %s\n", name, what);
    failures++;
}

size_t in_use()
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

using Give = void *(*)();
using Take = void (*)(void *);

void pair(const char *name, Give give, Take take)
{
    void *blocks[count];
    size_t before = in_use();
    for (auto &block : blocks) {
        block = give();
        check(block != nullptr && malloc_usable_size(block) >= size, name, "gave a foreign block");
        std::memset(block, 1, size);
    }
    size_t between = in_use();
    for (auto &block : blocks)
        take(block);
    size_t after = in_use();
    check(between >= before + count * size, name, "was not seen giving");
    check(after + count * size <= between, name, "was not seen taking");
}

void *give_posix()
{
    void *block = nullptr;
    return posix_memalign(&block, align, size) == 0 ? block : nullptr;
}

void *give_text()
{
    static char text[size + 1];
    std::memset(text, 'x', size);
    return strdup(text);
}

void *give_printed()
{
    char *text = nullptr;
    return asprintf(&text, "%1100d", 7) > 0 ? text : nullptr;
}

void *give_resized()
{
    return realloc(malloc(10), size);
}

void take_by_realloc(void *block)
{
    void *volatile rest = realloc(block, 0);
    check(rest == nullptr, "realloc(p, 0)", "is not NULL");
}

void in_c()
{
    pair(
        "malloc", [] { return malloc(size); }, free);
    pair(
        "calloc", [] { return calloc(size / 8, 8); }, free);
    pair("realloc", give_resized, take_by_realloc);
    pair(
        "reallocarray", [] { return reallocarray(nullptr, size / 8, 8); }, free);
    pair(
        "aligned_alloc", [] { return aligned_alloc(align, size); }, free);
    pair(
        "memalign", [] { return memalign(align, size); }, free);
    pair("posix_memalign", give_posix, free);
    pair(
        "valloc", [] { return valloc(size); }, free);
    pair(
        "pvalloc", [] { return pvalloc(size); }, free);
    pair("strdup", give_text, free);
    pair("asprintf", give_printed, free);
}

/* Each form of operator new with the forms of delete that may follow it. */
void in_cxx()
{
    Give one = [] { return ::operator new(size); };
    Give many = [] { return ::operator new[](size); };
    Give one_wide = [] { return ::operator new(size, wide); };
    Give many_wide = [] { return ::operator new[](size, wide); };
    pair("new", one, [](void *p) { ::operator delete(p); });
    pair("new, sized delete", one, [](void *p) { ::operator delete(p, size); });
    pair(
        "new nothrow", [] { return ::operator new(size, std::nothrow); },
        [](void *p) { ::operator delete(p, std::nothrow); });
    pair("new[]", many, [](void *p) { ::operator delete[](p); });
    pair("new[], sized delete", many, [](void *p) { ::operator delete[](p, size); });
    pair(
        "new[] nothrow", [] { return ::operator new[](size, std::nothrow); },
        [](void *p) { ::operator delete[](p, std::nothrow); });
    pair("new aligned", one_wide, [](void *p) { ::operator delete(p, wide); });
    pair("new aligned, sized delete", one_wide, [](void *p) { ::operator delete(p, size, wide); });
    pair(
        "new aligned nothrow", [] { return ::operator new(size, wide, std::nothrow); },
        [](void *p) { ::operator delete(p, wide, std::nothrow); });
    pair("new[] aligned", many_wide, [](void *p) { ::operator delete[](p, wide); });
    pair("new[] aligned, sized delete", many_wide,
         [](void *p) { ::operator delete[](p, size, wide); });
    pair(
        "new[] aligned nothrow", [] { return ::operator new[](size, wide, std::nothrow); },
        [](void *p) { ::operator delete[](p, wide, std::nothrow); });
}

void too_much_throws()
{
    volatile size_t huge = size_t(1) << 60;
    int caught = 0;
    for (int i = 0; i < 4; i++)
        try {
            void *block = i == 0   ? ::operator new(huge)
                          : i == 1 ? ::operator new[](huge)
                          : i == 2 ? ::operator new(huge, wide)
                                   : ::operator new[](huge, wide);
            ::operator delete(block);
        } catch (const std::bad_alloc &) {
            caught++;
        }
    check(caught == 4, "operator new", "does not throw std::bad_alloc for 2^60 bytes");
    check(::operator new(huge, std::nothrow) == nullptr, "new nothrow", "does not return NULL");
}

void c23(void (*sized)(void *, size_t), void (*aligned)(void *, size_t, size_t),
         size_t (*alignment)(const void *))
{
    static void (*take_sized)(void *, size_t);
    static void (*take_aligned)(void *, size_t, size_t);
    take_sized = sized;
    take_aligned = aligned;
    pair(
        "free_sized", [] { return malloc(size); }, [](void *p) { take_sized(p, size); });
    pair(
        "free_aligned_sized", [] { return aligned_alloc(align, size); },
        [](void *p) { take_aligned(p, align, size); });
    check(alignment(reinterpret_cast<void *>(uintptr_t(0x12340))) == 64, "memalignment",
          "is wrong");
    check(alignment(nullptr) == 0, "memalignment(NULL)", "is not 0");
}

void reports()
{
    void *block = malloc(1 << 20);
    check(mallinfo().uordblks + mallinfo().hblkhd >= 1 << 20, "mallinfo", "does not see a block");
    char text[4096] = {0};
    FILE *stream = fmemopen(text, sizeof text - 1, "w");
    check(malloc_info(0, stream) == 0, "malloc_info", "fails");
    std::fclose(stream);
    check(std::strstr(text, "<malloc") != nullptr, "malloc_info", "prints no XML");
    check(malloc_info(1, stdout) != 0, "malloc_info", "takes an unknown option");
    check(mallopt(12345, 1) == 0, "mallopt", "knows an unknown parameter");
    malloc_stats();
    free(block);
    int given = malloc_trim(0);
    check(given == 0 || given == 1, "malloc_trim", "returns neither 0 nor 1");
}

#ifndef FAMILY_STATIC
void *find(const char *name)
{
    void *address = dlsym(RTLD_DEFAULT, name);
    check(address != nullptr, name, "is missing");
    return address;
}

/* In a shared object: all names are in one file, and that is not libc. */
void one_home()
{
    static const char *const names[] = {"malloc",
                                        "calloc",
                                        "realloc",
                                        "free",
                                        "aligned_alloc",
                                        "memalign",
                                        "posix_memalign",
                                        "valloc",
                                        "pvalloc",
                                        "malloc_usable_size",
                                        "malloc_trim",
                                        "mallinfo",
                                        "mallinfo2",
                                        "mallopt",
                                        "malloc_stats",
                                        "malloc_info",
                                        "free_sized",
                                        "memalignment",
                                        "free_aligned_sized"};
    const char *home = std::getenv("LD_PRELOAD");
    for (const char *name : names) {
        Dl_info info;
        bool known = dladdr(find(name), &info) != 0;
        check(known && home != nullptr && std::strstr(home, info.dli_fname) == home, name,
              "is not the composition's");
    }
}
#endif
} // namespace

int main()
{
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    in_c();
    in_cxx();
    too_much_throws();
#ifdef FAMILY_STATIC
    c23(free_sized, free_aligned_sized, memalignment);
#else
    one_home();
    c23(reinterpret_cast<void (*)(void *, size_t)>(find("free_sized")),
        reinterpret_cast<void (*)(void *, size_t, size_t)>(find("free_aligned_sized")),
        reinterpret_cast<size_t (*)(const void *)>(find("memalignment")));
#endif
    reports();
    std::printf("%d failures\n", failures);
    return failures != 0;
}
