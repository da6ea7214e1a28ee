// How long the kernels take on a graphics processor, beside a copy of memory on it: `cuda_bench`. Without a device
// it says so and ends with 77. A call is timed as callers see it, with its launch and its wait; the best of
// ROUNDS.

#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "bcfl/bcfl_cuda.h"
#include "check.h"

namespace {

#ifdef BCFL_PLAYED
constexpr size_t TOTAL = size_t{1} << 16, ROUNDS = 1;
#else
constexpr size_t TOTAL = size_t{1} << 30, ROUNDS = 20;  // bytes that a call reads
#endif

cudaStream_t stream;
double copy_rate = 0;

// Device memory of random words below 2^20, which are coordinates, words, secrets and bytes alike.
class Memory {
 public:
    explicit Memory(size_t bytes) {
        CHECK(cudaMallocAsync(&place_, bytes, stream) == cudaSuccess);
        std::vector<uint32_t> words(std::min(bytes / 4 + 1, size_t{1} << 22));
        uint64_t state = bytes;
        for (uint32_t &word : words) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            word = static_cast<uint32_t>(state >> 44);
        }
        for (size_t at = 0; at < bytes; at += 4 * words.size()) {
            const size_t part = std::min(4 * words.size(), bytes - at);
            CHECK(cudaMemcpyAsync(as<char>() + at, words.data(), part, cudaMemcpyHostToDevice, stream) ==
                  cudaSuccess);
        }
        CHECK(cudaStreamSynchronize(stream) == cudaSuccess);
    }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;
    ~Memory() { cudaFreeAsync(place_, stream); }
    template <typename Number>
    Number *as() const {
        return static_cast<Number *>(place_);
    }

 private:
    void *place_ = nullptr;
};

double seconds(const std::function<bcfl_status()> &call) {
    double best = 1e9;
    for (size_t round = 0; round <= ROUNDS; ++round) {  // the first is not counted
        const auto start = std::chrono::steady_clock::now();
        CHECK(call() == BCFL_OK);
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        if (round > 0) best = std::min(best, time.count());
    }
    return best;
}

void report(const char *name, size_t bytes, const std::function<bcfl_status()> &call) {
    const double time = seconds(call), rate = static_cast<double>(bytes) / time;
    if (copy_rate == 0) copy_rate = rate;
    std::printf("%-40s %9.3f ms %9.1f GB/s %5.0f %% of a copy\n", name, 1e3 * time, 1e-9 * rate,
                100 * rate / copy_rate);
}

void bench_copy() {
    const Memory from(TOTAL), to(TOTAL);
    report("copy, read and written", 2 * TOTAL, [&] {
        return cudaMemcpyAsync(to.as<char>(), from.as<char>(), TOTAL, cudaMemcpyDeviceToDevice, stream) ==
                           cudaSuccess &&
                       cudaStreamSynchronize(stream) == cudaSuccess
                   ? BCFL_OK
                   : BCFL_DEVICE_FAILED;
    });
}

void bench_vectors(size_t n) {
    const size_t count = TOTAL / 4 / n / 64 * 64, bytes = bcfl_cuda_workspace_bytes(n, 0);
    const Memory coordinates(4 * n * count), out(std::max(8 * count, 16 * n * n)), room(bytes);
    std::vector<const int32_t *> vectors;
    for (size_t i = 0; i < n; ++i) vectors.push_back(coordinates.as<int32_t>() + i * count);
    const std::vector<uint32_t> weights(n, 3);
    const auto line = [&](const char *what, size_t written, const std::function<bcfl_status()> &call) {
        char name[64];
        std::snprintf(name, sizeof name, "%s, n=%zu, %zu coordinates", what, n, count);
        report(name, 4 * n * count + written, call);
    };
    line("weighted sum", 8 * count, [&] {
        return bcfl_cuda_weighted_sum(vectors.data(), weights.data(), n, count, out.as<int64_t>(), count, nullptr,
                                      room.as<void>(), bytes, stream);
    });
    line("median", 4 * count, [&] {
        return bcfl_cuda_coordinate_median(vectors.data(), n, count, out.as<int32_t>(), count, nullptr,
                                           room.as<void>(), bytes, stream);
    });
    line("trimmed sum", 8 * count, [&] {
        return bcfl_cuda_trimmed_sum(vectors.data(), n, count, n / 4, out.as<int64_t>(), count, nullptr,
                                     room.as<void>(), bytes, stream);
    });
    line("distances", 0, [&] {
        return bcfl_cuda_pairwise_sqdist(vectors.data(), n, count, out.as<uint64_t>(), 2 * n * n, nullptr,
                                         room.as<void>(), bytes, stream);
    });
}

void bench_words() {
    const Memory from(TOTAL), to(TOTAL);
    const uint8_t key[32] = {1}, purpose[12] = {2};
    report("mask of uint32", 2 * TOTAL, [&] {
        return bcfl_cuda_mask_add_u32(from.as<uint32_t>(), TOTAL / 4, key, purpose, 0, to.as<uint32_t>(),
                                      TOTAL / 4, stream);
    });
    report("mask of uint64", 2 * TOTAL, [&] {
        return bcfl_cuda_mask_add_u64(from.as<uint64_t>(), TOTAL / 8, key, purpose, 0, to.as<uint64_t>(),
                                      TOTAL / 8, stream);
    });
    report("chunks of 4 KiB", TOTAL, [&] {
        return bcfl_cuda_sha256_chunks(from.as<uint8_t>(), TOTAL, 4096, to.as<uint8_t>(), TOTAL / 128, stream);
    });
}

void bench_shares() {
    const size_t count = TOTAL / 8 / 32, threshold = 10, rows = 32;
    const size_t room_bytes = bcfl_cuda_workspace_bytes(0, count * (threshold - 1));
    const Memory words(8 * count), out(8 * rows * count), room(room_bytes);
    const uint8_t seed[32] = {1};
    report("shares 10 of 32, of shares written", 8 * rows * count, [&] {
        return bcfl_cuda_shamir_share(words.as<uint64_t>(), count, threshold, rows, seed, out.as<uint64_t>(),
                                      rows * count, nullptr, room.as<void>(), room_bytes, stream);
    });
}

}  // namespace

int main() {
    if (bcfl_cuda_device_count() == 0) {
        std::printf("no device: nothing was measured\n");
        return 77;
    }
#ifdef BCFL_PLAYED
    std::printf("a device that this processor plays: the numbers say that the program runs, and nothing else\n");
#endif
    CHECK(cudaStreamCreate(&stream) == cudaSuccess);
    bench_copy();
    for (size_t n : {5, 10, 32, 64, 100}) bench_vectors(n);
    bench_words();
    bench_shares();
    CHECK(cudaStreamDestroy(stream) == cudaSuccess);
    return 0;
}
