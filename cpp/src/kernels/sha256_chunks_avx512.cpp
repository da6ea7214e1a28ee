// AGG-012 with AVX-512: sixteen messages at once, one in each 32-bit lane. A group of fewer messages computes the
// last one in the lanes left over and drops the copies.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"
#include "transpose_avx512.h"

namespace bcfl {

namespace {

constexpr size_t LANES = 16;

alignas(64) constexpr uint32_t K[64] = {
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

// Truth tables of vpternlogd over (x, y, z).
constexpr int XOR3 = 0x96;
constexpr int CHOOSE = 0xca;  // x ? y : z
constexpr int MAJORITY = 0xe8;

inline __m512i big_endian_words(__m512i bytes) {
    return _mm512_shuffle_epi8(
        bytes, _mm512_broadcast_i32x4(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)));
}

inline __m512i xor3(__m512i x, __m512i y, __m512i z) { return _mm512_ternarylogic_epi32(x, y, z, XOR3); }

// For each round of the block that pads a message of 64 bytes, its constant and its word, added.
struct Padding {
    uint32_t sums[64];
};

constexpr uint32_t rotated(uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }

constexpr Padding padding_of_64_bytes() {
    uint32_t w[64] = {0x80000000};
    w[15] = 512;
    Padding padding{};
    for (int t = 0; t < 64; ++t) {
        if (t >= 16) {
            const uint32_t a = w[t - 15], b = w[t - 2];
            w[t] = w[t - 16] + (rotated(a, 7) ^ rotated(a, 18) ^ (a >> 3)) + w[t - 7] +
                   (rotated(b, 17) ^ rotated(b, 19) ^ (b >> 10));
        }
        padding.sums[t] = K[t] + w[t];
    }
    return padding;
}

alignas(64) const Padding PADDING = padding_of_64_bytes();

// The second block of a message of 64 bytes: rounds alone.
inline void compress_padding(__m512i (&state)[8]) {
    __m512i a = state[0], b = state[1], c = state[2], d = state[3];
    __m512i e = state[4], f = state[5], g = state[6], h = state[7];
    for (int rounds = 0; rounds < 64; rounds += 16) {
#pragma GCC unroll 16
        for (int t = 0; t < 16; ++t) {
            const __m512i k = _mm512_set1_epi32(static_cast<int>(PADDING.sums[rounds + t]));
            const __m512i s1 = xor3(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11), _mm512_ror_epi32(e, 25));
            const __m512i choice = _mm512_ternarylogic_epi32(e, f, g, CHOOSE);
            const __m512i t1 = _mm512_add_epi32(_mm512_add_epi32(h, k), _mm512_add_epi32(s1, choice));
            const __m512i s0 = xor3(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13), _mm512_ror_epi32(a, 22));
            const __m512i majority = _mm512_ternarylogic_epi32(a, b, c, MAJORITY);
            h = g, g = f, f = e, e = _mm512_add_epi32(d, t1), d = c, c = b, b = a;
            a = _mm512_add_epi32(t1, _mm512_add_epi32(s0, majority));
        }
    }
    const __m512i worked[8] = {a, b, c, d, e, f, g, h};
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) state[i] = _mm512_add_epi32(state[i], worked[i]);
}

inline void compress(__m512i (&state)[8], const unsigned char *const (&blocks)[LANES]) {
    __m512i w[16];
#pragma GCC unroll 16
    for (size_t lane = 0; lane < LANES; ++lane) w[lane] = big_endian_words(_mm512_loadu_si512(blocks[lane]));
    transpose(w);
    __m512i a = state[0], b = state[1], c = state[2], d = state[3];
    __m512i e = state[4], f = state[5], g = state[6], h = state[7];
    for (int rounds = 0; rounds < 64; rounds += 16) {
#pragma GCC unroll 16
        for (int t = 0; t < 16; ++t) {
            const __m512i k = _mm512_set1_epi32(static_cast<int>(K[rounds + t]));
            const __m512i s1 = xor3(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11), _mm512_ror_epi32(e, 25));
            const __m512i choice = _mm512_ternarylogic_epi32(e, f, g, CHOOSE);
            const __m512i t1 =
                _mm512_add_epi32(_mm512_add_epi32(_mm512_add_epi32(h, k), w[t]), _mm512_add_epi32(s1, choice));
            const __m512i s0 = xor3(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13), _mm512_ror_epi32(a, 22));
            const __m512i majority = _mm512_ternarylogic_epi32(a, b, c, MAJORITY);
            h = g, g = f, f = e, e = _mm512_add_epi32(d, t1), d = c, c = b, b = a;
            a = _mm512_add_epi32(t1, _mm512_add_epi32(s0, majority));
            if (rounds == 48) continue;
            const __m512i w1 = w[(t + 1) % 16], w14 = w[(t + 14) % 16];
            const __m512i small0 =
                xor3(_mm512_ror_epi32(w1, 7), _mm512_ror_epi32(w1, 18), _mm512_srli_epi32(w1, 3));
            const __m512i small1 =
                xor3(_mm512_ror_epi32(w14, 17), _mm512_ror_epi32(w14, 19), _mm512_srli_epi32(w14, 10));
            w[t] = _mm512_add_epi32(_mm512_add_epi32(w[t], small0), _mm512_add_epi32(w[(t + 9) % 16], small1));
        }
    }
    const __m512i worked[8] = {a, b, c, d, e, f, g, h};
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) state[i] = _mm512_add_epi32(state[i], worked[i]);
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

inline void store(const __m512i (&state)[8], size_t count, unsigned char *digests) {
    __m512i rows[16];
    for (int i = 0; i < 8; ++i) rows[i] = state[i];
    for (int i = 8; i < 16; ++i) rows[i] = _mm512_setzero_si512();
    transpose(rows);
    for (size_t lane = 0; lane < count; ++lane) {
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(digests + 32 * lane),
                            _mm512_castsi512_si256(big_endian_words(rows[lane])));
    }
}

void hash_group(const unsigned char *messages, size_t message_bytes, size_t count, unsigned char *digests) {
    __m512i state[8];
    for (int i = 0; i < 8; ++i) state[i] = _mm512_set1_epi32(static_cast<int>(INITIAL[i]));
    const unsigned char *blocks[LANES];
    unsigned char tails[LANES][128];
    size_t tail_blocks = 0;
    for (size_t lane = 0; lane < LANES; ++lane) {
        blocks[lane] = messages + (lane < count ? lane : count - 1) * message_bytes;
        tail_blocks = padded_tail(blocks[lane], message_bytes, tails[lane]);
    }
    for (size_t left = message_bytes / 64; left > 0; --left) {
        compress(state, blocks);
        for (size_t lane = 0; lane < LANES; ++lane) blocks[lane] += 64;
    }
    for (size_t block = 0; block < tail_blocks; ++block) {
        for (size_t lane = 0; lane < LANES; ++lane) blocks[lane] = tails[lane] + 64 * block;
        compress(state, blocks);
    }
    store(state, count, digests);
}

}  // namespace

void sha256_chunks_avx512(const unsigned char *messages, size_t message_bytes, size_t count,
                          unsigned char *digests) {
    for (size_t n = 0; n < count; n += LANES) {
        const size_t group = count - n < LANES ? count - n : LANES;
        hash_group(messages + n * message_bytes, message_bytes, group, digests + 32 * n);
    }
}

void sha256_nodes_avx512(const unsigned char *nodes, size_t count, unsigned char *digests) {
    for (size_t n = 0; n < count; n += LANES) {
        const size_t group = count - n < LANES ? count - n : LANES;
        __m512i state[8];
        for (int i = 0; i < 8; ++i) state[i] = _mm512_set1_epi32(static_cast<int>(INITIAL[i]));
        const unsigned char *blocks[LANES];
        for (size_t lane = 0; lane < LANES; ++lane)
            blocks[lane] = nodes + 64 * (n + (lane < group ? lane : group - 1));
        compress(state, blocks);
        compress_padding(state);
        store(state, group, digests + 32 * n);
    }
}

}  // namespace bcfl
