// PRV-013: one mask, many masks, and a mask for a vector that comes in pieces.

#include <stddef.h>
#include <stdint.h>

#include "bcfl/bcfl.h"
#include "context.h"
#include "dispatch.h"
#include "kernel_table.h"

namespace bcfl {

namespace {

// Bytes that a thread masks at least, and those that stay near while mask after mask is added to them: a whole
// number of blocks.
constexpr size_t MASK_PART = SMALL_PARTS ? 64 : size_t{1} << 16;
constexpr size_t MASK_TILE = SMALL_PARTS ? 64 : size_t{1} << 14;
constexpr size_t BLOCK = 64;
constexpr uint64_t STREAM_BYTES = uint64_t{BLOCK} << 32;  // then the block counter would begin again

MaskKey mask_key(const uint8_t *key, const uint8_t *stream) {
    MaskKey mask;
    for (size_t i = 0; i < 8; ++i) mask.key[i] = load_little_endian(key + 4 * i);
    for (size_t i = 0; i < 3; ++i) mask.stream[i] = load_little_endian(stream + 4 * i);
    return mask;
}

struct Masks {
    const uint8_t *keys, *streams, *subtract;
    size_t count;

    // Adds all masks to the words from byte `start` on, a whole number of blocks.
    void add(MaskAddKernel run, const unsigned char *vector, size_t start, size_t words, bool wide,
             unsigned char *out) const {
        const uint32_t counter = static_cast<uint32_t>(start / BLOCK);
        for (size_t m = 0; m < count; ++m) {
            MaskKey mask = mask_key(keys + BCFL_MASK_KEY_BYTES * m, streams + BCFL_MASK_STREAM_BYTES * m);
            run((m == 0 ? vector : out) + start, words, mask, counter, wide, subtract[m] != 0, out + start);
            wipe(&mask, sizeof mask);
        }
    }
};

bcfl_status mask_add(const bcfl_context *context, size_t kernel, const void *vector, size_t count, bool wide,
                     const Masks &masks, void *out, size_t out_count) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (count == 0) return BCFL_EMPTY;
    if (vector == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (masks.count > 0 && (masks.keys == nullptr || masks.streams == nullptr || masks.subtract == nullptr)) {
        return BCFL_KERNEL_ARGUMENT;
    }
    const size_t width = wide ? 8 : 4;
    if (count > STREAM_BYTES / width) return BCFL_KERNEL_ARGUMENT;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    const uint8_t *to = static_cast<const uint8_t *>(out);
    if (out != vector && bytes_overlap(out, count * width, vector, count * width)) return BCFL_OVERLAP;
    if (overlap(to, count * width, masks.keys, size_product(masks.count, BCFL_MASK_KEY_BYTES)) ||
        overlap(to, count * width, masks.streams, size_product(masks.count, BCFL_MASK_STREAM_BYTES)) ||
        overlap(to, count * width, masks.subtract, masks.count)) {
        return BCFL_OVERLAP;
    }
    if (masks.count == 0) {
        if (out != vector) __builtin_memcpy(out, vector, count * width);
        return BCFL_OK;
    }
    const MaskAddKernel run = VARIANTS[chosen.serving[kernel]].kernels.mask_add;
    const size_t bytes = count * width;
    in_parts(chosen, (bytes - 1) / MASK_PART + 1, [=, &masks](size_t first, size_t last) {
        const size_t stop = last * MASK_PART < bytes ? last * MASK_PART : bytes;
        // One mask in one run; several in tiles.
        const size_t step = masks.count == 1 ? stop - first * MASK_PART : MASK_TILE;
        for (size_t start = first * MASK_PART; start < stop; start += step) {
            masks.add(run, static_cast<const unsigned char *>(vector), start,
                      (stop - start < step ? stop - start : step) / width, wide,
                      static_cast<unsigned char *>(out));
        }
    });
    return BCFL_OK;
}

constexpr uint64_t MASK_MAGIC = 0x6266636c6d61736b;

struct MaskState {
    uint64_t magic;
    Context context;
    MaskKey key;
    uint32_t subtract;
    uint32_t width;  // 0 until the first piece
    uint64_t bytes;  // of the stream that are used up
};
static_assert(sizeof(MaskState) <= sizeof(bcfl_mask), "the public state is too small");

// The words up to the end of a block that an earlier piece has begun: the stream is added to a block of its own.
size_t finish_block(const MaskState &state, MaskAddKernel run, const unsigned char *vector, size_t bytes,
                    unsigned char *out) {
    const size_t used = static_cast<size_t>(state.bytes % BLOCK);
    if (used == 0) return 0;
    const size_t taken = bytes < BLOCK - used ? bytes : BLOCK - used;
    unsigned char block[BLOCK] = {};
    __builtin_memcpy(block + used, vector, taken);
    run(block, (used + taken) / state.width, state.key, static_cast<uint32_t>(state.bytes / BLOCK),
        state.width == 8, state.subtract != 0, block);
    __builtin_memcpy(out, block + used, taken);
    wipe(block, sizeof block);
    return taken;
}

bcfl_status update(bcfl_mask *mask, const void *vector, size_t count, uint32_t width, void *out,
                   size_t out_count) {
    if (mask == nullptr) return BCFL_STATE_INVALID;
    MaskState state;
    __builtin_memcpy(&state, mask, sizeof state);
    if (state.magic != MASK_MAGIC || (state.width != 0 && state.width != width)) return BCFL_STATE_INVALID;
    if (count == 0) return BCFL_OK;
    if (vector == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (count > (STREAM_BYTES - state.bytes) / width) return BCFL_KERNEL_ARGUMENT;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    const size_t bytes = count * width;
    if ((out != vector && bytes_overlap(out, bytes, vector, bytes)) ||
        bytes_overlap(out, bytes, mask, sizeof *mask)) {
        wipe(&state, sizeof state);
        return BCFL_OVERLAP;
    }
    state.width = width;
    const unsigned char *from = static_cast<const unsigned char *>(vector);
    unsigned char *to = static_cast<unsigned char *>(out);
    const MaskAddKernel run = VARIANTS[state.context.serving[MASK_ADD]].kernels.mask_add;
    const size_t begun = finish_block(state, run, from, bytes, to);
    const size_t left = bytes - begun;
    const uint64_t block = (state.bytes + begun) / BLOCK;
    if (left > 0) {
        in_parts(state.context, (left - 1) / MASK_PART + 1, [&](size_t first, size_t last) {
            const size_t start = first * MASK_PART, stop = last * MASK_PART < left ? last * MASK_PART : left;
            run(from + begun + start, (stop - start) / width, state.key,
                static_cast<uint32_t>(block + start / BLOCK), width == 8, state.subtract != 0, to + begun + start);
        });
    }
    state.bytes += bytes;
    __builtin_memcpy(mask, &state, sizeof state);
    wipe(&state, sizeof state);
    return BCFL_OK;
}

}  // namespace

}  // namespace bcfl

using namespace bcfl;

bcfl_status bcfl_mask_add_u32(const bcfl_context *context, const uint32_t *vector, size_t count,
                              const uint8_t key[BCFL_MASK_KEY_BYTES], const uint8_t stream[BCFL_MASK_STREAM_BYTES],
                              int subtract, uint32_t *out, size_t out_count) {
    const uint8_t sign = subtract != 0;
    return mask_add(context, MASK_ADD, vector, count, false, {key, stream, &sign, 1}, out, out_count);
}

bcfl_status bcfl_mask_add_u64(const bcfl_context *context, const uint64_t *vector, size_t count,
                              const uint8_t key[BCFL_MASK_KEY_BYTES], const uint8_t stream[BCFL_MASK_STREAM_BYTES],
                              int subtract, uint64_t *out, size_t out_count) {
    const uint8_t sign = subtract != 0;
    return mask_add(context, MASK_ADD, vector, count, true, {key, stream, &sign, 1}, out, out_count);
}

bcfl_status bcfl_mask_add_many_u32(const bcfl_context *context, const uint32_t *vector, size_t count,
                                   const uint8_t *keys, const uint8_t *streams, const uint8_t *subtract,
                                   size_t mask_count, uint32_t *out, size_t out_count) {
    return mask_add(context, MASK_ADD_MANY, vector, count, false, {keys, streams, subtract, mask_count}, out,
                    out_count);
}

bcfl_status bcfl_mask_add_many_u64(const bcfl_context *context, const uint64_t *vector, size_t count,
                                   const uint8_t *keys, const uint8_t *streams, const uint8_t *subtract,
                                   size_t mask_count, uint64_t *out, size_t out_count) {
    return mask_add(context, MASK_ADD_MANY, vector, count, true, {keys, streams, subtract, mask_count}, out,
                    out_count);
}

bcfl_status bcfl_mask_init(bcfl_mask *mask, const bcfl_context *context, const uint8_t key[BCFL_MASK_KEY_BYTES],
                           const uint8_t stream[BCFL_MASK_STREAM_BYTES], int subtract) {
    if (mask == nullptr) return BCFL_STATE_INVALID;
    MaskState state{};
    if (!read_context(context, state.context)) return BCFL_CONTEXT_INVALID;
    if (key == nullptr || stream == nullptr) return BCFL_KERNEL_ARGUMENT;
    state.magic = MASK_MAGIC;
    state.key = mask_key(key, stream);
    state.subtract = subtract != 0;
    *mask = bcfl_mask{};
    __builtin_memcpy(mask, &state, sizeof state);
    wipe(&state, sizeof state);
    return BCFL_OK;
}

bcfl_status bcfl_mask_update_u32(bcfl_mask *mask, const uint32_t *vector, size_t count, uint32_t *out,
                                 size_t out_count) {
    return update(mask, vector, count, 4, out, out_count);
}

bcfl_status bcfl_mask_update_u64(bcfl_mask *mask, const uint64_t *vector, size_t count, uint64_t *out,
                                 size_t out_count) {
    return update(mask, vector, count, 8, out, out_count);
}

bcfl_status bcfl_mask_final(bcfl_mask *mask) {
    if (mask == nullptr) return BCFL_STATE_INVALID;
    MaskState state;
    __builtin_memcpy(&state, mask, sizeof state);
    const bool known = state.magic == MASK_MAGIC;
    wipe(&state, sizeof state);
    if (!known) return BCFL_STATE_INVALID;
    wipe(mask, sizeof *mask);
    return BCFL_OK;
}
