/* SPDX-License-Identifier: MIT */
/*
 * The platform without libc: Linux on x86-64 by its system calls. The program begins at _start, and
 * threads are made by clone.
 */
#include "kit.h"

enum {
    CALL_WRITE = 1,
    CALL_MMAP = 9,
    CALL_MUNMAP = 11,
    CALL_SCHED_YIELD = 24,
    CALL_CLONE = 56,
    CALL_EXIT = 60,
    CALL_CLOCK_GETTIME = 228,
    CALL_EXIT_GROUP = 231
};

static long call(long number, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "+a"(number)
                     : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return number;
}

/* A compiler may call these, whatever the program does. */
void *memset(void *to, int value, size_t size)
{
    void *at = to;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t size)
{
    void *at = to;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
    return to;
}

void *kit_pages(size_t size)
{
    long base = call(CALL_MMAP, 0, (long)size, 3, 0x22, -1, 0); /* for us alone, of zeros */
    return base < 0 && base > -4096 ? NULL : (void *)base;
}

void kit_pages_give(void *pages, size_t size)
{
    call(CALL_MUNMAP, (long)pages, (long)size, 0, 0, 0, 0);
}

void kit_say(const char *text, size_t length)
{
    while (length != 0) {
        long written = call(CALL_WRITE, 1, (long)text, (long)length, 0, 0, 0);
        if (written <= 0)
            return;
        text += written;
        length -= (size_t)written;
    }
}

void kit_exit(int status)
{
    for (;;)
        call(CALL_EXIT_GROUP, status, 0, 0, 0, 0, 0);
}

uint64_t kit_clock(void)
{
    uint64_t now[2] = {0, 0};
    call(CALL_CLOCK_GETTIME, 1, (long)now, 0, 0, 0, 0);
    return now[0] * 1000000000u + now[1];
}

void kit_yield(void)
{
    call(CALL_SCHED_YIELD, 0, 0, 0, 0, 0, 0);
}

/* A new thread takes what it is to do from its stack. The kernel clears `living` when it has left
 * the stack for good. */
static long start(void **stack, uint32_t *living)
{
    const long flags = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x200000;
    long result = CALL_CLONE;
    register long r10 __asm__("r10") = (long)living;
    register long r8 __asm__("r8") = 0;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "pop %%rax\n\t"
                     "pop %%rdi\n\t"
                     "call *%%rax\n\t"
                     "mov $60, %%eax\n\t"
                     "xor %%edi, %%edi\n\t"
                     "syscall\n"
                     "1:"
                     : "+a"(result)
                     : "D"(flags), "S"(stack), "d"(0), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

enum { STACK = 1 << 18 };
static unsigned char stacks[KIT_THREADS][STACK] __attribute__((aligned(64)));

void kit_together(unsigned threads, void (*work)(unsigned thread))
{
    static uint32_t living[KIT_THREADS];
    for (unsigned i = 1; i < threads; i++) {
        void **top = (void **)(void *)(stacks[i] + STACK - 64);
        top[0] = (void *)work;
        top[1] = (void *)(uintptr_t)i;
        living[i] = 1;
        if (start(top, &living[i]) < 0)
            kit_fail("no thread", i);
    }
    work(0);
    for (unsigned i = 1; i < threads; i++)
        while (__atomic_load_n(&living[i], __ATOMIC_ACQUIRE) != 0)
            kit_yield();
}

__attribute__((used)) static void begin(long *stack)
{
    kit_exit(kit_main((int)stack[0], (char **)(stack + 1)));
}

__asm__(".globl _start\n"
        "_start:\n\t"
        "xor %ebp, %ebp\n\t"
        "mov %rsp, %rdi\n\t"
        "and $-16, %rsp\n\t"
        "call begin\n");
