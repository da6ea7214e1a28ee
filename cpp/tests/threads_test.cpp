// A host that offers threads: eight callers, each with two workers of its own, get the bytes that one thread gets.
// The same with the threads of the Python module, which wait for work.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "../python/workers.h"
#include "bcfl/bcfl.h"

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            std::fprintf(stderr, "line %d: %s is false\n", __LINE__, #condition); \
            std::exit(1);                                                         \
        }                                                                         \
    } while (0)

namespace {

constexpr size_t COUNT = 3 * 16384 + 5, VECTORS = 5;

// Each index in a thread of its own; `host` counts the calls.
void run(void *host, bcfl_task task, void *job, size_t count) {
    if (host != nullptr) ++*static_cast<size_t *>(host);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) threads.emplace_back(task, job, i);
    for (std::thread &thread : threads) thread.join();
}

struct Results {
    std::vector<int64_t> sums = std::vector<int64_t>(COUNT), trimmed = sums;
    std::vector<int32_t> medians = std::vector<int32_t>(COUNT);
    std::vector<uint64_t> distances = std::vector<uint64_t>(2 * VECTORS * VECTORS);
    std::vector<uint64_t> shares = std::vector<uint64_t>(7 * COUNT), secrets = std::vector<uint64_t>(COUNT);
    std::vector<uint8_t> digests, root = std::vector<uint8_t>(32);
};

bool operator==(const Results &a, const Results &b) {
    return a.sums == b.sums && a.trimmed == b.trimmed && a.medians == b.medians && a.distances == b.distances &&
           a.digests == b.digests && a.root == b.root && a.shares == b.shares && a.secrets == b.secrets;
}

Results compute(const bcfl_context &context, const std::vector<std::vector<int32_t>> &vectors) {
    std::vector<const int32_t *> pointers;
    for (const std::vector<int32_t> &vector : vectors) pointers.push_back(vector.data());
    const int32_t *const *from = pointers.data();
    const uint32_t weights[VECTORS] = {1, 2, 3, 4, 65535};
    const uint8_t *bytes = reinterpret_cast<const uint8_t *>(vectors[0].data());
    const size_t size = COUNT * 4 / 32 * 32;
    Results r;
    CHECK(bcfl_weighted_sum(&context, from, weights, VECTORS, COUNT, r.sums.data(), COUNT, nullptr) == BCFL_OK);
    CHECK(bcfl_trimmed_sum(&context, from, VECTORS, COUNT, 1, r.trimmed.data(), COUNT, nullptr, nullptr, 0) ==
          BCFL_OK);
    CHECK(bcfl_coordinate_median(&context, from, VECTORS, COUNT, r.medians.data(), COUNT, nullptr, nullptr, 0) ==
          BCFL_OK);
    std::vector<uint8_t> room(bcfl_pairwise_sqdist_workspace_bytes(&context, VECTORS, COUNT));
    CHECK(bcfl_pairwise_sqdist(&context, from, VECTORS, COUNT, r.distances.data(), r.distances.size(), nullptr,
                               room.data(), room.size()) == BCFL_OK);
    r.digests.resize(bcfl_sha256_chunks_bytes(size, 1000));
    CHECK(bcfl_sha256_chunks(&context, bytes, size, 1000, r.digests.data(), r.digests.size()) == BCFL_OK);
    std::vector<uint8_t> workspace(bcfl_ssz_merkleize_workspace_bytes(size));
    CHECK(bcfl_ssz_merkleize(&context, bytes, size, 1 << 20, workspace.data(), workspace.size(), r.root.data()) ==
          BCFL_OK);
    const uint8_t seed[BCFL_SEED_BYTES] = {1, 2, 3};
    std::vector<uint64_t> secrets(COUNT);
    for (size_t i = 0; i < COUNT; ++i) secrets[i] = BCFL_FIELD_MODULUS - 1 - i;
    CHECK(bcfl_shamir_share(&context, secrets.data(), COUNT, 4, 7, seed, r.shares.data(), r.shares.size(), nullptr,
                            nullptr, 0) == BCFL_OK);
    const uint64_t *rows[4];
    const uint32_t positions[4] = {0, 2, 3, 6};
    for (size_t i = 0; i < 4; ++i) rows[i] = r.shares.data() + positions[i] * COUNT;
    CHECK(bcfl_shamir_reconstruct(&context, rows, positions, 4, COUNT, 4, r.secrets.data(), COUNT, nullptr,
                                  nullptr, 0) == BCFL_OK);
    CHECK(r.secrets == secrets);
    return r;
}

// Eight callers at once, whose parts each call for parts of their own: every part runs exactly once.
void check_workers() {
    constexpr size_t PARTS = 40, INNER = 3;
    struct Counts {
        std::atomic<int> of[PARTS][INNER];
    };
    static const bcfl_task inner = [](void *row, size_t i) { ++static_cast<std::atomic<int> *>(row)[i]; };
    const bcfl_task outer = [](void *counts, size_t i) {
        bcfl_python::Workers::run(nullptr, inner, static_cast<Counts *>(counts)->of[i], INNER);
    };
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 8; ++caller) {
        callers.emplace_back([outer] {
            for (size_t parts = 1; parts <= PARTS; ++parts) {
                Counts counts{};
                bcfl_python::Workers::run(nullptr, outer, &counts, parts);
                for (size_t i = 0; i < PARTS; ++i) {
                    for (std::atomic<int> &count : counts.of[i]) CHECK(count == (i < parts ? 1 : 0));
                }
            }
        });
    }
    for (std::thread &caller : callers) caller.join();
}

}  // namespace

int main() {
    check_workers();
    std::vector<std::vector<int32_t>> vectors(VECTORS, std::vector<int32_t>(COUNT));
    for (size_t n = 0; n < VECTORS; ++n) {
        for (size_t i = 0; i < COUNT; ++i)
            vectors[n][i] = static_cast<int32_t>((n * 7919 + i * 104729) % 2097151) - 1048575;
    }
    for (size_t i = 0; i < bcfl_variant_count(); ++i) {
        bcfl_context alone, shared;
        if (bcfl_context_init(&alone, bcfl_variant_name(i)) != BCFL_OK) continue;
        shared = alone;
        size_t calls = 0;
        CHECK(bcfl_context_set_parallel_for(&shared, run, &calls, 3) == BCFL_OK);
        const Results wanted = compute(alone, vectors);
        CHECK(calls == 0);
        CHECK(compute(shared, vectors) == wanted);
        CHECK(calls == 8);  // every kernel made use of the offer
        CHECK(bcfl_context_set_parallel_for(&shared, nullptr, &calls, 3) == BCFL_OK);
        CHECK(compute(shared, vectors) == wanted && calls == 8);
        CHECK(bcfl_context_set_parallel_for(&shared, run, nullptr, 2) == BCFL_OK);
        std::vector<std::thread> callers;
        for (int caller = 0; caller < 8; ++caller) {
            callers.emplace_back([&] { CHECK(compute(shared, vectors) == wanted); });
        }
        for (std::thread &caller : callers) caller.join();
        CHECK(bcfl_context_set_parallel_for(&shared, bcfl_python::Workers::run, nullptr, 4) == BCFL_OK);
        callers.clear();
        for (int caller = 0; caller < 8; ++caller) {
            callers.emplace_back([&] { CHECK(compute(shared, vectors) == wanted); });
        }
        for (std::thread &caller : callers) caller.join();
        std::printf("%s\n", bcfl_variant_name(i));
    }
    bcfl_context never{};
    CHECK(bcfl_context_set_parallel_for(&never, run, nullptr, 2) == BCFL_CONTEXT_INVALID);
    CHECK(bcfl_context_set_parallel_for(nullptr, run, nullptr, 2) == BCFL_CONTEXT_INVALID);
    return 0;
}
