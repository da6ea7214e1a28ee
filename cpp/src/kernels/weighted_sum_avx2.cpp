// AGG-006 with AVX2. The point is vpmuldq: 32 x 32 -> 64 bits in one instruction, where a 64-bit product, which a
// compiler makes of the plain loop, takes many.
//
// |x| has bits above the 20th exactly when x is outside +-Q (the absolute value of the least integer included), so
// one OR of all absolute values checks the domain.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr int COORDINATE_BITS = 20;

struct Sums {
    __m256i even, odd;  // of the eight coordinates with even and with odd places
};

inline void add_product(__m256i coordinates, __m256i weight, Sums &sums, __m256i &seen) {
    seen = _mm256_or_si256(seen, _mm256_abs_epi32(coordinates));
    sums.even = _mm256_add_epi64(sums.even, _mm256_mul_epi32(coordinates, weight));
    sums.odd = _mm256_add_epi64(sums.odd, _mm256_mul_epi32(_mm256_srli_epi64(coordinates, 32), weight));
}

inline __m256i tail_mask32(size_t count) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane);
}

// The sums in the order of the coordinates: 0..3, 4..7.
inline void in_order(const Sums &sums, __m256i &low, __m256i &high) {
    const __m256i a = _mm256_unpacklo_epi64(sums.even, sums.odd);
    const __m256i b = _mm256_unpackhi_epi64(sums.even, sums.odd);
    low = _mm256_permute2x128_si256(a, b, 0x20);
    high = _mm256_permute2x128_si256(a, b, 0x31);
}

// Adds GROUP vectors to out, or stores them if `fresh`: one pass over the accumulators for each group.
template <int GROUP>
__m256i add_group(const int32_t *const *vectors, const uint32_t *weights, size_t first, size_t count, bool fresh,
                  int64_t *out) {
    __m256i seen = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        Sums sums = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        for (int n = 0; n < GROUP; ++n) {
            const __m256i *from = reinterpret_cast<const __m256i *>(vectors[n] + first + i);
            add_product(_mm256_loadu_si256(from), _mm256_set1_epi64x(weights[n]), sums, seen);
        }
        __m256i low, high;
        in_order(sums, low, high);
        __m256i *to = reinterpret_cast<__m256i *>(out + i);
        if (!fresh) {
            low = _mm256_add_epi64(low, _mm256_loadu_si256(to));
            high = _mm256_add_epi64(high, _mm256_loadu_si256(to + 1));
        }
        _mm256_storeu_si256(to, low);
        _mm256_storeu_si256(to + 1, high);
    }
    if (i == count) return seen;
    const __m256i mask = tail_mask32(count - i);
    const __m256i low_mask = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(mask));
    const __m256i high_mask = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(mask, 1));
    Sums sums = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (int n = 0; n < GROUP; ++n) {
        const int *from = reinterpret_cast<const int *>(vectors[n] + first + i);
        add_product(_mm256_maskload_epi32(from, mask), _mm256_set1_epi64x(weights[n]), sums, seen);
    }
    __m256i low, high;
    in_order(sums, low, high);
    long long *to = reinterpret_cast<long long *>(out + i);
    if (!fresh) {
        low = _mm256_add_epi64(low, _mm256_maskload_epi64(to, low_mask));
        high = _mm256_add_epi64(high, _mm256_maskload_epi64(to + 4, high_mask));
    }
    _mm256_maskstore_epi64(to, low_mask, low);
    _mm256_maskstore_epi64(to + 4, high_mask, high);
    return seen;
}

inline size_t group_size(size_t left) { return left >= 4 ? 4 : left >= 2 ? 2 : 1; }

// The next group. Eight vectors, as AVX-512 takes, cost more registers than there are: 24 GB/s instead of 29.
__m256i add_next(size_t left, const int32_t *const *vectors, const uint32_t *weights, size_t first, size_t count,
                 bool fresh, int64_t *out) {
    switch (group_size(left)) {
        case 4: return add_group<4>(vectors, weights, first, count, fresh, out);
        case 2: return add_group<2>(vectors, weights, first, count, fresh, out);
        default: return add_group<1>(vectors, weights, first, count, fresh, out);
    }
}

}  // namespace

bool weighted_sum_avx2(const int32_t *const *vectors, const uint32_t *weights, size_t vector_count, size_t first,
                       size_t count, int64_t *out) {
    __m256i seen = _mm256_setzero_si256();
    for (size_t n = 0; n < vector_count;) {
        const size_t left = vector_count - n;
        const bool fresh = n == 0;
        seen = _mm256_or_si256(seen, add_next(left, vectors + n, weights + n, first, count, fresh, out));
        n += group_size(left);
    }
    const __m256i above = _mm256_srli_epi32(seen, COORDINATE_BITS);
    return _mm256_testz_si256(above, above) != 0;
}

}  // namespace bcfl
