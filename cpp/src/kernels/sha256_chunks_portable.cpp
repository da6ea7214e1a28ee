// AGG-012: SHA-256 as FIPS 180-4 writes it, one message after another.

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "sha256_chunks.h"

namespace bcfl {

namespace {

inline uint32_t load_big_endian(const unsigned char *p) {
    return static_cast<uint32_t>(p[0]) << 24 | static_cast<uint32_t>(p[1]) << 16 |
           static_cast<uint32_t>(p[2]) << 8 | static_cast<uint32_t>(p[3]);
}

inline void store_big_endian(unsigned char *p, uint32_t x) {
    p[0] = static_cast<unsigned char>(x >> 24);
    p[1] = static_cast<unsigned char>(x >> 16);
    p[2] = static_cast<unsigned char>(x >> 8);
    p[3] = static_cast<unsigned char>(x);
}

// All rounds of a block; `sum(t)` is the word and the constant of one, added.
template <typename Sum>
inline void rounds(uint32_t *state, Sum sum) {
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; ++t) {
        const uint32_t s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
        const uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + sum(t);
        const uint32_t s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
        const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void compress_block(uint32_t *state, const unsigned char *block) {
    uint32_t w[64];
    for (int t = 0; t < 16; ++t) w[t] = load_big_endian(block + 4 * t);
    for (int t = 16; t < 64; ++t) {
        const uint32_t s0 = rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ (w[t - 15] >> 3);
        const uint32_t s1 = rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    rounds(state, [&](int t) { return K[t] + w[t]; });
}

struct One {
    static constexpr size_t LANES = 1;
    using State = uint32_t[8];

    static void begin(State &state) { __builtin_memcpy(state, INITIAL, sizeof state); }
    static void compress(State &state, const unsigned char *const (&blocks)[1]) {
        compress_block(state, blocks[0]);
    }
    static void compress_padding(State &state) {
        rounds(state, [](int t) { return PADDING.sums[t]; });
    }
    static void store(const State &state, size_t, unsigned char *digest) {
        for (int i = 0; i < 8; ++i) store_big_endian(digest + 4 * i, state[i]);
    }
};

}  // namespace

void sha256_chunks_portable(const unsigned char *messages, size_t message_bytes, size_t count,
                            unsigned char *digests) {
    hash_chunks<One>(messages, message_bytes, count, digests);
}

void sha256_blocks_portable(uint32_t *words, const unsigned char *blocks, size_t count) {
    for (; count > 0; --count, blocks += 64) compress_block(words, blocks);
}

void sha256_nodes_portable(const unsigned char *nodes, size_t count, unsigned char *digests) {
    hash_all_nodes<One>(nodes, count, digests);
}

}  // namespace bcfl
