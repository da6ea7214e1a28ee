// Weighted sums of separate vectors.

#include "fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    const bool null_vectors = input.rarely(), null_weights = input.rarely();
    const size_t vector_count = input.up_to(40), count = input.up_to(200);
    const size_t announced = input.rarely() ? 2048 + input.up_to(5) : vector_count;
    const size_t out_count = input.rarely() ? input.up_to(200) : count;
    const size_t offset = input.number<uint8_t>();
    fuzz::Buffer<uint32_t> weights(vector_count, input);
    const uint32_t mask = input.rarely() ? 0x1ffff : 0xffff;
    for (size_t n = 0; n < vector_count; ++n) weights.set(n, weights.get(n) & mask);
    fuzz::Vectors vectors(vector_count, count, input);
    fuzz::agree(8 * out_count, offset, [&](const bcfl_context *context, bcfl_fault *fault, uint8_t *out) {
        return bcfl_weighted_sum(context, null_vectors ? nullptr : vectors.table.data(),
                                 null_weights ? nullptr : weights.data(), announced, count,
                                 reinterpret_cast<int64_t *>(out), out_count, fault);
    });
    return 0;
}
