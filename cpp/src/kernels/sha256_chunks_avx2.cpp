// AGG-012 with AVX2: one message in each of eight lanes, for processors without SHA-NI.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "sha256_chunks.h"

namespace bcfl {

namespace {

template <int COUNT>
inline __m256i ror(__m256i x) {
    return _mm256_or_si256(_mm256_srli_epi32(x, COUNT), _mm256_slli_epi32(x, 32 - COUNT));
}

inline __m256i xor3(__m256i x, __m256i y, __m256i z) { return _mm256_xor_si256(_mm256_xor_si256(x, y), z); }

inline __m256i add(__m256i x, __m256i y) { return _mm256_add_epi32(x, y); }

// A sum that compilers must make as it is written: they would add many numbers in an order of their own.
inline __m256i in_order(__m256i sum) {
    __asm__("" : "+x"(sum));
    return sum;
}

inline __m256i big_endian_words(__m256i bytes) {
    return _mm256_shuffle_epi8(
        bytes, _mm256_broadcastsi128_si256(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)));
}

// Eight words of eight lanes become eight lanes of eight words, and back.
inline __attribute__((always_inline)) void transpose(__m256i *rows) {
    __m256i t[8], u[8];
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_epi32(rows[i], rows[i + 1]);
        t[i + 1] = _mm256_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        u[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
        u[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
        u[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
        u[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
        rows[i] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x20);
        rows[i + 4] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x31);
    }
}

struct Working {
    __m256i a, b, c, d, e, f, g, h;

    // One round with the constant and the word of it, added. The sums that wait for nothing new come first, so
    // that few instructions lie between one e and the next, and one a and the next.
    inline __attribute__((always_inline)) void round(__m256i sum) {
        const __m256i early = in_order(add(add(h, sum), d));
        const __m256i s1 = xor3(ror<6>(e), ror<11>(e), ror<25>(e));
        const __m256i choice = _mm256_xor_si256(g, _mm256_and_si256(e, _mm256_xor_si256(f, g)));
        const __m256i next_e = in_order(add(in_order(add(early, choice)), s1));
        const __m256i s0 = xor3(ror<2>(a), ror<13>(a), ror<22>(a));
        const __m256i majority =
            _mm256_xor_si256(b, _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(b, c)));
        const __m256i without_d = in_order(_mm256_sub_epi32(majority, d));
        h = g, g = f, f = e, e = next_e, d = c, c = b, b = a;
        a = add(in_order(add(next_e, without_d)), s0);
    }

    static Working of(const __m256i (&state)[8]) {
        return {state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]};
    }

    void into(__m256i (&state)[8]) const {
        const __m256i worked[8] = {a, b, c, d, e, f, g, h};
        for (int i = 0; i < 8; ++i) state[i] = add(state[i], worked[i]);
    }
};

inline __m256i word_of_all(uint32_t word) { return _mm256_set1_epi32(static_cast<int>(word)); }

struct Group {
    static constexpr size_t LANES = 8;
    using State = __m256i[8];

    static void begin(State &state) {
        for (int i = 0; i < 8; ++i) state[i] = word_of_all(INITIAL[i]);
    }

    static inline void compress(State &state, const unsigned char *const (&blocks)[LANES]) {
        __m256i w[16];
#pragma GCC unroll 8
        for (size_t lane = 0; lane < LANES; ++lane) {
            const __m256i *block = reinterpret_cast<const __m256i *>(blocks[lane]);
            w[lane] = big_endian_words(_mm256_loadu_si256(block));
            w[lane + 8] = big_endian_words(_mm256_loadu_si256(block + 1));
        }
        transpose(w);
        transpose(w + 8);
        Working working = Working::of(state);
        for (int rounds = 0; rounds < 64; rounds += 16) {
#pragma GCC unroll 16
            for (int t = 0; t < 16; ++t) {
                working.round(add(w[t], word_of_all(K[rounds + t])));
                if (rounds == 48) continue;
                const __m256i w1 = w[(t + 1) % 16], w14 = w[(t + 14) % 16];
                const __m256i small0 = xor3(ror<7>(w1), ror<18>(w1), _mm256_srli_epi32(w1, 3));
                const __m256i small1 = xor3(ror<17>(w14), ror<19>(w14), _mm256_srli_epi32(w14, 10));
                w[t] = add(add(w[t], small0), add(w[(t + 9) % 16], small1));
            }
        }
        working.into(state);
    }

    static inline void compress_padding(State &state) {
        Working working = Working::of(state);
        for (int rounds = 0; rounds < 64; rounds += 8) {
#pragma GCC unroll 8
            for (int t = 0; t < 8; ++t) working.round(word_of_all(PADDING.sums[rounds + t]));
        }
        working.into(state);
    }

    static void store(const State &state, size_t count, unsigned char *digests) {
        __m256i rows[8];
        for (int i = 0; i < 8; ++i) rows[i] = state[i];
        transpose(rows);
        for (size_t lane = 0; lane < count; ++lane) {
            _mm256_storeu_si256(reinterpret_cast<__m256i *>(digests + 32 * lane), big_endian_words(rows[lane]));
        }
    }
};

}  // namespace

void sha256_chunks_avx2(const unsigned char *messages, size_t message_bytes, size_t count,
                        unsigned char *digests) {
    hash_chunks<Group>(messages, message_bytes, count, digests);
}

void sha256_nodes_avx2(const unsigned char *nodes, size_t count, unsigned char *digests) {
    hash_all_nodes<Group>(nodes, count, digests);
}

}  // namespace bcfl
