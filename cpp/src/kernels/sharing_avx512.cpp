// PRV-016 ... PRV-019 with AVX-512: eight polynomials in a register.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "sharing.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = __m512i;
    static constexpr size_t WIDTH = 8;
    static constexpr int HELD = 16;
    static constexpr int ROWS = 8;

    static __m512i load(const uint64_t *from) { return _mm512_loadu_si512(from); }
    static void store(uint64_t *to, __m512i value) { _mm512_storeu_si512(to, value); }
    static __m512i all(uint64_t word) { return _mm512_set1_epi64(static_cast<long long>(word)); }
    static __m512i add(__m512i a, __m512i b) { return _mm512_add_epi64(a, b); }
    static __m512i sub(__m512i a, __m512i b) { return _mm512_sub_epi64(a, b); }
    static __m512i both(__m512i a, __m512i b) { return _mm512_and_si512(a, b); }
    static __m512i multiply(__m512i a, __m512i b) { return _mm512_mul_epu32(a, b); }
    template <int COUNT>
    static __m512i right(__m512i a) {
        return _mm512_srli_epi64(a, COUNT);
    }
    template <int COUNT>
    static __m512i left(__m512i a) {
        return _mm512_slli_epi64(a, COUNT);
    }
    // a, or a - b if that is not negative; both are below 2^62.
    static __m512i below(__m512i a, __m512i b) { return _mm512_min_epu64(a, _mm512_sub_epi64(a, b)); }
};

}  // namespace

void shamir_rows_avx512(uint64_t *table, size_t threshold, size_t shares, size_t used, uint64_t *out,
                        size_t stride) {
    Sharing<Lanes>::shamir(table, threshold, shares, used, out, stride);
}

void packed_rows_avx512(uint64_t *table, size_t threshold, size_t shares, size_t used, uint64_t *out,
                        size_t stride) {
    Sharing<Lanes>::extended(table, threshold, shares, used, out, stride);
}

void combine_avx512(const uint64_t *const *rows, const uint64_t *weights, size_t row_count, size_t first,
                    size_t count, uint64_t *out) {
    const size_t done = combined<Lanes>(rows, weights, row_count, first, count, out);
    if (done < count) combine_portable(rows, weights, row_count, first + done, count - done, out + done);
}

}  // namespace bcfl
