// AGG-008, AGG-009, AGG-015 with NEON: up to 24 vectors sort in the 32 registers.

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "order_statistics.h"

namespace bcfl {

namespace {

struct Lanes {
    using Vector = int32x4_t;
    static constexpr size_t WIDTH = 4;
    static constexpr int RUN_MAX = 24;

    static int32x4_t load(const int32_t *from) { return vld1q_s32(from); }
    static void store(int32_t *to, int32x4_t value) { vst1q_s32(to, value); }
    static void store_wide(int64_t *to, int32x4_t value) {
        vst1q_s64(to, vmovl_s32(vget_low_s32(value)));
        vst1q_s64(to + 2, vmovl_high_s32(value));
    }
    static int32x4_t zero() { return vdupq_n_s32(0); }
    static int32x4_t min(int32x4_t a, int32x4_t b) { return vminq_s32(a, b); }
    static int32x4_t max(int32x4_t a, int32x4_t b) { return vmaxq_s32(a, b); }
    static int32x4_t add(int32x4_t a, int32x4_t b) { return vaddq_s32(a, b); }
    static int32x4_t sub(int32x4_t a, int32x4_t b) { return vsubq_s32(a, b); }
    static int32x4_t halved(int32x4_t a) { return vshrq_n_s32(a, 1); }
    static int32x4_t low_bit_of_both(int32x4_t a, int32x4_t b) {
        return vandq_s32(vandq_s32(a, b), vdupq_n_s32(1));
    }
    static int32x4_t where_less(int32x4_t a, int32x4_t b, int32x4_t c) {
        return vandq_s32(vreinterpretq_s32_u32(vcltq_s32(a, b)), c);
    }
    static bool within_domain(int32x4_t low, int32x4_t high) {
        return vminvq_s32(low) >= -COORDINATE_MAX && vmaxvq_s32(high) <= COORDINATE_MAX;
    }
};

}  // namespace

bool coordinate_median_neon(const int32_t *const *vectors, size_t vector_count, size_t first, size_t count,
                            int32_t *rows, int32_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, Median{out});
}

bool trimmed_sum_neon(const int32_t *const *vectors, size_t vector_count, size_t trim, size_t first, size_t count,
                      int32_t *rows, int64_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, TrimmedSum{trim, out});
}

bool nearest_sum_neon(const int32_t *const *vectors, size_t vector_count, size_t keep, size_t first, size_t count,
                      int32_t *rows, int64_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, NearestSum{keep, out});
}

}  // namespace bcfl
