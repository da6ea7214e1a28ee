// PRV-013 with AVX-512: two groups of sixteen blocks, whose states fill the 32 registers.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "mask_add.h"
#include "transpose_avx512.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = __m512i;
    static constexpr int GROUPS = 2;
    static constexpr int TOGETHER = 4;
    static constexpr size_t WIDTH = 16;
    static constexpr bool SUMS = true;

    static __m512i all(uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
    static __m512i counting(uint32_t start) {
        return _mm512_add_epi32(all(start),
                                _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    }
    // Written out, each into the register that it reads: given the intrinsics, GCC 12 wants more than the 32 there
    // are and keeps half of the state in memory from round to round.
    static __m512i add(__m512i a, __m512i b) {
        __asm__("vpaddd %1, %0, %0" : "+v"(a) : "v"(b));
        return a;
    }
    static __m512i mixed(__m512i a, __m512i b) {
        __asm__("vpxord %1, %0, %0" : "+v"(a) : "v"(b));
        return a;
    }
    template <int COUNT>
    static __m512i rotated(__m512i a) {
        __asm__("vprold %1, %0, %0" : "+v"(a) : "i"(COUNT));
        return a;
    }
    static __m512i sum(__m512i a, __m512i b, uint32_t) { return _mm512_add_epi32(a, b); }
    static __m512i sum(__m512i a, __m512i b, uint64_t) { return _mm512_add_epi64(a, b); }
    static __m512i difference(__m512i a, __m512i b, uint32_t) { return _mm512_sub_epi32(a, b); }
    static __m512i difference(__m512i a, __m512i b, uint64_t) { return _mm512_sub_epi64(a, b); }
    static __m512i load(const void *from) { return _mm512_loadu_si512(from); }
    static void store(void *to, __m512i words) { _mm512_storeu_si512(to, words); }
    template <class Sink>
    static inline __attribute__((always_inline)) void in_order(__m512i (&state)[16], const Sink &sink) {
        transpose(state);
#pragma GCC unroll 16
        for (size_t block = 0; block < WIDTH; ++block) sink(16 * block, state[block]);
    }
};

}  // namespace

void mask_add_avx512(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter, bool wide,
                     bool subtract, unsigned char *out) {
    mask_add<Lanes>(vector, count, mask, counter, wide, subtract, out);
}

}  // namespace bcfl
