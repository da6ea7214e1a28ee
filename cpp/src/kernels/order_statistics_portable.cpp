// AGG-008, AGG-009, AGG-015 in plain C++; the argument is that of order_statistics.h.

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "order_statistics.h"

namespace bcfl {

namespace {

// As many rows side by side as compilers make vector instructions of, without being told which.
struct Lanes {
    static constexpr size_t WIDTH = 16;
    static constexpr int RUN_MAX = 1;

    struct Vector {
        int32_t lane[WIDTH];
    };

    template <class Operation>
    static inline __attribute__((always_inline)) Vector each(const Vector &a, const Vector &b,
                                                             Operation operation) {
        Vector result;
        for (size_t i = 0; i < WIDTH; ++i) result.lane[i] = operation(a.lane[i], b.lane[i]);
        return result;
    }
    static Vector load(const int32_t *from) {
        Vector value;
        __builtin_memcpy(&value, from, sizeof value);
        return value;
    }
    static void store(int32_t *to, const Vector &value) { __builtin_memcpy(to, &value, sizeof value); }
    static void store_wide(int64_t *to, const Vector &value) {
        for (size_t i = 0; i < WIDTH; ++i) Single::store_wide(to + i, value.lane[i]);
    }
    static Vector zero() { return Vector{}; }
    static Vector min(const Vector &a, const Vector &b) { return each(a, b, Single::min); }
    static Vector max(const Vector &a, const Vector &b) { return each(a, b, Single::max); }
    static Vector add(const Vector &a, const Vector &b) { return each(a, b, Single::add); }
    static Vector sub(const Vector &a, const Vector &b) { return each(a, b, Single::sub); }
    static Vector halved(const Vector &a) {
        return each(a, a, [](int32_t x, int32_t) { return Single::halved(x); });
    }
    static Vector low_bit_of_both(const Vector &a, const Vector &b) { return each(a, b, Single::low_bit_of_both); }
    static Vector where_less(const Vector &a, const Vector &b, const Vector &c) {
        const Vector mask = each(a, b, [](int32_t x, int32_t y) { return -static_cast<int32_t>(x < y); });
        return each(mask, c, [](int32_t x, int32_t y) { return x & y; });
    }
    static bool within_domain(const Vector &low, const Vector &high) {
        int32_t least = 0, most = 0;
        for (size_t i = 0; i < WIDTH; ++i) {
            least = Single::min(least, low.lane[i]);
            most = Single::max(most, high.lane[i]);
        }
        return Single::within_domain(least, most);
    }
};

}  // namespace

bool coordinate_median_portable(const int32_t *const *vectors, size_t vector_count, size_t first, size_t count,
                                int32_t *rows, int32_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, Median{out});
}

bool trimmed_sum_portable(const int32_t *const *vectors, size_t vector_count, size_t trim, size_t first,
                          size_t count, int32_t *rows, int64_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, TrimmedSum{trim, out});
}

bool nearest_sum_portable(const int32_t *const *vectors, size_t vector_count, size_t keep, size_t first,
                          size_t count, int32_t *rows, int64_t *out) {
    return order_statistics<Lanes>(vectors, vector_count, first, count, rows, NearestSum{keep, out});
}

}  // namespace bcfl
