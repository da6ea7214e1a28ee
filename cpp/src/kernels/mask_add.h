// PRV-013 for many blocks of the key stream at once, whatever the width of the registers: each file
// mask_add_<variant>.cpp says in a struct `Lanes` how its registers are handled and includes this.
//
// A register holds one word of the ChaCha20 state (RFC 8439, 2.3) for as many blocks as it has lanes. Quarter
// rounds wait for their own results most of the time; Lanes::GROUPS groups of blocks, interleaved, fill the gaps.
//
// The key, the mask and the vector are secret. No branch and no address depends on them, only on sizes and on
// `wide` and `subtract`. The words of the stream are overwritten at the end of a call; copies that a compiler made
// of registers are not.
#ifndef BCFL_KERNELS_MASK_ADD_H
#define BCFL_KERNELS_MASK_ADD_H

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr uint32_t CONSTANTS[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

template <class Lanes>
using State = typename Lanes::Vector[Lanes::GROUPS][16];

// Quarter rounds of each group, from the START-th on: (i, 4 + (i + b) % 4, 8 + (i + c) % 4, 12 + (i + d) % 4). As
// many at once as Lanes::TOGETHER says: all four where the states fill the registers, fewer where they do not and
// the rest waits in memory.
template <class Lanes, int START, int B, int C, int D>
inline __attribute__((always_inline)) void some_quarter_rounds(State<Lanes> &x) {
#define BCFL_EACH                                                   \
    _Pragma("GCC unroll 2") for (int g = 0; g < Lanes::GROUPS; ++g) \
        _Pragma("GCC unroll 4") for (int i = START; i < START + Lanes::TOGETHER; ++i)
    BCFL_EACH x[g][i] = Lanes::add(x[g][i], x[g][4 + (i + B) % 4]);
    BCFL_EACH x[g][12 + (i + D) % 4] = Lanes::template rotated<16>(Lanes::mixed(x[g][12 + (i + D) % 4], x[g][i]));
    BCFL_EACH x[g][8 + (i + C) % 4] = Lanes::add(x[g][8 + (i + C) % 4], x[g][12 + (i + D) % 4]);
    BCFL_EACH x[g][4 + (i + B) % 4] =
        Lanes::template rotated<12>(Lanes::mixed(x[g][4 + (i + B) % 4], x[g][8 + (i + C) % 4]));
    BCFL_EACH x[g][i] = Lanes::add(x[g][i], x[g][4 + (i + B) % 4]);
    BCFL_EACH x[g][12 + (i + D) % 4] = Lanes::template rotated<8>(Lanes::mixed(x[g][12 + (i + D) % 4], x[g][i]));
    BCFL_EACH x[g][8 + (i + C) % 4] = Lanes::add(x[g][8 + (i + C) % 4], x[g][12 + (i + D) % 4]);
    BCFL_EACH x[g][4 + (i + B) % 4] =
        Lanes::template rotated<7>(Lanes::mixed(x[g][4 + (i + B) % 4], x[g][8 + (i + C) % 4]));
#undef BCFL_EACH
    if constexpr (START + Lanes::TOGETHER < 4) some_quarter_rounds<Lanes, START + Lanes::TOGETHER, B, C, D>(x);
}

template <class Lanes, int B, int C, int D>
inline __attribute__((always_inline)) void quarter_rounds(State<Lanes> &x) {
    some_quarter_rounds<Lanes, 0, B, C, D>(x);
}

// The words of GROUPS * WIDTH blocks from `counter` on, in the order of the stream.
template <class Lanes>
inline void key_stream(const MaskKey &mask, uint32_t counter, uint32_t *words) {
    uint32_t initial[16];
    __builtin_memcpy(initial, CONSTANTS, sizeof CONSTANTS);
    __builtin_memcpy(initial + 4, mask.key, sizeof mask.key);
    initial[12] = counter;
    __builtin_memcpy(initial + 13, mask.stream, sizeof mask.stream);
    State<Lanes> x;
#pragma GCC unroll 2
    for (int g = 0; g < Lanes::GROUPS; ++g) {
#pragma GCC unroll 16
        for (int i = 0; i < 16; ++i) x[g][i] = Lanes::all(initial[i]);
        x[g][12] = Lanes::add(x[g][12], Lanes::counting(static_cast<uint32_t>(g) * Lanes::WIDTH));
    }
    for (int round = 0; round < 10; ++round) {
        quarter_rounds<Lanes, 0, 0, 0>(x);
        quarter_rounds<Lanes, 1, 2, 3>(x);
    }
#pragma GCC unroll 2
    for (int g = 0; g < Lanes::GROUPS; ++g) {
#pragma GCC unroll 16
        for (int i = 0; i < 16; ++i) x[g][i] = Lanes::add(x[g][i], Lanes::all(initial[i]));
        x[g][12] = Lanes::add(x[g][12], Lanes::counting(static_cast<uint32_t>(g) * Lanes::WIDTH));
        Lanes::store_blocks(x[g], words + static_cast<size_t>(g) * Lanes::WIDTH * 16);
    }
}

inline uint32_t word_of(const uint32_t *words, size_t index, uint32_t) { return words[index]; }
inline uint64_t word_of(const uint32_t *words, size_t index, uint64_t) {
    return static_cast<uint64_t>(words[2 * index + 1]) << 32 | words[2 * index];
}

// out = vector + (word ^ flip) - flip, where flip is zero to add the words and all ones to subtract them.
template <typename Word>
inline void add_words(const unsigned char *vector, const uint32_t *words, size_t count, Word flip,
                      unsigned char *out) {
    for (size_t i = 0; i < count; ++i) {
        Word value;
        __builtin_memcpy(&value, vector + i * sizeof value, sizeof value);
        value = static_cast<Word>(value + (word_of(words, i, Word{}) ^ flip) - flip);
        __builtin_memcpy(out + i * sizeof value, &value, sizeof value);
    }
}

template <class Lanes, typename Word>
void add_mask(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter, bool subtract,
              unsigned char *out) {
    constexpr size_t BLOCKS = Lanes::GROUPS * Lanes::WIDTH, WORDS = BLOCKS * 64 / sizeof(Word);
    alignas(64) uint32_t words[BLOCKS * 16];
    const Word flip = static_cast<Word>(subtract ? ~Word{0} : Word{0});
    for (size_t i = 0; i < count; i += WORDS, counter += static_cast<uint32_t>(BLOCKS)) {
        key_stream<Lanes>(mask, counter, words);
        const size_t bytes = i * sizeof(Word);
        if (count - i >= WORDS) {
            add_words(vector + bytes, words, WORDS, flip, out + bytes);
        } else {
            add_words(vector + bytes, words, count - i, flip, out + bytes);
        }
    }
    __builtin_memset(words, 0, sizeof words);
    __asm__ volatile("" : : "r"(words) : "memory");  // so that the zeros are really written
}

template <class Lanes>
void mask_add(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter, bool wide,
              bool subtract, unsigned char *out) {
    if (wide) {
        add_mask<Lanes, uint64_t>(vector, count, mask, counter, subtract, out);
    } else {
        add_mask<Lanes, uint32_t>(vector, count, mask, counter, subtract, out);
    }
}

}  // namespace

}  // namespace bcfl

#endif
