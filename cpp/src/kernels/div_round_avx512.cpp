// AGG-007 with AVX-512: eight numbers at once.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "div_round.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = __m512i;
    static constexpr size_t WIDTH = 8;

    static __m512i load(const int64_t *from) { return _mm512_loadu_si512(from); }
    static void store(int64_t *to, __m512i value) { _mm512_storeu_si512(to, value); }
    static __m512i all(uint64_t word) { return _mm512_set1_epi64(static_cast<long long>(word)); }
    static __m512i add(__m512i a, __m512i b) { return _mm512_add_epi64(a, b); }
    static __m512i sub(__m512i a, __m512i b) { return _mm512_sub_epi64(a, b); }
    static __m512i both(__m512i a, __m512i b) { return _mm512_and_si512(a, b); }
    static __m512i either(__m512i a, __m512i b) { return _mm512_or_si512(a, b); }
    static __m512i differing(__m512i a, __m512i b) { return _mm512_xor_si512(a, b); }
    static __m512i multiply(__m512i a, __m512i b) { return _mm512_mul_epu32(a, b); }
    static __m512i upper(__m512i a) { return _mm512_srli_epi64(a, 32); }
    static __m512i lower(__m512i a) { return _mm512_maskz_mov_epi32(0x5555, a); }
    static __m512i raised(__m512i a) { return _mm512_slli_epi64(a, 32); }
    static __m512i greater(__m512i a, __m512i b) {
        return _mm512_maskz_mov_epi64(_mm512_cmpgt_epi64_mask(a, b), _mm512_set1_epi64(-1));
    }
    static bool below_2_48(__m512i seen) {
        const __m512i above = _mm512_srli_epi64(seen, 48);
        return _mm512_test_epi64_mask(above, above) == 0;
    }
};

}  // namespace

bool div_round_avx512(const int64_t *numerators, size_t count, uint64_t multiplier, uint64_t divisor,
                      int64_t *out) {
    return div_round<Lanes>(numerators, count, multiplier, divisor, out);
}

}  // namespace bcfl
