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

    static __m256i all(uint32_t word) { return _mm256_set1_epi32(static_cast<int>(word)); }
    static __m256i counting(uint32_t start) {
        return _mm256_add_epi32(all(start), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    }
    static __m256i add(__m256i a, __m256i b) { return _mm256_add_epi32(a, b); }
    static __m256i mixed(__m256i a, __m256i b) { return _mm256_xor_si256(a, b); }
    template <int COUNT>
    static __m256i rotated(__m256i a) {
        if constexpr (COUNT == 16) {
            return _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(_mm_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11,
                                                                                    8, 9, 14, 15, 12, 13)));
        } else if constexpr (COUNT == 8) {
            return _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(_mm_setr_epi8(3, 0, 1, 2, 7, 4, 5, 6, 11, 8,
                                                                                    9, 10, 15, 12, 13, 14)));
        } else {
            return _mm256_or_si256(_mm256_slli_epi32(a, COUNT), _mm256_srli_epi32(a, 32 - COUNT));
        }
    }
    // Eight words of eight blocks: an 8 x 8 transposition.
    static void store_half(const __m256i *state, uint32_t *words) {
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
        for (int i = 0; i < 4; ++i) {
            __m256i *low = reinterpret_cast<__m256i *>(words + 16 * i);
            __m256i *high = reinterpret_cast<__m256i *>(words + 16 * (i + 4));
            _mm256_store_si256(low, _mm256_permute2x128_si256(u[i], u[i + 4], 0x20));
            _mm256_store_si256(high, _mm256_permute2x128_si256(u[i], u[i + 4], 0x31));
        }
    }
    static void store_blocks(const __m256i (&state)[16], uint32_t *words) {
        store_half(state, words);
        store_half(state + 8, words + 8);
    }
};

}  // namespace

void mask_add_avx2(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter, bool wide,
                   bool subtract, unsigned char *out) {
    mask_add<Lanes>(vector, count, mask, counter, wide, subtract, out);
}

}  // namespace bcfl
