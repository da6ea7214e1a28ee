// PRV-016 ... PRV-019 with AVX2: four polynomials in a register.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "sharing.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = __m256i;
    static constexpr size_t WIDTH = 4;
    static constexpr int HELD = 0;  // no faster
    static constexpr int ROWS = 4;

    static __m256i load(const uint64_t *from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
    }
    static void store(uint64_t *to, __m256i value) { _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), value); }
    static __m256i all(uint64_t word) { return _mm256_set1_epi64x(static_cast<long long>(word)); }
    static __m256i add(__m256i a, __m256i b) { return _mm256_add_epi64(a, b); }
    static __m256i sub(__m256i a, __m256i b) { return _mm256_sub_epi64(a, b); }
    static __m256i both(__m256i a, __m256i b) { return _mm256_and_si256(a, b); }
    static __m256i multiply(__m256i a, __m256i b) { return _mm256_mul_epu32(a, b); }
    template <int COUNT>
    static __m256i right(__m256i a) {
        return _mm256_srli_epi64(a, COUNT);
    }
    template <int COUNT>
    static __m256i left(__m256i a) {
        return _mm256_slli_epi64(a, COUNT);
    }
    // a, or a - b if that is not negative; both are below 2^62.
    static __m256i below(__m256i a, __m256i b) {
        const __m256i rest = _mm256_sub_epi64(a, b);
        return _mm256_add_epi64(rest, _mm256_and_si256(b, _mm256_cmpgt_epi64(b, a)));
    }
};

}  // namespace

void shamir_rows_avx2(uint64_t *table, size_t threshold, size_t shares, size_t used, uint64_t *out,
                      size_t stride) {
    Sharing<Lanes>::shamir(table, threshold, shares, used, out, stride);
}

void packed_rows_avx2(uint64_t *table, size_t threshold, size_t shares, size_t used, uint64_t *out,
                      size_t stride) {
    Sharing<Lanes>::extended(table, threshold, shares, used, out, stride);
}

void combine_avx2(const uint64_t *const *rows, const uint64_t *weights, size_t row_count, size_t first,
                  size_t count, uint64_t *out) {
    const size_t done = combined<Lanes>(rows, weights, row_count, first, count, out);
    if (done < count) combine_portable(rows, weights, row_count, first + done, count - done, out + done);
}

}  // namespace bcfl
