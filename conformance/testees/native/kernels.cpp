// The operations `kernels.*`: each is one call of the library (spec/aggregation.md, spec/privacy.md).

#include <cstring>

#include "operations.h"

using json::Value;

namespace {

Value result(const char *name, Value value) {
    Value made = Value::object();
    made.set(name, std::move(value));
    return made;
}

template <typename Number>
std::vector<Number> from_bits(const Value &data) {
    std::vector<Number> found;
    for (const Value &item : rows(data)) {
        const Bytes digits = bytes(item);
        if (digits.size() != sizeof(Number)) {
            throw Refused{"ENCODING_INVALID"};
        }
        uint64_t bits = 0;
        for (const uint8_t digit : digits) {
            bits = bits << 8 | digit;
        }
        Number value;
        if (sizeof(Number) == 4) {
            const uint32_t half = static_cast<uint32_t>(bits);
            std::memcpy(&value, &half, sizeof value);
        } else {
            std::memcpy(&value, &bits, sizeof value);
        }
        found.push_back(value);
    }
    return found;
}

Value quantize(const Value &input) {
    const std::string element = field(input, "element").text();
    const uint32_t fraction_bits = static_cast<uint32_t>(number(field(input, "fraction_bits"), 8));
    const Value &values = field(input, "values");
    Vector out(rows(values).size());
    if (element == "f32") {
        const auto given = from_bits<float>(values);
        check(bcfl_quantize_f32(library(), given.data(), given.size(), fraction_bits, out.data(), out.size(),
                                nullptr));
    } else if (element == "f64") {
        const auto given = from_bits<double>(values);
        check(bcfl_quantize_f64(library(), given.data(), given.size(), fraction_bits, out.data(), out.size(),
                                nullptr));
    } else {
        throw Refused{"ENCODING_INVALID"};
    }
    return result("values", integers(out));
}

Value dequantize(const Value &input) {
    const Vector values = vector(field(input, "values"));
    const uint32_t fraction_bits = static_cast<uint32_t>(number(field(input, "fraction_bits"), 8));
    std::vector<double> out(values.size());
    check(bcfl_dequantize(library(), values.data(), values.size(), fraction_bits, out.data(), out.size()));
    Value made = Value::array();
    for (const double value : out) {
        uint64_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        uint8_t digits[8];
        for (int place = 0; place < 8; ++place) {
            digits[place] = static_cast<uint8_t>(bits >> (56 - 8 * place));
        }
        made.add(hex(digits, sizeof digits));
    }
    return result("values", std::move(made));
}

Value domain_check(const Value &input) {
    const Vector given = vector(field(input, "vector"));
    size_t index = 0;
    check(bcfl_domain_check(library(), given.data(), given.size(), &index));
    const int64_t found = index == given.size() ? -1 : static_cast<int64_t>(index);
    return result("index", decimal(static_cast<uint64_t>(found)));
}

Value weighted_sum(const Value &input) {
    const std::vector<Vector> given = vectors(field(input, "vectors"));
    std::vector<uint32_t> weights;
    for (const uint64_t weight : numbers(field(input, "weights"), 32)) {
        weights.push_back(static_cast<uint32_t>(weight));
    }
    const Rows<int32_t> view(given);
    if (weights.size() != view.count()) {
        throw Refused{"WEIGHT_COUNT"};
    }
    std::vector<int64_t> sums(view.length());
    check(bcfl_weighted_sum(library(), view.data(), weights.data(), view.count(), view.length(), sums.data(),
                            sums.size(), nullptr));
    return result("sums", decimals(sums));
}

Value div_round(const Value &input) {
    std::vector<int64_t> numerators;
    for (const uint64_t word : numbers(field(input, "numerators"), 64)) {
        numerators.push_back(static_cast<int64_t>(word));
    }
    const uint64_t multiplier = number(field(input, "multiplier"), 32);
    const uint64_t divisor = number(field(input, "divisor"), 64);
    std::vector<int64_t> quotients(numerators.size());
    check(bcfl_div_round(library(), numerators.data(), numerators.size(), multiplier, divisor, quotients.data(),
                         quotients.size(), nullptr));
    return result("quotients", decimals(quotients));
}

Value coordinate_median(const Value &input) {
    const std::vector<Vector> given = vectors(field(input, "vectors"));
    const Rows<int32_t> view(given);
    Vector out(view.length());
    Bytes room(bcfl_order_workspace_bytes(library(), view.count(), view.length()));
    check(bcfl_coordinate_median(library(), view.data(), view.count(), view.length(), out.data(), out.size(),
                                 nullptr, room.data(), room.size()));
    return result("values", integers(out));
}

using Selection = decltype(&bcfl_trimmed_sum);

Value selected_sum(Selection kernel, const Value &input, const char *name) {
    const std::vector<Vector> given = vectors(field(input, "vectors"));
    const size_t chosen = number(field(input, name), 16);
    const Rows<int32_t> view(given);
    std::vector<int64_t> sums(view.length());
    Bytes room(bcfl_order_workspace_bytes(library(), view.count(), view.length()));
    check(kernel(library(), view.data(), view.count(), view.length(), chosen, sums.data(), sums.size(), nullptr,
                 room.data(), room.size()));
    return result("sums", decimals(sums));
}

Value trimmed_sum(const Value &input) { return selected_sum(bcfl_trimmed_sum, input, "trim"); }

Value nearest_sum(const Value &input) { return selected_sum(bcfl_nearest_sum, input, "keep"); }

Value pairwise_sqdist(const Value &input) {
    const std::vector<Vector> given = vectors(field(input, "vectors"));
    const Rows<int32_t> view(given);
    const size_t count = view.count();
    std::vector<uint64_t> words(2 * count * count);
    Bytes room(bcfl_pairwise_sqdist_workspace_bytes(library(), count, view.length()));
    check(bcfl_pairwise_sqdist(library(), view.data(), count, view.length(), words.data(), words.size(), nullptr,
                               room.data(), room.size()));
    Value table = Value::array();
    for (size_t i = 0; i < count; ++i) {
        Value row = Value::array();
        for (size_t j = 0; j < count; ++j) {
            const size_t place = 2 * (i * count + j);
            row.add(decimal(static_cast<Wide>(words[place + 1]) << 64 | words[place]));
        }
        table.add(std::move(row));
    }
    return result("distances", std::move(table));
}

Value clip_l2(const Value &input) {
    const Vector given = vector(field(input, "vector"));
    const uint64_t bound = number(field(input, "bound"), 64);
    Vector out(given.size());
    check(bcfl_clip_l2(library(), given.data(), given.size(), bound, out.data(), out.size(), nullptr));
    return result("vector", integers(out));
}

Value sha256_chunks(const Value &input) {
    const Bytes data = bytes(field(input, "data"));
    const size_t chunk_bytes = number(field(input, "chunk_bytes"), 32);
    Bytes digests(bcfl_sha256_chunks_bytes(data.size(), chunk_bytes));
    check(bcfl_sha256_chunks(library(), data.data(), data.size(), chunk_bytes, digests.data(), digests.size()));
    Value made = Value::array();
    for (size_t place = 0; place < digests.size(); place += BCFL_DIGEST_BYTES) {
        made.add(hex(digests.data() + place, BCFL_DIGEST_BYTES));
    }
    return result("digests", std::move(made));
}

Value ssz_merkleize(const Value &input) {
    const Bytes chunks = bytes(field(input, "chunks"));
    const uint64_t limit = number(field(input, "limit"), 64);
    Bytes workspace(bcfl_ssz_merkleize_workspace_bytes(chunks.size()));
    uint8_t root[BCFL_DIGEST_BYTES];
    check(bcfl_ssz_merkleize(library(), chunks.data(), chunks.size(), limit, workspace.data(), workspace.size(),
                             root));
    return result("root", hex(root, sizeof root));
}

// PRV-013: what is added or subtracted; the library's types say how long a key and a stream id are.
struct Mask {
    Bytes key, stream;
    uint8_t subtract;
};

Mask mask_of(const Value &data) {
    return {bytes(field(data, "key")), bytes(field(data, "stream")),
            static_cast<uint8_t>(flag(field(data, "subtract")) ? 1 : 0)};
}

std::vector<uint64_t> masked_words(uint64_t ring, const Value &given, const std::vector<Mask> &masks) {
    if (ring != 32 && ring != 64) {
        throw Refused{"RING_WIDTH"};
    }
    std::vector<uint64_t> words = numbers(given, static_cast<unsigned>(ring));
    if (words.empty()) {
        throw Refused{"EMPTY"};
    }
    Bytes keys, streams, subtract;
    for (const Mask &mask : masks) {
        if (mask.key.size() != BCFL_MASK_KEY_BYTES || mask.stream.size() != BCFL_MASK_STREAM_BYTES) {
            throw Refused{"KEY_LENGTH"};
        }
        keys.insert(keys.end(), mask.key.begin(), mask.key.end());
        streams.insert(streams.end(), mask.stream.begin(), mask.stream.end());
        subtract.push_back(mask.subtract);
    }
    const bool one = masks.size() == 1;
    if (ring == 64) {
        std::vector<uint64_t> out(words.size());
        check(one ? bcfl_mask_add_u64(library(), words.data(), words.size(), keys.data(), streams.data(),
                                      subtract[0], out.data(), out.size())
                  : bcfl_mask_add_many_u64(library(), words.data(), words.size(), keys.data(), streams.data(),
                                           subtract.data(), masks.size(), out.data(), out.size()));
        return out;
    }
    const std::vector<uint32_t> halves(words.begin(), words.end());
    std::vector<uint32_t> out(halves.size());
    check(one ? bcfl_mask_add_u32(library(), halves.data(), halves.size(), keys.data(), streams.data(),
                                  subtract[0], out.data(), out.size())
              : bcfl_mask_add_many_u32(library(), halves.data(), halves.size(), keys.data(), streams.data(),
                                       subtract.data(), masks.size(), out.data(), out.size()));
    return {out.begin(), out.end()};
}

Value mask_add(const Value &input) {
    const uint64_t ring = number(field(input, "ring"), 8);
    const std::vector<Mask> masks{mask_of(input)};
    return result("vector", decimals(masked_words(ring, field(input, "vector"), masks)));
}

Value mask_add_many(const Value &input) {
    const uint64_t ring = number(field(input, "ring"), 8);
    std::vector<Mask> masks;
    for (const Value &row : rows(field(input, "masks"))) {
        masks.push_back(mask_of(row));
    }
    return result("vector", decimals(masked_words(ring, field(input, "vector"), masks)));
}

// PRV-063
Value discrete_gaussian(const Value &input) {
    const uint64_t count = number(field(input, "count"), 32);
    const uint64_t numerator = number(field(input, "numerator"), 64);
    const uint64_t denominator = number(field(input, "denominator"), 64);
    const Bytes seed = bytes(field(input, "seed"));
    Bytes whole = seed;
    whole.resize(BCFL_NOISE_SEED_BYTES);
    if (count > BCFL_NOISE_COUNT_MAX) {
        throw Refused{"VECTOR_LENGTH"};
    }
    // One number first: a variance that is refused asks for no gigabytes, and the length of the seed comes last.
    std::vector<int64_t> samples(count == 0 ? 0 : 1);
    check(bcfl_discrete_gaussian(library(), numerator, denominator, whole.data(), samples.data(), samples.size()));
    if (seed.size() != BCFL_NOISE_SEED_BYTES) {
        throw Refused{"KEY_LENGTH"};
    }
    samples.resize(count);
    check(bcfl_discrete_gaussian(library(), numerator, denominator, whole.data(), samples.data(), samples.size()));
    return result("samples", decimals(samples));
}

Value table(const std::vector<uint64_t> &words, size_t rows) {
    Value made = Value::array();
    const size_t width = rows == 0 ? 0 : words.size() / rows;
    for (size_t row = 0; row < rows; ++row) {
        const auto begin = words.begin() + static_cast<std::ptrdiff_t>(row * width);
        made.add(decimals(std::vector<uint64_t>(begin, begin + static_cast<std::ptrdiff_t>(width))));
    }
    return made;
}

// The library's types say that a seed has 32 bytes; the specification asks it between the sizes and the elements.
void check_share(bcfl_status status, const Bytes &seed) {
    if (seed.size() != BCFL_SEED_BYTES && (status == BCFL_OK || status == BCFL_FIELD_RANGE)) {
        throw Refused{"KEY_LENGTH"};
    }
    check(status);
}

// PRV-016
Value shamir_share(const Value &input) {
    const std::vector<uint64_t> secrets = numbers(field(input, "secrets"), 64);
    const size_t threshold = number(field(input, "threshold"), 16);
    const size_t count = number(field(input, "count"), 16);
    const Bytes seed = bytes(field(input, "seed"));
    Bytes whole = seed;
    whole.resize(BCFL_SEED_BYTES);
    std::vector<uint64_t> shares(secrets.size() * count);
    Bytes room(bcfl_share_workspace_bytes(library(), secrets.size(), 0, threshold));
    check_share(bcfl_shamir_share(library(), secrets.data(), secrets.size(), threshold, count, whole.data(),
                                  shares.data(), shares.size(), nullptr, room.data(), room.size()),
                seed);
    return result("shares", table(shares, count));
}

// PRV-018
Value packed_share(const Value &input) {
    const std::vector<uint64_t> secrets = numbers(field(input, "secrets"), 64);
    const size_t pack = number(field(input, "pack"), 16);
    const size_t threshold = number(field(input, "threshold"), 16);
    const size_t count = number(field(input, "count"), 16);
    const Bytes seed = bytes(field(input, "seed"));
    Bytes whole = seed;
    whole.resize(BCFL_SEED_BYTES);
    std::vector<uint64_t> shares(pack == 0 ? 0 : secrets.size() / pack * count);
    Bytes room(bcfl_share_workspace_bytes(library(), secrets.size(), pack, threshold));
    check_share(bcfl_packed_share(library(), secrets.data(), secrets.size(), pack, threshold, count, whole.data(),
                                  shares.data(), shares.size(), nullptr, room.data(), room.size()),
                seed);
    return result("shares", table(shares, count));
}

// What PRV-017 and PRV-019 are asked for.
struct Revealed {
    std::vector<std::vector<uint64_t>> shares;
    std::vector<uint32_t> positions;
};

Revealed revealed(const Value &input) {
    Revealed found;
    for (const Value &row : rows(field(input, "shares"))) {
        found.shares.push_back(numbers(row, 64));
    }
    for (const uint64_t position : numbers(field(input, "positions"), 16)) {
        found.positions.push_back(static_cast<uint32_t>(position));
    }
    return found;
}

// PRV-017
Value shamir_reconstruct(const Value &input) {
    const Revealed given = revealed(input);
    const size_t threshold = number(field(input, "threshold"), 16);
    const Rows<uint64_t> view(given.shares, "SHARE_COUNT");
    if (given.positions.size() != view.count()) {
        throw Refused{"POSITION_COUNT"};
    }
    std::vector<uint64_t> secrets(view.length());
    Bytes room(bcfl_reconstruct_workspace_bytes(library(), view.length(), 0, threshold));
    check(bcfl_shamir_reconstruct(library(), view.data(), given.positions.data(), view.count(), view.length(),
                                  threshold, secrets.data(), secrets.size(), nullptr, room.data(), room.size()));
    return result("secrets", decimals(secrets));
}

// PRV-019
Value packed_reconstruct(const Value &input) {
    const Revealed given = revealed(input);
    const size_t pack = number(field(input, "pack"), 16);
    const size_t threshold = number(field(input, "threshold"), 16);
    const Rows<uint64_t> view(given.shares, "SHARE_COUNT");
    if (given.positions.size() != view.count()) {
        throw Refused{"POSITION_COUNT"};
    }
    std::vector<uint64_t> secrets(view.length() * pack);
    Bytes room(bcfl_reconstruct_workspace_bytes(library(), view.length(), pack, threshold));
    check(bcfl_packed_reconstruct(library(), view.data(), given.positions.data(), view.count(), view.length(),
                                  pack, threshold, secrets.data(), secrets.size(), nullptr, room.data(),
                                  room.size()));
    return result("secrets", decimals(secrets));
}

}  // namespace

void add_kernels(std::map<std::string, Operation> &table) {
    table["kernels.quantize"] = quantize;
    table["kernels.dequantize"] = dequantize;
    table["kernels.domain_check"] = domain_check;
    table["kernels.weighted_sum"] = weighted_sum;
    table["kernels.div_round"] = div_round;
    table["kernels.coordinate_median"] = coordinate_median;
    table["kernels.trimmed_sum"] = trimmed_sum;
    table["kernels.nearest_sum"] = nearest_sum;
    table["kernels.pairwise_sqdist"] = pairwise_sqdist;
    table["kernels.clip_l2"] = clip_l2;
    table["kernels.sha256_chunks"] = sha256_chunks;
    table["kernels.ssz_merkleize"] = ssz_merkleize;
    table["kernels.mask_add"] = mask_add;
    table["kernels.mask_add_many"] = mask_add_many;
    table["kernels.discrete_gaussian"] = discrete_gaussian;
    table["kernels.shamir_share"] = shamir_share;
    table["kernels.shamir_reconstruct"] = shamir_reconstruct;
    table["kernels.packed_share"] = packed_share;
    table["kernels.packed_reconstruct"] = packed_reconstruct;
}
