// AGG-007 for several numbers at once, whatever the width of the registers: each file div_round_<variant>.cpp says
// in a struct `Lanes` how its registers are handled and includes this. The argument is that of
// div_round_portable.cpp; products of 64 bits are put together from those of 32.
#ifndef BCFL_KERNELS_DIV_ROUND_H
#define BCFL_KERNELS_DIV_ROUND_H

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr uint64_t SUM_MAX = (UINT64_C(1) << 47) - 1;

template <class Lanes>
struct DivRound {
    using Vector = typename Lanes::Vector;

    // A factor that is the same for all, and its upper half.
    struct Factor {
        Vector low, high;

        explicit Factor(uint64_t value) : low(Lanes::all(value)), high(Lanes::all(value >> 32)) {}
    };

    static inline __attribute__((always_inline)) Vector low_product(Vector a, const Factor &b) {
        const Vector mixed = Lanes::add(Lanes::multiply(Lanes::upper(a), b.low), Lanes::multiply(a, b.high));
        return Lanes::add(Lanes::multiply(a, b.low), Lanes::raised(mixed));
    }

    // No sum overflows: (2^32 - 1)^2 + 2 * (2^32 - 1) = 2^64 - 1.
    static inline __attribute__((always_inline)) Vector high_product(Vector a, const Factor &b) {
        const Vector upper = Lanes::upper(a);
        const Vector one = Lanes::multiply(a, b.high), other = Lanes::multiply(upper, b.low);
        const Vector middle = Lanes::add(Lanes::add(Lanes::upper(Lanes::multiply(a, b.low)), Lanes::lower(one)),
                                         Lanes::lower(other));
        return Lanes::add(Lanes::add(Lanes::multiply(upper, b.high), Lanes::upper(middle)),
                          Lanes::add(Lanes::upper(one), Lanes::upper(other)));
    }

    // |x| * multiplier < 2^63; remainders stay below 2d < 2^44 and twice a remainder below 2^45, so that signed
    // comparisons are right.
    static size_t run(const int64_t *numerators, size_t count, uint64_t multiplier, uint64_t divisor, int64_t *out,
                      bool &inside) {
        const Factor factor(multiplier), reciprocal(UINT64_MAX / divisor), divisors(divisor);
        const Vector zero = Lanes::all(0), one = Lanes::all(1), most = Lanes::all(SUM_MAX);
        const Vector below = Lanes::all(divisor - 1);
        Vector seen = zero;
        size_t i = 0;
        for (; i + Lanes::WIDTH <= count; i += Lanes::WIDTH) {
            const Vector value = Lanes::load(numerators + i);
            const Vector moved = Lanes::add(value, most);  // 0 ... 2^48 - 2
            seen = Lanes::either(seen, Lanes::either(moved, Lanes::add(moved, one)));
            const Vector sign = Lanes::greater(zero, value);
            const Vector n = low_product(Lanes::sub(Lanes::differing(value, sign), sign), factor);
            Vector quotient = high_product(n, reciprocal);
            Vector remainder = Lanes::sub(n, low_product(quotient, divisors));
            const Vector short_by_one = Lanes::greater(remainder, below);
            quotient = Lanes::sub(quotient, short_by_one);
            remainder = Lanes::sub(remainder, Lanes::both(short_by_one, divisors.low));
            const Vector twice = Lanes::add(Lanes::add(remainder, remainder), Lanes::both(quotient, one));
            quotient = Lanes::sub(quotient, Lanes::greater(twice, divisors.low));  // above half, or half and odd
            Lanes::store(out + i, Lanes::sub(Lanes::differing(quotient, sign), sign));
        }
        inside = Lanes::below_2_48(seen);
        return i;
    }
};

template <class Lanes>
bool div_round(const int64_t *numerators, size_t count, uint64_t multiplier, uint64_t divisor, int64_t *out) {
    bool inside = true;
    const size_t done = DivRound<Lanes>::run(numerators, count, multiplier, divisor, out, inside);
    const bool tail = div_round_portable(numerators + done, count - done, multiplier, divisor, out + done);
    return inside && tail;
}

}  // namespace

}  // namespace bcfl

#endif
