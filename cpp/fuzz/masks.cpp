// Masks: added and taken away again they leave the vector.

#include "fuzzing.h"

namespace {

template <typename Word, typename Function>
void mask_add(fuzz::Input &input, Function function) {
    const bool null_vector = input.rarely(), null_key = input.rarely(), null_stream = input.rarely();
    const int subtract = input.number<uint8_t>() & 3;
    const size_t count = input.up_to(1200), out_count = input.rarely() ? input.up_to(100) : count;
    const size_t offset = input.number<uint8_t>();
    fuzz::Buffer<uint8_t> key(BCFL_MASK_KEY_BYTES, input), stream(BCFL_MASK_STREAM_BYTES, input);
    fuzz::Buffer<Word> vector(count, input);
    std::vector<uint8_t> masked;
    const bcfl_status status = fuzz::agree(
        sizeof(Word) * out_count, offset,
        [&](const bcfl_context *context, bcfl_fault *, uint8_t *out) {
            return function(context, null_vector ? nullptr : vector.data(), count, null_key ? nullptr : key.data(),
                            null_stream ? nullptr : stream.data(), subtract, reinterpret_cast<Word *>(out),
                            out_count);
        },
        &masked);
    if (status != BCFL_OK) return;
    fuzz::Buffer<Word> back(count, offset);
    std::memcpy(back.bytes(), masked.data(), back.size());
    fuzz::must(function(&fuzz::contexts()[0], back.data(), count, key.data(), stream.data(), !subtract,
                        back.data(), count) == BCFL_OK);
    fuzz::must(std::memcmp(back.bytes(), vector.bytes(), back.size()) == 0);
}

template <typename Word, typename Many, typename One>
void mask_add_many(fuzz::Input &input, Many many, One one) {
    const bool null_vector = input.rarely(), null_keys = input.rarely();
    const size_t mask_count = input.up_to(6), count = input.up_to(900);
    const size_t out_count = input.rarely() ? input.up_to(100) : count, offset = input.number<uint8_t>();
    fuzz::Buffer<uint8_t> keys(BCFL_MASK_KEY_BYTES * mask_count, input), signs(mask_count, input);
    fuzz::Buffer<uint8_t> streams(BCFL_MASK_STREAM_BYTES * mask_count, input);
    fuzz::Buffer<Word> vector(count, input);
    std::vector<uint8_t> masked;
    const bcfl_status status = fuzz::agree(
        sizeof(Word) * out_count, offset,
        [&](const bcfl_context *context, bcfl_fault *, uint8_t *out) {
            return many(context, null_vector ? nullptr : vector.data(), count, null_keys ? nullptr : keys.data(),
                        streams.data(), signs.data(), mask_count, reinterpret_cast<Word *>(out), out_count);
        },
        &masked);
    if (status != BCFL_OK) return;
    fuzz::Buffer<Word> again(count, offset);
    std::memcpy(again.bytes(), vector.bytes(), again.size());
    for (size_t m = 0; m < mask_count; ++m) {
        fuzz::must(one(&fuzz::contexts()[0], again.data(), count, keys.bytes() + BCFL_MASK_KEY_BYTES * m,
                       streams.bytes() + BCFL_MASK_STREAM_BYTES * m, signs.get(m), again.data(),
                       count) == BCFL_OK);
    }
    fuzz::must(std::memcmp(again.bytes(), masked.data(), again.size()) == 0);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    switch (input.number<uint8_t>() % 4) {
        case 0: mask_add<uint32_t>(input, bcfl_mask_add_u32); break;
        case 1: mask_add<uint64_t>(input, bcfl_mask_add_u64); break;
        case 2: mask_add_many<uint32_t>(input, bcfl_mask_add_many_u32, bcfl_mask_add_u32); break;
        default: mask_add_many<uint64_t>(input, bcfl_mask_add_many_u64, bcfl_mask_add_u64);
    }
    return 0;
}
