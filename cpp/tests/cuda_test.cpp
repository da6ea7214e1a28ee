// The kernels on a graphics processor beside the library, from host buffers and on the device. Without a device it
// says so and ends with 77, which the test runner shows as skipped.

#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "bcfl/bcfl_cuda.h"
#include "check.h"

namespace {

constexpr int32_t Q = BCFL_COORDINATE_MAX;
#ifdef BCFL_PLAYED
constexpr size_t LARGE = 1031;  // enough for several blocks
#else
constexpr size_t LARGE = 10007;
#endif

uint64_t next_random(uint64_t &state) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 20;
}

void test_vectors(const bcfl_context &context, size_t n, size_t count, cudaStream_t stream) {
    uint64_t state = n * count;
    std::vector<std::vector<int32_t>> rows(n, std::vector<int32_t>(count));
    std::vector<const int32_t *> from;
    std::vector<uint32_t> weights;
    for (std::vector<int32_t> &row : rows) {
        for (int32_t &value : row) {
            const uint64_t random = next_random(state);
            value = random % 7 == 0 ? Q : random % 7 == 1 ? -Q : static_cast<int32_t>(random % (2 * Q + 1)) - Q;
        }
        from.push_back(row.data());
        weights.push_back(static_cast<uint32_t>(next_random(state) % 65536));
    }
    const size_t trim = (n - 1) / 3;
    std::vector<int64_t> sums(count), wanted_sums(count);
    std::vector<int32_t> medians(count), wanted_medians(count);
    std::vector<uint64_t> distances(2 * n * n, 77), wanted_distances(2 * n * n);
    bcfl_fault fault = {0, 0}, wanted_fault = {0, 0};
    std::vector<uint8_t> room(bcfl_pairwise_sqdist_workspace_bytes(&context, n, count));
    CHECK(bcfl_weighted_sum(&context, from.data(), weights.data(), n, count, wanted_sums.data(), count, nullptr) ==
          BCFL_OK);
    CHECK(bcfl_cuda_host_weighted_sum(from.data(), weights.data(), n, count, sums.data(), count, nullptr,
                                      stream) == BCFL_OK);
    CHECK(sums == wanted_sums);
    CHECK(bcfl_coordinate_median(&context, from.data(), n, count, wanted_medians.data(), count, nullptr,
                                 room.data(), room.size()) == BCFL_OK);
    CHECK(bcfl_cuda_host_coordinate_median(from.data(), n, count, medians.data(), count, nullptr, stream) ==
          BCFL_OK);
    CHECK(medians == wanted_medians);
    CHECK(bcfl_trimmed_sum(&context, from.data(), n, count, trim, wanted_sums.data(), count, nullptr, room.data(),
                           room.size()) == BCFL_OK);
    CHECK(bcfl_cuda_host_trimmed_sum(from.data(), n, count, trim, sums.data(), count, nullptr, stream) == BCFL_OK);
    CHECK(sums == wanted_sums);
    CHECK(bcfl_pairwise_sqdist(&context, from.data(), n, count, wanted_distances.data(), 2 * n * n, nullptr,
                               room.data(), room.size()) == BCFL_OK);
    CHECK(bcfl_cuda_host_pairwise_sqdist(from.data(), n, count, distances.data(), 2 * n * n, nullptr, stream) ==
          BCFL_OK);
    CHECK(distances == wanted_distances);
    rows[n - 1][0] = -Q - 1;
    rows[n / 2][count - 1] = Q + 1;
    CHECK(bcfl_weighted_sum(&context, from.data(), weights.data(), n, count, sums.data(), count, &wanted_fault) ==
          BCFL_DOMAIN_COORDINATE);
    const auto refused = [&](bcfl_status status) {
        CHECK(status == BCFL_DOMAIN_COORDINATE);
        CHECK(fault.vector == wanted_fault.vector && fault.index == wanted_fault.index);
        fault = {0, 0};
    };
    refused(
        bcfl_cuda_host_weighted_sum(from.data(), weights.data(), n, count, sums.data(), count, &fault, stream));
    refused(bcfl_cuda_host_coordinate_median(from.data(), n, count, medians.data(), count, &fault, stream));
    refused(bcfl_cuda_host_trimmed_sum(from.data(), n, count, trim, sums.data(), count, &fault, stream));
    refused(bcfl_cuda_host_pairwise_sqdist(from.data(), n, count, distances.data(), 2 * n * n, &fault, stream));
}

// Medians and trimmed sums of more vectors than a thread sorts.
void test_many_vectors(const bcfl_context &context, size_t n, size_t count, cudaStream_t stream) {
    uint64_t state = n * count;
    std::vector<std::vector<int32_t>> rows(n, std::vector<int32_t>(count));
    std::vector<const int32_t *> from;
    for (std::vector<int32_t> &row : rows) {
        for (int32_t &value : row) value = static_cast<int32_t>(next_random(state) % (2 * Q + 1)) - Q;
        from.push_back(row.data());
    }
    for (size_t i = 0; i < n; ++i) rows[i][0] = Q, rows[i][count - 1] = i % 2 == 0 ? -Q : 1 - Q;
    std::vector<uint8_t> room(bcfl_order_workspace_bytes(&context, n, count));
    std::vector<int32_t> medians(count), wanted_medians(count);
    std::vector<int64_t> sums(count), wanted_sums(count);
    CHECK(bcfl_coordinate_median(&context, from.data(), n, count, wanted_medians.data(), count, nullptr,
                                 room.data(), room.size()) == BCFL_OK);
    CHECK(bcfl_cuda_host_coordinate_median(from.data(), n, count, medians.data(), count, nullptr, stream) ==
          BCFL_OK);
    CHECK(medians == wanted_medians);
    for (size_t trim : {size_t{0}, size_t{1}, n / 3, (n - 1) / 2}) {
        CHECK(bcfl_trimmed_sum(&context, from.data(), n, count, trim, wanted_sums.data(), count, nullptr,
                               room.data(), room.size()) == BCFL_OK);
        CHECK(bcfl_cuda_host_trimmed_sum(from.data(), n, count, trim, sums.data(), count, nullptr, stream) ==
              BCFL_OK);
        CHECK(sums == wanted_sums);
    }
    bcfl_fault fault = {0, 0};
    rows[n - 1][0] = INT32_MIN;
    rows[n - 2][1] = Q + 1;
    CHECK(bcfl_cuda_host_coordinate_median(from.data(), n, count, medians.data(), count, &fault, stream) ==
          BCFL_DOMAIN_COORDINATE);
    CHECK(fault.vector == n - 2 && fault.index == 1);
}

void test_shares(const bcfl_context &context, std::vector<uint64_t> secrets, size_t threshold, size_t rows,
                 const uint8_t *key, cudaStream_t stream) {
    const size_t count = secrets.size();
    std::vector<uint64_t> shares(rows * count), wanted(rows * count);
    CHECK(bcfl_shamir_share(&context, secrets.data(), count, threshold, rows, key, wanted.data(), rows * count,
                            nullptr, nullptr, 0) == BCFL_OK);
    CHECK(bcfl_cuda_host_shamir_share(secrets.data(), count, threshold, rows, key, shares.data(), rows * count,
                                      nullptr, stream) == BCFL_OK);
    CHECK(shares == wanted);
    bcfl_fault fault = {1, 0};
    secrets[count - 1] = BCFL_FIELD_MODULUS;
    CHECK(bcfl_cuda_host_shamir_share(secrets.data(), count, threshold, rows, key, shares.data(), rows * count,
                                      &fault, stream) == BCFL_FIELD_RANGE);
    CHECK(fault.vector == 0 && fault.index == count - 1);
}

void test_secrets(const bcfl_context &context, size_t count, cudaStream_t stream) {
    uint64_t state = count;
    uint8_t key[32], purpose[12];
    for (uint8_t &byte : key) byte = static_cast<uint8_t>(next_random(state));
    for (uint8_t &byte : purpose) byte = static_cast<uint8_t>(next_random(state));
    std::vector<uint32_t> narrow(count), out(count), wanted(count);
    std::vector<uint64_t> wide(count), wide_out(count), wide_wanted(count), secrets(count);
    for (size_t i = 0; i < count; ++i) {
        narrow[i] = static_cast<uint32_t>(next_random(state));
        wide[i] = next_random(state) << 20 | i;
        secrets[i] = i % 3 == 0 ? BCFL_FIELD_MODULUS - 1 - i : next_random(state);
    }
    for (int subtract : {0, 1}) {
        CHECK(bcfl_mask_add_u32(&context, narrow.data(), count, key, purpose, subtract, wanted.data(), count) ==
              BCFL_OK);
        CHECK(bcfl_cuda_host_mask_add_u32(narrow.data(), count, key, purpose, subtract, out.data(), count,
                                          stream) == BCFL_OK);
        CHECK(bcfl_mask_add_u64(&context, wide.data(), count, key, purpose, subtract, wide_wanted.data(), count) ==
              BCFL_OK);
        CHECK(bcfl_cuda_host_mask_add_u64(wide.data(), count, key, purpose, subtract, wide_out.data(), count,
                                          stream) == BCFL_OK);
        CHECK(out == wanted && wide_out == wide_wanted);
    }
    for (size_t threshold : {2, 10, 17, 18, 40}) {  // a thread takes 16 samples at a time, a block 32 shares
        test_shares(context, secrets, threshold, threshold == 10 ? 32 : threshold + 5, key, stream);
    }
    const uint8_t *bytes = reinterpret_cast<const uint8_t *>(wide.data());
    for (size_t chunk : {1, 64, 100, 4096}) {
        const size_t size = bcfl_sha256_chunks_bytes(8 * count, chunk);
        std::vector<uint8_t> digests(size), wanted_digests(size);
        CHECK(bcfl_sha256_chunks(&context, bytes, 8 * count, chunk, wanted_digests.data(), size) == BCFL_OK);
        CHECK(bcfl_cuda_host_sha256_chunks(bytes, 8 * count, chunk, digests.data(), size, stream) == BCFL_OK);
        CHECK(digests == wanted_digests);
    }
}

// Numbers on the device, `offset` of them behind an address that whole quads may be read at.
template <typename Number>
class OnDevice {
 public:
    OnDevice(const std::vector<Number> &numbers, size_t offset, cudaStream_t stream)
        : count_(numbers.size()), offset_(offset), stream_(stream) {
        CHECK(cudaMallocAsync(&place_, (count_ + offset) * sizeof(Number), stream) == cudaSuccess);
        CHECK(cudaMemcpyAsync(data(), numbers.data(), count_ * sizeof(Number), cudaMemcpyHostToDevice, stream) ==
              cudaSuccess);
        CHECK(cudaStreamSynchronize(stream) == cudaSuccess);
    }
    OnDevice(const OnDevice &) = delete;
    OnDevice &operator=(const OnDevice &) = delete;
    ~OnDevice() { cudaFreeAsync(place_, stream_); }
    Number *data() const { return static_cast<Number *>(place_) + offset_; }
    std::vector<Number> numbers() const {
        std::vector<Number> numbers(count_);
        CHECK(cudaMemcpyAsync(numbers.data(), data(), count_ * sizeof(Number), cudaMemcpyDeviceToHost, stream_) ==
              cudaSuccess);
        CHECK(cudaStreamSynchronize(stream_) == cudaSuccess);
        return numbers;
    }

 private:
    void *place_ = nullptr;
    size_t count_, offset_;
    cudaStream_t stream_;
};

// Device addresses that quads may be read at, and others; masks also in place.
void test_places(const bcfl_context &context, size_t from, size_t to, cudaStream_t stream) {
    uint64_t state = 8 * from + to;
    const size_t count = 3000;
    std::vector<uint64_t> wide(count), wanted(count), digests(4 * (count / 10));
    std::vector<uint32_t> narrow(count), narrow_wanted(count);
    for (uint64_t &word : wide) word = next_random(state) << 20;
    for (uint32_t &word : narrow) word = static_cast<uint32_t>(next_random(state));
    const uint8_t key[32] = {7}, purpose[12] = {1};
    CHECK(bcfl_mask_add_u64(&context, wide.data(), count, key, purpose, 1, wanted.data(), count) == BCFL_OK);
    CHECK(bcfl_mask_add_u32(&context, narrow.data(), count, key, purpose, 1, narrow_wanted.data(), count) ==
          BCFL_OK);
    const OnDevice<uint64_t> vector(wide, from, stream), out(std::vector<uint64_t>(count), to, stream);
    const OnDevice<uint32_t> words(narrow, from, stream), sums(std::vector<uint32_t>(count), to, stream);
    CHECK(bcfl_cuda_mask_add_u64(vector.data(), count, key, purpose, 1, out.data(), count, stream) == BCFL_OK);
    CHECK(bcfl_cuda_mask_add_u32(words.data(), count, key, purpose, 1, sums.data(), count, stream) == BCFL_OK);
    CHECK(out.numbers() == wanted && sums.numbers() == narrow_wanted);
    CHECK(bcfl_cuda_mask_add_u64(out.data(), count, key, purpose, 0, out.data(), count, stream) == BCFL_OK);
    CHECK(bcfl_cuda_mask_add_u32(sums.data(), count, key, purpose, 0, sums.data(), count, stream) == BCFL_OK);
    CHECK(out.numbers() == wide && sums.numbers() == narrow);
    CHECK(bcfl_sha256_chunks(&context, reinterpret_cast<const uint8_t *>(wide.data()), 8 * count, 80,
                             reinterpret_cast<uint8_t *>(digests.data()), 8 * digests.size()) == BCFL_OK);
    const OnDevice<uint64_t> hashes(std::vector<uint64_t>(digests.size()), to, stream);
    CHECK(bcfl_cuda_sha256_chunks(reinterpret_cast<const uint8_t *>(vector.data()), 8 * count, 80,
                                  reinterpret_cast<uint8_t *>(hashes.data()), 8 * digests.size(),
                                  stream) == BCFL_OK);
    CHECK(hashes.numbers() == digests);
}

// Sums of vectors at such addresses, of an even and an odd number of coordinates.
void test_vector_places(const bcfl_context &context, size_t from, size_t to, size_t count, cudaStream_t stream) {
    constexpr size_t N = 11;
    uint64_t state = 8 * from + to;
    std::vector<std::vector<int32_t>> rows(N, std::vector<int32_t>(count));
    std::vector<std::unique_ptr<OnDevice<int32_t>>> copies;
    std::vector<const int32_t *> on_host, on_device;
    std::vector<uint32_t> weights;
    for (std::vector<int32_t> &row : rows) {
        for (int32_t &value : row) value = static_cast<int32_t>(next_random(state) % (2 * Q + 1)) - Q;
        copies.push_back(std::make_unique<OnDevice<int32_t>>(row, copies.size() % 2 * from, stream));
        on_host.push_back(row.data());
        on_device.push_back(copies.back()->data());
        weights.push_back(static_cast<uint32_t>(next_random(state) % 65536));
    }
    std::vector<int64_t> sums(count);
    std::vector<uint64_t> distances(2 * N * N);
    std::vector<uint8_t> room(bcfl_pairwise_sqdist_workspace_bytes(&context, N, count));
    CHECK(bcfl_weighted_sum(&context, on_host.data(), weights.data(), N, count, sums.data(), count, nullptr) ==
          BCFL_OK);
    CHECK(bcfl_pairwise_sqdist(&context, on_host.data(), N, count, distances.data(), 2 * N * N, nullptr,
                               room.data(), room.size()) == BCFL_OK);
    const size_t bytes = bcfl_cuda_workspace_bytes(N, 0);
    const OnDevice<uint8_t> workspace(std::vector<uint8_t>(bytes), 0, stream);
    const OnDevice<int64_t> out(std::vector<int64_t>(count), to, stream);
    const OnDevice<uint64_t> squares(std::vector<uint64_t>(2 * N * N), to, stream);
    CHECK(bcfl_cuda_weighted_sum(on_device.data(), weights.data(), N, count, out.data(), count, nullptr,
                                 workspace.data(), bytes, stream) == BCFL_OK);
    CHECK(bcfl_cuda_pairwise_sqdist(on_device.data(), N, count, squares.data(), 2 * N * N, nullptr,
                                    workspace.data(), bytes, stream) == BCFL_OK);
    CHECK(out.numbers() == sums && squares.numbers() == distances);
}

}  // namespace

int main() {
    CHECK(bcfl_cuda_host_mask_add_u32(nullptr, 0, nullptr, nullptr, 0, nullptr, 0, nullptr) == BCFL_EMPTY);
    CHECK(bcfl_cuda_host_weighted_sum(nullptr, nullptr, 0, 0, nullptr, 0, nullptr, nullptr) == BCFL_EMPTY);
    if (bcfl_cuda_device_count() == 0) {
        std::printf("no device: the device part was not run\n");
        return 77;
    }
    bcfl_context context;
    CHECK(bcfl_context_init(&context, nullptr) == BCFL_OK);
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream) == cudaSuccess);
    for (size_t n : {1, 2, 5, 8, 9, 16, 17, 24, 25, 32, 33, 48, 49, 64, 65, 100}) {
        for (size_t count : {size_t{1}, size_t{255}, size_t{257}, LARGE}) test_vectors(context, n, count, stream);
    }
    // A block of threads holds 32, 16, 8 or 4 columns.
    for (size_t n : {96, 97, 352, 353, 736, 737, 1504, 1505, 2047}) test_many_vectors(context, n, 37, stream);
    // A block of threads masks 2048 words of 32 bits or 1024 of 64, and draws 1024 samples, 9 for a secret.
    for (size_t count : {1, 7, 17, 113, 114, 1023, 1024, 1025, 2047, 2048, 2049, 4099}) {
        test_secrets(context, count, stream);
    }
    for (size_t from : {0, 1, 2}) {
        for (size_t to : {0, 1, 2}) {
            test_places(context, from, to, stream);
            for (size_t count : {1, 600, 601, 3000}) test_vector_places(context, from, to, count, stream);
        }
    }
    CHECK(cudaStreamDestroy(stream) == cudaSuccess);
    std::printf("%d devices\n", bcfl_cuda_device_count());
    return 0;
}
