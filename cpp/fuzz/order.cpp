// Medians, trimmed and nearest sums, distances.

#include "fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    const unsigned kind = input.number<uint8_t>() % 4;
    const bool null_vectors = input.rarely();
    const size_t vector_count = input.up_to(kind == 3 ? 40 : 140), count = input.up_to(70);
    const size_t choice = input.rarely() ? input.number<uint64_t>() : input.up_to(vector_count + 1);
    const size_t natural = kind == 3 ? 2 * vector_count * vector_count : count;
    const size_t out_count = input.rarely() ? input.up_to(200) : natural;
    const bool no_room = input.rarely();
    const size_t offset = input.number<uint8_t>();
    fuzz::Vectors vectors(vector_count, count, input);
    const int32_t *const *table = null_vectors ? nullptr : vectors.table.data();
    fuzz::agree((kind == 0 ? 4 : 8) * out_count, offset,
                [&](const bcfl_context *context, bcfl_fault *fault, uint8_t *out) {
                    const size_t needed = kind == 3
                                              ? bcfl_pairwise_sqdist_workspace_bytes(context, vector_count, count)
                                              : bcfl_order_workspace_bytes(context, vector_count, count);
                    const fuzz::Room own(needed, no_room);
                    uint8_t *const room = own.data();
                    const size_t room_bytes = own.size();
                    int64_t *sums = reinterpret_cast<int64_t *>(out);
                    switch (kind) {
                        case 0:
                            return bcfl_coordinate_median(context, table, vector_count, count,
                                                          reinterpret_cast<int32_t *>(out), out_count, fault, room,
                                                          room_bytes);
                        case 1:
                            return bcfl_trimmed_sum(context, table, vector_count, count, choice, sums, out_count,
                                                    fault, room, room_bytes);
                        case 2:
                            return bcfl_nearest_sum(context, table, vector_count, count, choice, sums, out_count,
                                                    fault, room, room_bytes);
                        default:
                            return bcfl_pairwise_sqdist(context, table, vector_count, count,
                                                        reinterpret_cast<uint64_t *>(out), out_count, fault, room,
                                                        room_bytes);
                    }
                });
    return 0;
}
