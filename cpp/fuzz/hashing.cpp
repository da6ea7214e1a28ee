// Digests of chunks and Merkle roots.

#include "fuzzing.h"

namespace {

void chunks(fuzz::Input &input) {
    const bool null_data = input.rarely();
    const size_t size = input.up_to(5000);
    const size_t chunk_bytes = input.rarely() ? input.number<uint64_t>() : input.up_to(300);
    const size_t natural = bcfl_sha256_chunks_bytes(size, chunk_bytes);
    const size_t digests_bytes = input.rarely() ? input.up_to(500) : natural;
    const size_t offset = input.number<uint8_t>();
    if (digests_bytes > size_t{1} << 20) return;
    fuzz::Buffer<uint8_t> data(size, input);
    fuzz::agree(digests_bytes, offset, [&](const bcfl_context *context, bcfl_fault *, uint8_t *out) {
        return bcfl_sha256_chunks(context, null_data ? nullptr : data.data(), size, chunk_bytes, out,
                                  digests_bytes);
    });
}

void merkleize(fuzz::Input &input) {
    const bool null_data = input.rarely(), null_root = input.rarely(), null_workspace = input.rarely();
    const size_t size = input.rarely() ? input.up_to(5000) : 32 * input.up_to(200);
    const uint64_t limit = input.number<uint64_t>() >> (input.number<uint8_t>() % 64);
    const size_t natural = bcfl_ssz_merkleize_workspace_bytes(size);
    const size_t workspace_bytes = input.rarely() ? input.up_to(natural) : natural;
    fuzz::Buffer<uint8_t> data(size, input);
    const size_t offset = input.number<uint8_t>();
    fuzz::agree(BCFL_DIGEST_BYTES, offset, [&](const bcfl_context *context, bcfl_fault *, uint8_t *out) {
        fuzz::Buffer<uint8_t> workspace(workspace_bytes, offset);
        return bcfl_ssz_merkleize(context, null_data ? nullptr : data.data(), size, limit,
                                  null_workspace ? nullptr : workspace.data(), workspace_bytes,
                                  null_root ? nullptr : out);
    });
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    if (input.flag()) {
        chunks(input);
    } else {
        merkleize(input);
    }
    return 0;
}
