// bcfl_cuda.h: guards on the host, launches of kernels.h, and memory for those who have none on the device.

#include <cuda_runtime.h>

#include <cstring>
#include <new>

#include "bcfl/bcfl_cuda.h"
#include "kernels.h"

namespace {

namespace cuda = bcfl::cuda;
namespace kernels = bcfl::cuda::kernels;

using kernels::THREADS;
constexpr size_t FAULT_BYTES = 64;
constexpr size_t SHARED_BYTES = 48 * 1024;  // of a block, without asking for more

// Blocks, threads of each, and shared memory beside what the kernel declares.
struct Shape {
    dim3 grid;
    unsigned threads = THREADS;
    size_t shared_bytes = 0;
};

unsigned blocks_for(size_t pieces, size_t of_a_block) {
    const size_t blocks = (pieces + of_a_block - 1) / of_a_block;
    return static_cast<unsigned>(blocks < 0x7fffffff ? blocks : 0x7fffffff);
}

// At least this many threads, or as many as there may be.
Shape threads_for(size_t pieces) { return {blocks_for(pieces, THREADS)}; }

cudaStream_t stream_of(bcfl_cuda_stream stream) { return static_cast<cudaStream_t>(stream); }

bool ok(cudaError_t error) { return error == cudaSuccess; }

bool finished(cudaStream_t stream) { return ok(cudaStreamSynchronize(stream)); }

// Nothing of a call that failed may go on behind its back: copies would read and write what the caller has freed.
bcfl_status failed(cudaStream_t stream) {
    cudaStreamSynchronize(stream);
    return BCFL_DEVICE_FAILED;
}

// The status is that of this launch alone; the last error of the thread may be one that the caller made.
template <typename... Parameters, typename... Arguments>
bool launch(void (*kernel)(Parameters...), const Shape &shape, cudaStream_t stream, Arguments... arguments) {
    const auto run = [&](Parameters... values) {
        void *places[] = {const_cast<void *>(static_cast<const void *>(&values))...};
        return ok(cudaLaunchKernel(kernel, shape.grid, dim3(shape.threads), places, shape.shared_bytes, stream));
    };
    return run(arguments...);
}

// Whether two places have a byte in common, on the host or on the device, which share their addresses.
bool overlap(const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
    const uintptr_t from_a = reinterpret_cast<uintptr_t>(a), from_b = reinterpret_cast<uintptr_t>(b);
    return a_bytes > 0 && b_bytes > 0 && (from_a - from_b < b_bytes || from_b - from_a < a_bytes);
}

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

bcfl_status check_weights(const uint32_t *weights, size_t vector_count, bcfl_fault *fault) {
    if (weights == nullptr) return BCFL_KERNEL_ARGUMENT;
    for (size_t n = 0; n < vector_count; ++n) {
        if (weights[n] > BCFL_WEIGHT_MAX) {
            if (fault != nullptr) *fault = {n, 0};
            return BCFL_WEIGHT_RANGE;
        }
    }
    return BCFL_OK;
}

// The device's output and workspace beside its vectors.
bcfl_status check_places(const void *out, size_t out_bytes, const int32_t *const *vectors, size_t vector_count,
                         size_t count, const void *workspace, size_t workspace_bytes) {
    const size_t needed = bcfl_cuda_workspace_bytes(vector_count, 0);
    if (workspace == nullptr || workspace_bytes < needed) return BCFL_OUTPUT_SIZE;
    bool any = overlap(out, out_bytes, workspace, needed);
    for (size_t n = 0; n < vector_count; ++n) {
        any |= overlap(out, out_bytes, vectors[n], count * sizeof(int32_t)) ||
               overlap(workspace, needed, vectors[n], count * sizeof(int32_t));
    }
    return any ? BCFL_OVERLAP : BCFL_OK;
}

// The workspace: the number of the first fault, pointers, weights. They go to the device in one copy, which may
// read its source until the stream is waited for: so it lies here, for the time of the call.
class Workspace {
 public:
    unsigned long long *first_fault;
    const int32_t **vectors;
    uint32_t *weights;

    Workspace(void *place, size_t vector_count) : vector_count_(vector_count) {
        char *bytes = static_cast<char *>(place);
        first_fault = reinterpret_cast<unsigned long long *>(bytes);
        vectors = reinterpret_cast<const int32_t **>(bytes + FAULT_BYTES);
        weights = reinterpret_cast<uint32_t *>(bytes + FAULT_BYTES + vector_count * sizeof *vectors);
    }

    bool begin(const int32_t *const *from, const uint32_t *from_weights, cudaStream_t stream) {
        const size_t pointer_bytes = vector_count_ * sizeof *from;
        size_t bytes = FAULT_BYTES;
        std::memset(image_, 0xff, FAULT_BYTES);
        if (from != nullptr) std::memcpy(image_ + bytes, from, pointer_bytes), bytes += pointer_bytes;
        if (from_weights != nullptr) {
            std::memcpy(image_ + bytes, from_weights, vector_count_ * sizeof *from_weights);
            bytes += vector_count_ * sizeof *from_weights;
        }
        return ok(cudaMemcpyAsync(first_fault, image_, bytes, cudaMemcpyHostToDevice, stream));
    }

    // Waits, and reads the first fault and the number behind it, which is all ones unless a kernel changed it.
    bool read(unsigned long long (&found)[2], cudaStream_t stream) const {
        return ok(cudaMemcpyAsync(found, first_fault, sizeof found, cudaMemcpyDeviceToHost, stream)) &&
               finished(stream);
    }

    bcfl_status end(bcfl_status refusal, size_t count, bcfl_fault *fault, cudaStream_t stream) const {
        unsigned long long found[2] = {0, 0};
        if (!read(found, stream)) return failed(stream);
        if (found[0] == cuda::NO_FAULT) return BCFL_OK;
        if (fault != nullptr) {
            *fault = {static_cast<size_t>(found[0] / count), static_cast<size_t>(found[0] % count)};
        }
        return refusal;
    }

 private:
    size_t vector_count_;
    unsigned char image_[FAULT_BYTES + BCFL_VECTORS_MAX * (sizeof(void *) + sizeof(uint32_t))];
};

// Whether all vectors begin at a multiple of this many bytes.
bool aligned(const int32_t *const *vectors, size_t vector_count, size_t bytes) {
    uintptr_t any = 0;
    for (size_t n = 0; n < vector_count; ++n) any |= reinterpret_cast<uintptr_t>(vectors[n]);
    return any % bytes == 0;
}

template <int N, typename Number>
bool launch_in_registers(const int32_t *const *vectors, size_t n, size_t count, size_t trim, Number *out,
                         unsigned long long *first_fault, cudaStream_t stream) {
    cuda::Pointers<N> pointers = {};
    for (size_t i = 0; i < n; ++i) pointers.at[i] = vectors[i];
    return launch(kernels::order_in_registers<N, Number>, threads_for(count), stream, pointers,
                  static_cast<unsigned>(n), count, static_cast<unsigned>(trim), out, first_fault);
}

// As many columns in a block as fit into the shared memory that every device has: 32 of up to 352 vectors, 8 (a
// sector of each vector) of up to 1504, 4 beyond.
template <typename Number>
bool launch_in_shared(const Workspace &work, size_t n, size_t count, size_t trim, Number *out,
                      cudaStream_t stream) {
    const unsigned runs = static_cast<unsigned>((n + cuda::RUN - 1) / cuda::RUN);
    unsigned columns = 32;
    while (kernels::order_bytes(columns, runs) > SHARED_BYTES) columns /= 2;
    const Shape shape = {blocks_for(count, columns), columns * runs, kernels::order_bytes(columns, runs)};
    return launch(kernels::order_in_shared<Number>, shape, stream, work.vectors, static_cast<unsigned>(n), count,
                  static_cast<unsigned>(trim), columns, out, work.first_fault);
}

// Number says which: 32 bits for the median, whose ranks are those of the largest trim, 64 for the trimmed sum.
template <typename Number>
bool launch_order(Workspace &work, const int32_t *const *vectors, size_t n, size_t count, size_t trim, Number *out,
                  cudaStream_t stream) {
    if (!work.begin(n <= 64 ? nullptr : vectors, nullptr, stream)) return false;
    const auto run = n <= 8    ? launch_in_registers<8, Number>
                     : n <= 16 ? launch_in_registers<16, Number>
                     : n <= 24 ? launch_in_registers<24, Number>
                     : n <= 32 ? launch_in_registers<32, Number>
                     : n <= 48 ? launch_in_registers<48, Number>
                               : launch_in_registers<64, Number>;
    return n <= 64 ? run(vectors, n, count, trim, out, work.first_fault, stream)
                   : launch_in_shared(work, n, count, trim, out, stream);
}

// Two rounds of blocks for each pair of groups together, since a multiprocessor takes up to three at a time; but
// stretches of 1024 coordinates at least, against which gathering the sums is little, and of SQUARES_MAX at most.
bool launch_squares(const Workspace &work, const int32_t *const *vectors, size_t n, size_t count, uint64_t *out,
                    cudaStream_t stream) {
    int device = 0, multiprocessors = 0;
    if (!ok(cudaGetDevice(&device)) ||
        !ok(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device))) {
        return false;
    }
    const size_t groups = (n + cuda::GROUP - 1) / cuda::GROUP, pairs = groups * (groups + 1) / 2;
    const size_t blocks = 6 * static_cast<size_t>(multiprocessors) / pairs + 1;
    size_t stretch = (count / blocks / 32 + 1) * 32;  // whole lines of 128 bytes
    stretch = stretch < 1024 ? 1024 : stretch < cuda::SQUARES_MAX ? stretch : cuda::SQUARES_MAX;
    const Shape shape = {
        dim3(blocks_for(count, stretch), static_cast<unsigned>(groups), static_cast<unsigned>(groups)),
        cuda::SQUARE_THREADS};
    return launch(kernels::squares, shape, stream, work.vectors, n, count, stretch,
                  aligned(vectors, n, sizeof(cuda::Coordinates)), out, work.first_fault);
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
    bool wipe(size_t bytes) const {
        return place_ == nullptr || (ok(cudaMemsetAsync(place_, 0, bytes, stream_)) && finished(stream_));
    }

 private:
    void *place_ = nullptr;
    cudaStream_t stream_;
};

// Copies vectors to the device, runs `call(device vectors, device output, workspace)`, copies the output back.
template <typename Number, typename Call>
bcfl_status on_device(const int32_t *const *vectors, size_t n, size_t count, Number *out, size_t out_count,
                      cudaStream_t stream, const Call &call) {
    const size_t vector_bytes = count * sizeof(int32_t), bytes = bcfl_cuda_workspace_bytes(n, 0);
    const size_t stride = (count + 63) / 64 * 64;  // each vector begins at a line of 128 bytes
    const Memory copies(n * stride * sizeof(int32_t), stream), result(out_count * sizeof(Number), stream),
        workspace(bytes, stream);
    if (copies.as<void>() == nullptr || result.as<void>() == nullptr || workspace.as<void>() == nullptr) {
        return failed(stream);
    }
    const int32_t *places[BCFL_VECTORS_MAX];
    for (size_t i = 0; i < n; ++i) {
        int32_t *const place = copies.as<int32_t>() + i * stride;
        if (!ok(cudaMemcpyAsync(place, vectors[i], vector_bytes, cudaMemcpyHostToDevice, stream))) {
            return failed(stream);
        }
        places[i] = place;
    }
    const bcfl_status status = call(places, result.as<Number>(), workspace.as<void>(), bytes);
    if (status != BCFL_OK) {
        cudaStreamSynchronize(stream);
        return status;
    }
    return result.give(out, out_count * sizeof(Number)) ? BCFL_OK : failed(stream);
}

template <typename Word>
bcfl_status check_mask(const Word *vector, size_t count, const uint8_t *key, const uint8_t *purpose,
                       const Word *out, size_t out_count) {
    if (count == 0) return BCFL_EMPTY;
    if (vector == nullptr || key == nullptr || purpose == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (count > (uint64_t{1} << 38) / sizeof(Word)) return BCFL_KERNEL_ARGUMENT;  // the stream ends there
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    const size_t bytes = count * sizeof(Word);
    if (out != vector && overlap(out, bytes, vector, bytes)) return BCFL_OVERLAP;
    return overlap(out, bytes, key, BCFL_MASK_KEY_BYTES) || overlap(out, bytes, purpose, BCFL_MASK_STREAM_BYTES)
               ? BCFL_OVERLAP
               : BCFL_OK;
}

// The blocks of the device that `blocks` of a key stream ask for. The stream ends after 2^32.
Shape stream_shape(size_t blocks) { return {blocks_for(blocks, cuda::STREAM_BLOCKS), cuda::STREAM_BLOCKS}; }

template <typename Word>
bcfl_status mask_add(const Word *vector, size_t count, const uint8_t *key, const uint8_t *purpose, int subtract,
                     Word *out, size_t out_count, cudaStream_t stream) {
    constexpr size_t WORDS = 64 / sizeof(Word);
    const bcfl_status status = check_mask(vector, count, key, purpose, out, out_count);
    if (status != BCFL_OK) return status;
    const bool wide = cuda::aligned(vector) && cuda::aligned(out);
    const bool launched = launch(kernels::mask_add<Word>, stream_shape((count + WORDS - 1) / WORDS), stream,
                                 key_stream(key, purpose), vector, count, subtract != 0, wide, out);
    return launched && finished(stream) ? BCFL_OK : failed(stream);
}

template <typename Word, typename Call>
bcfl_status mask_on_device(const Word *vector, size_t count, const uint8_t *key, const uint8_t *purpose, Word *out,
                           size_t out_count, cudaStream_t stream, const Call &call) {
    bcfl_status status = check_mask(vector, count, key, purpose, out, out_count);
    if (status != BCFL_OK) return status;
    const size_t bytes = count * sizeof(Word);
    const Memory words(bytes, stream);
    if (!words.fill(vector, bytes)) return failed(stream);
    status = call(words.template as<Word>());
    if (status == BCFL_OK && !words.give(out, bytes)) status = failed(stream);
    return words.wipe(bytes) ? status : failed(stream);
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

// Numbers on the host for the time of a call, wiped behind it; no exception when there is no memory.
class Numbers {
 public:
    explicit Numbers(size_t count) : place_(new (std::nothrow) uint64_t[count]), count_(count) {}
    Numbers(const Numbers &) = delete;
    Numbers &operator=(const Numbers &) = delete;
    ~Numbers() {
        volatile uint64_t *place = place_;
        for (size_t i = 0; place_ != nullptr && i < count_; ++i) place[i] = 0;
        delete[] place_;
    }
    uint64_t *data() const { return place_; }
    size_t bytes() const { return count_ * sizeof *place_; }

 private:
    uint64_t *place_;
    size_t count_;
};

// The same shares from the library, for secrets and shares on the device.
bcfl_status share_on_host(const uint64_t *secrets, size_t count, size_t threshold, size_t share_count,
                          const uint8_t *seed, uint64_t *out, bcfl_fault *fault, cudaStream_t stream) {
    bcfl_context context;
    bcfl_context_init(&context, nullptr);
    const size_t room_bytes = bcfl_share_workspace_bytes(&context, count, 0, threshold);
    const Numbers inputs(count), outputs(count * share_count), room(room_bytes / sizeof(uint64_t) + 1);
    if (inputs.data() == nullptr || outputs.data() == nullptr || room.data() == nullptr) return BCFL_DEVICE_FAILED;
    if (!ok(cudaMemcpyAsync(inputs.data(), secrets, inputs.bytes(), cudaMemcpyDeviceToHost, stream)) ||
        !finished(stream)) {
        return failed(stream);
    }
    const bcfl_status done =
        bcfl_shamir_share(&context, inputs.data(), count, threshold, share_count, seed, outputs.data(),
                          count * share_count, fault, room.data(), room_bytes);
    if (done != BCFL_OK) return done;
    return ok(cudaMemcpyAsync(out, outputs.data(), outputs.bytes(), cudaMemcpyHostToDevice, stream)) &&
                   finished(stream)
               ? BCFL_OK
               : failed(stream);
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
    bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    status = check_weights(weights, vector_count, fault);
    if (status != BCFL_OK) return status;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    status = check_places(out, count * sizeof *out, vectors, vector_count, count, workspace, workspace_bytes);
    if (status != BCFL_OK) return status;
    Workspace work(workspace, vector_count);
    const cudaStream_t on = stream_of(stream);
    const bool wide = aligned(vectors, vector_count, 2 * sizeof **vectors) && cuda::aligned(out);
    const bool launched = work.begin(vectors, weights, on) &&
                          launch(wide ? kernels::weighted_sum<2> : kernels::weighted_sum<1>,
                                 threads_for(wide ? count / 2 + count % 2 : count), on, work.vectors, work.weights,
                                 vector_count, count, out, work.first_fault);
    if (!launched) return failed(on);
    return work.end(BCFL_DOMAIN_COORDINATE, count, fault, on);
}

bcfl_status bcfl_cuda_coordinate_median(const int32_t *const *vectors, size_t vector_count, size_t count,
                                        int32_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                        size_t workspace_bytes, bcfl_cuda_stream stream) {
    bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    status = check_places(out, count * sizeof *out, vectors, vector_count, count, workspace, workspace_bytes);
    if (status != BCFL_OK) return status;
    Workspace work(workspace, vector_count);
    const cudaStream_t on = stream_of(stream);
    if (!launch_order(work, vectors, vector_count, count, (vector_count - 1) / 2, out, on)) return failed(on);
    return work.end(BCFL_DOMAIN_COORDINATE, count, fault, on);
}

bcfl_status bcfl_cuda_trimmed_sum(const int32_t *const *vectors, size_t vector_count, size_t count, size_t trim,
                                  int64_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                  size_t workspace_bytes, bcfl_cuda_stream stream) {
    bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (trim > (vector_count - 1) / 2) return BCFL_TRIM_RANGE;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    status = check_places(out, count * sizeof *out, vectors, vector_count, count, workspace, workspace_bytes);
    if (status != BCFL_OK) return status;
    Workspace work(workspace, vector_count);
    const cudaStream_t on = stream_of(stream);
    if (!launch_order(work, vectors, vector_count, count, trim, out, on)) return failed(on);
    return work.end(BCFL_DOMAIN_COORDINATE, count, fault, on);
}

bcfl_status bcfl_cuda_pairwise_sqdist(const int32_t *const *vectors, size_t vector_count, size_t count,
                                      uint64_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                      size_t workspace_bytes, bcfl_cuda_stream stream) {
    bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    const size_t n = vector_count;
    if (out == nullptr || out_count != 2 * n * n) return BCFL_OUTPUT_SIZE;
    status = check_places(out, out_count * sizeof *out, vectors, n, count, workspace, workspace_bytes);
    if (status != BCFL_OK) return status;
    Workspace work(workspace, n);
    const cudaStream_t on = stream_of(stream);
    const bool launched = work.begin(vectors, nullptr, on) &&
                          ok(cudaMemsetAsync(out, 0, out_count * sizeof *out, on)) &&
                          launch_squares(work, vectors, n, count, out, on) &&
                          launch(kernels::finish_squares, threads_for(n * n), on, n, out);
    if (!launched) return failed(on);
    return work.end(BCFL_DOMAIN_COORDINATE, count, fault, on);
}

bcfl_status bcfl_cuda_mask_add_u32(const uint32_t *vector, size_t count, const uint8_t key[BCFL_MASK_KEY_BYTES],
                                   const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract, uint32_t *out,
                                   size_t out_count, bcfl_cuda_stream stream) {
    return mask_add(vector, count, key, purpose, subtract, out, out_count, stream_of(stream));
}

bcfl_status bcfl_cuda_mask_add_u64(const uint64_t *vector, size_t count, const uint8_t key[BCFL_MASK_KEY_BYTES],
                                   const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract, uint64_t *out,
                                   size_t out_count, bcfl_cuda_stream stream) {
    return mask_add(vector, count, key, purpose, subtract, out, out_count, stream_of(stream));
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
    const size_t needed = count * (threshold - 1), room_bytes = bcfl_cuda_workspace_bytes(0, needed);
    if (workspace == nullptr || workspace_bytes < room_bytes) return BCFL_OUTPUT_SIZE;
    if (overlap(out, out_count * sizeof *out, secrets, count * sizeof *secrets) ||
        overlap(out, out_count * sizeof *out, workspace, room_bytes) ||
        overlap(workspace, room_bytes, secrets, count * sizeof *secrets)) {
        return BCFL_OVERLAP;
    }
    Workspace work(workspace, 0);
    const cudaStream_t on = stream_of(stream);
    uint64_t *samples = reinterpret_cast<uint64_t *>(static_cast<char *>(workspace) + FAULT_BYTES);
    const uint8_t purpose[BCFL_MASK_STREAM_BYTES] = {2};
    const Shape shape = {
        dim3(blocks_for(count, kernels::SHARE_THREADS), blocks_for(share_count, kernels::SHARE_ROWS)),
        kernels::SHARE_THREADS};
    // Secrets outside of the field are shared before it is known, and nobody hears of it.
    const bool launched = work.begin(nullptr, nullptr, on) &&
                          launch(kernels::check_field, threads_for(count), on, secrets, count, work.first_fault) &&
                          launch(kernels::draw_samples, stream_shape((needed + 7) / 8), on,
                                 key_stream(seed, purpose), needed, samples, work.first_fault + 1) &&
                          launch(kernels::shares, shape, on, secrets, count, samples,
                                 static_cast<unsigned>(threshold - 1), static_cast<unsigned>(share_count), out);
    unsigned long long found[2] = {0, 0};
    const bool wiped = ok(cudaMemsetAsync(samples, 0, needed * sizeof *samples, on));
    if (!launched || !wiped || !work.read(found, on)) return failed(on);
    if (found[0] != cuda::NO_FAULT) {
        if (fault != nullptr) *fault = {0, static_cast<size_t>(found[0])};
        return BCFL_FIELD_RANGE;
    }
    if (found[1] == cuda::NO_FAULT) return BCFL_OK;
    return share_on_host(secrets, count, threshold, share_count, seed, out, fault, on);
}

bcfl_status bcfl_cuda_sha256_chunks(const uint8_t *data, size_t size, size_t chunk_bytes, uint8_t *digests,
                                    size_t digests_bytes, bcfl_cuda_stream stream) {
    if (size == 0) return BCFL_EMPTY;
    if (data == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (chunk_bytes == 0 || chunk_bytes > BCFL_CHUNK_BYTES_MAX) return BCFL_CHUNK_BYTES;
    const size_t needed = bcfl_sha256_chunks_bytes(size, chunk_bytes);
    if (digests == nullptr || needed == 0 || digests_bytes != needed) return BCFL_OUTPUT_SIZE;
    if (overlap(digests, needed, data, size)) return BCFL_OVERLAP;
    const size_t chunks = needed / BCFL_DIGEST_BYTES;
    const cudaStream_t on = stream_of(stream);
    const bool launched = launch(kernels::hash, {blocks_for(chunks, kernels::HASH_THREADS), kernels::HASH_THREADS},
                                 on, data, size, chunk_bytes, chunks, digests);
    return launched && finished(on) ? BCFL_OK : failed(on);
}

bcfl_status bcfl_cuda_host_weighted_sum(const int32_t *const *vectors, const uint32_t *weights,
                                        size_t vector_count, size_t count, int64_t *out, size_t out_count,
                                        bcfl_fault *fault, bcfl_cuda_stream stream) {
    bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    status = check_weights(weights, vector_count, fault);
    if (status != BCFL_OK) return status;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
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
        inputs.wipe(count * sizeof *secrets);
        return failed(on);
    }
    const bcfl_status done =
        bcfl_cuda_shamir_share(inputs.as<uint64_t>(), count, threshold, share_count, seed, outputs.as<uint64_t>(),
                               out_count, fault, workspace.as<void>(), bytes, stream);
    const bool given = done != BCFL_OK || outputs.give(out, out_count * sizeof *out);
    const bool wiped = inputs.wipe(count * sizeof *secrets) && outputs.wipe(out_count * sizeof *out);
    return given && wiped ? done : failed(on);
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
    if (!inputs.fill(data, size) || outputs.as<void>() == nullptr) return failed(on);
    const bcfl_status done =
        bcfl_cuda_sha256_chunks(inputs.as<uint8_t>(), size, chunk_bytes, outputs.as<uint8_t>(), needed, stream);
    if (done != BCFL_OK) return done;
    return outputs.give(digests, needed) ? BCFL_OK : failed(on);
}
