// AGG-012, AGG-013: digests of chunks, also of data that comes in pieces, and the root over them.

#include <stddef.h>
#include <stdint.h>

#include "bcfl/bcfl.h"
#include "context.h"
#include "dispatch.h"
#include "kernel_table.h"

namespace bcfl {

namespace {

// Bytes that a thread hashes at least.
constexpr size_t SHA256_PART = SMALL_PARTS ? 1 : size_t{1} << 17;

// A group that leaves lanes empty goes to the variant below, unless that one is plain C++ and loses to half of the
// lanes. Gives how many of `count` messages the wide variant takes, a single one included.
size_t taken_by_wide(const Sha256Slot &wide, const Sha256Slot &narrow, size_t count) {
    const size_t lanes_min = narrow.lanes == 1 && wide.lanes_min > 2 ? 2 : wide.lanes_min;
    const size_t left = count % wide.lanes;
    return left >= lanes_min ? count : count - left;
}

// The level of a Merkle tree above `nodes`, which may begin where the digests do.
void hash_nodes(const Context &chosen, const unsigned char *nodes, size_t count, unsigned char *digests) {
    const Sha256Slot &wide = VARIANTS[chosen.serving[SSZ_MERKLEIZE]].kernels.sha256_chunks;
    const Sha256Slot &narrow = VARIANTS[chosen.narrow_sha256].kernels.sha256_chunks;
    const size_t by_wide = taken_by_wide(wide, narrow, count);
    if (by_wide > 0) wide.nodes(nodes, by_wide, digests);
    if (by_wide < count) narrow.nodes(nodes + 64 * by_wide, count - by_wide, digests + 32 * by_wide);
}

// The digests of `whole` chunks.
void hash_chunks(const Context &chosen, const uint8_t *data, size_t chunk_bytes, size_t whole, uint8_t *digests) {
    const Sha256Slot &wide = VARIANTS[chosen.serving[SHA256_CHUNKS]].kernels.sha256_chunks;
    const Sha256Slot &narrow = VARIANTS[chosen.narrow_sha256].kernels.sha256_chunks;
    // Parts are whole groups of lanes, and long enough to be worth a thread.
    const size_t unit = (SHA256_PART / chunk_bytes / wide.lanes + 1) * wide.lanes;
    in_parts(chosen, whole / unit + 1, [=](size_t first, size_t part_last) {
        const size_t start = first * unit;
        const size_t count = (part_last == whole / unit + 1 ? whole : part_last * unit) - start;
        const size_t by_wide = taken_by_wide(wide, narrow, count);
        const uint8_t *from = data + start * chunk_bytes;
        uint8_t *to = digests + BCFL_DIGEST_BYTES * start;
        if (by_wide > 0) wide.run(from, chunk_bytes, by_wide, to);
        if (by_wide < count)
            narrow.run(from + by_wide * chunk_bytes, chunk_bytes, count - by_wide, to + 32 * by_wide);
    });
}

// A subtree of a Merkle tree.
constexpr size_t SUBTREE_LEVELS =
    SMALL_PARTS ? 1 : 11;  // 64 KiB of chunks: their tree stays near, and threads have whole subtrees
constexpr size_t SUBTREE = size_t{1} << SUBTREE_LEVELS;

constexpr size_t CHUNK = BCFL_DIGEST_BYTES;

// Two nodes of zeros at the bottom of a tree, at the next level, and so on.
struct Zeros {
    unsigned char nodes[2 * CHUNK] = {};

    void rise(const Context &chosen) {
        hash_nodes(chosen, nodes, 1, nodes);
        __builtin_memcpy(nodes + CHUNK, nodes, CHUNK);
    }
};

// Replaces `count` nodes by those `levels` above them, in the workspace, and lets the zeros rise as far; the nodes
// may lie at its beginning. Gives the number of nodes that are left.
size_t rise(const Context &chosen, const unsigned char *level, size_t count, size_t levels, Zeros &zeros,
            unsigned char *workspace) {
    for (; levels > 0; --levels) {
        const size_t pairs = count / 2;
        // The last node of an odd level is read before the digests, which may lie over this level, are written.
        unsigned char last[2 * CHUNK];
        const bool odd = count % 2 == 1;
        if (odd) {
            __builtin_memcpy(last, level + 2 * CHUNK * pairs, CHUNK);
            __builtin_memcpy(last + CHUNK, zeros.nodes, CHUNK);
        }
        if (pairs > 0) hash_nodes(chosen, level, pairs, workspace);
        if (odd) hash_nodes(chosen, last, 1, workspace + CHUNK * pairs);
        count = pairs + (odd ? 1 : 0);
        level = workspace;
        zeros.rise(chosen);
    }
    return count;
}

constexpr uint64_t HASH_MAGIC = 0x6266636c68617368;
constexpr size_t BLOCK = 64;

constexpr uint32_t INITIAL[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

struct HashState {
    uint64_t magic;
    Context context;
    uint64_t chunk_bytes;
    uint64_t inside;  // bytes of a chunk that has begun
    uint32_t words[8];
    uint8_t block[BLOCK];  // its last bytes, fewer than a block
    bool any;

    void compress(const uint8_t *blocks, size_t count) {
        VARIANTS[context.serving[SHA256_BLOCKS]].kernels.sha256_blocks(words, blocks, count);
    }

    void absorb(const uint8_t *data, size_t size) {
        if (inside == 0) __builtin_memcpy(words, INITIAL, sizeof words);
        const size_t waiting = static_cast<size_t>(inside % BLOCK);
        inside += size;
        if (waiting > 0) {
            const size_t taken = size < BLOCK - waiting ? size : BLOCK - waiting;
            __builtin_memcpy(block + waiting, data, taken);
            if (waiting + taken < BLOCK) return;
            compress(block, 1);
            data += taken;
            size -= taken;
        }
        compress(data, size / BLOCK);
        __builtin_memcpy(block, data + size / BLOCK * BLOCK, size % BLOCK);
    }

    // The padding of FIPS 180-4: a one bit, zeros, the length in bits.
    void finish(uint8_t *digest) {
        const size_t waiting = static_cast<size_t>(inside % BLOCK);
        const size_t blocks = waiting < 56 ? 1 : 2;
        uint8_t tail[2 * BLOCK] = {};
        __builtin_memcpy(tail, block, waiting);
        tail[waiting] = 0x80;
        for (size_t i = 0; i < 8; ++i) tail[BLOCK * blocks - 1 - i] = static_cast<uint8_t>(inside * 8 >> 8 * i);
        compress(tail, blocks);
        for (size_t i = 0; i < BCFL_DIGEST_BYTES; ++i) {
            digest[i] = static_cast<uint8_t>(words[i / 4] >> (24 - 8 * (i % 4)));
        }
        inside = 0;
    }
};
static_assert(sizeof(HashState) <= sizeof(bcfl_hash), "the public state is too small");

bool read_state(const bcfl_hash *hash, HashState &state) {
    if (hash == nullptr) return false;
    __builtin_memcpy(&state, hash, sizeof state);
    return state.magic == HASH_MAGIC;
}

}  // namespace

}  // namespace bcfl

using namespace bcfl;

size_t bcfl_sha256_chunks_bytes(size_t size, size_t chunk_bytes) {
    if (size == 0 || chunk_bytes == 0 || chunk_bytes > BCFL_CHUNK_BYTES_MAX) return 0;
    const size_t chunks = (size - 1) / chunk_bytes + 1;
    return chunks <= SIZE_MAX / BCFL_DIGEST_BYTES ? chunks * BCFL_DIGEST_BYTES : 0;
}

bcfl_status bcfl_sha256_chunks(const bcfl_context *context, const uint8_t *data, size_t size, size_t chunk_bytes,
                               uint8_t *digests, size_t digests_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (size == 0) return BCFL_EMPTY;
    if (data == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (chunk_bytes == 0 || chunk_bytes > BCFL_CHUNK_BYTES_MAX) return BCFL_CHUNK_BYTES;
    const size_t needed = bcfl_sha256_chunks_bytes(size, chunk_bytes);
    if (digests == nullptr || needed == 0 || digests_bytes != needed) return BCFL_OUTPUT_SIZE;
    if (overlap(digests, needed, data, size)) return BCFL_OVERLAP;
    const size_t whole = size / chunk_bytes;
    hash_chunks(chosen, data, chunk_bytes, whole, digests);
    const size_t last = size % chunk_bytes;
    if (last > 0) hash_chunks(chosen, data + whole * chunk_bytes, last, 1, digests + BCFL_DIGEST_BYTES * whole);
    return BCFL_OK;
}

bcfl_status bcfl_hash_init(bcfl_hash *hash, const bcfl_context *context, size_t chunk_bytes) {
    if (hash == nullptr) return BCFL_STATE_INVALID;
    HashState state{};
    if (!read_context(context, state.context)) return BCFL_CONTEXT_INVALID;
    if (chunk_bytes == 0 || chunk_bytes > BCFL_CHUNK_BYTES_MAX) return BCFL_CHUNK_BYTES;
    state.magic = HASH_MAGIC;
    state.chunk_bytes = chunk_bytes;
    *hash = bcfl_hash{};
    __builtin_memcpy(hash, &state, sizeof state);
    return BCFL_OK;
}

size_t bcfl_hash_update_bytes(const bcfl_hash *hash, size_t size) {
    HashState state;
    if (!read_state(hash, state) || size > SIZE_MAX - state.inside) return 0;
    const size_t chunks = static_cast<size_t>((state.inside + size) / state.chunk_bytes);
    return chunks <= SIZE_MAX / BCFL_DIGEST_BYTES ? chunks * BCFL_DIGEST_BYTES : 0;
}

bcfl_status bcfl_hash_update(bcfl_hash *hash, const uint8_t *data, size_t size, uint8_t *digests,
                             size_t digests_bytes) {
    HashState state;
    if (!read_state(hash, state)) return BCFL_STATE_INVALID;
    if (size == 0) return digests_bytes == 0 ? BCFL_OK : BCFL_OUTPUT_SIZE;
    if (data == nullptr || size > SIZE_MAX / BCFL_DIGEST_BYTES - state.chunk_bytes) return BCFL_KERNEL_ARGUMENT;
    const size_t chunk_bytes = static_cast<size_t>(state.chunk_bytes);
    if (digests_bytes != bcfl_hash_update_bytes(hash, size) || (digests == nullptr && digests_bytes > 0)) {
        return BCFL_OUTPUT_SIZE;
    }
    if (overlap(digests, digests_bytes, data, size) || overlap(digests, digests_bytes, hash, 1))
        return BCFL_OVERLAP;
    state.any = true;
    if (state.inside > 0) {
        const size_t missing = static_cast<size_t>(chunk_bytes - state.inside);
        const size_t taken = size < missing ? size : missing;
        state.absorb(data, taken);
        data += taken;
        size -= taken;
        if (taken == missing) {
            state.finish(digests);
            digests += BCFL_DIGEST_BYTES;
        }
    }
    if (const size_t whole = size / chunk_bytes; whole > 0) {
        hash_chunks(state.context, data, chunk_bytes, whole, digests);
        data += whole * chunk_bytes;
        size -= whole * chunk_bytes;
    }
    if (size > 0) state.absorb(data, size);
    __builtin_memcpy(hash, &state, sizeof state);
    return BCFL_OK;
}

bcfl_status bcfl_hash_final(bcfl_hash *hash, uint8_t digest[BCFL_DIGEST_BYTES], size_t *digest_bytes) {
    HashState state;
    if (!read_state(hash, state)) return BCFL_STATE_INVALID;
    if (!state.any) return BCFL_EMPTY;
    if (digest == nullptr || digest_bytes == nullptr) return BCFL_OUTPUT_SIZE;
    const size_t length = BCFL_DIGEST_BYTES;
    if (overlap(digest, length, hash, 1) || overlap(digest_bytes, 1, hash, 1) ||
        overlap(digest, length, digest_bytes, 1)) {
        return BCFL_OVERLAP;
    }
    *digest_bytes = state.inside > 0 ? BCFL_DIGEST_BYTES : 0;
    if (state.inside > 0) state.finish(digest);
    *hash = bcfl_hash{};
    return BCFL_OK;
}

size_t bcfl_ssz_merkleize_workspace_bytes(size_t size) {
    const size_t chunks = size / BCFL_DIGEST_BYTES;
    return (chunks / 2 + chunks % 2) * BCFL_DIGEST_BYTES;
}

bcfl_status bcfl_ssz_merkleize(const bcfl_context *context, const uint8_t *chunks, size_t size, uint64_t limit,
                               uint8_t *workspace, size_t workspace_bytes, uint8_t root[BCFL_DIGEST_BYTES]) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (size % CHUNK != 0) return BCFL_MERKLE_LENGTH;
    size_t count = size / CHUNK;
    if (limit == 0 || limit > BCFL_MERKLE_LIMIT_MAX || count > limit) return BCFL_MERKLE_LIMIT;
    if (chunks == nullptr && count > 0) return BCFL_KERNEL_ARGUMENT;
    const size_t needed = bcfl_ssz_merkleize_workspace_bytes(size);
    if (root == nullptr || workspace_bytes < needed || (workspace == nullptr && needed > 0))
        return BCFL_OUTPUT_SIZE;
    if (overlap(root, CHUNK, chunks, size) || overlap(root, CHUNK, workspace, needed) ||
        overlap(workspace, needed, chunks, size)) {
        return BCFL_OVERLAP;
    }
    size_t levels = 0;
    while (uint64_t{1} << levels < limit) ++levels;
    Zeros zeros;
    const unsigned char *level = chunks;
    if (count > SUBTREE) {
        // Each subtree in the part of the workspace that lies under it; then their roots move together.
        const size_t subtrees = (count - 1) / SUBTREE + 1;
        in_parts(chosen, subtrees, [=, &chosen](size_t subtree, size_t last) {
            for (; subtree < last; ++subtree) {
                Zeros own;
                const size_t start = subtree * SUBTREE;
                const size_t nodes = count - start < SUBTREE ? count - start : SUBTREE;
                rise(chosen, chunks + CHUNK * start, nodes, SUBTREE_LEVELS, own, workspace + CHUNK * start / 2);
            }
        });
        for (size_t i = 1; i < subtrees; ++i) {
            __builtin_memcpy(workspace + CHUNK * i, workspace + CHUNK * i * (SUBTREE / 2), CHUNK);
        }
        for (size_t i = 0; i < SUBTREE_LEVELS; ++i) zeros.rise(chosen);
        level = workspace;
        count = subtrees;
        levels -= SUBTREE_LEVELS;
    }
    if (count == 0) {
        for (; levels > 0; --levels) zeros.rise(chosen);
        level = zeros.nodes;
    } else if (levels > 0) {
        rise(chosen, level, count, levels, zeros, workspace);
        level = workspace;
    }
    __builtin_memcpy(root, level, CHUNK);
    return BCFL_OK;
}
