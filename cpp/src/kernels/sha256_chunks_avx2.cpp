// AGG-012 with AVX2: one message in each of eight lanes, for processors without SHA-NI.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr size_t LANES = 8;

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

template <int COUNT>
inline __m256i ror(__m256i x) {
    return _mm256_or_si256(_mm256_srli_epi32(x, COUNT), _mm256_slli_epi32(x, 32 - COUNT));
}

inline __m256i xor3(__m256i x, __m256i y, __m256i z) { return _mm256_xor_si256(_mm256_xor_si256(x, y), z); }

inline __m256i add(__m256i x, __m256i y) { return _mm256_add_epi32(x, y); }

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

const Padding PADDING = padding_of_64_bytes();

struct Working {
    __m256i a, b, c, d, e, f, g, h;

    // One round with the word and the constant of it, added.
    inline __attribute__((always_inline)) void round(__m256i sum) {
        const __m256i s1 = xor3(ror<6>(e), ror<11>(e), ror<25>(e));
        const __m256i choice = _mm256_xor_si256(g, _mm256_and_si256(e, _mm256_xor_si256(f, g)));
        const __m256i t1 = add(add(h, sum), add(s1, choice));
        const __m256i s0 = xor3(ror<2>(a), ror<13>(a), ror<22>(a));
        const __m256i majority =
            _mm256_xor_si256(b, _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(b, c)));
        h = g, g = f, f = e, e = add(d, t1), d = c, c = b, b = a;
        a = add(t1, add(s0, majority));
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

// The second block of a message of 64 bytes: rounds alone.
inline void compress_padding(__m256i (&state)[8]) {
    Working working = Working::of(state);
    for (int rounds = 0; rounds < 64; rounds += 8) {
#pragma GCC unroll 8
        for (int t = 0; t < 8; ++t) working.round(word_of_all(PADDING.sums[rounds + t]));
    }
    working.into(state);
}

inline void compress(__m256i (&state)[8], const unsigned char *const (&blocks)[LANES]) {
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

inline void store(const __m256i (&state)[8], size_t count, unsigned char *digests) {
    __m256i rows[8];
    for (int i = 0; i < 8; ++i) rows[i] = state[i];
    transpose(rows);
    for (size_t lane = 0; lane < count; ++lane) {
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(digests + 32 * lane), big_endian_words(rows[lane]));
    }
}

inline void begin(__m256i (&state)[8]) {
    for (int i = 0; i < 8; ++i) state[i] = word_of_all(INITIAL[i]);
}

// Lanes beyond `count` repeat the last message.
void hash_group(const unsigned char *messages, size_t message_bytes, size_t count, unsigned char *digests) {
    __m256i state[8];
    begin(state);
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

void sha256_chunks_avx2(const unsigned char *messages, size_t message_bytes, size_t count,
                        unsigned char *digests) {
    for (size_t n = 0; n < count; n += LANES) {
        const size_t group = count - n < LANES ? count - n : LANES;
        hash_group(messages + n * message_bytes, message_bytes, group, digests + 32 * n);
    }
}

void sha256_nodes_avx2(const unsigned char *nodes, size_t count, unsigned char *digests) {
    for (size_t n = 0; n < count; n += LANES) {
        const size_t group = count - n < LANES ? count - n : LANES;
        __m256i state[8];
        begin(state);
        const unsigned char *blocks[LANES];
        for (size_t lane = 0; lane < LANES; ++lane)
            blocks[lane] = nodes + 64 * (n + (lane < group ? lane : group - 1));
        compress(state, blocks);
        compress_padding(state);
        store(state, group, digests + 32 * n);
    }
}

}  // namespace bcfl
