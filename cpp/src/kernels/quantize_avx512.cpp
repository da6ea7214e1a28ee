// AGG-003 with AVX-512; the argument is that of quantize_portable.cpp, shifts behave as in quantize_avx2.cpp.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

struct Quantizer32 {
    __m512i limit, base;
    __mmask16 bad;

    explicit Quantizer32(uint32_t fraction_bits)
        : limit(_mm512_set1_epi32(static_cast<int>((147 - fraction_bits) << 23))),
          base(_mm512_set1_epi32(static_cast<int>(150 - fraction_bits))),
          bad(0) {}

    __m512i operator()(__m512i bits) {
        const __m512i one = _mm512_set1_epi32(1);
        __m512i magnitude = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
        bad |= _mm512_cmpgt_epi32_mask(magnitude, _mm512_set1_epi32(0x7f7fffff));
        magnitude = _mm512_min_epi32(magnitude, limit);
        const __m512i significand =
            _mm512_or_si512(_mm512_and_si512(magnitude, _mm512_set1_epi32(0x7fffff)), _mm512_set1_epi32(0x800000));
        const __m512i shift = _mm512_sub_epi32(base, _mm512_srli_epi32(magnitude, 23));
        const __m512i half = _mm512_sllv_epi32(one, _mm512_sub_epi32(shift, one));
        const __m512i odd = _mm512_and_si512(_mm512_srlv_epi32(significand, shift), one);
        const __m512i sum = _mm512_add_epi32(_mm512_add_epi32(significand, _mm512_sub_epi32(half, one)), odd);
        const __m512i rounded = _mm512_min_epi32(_mm512_srlv_epi32(sum, shift), _mm512_set1_epi32(0xfffff));
        const __mmask16 negative = _mm512_cmplt_epi32_mask(bits, _mm512_setzero_si512());
        return _mm512_mask_sub_epi32(rounded, negative, _mm512_setzero_si512(), rounded);
    }
};

struct Quantizer64 {
    __m512i limit, base;
    __mmask8 bad;

    explicit Quantizer64(uint32_t fraction_bits)
        : limit(_mm512_set1_epi64(static_cast<long long>(1043 - fraction_bits) << 52)),
          base(_mm512_set1_epi64(static_cast<long long>(1075 - fraction_bits))),
          bad(0) {}

    __m256i operator()(__m512i bits) {
        const __m512i one = _mm512_set1_epi64(1);
        __m512i magnitude = _mm512_and_si512(bits, _mm512_set1_epi64(0x7fffffffffffffff));
        bad |= _mm512_cmpgt_epi64_mask(magnitude, _mm512_set1_epi64(0x7fefffffffffffff));
        magnitude = _mm512_min_epi64(magnitude, limit);
        const __m512i significand = _mm512_or_si512(
            _mm512_and_si512(magnitude, _mm512_set1_epi64(0xfffffffffffff)), _mm512_set1_epi64(0x10000000000000));
        const __m512i shift = _mm512_sub_epi64(base, _mm512_srli_epi64(magnitude, 52));
        const __m512i half = _mm512_sllv_epi64(one, _mm512_sub_epi64(shift, one));
        const __m512i odd = _mm512_and_si512(_mm512_srlv_epi64(significand, shift), one);
        const __m512i sum = _mm512_add_epi64(_mm512_add_epi64(significand, _mm512_sub_epi64(half, one)), odd);
        const __m512i rounded = _mm512_min_epi64(_mm512_srlv_epi64(sum, shift), _mm512_set1_epi64(0xfffff));
        const __mmask8 negative = _mm512_cmplt_epi64_mask(bits, _mm512_setzero_si512());
        return _mm512_cvtepi64_epi32(_mm512_mask_sub_epi64(rounded, negative, _mm512_setzero_si512(), rounded));
    }
};

}  // namespace

bool quantize_f32_avx512(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out) {
    Quantizer32 quantizer(fraction_bits);
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        _mm512_storeu_si512(out + i, quantizer(_mm512_loadu_si512(values + 4 * i)));
    }
    if (i < count) {
        const __mmask16 mask = static_cast<__mmask16>((1u << (count - i)) - 1);
        _mm512_mask_storeu_epi32(out + i, mask, quantizer(_mm512_maskz_loadu_epi32(mask, values + 4 * i)));
    }
    return quantizer.bad == 0;
}

bool quantize_f64_avx512(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out) {
    Quantizer64 quantizer(fraction_bits);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + i), quantizer(_mm512_loadu_si512(values + 8 * i)));
    }
    if (i < count) {
        const __mmask8 mask = static_cast<__mmask8>((1u << (count - i)) - 1);
        const __m256i low = quantizer(_mm512_maskz_loadu_epi64(mask, values + 8 * i));
        _mm512_mask_storeu_epi32(out + i, mask, _mm512_castsi256_si512(low));
    }
    return quantizer.bad == 0;
}

}  // namespace bcfl
