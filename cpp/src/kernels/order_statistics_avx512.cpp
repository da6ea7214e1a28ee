// AGG-008, AGG-009, AGG-015 with AVX-512: up to 32 vectors sort in the 32 registers.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "order_statistics.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = __m512i;
    static constexpr size_t WIDTH = 16;
    static constexpr int RUN_MAX = 32;

    static __m512i load(const int32_t *from) { return _mm512_loadu_si512(from); }
    static void store(int32_t *to, __m512i value) { _mm512_storeu_si512(to, value); }
    static void store_wide(int64_t *to, __m512i value) {
        _mm512_storeu_si512(to, _mm512_cvtepi32_epi64(_mm512_castsi512_si256(value)));
        _mm512_storeu_si512(to + 8, _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(value, 1)));
    }
    static __m512i zero() { return _mm512_setzero_si512(); }
    static __m512i min(__m512i a, __m512i b) { return _mm512_min_epi32(a, b); }
    static __m512i max(__m512i a, __m512i b) { return _mm512_max_epi32(a, b); }
    static __m512i add(__m512i a, __m512i b) { return _mm512_add_epi32(a, b); }
    static __m512i sub(__m512i a, __m512i b) { return _mm512_sub_epi32(a, b); }
    static __m512i halved(__m512i a) { return _mm512_srai_epi32(a, 1); }
    static __m512i low_bit_of_both(__m512i a, __m512i b) {
        return _mm512_ternarylogic_epi32(a, b, _mm512_set1_epi32(1), 0x80);
    }
    static __m512i where_less(__m512i a, __m512i b, __m512i c) {
        return _mm512_maskz_mov_epi32(_mm512_cmplt_epi32_mask(a, b), c);
    }
    static bool within_domain(__m512i low, __m512i high) {
        return (_mm512_cmplt_epi32_mask(low, _mm512_set1_epi32(-COORDINATE_MAX)) |
                _mm512_cmpgt_epi32_mask(high, _mm512_set1_epi32(COORDINATE_MAX))) == 0;
    }
};

}  // namespace

bool coordinate_median_avx512(const int32_t *const *vectors, size_t vector_count, size_t first, size_t count,
                              int32_t *rows, int32_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, Median{out});
}

bool trimmed_sum_avx512(const int32_t *const *vectors, size_t vector_count, size_t trim, size_t first,
                        size_t count, int32_t *rows, int64_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, TrimmedSum{trim, out});
}

bool nearest_sum_avx512(const int32_t *const *vectors, size_t vector_count, size_t keep, size_t first,
                        size_t count, int32_t *rows, int64_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, NearestSum{keep, out});
}

}  // namespace bcfl
