// AGG-007. A division by the same number becomes a multiplication by its reciprocal, rounded down:
// M = floor((2^64 - 1) / d) >= 2^64 / d - 1. For n = |x| * multiplier < 2^47 * 2^16 = 2^63 the high half of n * M
// is floor(n / d) or one less, since n / d - n * M / 2^64 <= n / 2^64 < 1 / 2.
//
// Rounding half to even is an odd function, so signs come off first and go on last. 2r < 2d < 2^44 cannot
// overflow.

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr int64_t SUM_MAX = (INT64_C(1) << 47) - 1;

inline uint64_t high_half(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint64_t>(static_cast<Wide>(a) * b >> 64);
}

}  // namespace

bool div_round_portable(const int64_t *numerators, size_t count, uint64_t multiplier, uint64_t divisor,
                        int64_t *out) {
    const uint64_t reciprocal = UINT64_MAX / divisor;
    uint64_t outside = 0;
    for (size_t i = 0; i < count; ++i) {
        int64_t numerator;
        __builtin_memcpy(&numerator, numerators + i, sizeof numerator);
        outside |= static_cast<uint64_t>((numerator < -SUM_MAX) | (numerator > SUM_MAX));
        const uint64_t sign = static_cast<uint64_t>(numerator >> 63);  // all ones or zero
        const uint64_t n = ((static_cast<uint64_t>(numerator) ^ sign) - sign) * multiplier;
        uint64_t quotient = high_half(n, reciprocal);
        uint64_t remainder = n - quotient * divisor;
        const uint64_t short_by_one = remainder >= divisor;
        quotient += short_by_one;
        remainder -= divisor & (0 - short_by_one);
        quotient += (2 * remainder + (quotient & 1)) > divisor;  // above half, or half and odd
        const uint64_t result = (quotient ^ sign) - sign;
        __builtin_memcpy(out + i, &result, sizeof result);
    }
    return outside == 0;
}

}  // namespace bcfl
