// Exact noise: the same numbers from every variant.

#include "fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    const uint64_t numerator = input.number<uint64_t>() >> (input.number<uint8_t>() % 64);
    const uint64_t denominator = input.number<uint64_t>() >> (input.number<uint8_t>() % 64);
    const bool null_seed = input.rarely(), null_out = input.rarely();
    const size_t count = input.up_to(40), offset = input.number<uint8_t>();
    fuzz::Buffer<uint8_t> seed(BCFL_NOISE_SEED_BYTES, input);
    fuzz::agree(8 * count, offset, [&](const bcfl_context *context, bcfl_fault *, uint8_t *out) {
        return bcfl_discrete_gaussian(context, numerator, denominator, null_seed ? nullptr : seed.data(),
                                      null_out ? nullptr : reinterpret_cast<int64_t *>(out), count);
    });
    return 0;
}
