// AGG-004 with AVX2; the argument is that of dequantize_portable.cpp.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

void dequantize_avx2(const int32_t *values, size_t count, uint32_t fraction_bits, double *out) {
    const long long scale_bits = static_cast<long long>(1023 - fraction_bits) << 52;
    const __m256d scale = _mm256_castsi256_pd(_mm256_set1_epi64x(scale_bits));
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const __m128i four = _mm_loadu_si128(reinterpret_cast<const __m128i *>(values + i));
        _mm256_storeu_pd(out + i, _mm256_mul_pd(_mm256_cvtepi32_pd(four), scale));
    }
    dequantize_portable(values + i, count - i, fraction_bits, out + i);
}

}  // namespace bcfl
