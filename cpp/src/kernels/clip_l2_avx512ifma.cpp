// AGG-011 with AVX-512 IFMA: the reciprocal in 52 bits. n = |q| * B < 2^52 and M = floor((2^52 - 1) / s), so the
// high 52 bits of n * M are floor(n / s) or one less, for the reason given in div_round_portable.cpp; s is at
// least 2.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

void shorten_avx512ifma(const int32_t *vector, size_t count, uint64_t bound, uint64_t norm, int32_t *out) {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i factor = _mm512_set1_epi64(static_cast<long long>(bound));
    const __m512i root = _mm512_set1_epi64(static_cast<long long>(norm));
    const __m512i reciprocal = _mm512_set1_epi64(static_cast<long long>(((UINT64_C(1) << 52) - 1) / norm));
    const __m512i one = _mm512_set1_epi64(1);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m512i values =
            _mm512_cvtepi32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(vector + i)));
        const __m512i n = _mm512_mul_epu32(_mm512_abs_epi64(values), factor);
        const __m512i estimate = _mm512_madd52hi_epu64(zero, n, reciprocal);
        const __m512i rest = _mm512_sub_epi64(n, _mm512_madd52lo_epu64(zero, estimate, root));
        const __m512i quotient =
            _mm512_mask_add_epi64(estimate, _mm512_cmpge_epu64_mask(rest, root), estimate, one);
        const __m512i result =
            _mm512_mask_sub_epi64(quotient, _mm512_cmplt_epi64_mask(values, zero), zero, quotient);
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + i), _mm512_cvtepi64_epi32(result));
    }
    shorten_portable(vector + i, count - i, bound, norm, out + i);
}

}  // namespace bcfl
