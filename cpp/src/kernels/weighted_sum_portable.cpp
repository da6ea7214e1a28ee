// AGG-006 in plain C++. |sum| < 2047 * 65535 * 2^20 < 2^47, so 64 bits never overflow.

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr uint32_t COORDINATE_MAX = 0xfffff;

}  // namespace

bool weighted_sum_portable(const int32_t *const *vectors, const uint32_t *weights, size_t vector_count,
                           size_t first, size_t count, int64_t *out) {
    const size_t bytes = sizeof(int64_t);
    __builtin_memset(out, 0, count * bytes);
    uint32_t bad = 0;
    for (size_t n = 0; n < vector_count; ++n) {
        const int32_t *vector = vectors[n] + first;
        const int64_t weight = weights[n];
        for (size_t i = 0; i < count; ++i) {
            int32_t coordinate;
            int64_t sum;
            __builtin_memcpy(&coordinate, vector + i, sizeof coordinate);
            // -Q..Q moves to 0..2Q, everything else above it.
            bad |= static_cast<uint32_t>(coordinate) + COORDINATE_MAX > 2 * COORDINATE_MAX;
            __builtin_memcpy(&sum, out + i, bytes);
            sum += weight * coordinate;
            __builtin_memcpy(out + i, &sum, bytes);
        }
    }
    return bad == 0;
}

}  // namespace bcfl
