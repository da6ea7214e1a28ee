// AGG-006 in plain C++. |sum| < 2047 * 65535 * 2^20 < 2^47, so 64 bits never overflow.
//
// Coordinates move from -Q..Q to 0..2Q: then the domain is one comparison, and the product of two unsigned 32-bit
// numbers, which compilers know how to make many at once, does for the signed one. What the move added, Q times
// the sum of the weights, goes off at the end.

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr uint32_t COORDINATE_MAX = 0xfffff;

inline uint32_t moved(const int32_t *coordinate) {
    uint32_t bits;
    __builtin_memcpy(&bits, coordinate, sizeof bits);
    return bits + COORDINATE_MAX;
}

// Adds GROUP vectors, or stores them if `fresh`: one pass over the sums for each group. Gives 1 if any coordinate
// lies outside the domain.
template <int GROUP>
uint32_t add_group(const int32_t *const *vectors, const uint32_t *weights, size_t first, size_t count, bool fresh,
                   int64_t *out) {
    uint32_t outside = 0;
    for (size_t i = 0; i < count; ++i) {
        uint64_t sum = 0;
        if (!fresh) __builtin_memcpy(&sum, out + i, sizeof sum);
        for (int n = 0; n < GROUP; ++n) {
            const uint32_t coordinate = moved(vectors[n] + first + i);
            outside |= coordinate > 2 * COORDINATE_MAX ? 1u : 0u;
            sum += static_cast<uint64_t>(coordinate) * weights[n];
        }
        __builtin_memcpy(out + i, &sum, sizeof sum);
    }
    return outside;
}

}  // namespace

bool weighted_sum_portable(const int32_t *const *vectors, const uint32_t *weights, size_t vector_count,
                           size_t first, size_t count, int64_t *out) {
    uint32_t outside = 0;
    uint64_t weight_sum = 0;
    size_t n = 0;
    for (; n + 4 <= vector_count; n += 4) {
        outside |= add_group<4>(vectors + n, weights + n, first, count, n == 0, out);
    }
    for (; n < vector_count; ++n) {
        outside |= add_group<1>(vectors + n, weights + n, first, count, n == 0, out);
    }
    for (n = 0; n < vector_count; ++n) weight_sum += weights[n];
    for (size_t i = 0; i < count; ++i) {
        uint64_t sum;
        __builtin_memcpy(&sum, out + i, sizeof sum);
        sum -= weight_sum * COORDINATE_MAX;
        __builtin_memcpy(out + i, &sum, sizeof sum);
    }
    return outside == 0;
}

}  // namespace bcfl
