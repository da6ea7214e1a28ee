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

constexpr unsigned THREADS = 256;

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
// another store. With the second bound ptxas takes the registers that eight loads under way need; without it the
// loads follow each other.
template <int WIDTH>
__global__ void __launch_bounds__(THREADS, 4)
    weighted_sum(const int32_t *const *vectors, const uint32_t *weights, size_t n, size_t count, int64_t *out,
                 unsigned long long *first_fault) {
    static_assert(WIDTH <= 2, "one coordinate may be left");
    for (size_t i = WIDTH * thread_index(); i < count; i += WIDTH * thread_count()) {
        if (WIDTH == 1 || i + WIDTH <= count) {
            sum_coordinates<WIDTH>(vectors, weights, n, count, i, out, first_fault);
        } else {
            sum_coordinates<1>(vectors, weights, n, count, i, out, first_fault);
        }
    }
}

// Up to N vectors: a thread sorts a column in its registers. Number says what is wanted: a median has 32 bits, a
// trimmed sum 64. The pointers come with the launch, so that they are operands of instructions.
template <int N, typename Number>
__global__ void __launch_bounds__(THREADS, N <= 32 ? 4 : 2)
    order_in_registers(const __grid_constant__ Pointers<N> vectors, unsigned n, size_t count, unsigned trim,
                       Number *out, unsigned long long *first_fault) {
    for (size_t i = thread_index(); i < count; i += thread_count()) {
        const Column<N> column(vectors, n, i);
        if constexpr (sizeof(Number) == sizeof(int32_t)) {
            out[i] = column.median();
        } else {
            out[i] = column.trimmed_sum(trim);
        }
        if (!column.within_domain()) note(first_fault, column_fault(vectors.at, n, count, i));
    }
}

// A number of each column to which all threads of the column add, in shared memory. Three serve in turn: one is
// added to while the one before may still be read and the next is cleared, so that one wait a turn is enough.
struct Tally {
    uint32_t *now, *next, *before;
    bool clears;

    __device__ Tally(uint32_t *place, unsigned columns, unsigned column, bool clearing)
        : now(place + column), next(now + columns), before(next + columns), clears(clearing) {
        if (clears) *now = 0;
        __syncthreads();
    }
    __device__ uint32_t add(uint32_t number) {
        if (clears) *next = 0;
        atomicAdd(now, number);
        __syncthreads();
        uint32_t *const read = now;
        now = next, next = before, before = read;
        return *read;
    }
};

constexpr unsigned order_bytes(unsigned columns, unsigned runs) {
    return columns * static_cast<unsigned>(3 * sizeof(uint32_t) + runs * RUN * sizeof(int32_t));
}
constexpr unsigned ORDER_THREADS = 384;

// More vectors: each is read once. The threads of a block hold the runs of some columns, thread t those of column
// t % columns, so that rows are read along and neighbours meet other banks. Of ranks that are one (the median of
// an odd number) one is looked for.
template <typename Number>
__global__ void __launch_bounds__(ORDER_THREADS, 2)
    order_in_shared(const int32_t *const *vectors, unsigned n, size_t count, unsigned trim, unsigned columns,
                    Number *out, unsigned long long *first_fault) {
    const unsigned column = threadIdx.x % columns, run = threadIdx.x / columns;
    uint32_t *const tallies = reinterpret_cast<uint32_t *>(bcfl_cuda_shared);
    const Run own = {reinterpret_cast<int32_t *>(tallies + 3 * columns) + run * RUN * columns + column, columns};
    Tally tally(tallies, columns, column, run == 0);
    for (size_t first = static_cast<size_t>(blockIdx.x) * columns; first < count;
         first += static_cast<size_t>(gridDim.x) * columns) {
        const size_t index = smaller(first + column, count - 1);  // threads beyond the end repeat the last column
        if (!own.fill(vectors, RUN * run, n, index)) {
            note(first_fault, column_fault(vectors, smaller(n, RUN * (run + 1)), count, index, RUN * run));
        }
        Rank lower(trim), upper(n - 1 - trim);
        const bool two = lower.rank != upper.rank;
        for (uint32_t bit = 1u << 20; bit > 0; bit /= 2) {  // heights are below 2^21
            uint32_t below = lower.ask(own, bit);
            if (two) below |= upper.ask(own, bit) << 16;  // neither sum comes to 2^12
            const uint32_t of_all = tally.add(below);
            lower.learn(of_all & 0xffff, bit);
            if (two) upper.learn(of_all >> 16, bit);
        }
        if (!two) upper = lower;
        if constexpr (sizeof(Number) == sizeof(int32_t)) {
            if (run == 0 && first + column < count) out[index] = middle(lower.value(), upper.value());
        } else {
            const uint32_t parts = tally.add(part(own, lower, upper));
            if (run == 0 && first + column < count) out[index] = static_cast<int32_t>(parts + ends(lower, upper));
        }
    }
}

// What a block of threads shares to fill a tile: where the vectors of its rows are. Rows behind the last vector
// repeat it; what becomes of them is not asked for.
struct SquareTile {
    Coordinates quads[TILE_QUADS];
    const int32_t *vectors[2 * GROUP];

    __device__ void find_vectors(const SquarePlan &plan, const int32_t *const *from, size_t n) {
        for (unsigned row = threadIdx.x; row < plan.rows; row += SQUARE_THREADS) {
            vectors[row] = from[smaller(plan.vector(row), n - 1)];
        }
    }

    // Coordinates from `at` on of a row, WHOLE quads or zeros from `stop` on.
    template <bool WHOLE>
    __device__ Coordinates read(unsigned row, size_t at, size_t stop) const {
        const int32_t *const vector = vectors[row];
        if constexpr (WHOLE) {
            return load_constant<Coordinates>(vector + at);
        } else {
            Coordinates quad;
            for (unsigned i = 0; i < 4; ++i) {
                quad.at[i] = at + i < stop ? load_constant<int32_t>(vector + at + i) : 0;
            }
            return quad;
        }
    }

    // The first `length` quads of all rows, from coordinate `start` on; BATCH loads of a thread are under way at
    // once. Gives the greatest height of what the thread has read.
    template <bool WHOLE>
    __device__ uint32_t fill(const SquarePlan &plan, size_t start, size_t stop, unsigned length) {
        constexpr unsigned BATCH = 4;
        const unsigned row_step = SQUARE_THREADS / length, quad_step = SQUARE_THREADS % length;
        unsigned row = threadIdx.x / length, quad = threadIdx.x % length;
        uint32_t highest = 0;
        while (row < plan.rows) {
            Coordinates batch[BATCH];
            unsigned places[BATCH];
            BCFL_UNROLL
            for (unsigned i = 0; i < BATCH; ++i) {
                places[i] = row < plan.rows ? row * plan.length + quad : TILE_QUADS;
                if (row < plan.rows) batch[i] = read<WHOLE>(row, start + 4 * quad, stop);
                row += row_step, quad += quad_step;
                if (quad >= length) quad -= length, ++row;
            }
            BCFL_UNROLL
            for (unsigned i = 0; i < BATCH; ++i) {
                if (places[i] == TILE_QUADS) break;
                quads[places[i]] = batch[i];
                BCFL_UNROLL
                for (unsigned k = 0; k < 4; ++k) highest = larger(highest, height(batch[i].at[k]));
            }
        }
        return highest;
    }

    // The first fault of a filled tile, of which the block is told by one of its threads.
    __device__ void find_faults(const SquarePlan &plan, size_t start, unsigned length, size_t count,
                                unsigned long long *first_fault) const {
        BCFL_ROLL
        for (unsigned at = 0; at < 4 * length * plan.rows; ++at) {
            const unsigned row = at / (4 * length), i = at % (4 * length);
            if (!outside(quads[row * plan.length + i / 4].at[i % 4])) continue;
            note(first_fault, fault_at(plan.vector(row), start + i, count));
            return;
        }
    }
};

// Adds the sums of the slices of each part in pairs, then to the matrix. Those of a block are below 2^62; there
// they gather as two numbers of 32 bits, so that no carry has to be passed on.
__device__ void gather_sums(uint64_t *room, const SquarePlan &plan, const uint64_t sums[PAIRS], size_t n,
                            uint64_t *out) {
    const unsigned thread = threadIdx.x, part = thread / plan.slices, slice = thread % plan.slices;
    BCFL_UNROLL
    for (unsigned i = 0; i < PAIRS; ++i) room[i * SQUARE_THREADS + thread] = sums[i];
    __syncthreads();
    for (unsigned live = plan.slices; live > 1;) {
        const unsigned half = (live + 1) / 2;
        for (unsigned i = 0; part < plan.parts && slice + half < live && i < PAIRS; ++i) {
            room[i * SQUARE_THREADS + thread] += room[i * SQUARE_THREADS + thread + half];
        }
        live = half;
        __syncthreads();
    }
    for (unsigned at = thread; at < PAIRS * plan.parts; at += SQUARE_THREADS) {
        unsigned a = 0, b = 0;
        plan.part_rows(at / PAIRS, a, b);
        const size_t i = plan.vector(a + at % PAIRS / EDGE), j = plan.vector(b + at % EDGE);
        if (j >= i || i >= n) continue;
        const uint64_t sum = room[at % PAIRS * SQUARE_THREADS + at / PAIRS * plan.slices];
        unsigned long long *words = reinterpret_cast<unsigned long long *>(out + 2 * (i * n + j));
        atomicAdd(words, sum & 0xffffffffu);
        atomicAdd(words + 1, sum >> 32);
    }
}

// Blocks for which a multiprocessor must have registers: with three, two compute while one waits for memory.
// For 10.0 ptxas wants more registers than that leaves, or two blocks would.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1000
constexpr unsigned SQUARE_BLOCKS = 1;
#else
constexpr unsigned SQUARE_BLOCKS = 3;
#endif

// blockIdx.x is a stretch of the coordinates, .y and .z are the groups.
__global__ void __launch_bounds__(SQUARE_THREADS, SQUARE_BLOCKS)
    squares(const int32_t *const *vectors, size_t n, size_t count, size_t stretch, bool wide, uint64_t *out,
            unsigned long long *first_fault) {
    __shared__ SquareTile tile;
    if (blockIdx.z > blockIdx.y) return;
    const SquarePlan plan(n, blockIdx.y, blockIdx.z);
    const unsigned part = threadIdx.x / plan.slices, slice = threadIdx.x % plan.slices;
    const size_t begin = blockIdx.x * stretch, stop = smaller(begin + stretch, count);
    unsigned a = 0, b = 0;
    if (part < plan.parts) plan.part_rows(part, a, b);
    tile.find_vectors(plan, vectors, n);
    __syncthreads();
    uint64_t sums[PAIRS] = {};
    for (size_t start = begin; start < stop; start += 4 * plan.length) {
        const unsigned length = static_cast<unsigned>(smaller(size_t{plan.length}, (stop - start + 3) / 4));
        const bool whole = wide && start + 4 * length <= stop;
        const uint32_t highest =
            whole ? tile.fill<true>(plan, start, stop, length) : tile.fill<false>(plan, start, stop, length);
        __syncthreads();
        if (!within_domain(highest)) tile.find_faults(plan, start, length, count, first_fault);
        if (part < plan.parts) add_squares(tile.quads, plan, a, b, slice, length, sums);
        __syncthreads();
    }
    gather_sums(reinterpret_cast<uint64_t *>(tile.quads), plan, sums, n, out);
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

// A thread has one secret, and POINTS shares of it at a time. The samples of the block's secrets go through shared
// memory, SHARE_SAMPLES of each at a time, so that they are read along; a row of them is an odd number of banks.
// There are as many rows of blocks as bundles of SHARE_ROWS shares.
constexpr unsigned SHARE_THREADS = 128, SHARE_SAMPLES = 16, SHARE_ROWS = 32;

__device__ void read_samples(uint64_t (*tile)[SHARE_SAMPLES + 1], const uint64_t *samples, size_t degree,
                             unsigned secrets, unsigned width) {
    __syncthreads();  // until the samples before are no longer asked for
    for (unsigned i = threadIdx.x; i < secrets * width; i += SHARE_THREADS) {
        tile[i / width][i % width] = samples[i / width * degree + i % width];
    }
    __syncthreads();
}

__global__ void __launch_bounds__(SHARE_THREADS)
    shares(const uint64_t *secrets, size_t count, const uint64_t *samples, unsigned degree, unsigned rows,
           uint64_t *out) {
    __shared__ uint64_t tile[SHARE_THREADS][SHARE_SAMPLES + 1];
    const size_t first = static_cast<size_t>(blockIdx.x) * SHARE_THREADS, index = first + threadIdx.x;
    const unsigned here = static_cast<unsigned>(smaller(size_t{SHARE_THREADS}, count - first));
    const uint64_t secret = index < count ? secrets[index] : 0;
    const unsigned begin = SHARE_ROWS * blockIdx.y, stop = smaller(begin + SHARE_ROWS, rows);
    for (unsigned row = begin; row < stop; row += POINTS) {
        uint64_t values[POINTS] = {};
        for (unsigned top = degree; top > 0;) {  // samples below it are to come, the highest power first
            const unsigned width = smaller(top, SHARE_SAMPLES);
            top -= width;
            if (row == begin || degree > SHARE_SAMPLES) {
                read_samples(tile, samples + first * degree + top, degree, here, width);
            }
            if (index < count) horner_steps(values, row + 1, tile[threadIdx.x], width);
        }
        BCFL_UNROLL
        for (unsigned i = 0; i < POINTS; ++i) {
            const uint64_t share = reduced(horner_step(values[i], row + 1 + i, secret));
            if (index < count && row + i < rows) out[(row + i) * count + index] = share;
        }
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
