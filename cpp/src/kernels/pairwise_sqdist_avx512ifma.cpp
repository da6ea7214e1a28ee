// AGG-014 with AVX-512 IFMA: a product of two 52-bit numbers and its addition in one instruction, for eight
// coordinates of a pair at a time.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "pairwise_sqdist.h"

namespace bcfl {

namespace {

struct Lanes {
    using Wide = __m512i;
    using Narrow = __m512i;
    static constexpr size_t WIDTH = 8, STEP = 16, ROWS = 4, COLUMNS = 4;

    static __m512i no_narrow() { return _mm512_setzero_si512(); }
    static void widen(const int32_t *from, uint64_t *to, __m512i &largest) {
        const __m512i values =
            _mm512_add_epi32(_mm512_loadu_si512(from), _mm512_set1_epi32(static_cast<int>(COORDINATE_MAX)));
        largest = _mm512_max_epu32(largest, values);
        _mm512_store_si512(to, _mm512_cvtepu32_epi64(_mm512_castsi512_si256(values)));
        _mm512_store_si512(to + 8, _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(values, 1)));
    }
    static uint32_t most(__m512i values) { return _mm512_reduce_max_epu32(values); }
    static __m512i zero() { return _mm512_setzero_si512(); }
    static __m512i load(const uint64_t *from) { return _mm512_load_si512(from); }
    static __m512i add_product(__m512i sum, __m512i a, __m512i b) { return _mm512_madd52lo_epu64(sum, a, b); }
    // Adds the sum of the lanes of each of four registers to one of four numbers.
    static void add_sums(const __m512i (&totals)[COLUMNS], uint64_t *to) {
        const __m512i a = _mm512_add_epi64(_mm512_unpacklo_epi64(totals[0], totals[1]),
                                           _mm512_unpackhi_epi64(totals[0], totals[1]));
        const __m512i b = _mm512_add_epi64(_mm512_unpacklo_epi64(totals[2], totals[3]),
                                           _mm512_unpackhi_epi64(totals[2], totals[3]));
        const __m512i halves =
            _mm512_add_epi64(_mm512_shuffle_i64x2(a, b, 0x88), _mm512_shuffle_i64x2(a, b, 0xdd));
        const __m512i sums = _mm512_add_epi64(halves, _mm512_shuffle_i64x2(halves, halves, 0xb1));
        const __m256i four =
            _mm512_castsi512_si256(_mm512_permutexvar_epi64(_mm512_setr_epi64(0, 1, 4, 5, 0, 1, 4, 5), sums));
        __m256i *place = reinterpret_cast<__m256i *>(to);
        _mm256_storeu_si256(place, _mm256_add_epi64(_mm256_loadu_si256(place), four));
    }
};

}  // namespace

bool gram_avx512ifma(const int32_t *const *left, size_t left_count, const int32_t *const *right,
                     size_t right_count, size_t first, size_t count, void *room, GramSums &sums) {
    return gram<Lanes>(left, left_count, right, right_count, first, count, room, sums);
}

}  // namespace bcfl
