// AGG-003 with AVX2; the argument is that of quantize_portable.cpp. Shift counts beyond the lane width give 0 in
// these instructions, so the shift needs no upper clamp: whatever (1 << 40) - 1 became, the last shift clears it.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

// The first `count` of eight 32-bit lanes, for masked loads and stores; lanes outside read as 0, a fine value.
inline __m256i tail_mask32(size_t count) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane);
}

struct Quantizer32 {
    __m256i limit, base, bad;

    explicit Quantizer32(uint32_t fraction_bits)
        : limit(_mm256_set1_epi32(static_cast<int>((147 - fraction_bits) << 23))),
          base(_mm256_set1_epi32(static_cast<int>(150 - fraction_bits))),
          bad(_mm256_setzero_si256()) {}

    __m256i operator()(__m256i bits) {
        const __m256i one = _mm256_set1_epi32(1);
        __m256i magnitude = _mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff));
        bad = _mm256_or_si256(bad, _mm256_cmpgt_epi32(magnitude, _mm256_set1_epi32(0x7f7fffff)));
        magnitude = _mm256_min_epi32(magnitude, limit);
        const __m256i significand =
            _mm256_or_si256(_mm256_and_si256(magnitude, _mm256_set1_epi32(0x7fffff)), _mm256_set1_epi32(0x800000));
        const __m256i shift = _mm256_sub_epi32(base, _mm256_srli_epi32(magnitude, 23));
        const __m256i half = _mm256_sllv_epi32(one, _mm256_sub_epi32(shift, one));
        const __m256i odd = _mm256_and_si256(_mm256_srlv_epi32(significand, shift), one);
        const __m256i sum = _mm256_add_epi32(_mm256_add_epi32(significand, _mm256_sub_epi32(half, one)), odd);
        const __m256i rounded = _mm256_srlv_epi32(sum, shift);
        return _mm256_sign_epi32(_mm256_min_epi32(rounded, _mm256_set1_epi32(0xfffff)), bits);
    }

    bool finite() const { return _mm256_testz_si256(bad, bad) != 0; }
};

struct Quantizer64 {
    __m256i limit, base, bad;

    explicit Quantizer64(uint32_t fraction_bits)
        : limit(_mm256_set1_epi64x(static_cast<long long>(1043 - fraction_bits) << 52)),
          base(_mm256_set1_epi64x(static_cast<long long>(1075 - fraction_bits))),
          bad(_mm256_setzero_si256()) {}

    // Four coordinates in the low halves of the lanes.
    __m256i operator()(__m256i bits) {
        const __m256i one = _mm256_set1_epi64x(1);
        __m256i magnitude = _mm256_and_si256(bits, _mm256_set1_epi64x(0x7fffffffffffffff));
        bad = _mm256_or_si256(bad, _mm256_cmpgt_epi64(magnitude, _mm256_set1_epi64x(0x7fefffffffffffff)));
        magnitude = _mm256_blendv_epi8(magnitude, limit, _mm256_cmpgt_epi64(magnitude, limit));
        const __m256i significand =
            _mm256_or_si256(_mm256_and_si256(magnitude, _mm256_set1_epi64x(0xfffffffffffff)),
                            _mm256_set1_epi64x(0x10000000000000));
        const __m256i shift = _mm256_sub_epi64(base, _mm256_srli_epi64(magnitude, 52));
        const __m256i half = _mm256_sllv_epi64(one, _mm256_sub_epi64(shift, one));
        const __m256i odd = _mm256_and_si256(_mm256_srlv_epi64(significand, shift), one);
        const __m256i sum = _mm256_add_epi64(_mm256_add_epi64(significand, _mm256_sub_epi64(half, one)), odd);
        const __m256i rounded = _mm256_min_epi32(_mm256_srlv_epi64(sum, shift), _mm256_set1_epi32(0xfffff));
        const __m256i negative = _mm256_cmpgt_epi64(_mm256_setzero_si256(), bits);
        return _mm256_sub_epi64(_mm256_xor_si256(rounded, negative), negative);
    }

    bool finite() const { return _mm256_testz_si256(bad, bad) != 0; }
};

inline __m256i load(const unsigned char *from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
}

// The low halves of eight 64-bit lanes, in order.
inline __m256i narrow(__m256i low, __m256i high) {
    const __m256i pairs = _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high), _MM_SHUFFLE(2, 0, 2, 0)));
    return _mm256_permute4x64_epi64(pairs, _MM_SHUFFLE(3, 1, 2, 0));
}

}  // namespace

bool quantize_f32_avx2(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out) {
    Quantizer32 quantizer(fraction_bits);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + i), quantizer(load(values + 4 * i)));
    }
    if (i < count) {
        const __m256i mask = tail_mask32(count - i);
        const __m256i bits = _mm256_maskload_epi32(reinterpret_cast<const int *>(values + 4 * i), mask);
        _mm256_maskstore_epi32(reinterpret_cast<int *>(out + i), mask, quantizer(bits));
    }
    return quantizer.finite();
}

bool quantize_f64_avx2(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out) {
    Quantizer64 quantizer(fraction_bits);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256i low = quantizer(load(values + 8 * i));
        const __m256i high = quantizer(load(values + 8 * i + 32));
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + i), narrow(low, high));
    }
    if (i < count) {
        const __m256i mask = tail_mask32(count - i);
        const __m256i low_mask = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(mask));
        const __m256i high_mask = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(mask, 1));
        const long long *from = reinterpret_cast<const long long *>(values + 8 * i);
        const __m256i low = quantizer(_mm256_maskload_epi64(from, low_mask));
        const __m256i high = quantizer(_mm256_maskload_epi64(from + 4, high_mask));
        _mm256_maskstore_epi32(reinterpret_cast<int *>(out + i), mask, narrow(low, high));
    }
    return quantizer.finite();
}

}  // namespace bcfl
