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

// Parts of work as small as they can be, so that inputs of tests take several threads (-DBCFL_SMALL_PARTS=ON).
#ifdef BCFL_SMALL_PARTS
constexpr bool SMALL_PARTS = true;
#else
constexpr bool SMALL_PARTS = false;
#endif

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

// How many parts in_parts makes of `units` of work.
inline size_t parts_of(const Context &context, size_t units) {
    const size_t parts = context.workers < units ? context.workers : units;
    return parts < 2 ? 1 : parts;
}

// Cuts `units` of work into as many even parts as there are workers and runs `part(number, first, last)` for each,
// on the host's threads if there are any.
template <typename Part>
void in_numbered_parts(const Context &context, size_t units, const Part &part) {
    const size_t parts = parts_of(context, units);
    if (parts == 1) return part(size_t{0}, size_t{0}, units);
    struct Job {
        const Part &part;
        size_t units, parts;
    };
    Job job = {part, units, parts};
    const bcfl_task task = [](void *opaque, size_t index) {
        const Job &own = *static_cast<const Job *>(opaque);
        const size_t each = own.units / own.parts, more = own.units % own.parts;
        const size_t first = index * each + (index < more ? index : more);
        own.part(index, first, first + each + (index < more ? 1 : 0));
    };
    context.parallel_for(context.host, task, &job, parts);
}

// The same for parts that need no memory of their own: `part(first, last)`.
template <typename Part>
void in_parts(const Context &context, size_t units, const Part &part) {
    in_numbered_parts(context, units, [&part](size_t, size_t first, size_t last) { part(first, last); });
}

// Memory of the caller for what no small stack holds; it begins at a multiple of a line of the cache, which is the
// size of all that is put there.
constexpr size_t LINE_BYTES = 64;

// Sizes that no memory has are the largest number, and never wrap to a small one.
inline size_t size_product(size_t a, size_t b) { return b > 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b; }
inline size_t size_sum(size_t a, size_t b) { return a > SIZE_MAX - b ? SIZE_MAX : a + b; }

inline size_t bytes_of_lines(size_t lines) {
    return lines == 0 ? 0 : size_sum(size_product(LINE_BYTES, lines), LINE_BYTES - 1);
}

inline unsigned char *first_line(void *workspace) {
    const uintptr_t past = reinterpret_cast<uintptr_t>(workspace) % LINE_BYTES;
    return static_cast<unsigned char *>(workspace) + (LINE_BYTES - past) % LINE_BYTES;
}

// Whether two places of memory have a byte in common; nothing overlaps an empty one.
inline bool bytes_overlap(const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
    const uintptr_t from_a = reinterpret_cast<uintptr_t>(a), from_b = reinterpret_cast<uintptr_t>(b);
    return a_bytes > 0 && b_bytes > 0 && (from_a - from_b < b_bytes || from_b - from_a < a_bytes);
}

template <typename A, typename B>
bool overlap(const A *a, size_t a_count, const B *b, size_t b_count) {
    return bytes_overlap(a, size_product(a_count, sizeof *a), b, size_product(b_count, sizeof *b));
}

// The same for an output and several vectors, with the table of their places.
template <typename Output, typename Number>
bool overlaps_any(const Output *out, size_t out_count, const Number *const *vectors, size_t vector_count,
                  size_t count) {
    bool any = overlap(out, out_count, vectors, vector_count);
    for (size_t n = 0; n < vector_count; ++n) any |= overlap(out, out_count, vectors[n], count);
    return any;
}

}  // namespace bcfl

#endif
