// PRV-016 ... PRV-019 for several secrets at once, whatever the width of the registers: each file
// sharing_<variant>.cpp says in a struct `Lanes` how its registers are handled and includes this.
//
// Numbers modulo p = 2^61 - 1 stay below 2^64 and are brought back seldom: since 2^61 = 1, the high bits are added
// to the low 61 (`folded`), which leaves at most p + 7.
//
// The points of the shares are 1, 2, 3 ..., so no share needs a product: with the table of differences
//     d[k] = the k-th forward difference of f at x
// the values at x + 1 are d[k] + d[k + 1]. The table of a polynomial comes from its coefficients by Horner's
// scheme: the k-th difference of x * g(x) at 0 is k * (the k-th and the (k - 1)-th of g at 0, added), and k is
// small.
//
// Secrets, samples and shares are secret. No branch and no address depends on them, only on sizes, points and
// weights.
#ifndef BCFL_KERNELS_SHARING_H
#define BCFL_KERNELS_SHARING_H

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "places.h"

namespace bcfl {

namespace {

constexpr uint64_t MODULUS = (UINT64_C(1) << 61) - 1;

// One register of each row of the table, for SHARING_LANES polynomials. Tables of up to Lanes::HELD rows stay in
// registers from point to point.
template <class Lanes>
struct Sharing {
    using Vector = typename Lanes::Vector;

    // Any 64 bits to at most p + 7.
    static inline __attribute__((always_inline)) Vector folded(Vector a) {
        return Lanes::add(Lanes::both(a, Lanes::all(MODULUS)), Lanes::template right<61>(a));
    }

    // k * a for k < 2^11 and a < 2^63: with a = h * 2^32 + l, l * k < 2^43 and h * k < 2^42, whose upper 13 bits
    // stand at 2^61 = 1. Below 2^61 + 2^44.
    static inline __attribute__((always_inline)) Vector product(Vector a, Vector k) {
        const Vector low = Lanes::multiply(a, k), high = Lanes::multiply(Lanes::template right<32>(a), k);
        const Vector middle = Lanes::template left<32>(Lanes::both(high, Lanes::all((1u << 29) - 1)));
        return Lanes::add(Lanes::add(low, middle), Lanes::template right<29>(high));
    }

    // From the coefficients of f, the constant first, to its differences at 0. Entry j + k holds the k-th
    // difference of the polynomial whose coefficients stand from j on; sums of two entries stay below 2^62 + 2^45.
    static void differences_of_coefficients(uint64_t *table, size_t threshold, size_t lane) {
        for (size_t left = threshold - 1; left > 0; --left) {
            const size_t j = left - 1;
            uint64_t *entry = table + (j + 1) * SHARING_LANES + lane;
            Vector lower = Lanes::load(entry);
            for (size_t k = 1; k < threshold - 1 - j; ++k, entry += SHARING_LANES) {
                const Vector own = Lanes::load(entry + SHARING_LANES);
                Lanes::store(entry, product(Lanes::add(lower, own), Lanes::all(k)));
                lower = own;
            }
            Lanes::store(entry, product(lower, Lanes::all(threshold - 1 - j)));
        }
    }

    // From `threshold` values of f at successive points to its differences at the first of them.
    static void differences_of_values(uint64_t *table, size_t threshold, size_t lane) {
        const Vector twice = Lanes::all(2 * MODULUS);
        for (size_t level = 1; level < threshold; ++level) {
            Vector before = Lanes::load(table + (level - 1) * SHARING_LANES + lane);
            for (size_t k = level; k < threshold; ++k) {
                const Vector value = Lanes::load(table + k * SHARING_LANES + lane);
                Lanes::store(table + k * SHARING_LANES + lane,
                             folded(Lanes::sub(Lanes::add(value, twice), before)));
                before = value;
            }
        }
    }

    static inline void give(Vector value, size_t lane, size_t used, uint64_t *out) {
        give_folded(folded(value), lane, used, out);
    }

    static inline __attribute__((always_inline)) void give_folded(Vector value, size_t lane, size_t used,
                                                                  uint64_t *out) {
        const Vector reduced = Lanes::below(value, Lanes::all(MODULUS));
        if (lane + Lanes::WIDTH <= used) {
            Lanes::store(out + lane, reduced);
        } else if (lane < used) {
            alignas(64) uint64_t words[Lanes::WIDTH];
            Lanes::store(words, reduced);
            __builtin_memcpy(out + lane, words, (used - lane) * sizeof *out);
        }
    }

    // The values at the `count` points that follow, but only from the `skip`-th on. Two steps in one pass: entries
    // are at most 2^61 + 2^44 and so four of them fit 64 bits.
    static void values(uint64_t *table, size_t threshold, size_t lane, size_t skip, size_t count, size_t used,
                       uint64_t *out, size_t stride) {
        if constexpr (Lanes::HELD >= 2) {
            if (threshold <= Lanes::HELD) {
                return few_values<2>(table, threshold, lane, skip, count, used, out, stride);
            }
        }
        for (size_t step = 0; step < count; step += 2) {
            uint64_t *entry = table + lane;
            Vector next = Lanes::load(entry + SHARING_LANES);  // the threshold is at least 2
            Vector sum = Lanes::add(Lanes::load(entry), next);
            if (step >= skip) give(sum, lane, used, out + (step - skip) * stride);
            for (size_t k = 0; k < threshold; ++k, entry += SHARING_LANES) {
                const Vector after = k + 2 < threshold ? Lanes::load(entry + 2 * SHARING_LANES) : Lanes::all(0);
                const Vector next_sum = Lanes::add(next, after);
                const Vector value = folded(Lanes::add(sum, next_sum));
                Lanes::store(entry, value);
                sum = next_sum;
                next = after;
            }
            if (step + 1 < count && step + 1 >= skip) {
                give(Lanes::load(table + lane), lane, used, out + (step + 1 - skip) * stride);
            }
        }
    }

    // The same for a table that the registers hold.
    template <int... PLACES>
    static void values_in_registers(uint64_t *table, size_t lane, size_t skip, size_t count, size_t used,
                                    uint64_t *out, size_t stride, Places<PLACES...>) {
        constexpr int THRESHOLD = sizeof...(PLACES);
        Vector entries[THRESHOLD + 1] = {Lanes::load(table + PLACES * SHARING_LANES + lane)..., Lanes::all(0)};
        for (size_t step = 0; step < count; step += 2) {
            const Vector sums[THRESHOLD + 1] = {Lanes::add(entries[PLACES], entries[PLACES + 1])...,
                                                Lanes::all(0)};
            if (step >= skip) give(sums[0], lane, used, out + (step - skip) * stride);
            ((entries[PLACES] = folded(Lanes::add(sums[PLACES], sums[PLACES + 1]))), ...);
            if (step + 1 < count && step + 1 >= skip) {
                give_folded(entries[0], lane, used, out + (step + 1 - skip) * stride);
            }
        }
    }

    template <int THRESHOLD>
    static void few_values(uint64_t *table, size_t threshold, size_t lane, size_t skip, size_t count, size_t used,
                           uint64_t *out, size_t stride) {
        if constexpr (THRESHOLD < Lanes::HELD) {
            if (threshold > THRESHOLD) {
                return few_values<THRESHOLD + 1>(table, threshold, lane, skip, count, used, out, stride);
            }
        }
        values_in_registers(table, lane, skip, count, used, out, stride, typename PlacesTo<THRESHOLD>::Type{});
    }

    // The rows of a table of coefficients become shares at 1, 2 ...
    static void shamir(uint64_t *table, size_t threshold, size_t shares, size_t used, uint64_t *out,
                       size_t stride) {
        for (size_t lane = 0; lane < SHARING_LANES; lane += Lanes::WIDTH) {
            differences_of_coefficients(table, threshold, lane);
            values(table, threshold, lane, 0, shares, used, out, stride);
        }
    }

    // The rows of a table of values at successive points become the values at the `shares` points behind them.
    static void extended(uint64_t *table, size_t threshold, size_t shares, size_t used, uint64_t *out,
                         size_t stride) {
        for (size_t lane = 0; lane < SHARING_LANES; lane += Lanes::WIDTH) {
            differences_of_values(table, threshold, lane);
            values(table, threshold, lane, threshold - 1, threshold - 1 + shares, used, out, stride);
        }
    }
};

// out = sum of weights[r] * rows[r], added to what is there unless `fresh`, for numbers below p.
//
// With a = a1 * 2^31 + a0 (a0 < 2^31, a1 < 2^30) a product has three parts: a0 * b0 < 2^62, the mixed ones, below
// 2^61 each, at 2^31, and a1 * b1 < 2^60 at 2^62 = 2. Two rows together: low < 2^63, mixed < 2^63, high < 2^61.
// mixed * 2^31 = (mixed >> 30) + (mixed mod 2^30) * 2^31 < 2^33 + 2^61.
template <class Lanes>
inline __attribute__((always_inline)) typename Lanes::Vector pair_sum(typename Lanes::Vector low,
                                                                      typename Lanes::Vector mixed,
                                                                      typename Lanes::Vector high) {
    const typename Lanes::Vector upper = Lanes::template right<30>(mixed);
    const typename Lanes::Vector lower =
        Lanes::template left<31>(Lanes::both(mixed, Lanes::all((UINT64_C(1) << 30) - 1)));
    // < 2^61 + 8, + 2^33, + 2^61, + 2^62: below 2^63 + 2^34
    return Lanes::add(Lanes::add(Sharing<Lanes>::folded(low), upper), Lanes::add(lower, Lanes::add(high, high)));
}

template <class Lanes, int ROWS>
inline void add_weighted(const uint64_t *const *rows, const uint64_t *weights, size_t first, size_t count,
                         bool fresh, uint64_t *out) {
    using Vector = typename Lanes::Vector;
    const Vector mask = Lanes::all((1u << 31) - 1);
    Vector low_weights[ROWS], high_weights[ROWS];
    for (int r = 0; r < ROWS; ++r) {
        low_weights[r] = Lanes::all(weights[r] & ((1u << 31) - 1));
        high_weights[r] = Lanes::all(weights[r] >> 31);
    }
    for (size_t i = 0; i < count; i += Lanes::WIDTH) {
        Vector sum = fresh ? Lanes::all(0) : Lanes::load(out + i);  // at most five numbers of p + 7
#pragma GCC unroll 4
        for (int pair = 0; pair < ROWS; pair += 2) {
            Vector low = Lanes::all(0), mixed = low, high = low;
#pragma GCC unroll 2
            for (int r = pair; r < pair + (ROWS > 1 ? 2 : 1); ++r) {
                const Vector value = Lanes::load(rows[r] + first + i);
                const Vector a0 = Lanes::both(value, mask), a1 = Lanes::template right<31>(value);
                low = Lanes::add(low, Lanes::multiply(a0, low_weights[r]));
                mixed = Lanes::add(
                    mixed, Lanes::add(Lanes::multiply(a0, high_weights[r]), Lanes::multiply(a1, low_weights[r])));
                high = Lanes::add(high, Lanes::multiply(a1, high_weights[r]));
            }
            sum = Lanes::add(sum, Sharing<Lanes>::folded(pair_sum<Lanes>(low, mixed, high)));
        }
        Lanes::store(out + i, Lanes::below(Sharing<Lanes>::folded(sum), Lanes::all(MODULUS)));
    }
}

// Gives how many of the `count` numbers were done: whole registers.
template <class Lanes>
size_t combined(const uint64_t *const *rows, const uint64_t *weights, size_t row_count, size_t first, size_t count,
                uint64_t *out) {
    const size_t whole = count - count % Lanes::WIDTH;
    size_t r = 0;
    for (; r + Lanes::ROWS <= row_count; r += Lanes::ROWS) {
        add_weighted<Lanes, Lanes::ROWS>(rows + r, weights + r, first, whole, r == 0, out);
    }
    for (; r < row_count; ++r) add_weighted<Lanes, 1>(rows + r, weights + r, first, whole, r == 0, out);
    return whole;
}

}  // namespace

}  // namespace bcfl

#endif
