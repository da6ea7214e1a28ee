// AGG-012 with the SHA-256 instructions of Armv8, four messages interleaved.

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

alignas(16) constexpr uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr uint32_t INITIAL[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

struct State {
    uint32x4_t abcd, efgh;
};

inline State initial() { return {vld1q_u32(INITIAL), vld1q_u32(INITIAL + 4)}; }

inline uint32x4_t swapped(uint32x4_t words) {
    return vreinterpretq_u32_u8(vrev32q_u8(vreinterpretq_u8_u32(words)));
}

template <int STREAMS>
inline void compress(State (&states)[STREAMS], const unsigned char *const (&blocks)[STREAMS]) {
    uint32x4_t w[STREAMS][4];
    State saved[STREAMS];
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
            const uint32x4_t sum = vaddq_u32(word, k), before = states[s].abcd;
            states[s].abcd = vsha256hq_u32(before, states[s].efgh, sum);
            states[s].efgh = vsha256h2q_u32(states[s].efgh, before, sum);
        }
    }
    for (int s = 0; s < STREAMS; ++s) {
        states[s].abcd = vaddq_u32(states[s].abcd, saved[s].abcd);
        states[s].efgh = vaddq_u32(states[s].efgh, saved[s].efgh);
    }
}

// The last block or two: what is left of the message, a one bit, zeros, the length in bits. Gives their number.
inline size_t padded_tail(const unsigned char *message, size_t message_bytes, unsigned char tail[128]) {
    const size_t left = message_bytes % 64;
    const size_t blocks = left < 56 ? 1 : 2;
    __builtin_memset(tail, 0, 128);
    __builtin_memcpy(tail, message + (message_bytes - left), left);
    tail[left] = 0x80;
    const uint64_t bits = __builtin_bswap64(static_cast<uint64_t>(message_bytes) * 8);
    __builtin_memcpy(tail + 64 * blocks - 8, &bits, sizeof bits);
    return blocks;
}

inline void store(const State &state, unsigned char *digest) {
    vst1q_u8(digest, vreinterpretq_u8_u32(swapped(state.abcd)));
    vst1q_u8(digest + 16, vreinterpretq_u8_u32(swapped(state.efgh)));
}

template <int STREAMS>
void hash(const unsigned char *messages, size_t message_bytes, unsigned char *digests) {
    State states[STREAMS];
    const unsigned char *blocks[STREAMS];
    for (int s = 0; s < STREAMS; ++s) {
        states[s] = initial();
        blocks[s] = messages + static_cast<size_t>(s) * message_bytes;
    }
    for (size_t left = message_bytes / 64; left > 0; --left) {
        compress(states, blocks);
        for (int s = 0; s < STREAMS; ++s) blocks[s] += 64;
    }
    unsigned char tails[STREAMS][128];
    size_t tail_blocks = 0;
    for (int s = 0; s < STREAMS; ++s) {
        tail_blocks = padded_tail(messages + static_cast<size_t>(s) * message_bytes, message_bytes, tails[s]);
        blocks[s] = tails[s];
    }
    for (; tail_blocks > 0; --tail_blocks) {
        compress(states, blocks);
        for (int s = 0; s < STREAMS; ++s) blocks[s] += 64;
    }
    for (int s = 0; s < STREAMS; ++s) store(states[s], digests + 32 * s);
}

}  // namespace

void sha256_chunks_armsha(const unsigned char *messages, size_t message_bytes, size_t count,
                          unsigned char *digests) {
    size_t n = 0;
    for (; n + 4 <= count; n += 4) hash<4>(messages + n * message_bytes, message_bytes, digests + 32 * n);
    for (; n + 2 <= count; n += 2) hash<2>(messages + n * message_bytes, message_bytes, digests + 32 * n);
    if (n < count) hash<1>(messages + n * message_bytes, message_bytes, digests + 32 * n);
}

void sha256_blocks_armsha(uint32_t *words, const unsigned char *blocks, size_t count) {
    State states[1] = {{vld1q_u32(words), vld1q_u32(words + 4)}};
    for (; count > 0; --count, blocks += 64) {
        const unsigned char *const block[1] = {blocks};
        compress(states, block);
    }
    vst1q_u32(words, states[0].abcd);
    vst1q_u32(words + 4, states[0].efgh);
}

void sha256_nodes_armsha(const unsigned char *nodes, size_t count, unsigned char *digests) {
    sha256_chunks_armsha(nodes, 64, count, digests);
}

}  // namespace bcfl
