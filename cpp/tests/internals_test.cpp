// Inside the library: what a processor's answers mean, and each variant's kernels called directly beside portable.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "check.h"
#include "cpu_features.h"
#include "dispatch.h"
#include "sharing.h"

using namespace bcfl;

namespace {

constexpr uint32_t SSSE3_SSE41 = 1u << 9 | 1u << 19;
constexpr uint32_t OSXSAVE_AVX = 1u << 27 | 1u << 28;
constexpr uint32_t AVX2 = 1u << 5;
constexpr uint32_t AVX512 = 1u << 16 | 1u << 30;
constexpr uint32_t IFMA = 1u << 21;
constexpr uint32_t SHA = 1u << 29;

// A feature counts only when the processor has it and the operating system keeps its registers.
void test_features() {
    CHECK(features_of({0, 0, 0}) == 0);
    CHECK(features_of({SSSE3_SSE41, SHA, 0}) == FEATURE_SHANI);
    CHECK(features_of({1u << 9, SHA, 0}) == 0);
    CHECK(features_of({OSXSAVE_AVX, AVX2, 0x06}) == FEATURE_AVX2);
    CHECK(features_of({OSXSAVE_AVX, AVX2, 0x02}) == 0);
    CHECK(features_of({1u << 28, AVX2, 0x06}) == 0);
    CHECK(features_of({OSXSAVE_AVX, AVX2 | AVX512, 0x06}) == FEATURE_AVX2);
    CHECK(features_of({OSXSAVE_AVX, AVX2 | AVX512, 0x66}) == FEATURE_AVX2);
    CHECK(features_of({OSXSAVE_AVX, AVX2 | AVX512, 0xe6}) == (FEATURE_AVX2 | FEATURE_AVX512));
    CHECK(features_of({OSXSAVE_AVX, AVX2 | 1u << 16, 0xe6}) == FEATURE_AVX2);
    CHECK(features_of({OSXSAVE_AVX, AVX2 | AVX512 | IFMA, 0xe6}) ==
          (FEATURE_AVX2 | FEATURE_AVX512 | FEATURE_AVX512IFMA));
    CHECK(features_of({OSXSAVE_AVX, AVX2 | AVX512 | IFMA, 0x06}) == FEATURE_AVX2);
    CHECK(features_of({OSXSAVE_AVX, AVX2 | IFMA, 0xe6}) == FEATURE_AVX2);
    CHECK(arm_features_of(0) == 0 && arm_features_of(1u << 6) == 0);
    CHECK(arm_features_of(1u << 1) == FEATURE_NEON);
    CHECK(arm_features_of(1u << 1 | 1u << 6) == (FEATURE_NEON | FEATURE_ARMSHA));
    CHECK(cpu_features() == cpu_features());
}

// Groups of every size, also those that the dispatcher gives to another variant, and every length of the tail.
void test_sha256(const KernelTable &table) {
    std::vector<unsigned char> data(40 * 200);
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<unsigned char>(i % 251);  // no block repeats
    std::vector<unsigned char> wanted(40 * 32), digests(40 * 32);
    for (size_t bytes = 1; bytes <= 200; ++bytes) {
        for (size_t count = 1; count <= 35; count += bytes % 64 < 2 ? 1 : 7) {
            sha256_chunks_portable(data.data(), bytes, count, wanted.data());
            table.sha256_chunks.run(data.data(), bytes, count, digests.data());
            CHECK(std::memcmp(wanted.data(), digests.data(), 32 * count) == 0);
        }
    }
}

// Every remainder of lanes; what lies behind the output stays as it was.
void test_weighted_sum(const KernelTable &table) {
    constexpr int32_t Q = 0xfffff;
    std::vector<std::vector<int32_t>> vectors(11, std::vector<int32_t>(60));
    std::vector<const int32_t *> pointers;
    std::vector<uint32_t> weights;
    for (size_t n = 0; n < vectors.size(); ++n) {
        for (size_t i = 0; i < 60; ++i) {
            const int32_t spread = static_cast<int32_t>((n * 7919 + i * 104729) * 2654435u % (2 * Q + 1));
            vectors[n][i] = spread - Q;
        }
        pointers.push_back(vectors[n].data());
        weights.push_back(n % 3 == 0 ? 65535 : static_cast<uint32_t>(n));
    }
    for (size_t vector_count = 1; vector_count <= vectors.size(); ++vector_count) {
        for (size_t first = 0; first < 2; ++first) {
            for (size_t count = 1; count < 55; ++count) {
                std::vector<int64_t> wanted(60, 77), sums(60, 77);
                CHECK(weighted_sum_portable(pointers.data(), weights.data(), vector_count, first, count,
                                            wanted.data()));
                CHECK(
                    table.weighted_sum(pointers.data(), weights.data(), vector_count, first, count, sums.data()));
                CHECK(wanted == sums);
                int32_t &last = vectors[vector_count - 1][first + count - 1];
                const int32_t kept = last;
                for (int32_t outside : {Q + 1, -Q - 1, INT32_MAX, INT32_MIN}) {
                    last = outside;
                    CHECK(!table.weighted_sum(pointers.data(), weights.data(), vector_count, first, count,
                                              sums.data()));
                }
                last = kept;
            }
        }
    }
}

// Numbers of vectors around one and two runs, every remainder of lanes and alignment; the output stays in its
// bounds.
void test_order_statistics(const KernelTable &table) {
    constexpr int32_t Q = 0xfffff;
    alignas(64) static unsigned char lines[67 * ORDER_ROW_BYTES];
    int32_t *const rows = reinterpret_cast<int32_t *>(lines);
    std::vector<std::vector<int32_t>> vectors(67, std::vector<int32_t>(60));
    std::vector<const int32_t *> pointers;
    for (size_t n = 0; n < vectors.size(); ++n) {
        for (size_t i = 0; i < 60; ++i) {
            vectors[n][i] = static_cast<int32_t>((n * 7919 + i * 104729 + 1) * 2654435u % (2 * Q + 1)) - Q;
        }
        pointers.push_back(vectors[n].data());
    }
    for (size_t vector_count : {1, 2, 5, 16, 17, 31, 32, 33, 64, 65, 67}) {
        for (size_t first = 0; first < 4; ++first) {
            for (size_t count = 1; count < 55; count += 3) {
                std::vector<int32_t> median(60, 77), wanted_median(60, 77);
                std::vector<int64_t> sums(60, 77), wanted(60, 77);
                const int32_t *const *from = pointers.data();
                const size_t half = (vector_count + 1) / 2;
                CHECK(coordinate_median_portable(from, vector_count, first, count, rows, wanted_median.data()));
                CHECK(table.coordinate_median(from, vector_count, first, count, rows, median.data()));
                CHECK(median == wanted_median);
                CHECK(
                    trimmed_sum_portable(from, vector_count, vector_count / 5, first, count, rows, wanted.data()));
                CHECK(table.trimmed_sum(from, vector_count, vector_count / 5, first, count, rows, sums.data()));
                CHECK(sums == wanted);
                CHECK(nearest_sum_portable(from, vector_count, half, first, count, rows, wanted.data()));
                CHECK(table.nearest_sum(from, vector_count, half, first, count, rows, sums.data()));
                CHECK(sums == wanted);
                int32_t &last = vectors[vector_count - 1][first + count - 1];
                const int32_t kept = last;
                for (int32_t outside : {Q + 1, -Q - 1, INT32_MAX, INT32_MIN}) {
                    last = outside;
                    CHECK(!table.coordinate_median(from, vector_count, first, count, rows, median.data()));
                    CHECK(!table.trimmed_sum(from, vector_count, 0, first, count, rows, sums.data()));
                    CHECK(!table.nearest_sum(from, vector_count, 1, first, count, rows, sums.data()));
                }
                last = kept;
            }
        }
    }
}

// Every number of vectors on both sides and every remainder of lanes, at the ends of the domain too; a fault
// anywhere.
void test_gram(const KernelTable &table) {
    constexpr int32_t Q = 0xfffff;
    alignas(64) static unsigned char room[2 * GRAM_ROOM_BYTES];
    std::vector<std::vector<int32_t>> vectors(2 * GRAM_GROUP, std::vector<int32_t>(300));
    std::vector<const int32_t *> pointers;
    for (size_t n = 0; n < vectors.size(); ++n) {
        for (size_t i = 0; i < 300; ++i) {
            const size_t spread = (n * 7919 + i * 104729 + 1) * 2654435u;
            vectors[n][i] = spread % 5 == 0   ? Q
                            : spread % 7 == 0 ? -Q
                                              : static_cast<int32_t>(spread % (2 * Q + 1)) - Q;
        }
        pointers.push_back(vectors[n].data());
    }
    const int32_t *const *left = pointers.data(), *const *right = left + GRAM_GROUP;
    for (size_t rows = 1; rows <= GRAM_GROUP; rows += rows < 9 ? 1 : 7) {
        for (size_t count : {1, 7, 8, 9, 15, 16, 17, 127, 128, 129, 290}) {
            const size_t columns = GRAM_GROUP + 1 - rows, first = count % 5;
            GramSums own{}, cross{};
            CHECK(table.gram(left, rows, left, rows, first, count, room, own));
            CHECK(table.gram(left, rows, right, columns, first, count, room, cross));
            for (size_t r = 0; r < rows; ++r) {
                for (size_t c = 0; c < GRAM_GROUP; ++c) {
                    uint64_t a = 0, b = 0;
                    for (size_t i = first; i < first + count; ++i) {
                        const uint64_t x = static_cast<uint64_t>(left[r][i] + Q);
                        a += x * static_cast<uint64_t>(left[c][i] + Q);
                        b += x * static_cast<uint64_t>(right[c][i] + Q);
                    }
                    if (c <= r) CHECK(own.products[r][c] == a);
                    if (c < columns) CHECK(cross.products[r][c] == b);
                }
            }
            for (size_t side = 0; side < 2; ++side) {
                const size_t last = side == 0 ? rows - 1 : GRAM_GROUP + columns - 1;
                int32_t &place = vectors[last][first + count - 1];
                const int32_t kept = place;
                for (int32_t outside : {Q + 1, -Q - 1, INT32_MAX, INT32_MIN}) {
                    place = outside;
                    CHECK(!table.gram(left, rows, right, columns, first, count, room, cross));
                }
                place = kept;
            }
        }
    }
}

// Encodings of any bits beside the portable kernel, many of them close to the border between two coordinates, for
// every number of fraction bits, sizes around registers and odd addresses. What is not finite is noticed in every
// place.
template <typename Word, QuantizeKernel KernelTable::*KERNEL>
void test_quantize(const KernelTable &table, const KernelTable &portable) {
    constexpr int WIDTH = static_cast<int>(sizeof(Word) * 8), FRACTION = WIDTH == 32 ? 23 : 52;
    constexpr int BIAS = WIDTH == 32 ? 127 : 1023;
    constexpr size_t MOST = 70;
    std::vector<unsigned char> bytes(MOST * sizeof(Word) + 1), broken;
    std::vector<int32_t> wanted(MOST + 1), out(MOST + 1);
    uint64_t state = 1;
    for (uint32_t bits = 0; bits <= 30; ++bits) {
        for (size_t count = 1; count <= MOST; count += count < 35 ? 1 : 5) {
            const size_t at = count % 2;
            for (size_t i = 0; i < count; ++i) {
                state = state * 6364136223846793005u + 1442695040888963407u;
                Word word = static_cast<Word>(state >> (64 - WIDTH));
                const Word exponent =
                    static_cast<Word>(BIAS - static_cast<int>(bits) + static_cast<int>(i % 24) - 3);
                // Zeros behind the first bits make halves; ones make what is just below them.
                const int kept = static_cast<int>(i % 26);
                const Word low = (Word{1} << (FRACTION - (kept < FRACTION ? kept : FRACTION))) - 1;
                if (i % 4 == 0) word &= ~low;
                if (i % 4 == 1) word |= low;
                if (i % 8 != 7) {
                    word = (word & ~((Word{2} * BIAS + 1) << FRACTION)) | exponent << FRACTION;
                } else if ((word >> FRACTION & (2 * BIAS + 1)) == 2 * BIAS + 1) {
                    word ^= Word{1} << FRACTION;
                }
                std::memcpy(&bytes[at + i * sizeof word], &word, sizeof word);
            }
            wanted.assign(MOST + 1, 77);
            out = wanted;
            CHECK((portable.*KERNEL)(&bytes[at], count, bits, wanted.data()));
            CHECK((table.*KERNEL)(&bytes[at], count, bits, out.data()));
            CHECK(out == wanted);
            for (size_t place = 0; place < count; ++place) {
                for (const Word fault : {Word{2 * BIAS + 1} << FRACTION, ~Word{0}, ~Word{0} >> 1}) {
                    broken = bytes;
                    std::memcpy(&broken[at + place * sizeof fault], &fault, sizeof fault);
                    CHECK(!(table.*KERNEL)(&broken[at], count, bits, out.data()));
                }
            }
        }
    }
}

// Squares of the largest coordinates, as many as a call may have; every tail, a fault anywhere.
void test_square_sum(const KernelTable &table) {
    constexpr int32_t Q = 0xfffff;
    std::vector<int32_t> vector(70);
    for (size_t count = 0; count <= vector.size(); ++count) {
        for (size_t i = 0; i < count; ++i) vector[i] = i % 3 == 0 ? Q : i % 3 == 1 ? -Q : static_cast<int32_t>(i);
        uint64_t sum = 1, wanted = 0;
        for (size_t i = 0; i < count; ++i)
            wanted += static_cast<uint64_t>(static_cast<int64_t>(vector[i]) * vector[i]);
        CHECK(table.square_sum(vector.data(), count, &sum) && sum == wanted);
        for (size_t i = 0; i < count; ++i) {
            for (int32_t outside : {Q + 1, -Q - 1, INT32_MAX, INT32_MIN}) {
                const int32_t kept = vector[i];
                vector[i] = outside;
                CHECK(!table.square_sum(vector.data(), count, &sum));
                vector[i] = kept;
            }
        }
    }
    const size_t most = size_t{1} << 24;
    std::vector<int32_t> extreme(most, -Q);
    uint64_t sum = 0;
    CHECK(table.square_sum(extreme.data(), most, &sum) && sum == static_cast<uint64_t>(Q) * Q * most);
}

// Sizes around blocks and groups of them, both rings and signs, a later block; in place and at an odd address.
void test_mask_add(const KernelTable &table) {
    MaskKey key;
    for (uint32_t i = 0; i < 8; ++i) key.key[i] = i * 2654435761u;
    for (uint32_t i = 0; i < 3; ++i) key.stream[i] = ~i;
    std::vector<unsigned char> vector(8 * 600), wanted(vector.size()), out(vector.size() + 1);
    for (size_t i = 0; i < vector.size(); ++i) vector[i] = static_cast<unsigned char>(i * 7 % 251);
    for (size_t count = 1; count < 600; count += count < 70 ? 1 : 13) {
        for (unsigned kind = 0; kind < 4; ++kind) {
            const bool wide = (kind & 1) != 0, subtract = (kind & 2) != 0;
            const size_t bytes = count * (wide ? 8 : 4);
            const uint32_t counter = count % 2 == 0 ? 0xfffffff0u : 3;
            mask_add_portable(vector.data(), count, key, counter, wide, subtract, wanted.data());
            out.assign(out.size(), 77);
            std::memcpy(out.data() + 1, vector.data(), bytes);
            table.mask_add(out.data() + 1, count, key, counter, wide, subtract, out.data() + 1);
            CHECK(std::memcmp(out.data() + 1, wanted.data(), bytes) == 0);
            CHECK(out[0] == 77 && (bytes + 1 == out.size() || out[bytes + 1] == 77));
        }
    }
}

// The first fault wherever it is, and none.
void test_domain_check(const KernelTable &table) {
    constexpr int32_t Q = 0xfffff;
    std::vector<int32_t> vector(2100);
    for (size_t i = 0; i < vector.size(); ++i) vector[i] = i % 3 == 0 ? Q : i % 3 == 1 ? -Q : 0;
    for (size_t count : {1, 7, 16, 17, 1023, 1024, 1025, 2048, 2100}) {
        CHECK(table.domain_check(vector.data(), count) == count);
        for (size_t at = 0; at < count; at += 1 + count / 40) {
            const int32_t kept = vector[at];
            for (int32_t outside : {Q + 1, -Q - 1, INT32_MAX, INT32_MIN}) {
                vector[at] = outside;
                CHECK(table.domain_check(vector.data(), count) == at);
            }
            vector[at] = kept;
        }
    }
}

// The ends of all ranges, exact halves and their neighbours, every tail; faults in every lane.
void test_div_round(const KernelTable &table) {
    constexpr int64_t MOST = (INT64_C(1) << 47) - 1;
    const uint64_t multipliers[] = {1, 2, 3, 255, 65535};
    const uint64_t divisors[] = {
        1, 2, 3, 5, 7, 64, 2047, 65535, (1u << 31) - 1, (UINT64_C(1) << 32) + 1, 8791529752575};
    std::vector<int64_t> numerators(203);
    for (uint64_t multiplier : multipliers) {
        for (uint64_t divisor : divisors) {
            uint64_t state = multiplier * 31 + divisor;
            for (size_t i = 0; i < numerators.size(); ++i) {
                state = state * 6364136223846793005u + 1442695040888963407u;
                // around halves: (2k + 1) * divisor / (2 * multiplier)
                const int64_t half = static_cast<int64_t>((2 * (state >> 54) + 1) * divisor / (2 * multiplier));
                numerators[i] = i % 4 == 0   ? static_cast<int64_t>(state >> 17) - MOST
                                : i % 4 == 1 ? MOST - static_cast<int64_t>(i)
                                             : half % MOST + static_cast<int64_t>(i % 3) - 1;
                if (i % 8 >= 4) numerators[i] = -numerators[i];
            }
            numerators[0] = MOST, numerators[1] = -MOST, numerators[2] = 0;
            for (size_t count = 1; count <= numerators.size(); count += count < 20 ? 1 : 61) {
                std::vector<int64_t> wanted(204, 77), out(204, 77);
                CHECK(div_round_portable(numerators.data(), count, multiplier, divisor, wanted.data()));
                CHECK(table.div_round(numerators.data(), count, multiplier, divisor, out.data()));
                CHECK(wanted == out);
                int64_t &place = numerators[count - 1];
                const int64_t kept = place;
                for (int64_t outside : {MOST + 1, -MOST - 1, INT64_MAX, INT64_MIN}) {
                    place = outside;
                    CHECK(!table.div_round(numerators.data(), count, multiplier, divisor, out.data()));
                }
                place = kept;
            }
        }
    }
}

// Any number of blocks into any words.
void test_sha256_blocks(const KernelTable &table) {
    unsigned char blocks[64 * 5];
    for (size_t i = 0; i < sizeof blocks; ++i) blocks[i] = static_cast<unsigned char>(i * 31 % 253);
    for (size_t count = 0; count <= 5; ++count) {
        uint32_t words[8], wanted[8];
        for (uint32_t i = 0; i < 8; ++i) words[i] = wanted[i] = i * 0x9e3779b9u + static_cast<uint32_t>(count);
        sha256_blocks_portable(wanted, blocks, count);
        table.sha256_blocks(words, blocks, count);
        CHECK(std::memcmp(words, wanted, sizeof words) == 0);
    }
}

constexpr uint64_t P = FIELD_MODULUS;

uint64_t times(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint64_t>(static_cast<Wide>(a) * b % P);
}

// A key stream whose word i is i + 1 with stray upper bits, but for every tenth word, which is p and must be
// skipped.
uint64_t planted(uint64_t i) { return i % 10 == 9 ? ~UINT64_C(0) : (i + 1) | UINT64_C(5) << 61; }

void planted_stream(const unsigned char *vector, size_t count, const MaskKey &, uint32_t counter, bool wide, bool,
                    unsigned char *out) {
    CHECK(wide);
    for (size_t i = 0; i < count; ++i) {
        uint64_t word;
        std::memcpy(&word, vector + 8 * i, 8);
        word += planted(uint64_t{counter} * 8 + i);
        std::memcpy(out + 8 * i, &word, 8);
    }
}

std::vector<uint64_t> planted_samples(size_t count) {
    std::vector<uint64_t> samples;
    for (uint64_t i = 0; samples.size() < count; ++i) {
        if ((planted(i) & P) != P) samples.push_back(planted(i) & P);
    }
    return samples;
}

// Parts one after another, the last one first.
void backwards(void *, bcfl_task task, void *job, size_t count) {
    while (count-- > 0) task(job, count);
}

// Samples that are p are skipped, also where several parts have begun at places that the skipping moves.
void test_sharing(const KernelTable &table) {
    for (size_t threshold : {2, 3, 9, 70}) {
        for (size_t blocks : {1, 7, 8, 9, 2049}) {
            if (threshold == 70 && blocks > 9) continue;
            const size_t shares = threshold + 3;
            std::vector<uint64_t> secrets(blocks), out(shares * blocks);
            for (size_t i = 0; i < blocks; ++i) secrets[i] = i % 2 == 0 ? P - 1 - i : i;
            Dealing dealing{};
            dealing.secrets = secrets.data();
            dealing.blocks = blocks;
            dealing.threshold = threshold;
            dealing.shares = shares;
            dealing.out = out.data();
            dealing.stream = planted_stream;
            dealing.rows = table.shamir_rows;
            Context context{};
            context.workers = 3;
            context.parallel_for = backwards;
            std::vector<unsigned char> room(bytes_of_lines(deal_lines(context, blocks, threshold)));
            dealing.lines = room.empty() ? nullptr : first_line(room.data());
            deal(context, dealing);
            const std::vector<uint64_t> samples = planted_samples(blocks * (threshold - 1));
            for (size_t row = 0; row < shares; ++row) {
                for (size_t block = 0; block < blocks; ++block) {
                    uint64_t value = 0;
                    for (size_t k = threshold; k-- > 0;) {
                        value = times(value, row + 1);
                        value += k == 0 ? secrets[block] : samples[block * (threshold - 1) + k - 1];
                        value %= P;
                    }
                    CHECK(out[row * blocks + block] == value);
                }
            }
        }
    }
}

// Sums of products at the largest numbers, every number of rows around the groups, every tail.
void test_combine(const KernelTable &table) {
    std::vector<std::vector<uint64_t>> rows(70, std::vector<uint64_t>(40));
    std::vector<const uint64_t *> pointers;
    std::vector<uint64_t> weights;
    for (size_t r = 0; r < rows.size(); ++r) {
        for (size_t i = 0; i < 40; ++i)
            rows[r][i] = i % 3 == 0 ? P - 1 : times(P - 1 - r, (i + 1) * 0x9e3779b97f4a7c15);
        pointers.push_back(rows[r].data());
        weights.push_back(r % 2 == 0 ? P - 1 : times(r + 1, 0x9e3779b97f4a7c15));
    }
    for (size_t row_count : {1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 64, 65, 70}) {
        for (size_t first = 0; first < 3; ++first) {
            for (size_t count = 1; count < 35; ++count) {
                std::vector<uint64_t> sums(40, 77);
                table.combine(pointers.data(), weights.data(), row_count, first, count, sums.data());
                for (size_t i = 0; i < 40; ++i) {
                    uint64_t sum = 0;
                    for (size_t r = 0; i < count && r < row_count; ++r) {
                        sum = (sum + times(weights[r], rows[r][first + i])) % P;
                    }
                    CHECK(sums[i] == (i < count ? sum : 77));
                }
            }
        }
    }
}

}  // namespace

int main() {
    test_features();
    for (size_t i = 0; i < VARIANT_COUNT; ++i) {
        const Variant &variant = VARIANTS[i];
        if (!variant_supported(variant)) continue;
        if (variant.kernels.sha256_chunks.run != nullptr) test_sha256(variant.kernels);
        if (variant.kernels.weighted_sum != nullptr) test_weighted_sum(variant.kernels);
        if (variant.kernels.coordinate_median != nullptr) test_order_statistics(variant.kernels);
        if (variant.kernels.quantize_f32 != nullptr) {
            test_quantize<uint32_t, &KernelTable::quantize_f32>(variant.kernels, VARIANTS[0].kernels);
            test_quantize<uint64_t, &KernelTable::quantize_f64>(variant.kernels, VARIANTS[0].kernels);
        }
        if (variant.kernels.square_sum != nullptr) test_square_sum(variant.kernels);
        if (variant.kernels.gram != nullptr) test_gram(variant.kernels);
        if (variant.kernels.mask_add != nullptr) test_mask_add(variant.kernels);
        if (variant.kernels.div_round != nullptr) test_div_round(variant.kernels);
        if (variant.kernels.domain_check != nullptr) test_domain_check(variant.kernels);
        if (variant.kernels.sha256_blocks != nullptr) test_sha256_blocks(variant.kernels);
        if (variant.kernels.shamir_rows != nullptr) test_sharing(variant.kernels);
        if (variant.kernels.combine != nullptr) test_combine(variant.kernels);
        std::printf("%s\n", variant.name);
    }
    return 0;
}
