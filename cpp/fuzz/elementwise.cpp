// Division of sums, clipping and the check of the domain.

#include "fuzzing.h"

namespace {

uint64_t any_size(fuzz::Input &input) { return input.number<uint64_t>() >> (input.number<uint8_t>() % 64); }

void div_round(fuzz::Input &input) {
    const uint64_t multiplier = any_size(input), divisor = any_size(input);
    const bool null_numerators = input.rarely();
    const size_t count = input.up_to(100), out_count = input.rarely() ? input.up_to(100) : count;
    const size_t offset = input.number<uint8_t>();
    fuzz::Buffer<int64_t> numerators(count, input);
    const unsigned shift = input.number<uint8_t>() % 64;
    for (size_t i = 0; i < count; ++i) numerators.set(i, numerators.get(i) >> shift);
    fuzz::agree(8 * out_count, offset, [&](const bcfl_context *context, bcfl_fault *fault, uint8_t *out) {
        return bcfl_div_round(context, null_numerators ? nullptr : numerators.data(), count, multiplier, divisor,
                              reinterpret_cast<int64_t *>(out), out_count, fault);
    });
}

void clip_l2(fuzz::Input &input) {
    const uint64_t bound = any_size(input);
    const bool null_vector = input.rarely();
    const size_t count = input.up_to(300), out_count = input.rarely() ? input.up_to(300) : count;
    const size_t offset = input.number<uint8_t>();
    fuzz::Buffer<int32_t> vector(count, input);
    fuzz::confine(vector, input);
    std::vector<uint8_t> result;
    const bcfl_status status = fuzz::agree(
        4 * out_count, offset,
        [&](const bcfl_context *context, bcfl_fault *fault, uint8_t *out) {
            return bcfl_clip_l2(context, null_vector ? nullptr : vector.data(), count, bound,
                                reinterpret_cast<int32_t *>(out), out_count, fault);
        },
        &result);
    if (status != BCFL_OK) return;
    double square = 0;  // exact below 2^53, which a bound of 26 bits keeps it
    for (size_t i = 0; i < count; ++i) {
        int32_t value;
        std::memcpy(&value, result.data() + 4 * i, sizeof value);
        square += static_cast<double>(value) * value;
    }
    if (bound < (1u << 26)) fuzz::must(square <= static_cast<double>(bound) * static_cast<double>(bound));
}

void domain_check(fuzz::Input &input) {
    const bool null_vector = input.rarely(), null_index = input.rarely();
    const size_t count = input.up_to(300);
    fuzz::Buffer<int32_t> vector(count, input);
    fuzz::confine(vector, input);
    fuzz::agree(sizeof(size_t), 0, [&](const bcfl_context *context, bcfl_fault *, uint8_t *out) {
        return bcfl_domain_check(context, null_vector ? nullptr : vector.data(), count,
                                 null_index ? nullptr : reinterpret_cast<size_t *>(out));
    });
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    switch (input.number<uint8_t>() % 3) {
        case 0: div_round(input); break;
        case 1: clip_l2(input); break;
        default: domain_check(input);
    }
    return 0;
}
