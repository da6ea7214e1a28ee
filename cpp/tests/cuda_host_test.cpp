// The host's half of the kernels for graphics processors on a device that this processor plays (cuda_host): every
// launch within the limits of real ones, whatever fails fails the call, and nothing is left behind.

#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "bcfl/bcfl_cuda.h"
#include "check.h"

namespace {

constexpr size_t N = 5, COUNT = 40, SHARES = 7;

struct Inputs {
    std::vector<int32_t> vector = std::vector<int32_t>(COUNT, 3);
    std::vector<const int32_t *> vectors = std::vector<const int32_t *>(N, vector.data());
    std::vector<uint32_t> weights = std::vector<uint32_t>(N, 7), words = std::vector<uint32_t>(COUNT, 5);
    std::vector<uint64_t> numbers = std::vector<uint64_t>(COUNT, 5);
    uint8_t key[32] = {1}, purpose[12] = {2};
};

using Call = std::function<bcfl_status(const Inputs &, uint8_t *out)>;

template <typename Number>
Number *as(uint8_t *out) {
    return reinterpret_cast<Number *>(out);
}

std::vector<Call> host_calls(cudaStream_t stream) {
    return {
        [=](const Inputs &in, uint8_t *out) {
            return bcfl_cuda_host_weighted_sum(in.vectors.data(), in.weights.data(), N, COUNT, as<int64_t>(out),
                                               COUNT, nullptr, stream);
        },
        [=](const Inputs &in, uint8_t *out) {
            return bcfl_cuda_host_coordinate_median(in.vectors.data(), N, COUNT, as<int32_t>(out), COUNT, nullptr,
                                                    stream);
        },
        [=](const Inputs &in, uint8_t *out) {
            return bcfl_cuda_host_trimmed_sum(in.vectors.data(), N, COUNT, 1, as<int64_t>(out), COUNT, nullptr,
                                              stream);
        },
        [=](const Inputs &in, uint8_t *out) {
            return bcfl_cuda_host_pairwise_sqdist(in.vectors.data(), N, COUNT, as<uint64_t>(out), 2 * N * N,
                                                  nullptr, stream);
        },
        [=](const Inputs &in, uint8_t *out) {
            return bcfl_cuda_host_mask_add_u32(in.words.data(), COUNT, in.key, in.purpose, 0, as<uint32_t>(out),
                                               COUNT, stream);
        },
        [=](const Inputs &in, uint8_t *out) {
            return bcfl_cuda_host_mask_add_u64(in.numbers.data(), COUNT, in.key, in.purpose, 1, as<uint64_t>(out),
                                               COUNT, stream);
        },
        [=](const Inputs &in, uint8_t *out) {
            return bcfl_cuda_host_shamir_share(in.numbers.data(), COUNT, 3, SHARES, in.key, as<uint64_t>(out),
                                               SHARES * COUNT, nullptr, stream);
        },
        [=](const Inputs &in, uint8_t *out) {
            return bcfl_cuda_host_sha256_chunks(reinterpret_cast<const uint8_t *>(in.numbers.data()), 8 * COUNT,
                                                100, out, 128, stream);
        },
    };
}

// Each call of the runtime fails once: the status says so, no device memory is kept, and nothing waits on the
// stream that could read or write memory of a caller who has gone on.
void test_failures(cudaStream_t stream) {
    const Inputs inputs;
    for (const Call &call : host_calls(stream)) {
        for (size_t failing = 1;; ++failing) {
            std::vector<uint8_t> out(8 * SHARES * COUNT);
            cuda_host::calls = 0;
            cuda_host::failing = failing;
            const bcfl_status status = call(inputs, out.data());
            const bool all_good = cuda_host::calls < failing;
            cuda_host::failing = 0;
            CHECK(status == (all_good ? BCFL_OK : BCFL_DEVICE_FAILED));
            out.assign(out.size(), 0x7e);
            CHECK(cudaStreamSynchronize(stream) == cudaSuccess);  // gives the memory back, and does nothing else
            CHECK(cuda_host::allocated() == 0 && cuda_host::pending() == 0);
            for (uint8_t byte : out) CHECK(byte == 0x7e);
            if (all_good) break;
        }
    }
}

// As large as the interface allows: places that are nowhere, and launches that are only looked at.
void test_largest_launches(cudaStream_t stream) {
    uint8_t *const nowhere = reinterpret_cast<uint8_t *>(uintptr_t{1} << 52);
    const auto place = [=](size_t number) { return nowhere + (number << 46); };
    cuda_host::only_check = true;
    const std::vector<const int32_t *> vectors(BCFL_VECTORS_MAX, as<const int32_t>(place(0)));
    const std::vector<uint32_t> weights(BCFL_VECTORS_MAX, 1);
    const uint8_t key[32] = {0}, purpose[12] = {0};
    const size_t before = cuda_host::launches;
    // What the runs end in is open, since no first fault was ever written.
    for (size_t count : {size_t{1}, size_t{1} << 33, size_t{1} << 40}) {
        for (size_t n : {size_t{1}, size_t{64}, size_t{65}, size_t{BCFL_VECTORS_MAX}}) {
            const size_t room = bcfl_cuda_workspace_bytes(n, 0);
            bcfl_cuda_weighted_sum(vectors.data(), weights.data(), n, count, as<int64_t>(place(1)), count, nullptr,
                                   place(2), room, stream);
            bcfl_cuda_coordinate_median(vectors.data(), n, count, as<int32_t>(place(1)), count, nullptr, place(2),
                                        room, stream);
            bcfl_cuda_trimmed_sum(vectors.data(), n, count, 0, as<int64_t>(place(1)), count, nullptr, place(2),
                                  room, stream);
            bcfl_cuda_pairwise_sqdist(vectors.data(), n, count, as<uint64_t>(place(1)), 2 * n * n, nullptr,
                                      place(2), room, stream);
        }
        CHECK(bcfl_cuda_sha256_chunks(place(0), count, 1, place(1), 32 * count, stream) == BCFL_OK);
    }
    for (size_t bytes : {size_t{64}, size_t{1} << 38}) {
        CHECK(bcfl_cuda_mask_add_u32(as<uint32_t>(place(0)), bytes / 4, key, purpose, 0, as<uint32_t>(place(1)),
                                     bytes / 4, stream) == BCFL_OK);
        CHECK(bcfl_cuda_mask_add_u64(as<uint64_t>(place(0)), bytes / 8, key, purpose, 0, as<uint64_t>(place(0)),
                                     bytes / 8, stream) == BCFL_OK);
        CHECK(bcfl_cuda_mask_add_u32(as<uint32_t>(place(0)), bytes / 4 + (uint64_t{1} << 36), key, purpose, 0,
                                     as<uint32_t>(place(1)), 1, stream) == BCFL_KERNEL_ARGUMENT);
    }
    CHECK(cuda_host::launches > before + 50);
    cuda_host::only_check = false;
}

// The output over the vector, the workspace or the secrets, in the forms for device memory.
void test_overlap(cudaStream_t stream) {
    uint8_t *const place = reinterpret_cast<uint8_t *>(uintptr_t{1} << 52);
    const int32_t *const vectors[] = {as<const int32_t>(place), as<const int32_t>(place + 4096)};
    const uint32_t weights[] = {1, 2};
    const uint8_t key[32] = {0}, purpose[12] = {0};
    uint8_t *const room = place + 65536, *const far = place + 131072;
    CHECK(bcfl_cuda_weighted_sum(vectors, weights, 2, 10, as<int64_t>(place + 4092), 10, nullptr, room, 4096,
                                 stream) == BCFL_OVERLAP);
    CHECK(bcfl_cuda_coordinate_median(vectors, 2, 10, as<int32_t>(room), 10, nullptr, room, 4096, stream) ==
          BCFL_OVERLAP);
    CHECK(bcfl_cuda_trimmed_sum(vectors, 2, 10, 0, as<int64_t>(far), 10, nullptr, place + 8, 4096, stream) ==
          BCFL_OVERLAP);
    CHECK(bcfl_cuda_pairwise_sqdist(vectors, 2, 10, as<uint64_t>(place), 8, nullptr, room, 4096, stream) ==
          BCFL_OVERLAP);
    CHECK(bcfl_cuda_mask_add_u32(as<uint32_t>(place), 10, key, purpose, 0, as<uint32_t>(place + 4), 10, stream) ==
          BCFL_OVERLAP);
    CHECK(bcfl_cuda_mask_add_u64(as<uint64_t>(place), 10, key, purpose, 0, as<uint64_t>(place + 72), 10, stream) ==
          BCFL_OVERLAP);
    CHECK(bcfl_cuda_shamir_share(as<uint64_t>(place), 10, 2, 3, key, as<uint64_t>(place + 72), 30, nullptr, room,
                                 4096, stream) == BCFL_OVERLAP);
    CHECK(bcfl_cuda_sha256_chunks(place, 100, 100, place + 99, 32, stream) == BCFL_OVERLAP);
}

}  // namespace

int main() {
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream) == cudaSuccess);
    test_failures(stream);
    test_failures(nullptr);
    test_largest_launches(stream);
    test_overlap(stream);
    CHECK(cuda_host::pending() == 0);
    CHECK(cudaStreamDestroy(stream) == cudaSuccess);
    return 0;
}
