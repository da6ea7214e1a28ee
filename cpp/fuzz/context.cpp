// Names, numbers and contexts: the functions of bcfl.h that compute nothing.

#include "fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    const size_t number = input.number<uint64_t>();
    fuzz::must(bcfl_abi_version() == BCFL_ABI_VERSION);
    fuzz::must(bcfl_status_name(static_cast<bcfl_status>(static_cast<unsigned>(number) & 0xffff)) != nullptr);
    fuzz::must((bcfl_variant_name(number) == nullptr) == (number >= bcfl_variant_count()));
    fuzz::must((bcfl_variant_description(number) == nullptr) == (number >= bcfl_variant_count()));
    fuzz::must((bcfl_kernel_name(number) == nullptr) == (number >= bcfl_kernel_count()));
    bcfl_variant_supported(number);
    bcfl_ssz_merkleize_workspace_bytes(number);
    bcfl_sha256_chunks_bytes(number, input.number<uint64_t>());

    // A name that ends where its memory does.
    const size_t length = input.left() < 40 ? input.left() : 40;
    fuzz::Buffer<char> name(length + 1, 0);
    input.bytes(name.bytes(), length);
    name.set(length, 0);
    bcfl_context context{};
    const bcfl_status status = bcfl_context_init(&context, name.data());
    if (status == BCFL_OK) {
        fuzz::must(std::strcmp(bcfl_context_variant(&context), name.data()) == 0);
    } else {
        fuzz::must(status == BCFL_VARIANT_UNKNOWN || status == BCFL_VARIANT_UNSUPPORTED);
    }

    // More threads never need less room.
    const bcfl_context &one = fuzz::contexts()[0];
    bcfl_context many = one;
    fuzz::must(bcfl_context_set_parallel_for(&many, fuzz::serial, nullptr, number) == BCFL_OK);
    const size_t rows = input.number<uint16_t>() % 4096, pack = input.number<uint16_t>() % 4096;
    const size_t count = input.number<uint64_t>();
    fuzz::must(bcfl_order_workspace_bytes(&many, rows, count) >= bcfl_order_workspace_bytes(&one, rows, count));
    fuzz::must(bcfl_pairwise_sqdist_workspace_bytes(&many, rows, count) >=
               bcfl_pairwise_sqdist_workspace_bytes(&one, rows, count));
    fuzz::must(bcfl_share_workspace_bytes(&many, count, pack, rows) >=
               bcfl_share_workspace_bytes(&one, count, pack, rows));
    fuzz::must(bcfl_reconstruct_workspace_bytes(&many, count, pack, rows) >=
               bcfl_reconstruct_workspace_bytes(&one, count, pack, rows));

    // Memory that never was a context is refused by everything, and is not touched.
    bcfl_context forged{};
    input.bytes(&forged, sizeof forged);
    if (fuzz::contexts()[0].opaque[0] == forged.opaque[0]) return 0;  // the mark of a real one
    const bcfl_context before = forged;
    uint8_t byte = 0;
    fuzz::must(bcfl_context_variant(&forged) == nullptr);
    fuzz::must(bcfl_context_kernel_variant(&forged, name.data()) == nullptr);
    fuzz::must(bcfl_context_set_parallel_for(&forged, fuzz::serial, nullptr, number) == BCFL_CONTEXT_INVALID);
    fuzz::must(bcfl_sha256_chunks(&forged, &byte, 1, 1, &byte, 1) == BCFL_CONTEXT_INVALID);
    fuzz::must(std::memcmp(&before, &forged, sizeof before) == 0);
    return 0;
}
