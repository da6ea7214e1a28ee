// AGG-005 with AVX-512: |x| has bits above the 20th exactly when x is outside +-Q, the least integer included.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

inline __m512i magnitude(const int32_t *from) { return _mm512_abs_epi32(_mm512_loadu_si512(from)); }

}  // namespace

size_t domain_check_avx512(const int32_t *vector, size_t count) {
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        const __m512i seen =
            _mm512_or_si512(_mm512_or_si512(magnitude(vector + i), magnitude(vector + i + 16)),
                            _mm512_or_si512(magnitude(vector + i + 32), magnitude(vector + i + 48)));
        const __m512i above = _mm512_srli_epi32(seen, 20);
        if (_mm512_test_epi32_mask(above, above) != 0) break;
    }
    return i + domain_check_portable(vector + i, count - i);
}

}  // namespace bcfl
