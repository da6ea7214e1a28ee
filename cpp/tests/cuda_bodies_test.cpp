// What the threads of a graphics processor compute, run thread by thread here, beside the library.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../cuda/bodies.h"
#include "bcfl/bcfl.h"
#include "check.h"

namespace cuda = bcfl::cuda;

namespace {

constexpr int32_t Q = BCFL_COORDINATE_MAX;
constexpr size_t COUNT = 203;

struct Vectors {
    std::vector<std::vector<int32_t>> rows;
    std::vector<const int32_t *> pointers;
    std::vector<uint32_t> weights;

    // Equal values come often, and both ends of the domain.
    explicit Vectors(size_t vector_count) : rows(vector_count, std::vector<int32_t>(COUNT)) {
        uint64_t state = vector_count;
        for (size_t n = 0; n < vector_count; ++n) {
            for (int32_t &value : rows[n]) {
                state = state * 6364136223846793005u + 1442695040888963407u;
                const uint64_t kind = state >> 60;
                value = kind == 0   ? Q
                        : kind == 1 ? -Q
                        : kind < 8  ? static_cast<int32_t>(state >> 40 & 3) - 1
                                    : static_cast<int32_t>((state >> 32) % (2 * Q + 1)) - Q;
            }
            pointers.push_back(rows[n].data());
            weights.push_back(n % 3 == 0 ? BCFL_WEIGHT_MAX : static_cast<uint32_t>(n));
        }
    }
};

template <int N>
void test_column(const Vectors &v, size_t index, int32_t median, size_t trim, int64_t trimmed) {
    const unsigned n = static_cast<unsigned>(v.pointers.size());
    if (n > N || n < cuda::FEWEST<N>) return;
    cuda::Pointers<N> pointers = {};
    for (unsigned i = 0; i < n; ++i) pointers.at[i] = v.pointers[i];
    const cuda::Column<N> column(pointers, n, index);
    CHECK(column.within_domain());
    CHECK(column.median() == median);
    CHECK(column.trimmed_sum(static_cast<unsigned>(trim)) == trimmed);
}

// A column as the threads of a block find its ranks: the median if `trim` is the largest.
struct Found {
    int32_t median = 0;
    int64_t sum = 0;
    bool within_domain = true;

    Found(const Vectors &v, size_t index, size_t trim) {
        const unsigned n = static_cast<unsigned>(v.pointers.size()), runs = (n + cuda::RUN - 1) / cuda::RUN;
        std::vector<int32_t> values(runs * cuda::RUN);
        std::vector<cuda::Run> own;
        for (unsigned r = 0; r < runs; ++r) {
            own.push_back({values.data() + r, runs});
            within_domain &= own.back().fill(v.pointers.data(), cuda::RUN * r, n, index);
        }
        std::vector<cuda::Rank> lower(runs, cuda::Rank(static_cast<uint32_t>(trim)));
        std::vector<cuda::Rank> upper(runs, cuda::Rank(static_cast<uint32_t>(n - 1 - trim)));
        for (uint32_t bit = 1u << 20; bit > 0; bit /= 2) {
            for (std::vector<cuda::Rank> *ranks : {&lower, &upper}) {
                uint32_t below = 0;
                for (unsigned r = 0; r < runs; ++r) below += (*ranks)[r].ask(own[r], bit);
                for (cuda::Rank &rank : *ranks) rank.learn(below, bit);
            }
        }
        uint32_t parts = cuda::ends(lower[0], upper[0]);
        for (unsigned r = 0; r < runs; ++r) parts += cuda::part(own[r], lower[r], upper[r]);
        median = cuda::middle(lower[0].value(), upper[0].value());
        sum = static_cast<int32_t>(parts);
    }
};

// Every pair is in exactly one part of one plan, a plan's slices fill its threads well, and its rows its tile.
void test_squares(const int32_t *const *from, size_t n, const std::vector<uint64_t> &distances) {
    std::vector<int> seen(n * n);
    const unsigned groups = static_cast<unsigned>((n + cuda::GROUP - 1) / cuda::GROUP);
    for (unsigned later = 0; later < groups; ++later) {
        for (unsigned earlier = 0; earlier <= later; ++earlier) {
            const cuda::SquarePlan plan(n, later, earlier);
            CHECK(plan.parts * plan.slices <= cuda::SQUARE_THREADS && plan.length % plan.slices == 0 &&
                  plan.length % 2 == 0);
            CHECK(plan.parts * plan.slices >= 250 && plan.length * plan.rows <= cuda::TILE_QUADS);
            CHECK(plan.length > 0 && plan.length * plan.rows >= cuda::TILE_QUADS / 2);
            std::vector<cuda::Coordinates> tile(cuda::TILE_QUADS);
            const unsigned quads = cuda::smaller<unsigned>(plan.length, COUNT / 4);
            for (unsigned row = 0; row < plan.rows; ++row) {
                for (unsigned i = 0; i < 4 * quads && plan.vector(row) < n; ++i) {
                    tile[row * plan.length + i / 4].at[i % 4] = from[plan.vector(row)][i];
                }
            }
            for (unsigned part = 0; part < plan.parts; ++part) {
                uint64_t sums[cuda::PAIRS] = {};
                unsigned a = 0, b = 0;
                plan.part_rows(part, a, b);
                for (unsigned slice = 0; slice < plan.slices; ++slice) {
                    cuda::add_squares(tile.data(), plan, a, b, slice, quads, sums);
                }
                for (unsigned pair = 0; pair < cuda::PAIRS; ++pair) {
                    const size_t i = plan.vector(a + pair / cuda::EDGE), j = plan.vector(b + pair % cuda::EDGE);
                    if (j >= i || i >= n) continue;
                    ++seen[i * n + j];
                    uint64_t rest = distances[2 * (i * n + j)] - sums[pair];
                    for (size_t k = 4 * quads; k < COUNT; ++k) rest -= cuda::square(from[i][k], from[j][k]);
                    CHECK(rest == 0);
                }
            }
        }
    }
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) CHECK(seen[i * n + j] == (j < i ? 1 : 0));
    }
}

void test_vectors(const bcfl_context &context, size_t vector_count) {
    Vectors v(vector_count);
    const int32_t *const *from = v.pointers.data();
    const size_t n = vector_count;
    std::vector<int64_t> sums(COUNT), trimmed(COUNT);
    std::vector<int32_t> medians(COUNT);
    std::vector<uint64_t> distances(2 * n * n);
    const size_t trim = (n - 1) / 3;
    std::vector<uint8_t> room(bcfl_pairwise_sqdist_workspace_bytes(&context, n, COUNT));
    CHECK(bcfl_weighted_sum(&context, from, v.weights.data(), n, COUNT, sums.data(), COUNT, nullptr) == BCFL_OK);
    CHECK(bcfl_coordinate_median(&context, from, n, COUNT, medians.data(), COUNT, nullptr, room.data(),
                                 room.size()) == BCFL_OK);
    CHECK(bcfl_trimmed_sum(&context, from, n, COUNT, trim, trimmed.data(), COUNT, nullptr, room.data(),
                           room.size()) == BCFL_OK);
    CHECK(bcfl_pairwise_sqdist(&context, from, n, COUNT, distances.data(), distances.size(), nullptr, room.data(),
                               room.size()) == BCFL_OK);
    for (size_t i = 0; i < COUNT; ++i) {
        const auto one = cuda::weighted_sum<1>(from, v.weights.data(), n, i);
        CHECK(one.sums.at[0] == sums[i] && cuda::within_domain(one.highest));
        const size_t pair = cuda::smaller(i, COUNT - 2);
        const auto two = cuda::weighted_sum<2>(from, v.weights.data(), n, pair);
        CHECK(two.sums.at[i - pair] == sums[i] && cuda::within_domain(two.highest));
        CHECK(cuda::column_fault(from, n, COUNT, i) == cuda::NO_FAULT);
        const Found middle(v, i, (n - 1) / 2), trimming(v, i, trim);
        CHECK(middle.within_domain && middle.median == medians[i] && trimming.sum == trimmed[i]);
        test_column<8>(v, i, medians[i], trim, trimmed[i]);
        test_column<16>(v, i, medians[i], trim, trimmed[i]);
        test_column<24>(v, i, medians[i], trim, trimmed[i]);
        test_column<32>(v, i, medians[i], trim, trimmed[i]);
        test_column<48>(v, i, medians[i], trim, trimmed[i]);
        test_column<64>(v, i, medians[i], trim, trimmed[i]);
    }
    test_squares(from, n, distances);
    for (int32_t bad : {Q + 1, -Q - 1, INT32_MAX, INT32_MIN}) {
        v.rows[n - 1][COUNT - 1] = bad;
        CHECK(!cuda::within_domain(cuda::weighted_sum<1>(from, v.weights.data(), n, COUNT - 1).highest));
        CHECK(!cuda::within_domain(cuda::weighted_sum<2>(from, v.weights.data(), n, COUNT - 2).highest));
        CHECK(cuda::column_fault(from, n, COUNT, COUNT - 1) == n * COUNT - 1);
        CHECK(!Found(v, COUNT - 1, 0).within_domain);
        if (n > 64 || n < cuda::FEWEST<64>) continue;
        cuda::Pointers<64> pointers = {};
        for (size_t i = 0; i < n; ++i) pointers.at[i] = from[i];
        CHECK(!cuda::Column<64>(pointers, static_cast<unsigned>(n), COUNT - 1).within_domain());
    }
}

void test_extremes() {
    CHECK(cuda::square(Q, -Q) == uint64_t{4} * Q * Q && cuda::square(-Q, Q) == cuda::square(Q, -Q));
    CHECK(cuda::square(Q, -Q) < (uint64_t{1} << 62) / cuda::SQUARES_MAX);
    const uint64_t p = BCFL_FIELD_MODULUS;
    for (uint32_t point : {1u, 2u, 2047u}) {
        for (uint64_t value :
             {uint64_t{0}, uint64_t{1}, p - 1, p, p + 2, uint64_t{0xffffffff}, uint64_t{1} << 60}) {
            __extension__ using Wide = unsigned __int128;
            const uint64_t wanted = static_cast<uint64_t>((static_cast<Wide>(value) * point + p - 1) % p);
            const uint64_t step = cuda::horner_step(value, point, p - 1);
            CHECK(step <= p + 2 && cuda::reduced(step) == wanted);
        }
    }
}

cuda::Stream stream_of(const uint8_t *key, const uint8_t *nonce) {
    cuda::Stream stream;
    std::memcpy(stream.key, key, sizeof stream.key);  // little-endian hosts only, like the device
    std::memcpy(stream.nonce, nonce, sizeof stream.nonce);
    return stream;
}

template <typename Word>
void test_words(const bcfl_context &context, const std::vector<cuda::Quad> &tile, const uint8_t *key,
                const uint8_t *nonce) {
    constexpr size_t WORDS = sizeof(cuda::Quad) / sizeof(Word), COUNT = cuda::STREAM_QUADS * WORDS;
    const std::vector<Word> vector(COUNT, static_cast<Word>(-6));
    for (int subtract : {0, 1}) {
        std::vector<Word> wanted(COUNT);
        if constexpr (sizeof(Word) == 4) {
            CHECK(bcfl_mask_add_u32(&context, vector.data(), COUNT, key, nonce, subtract, wanted.data(), COUNT) ==
                  BCFL_OK);
        } else {
            CHECK(bcfl_mask_add_u64(&context, vector.data(), COUNT, key, nonce, subtract, wanted.data(), COUNT) ==
                  BCFL_OK);
        }
        for (unsigned quad = 0; quad < cuda::STREAM_QUADS; ++quad) {
            const auto sum = cuda::masked_words(cuda::load<cuda::Words<Word>>(&vector[quad * WORDS]),
                                                &tile[cuda::stream_place(quad)], subtract != 0);
            CHECK(std::memcmp(&sum, &wanted[quad * WORDS], sizeof sum) == 0);
        }
        for (unsigned i = 0; i < COUNT; ++i) {
            CHECK(cuda::masked(vector[i], cuda::stream_word<Word>(tile.data(), i), subtract != 0) == wanted[i]);
        }
    }
}

void test_masks(const bcfl_context &context) {
    uint8_t key[32], nonce[12];
    for (size_t i = 0; i < sizeof key; ++i) key[i] = static_cast<uint8_t>(11 * i + 3);
    for (size_t i = 0; i < sizeof nonce; ++i) nonce[i] = static_cast<uint8_t>(200 - i);
    std::vector<cuda::Quad> tile(cuda::STREAM_QUADS);
    for (unsigned thread = 0; thread < cuda::STREAM_BLOCKS; ++thread) {
        cuda::write_stream(stream_of(key, nonce), 0, thread, tile.data());
    }
    test_words<uint32_t>(context, tile, key, nonce);
    test_words<uint64_t>(context, tile, key, nonce);
    for (unsigned first = 0; first < cuda::STREAM_QUADS; first += 8) {  // no two threads ask one bank
        unsigned written = 0, read = 0;
        for (unsigned i = 0; i < 8; ++i) {
            written |= 1u << cuda::stream_place(4 * (first / 4 % cuda::STREAM_BLOCKS / 8 * 8 + i)) % 8;
            read |= 1u << cuda::stream_place(first + i) % 8;
        }
        CHECK(written == 0xff && read == 0xff);
    }
}

void test_shares(const bcfl_context &context) {
    uint8_t seed[32], nonce[12] = {2};
    for (size_t i = 0; i < sizeof seed; ++i) seed[i] = static_cast<uint8_t>(i);
    const cuda::Stream stream = stream_of(seed, nonce);
    for (size_t threshold : {2, 3, 10, 33}) {
        const size_t count = 21, shares = threshold + 5, needed = count * (threshold - 1);
        std::vector<uint64_t> secrets(count), wanted(shares * count), samples(needed);
        for (size_t i = 0; i < count; ++i) secrets[i] = i % 2 == 0 ? BCFL_FIELD_MODULUS - 1 - i : i;
        CHECK(bcfl_shamir_share(&context, secrets.data(), count, threshold, shares, seed, wanted.data(),
                                wanted.size(), nullptr, nullptr, 0) == BCFL_OK);
        for (uint32_t first = 0; first < needed; first += 2 * cuda::STREAM_QUADS) {
            std::vector<cuda::Quad> tile(cuda::STREAM_QUADS);
            for (unsigned thread = 0; thread < cuda::STREAM_BLOCKS; ++thread) {
                cuda::write_stream(stream, first / 8, thread, tile.data());
            }
            for (unsigned i = 0; i < 2 * cuda::STREAM_QUADS && first + i < needed; ++i) {
                samples[first + i] = cuda::stream_word<uint64_t>(tile.data(), i) & cuda::MODULUS;
            }
        }
        for (uint32_t row = 0; row < shares; row += cuda::POINTS) {
            for (size_t i = 0; i < count; ++i) {
                uint64_t values[cuda::POINTS] = {};
                cuda::horner_steps(values, row + 1, samples.data() + i * (threshold - 1),
                                   static_cast<unsigned>(threshold - 1));
                for (uint32_t j = 0; j < cuda::POINTS && row + j < shares; ++j) {
                    CHECK(cuda::reduced(cuda::horner_step(values[j], row + 1 + j, secrets[i])) ==
                          wanted[(row + j) * count + i]);
                }
            }
        }
    }
}

// From an address that whole words may be read at, and from the others.
void test_hashes(const bcfl_context &context) {
    alignas(16) uint8_t data[320], digests[48];
    for (size_t i = 0; i < sizeof data; ++i) data[i] = static_cast<uint8_t>(i * 37);
    for (size_t from : {0, 1, 4, 15}) {
        for (size_t size = 1; size + from <= sizeof data; ++size) {
            uint8_t wanted[32], *digest = digests + size % 17;
            CHECK(bcfl_sha256_chunks(&context, data + from, size, 1000, wanted, 32) == BCFL_OK);
            cuda::sha256(data + from, size, digest);
            CHECK(std::memcmp(wanted, digest, 32) == 0);
        }
    }
}

}  // namespace

int main() {
    bcfl_context context;
    CHECK(bcfl_context_init(&context, nullptr) == BCFL_OK);
    for (size_t vector_count :
         {1, 2, 3, 5, 8, 9, 13, 17, 23, 24, 25, 32, 33, 47, 48, 49, 59, 63, 64, 65, 70, 75, 79, 83, 87, 96, 97})
        test_vectors(context, vector_count);
    test_extremes();
    test_masks(context);
    test_shares(context);
    test_hashes(context);
    std::printf("what the threads of a device compute is right; no device was asked\n");
    return 0;
}
