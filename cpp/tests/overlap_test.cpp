// An output that shares a byte with something else is refused, and nothing is written; one that only touches it,
// or lies over it where that is right, gives the bytes that it gives elsewhere.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "bcfl/bcfl.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            std::fprintf(stderr, "line %d: %s is false (%s)\n", __LINE__, #condition, current_case.c_str()); \
            std::exit(1);                                                                                    \
        }                                                                                                    \
    } while (0)

namespace {

std::string current_case;

using Bytes = std::vector<uint8_t>;
// Places of the inputs, the output and the workspace.
using Run = std::function<bcfl_status(const bcfl_context *, uint8_t *const *in, uint8_t *out, uint8_t *room)>;

struct Case {
    const char *name;
    std::vector<Bytes> inputs;
    size_t out_bytes, room_bytes;
    Run run;
    bool in_place = false;  // the output may be the first input
};

template <typename Number>
Bytes bytes_of(const std::vector<Number> &numbers) {
    Bytes bytes(numbers.size() * sizeof(Number));
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    return bytes;
}

template <typename Number>
Number *as(uint8_t *place) {
    return reinterpret_cast<Number *>(place);
}

// Memory in which one buffer stands still, with room for another on either side.
struct Arena {
    size_t margin;
    Bytes memory;
    uint8_t *still;

    Arena(const Bytes &content, size_t moving_bytes)
        : margin((moving_bytes + 2 + 63) / 64 * 64), memory(2 * margin + content.size() + 64, 0x3c) {
        const uintptr_t past = reinterpret_cast<uintptr_t>(memory.data()) % 64;
        still = memory.data() + margin + (64 - past) % 64;
        if (!content.empty()) std::memcpy(still, content.data(), content.size());
    }
};

// Every place of the moving buffer that overlaps the still one by one byte or more, or just does not.
void slide(size_t still_bytes, size_t moving_bytes, const std::function<void(long offset, bool overlap)> &at) {
    const long first = -static_cast<long>(moving_bytes), last = static_cast<long>(still_bytes);
    const long step = last - first > 2000 ? 61 : 1;
    for (long offset : {first - 1, first, first + 1, last - 1, last, last + 1, 0L}) {
        at(offset, offset > first && offset < last);
    }
    for (long offset = first; offset <= last; offset += step) at(offset, offset > first && offset < last);
}

struct Places {
    std::vector<Bytes> inputs;
    std::vector<uint8_t *> in;
    Bytes out, room;

    explicit Places(const Case &tried) : inputs(tried.inputs), out(tried.out_bytes), room(tried.room_bytes) {
        for (Bytes &input : inputs) in.push_back(input.data());
    }
};

void output_over_input(const bcfl_context *context, const Case &tried, const Bytes &wanted, size_t i) {
    slide(tried.inputs[i].size(), tried.out_bytes, [&](long offset, bool overlap) {
        Places places(tried);
        Arena arena(tried.inputs[i], tried.out_bytes);
        places.in[i] = arena.still;
        uint8_t *const out = arena.still + offset;
        const Bytes before = arena.memory;
        const bcfl_status status = tried.run(context, places.in.data(), out, places.room.data());
        if (overlap && !(tried.in_place && i == 0 && offset == 0)) {
            CHECK(status == BCFL_OVERLAP && arena.memory == before);
        } else {
            CHECK(status == BCFL_OK && std::memcmp(out, wanted.data(), wanted.size()) == 0);
        }
    });
}

void workspace_over_input(const bcfl_context *context, const Case &tried, const Bytes &wanted, size_t i) {
    slide(tried.inputs[i].size(), tried.room_bytes, [&](long offset, bool overlap) {
        Places places(tried);
        Arena arena(tried.inputs[i], tried.room_bytes);
        places.in[i] = arena.still;
        const Bytes before = arena.memory;
        const bcfl_status status = tried.run(context, places.in.data(), places.out.data(), arena.still + offset);
        CHECK(status == (overlap ? BCFL_OVERLAP : BCFL_OK));
        CHECK(overlap ? arena.memory == before : places.out == wanted);
    });
}

void output_over_workspace(const bcfl_context *context, const Case &tried, const Bytes &wanted) {
    slide(tried.room_bytes, tried.out_bytes, [&](long offset, bool overlap) {
        Places places(tried);
        Arena arena(places.room, tried.out_bytes);
        uint8_t *const out = arena.still + offset;
        const Bytes before = arena.memory;
        const bcfl_status status = tried.run(context, places.in.data(), out, arena.still);
        CHECK(status == (overlap ? BCFL_OVERLAP : BCFL_OK));
        CHECK(overlap ? arena.memory == before : std::memcmp(out, wanted.data(), wanted.size()) == 0);
    });
}

void test(const bcfl_context *context, const Case &tried) {
    current_case = tried.name;
    Places places(tried);
    CHECK(tried.run(context, places.in.data(), places.out.data(), places.room.data()) == BCFL_OK);
    for (size_t i = 0; i < tried.inputs.size(); ++i) {
        output_over_input(context, tried, places.out, i);
        if (tried.room_bytes > 0) workspace_over_input(context, tried, places.out, i);
    }
    if (tried.room_bytes > 0) output_over_workspace(context, tried, places.out);
}

// ---- the functions

const std::vector<int32_t> VECTOR = {3, -4, 5, 100, -7, 0, 12, 9, -1}, OTHER = {1, 2, 3, 4, -5, 6, 7, 8, 9};
const std::vector<uint64_t> NUMBERS = {9, 8, 7, 6, 5, 4}, MORE = {1, 2, 3, 4, 5, 6};
constexpr size_t D = 9, N = 6, MANY = 65;

std::vector<Case> of_one_input() {
    const Bytes vector = bytes_of(VECTOR);
    return {
        {"quantize_f32",
         {bytes_of(std::vector<float>(D, 0.3f))},
         4 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_quantize_f32(context, as<float>(in[0]), D, 9, as<int32_t>(out), D, nullptr);
         }},
        {"quantize_f64",
         {bytes_of(std::vector<double>(D, 0.3))},
         4 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_quantize_f64(context, as<double>(in[0]), D, 9, as<int32_t>(out), D, nullptr);
         }},
        {"dequantize",
         {vector},
         8 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_dequantize(context, as<int32_t>(in[0]), D, 9, as<double>(out), D);
         }},
        {"domain_check",
         {vector},
         sizeof(size_t),
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_domain_check(context, as<int32_t>(in[0]), D, as<size_t>(out));
         }},
        {"div_round",
         {bytes_of(std::vector<int64_t>(D, 77))},
         8 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_div_round(context, as<int64_t>(in[0]), D, 3, 7, as<int64_t>(out), D, nullptr);
         }},
        {"clip_l2 that clips",
         {vector},
         4 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_clip_l2(context, as<int32_t>(in[0]), D, 10, as<int32_t>(out), D, nullptr);
         }},
        {"clip_l2 that copies",
         {vector},
         4 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_clip_l2(context, as<int32_t>(in[0]), D, 1000, as<int32_t>(out), D, nullptr);
         }},
        {"sha256_chunks",
         {Bytes(300, 7)},
         96,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_sha256_chunks(context, in[0], 300, 100, out, 96);
         }},
        {"ssz_merkleize",
         {Bytes(160, 7)},
         32,
         96,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *room) {
             return bcfl_ssz_merkleize(context, in[0], 160, 8, room, 96, out);
         }},
        {"discrete_gaussian",
         {Bytes(32, 5)},
         8 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_discrete_gaussian(context, 100, 3, in[0], as<int64_t>(out), D);
         }},
    };
}

// The vectors of a call: all the same one, but for the first and the last, which are inputs of the case.
std::vector<const int32_t *> table_of(size_t n, uint8_t *const *in) {
    std::vector<const int32_t *> table(n, VECTOR.data());
    table[0] = as<int32_t>(in[0]);
    table[n - 1] = as<int32_t>(in[1]);
    return table;
}

using OverVectors = std::function<bcfl_status(const bcfl_context *, const int32_t *const *table, size_t n,
                                              uint8_t *out, uint8_t *room, size_t room_bytes)>;

// The same call with the first and the last vector, and with the table of all, as inputs.
void add_over_vectors(std::vector<Case> &cases, const char *name, size_t n, size_t out_bytes, size_t room_bytes,
                      const OverVectors &call) {
    cases.push_back({name,
                     {bytes_of(VECTOR), bytes_of(OTHER)},
                     out_bytes,
                     room_bytes,
                     [=](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *room) {
                         return call(context, table_of(n, in).data(), n, out, room, room_bytes);
                     }});
    const std::vector<const int32_t *> table(n, OTHER.data());
    cases.push_back({name,
                     {bytes_of(table)},
                     out_bytes,
                     room_bytes,
                     [=](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *room) {
                         return call(context, as<const int32_t *const>(in[0]), n, out, room, room_bytes);
                     }});
}

std::vector<Case> over_vectors(const bcfl_context *context) {
    std::vector<Case> cases;
    cases.push_back({"weighted_sum",
                     {bytes_of(VECTOR), bytes_of(OTHER), bytes_of(std::vector<uint32_t>{3, 5})},
                     8 * D,
                     0,
                     [](const bcfl_context *chosen, uint8_t *const *in, uint8_t *out, uint8_t *) {
                         return bcfl_weighted_sum(chosen, table_of(2, in).data(), as<uint32_t>(in[2]), 2, D,
                                                  as<int64_t>(out), D, nullptr);
                     }});
    const size_t order = bcfl_order_workspace_bytes(context, MANY, D);
    CHECK(order >= 64 * MANY && bcfl_order_workspace_bytes(context, 64, D) == 0);
    for (size_t n : {size_t{3}, MANY}) {
        const size_t room_bytes = n == MANY ? order : 0;
        add_over_vectors(cases, "coordinate_median", n, 4 * D, room_bytes,
                         [](const bcfl_context *chosen, const int32_t *const *table, size_t count, uint8_t *out,
                            uint8_t *room, size_t bytes) {
                             return bcfl_coordinate_median(chosen, table, count, D, as<int32_t>(out), D, nullptr,
                                                           room, bytes);
                         });
        add_over_vectors(cases, "trimmed_sum", n, 8 * D, room_bytes,
                         [](const bcfl_context *chosen, const int32_t *const *table, size_t count, uint8_t *out,
                            uint8_t *room, size_t bytes) {
                             return bcfl_trimmed_sum(chosen, table, count, D, 1, as<int64_t>(out), D, nullptr,
                                                     room, bytes);
                         });
        add_over_vectors(cases, "nearest_sum", n, 8 * D, room_bytes,
                         [](const bcfl_context *chosen, const int32_t *const *table, size_t count, uint8_t *out,
                            uint8_t *room, size_t bytes) {
                             return bcfl_nearest_sum(chosen, table, count, D, 2, as<int64_t>(out), D, nullptr,
                                                     room, bytes);
                         });
    }
    add_over_vectors(cases, "pairwise_sqdist", 3, 16 * 9, bcfl_pairwise_sqdist_workspace_bytes(context, 3, D),
                     [](const bcfl_context *chosen, const int32_t *const *table, size_t count, uint8_t *out,
                        uint8_t *room, size_t bytes) {
                         return bcfl_pairwise_sqdist(chosen, table, count, D, as<uint64_t>(out), 2 * count * count,
                                                     nullptr, room, bytes);
                     });
    return cases;
}

std::vector<Case> of_masks() {
    const Bytes key(32, 1), stream(12, 2), keys(64, 3), streams(24, 4), signs = {0, 1};
    const Bytes narrow(4 * D, 9), wide(8 * D, 9);
    return {
        {"mask_add_u32",
         {narrow, key, stream},
         4 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_mask_add_u32(context, as<uint32_t>(in[0]), D, in[1], in[2], 0, as<uint32_t>(out), D);
         },
         true},
        {"mask_add_u64",
         {wide, key, stream},
         8 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_mask_add_u64(context, as<uint64_t>(in[0]), D, in[1], in[2], 1, as<uint64_t>(out), D);
         },
         true},
        {"mask_add_many_u32",
         {narrow, keys, streams, signs},
         4 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_mask_add_many_u32(context, as<uint32_t>(in[0]), D, in[1], in[2], in[3], 2,
                                           as<uint32_t>(out), D);
         },
         true},
        {"mask_add_many_u64",
         {wide, keys, streams, signs},
         8 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_mask_add_many_u64(context, as<uint64_t>(in[0]), D, in[1], in[2], in[3], 2,
                                           as<uint64_t>(out), D);
         },
         true},
        {"mask_add_many_u32 without masks",
         {narrow},
         4 * D,
         0,
         [](const bcfl_context *context, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_mask_add_many_u32(context, as<uint32_t>(in[0]), D, nullptr, nullptr, nullptr, 0,
                                           as<uint32_t>(out), D);
         },
         true},
    };
}

std::vector<Case> of_sharing(const bcfl_context *context) {
    std::vector<Case> cases;
    const Bytes secrets = bytes_of(NUMBERS), seed(32, 6);
    for (size_t t : {size_t{3}, MANY}) {
        const size_t room_bytes = bcfl_share_workspace_bytes(context, N, 0, t);
        const size_t back_bytes = bcfl_reconstruct_workspace_bytes(context, N, 2, t);
        CHECK((t == MANY) == (room_bytes > 0) && (t == MANY) == (back_bytes > 0));
        cases.push_back({"shamir_share",
                         {secrets, seed},
                         8 * N * t,
                         room_bytes,
                         [=](const bcfl_context *chosen, uint8_t *const *in, uint8_t *out, uint8_t *room) {
                             return bcfl_shamir_share(chosen, as<uint64_t>(in[0]), N, t, t, in[1],
                                                      as<uint64_t>(out), N * t, nullptr, room, room_bytes);
                         }});
        cases.push_back({"packed_share",
                         {secrets, seed},
                         4 * N * t,
                         room_bytes,
                         [=](const bcfl_context *chosen, uint8_t *const *in, uint8_t *out, uint8_t *room) {
                             return bcfl_packed_share(chosen, as<uint64_t>(in[0]), N, 2, t, t, in[1],
                                                      as<uint64_t>(out), N / 2 * t, nullptr, room, room_bytes);
                         }});
        std::vector<uint32_t> positions;
        for (uint32_t i = 0; i < t; ++i) positions.push_back(i);
        const std::vector<const uint64_t *> table(t, MORE.data());
        const auto rebuild = [=](const bcfl_context *chosen, const uint64_t *const *shares, const uint8_t *places,
                                 size_t pack, uint8_t *out, uint8_t *room) {
            const uint32_t *at = reinterpret_cast<const uint32_t *>(places);
            if (pack == 1) {
                return bcfl_shamir_reconstruct(chosen, shares, at, t, N, t, as<uint64_t>(out), N, nullptr, room,
                                               back_bytes);
            }
            return bcfl_packed_reconstruct(chosen, shares, at, t, N, pack, t, as<uint64_t>(out), N * pack, nullptr,
                                           room, back_bytes);
        };
        for (size_t pack : {size_t{1}, size_t{2}}) {
            // Only the workspace that is used counts, so Shamir's is asked for by itself.
            const size_t used = pack == 1 ? bcfl_reconstruct_workspace_bytes(context, N, 0, t) : back_bytes;
            cases.push_back({"reconstruct",
                             {secrets, bytes_of(MORE), bytes_of(positions)},
                             8 * N * pack,
                             used,
                             [=](const bcfl_context *chosen, uint8_t *const *in, uint8_t *out, uint8_t *room) {
                                 std::vector<const uint64_t *> rows = table;
                                 rows[0] = as<uint64_t>(in[0]);
                                 rows[t - 1] = as<uint64_t>(in[1]);
                                 return rebuild(chosen, rows.data(), in[2], pack, out, room);
                             }});
            cases.push_back({"reconstruct",
                             {bytes_of(table)},
                             8 * N * pack,
                             used,
                             [=](const bcfl_context *chosen, uint8_t *const *in, uint8_t *out, uint8_t *room) {
                                 return rebuild(chosen, as<const uint64_t *const>(in[0]),
                                                reinterpret_cast<const uint8_t *>(positions.data()), pack, out,
                                                room);
                             }});
        }
    }
    return cases;
}

template <typename State>
Bytes state_bytes(const State &state) {
    Bytes bytes(sizeof state);
    std::memcpy(bytes.data(), &state, sizeof state);
    return bytes;
}

std::vector<Case> in_pieces(const bcfl_context *context) {
    bcfl_hash hash;
    bcfl_mask mask;
    const uint8_t key[32] = {1}, stream[12] = {2};
    CHECK(bcfl_hash_init(&hash, context, 50) == BCFL_OK);
    CHECK(bcfl_mask_init(&mask, context, key, stream, 0) == BCFL_OK);
    bcfl_hash begun = hash;
    CHECK(bcfl_hash_update(&begun, key, 32, nullptr, 0) == BCFL_OK);
    return {
        {"sum_init",
         {Bytes(sizeof(bcfl_sum))},
         8 * D,
         0,
         [](const bcfl_context *chosen, uint8_t *const *in, uint8_t *out, uint8_t *) {
             const bcfl_status status = bcfl_sum_init(as<bcfl_sum>(in[0]), chosen, as<int64_t>(out), D);
             return status != BCFL_OK ? status
                                      : bcfl_sum_update(as<bcfl_sum>(in[0]), VECTOR.data(), D, 3, nullptr);
         }},
        {"sum_update",
         {bytes_of(VECTOR)},
         8 * D,
         0,
         [](const bcfl_context *chosen, uint8_t *const *in, uint8_t *out, uint8_t *) {
             bcfl_sum sum;
             const bcfl_status status = bcfl_sum_init(&sum, chosen, as<int64_t>(out), D);
             return status != BCFL_OK ? status : bcfl_sum_update(&sum, as<int32_t>(in[0]), D, 3, nullptr);
         }},
        {"hash_update",
         {Bytes(120, 8), state_bytes(hash)},
         64,
         0,
         [](const bcfl_context *, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_hash_update(as<bcfl_hash>(in[1]), in[0], 120, out, 64);
         }},
        {"hash_final",
         {state_bytes(begun)},
         32,
         0,
         [](const bcfl_context *, uint8_t *const *in, uint8_t *out, uint8_t *) {
             size_t bytes = 0;
             return bcfl_hash_final(as<bcfl_hash>(in[0]), out, &bytes);
         }},
        {"hash_final, the size",
         {state_bytes(begun), Bytes(32)},
         sizeof(size_t),
         0,
         [](const bcfl_context *, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_hash_final(as<bcfl_hash>(in[0]), in[1], as<size_t>(out));
         }},
        {"mask_update_u32",
         {Bytes(4 * D, 9), state_bytes(mask)},
         4 * D,
         0,
         [](const bcfl_context *, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_mask_update_u32(as<bcfl_mask>(in[1]), as<uint32_t>(in[0]), D, as<uint32_t>(out), D);
         },
         true},
        {"mask_update_u64",
         {Bytes(8 * D, 9), state_bytes(mask)},
         8 * D,
         0,
         [](const bcfl_context *, uint8_t *const *in, uint8_t *out, uint8_t *) {
             return bcfl_mask_update_u64(as<bcfl_mask>(in[1]), as<uint64_t>(in[0]), D, as<uint64_t>(out), D);
         },
         true},
    };
}

void test_sum_final(const bcfl_context *context) {
    current_case = "sum_final";
    std::vector<int64_t> sums(D);
    bcfl_sum sum;
    CHECK(bcfl_sum_init(&sum, context, sums.data(), D) == BCFL_OK);
    CHECK(bcfl_sum_update(&sum, VECTOR.data(), D, 3, nullptr) == BCFL_OK);
    CHECK(bcfl_sum_final(&sum, reinterpret_cast<size_t *>(&sum.opaque[1]), nullptr) == BCFL_OVERLAP);
    CHECK(bcfl_sum_final(&sum, nullptr, &sum.opaque[23]) == BCFL_OVERLAP);
    uint64_t both = 0;
    CHECK(bcfl_sum_final(&sum, reinterpret_cast<size_t *>(&both), &both) == BCFL_OVERLAP);
    CHECK(bcfl_sum_final(&sum, nullptr, &both) == BCFL_OK && both == 3);
}

}  // namespace

int main() {
    CHECK(std::strcmp(bcfl_status_name(BCFL_OVERLAP), "OVERLAP") == 0);
    for (size_t variant = 0; variant < bcfl_variant_count(); ++variant) {
        bcfl_context context;
        if (bcfl_context_init(&context, bcfl_variant_name(variant)) != BCFL_OK) continue;
        for (const std::vector<Case> &cases :
             {of_one_input(), over_vectors(&context), of_masks(), of_sharing(&context), in_pieces(&context)}) {
            for (const Case &tried : cases) test(&context, tried);
        }
        test_sum_final(&context);
    }
    return 0;
}
