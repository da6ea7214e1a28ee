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
    // Four words of four blocks: a 4 x 4 transposition.
    static void store_blocks(const uint32x4_t (&state)[16], uint32_t *words) {
#pragma GCC unroll 4
        for (size_t i = 0; i < 16; i += 4) {
            const uint64x2_t a = vreinterpretq_u64_u32(vzip1q_u32(state[i], state[i + 1]));
            const uint64x2_t b = vreinterpretq_u64_u32(vzip2q_u32(state[i], state[i + 1]));
            const uint64x2_t c = vreinterpretq_u64_u32(vzip1q_u32(state[i + 2], state[i + 3]));
            const uint64x2_t d = vreinterpretq_u64_u32(vzip2q_u32(state[i + 2], state[i + 3]));
            vst1q_u32(words + i, vreinterpretq_u32_u64(vzip1q_u64(a, c)));
            vst1q_u32(words + 16 + i, vreinterpretq_u32_u64(vzip2q_u64(a, c)));
            vst1q_u32(words + 32 + i, vreinterpretq_u32_u64(vzip1q_u64(b, d)));
            vst1q_u32(words + 48 + i, vreinterpretq_u32_u64(vzip2q_u64(b, d)));
        }
    }
};

}  // namespace

void mask_add_neon(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter, bool wide,
                   bool subtract, unsigned char *out) {
    mask_add<Lanes>(vector, count, mask, counter, wide, subtract, out);
}

}  // namespace bcfl
