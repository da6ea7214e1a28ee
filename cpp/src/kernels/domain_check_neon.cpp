// AGG-005 with NEON: pieces without a branch inside.

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr int32_t COORDINATE_MAX = 0xfffff;
constexpr size_t PIECE = 1024;

}  // namespace

size_t domain_check_neon(const int32_t *vector, size_t count) {
    size_t start = 0;
    for (; start + PIECE <= count; start += PIECE) {
        int32x4_t low = vdupq_n_s32(0), high = low;
        for (size_t i = start; i < start + PIECE; i += 4) {
            const int32x4_t values = vld1q_s32(vector + i);
            low = vminq_s32(low, values);
            high = vmaxq_s32(high, values);
        }
        if (vminvq_s32(low) < -COORDINATE_MAX || vmaxvq_s32(high) > COORDINATE_MAX) break;
    }
    return start + domain_check_portable(vector + start, count - start);
}

}  // namespace bcfl
