// PRV-013 for many blocks of the key stream at once, whatever the width of the registers: each file
// mask_add_<variant>.cpp says in a struct `Lanes` how its registers are handled and includes this.
//
// A register holds one word of the ChaCha20 state (RFC 8439, 2.3) for as many blocks as it has lanes. Quarter
// rounds wait for their own results most of the time; Lanes::GROUPS groups of blocks, interleaved, fill the gaps.
//
// The key, the mask and the vector are secret. No branch and no address depends on them, only on sizes and on
// `wide` and `subtract`. Words of the stream that had to be kept are overwritten at the end of a call; copies that
// a compiler made of registers are not.
#ifndef BCFL_KERNELS_MASK_ADD_H
#define BCFL_KERNELS_MASK_ADD_H

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "places.h"

namespace bcfl {

namespace {

constexpr uint32_t CONSTANTS[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

// Word i of group g stands at 16 * g + i. All indices are constants, since compilers keep an array that is indexed
// by variables in memory, and then every round waits for stores.
template <class Lanes>
using State = typename Lanes::Vector[Lanes::GROUPS * 16];

// The words of a quarter round (i, 4 + (i + B) % 4, 8 + (i + C) % 4, 12 + (i + D) % 4) of one group.
template <int PLACE, int B, int C, int D>
struct Quarter {
    static constexpr int I = PLACE % 16, GROUP = PLACE - I;
    static constexpr int a = GROUP + I, b = GROUP + 4 + (I + B) % 4, c = GROUP + 8 + (I + C) % 4,
                         d = GROUP + 12 + (I + D) % 4;
};

template <class Lanes, class... Q>
inline __attribute__((always_inline)) void quarter_rounds_at(State<Lanes> &x) {
    ((x[Q::a] = Lanes::add(x[Q::a], x[Q::b])), ...);
    ((x[Q::d] = Lanes::template rotated<16>(Lanes::mixed(x[Q::d], x[Q::a]))), ...);
    ((x[Q::c] = Lanes::add(x[Q::c], x[Q::d])), ...);
    ((x[Q::b] = Lanes::template rotated<12>(Lanes::mixed(x[Q::b], x[Q::c]))), ...);
    ((x[Q::a] = Lanes::add(x[Q::a], x[Q::b])), ...);
    ((x[Q::d] = Lanes::template rotated<8>(Lanes::mixed(x[Q::d], x[Q::a]))), ...);
    ((x[Q::c] = Lanes::add(x[Q::c], x[Q::d])), ...);
    ((x[Q::b] = Lanes::template rotated<7>(Lanes::mixed(x[Q::b], x[Q::c]))), ...);
}

// Quarter rounds of each group, from the START-th on. As many at once as Lanes::TOGETHER says: all four where the
// states fill the registers, fewer where they do not and the rest waits in memory.
template <class Lanes, int START, int B, int C, int D, int... PLACES>
inline __attribute__((always_inline)) void quarter_rounds(State<Lanes> &x, Places<PLACES...> places) {
    quarter_rounds_at<Lanes,
                      Quarter<PLACES / Lanes::TOGETHER * 16 + START + PLACES % Lanes::TOGETHER, B, C, D>...>(x);
    if constexpr (START + Lanes::TOGETHER < 4) {
        quarter_rounds<Lanes, START + Lanes::TOGETHER, B, C, D>(x, places);
    }
}

template <class Lanes, int... PLACES>
inline __attribute__((always_inline)) void set_up(State<Lanes> &x, const uint32_t *initial, Places<PLACES...>) {
    ((x[PLACES] = Lanes::all(initial[PLACES % 16])), ...);
}

template <class Lanes, int... GROUPS>
inline __attribute__((always_inline)) void count_blocks(State<Lanes> &x, Places<GROUPS...>) {
    ((x[16 * GROUPS + 12] = Lanes::add(x[16 * GROUPS + 12], Lanes::counting(GROUPS * Lanes::WIDTH))), ...);
}

// Gives the registers of a group, in which one block stands behind the other, to `sink` with the place of their
// first word.
template <class Lanes, int START, class Sink, int... PLACES>
inline __attribute__((always_inline)) void give_group(const State<Lanes> &x, const uint32_t *initial,
                                                      const Sink &sink, Places<PLACES...>) {
    typename Lanes::Vector group[16] = {Lanes::add(x[START + PLACES], Lanes::all(initial[PLACES]))...};
    Lanes::in_order(
        group, [&sink](size_t place, typename Lanes::Vector words) { sink(START * Lanes::WIDTH + place, words); });
}

template <class Lanes, class Sink, int... GROUPS>
inline __attribute__((always_inline)) void give_groups(const State<Lanes> &x, const uint32_t *initial,
                                                       const Sink &sink, Places<GROUPS...>) {
    (give_group<Lanes, 16 * GROUPS>(x, initial, sink, typename PlacesTo<16>::Type{}), ...);
}

// Gives `sink` the words of GROUPS * WIDTH blocks from `counter` on.
template <class Lanes, class Sink>
inline __attribute__((always_inline)) void key_stream(const MaskKey &mask, uint32_t counter, const Sink &sink) {
    uint32_t initial[16];
    __builtin_memcpy(initial, CONSTANTS, sizeof CONSTANTS);
    __builtin_memcpy(initial + 4, mask.key, sizeof mask.key);
    initial[12] = counter;
    __builtin_memcpy(initial + 13, mask.stream, sizeof mask.stream);
    constexpr typename PlacesTo<Lanes::GROUPS>::Type GROUPS;
    constexpr typename PlacesTo<Lanes::GROUPS * Lanes::TOGETHER>::Type TOGETHER;
    State<Lanes> x;
    set_up<Lanes>(x, initial, typename PlacesTo<Lanes::GROUPS * 16>::Type{});
    count_blocks<Lanes>(x, GROUPS);
    for (int round = 0; round < 10; ++round) {
        quarter_rounds<Lanes, 0, 0, 0, 0>(x, TOGETHER);
        quarter_rounds<Lanes, 0, 1, 2, 3>(x, TOGETHER);
    }
    count_blocks<Lanes>(x, GROUPS);
    give_groups<Lanes>(x, initial, sink, GROUPS);
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

// What is done with registers of the key stream. Kept, to be added word by word:
template <class Lanes>
struct Keep {
    uint32_t *words;

    void operator()(size_t place, typename Lanes::Vector given) const { Lanes::store(words + place, given); }
};

// Or added as they are, where the lanes of a register can be words of the vector (Lanes::SUMS).
template <class Lanes, typename Word>
struct AddTo {
    const unsigned char *vector;
    unsigned char *out;
    typename Lanes::Vector flip;

    void operator()(size_t place, typename Lanes::Vector words) const {
        const typename Lanes::Vector value = Lanes::load(vector + 4 * place);
        Lanes::store(out + 4 * place,
                     Lanes::difference(Lanes::sum(value, Lanes::mixed(words, flip), Word{}), flip, Word{}));
    }
};

template <class Lanes, typename Word>
void add_mask(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter, bool subtract,
              unsigned char *out) {
    constexpr uint32_t BLOCKS = Lanes::GROUPS * Lanes::WIDTH;
    constexpr size_t BYTES = size_t{BLOCKS} * 64, WORDS = BYTES / sizeof(Word);
    if constexpr (Lanes::SUMS) {
        const typename Lanes::Vector flip = Lanes::all(subtract ? ~uint32_t{0} : uint32_t{0});
        for (; count >= WORDS; count -= WORDS, vector += BYTES, out += BYTES, counter += BLOCKS) {
            key_stream<Lanes>(mask, counter, AddTo<Lanes, Word>{vector, out, flip});
        }
        if (count == 0) return;
    }
    alignas(64) uint32_t words[BLOCKS * 16];
    const Word flip = static_cast<Word>(subtract ? ~Word{0} : Word{0});
    for (size_t i = 0; i < count; i += WORDS, counter += BLOCKS) {
        key_stream<Lanes>(mask, counter, Keep<Lanes>{words});
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
