// AGG-012 with AVX-512: sixteen messages at once, one in each 32-bit lane. A group of fewer messages computes the
// last one in the lanes left over and drops the copies.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "sha256_chunks.h"
#include "transpose_avx512.h"

namespace bcfl {

namespace {

// Truth tables of vpternlogd over (x, y, z).
constexpr int XOR3 = 0x96;
constexpr int CHOOSE = 0xca;  // x ? y : z
constexpr int MAJORITY = 0xe8;

inline __m512i big_endian_words(__m512i bytes) {
    return _mm512_shuffle_epi8(
        bytes, _mm512_broadcast_i32x4(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)));
}

inline __m512i xor3(__m512i x, __m512i y, __m512i z) { return _mm512_ternarylogic_epi32(x, y, z, XOR3); }

inline __m512i add(__m512i x, __m512i y) { return _mm512_add_epi32(x, y); }

// A sum that compilers must make as it is written: they would add many numbers in an order of their own.
inline __m512i in_order(__m512i sum) {
    __asm__("" : "+v"(sum));
    return sum;
}

inline __m512i word_of_all(uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }

struct Working {
    __m512i a, b, c, d, e, f, g, h;

    // One round with the constant and the word of it, added. The sums that wait for nothing new come first, so
    // that from one e to the next there are three instructions, and from one a to the next too.
    inline __attribute__((always_inline)) void round(__m512i sum) {
        const __m512i early = in_order(add(add(h, sum), d));
        const __m512i s1 = xor3(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11), _mm512_ror_epi32(e, 25));
        const __m512i choice = _mm512_ternarylogic_epi32(e, f, g, CHOOSE);
        const __m512i next_e = in_order(add(in_order(add(early, choice)), s1));
        const __m512i s0 = xor3(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13), _mm512_ror_epi32(a, 22));
        const __m512i majority = _mm512_ternarylogic_epi32(a, b, c, MAJORITY);
        const __m512i without_d = in_order(_mm512_sub_epi32(majority, d));
        h = g, g = f, f = e, e = next_e, d = c, c = b, b = a;
        a = add(in_order(add(next_e, without_d)), s0);
    }

    static Working of(const __m512i (&state)[8]) {
        return {state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]};
    }

    void into(__m512i (&state)[8]) const {
        const __m512i worked[8] = {a, b, c, d, e, f, g, h};
#pragma GCC unroll 8
        for (int i = 0; i < 8; ++i) state[i] = add(state[i], worked[i]);
    }
};

struct Group {
    static constexpr size_t LANES = 16;
    using State = __m512i[8];

    static void begin(State &state) {
        for (int i = 0; i < 8; ++i) state[i] = word_of_all(INITIAL[i]);
    }

    static inline void compress(State &state, const unsigned char *const (&blocks)[LANES]) {
        __m512i w[16];
#pragma GCC unroll 16
        for (size_t lane = 0; lane < LANES; ++lane) w[lane] = big_endian_words(_mm512_loadu_si512(blocks[lane]));
        transpose(w);
        Working working = Working::of(state);
        for (int rounds = 0; rounds < 64; rounds += 16) {
#pragma GCC unroll 16
            for (int t = 0; t < 16; ++t) {
                working.round(add(w[t], word_of_all(K[rounds + t])));
                if (rounds == 48) continue;
                const __m512i w1 = w[(t + 1) % 16], w14 = w[(t + 14) % 16];
                const __m512i small0 =
                    xor3(_mm512_ror_epi32(w1, 7), _mm512_ror_epi32(w1, 18), _mm512_srli_epi32(w1, 3));
                const __m512i small1 =
                    xor3(_mm512_ror_epi32(w14, 17), _mm512_ror_epi32(w14, 19), _mm512_srli_epi32(w14, 10));
                w[t] = add(add(w[t], small0), add(w[(t + 9) % 16], small1));
            }
        }
        working.into(state);
    }

    static inline void compress_padding(State &state) {
        Working working = Working::of(state);
        for (int rounds = 0; rounds < 64; rounds += 16) {
#pragma GCC unroll 16
            for (int t = 0; t < 16; ++t) working.round(word_of_all(PADDING.sums[rounds + t]));
        }
        working.into(state);
    }

    static void store(const State &state, size_t count, unsigned char *digests) {
        __m512i rows[16];
        for (int i = 0; i < 8; ++i) rows[i] = state[i];
        for (int i = 8; i < 16; ++i) rows[i] = _mm512_setzero_si512();
        transpose(rows);
        for (size_t lane = 0; lane < count; ++lane) {
            _mm256_storeu_si256(reinterpret_cast<__m256i *>(digests + 32 * lane),
                                _mm512_castsi512_si256(big_endian_words(rows[lane])));
        }
    }
};

}  // namespace

void sha256_chunks_avx512(const unsigned char *messages, size_t message_bytes, size_t count,
                          unsigned char *digests) {
    hash_chunks<Group>(messages, message_bytes, count, digests);
}

void sha256_nodes_avx512(const unsigned char *nodes, size_t count, unsigned char *digests) {
    hash_all_nodes<Group>(nodes, count, digests);
}

}  // namespace bcfl
