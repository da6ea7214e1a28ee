// PRV-013 with AVX2: eight blocks at once.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "mask_add.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = __m256i;
    static constexpr int GROUPS = 1;
    static constexpr int TOGETHER = 2;
    static constexpr size_t WIDTH = 8;
    static constexpr bool SUMS = true;

    static __m256i all(uint32_t word) { return _mm256_set1_epi32(static_cast<int>(word)); }
    static __m256i counting(uint32_t start) {
        return _mm256_add_epi32(all(start), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    }
    // Written out, each into the register that it reads: given the intrinsics, GCC 12 moves more words of the
    // state to memory and back than do not fit.
    static __m256i add(__m256i a, __m256i b) {
        __asm__("vpaddd %1, %0, %0" : "+x"(a) : "x"(b));
        return a;
    }
    static __m256i mixed(__m256i a, __m256i b) {
        __asm__("vpxor %1, %0, %0" : "+x"(a) : "x"(b));
        return a;
    }
    template <int COUNT>
    static __m256i rotated(__m256i a) {
        if constexpr (COUNT % 8 == 0) {
            const __m256i order = _mm256_broadcastsi128_si256(
                COUNT == 16 ? _mm_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
                            : _mm_setr_epi8(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
            __asm__("vpshufb %1, %0, %0" : "+x"(a) : "m"(order));
            return a;
        } else {
            __m256i high;
            __asm__("vpslld %2, %0, %1\n\tvpsrld %3, %0, %0\n\tvpor %1, %0, %0"
                    : "+x"(a), "=&x"(high)
                    : "i"(COUNT), "i"(32 - COUNT));
            return a;
        }
    }
    static __m256i sum(__m256i a, __m256i b, uint32_t) { return _mm256_add_epi32(a, b); }
    static __m256i sum(__m256i a, __m256i b, uint64_t) { return _mm256_add_epi64(a, b); }
    static __m256i difference(__m256i a, __m256i b, uint32_t) { return _mm256_sub_epi32(a, b); }
    static __m256i difference(__m256i a, __m256i b, uint64_t) { return _mm256_sub_epi64(a, b); }
    static __m256i load(const void *from) { return _mm256_loadu_si256(static_cast<const __m256i *>(from)); }
    static void store(void *to, __m256i words) { _mm256_storeu_si256(static_cast<__m256i *>(to), words); }
    // Eight words of eight blocks: an 8 x 8 transposition.
    template <class Sink>
    static void half_in_order(const __m256i *state, size_t place, const Sink &sink) {
        __m256i t[8], u[8];
        for (int i = 0; i < 8; i += 2) {
            t[i] = _mm256_unpacklo_epi32(state[i], state[i + 1]);
            t[i + 1] = _mm256_unpackhi_epi32(state[i], state[i + 1]);
        }
        for (int i = 0; i < 8; i += 4) {
            u[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
            u[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
            u[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
            u[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
        }
        for (size_t i = 0; i < 4; ++i) {
            sink(place + 16 * i, _mm256_permute2x128_si256(u[i], u[i + 4], 0x20));
            sink(place + 16 * (i + 4), _mm256_permute2x128_si256(u[i], u[i + 4], 0x31));
        }
    }
    template <class Sink>
    static void in_order(const __m256i (&state)[16], const Sink &sink) {
        half_in_order(state, 0, sink);
        half_in_order(state + 8, 8, sink);
    }
};

}  // namespace

void mask_add_avx2(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter, bool wide,
                   bool subtract, unsigned char *out) {
    mask_add<Lanes>(vector, count, mask, counter, wide, subtract, out);
}

}  // namespace bcfl
