// AGG-012 whatever computes the rounds: each file sha256_chunks_<variant>.cpp says in a struct how a group of
// messages of one length goes through them, and includes this.
//
// A group has LANES messages at most, a State, and
//   begin(state)                     the state before the first block
//   compress(state, blocks)          takes the next block of every lane
//   compress_padding(state)          takes the second block of messages of 64 bytes, whose words are PADDING
//   store(state, count, digests)     writes the digests of the first `count` lanes
#ifndef BCFL_KERNELS_SHA256_CHUNKS_H
#define BCFL_KERNELS_SHA256_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

alignas(64) constexpr uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

alignas(64) constexpr uint32_t INITIAL[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

constexpr uint32_t rotated(uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }

// For each round of the block that pads a message of 64 bytes, its constant and its word, added.
struct Padding {
    uint32_t sums[64];
};

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

alignas(64) constexpr Padding PADDING = padding_of_64_bytes();

// The last block or two: what is left of the message, a one bit, zeros, the length in bits. Gives their number.
inline size_t padded_tail(const unsigned char *message, size_t message_bytes, unsigned char tail[128]) {
    const size_t left = message_bytes % 64;
    const size_t blocks = left < 56 ? 1 : 2;
    __builtin_memset(tail, 0, 128);
    __builtin_memcpy(tail, message + (message_bytes - left), left);
    tail[left] = 0x80;
    const uint64_t bits = static_cast<uint64_t>(message_bytes) * 8;
    for (size_t i = 0; i < 8; ++i) tail[64 * blocks - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    return blocks;
}

// At most Group::LANES messages; lanes beyond `count` repeat the last one.
template <class Group>
void hash_group(const unsigned char *messages, size_t message_bytes, size_t count, unsigned char *digests) {
    constexpr size_t LANES = Group::LANES;
    typename Group::State state;
    Group::begin(state);
    const unsigned char *blocks[LANES];
    for (size_t lane = 0; lane < LANES; ++lane) {
        blocks[lane] = messages + (lane < count ? lane : count - 1) * message_bytes;
    }
    unsigned char tails[LANES][128];
    size_t tail_blocks = 0;
    for (size_t lane = 0; lane < LANES; ++lane) {
        tail_blocks = padded_tail(blocks[lane], message_bytes, tails[lane]);
    }
    for (size_t left = message_bytes / 64; left > 0; --left) {
        Group::compress(state, blocks);
        for (size_t lane = 0; lane < LANES; ++lane) blocks[lane] += 64;
    }
    for (size_t block = 0; block < tail_blocks; ++block) {
        for (size_t lane = 0; lane < LANES; ++lane) blocks[lane] = tails[lane] + 64 * block;
        Group::compress(state, blocks);
    }
    Group::store(state, count, digests);
}

// The same for messages of 64 bytes.
template <class Group>
void hash_nodes(const unsigned char *nodes, size_t count, unsigned char *digests) {
    constexpr size_t LANES = Group::LANES;
    typename Group::State state;
    Group::begin(state);
    const unsigned char *blocks[LANES];
    for (size_t lane = 0; lane < LANES; ++lane) blocks[lane] = nodes + 64 * (lane < count ? lane : count - 1);
    Group::compress(state, blocks);
    Group::compress_padding(state);
    Group::store(state, count, digests);
}

// Any number of messages: groups of `Group::LANES`, then what is left in groups of `Smaller`, each half as wide as
// the one before, or in one group that is not full.
template <class Group, class... Smaller>
void hash_chunks(const unsigned char *messages, size_t message_bytes, size_t count, unsigned char *digests) {
    size_t n = 0;
    for (; n + Group::LANES <= count; n += Group::LANES) {
        hash_group<Group>(messages + n * message_bytes, message_bytes, Group::LANES, digests + 32 * n);
    }
    if (n == count) return;
    messages += n * message_bytes;
    digests += 32 * n;
    if constexpr (sizeof...(Smaller) > 0) {
        hash_chunks<Smaller...>(messages, message_bytes, count - n, digests);
    } else {
        hash_group<Group>(messages, message_bytes, count - n, digests);
    }
}

template <class Group, class... Smaller>
void hash_all_nodes(const unsigned char *nodes, size_t count, unsigned char *digests) {
    size_t n = 0;
    for (; n + Group::LANES <= count; n += Group::LANES) {
        hash_nodes<Group>(nodes + 64 * n, Group::LANES, digests + 32 * n);
    }
    if (n == count) return;
    nodes += 64 * n;
    digests += 32 * n;
    if constexpr (sizeof...(Smaller) > 0) {
        hash_all_nodes<Smaller...>(nodes, count - n, digests);
    } else {
        hash_nodes<Group>(nodes, count - n, digests);
    }
}

}  // namespace

}  // namespace bcfl

#endif
