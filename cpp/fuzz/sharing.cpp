// Secret sharing: what is dealt can be rebuilt from enough of its shares.

#include <algorithm>

#include "fuzzing.h"

namespace {

void make_legal(fuzz::Buffer<uint64_t> &numbers, fuzz::Input &input) {
    for (size_t i = 0; i < numbers.count(); ++i) numbers.set(i, (numbers.get(i) >> 3) % BCFL_FIELD_MODULUS);
    if (numbers.count() > 0 && input.rarely()) {
        numbers.set(input.up_to(numbers.count() - 1), BCFL_FIELD_MODULUS + (input.number<uint64_t>() >> 3));
    }
}

// `pack` of 0 is Shamir's.
struct Plan {
    size_t pack, threshold, share_count, blocks;
    size_t secret_count() const { return blocks * (pack == 0 ? 1 : pack); }
};

bcfl_status rebuild(const Plan &plan, fuzz::Input &input, const uint64_t *const *table, const uint32_t *positions,
                    size_t share_count, size_t out_count, std::vector<uint8_t> &result) {
    const bool null_shares = input.rarely(), null_positions = input.rarely(), no_room = input.rarely();
    return fuzz::agree(
        8 * out_count, input.number<uint8_t>(),
        [&](const bcfl_context *context, bcfl_fault *fault, uint8_t *bytes) {
            const fuzz::Room own(bcfl_reconstruct_workspace_bytes(context, plan.blocks, plan.pack, plan.threshold),
                                 no_room);
            uint8_t *const room = own.data();
            const size_t room_bytes = own.size();
            const uint64_t *const *shares = null_shares ? nullptr : table;
            const uint32_t *places = null_positions ? nullptr : positions;
            uint64_t *out = reinterpret_cast<uint64_t *>(bytes);
            if (plan.pack == 0) {
                return bcfl_shamir_reconstruct(context, shares, places, share_count, plan.blocks, plan.threshold,
                                               out, out_count, fault, room, room_bytes);
            }
            return bcfl_packed_reconstruct(context, shares, places, share_count, plan.blocks, plan.pack,
                                           plan.threshold, out, out_count, fault, room, room_bytes);
        },
        &result);
}

void deal_and_rebuild(const Plan &plan, fuzz::Input &input) {
    const bool null_secrets = input.rarely(), null_seed = input.rarely(), no_room = input.rarely();
    const size_t count = plan.secret_count() + (input.rarely() ? 1 : 0);
    const size_t natural = plan.blocks * plan.share_count;
    const size_t out_count = input.rarely() ? input.up_to(50) : natural;
    fuzz::Buffer<uint8_t> seed(BCFL_SEED_BYTES, input);
    fuzz::Buffer<uint64_t> secrets(count, input);
    make_legal(secrets, input);
    std::vector<uint8_t> shares;
    const bcfl_status status = fuzz::agree(
        8 * out_count, input.number<uint8_t>(),
        [&](const bcfl_context *context, bcfl_fault *fault, uint8_t *bytes) {
            const fuzz::Room own(bcfl_share_workspace_bytes(context, count, plan.pack, plan.threshold), no_room);
            uint8_t *const room = own.data();
            const size_t room_bytes = own.size();
            const uint64_t *given = null_secrets ? nullptr : secrets.data();
            const uint8_t *given_seed = null_seed ? nullptr : seed.data();
            uint64_t *out = reinterpret_cast<uint64_t *>(bytes);
            if (plan.pack == 0) {
                return bcfl_shamir_share(context, given, count, plan.threshold, plan.share_count, given_seed, out,
                                         out_count, fault, room, room_bytes);
            }
            return bcfl_packed_share(context, given, count, plan.pack, plan.threshold, plan.share_count,
                                     given_seed, out, out_count, fault, room, room_bytes);
        },
        &shares);
    if (status != BCFL_OK) return;

    // Any `threshold` of the shares, in ascending order.
    std::vector<uint32_t> places;
    for (size_t i = 0; i < plan.share_count; ++i) {
        const size_t needed = plan.threshold - places.size();
        if (needed > 0 && (input.flag() || plan.share_count - i <= needed))
            places.push_back(static_cast<uint32_t>(i));
    }
    fuzz::Buffer<uint32_t> positions(places.size(), 0);
    std::vector<fuzz::Buffer<uint64_t>> rows;
    fuzz::Buffer<const uint64_t *> table(places.size(), 0);
    for (size_t i = 0; i < places.size(); ++i) {
        positions.set(i, places[i]);
        rows.emplace_back(plan.blocks, input.number<uint8_t>());
        std::memcpy(rows.back().bytes(), shares.data() + 8 * plan.blocks * places[i], 8 * plan.blocks);
        table.set(i, rows.back().data());
    }
    std::vector<uint8_t> result;
    if (rebuild(plan, input, table.data(), positions.data(), places.size(), count, result) != BCFL_OK) return;
    fuzz::must(std::memcmp(result.data(), secrets.bytes(), secrets.size()) == 0);
}

// Shares that nobody dealt, at any positions.
void rebuild_anything(const Plan &plan, fuzz::Input &input) {
    fuzz::Buffer<uint32_t> positions(plan.share_count, 0);
    std::vector<fuzz::Buffer<uint64_t>> rows;
    fuzz::Buffer<const uint64_t *> table(plan.share_count, 0);
    uint32_t place = 0;
    for (size_t i = 0; i < plan.share_count; ++i) {
        place = input.rarely() ? input.number<uint32_t>() : place + 1 + (input.number<uint8_t>() % 64);
        positions.set(i, place);
        rows.emplace_back(plan.blocks, input);
        make_legal(rows.back(), input);
        table.set(i, rows.back().data());
    }
    if (plan.share_count > 0 && input.rarely()) table.set(input.up_to(plan.share_count - 1), nullptr);
    const size_t out_count = input.rarely() ? input.up_to(50) : plan.secret_count();
    std::vector<uint8_t> result;
    rebuild(plan, input, table.data(), positions.data(), plan.share_count, out_count, result);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    const bool dealt = input.flag(), packed = input.flag(), large = input.rarely();
    Plan plan{};
    plan.share_count = input.up_to(large ? 90 : 24);
    plan.threshold = input.up_to(plan.share_count + 1);
    plan.pack = packed ? 1 + input.up_to(plan.threshold) : 0;
    plan.blocks = input.up_to(large ? 4 : 40);
    if (dealt) {
        deal_and_rebuild(plan, input);
    } else {
        rebuild_anything(plan, input);
    }
    return 0;
}
