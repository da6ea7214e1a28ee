// AGG-003 with NEON; the argument is that of quantize_portable.cpp. Only the last byte of a lane is a shift count,
// negative to the right, so the counts stay below 64 as there.

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

struct Quantizer32 {
    uint32x4_t limit, largest;
    int32x4_t base;

    explicit Quantizer32(uint32_t fraction_bits)
        : limit(vdupq_n_u32((147 - fraction_bits) << 23)),
          largest(vdupq_n_u32(0)),
          base(vdupq_n_s32(static_cast<int32_t>(150 - fraction_bits))) {}

    int32x4_t operator()(uint32x4_t bits) {
        const uint32x4_t one = vdupq_n_u32(1);
        uint32x4_t magnitude = vandq_u32(bits, vdupq_n_u32(0x7fffffff));
        largest = vmaxq_u32(largest, magnitude);
        magnitude = vminq_u32(magnitude, limit);
        const uint32x4_t significand =
            vorrq_u32(vandq_u32(magnitude, vdupq_n_u32(0x7fffff)), vdupq_n_u32(0x800000));
        const int32x4_t exponent = vreinterpretq_s32_u32(vshrq_n_u32(magnitude, 23));
        const int32x4_t shift = vminq_s32(vsubq_s32(base, exponent), vdupq_n_s32(25));
        const int32x4_t back = vnegq_s32(shift);
        const uint32x4_t odd = vandq_u32(vshlq_u32(significand, back), one);
        const uint32x4_t half = vshlq_u32(one, vsubq_s32(shift, vdupq_n_s32(1)));
        const uint32x4_t sum = vaddq_u32(vaddq_u32(significand, vsubq_u32(half, one)), odd);
        const uint32x4_t rounded = vminq_u32(vshlq_u32(sum, back), vdupq_n_u32(0xfffff));
        const int32x4_t negative = vshrq_n_s32(vreinterpretq_s32_u32(bits), 31);
        return vsubq_s32(veorq_s32(vreinterpretq_s32_u32(rounded), negative), negative);
    }

    bool finite() const { return vmaxvq_u32(largest) < 0x7f800000; }
};

struct Quantizer64 {
    uint64x2_t limit, infinite;
    int64x2_t base;

    explicit Quantizer64(uint32_t fraction_bits)
        : limit(vdupq_n_u64(static_cast<uint64_t>(1043 - fraction_bits) << 52)),
          infinite(vdupq_n_u64(0)),
          base(vdupq_n_s64(static_cast<int64_t>(1075 - fraction_bits))) {}

    // The coordinate without its sign, at most 2^20.
    uint32x2_t operator()(uint64x2_t bits) {
        const uint64x2_t one = vdupq_n_u64(1);
        const int64x2_t shift_max = vdupq_n_s64(54);
        uint64x2_t magnitude = vandq_u64(bits, vdupq_n_u64(0x7fffffffffffffff));
        infinite = vorrq_u64(infinite, vcgtq_u64(magnitude, vdupq_n_u64(0x7fefffffffffffff)));
        magnitude = vbslq_u64(vcgtq_u64(magnitude, limit), limit, magnitude);
        const uint64x2_t significand =
            vorrq_u64(vandq_u64(magnitude, vdupq_n_u64(0xfffffffffffff)), vdupq_n_u64(0x10000000000000));
        int64x2_t shift = vsubq_s64(base, vreinterpretq_s64_u64(vshrq_n_u64(magnitude, 52)));
        shift = vbslq_s64(vcgtq_s64(shift, shift_max), shift_max, shift);
        const int64x2_t back = vnegq_s64(shift);
        const uint64x2_t odd = vandq_u64(vshlq_u64(significand, back), one);
        const uint64x2_t half = vshlq_u64(one, vsubq_s64(shift, vdupq_n_s64(1)));
        const uint64x2_t sum = vaddq_u64(vaddq_u64(significand, vsubq_u64(half, one)), odd);
        return vmovn_u64(vshlq_u64(sum, back));
    }

    bool finite() const { return vmaxvq_u32(vreinterpretq_u32_u64(infinite)) == 0; }
};

}  // namespace

bool quantize_f32_neon(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out) {
    Quantizer32 quantizer(fraction_bits);
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        vst1q_s32(out + i, quantizer(vreinterpretq_u32_u8(vld1q_u8(values + 4 * i))));
    }
    const bool finite = quantize_f32_portable(values + 4 * i, count - i, fraction_bits, out + i);
    return finite && quantizer.finite();
}

bool quantize_f64_neon(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out) {
    Quantizer64 quantizer(fraction_bits);
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const uint64x2_t low = vreinterpretq_u64_u8(vld1q_u8(values + 8 * i));
        const uint64x2_t high = vreinterpretq_u64_u8(vld1q_u8(values + 8 * i + 16));
        const uint32x4_t rounded = vminq_u32(vcombine_u32(quantizer(low), quantizer(high)), vdupq_n_u32(0xfffff));
        const uint32x4_t upper = vuzp2q_u32(vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(high));
        const int32x4_t negative = vshrq_n_s32(vreinterpretq_s32_u32(upper), 31);
        vst1q_s32(out + i, vsubq_s32(veorq_s32(vreinterpretq_s32_u32(rounded), negative), negative));
    }
    const bool finite = quantize_f64_portable(values + 8 * i, count - i, fraction_bits, out + i);
    return finite && quantizer.finite();
}

}  // namespace bcfl
