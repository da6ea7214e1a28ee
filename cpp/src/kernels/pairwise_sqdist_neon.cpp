// AGG-014 with NEON: products of 32 bits added to sums of 64 in one instruction, two at once.

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "pairwise_sqdist.h"

namespace bcfl {

namespace {

struct Lanes {
    // Four coordinates, or two sums in `low`.
    struct Wide {
        uint64x2_t low, high;
    };
    using Narrow = uint32x4_t;
    static constexpr size_t WIDTH = 4, STEP = 4, ROWS = 4,
                            COLUMNS = 4;  // sixteen sums and eight vectors of 32 registers

    static uint32x4_t no_narrow() { return vdupq_n_u32(0); }
    static void widen(const int32_t *from, uint64_t *to, uint32x4_t &largest) {
        const uint32x4_t bits = vreinterpretq_u32_u8(vld1q_u8(reinterpret_cast<const uint8_t *>(from)));
        const uint32x4_t values = vaddq_u32(bits, vdupq_n_u32(COORDINATE_MAX));
        largest = vmaxq_u32(largest, values);
        vst1q_u64(to, vmovl_u32(vget_low_u32(values)));
        vst1q_u64(to + 2, vmovl_high_u32(values));
    }
    static uint32_t most(uint32x4_t values) { return vmaxvq_u32(values); }
    static Wide zero() { return {vdupq_n_u64(0), vdupq_n_u64(0)}; }
    static Wide load(const uint64_t *from) { return {vld1q_u64(from), vld1q_u64(from + 2)}; }
    static Wide add_product(Wide sum, Wide a, Wide b) {
        const uint32x4_t left = narrow(a), right = narrow(b);
        const uint64x2_t first = vmlal_u32(sum.low, vget_low_u32(left), vget_low_u32(right));
        return {vmlal_high_u32(first, left, right), sum.high};
    }
    static void add_sums(const Wide (&totals)[COLUMNS], uint64_t *to) {
        for (size_t c = 0; c < COLUMNS; ++c) to[c] += vaddvq_u64(totals[c].low);
    }

 private:
    static uint32x4_t narrow(Wide wide) {
        return vuzp1q_u32(vreinterpretq_u32_u64(wide.low), vreinterpretq_u32_u64(wide.high));
    }
};

}  // namespace

bool gram_neon(const int32_t *const *left, size_t left_count, const int32_t *const *right, size_t right_count,
               size_t first, size_t count, void *room, GramSums &sums) {
    return gram<Lanes>(left, left_count, right, right_count, first, count, room, sums);
}

}  // namespace bcfl
