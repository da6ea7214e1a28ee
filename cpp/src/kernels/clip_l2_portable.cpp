// AGG-011 in plain C++: the squares, and the shortening by a reciprocal as in div_round_portable.cpp. Here
// n = |q| * B < 2^20 * 2^32 = 2^52 and the root s is at least 2, so the estimate is one too small at most.

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr int32_t COORDINATE_MAX = 0xfffff;

inline uint64_t high_half(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint64_t>(static_cast<Wide>(a) * b >> 64);
}

inline int32_t load(const int32_t *place) {
    int32_t value;
    __builtin_memcpy(&value, place, sizeof value);
    return value;
}

}  // namespace

bool square_sum_portable(const int32_t *vector, size_t count, uint64_t *sum) {
    uint64_t total = 0;
    uint32_t outside = 0;
    for (size_t i = 0; i < count; ++i) {
        const int32_t value = load(vector + i);
        outside |= static_cast<uint32_t>((value < -COORDINATE_MAX) | (value > COORDINATE_MAX));
        // Of an unsigned number compilers know how to make many products at once.
        const uint32_t magnitude = value < 0 ? 0u - static_cast<uint32_t>(value) : static_cast<uint32_t>(value);
        total += static_cast<uint64_t>(magnitude) * magnitude;
    }
    *sum = total;
    return outside == 0;
}

void shorten_portable(const int32_t *vector, size_t count, uint64_t bound, uint64_t norm, int32_t *out) {
    const uint64_t reciprocal = UINT64_MAX / norm;
    for (size_t i = 0; i < count; ++i) {
        const int32_t value = load(vector + i);
        const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(value) >> 63);
        const uint64_t n = ((static_cast<uint64_t>(value) ^ sign) - sign) * bound;
        uint64_t quotient = high_half(n, reciprocal);
        quotient += n - quotient * norm >= norm;
        const int32_t result = static_cast<int32_t>((quotient ^ sign) - sign);
        __builtin_memcpy(out + i, &result, sizeof result);
    }
}

}  // namespace bcfl
