// What comes in pieces: the results are those of one call, however the pieces are cut.

#include <algorithm>

#include "fuzzing.h"

namespace {

void sum(fuzz::Input &input) {
    const size_t vector_count = input.up_to(12), count = input.up_to(70);
    const bool null_sums = input.rarely(), null_ends = input.rarely();
    const size_t wrong_at = input.rarely() ? input.up_to(vector_count) : vector_count;
    const uint32_t mask = input.rarely() ? 0x1ffff : 0xffff;
    const size_t offset = input.number<uint8_t>();
    fuzz::Buffer<uint32_t> weights(vector_count, input);
    for (size_t n = 0; n < vector_count; ++n) weights.set(n, weights.get(n) & mask);
    fuzz::Vectors vectors(vector_count, count, input);
    std::vector<size_t> taken;
    std::vector<uint8_t> sums;
    const bcfl_status status = fuzz::agree(
        8 * count, offset,
        [&](const bcfl_context *context, bcfl_fault *fault, uint8_t *out) {
            bcfl_sum state;
            std::memset(&state, 0xa5, sizeof state);
            const bcfl_status begun =
                bcfl_sum_init(&state, context, null_sums ? nullptr : reinterpret_cast<int64_t *>(out), count);
            if (begun != BCFL_OK) return begun;
            taken.clear();
            uint64_t total = 0, weighed = 0;
            size_t counted = 0;
            for (size_t n = 0; n < vector_count; ++n) {
                const size_t length = n == wrong_at ? count + 1 : count;  // refused before it is read
                if (bcfl_sum_update(&state, vectors.table.get(n), length, weights.get(n), fault) != BCFL_OK)
                    continue;
                taken.push_back(n);
                total += weights.get(n);
            }
            const bcfl_status ended =
                bcfl_sum_final(&state, null_ends ? nullptr : &counted, null_ends ? nullptr : &weighed);
            if (ended == BCFL_OK && !null_ends) fuzz::must(counted == taken.size() && weighed == total);
            return ended;
        },
        &sums);
    if (status != BCFL_OK) return;
    fuzz::Buffer<const int32_t *> table(taken.size(), 0);
    fuzz::Buffer<uint32_t> chosen(taken.size(), 0);
    for (size_t i = 0; i < taken.size(); ++i) {
        table.set(i, vectors.table.get(taken[i]));
        chosen.set(i, weights.get(taken[i]));
    }
    fuzz::Buffer<int64_t> whole(count, 0);
    fuzz::must(bcfl_weighted_sum(&fuzz::contexts()[0], table.data(), chosen.data(), taken.size(), count,
                                 whole.data(), count, nullptr) == BCFL_OK);
    fuzz::must(std::memcmp(whole.bytes(), sums.data(), whole.size()) == 0);
}

void hash(fuzz::Input &input) {
    const size_t size = input.up_to(3000),
                 chunk_bytes = input.rarely() ? input.number<uint64_t>() : input.up_to(300);
    const size_t offset = input.number<uint8_t>();
    const bool wrong_size = input.rarely();
    const uint32_t cuts = input.number<uint32_t>();
    fuzz::Buffer<uint8_t> data(size, input);
    const size_t natural = bcfl_sha256_chunks_bytes(size, chunk_bytes);
    std::vector<uint8_t> digests;
    const bcfl_status status = fuzz::agree(
        natural, offset,
        [&](const bcfl_context *context, bcfl_fault *, uint8_t *out) {
            bcfl_hash state;
            const bcfl_status begun = bcfl_hash_init(&state, context, chunk_bytes);
            if (begun != BCFL_OK) return begun;
            size_t done = 0, written = 0;
            for (uint32_t step = cuts; done < size; step = step * 1664525u + 1013904223u) {
                const size_t length = std::min<size_t>((step >> 8) % 700, size - done);
                const size_t bytes = bcfl_hash_update_bytes(&state, length);
                fuzz::must(written + bytes <= natural);
                if (wrong_size) {
                    fuzz::must(bcfl_hash_update(&state, data.bytes() + done, length, out + written, bytes + 1) !=
                               BCFL_OK);
                }
                fuzz::Buffer<uint8_t> piece(length, step % 8), part(bytes, step % 8);
                if (length > 0) std::memcpy(piece.bytes(), data.bytes() + done, length);
                fuzz::must(bcfl_hash_update(&state, piece.data(), length, part.data(), bytes) == BCFL_OK);
                if (bytes > 0) std::memcpy(out + written, part.bytes(), bytes);
                done += length;
                written += bytes;
            }
            uint8_t last[BCFL_DIGEST_BYTES];
            size_t last_bytes = 7;
            const bcfl_status ended = bcfl_hash_final(&state, last, &last_bytes);
            if (ended != BCFL_OK) return ended;
            fuzz::must(written + last_bytes == natural);
            if (last_bytes > 0) std::memcpy(out + written, last, last_bytes);
            return ended;
        },
        &digests);
    if (status != BCFL_OK) return;
    fuzz::Buffer<uint8_t> whole(natural, 0);
    fuzz::must(bcfl_sha256_chunks(&fuzz::contexts()[0], data.data(), size, chunk_bytes, whole.data(), natural) ==
               BCFL_OK);
    fuzz::must(std::memcmp(whole.bytes(), digests.data(), natural) == 0);
}

template <typename Word, typename Update, typename Whole>
void mask(fuzz::Input &input, Update update, Whole at_once) {
    const size_t count = input.up_to(1500), offset = input.number<uint8_t>();
    const int subtract = input.number<uint8_t>() & 1;
    const bool null_key = input.rarely(), wrong_size = input.rarely(), other_width = input.rarely();
    const uint32_t cuts = input.number<uint32_t>();
    fuzz::Buffer<uint8_t> key(BCFL_MASK_KEY_BYTES, input), stream(BCFL_MASK_STREAM_BYTES, input);
    fuzz::Buffer<Word> vector(count, input);
    std::vector<uint8_t> masked;
    const bcfl_status status = fuzz::agree(
        vector.size(), offset,
        [&](const bcfl_context *context, bcfl_fault *, uint8_t *out) {
            bcfl_mask state;
            const bcfl_status begun =
                bcfl_mask_init(&state, context, null_key ? nullptr : key.data(), stream.data(), subtract);
            if (begun != BCFL_OK) return begun;
            size_t done = 0;
            for (uint32_t step = cuts; done < count; step = step * 1664525u + 1013904223u) {
                const size_t length = std::min<size_t>((step >> 8) % 400, count - done);
                fuzz::Buffer<Word> piece(length, step % 8);  // masked in place
                if (length > 0) std::memcpy(piece.bytes(), vector.bytes() + done * sizeof(Word), piece.size());
                if (wrong_size && length > 0) {
                    fuzz::must(update(&state, piece.data(), length, piece.data(), length + 1) != BCFL_OK);
                }
                const bcfl_status now = update(&state, piece.data(), length, piece.data(), length);
                if (now != BCFL_OK) return now;
                if (length > 0) std::memcpy(out + done * sizeof(Word), piece.bytes(), piece.size());
                done += length;
            }
            if (other_width && count > 0) {
                uint64_t room = 0;
                const bcfl_status other = sizeof(Word) == 4
                                              ? bcfl_mask_update_u64(&state, &room, 1, &room, 1)
                                              : bcfl_mask_update_u32(&state, reinterpret_cast<uint32_t *>(&room),
                                                                     1, reinterpret_cast<uint32_t *>(&room), 1);
                fuzz::must(other == BCFL_STATE_INVALID);
            }
            return bcfl_mask_final(&state);
        },
        &masked);
    if (status != BCFL_OK || count == 0) return;
    fuzz::Buffer<Word> whole(count, 0);
    fuzz::must(at_once(&fuzz::contexts()[0], vector.data(), count, key.data(), stream.data(), subtract,
                       whole.data(), count) == BCFL_OK);
    fuzz::must(std::memcmp(whole.bytes(), masked.data(), whole.size()) == 0);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz::Input input(data, size);
    switch (input.number<uint8_t>() % 4) {
        case 0: sum(input); break;
        case 1: hash(input); break;
        case 2: mask<uint32_t>(input, bcfl_mask_update_u32, bcfl_mask_add_u32); break;
        default: mask<uint64_t>(input, bcfl_mask_update_u64, bcfl_mask_add_u64);
    }
    return 0;
}
