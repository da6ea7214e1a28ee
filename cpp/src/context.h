// What the files of the C interface share: the content of a context, and the cutting of work into parts.
#ifndef BCFL_CONTEXT_H
#define BCFL_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "bcfl/bcfl.h"
#include "dispatch.h"
#include "kernel_table.h"

namespace bcfl {

constexpr uint64_t MAGIC = 0x6266636c00000001;  // distinguishes an initialised context from forgotten memory

enum Kernel : size_t {
    QUANTIZE,
    DEQUANTIZE,
    DOMAIN_CHECK,
    WEIGHTED_SUM,
    DIV_ROUND,
    COORDINATE_MEDIAN,
    TRIMMED_SUM,
    NEAREST_SUM,
    PAIRWISE_SQDIST,
    CLIP_L2,
    SHA256_CHUNKS,
    SSZ_MERKLEIZE,
    MASK_ADD,
    MASK_ADD_MANY,
    SHAMIR_SHARE,
    SHAMIR_RECONSTRUCT,
    PACKED_SHARE,
    PACKED_RECONSTRUCT,
    DISCRETE_GAUSSIAN,
    SQUARE_SUM,     // a part of clip_l2, served by itself and not shown
    SHA256_BLOCKS,  // of a chunk that comes in pieces
    KERNEL_COUNT
};

// What a bcfl_context holds: the level asked for, and for each kernel the variant that serves it.
struct Context {
    uint64_t magic;
    uint8_t level;
    uint8_t serving[KERNEL_COUNT];
    uint8_t narrow_sha256;  // for groups too small for the serving variant
    size_t workers;         // 1 without threads
    bcfl_parallel_for parallel_for;
    void *host;
};
static_assert(sizeof(Context) <= sizeof(bcfl_context), "the public context is too small");
static_assert(alignof(Context) <= alignof(bcfl_context), "the public context is not aligned enough");

inline bool read_context(const bcfl_context *outside, Context &context) {
    if (outside == nullptr) return false;
    __builtin_memcpy(&context, outside, sizeof context);
    if (context.magic != MAGIC || context.level >= VARIANT_COUNT) return false;
    for (size_t serving : context.serving) {
        if (serving >= VARIANT_COUNT) return false;
    }
    if (context.workers == 0 || (context.workers > 1 && context.parallel_for == nullptr)) return false;
    return context.narrow_sha256 < VARIANT_COUNT;
}

inline uint32_t load_little_endian(const uint8_t *bytes) {
    return static_cast<uint32_t>(bytes[0]) | static_cast<uint32_t>(bytes[1]) << 8 |
           static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

// Overwrites a secret; the compiler may not leave it out because nobody reads the zeros.
inline void wipe(void *place, size_t bytes) {
    __builtin_memset(place, 0, bytes);
    __asm__ volatile("" : : "r"(place) : "memory");
}

inline void report(bcfl_fault *fault, size_t vector, size_t index) {
    if (fault != nullptr) *fault = {vector, index};
}

// Cuts `units` of work into as many even parts as there are workers and runs `part(first, last)` for each, on the
// host's threads if there are any.
template <typename Part>
void in_parts(const Context &context, size_t units, const Part &part) {
    const size_t parts = context.workers < units ? context.workers : units;
    if (parts < 2) return part(size_t{0}, units);
    struct Job {
        const Part &part;
        size_t units, parts;
    };
    Job job = {part, units, parts};
    const bcfl_task task = [](void *opaque, size_t index) {
        const Job &own = *static_cast<const Job *>(opaque);
        const size_t each = own.units / own.parts, more = own.units % own.parts;
        const size_t first = index * each + (index < more ? index : more);
        own.part(first, first + each + (index < more ? 1 : 0));
    };
    context.parallel_for(context.host, task, &job, parts);
}

}  // namespace bcfl

#endif
