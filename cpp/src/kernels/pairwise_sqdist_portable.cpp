// AGG-014 in plain C++; the argument is that of pairwise_sqdist.h.

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "pairwise_sqdist.h"

namespace bcfl {

namespace {

// Two lanes: what compilers multiply at once on any 64-bit processor.
struct Lanes {
    struct Wide {
        uint64_t low, high;
    };
    using Narrow = uint32_t;
    static constexpr size_t WIDTH = 2, STEP = 2, ROWS = 2, COLUMNS = 2;

    static uint32_t no_narrow() { return 0; }
    static void widen(const int32_t *from, uint64_t *to, uint32_t &largest) {
        for (size_t i = 0; i < STEP; ++i) {
            const uint32_t value = moved(from + i);
            largest = largest < value ? value : largest;
            to[i] = value;
        }
    }
    static uint32_t most(uint32_t largest) { return largest; }
    static Wide zero() { return {0, 0}; }
    static Wide load(const uint64_t *from) { return {from[0], from[1]}; }
    static Wide add_product(Wide sum, Wide a, Wide b) {
        return {sum.low + a.low * b.low, sum.high + a.high * b.high};
    }
    static void add_sums(const Wide (&totals)[COLUMNS], uint64_t *to) {
        for (size_t c = 0; c < COLUMNS; ++c) to[c] += totals[c].low + totals[c].high;
    }
};

}  // namespace

bool gram_portable(const int32_t *const *left, size_t left_count, const int32_t *const *right, size_t right_count,
                   size_t first, size_t count, void *room, GramSums &sums) {
    return gram<Lanes>(left, left_count, right, right_count, first, count, room, sums);
}

}  // namespace bcfl
