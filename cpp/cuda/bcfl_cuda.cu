// bcfl_cuda.h: guards on the host, threads that run bodies.h, and memory for those who have none on the device.

#include <cuda_runtime.h>

#include <vector>

#include "bcfl/bcfl_cuda.h"
#include "bodies.h"

namespace {

namespace cuda = bcfl::cuda;

constexpr unsigned THREADS = 256;
constexpr size_t STRANDS = 4096;  // threads that share the coordinates of one pair of vectors
constexpr size_t FAULT_BYTES = 64;

unsigned blocks_for(size_t threads) {
    const size_t blocks = (threads + THREADS - 1) / THREADS;
    return static_cast<unsigned>(blocks < 0x7fffffff ? blocks : 0x7fffffff);
}

__device__ size_t thread_index() { return static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ size_t thread_count() { return static_cast<size_t>(gridDim.x) * blockDim.x; }

__device__ void note(unsigned long long *first_fault, uint64_t fault) {
    if (fault != cuda::NO_FAULT) atomicMin(first_fault, static_cast<unsigned long long>(fault));
}

__global__ void weighted_sum(const int32_t *const *vectors, const uint32_t *weights, size_t n, size_t count,
                             int64_t *out, unsigned long long *first_fault) {
    for (size_t i = thread_index(); i < count; i += thread_count()) {
        uint64_t fault = cuda::NO_FAULT;
        out[i] = cuda::weighted_sum(vectors, weights, n, count, i, fault);
        note(first_fault, fault);
    }
}

// One output a coordinate: the median, or the sum without `trim` at either end.
template <int N>
__global__ void order_statistics(const int32_t *const *vectors, size_t n, size_t count, size_t trim,
                                 int32_t *medians, int64_t *sums, unsigned long long *first_fault) {
    for (size_t i = thread_index(); i < count; i += thread_count()) {
        if constexpr (N == 0) {
            if (medians != nullptr) medians[i] = cuda::median(vectors, n, i);
            if (sums != nullptr) sums[i] = cuda::trimmed_sum(vectors, n, i, trim);
            note(first_fault, cuda::column_fault(vectors, n, count, i));
        } else {
            const cuda::Column<N> column(vectors, n, i);
            if (medians != nullptr) medians[i] = cuda::middle(column.at((n - 1) / 2), column.at(n / 2));
            if (sums != nullptr) sums[i] = column.sum(trim, n - trim);
            if (!column.within_domain(n)) note(first_fault, cuda::column_fault(vectors, n, count, i));
        }
    }
}

__global__ void check_domain(const int32_t *const *vectors, size_t n, size_t count,
                             unsigned long long *first_fault) {
    for (size_t i = thread_index(); i < count; i += thread_count()) {
        note(first_fault, cuda::column_fault(vectors, n, count, i));
    }
}

// blockIdx.y and .z are the pair. Sums gather as two numbers of 32 bits, so that no carry has to be passed on.
__global__ void squares(const int32_t *const *vectors, size_t n, size_t start, size_t stop, uint64_t *out) {
    const size_t i = blockIdx.y, j = blockIdx.z;
    if (j >= i) return;
    const uint64_t sum = cuda::squares(vectors[i], vectors[j], start + thread_index(), thread_count(), stop);
    unsigned long long *words = reinterpret_cast<unsigned long long *>(out + 2 * (i * n + j));
    atomicAdd(words, sum & 0xffffffffu);
    atomicAdd(words + 1, sum >> 32);
}

// Both halves of the matrix, from two sums of 32-bit numbers to a number of 128 bits.
__global__ void finish_squares(size_t n, uint64_t *out) {
    for (size_t at = thread_index(); at < n * n; at += thread_count()) {
        const size_t i = at / n, j = at % n;
        if (j >= i) continue;
        uint64_t *words = out + 2 * at, *mirror = out + 2 * (j * n + i);
        const uint64_t low = words[0], high = words[1], sum = low + (high << 32);
        words[1] = mirror[1] = (high >> 32) + (sum < low ? 1 : 0);
        words[0] = mirror[0] = sum;
    }
}

__global__ void mask_u32(cuda::Stream stream, const uint32_t *vector, size_t count, bool subtract, uint32_t *out) {
    for (size_t b = thread_index(); b < (count + 15) / 16; b += thread_count()) {
        cuda::mask_block_u32(stream, b, vector, count, subtract, out);
    }
}

__global__ void mask_u64(cuda::Stream stream, const uint64_t *vector, size_t count, bool subtract, uint64_t *out) {
    for (size_t b = thread_index(); b < (count + 7) / 8; b += thread_count()) {
        cuda::mask_block_u64(stream, b, vector, count, subtract, out);
    }
}

__global__ void check_field(const uint64_t *secrets, size_t count, unsigned long long *first_fault) {
    for (size_t i = thread_index(); i < count; i += thread_count()) {
        if (secrets[i] >= cuda::MODULUS) note(first_fault, i);
    }
}

__global__ void draw_samples(cuda::Stream stream, size_t count, uint64_t *samples, unsigned long long *skipped) {
    for (size_t b = thread_index(); b < (count + 7) / 8; b += thread_count()) {
        if (cuda::sample_block(stream, b, count, samples)) atomicMin(skipped, 0ull);
    }
}

__global__ void shares(const uint64_t *secrets, size_t count, const uint64_t *samples, size_t degree, size_t rows,
                       uint64_t *out) {
    for (size_t at = thread_index(); at < rows * count; at += thread_count()) {
        const size_t row = at / count, i = at % count;
        out[at] = cuda::share(secrets[i], samples + i * degree, degree, static_cast<uint32_t>(row + 1));
    }
}

__global__ void hash(const uint8_t *data, size_t size, size_t chunk_bytes, size_t chunks, uint8_t *digests) {
    for (size_t c = thread_index(); c < chunks; c += thread_count()) {
        const size_t start = c * chunk_bytes;
        cuda::sha256(data + start, size - start < chunk_bytes ? size - start : chunk_bytes, digests + 32 * c);
    }
}

cudaStream_t stream_of(bcfl_cuda_stream stream) { return static_cast<cudaStream_t>(stream); }

bool ok(cudaError_t error) { return error == cudaSuccess; }

// A launch that was refused, or anything that went wrong on the stream before.
bool finished(cudaStream_t stream) { return ok(cudaGetLastError()) && ok(cudaStreamSynchronize(stream)); }

uint32_t little_endian(const uint8_t *bytes) {
    return static_cast<uint32_t>(bytes[0]) | static_cast<uint32_t>(bytes[1]) << 8 |
           static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

cuda::Stream key_stream(const uint8_t *key, const uint8_t *purpose) {
    cuda::Stream stream;
    for (size_t i = 0; i < 8; ++i) stream.key[i] = little_endian(key + 4 * i);
    for (size_t i = 0; i < 3; ++i) stream.nonce[i] = little_endian(purpose + 4 * i);
    return stream;
}

bcfl_status check_vectors(const int32_t *const *vectors, size_t vector_count, size_t count) {
    if (vector_count == 0) return BCFL_EMPTY;
    if (vector_count > BCFL_VECTORS_MAX) return BCFL_VECTOR_COUNT;
    if (count == 0) return BCFL_EMPTY;
    if (vectors == nullptr) return BCFL_KERNEL_ARGUMENT;
    for (size_t n = 0; n < vector_count; ++n) {
        if (vectors[n] == nullptr) return BCFL_KERNEL_ARGUMENT;
    }
    return BCFL_OK;
}

// The workspace: the number of the first fault, pointers, weights.
struct Workspace {
    unsigned long long *first_fault;
    const int32_t **vectors;
    uint32_t *weights;

    Workspace(void *place, size_t vector_count) {
        char *bytes = static_cast<char *>(place);
        first_fault = reinterpret_cast<unsigned long long *>(bytes);
        vectors = reinterpret_cast<const int32_t **>(bytes + FAULT_BYTES);
        weights = reinterpret_cast<uint32_t *>(bytes + FAULT_BYTES + vector_count * sizeof *vectors);
    }

    bool begin(const int32_t *const *from, size_t vector_count, cudaStream_t stream) const {
        return ok(cudaMemsetAsync(first_fault, 0xff, sizeof *first_fault, stream)) &&
               ok(cudaMemcpyAsync(vectors, from, vector_count * sizeof *from, cudaMemcpyHostToDevice, stream));
    }

    // Waits, and reads what went wrong.
    bcfl_status end(bcfl_status refusal, size_t count, bcfl_fault *fault, cudaStream_t stream) const {
        unsigned long long first = 0;
        if (!ok(cudaMemcpyAsync(&first, first_fault, sizeof first, cudaMemcpyDeviceToHost, stream)) ||
            !finished(stream)) {
            return BCFL_DEVICE_FAILED;
        }
        if (first == cuda::NO_FAULT) return BCFL_OK;
        if (fault != nullptr) *fault = {static_cast<size_t>(first / count), static_cast<size_t>(first % count)};
        return refusal;
    }
};

void launch_order(const Workspace &work, size_t n, size_t count, size_t trim, int32_t *medians, int64_t *sums,
                  cudaStream_t stream) {
    const unsigned blocks = blocks_for(count);
    const auto run = n <= 8    ? order_statistics<8>
                     : n <= 16 ? order_statistics<16>
                     : n <= 32 ? order_statistics<32>
                     : n <= 64 ? order_statistics<64>
                               : order_statistics<0>;
    run<<<blocks, THREADS, 0, stream>>>(work.vectors, n, count, trim, medians, sums, work.first_fault);
}

// Device memory for the time of a call.
class Memory {
 public:
    Memory(size_t bytes, cudaStream_t stream) : stream_(stream) {
        if (!ok(cudaMallocAsync(&place_, bytes > 0 ? bytes : 1, stream))) place_ = nullptr;
    }
    Memory(Memory &&other) noexcept : place_(other.place_), stream_(other.stream_) { other.place_ = nullptr; }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;
    Memory &operator=(Memory &&) = delete;
    ~Memory() {
        if (place_ != nullptr) cudaFreeAsync(place_, stream_);
    }

    template <typename T>
    T *as() const {
        return static_cast<T *>(place_);
    }
    bool fill(const void *from, size_t bytes) const {
        return place_ != nullptr && ok(cudaMemcpyAsync(place_, from, bytes, cudaMemcpyHostToDevice, stream_));
    }
    bool give(void *to, size_t bytes) const {
        return ok(cudaMemcpyAsync(to, place_, bytes, cudaMemcpyDeviceToHost, stream_)) && finished(stream_);
    }
    bool wipe(size_t bytes) const { return ok(cudaMemsetAsync(place_, 0, bytes, stream_)) && finished(stream_); }

 private:
    void *place_ = nullptr;
    cudaStream_t stream_;
};

// Copies vectors to the device, runs `call(device vectors, device output, workspace)`, copies the output back.
template <typename Number, typename Call>
bcfl_status on_device(const int32_t *const *vectors, size_t n, size_t count, Number *out, size_t out_count,
                      cudaStream_t stream, const Call &call) {
    std::vector<Memory> copies;
    std::vector<const int32_t *> places;
    for (size_t i = 0; i < n; ++i) {
        copies.emplace_back(count * sizeof(int32_t), stream);
        if (!copies.back().fill(vectors[i], count * sizeof(int32_t))) return BCFL_DEVICE_FAILED;
        places.push_back(copies.back().as<const int32_t>());
    }
    const Memory result(out_count * sizeof(Number), stream);
    const size_t bytes = bcfl_cuda_workspace_bytes(n, 0);
    const Memory workspace(bytes, stream);
    if (result.as<void>() == nullptr || workspace.as<void>() == nullptr) return BCFL_DEVICE_FAILED;
    const bcfl_status status = call(places.data(), result.as<Number>(), workspace.as<void>(), bytes);
    if (status != BCFL_OK) return status;
    return result.give(out, out_count * sizeof(Number)) ? BCFL_OK : BCFL_DEVICE_FAILED;
}

template <typename Word, typename Kernel>
bcfl_status mask_add(const Word *vector, size_t count, const uint8_t *key, const uint8_t *purpose, int subtract,
                     Word *out, size_t out_count, cudaStream_t stream, Kernel kernel) {
    constexpr size_t WORDS = 64 / sizeof(Word);
    if (count == 0) return BCFL_EMPTY;
    if (vector == nullptr || key == nullptr || purpose == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (count > (uint64_t{1} << 32) * WORDS) return BCFL_KERNEL_ARGUMENT;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    kernel<<<blocks_for((count + WORDS - 1) / WORDS), THREADS, 0, stream>>>(key_stream(key, purpose), vector,
                                                                            count, subtract != 0, out);
    return finished(stream) ? BCFL_OK : BCFL_DEVICE_FAILED;
}

template <typename Word, typename Call>
bcfl_status mask_on_device(const Word *vector, size_t count, const uint8_t *key, const uint8_t *purpose, Word *out,
                           size_t out_count, cudaStream_t stream, const Call &call) {
    if (count == 0) return BCFL_EMPTY;
    if (vector == nullptr || key == nullptr || purpose == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    const Memory words(count * sizeof(Word), stream);
    if (!words.fill(vector, count * sizeof(Word))) return BCFL_DEVICE_FAILED;
    const bcfl_status status = call(words.as<Word>());
    if (status == BCFL_OK && !words.give(out, count * sizeof(Word))) return BCFL_DEVICE_FAILED;
    words.wipe(count * sizeof(Word));
    return status;
}

bcfl_status check_sharing(const void *secrets, size_t count, size_t threshold, size_t share_count,
                          const void *seed) {
    if (count == 0) return BCFL_EMPTY;
    if (secrets == nullptr || seed == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (share_count < 2 || share_count > BCFL_SHARES_MAX) return BCFL_SHARE_COUNT;
    if (threshold < 2 || threshold > share_count) return BCFL_THRESHOLD_RANGE;
    // The key stream ends after 2^35 words; the margin is that of bcfl_shamir_share.
    if (count > ((uint64_t{1} << 35) - 2049) / (threshold - 1)) return BCFL_KERNEL_ARGUMENT;
    return BCFL_OK;
}

}  // namespace

int bcfl_cuda_device_count(void) {
    int count = 0;
    return ok(cudaGetDeviceCount(&count)) ? count : 0;
}

size_t bcfl_cuda_workspace_bytes(size_t vector_count, size_t samples) {
    return FAULT_BYTES + vector_count * (sizeof(void *) + sizeof(uint32_t)) + samples * sizeof(uint64_t);
}

bcfl_status bcfl_cuda_weighted_sum(const int32_t *const *vectors, const uint32_t *weights, size_t vector_count,
                                   size_t count, int64_t *out, size_t out_count, bcfl_fault *fault,
                                   void *workspace, size_t workspace_bytes, bcfl_cuda_stream stream) {
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (weights == nullptr) return BCFL_KERNEL_ARGUMENT;
    for (size_t n = 0; n < vector_count; ++n) {
        if (weights[n] > BCFL_WEIGHT_MAX) {
            if (fault != nullptr) *fault = {n, 0};
            return BCFL_WEIGHT_RANGE;
        }
    }
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    if (workspace == nullptr || workspace_bytes < bcfl_cuda_workspace_bytes(vector_count, 0))
        return BCFL_OUTPUT_SIZE;
    const Workspace work(workspace, vector_count);
    const cudaStream_t on = stream_of(stream);
    if (!work.begin(vectors, vector_count, on) ||
        !ok(cudaMemcpyAsync(work.weights, weights, vector_count * 4, cudaMemcpyHostToDevice, on))) {
        return BCFL_DEVICE_FAILED;
    }
    weighted_sum<<<blocks_for(count), THREADS, 0, on>>>(work.vectors, work.weights, vector_count, count, out,
                                                        work.first_fault);
    return work.end(BCFL_DOMAIN_COORDINATE, count, fault, on);
}

bcfl_status bcfl_cuda_coordinate_median(const int32_t *const *vectors, size_t vector_count, size_t count,
                                        int32_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                        size_t workspace_bytes, bcfl_cuda_stream stream) {
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    if (workspace == nullptr || workspace_bytes < bcfl_cuda_workspace_bytes(vector_count, 0))
        return BCFL_OUTPUT_SIZE;
    const Workspace work(workspace, vector_count);
    const cudaStream_t on = stream_of(stream);
    if (!work.begin(vectors, vector_count, on)) return BCFL_DEVICE_FAILED;
    launch_order(work, vector_count, count, 0, out, nullptr, on);
    return work.end(BCFL_DOMAIN_COORDINATE, count, fault, on);
}

bcfl_status bcfl_cuda_trimmed_sum(const int32_t *const *vectors, size_t vector_count, size_t count, size_t trim,
                                  int64_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                  size_t workspace_bytes, bcfl_cuda_stream stream) {
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (trim > (vector_count - 1) / 2) return BCFL_TRIM_RANGE;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    if (workspace == nullptr || workspace_bytes < bcfl_cuda_workspace_bytes(vector_count, 0))
        return BCFL_OUTPUT_SIZE;
    const Workspace work(workspace, vector_count);
    const cudaStream_t on = stream_of(stream);
    if (!work.begin(vectors, vector_count, on)) return BCFL_DEVICE_FAILED;
    launch_order(work, vector_count, count, trim, nullptr, out, on);
    return work.end(BCFL_DOMAIN_COORDINATE, count, fault, on);
}

bcfl_status bcfl_cuda_pairwise_sqdist(const int32_t *const *vectors, size_t vector_count, size_t count,
                                      uint64_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                      size_t workspace_bytes, bcfl_cuda_stream stream) {
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    const size_t n = vector_count;
    if (out == nullptr || out_count != 2 * n * n) return BCFL_OUTPUT_SIZE;
    if (workspace == nullptr || workspace_bytes < bcfl_cuda_workspace_bytes(n, 0)) return BCFL_OUTPUT_SIZE;
    const Workspace work(workspace, n);
    const cudaStream_t on = stream_of(stream);
    if (!work.begin(vectors, n, on) || !ok(cudaMemsetAsync(out, 0, out_count * sizeof *out, on))) {
        return BCFL_DEVICE_FAILED;
    }
    check_domain<<<blocks_for(count), THREADS, 0, on>>>(work.vectors, n, count, work.first_fault);
    // Each thread adds at most SQUARES_MAX squares before it passes its sum on.
    constexpr size_t SLICE = STRANDS * cuda::SQUARES_MAX;
    const dim3 grid(STRANDS / THREADS, static_cast<unsigned>(n), static_cast<unsigned>(n));
    for (size_t start = 0; start < count; start += SLICE) {
        squares<<<grid, THREADS, 0, on>>>(work.vectors, n, start, count - start < SLICE ? count : start + SLICE,
                                          out);
    }
    finish_squares<<<blocks_for(n * n), THREADS, 0, on>>>(n, out);
    return work.end(BCFL_DOMAIN_COORDINATE, count, fault, on);
}

bcfl_status bcfl_cuda_mask_add_u32(const uint32_t *vector, size_t count, const uint8_t key[BCFL_MASK_KEY_BYTES],
                                   const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract, uint32_t *out,
                                   size_t out_count, bcfl_cuda_stream stream) {
    return mask_add(vector, count, key, purpose, subtract, out, out_count, stream_of(stream), mask_u32);
}

bcfl_status bcfl_cuda_mask_add_u64(const uint64_t *vector, size_t count, const uint8_t key[BCFL_MASK_KEY_BYTES],
                                   const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract, uint64_t *out,
                                   size_t out_count, bcfl_cuda_stream stream) {
    return mask_add(vector, count, key, purpose, subtract, out, out_count, stream_of(stream), mask_u64);
}

// Where a sample is p, which happens once in 2^61, all later samples move by one: then the host does the work.
bcfl_status bcfl_cuda_shamir_share(const uint64_t *secrets, size_t count, size_t threshold, size_t share_count,
                                   const uint8_t seed[BCFL_SEED_BYTES], uint64_t *out, size_t out_count,
                                   bcfl_fault *fault, void *workspace, size_t workspace_bytes,
                                   bcfl_cuda_stream stream) {
    const bcfl_status status = check_sharing(secrets, count, threshold, share_count, seed);
    if (status != BCFL_OK) return status;
    if (out == nullptr || count > SIZE_MAX / share_count || out_count != count * share_count)
        return BCFL_OUTPUT_SIZE;
    const size_t needed = count * (threshold - 1);
    if (workspace == nullptr || workspace_bytes < bcfl_cuda_workspace_bytes(0, needed)) return BCFL_OUTPUT_SIZE;
    const Workspace work(workspace, 0);
    const cudaStream_t on = stream_of(stream);
    if (!work.begin(nullptr, 0, on)) return BCFL_DEVICE_FAILED;
    check_field<<<blocks_for(count), THREADS, 0, on>>>(secrets, count, work.first_fault);
    bcfl_fault place = {0, 0};
    const bcfl_status range = work.end(BCFL_FIELD_RANGE, count, &place, on);
    if (range != BCFL_OK) {
        if (range == BCFL_FIELD_RANGE && fault != nullptr) *fault = place;
        return range;
    }
    uint64_t *samples = reinterpret_cast<uint64_t *>(static_cast<char *>(workspace) + FAULT_BYTES);
    const uint8_t purpose[BCFL_MASK_STREAM_BYTES] = {2};
    draw_samples<<<blocks_for((needed + 7) / 8), THREADS, 0, on>>>(key_stream(seed, purpose), needed, samples,
                                                                   work.first_fault);
    shares<<<blocks_for(out_count), THREADS, 0, on>>>(secrets, count, samples, threshold - 1, share_count, out);
    const bcfl_status skipped = work.end(BCFL_FIELD_RANGE, 1, nullptr, on);
    if (!ok(cudaMemsetAsync(samples, 0, needed * sizeof *samples, on)) || !finished(on)) return BCFL_DEVICE_FAILED;
    if (skipped != BCFL_FIELD_RANGE) return skipped;
    std::vector<uint64_t> inputs(count), outputs(out_count);
    bcfl_context context;
    bcfl_context_init(&context, nullptr);
    if (!ok(cudaMemcpy(inputs.data(), secrets, count * sizeof(uint64_t), cudaMemcpyDeviceToHost))) {
        return BCFL_DEVICE_FAILED;
    }
    std::vector<uint8_t> room(bcfl_share_workspace_bytes(&context, count, 0, threshold));
    const bcfl_status done = bcfl_shamir_share(&context, inputs.data(), count, threshold, share_count, seed,
                                               outputs.data(), out_count, fault, room.data(), room.size());
    if (done != BCFL_OK) return done;
    return ok(cudaMemcpy(out, outputs.data(), out_count * sizeof(uint64_t), cudaMemcpyHostToDevice))
               ? BCFL_OK
               : BCFL_DEVICE_FAILED;
}

bcfl_status bcfl_cuda_sha256_chunks(const uint8_t *data, size_t size, size_t chunk_bytes, uint8_t *digests,
                                    size_t digests_bytes, bcfl_cuda_stream stream) {
    if (size == 0) return BCFL_EMPTY;
    if (data == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (chunk_bytes == 0 || chunk_bytes > BCFL_CHUNK_BYTES_MAX) return BCFL_CHUNK_BYTES;
    const size_t needed = bcfl_sha256_chunks_bytes(size, chunk_bytes);
    if (digests == nullptr || needed == 0 || digests_bytes != needed) return BCFL_OUTPUT_SIZE;
    const size_t chunks = needed / BCFL_DIGEST_BYTES;
    hash<<<blocks_for(chunks), THREADS, 0, stream_of(stream)>>>(data, size, chunk_bytes, chunks, digests);
    return finished(stream_of(stream)) ? BCFL_OK : BCFL_DEVICE_FAILED;
}

bcfl_status bcfl_cuda_host_weighted_sum(const int32_t *const *vectors, const uint32_t *weights,
                                        size_t vector_count, size_t count, int64_t *out, size_t out_count,
                                        bcfl_fault *fault, bcfl_cuda_stream stream) {
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (out == nullptr || out_count != count) return weights == nullptr ? BCFL_KERNEL_ARGUMENT : BCFL_OUTPUT_SIZE;
    return on_device(vectors, vector_count, count, out, out_count, stream_of(stream),
                     [&](const int32_t *const *places, int64_t *result, void *workspace, size_t bytes) {
                         return bcfl_cuda_weighted_sum(places, weights, vector_count, count, result, out_count,
                                                       fault, workspace, bytes, stream);
                     });
}

bcfl_status bcfl_cuda_host_coordinate_median(const int32_t *const *vectors, size_t vector_count, size_t count,
                                             int32_t *out, size_t out_count, bcfl_fault *fault,
                                             bcfl_cuda_stream stream) {
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    return on_device(vectors, vector_count, count, out, out_count, stream_of(stream),
                     [&](const int32_t *const *places, int32_t *result, void *workspace, size_t bytes) {
                         return bcfl_cuda_coordinate_median(places, vector_count, count, result, out_count, fault,
                                                            workspace, bytes, stream);
                     });
}

bcfl_status bcfl_cuda_host_trimmed_sum(const int32_t *const *vectors, size_t vector_count, size_t count,
                                       size_t trim, int64_t *out, size_t out_count, bcfl_fault *fault,
                                       bcfl_cuda_stream stream) {
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (trim > (vector_count - 1) / 2) return BCFL_TRIM_RANGE;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    return on_device(vectors, vector_count, count, out, out_count, stream_of(stream),
                     [&](const int32_t *const *places, int64_t *result, void *workspace, size_t bytes) {
                         return bcfl_cuda_trimmed_sum(places, vector_count, count, trim, result, out_count, fault,
                                                      workspace, bytes, stream);
                     });
}

bcfl_status bcfl_cuda_host_pairwise_sqdist(const int32_t *const *vectors, size_t vector_count, size_t count,
                                           uint64_t *out, size_t out_count, bcfl_fault *fault,
                                           bcfl_cuda_stream stream) {
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (out == nullptr || out_count != 2 * vector_count * vector_count) return BCFL_OUTPUT_SIZE;
    return on_device(vectors, vector_count, count, out, out_count, stream_of(stream),
                     [&](const int32_t *const *places, uint64_t *result, void *workspace, size_t bytes) {
                         return bcfl_cuda_pairwise_sqdist(places, vector_count, count, result, out_count, fault,
                                                          workspace, bytes, stream);
                     });
}

bcfl_status bcfl_cuda_host_mask_add_u32(const uint32_t *vector, size_t count,
                                        const uint8_t key[BCFL_MASK_KEY_BYTES],
                                        const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract, uint32_t *out,
                                        size_t out_count, bcfl_cuda_stream stream) {
    return mask_on_device(vector, count, key, purpose, out, out_count, stream_of(stream), [&](uint32_t *words) {
        return bcfl_cuda_mask_add_u32(words, count, key, purpose, subtract, words, count, stream);
    });
}

bcfl_status bcfl_cuda_host_mask_add_u64(const uint64_t *vector, size_t count,
                                        const uint8_t key[BCFL_MASK_KEY_BYTES],
                                        const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract, uint64_t *out,
                                        size_t out_count, bcfl_cuda_stream stream) {
    return mask_on_device(vector, count, key, purpose, out, out_count, stream_of(stream), [&](uint64_t *words) {
        return bcfl_cuda_mask_add_u64(words, count, key, purpose, subtract, words, count, stream);
    });
}

bcfl_status bcfl_cuda_host_shamir_share(const uint64_t *secrets, size_t count, size_t threshold,
                                        size_t share_count, const uint8_t seed[BCFL_SEED_BYTES], uint64_t *out,
                                        size_t out_count, bcfl_fault *fault, bcfl_cuda_stream stream) {
    const bcfl_status status = check_sharing(secrets, count, threshold, share_count, seed);
    if (status != BCFL_OK) return status;
    if (out == nullptr || count > SIZE_MAX / share_count || out_count != count * share_count)
        return BCFL_OUTPUT_SIZE;
    const cudaStream_t on = stream_of(stream);
    const size_t bytes = bcfl_cuda_workspace_bytes(0, count * (threshold - 1));
    const Memory inputs(count * sizeof *secrets, on), outputs(out_count * sizeof *out, on), workspace(bytes, on);
    if (!inputs.fill(secrets, count * sizeof *secrets) || outputs.as<void>() == nullptr ||
        workspace.as<void>() == nullptr) {
        return BCFL_DEVICE_FAILED;
    }
    const bcfl_status done =
        bcfl_cuda_shamir_share(inputs.as<uint64_t>(), count, threshold, share_count, seed, outputs.as<uint64_t>(),
                               out_count, fault, workspace.as<void>(), bytes, stream);
    const bool given = done != BCFL_OK || outputs.give(out, out_count * sizeof *out);
    const bool wiped = inputs.wipe(count * sizeof *secrets) && outputs.wipe(out_count * sizeof *out);
    return given && wiped ? done : BCFL_DEVICE_FAILED;
}

bcfl_status bcfl_cuda_host_sha256_chunks(const uint8_t *data, size_t size, size_t chunk_bytes, uint8_t *digests,
                                         size_t digests_bytes, bcfl_cuda_stream stream) {
    if (size == 0) return BCFL_EMPTY;
    if (data == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (chunk_bytes == 0 || chunk_bytes > BCFL_CHUNK_BYTES_MAX) return BCFL_CHUNK_BYTES;
    const size_t needed = bcfl_sha256_chunks_bytes(size, chunk_bytes);
    if (digests == nullptr || needed == 0 || digests_bytes != needed) return BCFL_OUTPUT_SIZE;
    const cudaStream_t on = stream_of(stream);
    const Memory inputs(size, on), outputs(needed, on);
    if (!inputs.fill(data, size) || outputs.as<void>() == nullptr) return BCFL_DEVICE_FAILED;
    const bcfl_status done =
        bcfl_cuda_sha256_chunks(inputs.as<uint8_t>(), size, chunk_bytes, outputs.as<uint8_t>(), needed, stream);
    if (done != BCFL_OK) return done;
    return outputs.give(digests, needed) ? BCFL_OK : BCFL_DEVICE_FAILED;
}
