/* What this processor can do at best: vector instructions a second, each over registers only, in one thread.
 *
 * Prints one line for each: a name and millions of instructions a second. What it cannot run, it leaves out.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define REPEAT8(text) text text text text text text text text
#define ROUNDS 1000000

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The best of nine runs of a loop of `count` instructions. */
#define MEASURE(name, count, text)                                                                \
    do {                                                                                          \
        double best = 1e9;                                                                        \
        int run;                                                                                  \
        for (run = 0; run < 9; ++run) {                                                           \
            const double start = now();                                                           \
            uint64_t rounds = ROUNDS;                                                             \
            __asm__ volatile("1:\n" text "dec %0\n\tjnz 1b\n" : "+r"(rounds) : : "memory", "cc", "rdx", "r8", "r9"); \
            if (now() - start < best) best = now() - start;                                       \
        }                                                                                         \
        printf("%s %.0f\n", name, (double)(count)*ROUNDS / best / 1e6);                           \
    } while (0)

/* One of ChaCha20's: two additions, two exclusive ors, two rotations, of six registers that wait for nobody else. */
#define MIX(a, b, c, d, e, f)                       \
    "vpaddd %%zmm" #a ", %%zmm31, %%zmm" #a "\n\t"  \
    "vpxord %%zmm" #b ", %%zmm31, %%zmm" #b "\n\t"  \
    "vprold $7, %%zmm" #c ", %%zmm" #c "\n\t"       \
    "vpaddd %%zmm" #d ", %%zmm31, %%zmm" #d "\n\t"  \
    "vpxord %%zmm" #e ", %%zmm31, %%zmm" #e "\n\t"  \
    "vprold $12, %%zmm" #f ", %%zmm" #f "\n\t"
#define MIX24 MIX(0, 1, 2, 3, 4, 5) MIX(6, 7, 8, 9, 10, 11) MIX(12, 13, 14, 15, 16, 17) MIX(18, 19, 20, 21, 22, 23)

#define MADD(a) "vpmadd52luq %%zmm30, %%zmm31, %%zmm" #a "\n\t"
#define MADD12 MADD(0) MADD(1) MADD(2) MADD(3) MADD(4) MADD(5) MADD(6) MADD(7) MADD(8) MADD(9) MADD(10) MADD(11)

#define ADDQ(a) "vpaddq %%zmm31, %%zmm" #a ", %%zmm" #a "\n\t"
#define ADDQ12 ADDQ(0) ADDQ(1) ADDQ(2) ADDQ(3) ADDQ(4) ADDQ(5) ADDQ(6) ADDQ(7) ADDQ(8) ADDQ(9) ADDQ(10) ADDQ(11)

#define SHA(a) "sha256rnds2 %%xmm0, %%xmm15, %%xmm" #a "\n\t"
#define SHA8 SHA(1) SHA(2) SHA(3) SHA(4) SHA(5) SHA(6) SHA(7) SHA(8)

int main(void) {
#if defined(__x86_64__)
    const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
    uint32_t a = 7, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (b >> 29 & 1) MEASURE("sha256_rounds", 8, SHA8);
    if (avx512) MEASURE("add_xor_rotate_512", 24, MIX24);
    if (avx512) MEASURE("add_512", 12, ADDQ12);
    if (avx512 && (b >> 21 & 1)) MEASURE("madd52_512", 12, MADD12);
    MEASURE("multiply_64", 1, "mov $3, %%rdx\n\tmulx %%rdx, %%r8, %%r9\n\t");
#endif
    return 0;
}
