// AGG-012: SHA-256 as FIPS 180-4 writes it, one message after another.

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr uint32_t INITIAL[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

constexpr uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

inline uint32_t rotate_right(uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }

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

void compress(uint32_t state[8], const unsigned char *block) {
    uint32_t w[64];
    for (int t = 0; t < 16; ++t) w[t] = load_big_endian(block + 4 * t);
    for (int t = 16; t < 64; ++t) {
        const uint32_t s0 = rotate_right(w[t - 15], 7) ^ rotate_right(w[t - 15], 18) ^ (w[t - 15] >> 3);
        const uint32_t s1 = rotate_right(w[t - 2], 17) ^ rotate_right(w[t - 2], 19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; ++t) {
        const uint32_t s1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
        const uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + K[t] + w[t];
        const uint32_t s0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
        const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

// The last block or two: what is left of the message, a one bit, zeros, the length in bits. Gives their number.
size_t padded_tail(const unsigned char *message, size_t message_bytes, unsigned char tail[128]) {
    const size_t left = message_bytes % 64;
    const size_t blocks = left < 56 ? 1 : 2;
    __builtin_memset(tail, 0, 128);
    __builtin_memcpy(tail, message + (message_bytes - left), left);
    tail[left] = 0x80;
    const uint64_t bits = static_cast<uint64_t>(message_bytes) * 8;
    store_big_endian(tail + 64 * blocks - 8, static_cast<uint32_t>(bits >> 32));
    store_big_endian(tail + 64 * blocks - 4, static_cast<uint32_t>(bits));
    return blocks;
}

}  // namespace

void sha256_chunks_portable(const unsigned char *messages, size_t message_bytes, size_t count,
                            unsigned char *digests) {
    for (size_t n = 0; n < count; ++n) {
        const unsigned char *message = messages + n * message_bytes;
        uint32_t state[8];
        __builtin_memcpy(state, INITIAL, sizeof state);
        for (size_t block = 0; block < message_bytes / 64; ++block) compress(state, message + 64 * block);
        unsigned char tail[128];
        const size_t blocks = padded_tail(message, message_bytes, tail);
        for (size_t block = 0; block < blocks; ++block) compress(state, tail + 64 * block);
        for (int i = 0; i < 8; ++i) store_big_endian(digests + 32 * n + 4 * i, state[i]);
    }
}

void sha256_blocks_portable(uint32_t *words, const unsigned char *blocks, size_t count) {
    for (; count > 0; --count, blocks += 64) compress(words, blocks);
}

void sha256_nodes_portable(const unsigned char *nodes, size_t count, unsigned char *digests) {
    sha256_chunks_portable(nodes, 64, count, digests);
}

}  // namespace bcfl
