// AGG-005 with AVX2: |x| has bits above the 20th exactly when x is outside +-Q, the least integer included.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

inline __m256i magnitude(const int32_t *from) {
    return _mm256_abs_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(from)));
}

}  // namespace

size_t domain_check_avx2(const int32_t *vector, size_t count) {
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        const __m256i seen =
            _mm256_or_si256(_mm256_or_si256(magnitude(vector + i), magnitude(vector + i + 8)),
                            _mm256_or_si256(magnitude(vector + i + 16), magnitude(vector + i + 24)));
        const __m256i above = _mm256_srli_epi32(seen, 20);
        if (!_mm256_testz_si256(above, above)) break;
    }
    return i + domain_check_portable(vector + i, count - i);
}

}  // namespace bcfl
