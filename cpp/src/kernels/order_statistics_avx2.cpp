// AGG-008, AGG-009, AGG-015 with AVX2: up to 16 vectors sort in the 16 registers.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "order_statistics.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = __m256i;
    static constexpr size_t WIDTH = 8;
    static constexpr int RUN_MAX = 16;

    static __m256i load(const int32_t *from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
    }
    static void store(int32_t *to, __m256i value) { _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), value); }
    static void store_wide(int64_t *to, __m256i value) {
        __m256i *wide = reinterpret_cast<__m256i *>(to);
        _mm256_storeu_si256(wide, _mm256_cvtepi32_epi64(_mm256_castsi256_si128(value)));
        _mm256_storeu_si256(wide + 1, _mm256_cvtepi32_epi64(_mm256_extracti128_si256(value, 1)));
    }
    static __m256i zero() { return _mm256_setzero_si256(); }
    static __m256i min(__m256i a, __m256i b) { return _mm256_min_epi32(a, b); }
    static __m256i max(__m256i a, __m256i b) { return _mm256_max_epi32(a, b); }
    static __m256i add(__m256i a, __m256i b) { return _mm256_add_epi32(a, b); }
    static __m256i sub(__m256i a, __m256i b) { return _mm256_sub_epi32(a, b); }
    static __m256i halved(__m256i a) { return _mm256_srai_epi32(a, 1); }
    static __m256i low_bit_of_both(__m256i a, __m256i b) {
        return _mm256_and_si256(_mm256_and_si256(a, b), _mm256_set1_epi32(1));
    }
    static __m256i where_less(__m256i a, __m256i b, __m256i c) {
        return _mm256_and_si256(_mm256_cmpgt_epi32(b, a), c);
    }
    static bool within_domain(__m256i low, __m256i high) {
        const __m256i outside = _mm256_or_si256(_mm256_cmpgt_epi32(_mm256_set1_epi32(-COORDINATE_MAX), low),
                                                _mm256_cmpgt_epi32(high, _mm256_set1_epi32(COORDINATE_MAX)));
        return _mm256_testz_si256(outside, outside) != 0;
    }
};

}  // namespace

bool coordinate_median_avx2(const int32_t *const *vectors, size_t vector_count, size_t first, size_t count,
                            int32_t *rows, int32_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, Median{out});
}

bool trimmed_sum_avx2(const int32_t *const *vectors, size_t vector_count, size_t trim, size_t first, size_t count,
                      int32_t *rows, int64_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, TrimmedSum{trim, out});
}

bool nearest_sum_avx2(const int32_t *const *vectors, size_t vector_count, size_t keep, size_t first, size_t count,
                      int32_t *rows, int64_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, NearestSum{keep, out});
}

}  // namespace bcfl
