// AGG-011 with AVX2: the squares alone; the shortening has no wide products to gain from.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

bool square_sum_avx2(const int32_t *vector, size_t count, uint64_t *sum) {
    __m256i total = _mm256_setzero_si256(), seen = total;
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256i values = _mm256_abs_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(vector + i)));
        const __m256i upper = _mm256_srli_epi64(values, 32);
        seen = _mm256_or_si256(seen, values);
        total = _mm256_add_epi64(total, _mm256_mul_epu32(values, values));
        total = _mm256_add_epi64(total, _mm256_mul_epu32(upper, upper));
    }
    const __m256i above = _mm256_srli_epi32(seen, 20);
    const bool inside = square_sum_portable(vector + i, count - i, sum);
    alignas(32) uint64_t lanes[4];
    _mm256_store_si256(reinterpret_cast<__m256i *>(lanes), total);
    *sum += lanes[0] + lanes[1] + lanes[2] + lanes[3];
    return inside && _mm256_testz_si256(above, above) != 0;
}

}  // namespace bcfl
