// AGG-007 with AVX2: four numbers at once.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "div_round.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = __m256i;
    static constexpr size_t WIDTH = 4;

    static __m256i load(const int64_t *from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
    }
    static void store(int64_t *to, __m256i value) { _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), value); }
    static __m256i all(uint64_t word) { return _mm256_set1_epi64x(static_cast<long long>(word)); }
    static __m256i add(__m256i a, __m256i b) { return _mm256_add_epi64(a, b); }
    static __m256i sub(__m256i a, __m256i b) { return _mm256_sub_epi64(a, b); }
    static __m256i both(__m256i a, __m256i b) { return _mm256_and_si256(a, b); }
    static __m256i either(__m256i a, __m256i b) { return _mm256_or_si256(a, b); }
    static __m256i differing(__m256i a, __m256i b) { return _mm256_xor_si256(a, b); }
    static __m256i multiply(__m256i a, __m256i b) { return _mm256_mul_epu32(a, b); }
    static __m256i upper(__m256i a) { return _mm256_srli_epi64(a, 32); }
    static __m256i lower(__m256i a) { return _mm256_blend_epi32(a, _mm256_setzero_si256(), 0xaa); }
    static __m256i raised(__m256i a) { return _mm256_slli_epi64(a, 32); }
    static __m256i greater(__m256i a, __m256i b) { return _mm256_cmpgt_epi64(a, b); }
    static bool below_2_48(__m256i seen) {
        const __m256i above = _mm256_srli_epi64(seen, 48);
        return _mm256_testz_si256(above, above) != 0;
    }
};

}  // namespace

bool div_round_avx2(const int64_t *numerators, size_t count, uint64_t multiplier, uint64_t divisor, int64_t *out) {
    return div_round<Lanes>(numerators, count, multiplier, divisor, out);
}

}  // namespace bcfl
