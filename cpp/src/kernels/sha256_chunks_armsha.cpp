// AGG-012 with the SHA-256 instructions of Armv8, four messages interleaved.

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "sha256_chunks.h"

namespace bcfl {

namespace {

inline uint32x4_t swapped(uint32x4_t words) {
    return vreinterpretq_u32_u8(vrev32q_u8(vreinterpretq_u8_u32(words)));
}

template <int STREAMS>
struct Streams {
    static constexpr size_t LANES = STREAMS;
    struct One {
        uint32x4_t abcd, efgh;

        inline __attribute__((always_inline)) void four_rounds(uint32x4_t sum) {
            const uint32x4_t before = abcd;
            abcd = vsha256hq_u32(before, efgh, sum);
            efgh = vsha256h2q_u32(efgh, before, sum);
        }
    };
    using State = One[STREAMS];

    static void begin(State &states) {
        for (One &one : states) one = {vld1q_u32(INITIAL), vld1q_u32(INITIAL + 4)};
    }

    static inline void compress(State &states, const unsigned char *const (&blocks)[STREAMS]) {
        uint32x4_t w[STREAMS][4];
        State saved;
        for (int s = 0; s < STREAMS; ++s) saved[s] = states[s];
#pragma GCC unroll 16
        for (int t = 0; t < 16; ++t) {
            const uint32x4_t k = vld1q_u32(K + 4 * t);
#pragma GCC unroll 4
            for (int s = 0; s < STREAMS; ++s) {
                uint32x4_t &word = w[s][t % 4];
                word = t < 4 ? swapped(vreinterpretq_u32_u8(vld1q_u8(blocks[s] + 16 * t)))
                             : vsha256su1q_u32(vsha256su0q_u32(word, w[s][(t + 1) % 4]), w[s][(t + 2) % 4],
                                               w[s][(t + 3) % 4]);
                states[s].four_rounds(vaddq_u32(word, k));
            }
        }
        add(states, saved);
    }

    static inline void compress_padding(State &states) {
        State saved;
        for (int s = 0; s < STREAMS; ++s) saved[s] = states[s];
#pragma GCC unroll 16
        for (int t = 0; t < 16; ++t) {
            const uint32x4_t sum = vld1q_u32(PADDING.sums + 4 * t);
#pragma GCC unroll 4
            for (int s = 0; s < STREAMS; ++s) states[s].four_rounds(sum);
        }
        add(states, saved);
    }

    static void store(const State &states, size_t, unsigned char *digests) {
        for (int s = 0; s < STREAMS; ++s) {
            vst1q_u8(digests + 32 * s, vreinterpretq_u8_u32(swapped(states[s].abcd)));
            vst1q_u8(digests + 32 * s + 16, vreinterpretq_u8_u32(swapped(states[s].efgh)));
        }
    }

    static inline void add(State &states, const State &saved) {
        for (int s = 0; s < STREAMS; ++s) {
            states[s].abcd = vaddq_u32(states[s].abcd, saved[s].abcd);
            states[s].efgh = vaddq_u32(states[s].efgh, saved[s].efgh);
        }
    }
};

}  // namespace

void sha256_chunks_armsha(const unsigned char *messages, size_t message_bytes, size_t count,
                          unsigned char *digests) {
    hash_chunks<Streams<4>, Streams<2>, Streams<1>>(messages, message_bytes, count, digests);
}

void sha256_blocks_armsha(uint32_t *words, const unsigned char *blocks, size_t count) {
    Streams<1>::State state = {{vld1q_u32(words), vld1q_u32(words + 4)}};
    for (; count > 0; --count, blocks += 64) Streams<1>::compress(state, {blocks});
    vst1q_u32(words, state[0].abcd);
    vst1q_u32(words + 4, state[0].efgh);
}

void sha256_nodes_armsha(const unsigned char *nodes, size_t count, unsigned char *digests) {
    hash_all_nodes<Streams<4>, Streams<2>, Streams<1>>(nodes, count, digests);
}

}  // namespace bcfl
