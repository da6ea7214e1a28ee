// AGG-014 with AVX2: 32 x 32 -> 64 bits in one instruction, the addition in another.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "pairwise_sqdist.h"

namespace bcfl {

namespace {

struct Lanes {
    using Wide = __m256i;
    using Narrow = __m256i;
    static constexpr size_t WIDTH = 4, STEP = 8, ROWS = 2,
                            COLUMNS = 4;  // more sums than that do not fit the registers

    static __m256i no_narrow() { return _mm256_setzero_si256(); }
    static void widen(const int32_t *from, uint64_t *to, __m256i &largest) {
        const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
        const __m256i values = _mm256_add_epi32(bits, _mm256_set1_epi32(static_cast<int>(COORDINATE_MAX)));
        largest = _mm256_max_epu32(largest, values);
        __m256i *wide = reinterpret_cast<__m256i *>(to);
        _mm256_store_si256(wide, _mm256_cvtepu32_epi64(_mm256_castsi256_si128(values)));
        _mm256_store_si256(wide + 1, _mm256_cvtepu32_epi64(_mm256_extracti128_si256(values, 1)));
    }
    static uint32_t most(__m256i values) {
        alignas(32) uint32_t lanes[8];
        _mm256_store_si256(reinterpret_cast<__m256i *>(lanes), values);
        uint32_t largest = 0;
        for (uint32_t lane : lanes) largest = largest < lane ? lane : largest;
        return largest;
    }
    static __m256i zero() { return _mm256_setzero_si256(); }
    static __m256i load(const uint64_t *from) {
        return _mm256_load_si256(reinterpret_cast<const __m256i *>(from));
    }
    static __m256i add_product(__m256i sum, __m256i a, __m256i b) {
        return _mm256_add_epi64(sum, _mm256_mul_epu32(a, b));
    }
    // Adds the sum of the lanes of each of four registers to one of four numbers.
    static void add_sums(const __m256i (&totals)[COLUMNS], uint64_t *to) {
        const __m256i a = _mm256_add_epi64(_mm256_unpacklo_epi64(totals[0], totals[1]),
                                           _mm256_unpackhi_epi64(totals[0], totals[1]));
        const __m256i b = _mm256_add_epi64(_mm256_unpacklo_epi64(totals[2], totals[3]),
                                           _mm256_unpackhi_epi64(totals[2], totals[3]));
        const __m256i sums =
            _mm256_add_epi64(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
        __m256i *place = reinterpret_cast<__m256i *>(to);
        _mm256_storeu_si256(place, _mm256_add_epi64(_mm256_loadu_si256(place), sums));
    }
};

}  // namespace

bool gram_avx2(const int32_t *const *left, size_t left_count, const int32_t *const *right, size_t right_count,
               size_t first, size_t count, void *room, GramSums &sums) {
    return gram<Lanes>(left, left_count, right, right_count, first, count, room, sums);
}

}  // namespace bcfl
