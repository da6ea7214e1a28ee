// PRV-013 in plain C++; the argument is that of mask_add.h.

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "mask_add.h"

namespace bcfl {

namespace {

// Four blocks at once, in the vectors that GCC and Clang have for any processor.
struct Lanes {
    typedef uint32_t Vector __attribute__((vector_size(16)));
    static constexpr int GROUPS = 1;
    static constexpr int TOGETHER = 4;
    static constexpr size_t WIDTH = 4;
    static constexpr bool SUMS = false;  // two lanes are a word of 64 bits on little-endian processors only

    static Vector all(uint32_t word) { return Vector{word, word, word, word}; }
    static Vector counting(uint32_t start) { return Vector{start, start + 1, start + 2, start + 3}; }
    static Vector add(Vector a, Vector b) { return a + b; }
    static Vector mixed(Vector a, Vector b) { return a ^ b; }
    template <int COUNT>
    static Vector rotated(Vector a) {
        return a << COUNT | a >> (32 - COUNT);
    }
    static void store(uint32_t *to, Vector words) { __builtin_memcpy(to, &words, sizeof words); }
    template <class Sink>
    static void in_order(const Vector (&state)[16], const Sink &sink) {
        for (size_t block = 0; block < WIDTH; ++block) {
            for (size_t i = 0; i < 16; i += 4) {
                sink(16 * block + i,
                     Vector{state[i][block], state[i + 1][block], state[i + 2][block], state[i + 3][block]});
            }
        }
    }
};

}  // namespace

void mask_add_portable(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter, bool wide,
                       bool subtract, unsigned char *out) {
    mask_add<Lanes>(vector, count, mask, counter, wide, subtract, out);
}

}  // namespace bcfl
