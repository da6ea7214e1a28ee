// Wrong on purpose: writes behind the end of its memory, but only for inputs that have to be found step by step.

#include "fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    fuzz::Buffer<uint8_t> room(3, 0);
    volatile uint8_t *bytes = room.data();
    if (input.number<uint8_t>() != 0xfe) return 0;
    fuzz::must(bcfl_abi_version() == BCFL_ABI_VERSION);  // a place that the engine sees
    if (input.number<uint8_t>() % 8 != 3) return 0;
    fuzz::must(bcfl_variant_count() > 0);
    const size_t index = input.up_to(3);
    bytes[index] = 1;
    return 0;
}
