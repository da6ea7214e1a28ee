// The C interface of exact noise: arguments are checked here, in the order of the guards.

#include "bcfl/bcfl.h"
#include "context.h"
#include "kernel_table.h"

namespace bcfl {

namespace {

constexpr size_t NOISE_BLOCK = 256;  // samples of one key stream
constexpr uint32_t NOISE_STREAM = 4;

// floor(sqrt(square)), for squares below 2^54.
uint64_t floor_root(uint64_t square) {
    uint64_t root = 0;
    for (int bit = 26; bit >= 0; --bit) {
        const uint64_t larger = root | UINT64_C(1) << bit;
        if (larger * larger <= square) root = larger;
    }
    return root;
}

}  // namespace

}  // namespace bcfl

using namespace bcfl;

bcfl_status bcfl_discrete_gaussian(const bcfl_context *context, uint64_t numerator, uint64_t denominator,
                                   const uint8_t seed[BCFL_NOISE_SEED_BYTES], int64_t *out, size_t out_count) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (out_count == 0) return BCFL_EMPTY;
    if (out_count > BCFL_NOISE_COUNT_MAX) return BCFL_VECTOR_LENGTH;
    if (numerator < 1 || numerator > BCFL_VARIANCE_MAX) return BCFL_VARIANCE_RANGE;
    if (denominator < 1 || denominator > BCFL_VARIANCE_MAX) return BCFL_VARIANCE_RANGE;
    if (seed == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (out == nullptr) return BCFL_OUTPUT_SIZE;
    if (overlap(out, out_count, seed, BCFL_NOISE_SEED_BYTES)) return BCFL_OVERLAP;
    const GaussianVariance variance = {numerator, denominator, floor_root(numerator / denominator) + 1};
    const MaskAddKernel stream = VARIANTS[chosen.serving[MASK_ADD]].kernels.mask_add;
    const GaussianKernel run = VARIANTS[chosen.serving[DISCRETE_GAUSSIAN]].kernels.discrete_gaussian;
    in_parts(chosen, (out_count - 1) / NOISE_BLOCK + 1, [=, &variance](size_t block, size_t last) {
        MaskKey key;
        for (size_t i = 0; i < 8; ++i) key.key[i] = load_little_endian(seed + 4 * i);
        key.stream[0] = NOISE_STREAM;
        for (; block < last; ++block) {
            const uint64_t number = block;
            key.stream[1] = static_cast<uint32_t>(number);
            key.stream[2] = static_cast<uint32_t>(number >> 32);
            const size_t first = block * NOISE_BLOCK, left = out_count - first;
            run(stream, key, variance, left < NOISE_BLOCK ? left : NOISE_BLOCK, out + first);
        }
        __builtin_memset(&key, 0, sizeof key);
        __asm__ volatile("" : : "r"(&key) : "memory");  // so that the zeros are really written
    });
    return BCFL_OK;
}
