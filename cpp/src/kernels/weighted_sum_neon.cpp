// AGG-006 with NEON, which adds signed products of 32 bits to sums of 64 in one instruction. |sum| < 2047 * 65535
// * 2^20 < 2^47; where a coordinate lies outside the domain, sums are below 2^31 * 2^16 * 2047 < 2^58 and never
// used.

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr int32_t COORDINATE_MAX = 0xfffff;

struct Seen {
    int32x4_t low, high;

    bool inside() const { return vminvq_s32(low) >= -COORDINATE_MAX && vmaxvq_s32(high) <= COORDINATE_MAX; }
};

// Adds GROUP vectors to the sums, or begins them: one pass over the sums for each group.
template <int GROUP>
void add_group(const int32_t *const *vectors, const uint32_t *weights, size_t first, size_t count, bool fresh,
               Seen &seen, int64_t *out) {
    for (size_t i = 0; i < count; i += 4) {
        int64x2_t low = vdupq_n_s64(0), high = low;
        if (!fresh) low = vld1q_s64(out + i), high = vld1q_s64(out + i + 2);
        for (int n = 0; n < GROUP; ++n) {
            const int32x4_t values = vld1q_s32(vectors[n] + first + i);
            const int32x4_t weight = vdupq_n_s32(static_cast<int32_t>(weights[n]));
            seen.low = vminq_s32(seen.low, values);
            seen.high = vmaxq_s32(seen.high, values);
            low = vmlal_s32(low, vget_low_s32(values), vget_low_s32(weight));
            high = vmlal_high_s32(high, values, weight);
        }
        vst1q_s64(out + i, low);
        vst1q_s64(out + i + 2, high);
    }
}

}  // namespace

bool weighted_sum_neon(const int32_t *const *vectors, const uint32_t *weights, size_t vector_count, size_t first,
                       size_t count, int64_t *out) {
    Seen seen = {vdupq_n_s32(0), vdupq_n_s32(0)};
    const size_t whole = count - count % 4;
    size_t n = 0;
    for (; n + 8 <= vector_count; n += 8) {
        add_group<8>(vectors + n, weights + n, first, whole, n == 0, seen, out);
    }
    for (; n < vector_count; ++n) add_group<1>(vectors + n, weights + n, first, whole, n == 0, seen, out);
    const bool tail = whole == count || weighted_sum_portable(vectors, weights, vector_count, first + whole,
                                                              count - whole, out + whole);
    return tail && seen.inside();
}

}  // namespace bcfl
