// Quantisation of any bits that a float can have, and the way back.

#include "fuzzing.h"

namespace {

template <typename Real, typename Function>
void quantize(fuzz::Input &input, Function function) {
    const uint32_t fraction_bits = input.number<uint8_t>() % 33;
    const bool null_values = input.rarely(), null_fault = input.rarely();
    const size_t count = input.up_to(300), out_count = input.rarely() ? input.up_to(300) : count;
    const size_t offset = input.number<uint8_t>();
    fuzz::Buffer<Real> values(count, input);
    const Real *given = null_values ? nullptr : values.data();
    std::vector<uint8_t> result;
    const bcfl_status status = fuzz::agree(
        4 * out_count, offset,
        [&](const bcfl_context *context, bcfl_fault *fault, uint8_t *out) {
            return function(context, given, count, fraction_bits, reinterpret_cast<int32_t *>(out), out_count,
                            null_fault ? nullptr : fault);
        },
        &result);
    if (status != BCFL_OK) return;
    for (size_t i = 0; i < count; ++i) {
        int32_t value;
        std::memcpy(&value, result.data() + 4 * i, sizeof value);
        fuzz::must(-BCFL_COORDINATE_MAX <= value && value <= BCFL_COORDINATE_MAX);
    }
}

void dequantize(fuzz::Input &input) {
    const uint32_t fraction_bits = input.number<uint8_t>() % 33;
    const bool null_values = input.rarely();
    const size_t count = input.up_to(300), out_count = input.rarely() ? input.up_to(300) : count;
    const size_t offset = input.number<uint8_t>();
    fuzz::Buffer<int32_t> values(count, input);
    fuzz::agree(8 * out_count, offset, [&](const bcfl_context *context, bcfl_fault *, uint8_t *out) {
        return bcfl_dequantize(context, null_values ? nullptr : values.data(), count, fraction_bits,
                               reinterpret_cast<double *>(out), out_count);
    });
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    switch (input.number<uint8_t>() % 3) {
        case 0: quantize<float>(input, bcfl_quantize_f32); break;
        case 1: quantize<double>(input, bcfl_quantize_f64); break;
        default: dequantize(input);
    }
    return 0;
}
