// AGG-011 with AVX-512: the squares alone; the shortening wants wider products (clip_l2_avx512ifma.cpp).

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

bool square_sum_avx512(const int32_t *vector, size_t count, uint64_t *sum) {
    __m512i even = _mm512_setzero_si512(), odd = even, seen = even;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m512i values = _mm512_abs_epi32(_mm512_loadu_si512(vector + i));
        const __m512i upper = _mm512_srli_epi64(values, 32);
        seen = _mm512_or_si512(seen, values);
        even = _mm512_add_epi64(even, _mm512_mul_epu32(values, values));
        odd = _mm512_add_epi64(odd, _mm512_mul_epu32(upper, upper));
    }
    const __m512i above = _mm512_srli_epi32(seen, 20);
    const bool inside = square_sum_portable(vector + i, count - i, sum);
    // Not _mm512_reduce_add_epi64: it adds signed numbers, and the largest sum is only just below 2^64.
    alignas(64) uint64_t lanes[8];
    _mm512_store_si512(lanes, _mm512_add_epi64(even, odd));
    for (uint64_t lane : lanes) *sum += lane;
    return inside && _mm512_test_epi32_mask(above, above) == 0;
}

}  // namespace bcfl
