// AGG-006 for vectors that come one after another.

#include <stddef.h>
#include <stdint.h>

#include "bcfl/bcfl.h"
#include "context.h"
#include "dispatch.h"
#include "kernel_table.h"

namespace bcfl {

namespace {

constexpr uint64_t SUM_MAGIC = 0x6266636c73756d73;
constexpr size_t SUM_PART = SMALL_PARTS ? 1 : 16384;  // coordinates that a thread adds at least
constexpr size_t SUM_TILE = SMALL_PARTS ? 1 : 2048;   // products that stay near until they are added

struct SumState {
    uint64_t magic;
    Context context;
    int64_t *sums;
    size_t count, vectors;
    uint64_t weights;
};
static_assert(sizeof(SumState) <= sizeof(bcfl_sum), "the public state is too small");

bool read_state(const bcfl_sum *sum, SumState &state) {
    if (sum == nullptr) return false;
    __builtin_memcpy(&state, sum, sizeof state);
    return state.magic == SUM_MAGIC;
}

// At most 2047 vectors, as AGG-006 wants, so that no sum overflows.
void add(const SumState &state, const int32_t *vector, uint32_t weight) {
    const WeightedSumKernel run = VARIANTS[state.context.serving[WEIGHTED_SUM]].kernels.weighted_sum;
    in_parts(state.context, (state.count - 1) / SUM_PART + 1, [&, run](size_t part, size_t last) {
        const size_t stop = last * SUM_PART < state.count ? last * SUM_PART : state.count;
        int64_t products[SUM_TILE];
        for (size_t first = part * SUM_PART; first < stop; first += SUM_TILE) {
            const size_t count = stop - first < SUM_TILE ? stop - first : SUM_TILE;
            if (state.vectors == 0) {
                run(&vector, &weight, 1, first, count, state.sums + first);
                continue;
            }
            run(&vector, &weight, 1, first, count, products);
            for (size_t i = 0; i < count; ++i) {
                int64_t sum;
                __builtin_memcpy(&sum, state.sums + first + i, sizeof sum);
                sum += products[i];
                __builtin_memcpy(state.sums + first + i, &sum, sizeof sum);
            }
        }
    });
}

}  // namespace

}  // namespace bcfl

using namespace bcfl;

bcfl_status bcfl_sum_init(bcfl_sum *sum, const bcfl_context *context, int64_t *sums, size_t count) {
    if (sum == nullptr) return BCFL_STATE_INVALID;
    SumState state{};
    if (!read_context(context, state.context)) return BCFL_CONTEXT_INVALID;
    if (count == 0) return BCFL_EMPTY;
    if (sums == nullptr) return BCFL_OUTPUT_SIZE;
    if (overlap(sums, count, sum, 1)) return BCFL_OVERLAP;
    state.magic = SUM_MAGIC;
    state.sums = sums;
    state.count = count;
    *sum = bcfl_sum{};
    __builtin_memcpy(sum, &state, sizeof state);
    return BCFL_OK;
}

bcfl_status bcfl_sum_update(bcfl_sum *sum, const int32_t *vector, size_t count, uint32_t weight,
                            bcfl_fault *fault) {
    SumState state;
    if (!read_state(sum, state)) return BCFL_STATE_INVALID;
    if (state.vectors == BCFL_VECTORS_MAX) return BCFL_VECTOR_COUNT;
    if (count == 0) return BCFL_EMPTY;
    if (vector == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (count != state.count) return BCFL_VECTOR_LENGTH;
    if (overlap(state.sums, count, vector, count)) return BCFL_OVERLAP;
    if (weight > BCFL_WEIGHT_MAX) {
        report(fault, state.vectors, 0);
        return BCFL_WEIGHT_RANGE;
    }
    const DomainCheckKernel check = VARIANTS[state.context.serving[DOMAIN_CHECK]].kernels.domain_check;
    const size_t outside = check(vector, count);
    if (outside < count) {
        report(fault, state.vectors, outside);
        return BCFL_DOMAIN_COORDINATE;
    }
    add(state, vector, weight);
    ++state.vectors;
    state.weights += weight;
    __builtin_memcpy(sum, &state, sizeof state);
    return BCFL_OK;
}

bcfl_status bcfl_sum_final(bcfl_sum *sum, size_t *vectors, uint64_t *weights) {
    SumState state;
    if (!read_state(sum, state)) return BCFL_STATE_INVALID;
    if (state.vectors == 0) return BCFL_EMPTY;
    if (overlap(vectors, vectors == nullptr ? 0 : 1, sum, 1) ||
        overlap(weights, weights == nullptr ? 0 : 1, sum, 1)) {
        return BCFL_OVERLAP;
    }
    if (vectors != nullptr && weights != nullptr && overlap(vectors, 1, weights, 1)) return BCFL_OVERLAP;
    if (vectors != nullptr) *vectors = state.vectors;
    if (weights != nullptr) *weights = state.weights;
    *sum = bcfl_sum{};
    return BCFL_OK;
}
