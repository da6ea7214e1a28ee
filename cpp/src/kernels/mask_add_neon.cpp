// PRV-013 with NEON: four blocks at once, rotations of one or two instructions.

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "mask_add.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = uint32x4_t;
    static constexpr int GROUPS = 1;
    static constexpr int TOGETHER = 4;
    static constexpr size_t WIDTH = 4;
    static constexpr bool SUMS = true;

    static uint32x4_t all(uint32_t word) { return vdupq_n_u32(word); }
    static uint32x4_t counting(uint32_t start) {
        constexpr uint32_t COUNT[4] = {0, 1, 2, 3};
        return vaddq_u32(all(start), vld1q_u32(COUNT));
    }
    static uint32x4_t add(uint32x4_t a, uint32x4_t b) { return vaddq_u32(a, b); }
    static uint32x4_t mixed(uint32x4_t a, uint32x4_t b) { return veorq_u32(a, b); }
    template <int COUNT>
    static uint32x4_t rotated(uint32x4_t a) {
        if constexpr (COUNT == 16) {
            return vreinterpretq_u32_u16(vrev32q_u16(vreinterpretq_u16_u32(a)));
        } else {
            return vsriq_n_u32(vshlq_n_u32(a, COUNT), a, 32 - COUNT);
        }
    }
    static uint32x4_t sum(uint32x4_t a, uint32x4_t b, uint32_t) { return vaddq_u32(a, b); }
    static uint32x4_t sum(uint32x4_t a, uint32x4_t b, uint64_t) {
        return vreinterpretq_u32_u64(vaddq_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
    }
    static uint32x4_t difference(uint32x4_t a, uint32x4_t b, uint32_t) { return vsubq_u32(a, b); }
    static uint32x4_t difference(uint32x4_t a, uint32x4_t b, uint64_t) {
        return vreinterpretq_u32_u64(vsubq_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
    }
    static uint32x4_t load(const unsigned char *from) { return vreinterpretq_u32_u8(vld1q_u8(from)); }
    static void store(unsigned char *to, uint32x4_t words) { vst1q_u8(to, vreinterpretq_u8_u32(words)); }
    static void store(uint32_t *to, uint32x4_t words) { vst1q_u32(to, words); }
    // Four words of four blocks: a 4 x 4 transposition.
    template <class Sink>
    static void in_order(const uint32x4_t (&state)[16], const Sink &sink) {
#pragma GCC unroll 4
        for (size_t i = 0; i < 16; i += 4) {
            const uint64x2_t a = vreinterpretq_u64_u32(vzip1q_u32(state[i], state[i + 1]));
            const uint64x2_t b = vreinterpretq_u64_u32(vzip2q_u32(state[i], state[i + 1]));
            const uint64x2_t c = vreinterpretq_u64_u32(vzip1q_u32(state[i + 2], state[i + 3]));
            const uint64x2_t d = vreinterpretq_u64_u32(vzip2q_u32(state[i + 2], state[i + 3]));
            sink(i, vreinterpretq_u32_u64(vzip1q_u64(a, c)));
            sink(16 + i, vreinterpretq_u32_u64(vzip2q_u64(a, c)));
            sink(32 + i, vreinterpretq_u32_u64(vzip1q_u64(b, d)));
            sink(48 + i, vreinterpretq_u32_u64(vzip2q_u64(b, d)));
        }
    }
};

}  // namespace

void mask_add_neon(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter, bool wide,
                   bool subtract, unsigned char *out) {
    mask_add<Lanes>(vector, count, mask, counter, wide, subtract, out);
}

}  // namespace bcfl
