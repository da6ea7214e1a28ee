// PRV-016 ... PRV-019 in plain C++; the argument is that of sharing.h. Rebuilding takes the scalar product of 64
// bits, which is faster than two vector products of 32.

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "sharing.h"

namespace bcfl {

namespace {

__extension__ using Wide = unsigned __int128;

// As many polynomials side by side as compilers make vector instructions of, without being told which.
struct Lanes {
    static constexpr size_t WIDTH = SHARING_LANES;
    static constexpr int HELD = 0;

    struct Vector {
        uint64_t lane[WIDTH];
    };

    template <class Operation>
    static inline __attribute__((always_inline)) Vector each(const Vector &a, const Vector &b,
                                                             Operation operation) {
        Vector result;
        for (size_t i = 0; i < WIDTH; ++i) result.lane[i] = operation(a.lane[i], b.lane[i]);
        return result;
    }
    static Vector load(const uint64_t *from) {
        Vector value;
        __builtin_memcpy(&value, from, sizeof value);
        return value;
    }
    static void store(uint64_t *to, const Vector &value) { __builtin_memcpy(to, &value, sizeof value); }
    static Vector all(uint64_t word) {
        Vector result;
        for (size_t i = 0; i < WIDTH; ++i) result.lane[i] = word;
        return result;
    }
    static Vector add(const Vector &a, const Vector &b) {
        return each(a, b, [](uint64_t x, uint64_t y) { return x + y; });
    }
    static Vector sub(const Vector &a, const Vector &b) {
        return each(a, b, [](uint64_t x, uint64_t y) { return x - y; });
    }
    static Vector both(const Vector &a, const Vector &b) {
        return each(a, b, [](uint64_t x, uint64_t y) { return x & y; });
    }
    static Vector multiply(const Vector &a, const Vector &b) {
        return each(a, b, [](uint64_t x, uint64_t y) {
            return static_cast<uint64_t>(static_cast<uint32_t>(x)) * static_cast<uint32_t>(y);
        });
    }
    template <int COUNT>
    static Vector right(const Vector &a) {
        return each(a, a, [](uint64_t x, uint64_t) { return x >> COUNT; });
    }
    template <int COUNT>
    static Vector left(const Vector &a) {
        return each(a, a, [](uint64_t x, uint64_t) { return x << COUNT; });
    }
    // a, or a - b if that is not negative; both are below 2^62.
    static Vector below(const Vector &a, const Vector &b) {
        return each(a, b, [](uint64_t x, uint64_t y) {
            const uint64_t rest = x - y;
            return rest + (y & (0 - (rest >> 63)));
        });
    }
};

}  // namespace

void shamir_rows_portable(uint64_t *table, size_t threshold, size_t shares, size_t used, uint64_t *out,
                          size_t stride) {
    Sharing<Lanes>::shamir(table, threshold, shares, used, out, stride);
}

void packed_rows_portable(uint64_t *table, size_t threshold, size_t shares, size_t used, uint64_t *out,
                          size_t stride) {
    Sharing<Lanes>::extended(table, threshold, shares, used, out, stride);
}

// Products are below 2^122, so 32 of them and the sum so far fit 128 bits.
void combine_portable(const uint64_t *const *rows, const uint64_t *weights, size_t row_count, size_t first,
                      size_t count, uint64_t *out) {
    constexpr size_t GROUP = 32;
    for (size_t start = 0; start < row_count; start += GROUP) {
        const size_t stop = row_count - start < GROUP ? row_count : start + GROUP;
        for (size_t i = 0; i < count; ++i) {
            uint64_t value = 0;
            if (start > 0) __builtin_memcpy(&value, out + i, sizeof value);
            Wide sum = value;
            for (size_t r = start; r < stop; ++r) {
                __builtin_memcpy(&value, rows[r] + first + i, sizeof value);
                sum += static_cast<Wide>(value) * weights[r];
            }
            // 61 bits, 61 bits and what is left: below 2^62 + 32
            value = (static_cast<uint64_t>(sum) & MODULUS) + (static_cast<uint64_t>(sum >> 61) & MODULUS) +
                    static_cast<uint64_t>(sum >> 122);
            value = (value & MODULUS) + (value >> 61);
            value -= MODULUS & (0 - static_cast<uint64_t>(value >= MODULUS));
            __builtin_memcpy(out + i, &value, sizeof value);
        }
    }
}

}  // namespace bcfl
