// The kernels: which thread computes what of bodies.h, and what the threads of a block share.
#ifndef BCFL_CUDA_KERNELS_H
#define BCFL_CUDA_KERNELS_H

#include "bodies.h"

// Shared memory, as much as the launch asks for.
alignas(16) extern __shared__ unsigned char bcfl_cuda_shared[];

namespace bcfl {
namespace cuda {
namespace kernels {
namespace {

__device__ size_t thread_index() { return static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ size_t thread_count() { return static_cast<size_t>(gridDim.x) * blockDim.x; }

__device__ void note(unsigned long long *first_fault, uint64_t fault) {
    if (fault != NO_FAULT) atomicMin(first_fault, static_cast<unsigned long long>(fault));
}

template <int WIDTH>
__device__ void sum_coordinates(const int32_t *const *vectors, const uint32_t *weights, size_t n, size_t count,
                                size_t index, int64_t *out, unsigned long long *first_fault) {
    const WeightedSum<WIDTH> sum = cuda::weighted_sum<WIDTH>(vectors, weights, n, index);
    store(out + index, sum.sums);
    for (int i = 0; i < WIDTH && !within_domain(sum.highest); ++i) {
        note(first_fault, column_fault(vectors, n, count, index + i));
    }
}

// WIDTH is 2 where pairs of coordinates lie at multiples of 8 bytes and pairs of sums at multiples of 16: a warp
// reads 256 bytes in a row of each vector, and writes 512. Four coordinates would leave halves of sectors to
// another store.
template <int WIDTH>
__global__ void weighted_sum(const int32_t *const *vectors, const uint32_t *weights, size_t n, size_t count,
                             int64_t *out, unsigned long long *first_fault) {
    static_assert(WIDTH <= 2, "one coordinate may be left");
    for (size_t i = WIDTH * thread_index(); i < count; i += WIDTH * thread_count()) {
        if (i + WIDTH <= count) {
            sum_coordinates<WIDTH>(vectors, weights, n, count, i, out, first_fault);
        } else {
            sum_coordinates<1>(vectors, weights, n, count, i, out, first_fault);
        }
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
            note(first_fault, column_fault(vectors, n, count, i));
        } else {
            const Column<N> column(vectors, n, i);
            if (medians != nullptr) medians[i] = middle(column.at((n - 1) / 2), column.at(n / 2));
            if (sums != nullptr) sums[i] = column.sum(trim, n - trim);
            if (!column.within_domain(n)) note(first_fault, column_fault(vectors, n, count, i));
        }
    }
}

__global__ void check_domain(const int32_t *const *vectors, size_t n, size_t count,
                             unsigned long long *first_fault) {
    for (size_t i = thread_index(); i < count; i += thread_count()) {
        note(first_fault, column_fault(vectors, n, count, i));
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

// A block of threads masks the words that STREAM_BLOCKS blocks of the key stream cover: a thread makes one of
// them, and masks what lies at the same place in each of the rows of the vector, so that a warp reads and writes
// whole lines. `wide` says that vector and output lie at whole quads. The vector is read before the stream is
// made, and may be the output.
template <typename Word>
__global__ void __launch_bounds__(STREAM_BLOCKS)
    mask_add(Stream stream, const Word *vector, size_t count, bool subtract, bool wide, Word *out) {
    __shared__ Quad tile[STREAM_QUADS];
    constexpr unsigned QUAD_WORDS = sizeof(Quad) / sizeof(Word), WORDS = STREAM_QUADS * QUAD_WORDS;
    const size_t first = static_cast<size_t>(blockIdx.x) * WORDS;
    const unsigned thread = threadIdx.x;
    const bool whole = wide && first + WORDS <= count;
    Words<Word> words[4] = {};
    if (whole) {
        BCFL_UNROLL
        for (unsigned i = 0; i < 4; ++i) {
            words[i] = load<Words<Word>>(vector + first + (i * STREAM_BLOCKS + thread) * QUAD_WORDS);
        }
    }
    write_stream(stream, blockIdx.x * STREAM_BLOCKS, thread, tile);
    __syncthreads();
    if (whole) {
        BCFL_UNROLL
        for (unsigned i = 0; i < 4; ++i) {
            const unsigned quad = i * STREAM_BLOCKS + thread;
            store(out + first + quad * QUAD_WORDS, masked_words(words[i], tile + stream_place(quad), subtract));
        }
    } else {
        for (unsigned i = thread; i < WORDS && first + i < count; i += STREAM_BLOCKS) {
            out[first + i] = masked(vector[first + i], stream_word<Word>(tile, i), subtract);
        }
    }
}

__global__ void check_field(const uint64_t *secrets, size_t count, unsigned long long *first_fault) {
    for (size_t i = thread_index(); i < count; i += thread_count()) {
        if (secrets[i] >= MODULUS) note(first_fault, i);
    }
}

// PRV-015 skips a sample of p: `skipped` says that there was one.
__global__ void __launch_bounds__(STREAM_BLOCKS)
    draw_samples(Stream stream, size_t count, uint64_t *samples, unsigned long long *skipped) {
    __shared__ Quad tile[STREAM_QUADS];
    constexpr unsigned SAMPLES = 2 * STREAM_QUADS;
    const size_t first = static_cast<size_t>(blockIdx.x) * SAMPLES;
    write_stream(stream, blockIdx.x * STREAM_BLOCKS, threadIdx.x, tile);
    __syncthreads();
    for (unsigned i = threadIdx.x; i < SAMPLES && first + i < count; i += STREAM_BLOCKS) {
        const uint64_t sample = stream_word<uint64_t>(tile, i) & MODULUS;
        samples[first + i] = sample;
        if (sample == MODULUS) atomicMin(skipped, 0ull);
    }
}

__global__ void shares(const uint64_t *secrets, size_t count, const uint64_t *samples, size_t degree, size_t rows,
                       uint64_t *out) {
    for (size_t at = thread_index(); at < rows * count; at += thread_count()) {
        const size_t row = at / count, i = at % count;
        out[at] = share(secrets[i], samples + i * degree, degree, static_cast<uint32_t>(row + 1));
    }
}

// Small blocks, so that a few thousand chunks reach all multiprocessors. A thread reads its chunk 64 bytes at a
// time, which are two whole sectors.
constexpr unsigned HASH_THREADS = 64;

__global__ void hash(const uint8_t *data, size_t size, size_t chunk_bytes, size_t chunks, uint8_t *digests) {
    for (size_t c = thread_index(); c < chunks; c += thread_count()) {
        const size_t start = c * chunk_bytes;
        sha256(data + start, size - start < chunk_bytes ? size - start : chunk_bytes, digests + 32 * c);
    }
}

}  // namespace
}  // namespace kernels
}  // namespace cuda
}  // namespace bcfl

#endif
