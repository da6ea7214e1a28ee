// AGG-004 with AVX-512; the argument is that of dequantize_portable.cpp.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

void dequantize_avx512(const int32_t *values, size_t count, uint32_t fraction_bits, double *out) {
    const long long scale_bits = static_cast<long long>(1023 - fraction_bits) << 52;
    const __m512d scale = _mm512_castsi512_pd(_mm512_set1_epi64(scale_bits));
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256i eight = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(values + i));
        _mm512_storeu_pd(out + i, _mm512_mul_pd(_mm512_cvtepi32_pd(eight), scale));
    }
    dequantize_portable(values + i, count - i, fraction_bits, out + i);
}

}  // namespace bcfl
