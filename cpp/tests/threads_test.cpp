// A host that offers threads: eight callers, each with two workers of its own, get the bytes that one thread gets.
// The same with the threads of the Python module, which wait for work.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

#if defined(__unix__)
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "../python/workers.h"
#include "bcfl/bcfl.h"
#include "check.h"

namespace {

constexpr size_t COUNT = 3 * 16384 + 5, VECTORS = 5;

// Each index in a thread of its own; `host` counts the calls.
void run(void *host, bcfl_task task, void *job, size_t count) {
    if (host != nullptr) ++*static_cast<size_t *>(host);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) threads.emplace_back(task, job, i);
    for (std::thread &thread : threads) thread.join();
}

// What the kernels are asked with, and what they answer. Each is long enough for several parts of the width that
// the library has, registers and their tails included.
struct Inputs {
    std::vector<std::vector<int32_t>> vectors;
    std::vector<const int32_t *> few,
        many;  // the places of the vectors, and of as many that a workspace is needed
    std::vector<uint64_t> numbers;
    std::vector<uint64_t> few_shares;  // of `numbers`
    const uint8_t *bytes() const { return reinterpret_cast<const uint8_t *>(vectors[0].data()); }
};
constexpr size_t BYTES = COUNT * 4 / 32 * 32, SAMPLES = 5 * 256 + 3, SHARES = 7, THRESHOLD = 4, PACK = 2;
constexpr uint32_t WEIGHTS[VECTORS] = {1, 2, 3, 4, 65535}, POSITIONS[THRESHOLD] = {0, 2, 3, 6};
constexpr uint8_t KEYS[2 * BCFL_MASK_KEY_BYTES] = {1, 2, 3}, STREAMS[2 * BCFL_MASK_STREAM_BYTES] = {4, 5};
constexpr uint8_t SIGNS[2] = {0, 1};

using Bytes = std::vector<uint8_t>;

template <typename Number>
struct Output {
    Bytes &bytes;
    size_t count;
    Output(Bytes &out, size_t numbers) : bytes(out), count(numbers) { bytes.resize(count * sizeof(Number)); }
    Number *data() { return reinterpret_cast<Number *>(bytes.data()); }
};

// A kernel that cuts its work: asked once, it fills `out`.
struct Kernel {
    const char *name;
    void (*run)(const bcfl_context *context, const Inputs &in, Bytes &out);
};

const Kernel KERNELS[] = {
    {"weighted_sum",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<int64_t> out(bytes, COUNT);
         CHECK(bcfl_weighted_sum(context, in.few.data(), WEIGHTS, VECTORS, COUNT, out.data(), COUNT, nullptr) ==
               BCFL_OK);
     }},
    {"sum",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<int64_t> out(bytes, COUNT);
         bcfl_sum sum;
         CHECK(bcfl_sum_init(&sum, context, out.data(), COUNT) == BCFL_OK);
         for (size_t n = 0; n < 2; ++n) {
             CHECK(bcfl_sum_update(&sum, in.few[n], COUNT, WEIGHTS[n], nullptr) == BCFL_OK);
         }
     }},
    {"coordinate_median",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<int32_t> out(bytes, COUNT);
         CHECK(bcfl_coordinate_median(context, in.few.data(), VECTORS, COUNT, out.data(), COUNT, nullptr, nullptr,
                                      0) == BCFL_OK);
     }},
    {"coordinate_median of many",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<int32_t> out(bytes, COUNT);
         Bytes room(bcfl_order_workspace_bytes(context, in.many.size(), COUNT));
         CHECK(bcfl_coordinate_median(context, in.many.data(), in.many.size(), COUNT, out.data(), COUNT, nullptr,
                                      room.data(), room.size()) == BCFL_OK);
     }},
    {"trimmed_sum",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<int64_t> out(bytes, COUNT);
         CHECK(bcfl_trimmed_sum(context, in.few.data(), VECTORS, COUNT, 1, out.data(), COUNT, nullptr, nullptr,
                                0) == BCFL_OK);
     }},
    {"nearest_sum",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<int64_t> out(bytes, COUNT);
         CHECK(bcfl_nearest_sum(context, in.few.data(), VECTORS, COUNT, 3, out.data(), COUNT, nullptr, nullptr,
                                0) == BCFL_OK);
     }},
    {"pairwise_sqdist",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<uint64_t> out(bytes, 2 * VECTORS * VECTORS);
         Bytes room(bcfl_pairwise_sqdist_workspace_bytes(context, VECTORS, COUNT));
         CHECK(bcfl_pairwise_sqdist(context, in.few.data(), VECTORS, COUNT, out.data(), out.count, nullptr,
                                    room.data(), room.size()) == BCFL_OK);
     }},
    {"sha256_chunks",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<uint8_t> out(bytes, bcfl_sha256_chunks_bytes(BYTES, 1000));
         CHECK(bcfl_sha256_chunks(context, in.bytes(), BYTES, 1000, out.data(), out.count) == BCFL_OK);
     }},
    {"hash",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         bcfl_hash hash;
         CHECK(bcfl_hash_init(&hash, context, 1000) == BCFL_OK);
         Output<uint8_t> out(bytes, bcfl_hash_update_bytes(&hash, BYTES));
         CHECK(bcfl_hash_update(&hash, in.bytes(), BYTES, out.data(), out.count) == BCFL_OK);
     }},
    {"ssz_merkleize",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<uint8_t> out(bytes, BCFL_DIGEST_BYTES);
         Bytes room(bcfl_ssz_merkleize_workspace_bytes(BYTES));
         CHECK(bcfl_ssz_merkleize(context, in.bytes(), BYTES, 1 << 20, room.data(), room.size(), out.data()) ==
               BCFL_OK);
     }},
    {"mask_add, 32 bits",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<uint32_t> out(bytes, COUNT);
         const uint32_t *vector = reinterpret_cast<const uint32_t *>(in.few[0]);
         CHECK(bcfl_mask_add_u32(context, vector, COUNT, KEYS, STREAMS, 1, out.data(), COUNT) == BCFL_OK);
     }},
    {"mask_add_many, 64 bits",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<uint64_t> out(bytes, COUNT);
         CHECK(bcfl_mask_add_many_u64(context, in.numbers.data(), COUNT, KEYS, STREAMS, SIGNS, 2, out.data(),
                                      COUNT) == BCFL_OK);
     }},
    {"mask",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<uint64_t> out(bytes, COUNT);
         bcfl_mask mask;
         CHECK(bcfl_mask_init(&mask, context, KEYS, STREAMS, 0) == BCFL_OK);
         CHECK(bcfl_mask_update_u64(&mask, in.numbers.data(), COUNT, out.data(), COUNT) == BCFL_OK);
         CHECK(bcfl_mask_final(&mask) == BCFL_OK);
     }},
    {"shamir_share",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<uint64_t> out(bytes, SHARES * COUNT);
         CHECK(bcfl_shamir_share(context, in.numbers.data(), COUNT, THRESHOLD, SHARES, KEYS, out.data(), out.count,
                                 nullptr, nullptr, 0) == BCFL_OK);
     }},
    {"shamir_reconstruct",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<uint64_t> out(bytes, COUNT);
         const uint64_t *rows[THRESHOLD];
         for (size_t i = 0; i < THRESHOLD; ++i) rows[i] = in.few_shares.data() + POSITIONS[i] * COUNT;
         CHECK(bcfl_shamir_reconstruct(context, rows, POSITIONS, THRESHOLD, COUNT, THRESHOLD, out.data(), COUNT,
                                       nullptr, nullptr, 0) == BCFL_OK);
         CHECK(std::memcmp(out.data(), in.numbers.data(), bytes.size()) == 0);
     }},
    {"packed_share",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         constexpr size_t EVEN = COUNT - COUNT % PACK;
         Output<uint64_t> out(bytes, SHARES * EVEN / PACK);
         CHECK(bcfl_packed_share(context, in.numbers.data(), EVEN, PACK, THRESHOLD, SHARES, KEYS, out.data(),
                                 out.count, nullptr, nullptr, 0) == BCFL_OK);
     }},
    {"packed_reconstruct",
     [](const bcfl_context *context, const Inputs &in, Bytes &bytes) {
         Output<uint64_t> out(bytes, COUNT * PACK);
         const uint64_t *rows[THRESHOLD];
         for (size_t i = 0; i < THRESHOLD; ++i) rows[i] = in.few_shares.data() + POSITIONS[i] * COUNT;
         CHECK(bcfl_packed_reconstruct(context, rows, POSITIONS, THRESHOLD, COUNT, PACK, THRESHOLD, out.data(),
                                       out.count, nullptr, nullptr, 0) == BCFL_OK);
     }},
    {"discrete_gaussian",
     [](const bcfl_context *context, const Inputs &, Bytes &bytes) {
         Output<int64_t> out(bytes, SAMPLES);
         CHECK(bcfl_discrete_gaussian(context, 40, 3, KEYS, out.data(), SAMPLES) == BCFL_OK);
     }},
};
constexpr size_t KERNEL_COUNT = sizeof KERNELS / sizeof *KERNELS;

using Results = std::vector<Bytes>;

Results compute(const bcfl_context &context, const Inputs &in) {
    Results results(KERNEL_COUNT);
    for (size_t k = 0; k < KERNEL_COUNT; ++k) KERNELS[k].run(&context, in, results[k]);
    return results;
}

Inputs made() {
    Inputs in;
    for (size_t n = 0; n < VECTORS; ++n) {
        in.vectors.emplace_back(COUNT);
        for (size_t i = 0; i < COUNT; ++i)
            in.vectors[n][i] = static_cast<int32_t>((n * 7919 + i * 104729) % 2097151) - 1048575;
    }
    for (const std::vector<int32_t> &vector : in.vectors) in.few.push_back(vector.data());
    for (size_t n = 0; n < 66; ++n) in.many.push_back(in.vectors[n % VECTORS].data());
    for (size_t i = 0; i < COUNT; ++i) in.numbers.push_back(BCFL_FIELD_MODULUS - 1 - i);
    in.few_shares.resize(SHARES * COUNT);
    bcfl_context context;
    CHECK(bcfl_context_init(&context, nullptr) == BCFL_OK);
    CHECK(bcfl_shamir_share(&context, in.numbers.data(), COUNT, THRESHOLD, SHARES, KEYS, in.few_shares.data(),
                            in.few_shares.size(), nullptr, nullptr, 0) == BCFL_OK);
    return in;
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

// Faults that the thread sanitizer must see, in the code of each kernel under each variant: a thread writes what
// another one wrote or read in a kernel that has ended, of which nobody told it in a way that counts. Of the bytes
// of a word the sanitizer remembers the latest. A child that goes on to its end was not stopped.
#if defined(__unix__)
bool stopped(const std::function<void()> &fault) {
    std::fflush(stdout);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) >= 0);
        fault();
        exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 66;
}

int planted(Inputs &in) {
    size_t missed = 0, seen = 0;
    for (size_t i = 0; i < bcfl_variant_count(); ++i) {
        bcfl_context context;
        if (bcfl_context_init(&context, bcfl_variant_name(i)) != BCFL_OK) continue;
        for (const Kernel &kernel : KERNELS) {
            Bytes out;
            kernel.run(&context, in, out);
            const auto racing = [&](const std::function<void()> &writing) {
                return stopped([&] {
                    std::atomic<bool> ended{false};
                    std::thread second([&] {
                        kernel.run(&context, in, out);
                        ended.store(true, std::memory_order_relaxed);
                    });
                    while (!ended.load(std::memory_order_relaxed)) continue;
                    writing();
                    second.join();
                });
            };
            const bool writes = racing([&] {
                for (size_t at = 7; at < out.size(); at += 8) out[at] ^= 1;
            });
            const bool reads = std::strcmp(kernel.name, "discrete_gaussian") == 0 || racing([&] {
                                   for (int32_t &value : in.vectors[0]) value ^= 1;
                                   for (uint64_t &value : in.numbers) value ^= 1;
                                   for (uint64_t &value : in.few_shares) value ^= 1;
                               });
            if (!writes || !reads)
                std::printf("%s, %s: %s\n", bcfl_variant_name(i), kernel.name, writes ? "reads" : "writes");
            missed += !writes || !reads;
            ++seen;
        }
    }
    std::printf("%zu kernels and variants, %zu missed\n", seen, missed);
    return missed == 0 && seen > 0 ? 0 : 1;
}
#endif

}  // namespace

int main(int count, char **) {
    Inputs in = made();
#if defined(__unix__)
    if (count > 1) return planted(in);
#endif
    check_workers();
    for (size_t i = 0; i < bcfl_variant_count(); ++i) {
        bcfl_context alone, shared;
        if (bcfl_context_init(&alone, bcfl_variant_name(i)) != BCFL_OK) continue;
        shared = alone;
        size_t calls = 0;
        CHECK(bcfl_context_set_parallel_for(&shared, run, &calls, 3) == BCFL_OK);
        const Results wanted = compute(alone, in);
        CHECK(calls == 0);
        for (size_t k = 0; k < KERNEL_COUNT; ++k) {
            Bytes result;
            calls = 0;
            KERNELS[k].run(&shared, in, result);
            CHECK(result == wanted[k] && calls > 0);  // every kernel made use of the offer
        }
        CHECK(bcfl_context_set_parallel_for(&shared, nullptr, &calls, 3) == BCFL_OK);
        calls = 0;
        CHECK(compute(shared, in) == wanted && calls == 0);
        for (const bcfl_parallel_for host : {&run, &bcfl_python::Workers::run}) {
            CHECK(bcfl_context_set_parallel_for(&shared, host, nullptr, host == run ? 2 : 4) == BCFL_OK);
            std::vector<std::thread> callers;
            for (int caller = 0; caller < 8; ++caller) {
                callers.emplace_back([&] { CHECK(compute(shared, in) == wanted); });
            }
            for (std::thread &caller : callers) caller.join();
        }
        std::printf("%s\n", bcfl_variant_name(i));
    }
    bcfl_context never{};
    CHECK(bcfl_context_set_parallel_for(&never, run, nullptr, 2) == BCFL_CONTEXT_INVALID);
    CHECK(bcfl_context_set_parallel_for(nullptr, run, nullptr, 2) == BCFL_CONTEXT_INVALID);
    return 0;
}
