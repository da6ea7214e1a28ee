// What one thread of the graphics processor computes, as functions that any compiler can make: kernels.h runs
// them on the device, tests/cuda_bodies_test.cpp runs them thread by thread on the host beside the library.
#ifndef BCFL_CUDA_BODIES_H
#define BCFL_CUDA_BODIES_H

#include <stddef.h>
#include <stdint.h>

#include <cstring>

#ifdef __CUDACC__
#define BCFL_BODY __host__ __device__ inline
#else
#define BCFL_BODY inline
#endif
#ifdef __CUDA_ARCH__
#define BCFL_UNROLL _Pragma("unroll")
#define BCFL_ROLL _Pragma("unroll 1")
#else
#define BCFL_UNROLL
#define BCFL_ROLL
#endif

namespace bcfl {
namespace cuda {

constexpr int32_t COORDINATE_MAX = 0xfffff;
constexpr uint64_t MODULUS = (UINT64_C(1) << 61) - 1;
constexpr uint64_t NO_FAULT = ~UINT64_C(0);

// What one instruction reads or writes where the address is a multiple of its size.
struct alignas(16) Quad {
    uint32_t words[4];
};

BCFL_BODY bool aligned(const void *place) { return reinterpret_cast<uintptr_t>(place) % sizeof(Quad) == 0; }

template <typename Wide>
BCFL_BODY Wide load(const void *place) {
#ifdef __CUDA_ARCH__
    return *static_cast<const Wide *>(place);
#else
    Wide wide;  // as the rules of the language for types ask
    std::memcpy(&wide, place, sizeof wide);
    return wide;
#endif
}

// The same from what nothing writes while the kernel runs. Where a pointer was itself read from memory, this also
// says that it leads to the memory of the device and not to that of a block.
template <typename Wide>
BCFL_BODY Wide load_constant(const void *place) {
#ifdef __CUDA_ARCH__
    static_assert(sizeof(Wide) == 4 || sizeof(Wide) == 8 || sizeof(Wide) == 16, "one instruction reads it");
    if constexpr (sizeof(Wide) == 4) {
        const int raw = __ldg(static_cast<const int *>(place));
        return reinterpret_cast<const Wide &>(raw);
    } else if constexpr (sizeof(Wide) == 8) {
        const int2 raw = __ldg(static_cast<const int2 *>(place));
        return reinterpret_cast<const Wide &>(raw);
    } else {
        const int4 raw = __ldg(static_cast<const int4 *>(place));
        return reinterpret_cast<const Wide &>(raw);
    }
#else
    return load<Wide>(place);
#endif
}

template <typename Wide>
BCFL_BODY void store(void *place, const Wide &wide) {
#ifdef __CUDA_ARCH__
    *static_cast<Wide *>(place) = wide;
#else
    std::memcpy(place, &wide, sizeof wide);
#endif
}

// The number of a fault: its vector, then its index. The lowest one is the first.
BCFL_BODY uint64_t fault_at(size_t vector, size_t index, size_t count) {
    return static_cast<uint64_t>(vector) * count + index;
}

// How far a coordinate lies above -Q, as an unsigned number: more than 2 Q on either side outside of the domain.
// So one maximum tells of many coordinates whether all are within.
BCFL_BODY uint32_t height(int32_t coordinate) { return static_cast<uint32_t>(coordinate) + COORDINATE_MAX; }
BCFL_BODY bool within_domain(uint32_t highest) { return highest <= 2 * static_cast<uint32_t>(COORDINATE_MAX); }
BCFL_BODY bool outside(int32_t coordinate) { return !within_domain(height(coordinate)); }

template <typename Number>
BCFL_BODY Number smaller(Number a, Number b) {
    return a < b ? a : b;
}
template <typename Number>
BCFL_BODY Number larger(Number a, Number b) {
    return a < b ? b : a;
}

// Coordinates, or their sums, that follow each other: one load, one store.
template <typename Number, int WIDTH>
struct alignas(sizeof(Number) * WIDTH) Row {
    Number at[WIDTH];
};

// ---- AGG-006; |sum| < 2^47: coordinates are below 2^20, weights below 2^16, and there are fewer than 2^11
// vectors

template <int WIDTH>
struct WeightedSum {
    Row<int64_t, WIDTH> sums = {};
    uint32_t highest = 0;

    // Vectors from `n` on, BATCH at a time, so that as many loads are under way at once; fewer at a time in the
    // end.
    template <int BATCH>
    BCFL_BODY void add(const int32_t *const *vectors, const uint32_t *weights, size_t n, size_t vector_count,
                       size_t index) {
        for (; n + BATCH <= vector_count; n += BATCH) {
            Row<int32_t, WIDTH> rows[BATCH];
            BCFL_UNROLL
            for (int j = 0; j < BATCH; ++j) rows[j] = load_constant<Row<int32_t, WIDTH>>(vectors[n + j] + index);
            BCFL_UNROLL
            for (int j = 0; j < BATCH; ++j) {
                const int32_t weight = static_cast<int32_t>(weights[n + j]);
                BCFL_UNROLL
                for (int i = 0; i < WIDTH; ++i) {
                    sums.at[i] += static_cast<int64_t>(rows[j].at[i]) * weight;
                    highest = larger(highest, height(rows[j].at[i]));
                }
            }
        }
        if constexpr (BATCH > 1) add<BATCH / 2>(vectors, weights, n, vector_count, index);
    }
};

// From coordinate `index` on.
template <int WIDTH>
BCFL_BODY WeightedSum<WIDTH> weighted_sum(const int32_t *const *vectors, const uint32_t *weights,
                                          size_t vector_count, size_t index) {
    WeightedSum<WIDTH> sum;
    sum.template add<8>(vectors, weights, 0, vector_count, index);
    return sum;
}

// ---- AGG-008, AGG-009

// Batcher's merge exchange, for any number of values: its comparators have fixed places, so that the values stay
// in registers, and those that an answer does not need are never made.
template <int N>
BCFL_BODY void sort(int32_t (&values)[N]) {
    BCFL_UNROLL
    for (int size = 1; size < N; size *= 2) {
        BCFL_UNROLL
        for (int step = size; step > 0; step /= 2) {
            BCFL_UNROLL
            for (int i = 0; i < N; ++i) {  // with bounds that do not change, or the loop is not written out
                const bool lower = i >= step % size && (i - step % size) / step % 2 == 0 && i + step < N;
                if (!lower || i / (2 * size) != (i + step) / (2 * size)) continue;
                const int32_t a = values[i], b = values[i + step];
                values[i] = smaller(a, b);
                values[i + step] = larger(a, b);
            }
        }
    }
}

// The middle value of two, half to even. Within the domain both are below 2^20.
BCFL_BODY int32_t middle(int32_t lower, int32_t upper) {
    const int64_t sum = static_cast<int64_t>(lower) + upper, half = sum >> 1;
    return static_cast<int32_t>(half + (sum & half & 1));
}

// Up to N pointers to vectors, which a launch hands over by value.
template <int N>
struct Pointers {
    const int32_t *at[N];
};

// The fewest vectors for which a column of N is taken: so many loads need no condition.
template <unsigned N>
constexpr unsigned FEWEST = N > 32 ? N - 15 : N - 7;

// A column of n values, from FEWEST<N> to N, sorted in registers between ends of the domain: half of what
// is missing below and half above. So the middle values have fixed places, whatever n is.
template <int N>
struct Column {
    int32_t values[N];
    unsigned n;

    BCFL_BODY unsigned added() const { return (N - n) / 2; }  // below

    BCFL_BODY Column(const Pointers<N> &vectors, unsigned vector_count, size_t index) : n(vector_count) {
        BCFL_UNROLL
        for (unsigned i = 0; i < N; ++i) {
            values[i] = i < FEWEST<N> || i < n ? load_constant<int32_t>(vectors.at[i] + index)
                        : i < n + added()      ? -COORDINATE_MAX
                                               : COORDINATE_MAX;
        }
        sort(values);
    }

    BCFL_BODY bool within_domain() const {
        return values[0] >= -COORDINATE_MAX && values[N - 1] <= COORDINATE_MAX;
    }

    BCFL_BODY int32_t median() const {
        return middle(values[N / 2 - 1], n % 2 == 1 ? values[N / 2 - 1] : values[N / 2]);
    }

    // |sum| < 2^26. As many are left out above as below, or one more of those that were added.
    BCFL_BODY int64_t trimmed_sum(unsigned trim) const {
        const unsigned below = added() + trim, above = below + n % 2;
        int32_t sum = 0;
        BCFL_UNROLL
        for (unsigned i = 0; i < N / 2; ++i) {
            sum += i >= below ? values[i] : 0;
            sum += i >= above ? values[N - 1 - i] : 0;
        }
        return sum;
    }
};

// Coordinate `index` of the vectors from `first` on: the first of them that is outside of the domain. The loop is
// not written out: its addresses would be those of the sort, which they would cost their registers.
BCFL_BODY uint64_t column_fault(const int32_t *const *vectors, size_t vector_count, size_t count, size_t index,
                                size_t first = 0) {
    BCFL_ROLL
    for (size_t n = first; n < vector_count; ++n) {
        if (outside(load_constant<int32_t>(vectors[n] + index))) return fault_at(n, index, count);
    }
    return NO_FAULT;
}

// A column of more values lies in runs of RUN, each sorted by a thread and then in memory that it may index; the
// last run is filled with the upper end of the domain.
constexpr unsigned RUN = 32;

struct Run {
    int32_t *place;
    unsigned step;  // from a value to the next

    // Gives whether all are within the domain.
    BCFL_BODY bool fill(const int32_t *const *vectors, unsigned first, unsigned vector_count, size_t index) const {
        int32_t values[RUN];
        BCFL_UNROLL
        for (unsigned i = 0; i < RUN; ++i) {
            values[i] =
                first + i < vector_count ? load_constant<int32_t>(vectors[first + i] + index) : COORDINATE_MAX;
        }
        sort(values);
        BCFL_UNROLL
        for (unsigned i = 0; i < RUN; ++i) place[i * step] = values[i];
        return values[0] >= -COORDINATE_MAX && values[RUN - 1] <= COORDINATE_MAX;
    }

    // How many values are below another, of which is known that they are from `low` to `high`.
    BCFL_BODY unsigned below(int32_t value, unsigned low, unsigned high) const {
        while (low < high) {
            const unsigned middle = (low + high) / 2;
            const bool less = place[middle * step] < value;
            low = less ? middle + 1 : low;
            high = less ? high : middle;
        }
        return low;
    }

    BCFL_BODY uint32_t sum(unsigned first, unsigned stop) const {
        uint32_t sum = 0;
        for (unsigned i = first; i < stop; ++i) sum += static_cast<uint32_t>(place[i * step]);
        return sum;
    }
};

// A rank of a column, found bit by bit from the highest bit of the height down: `known` is the largest height that
// at most `rank` values are below. Each run has its own copy, with where `known` and what is still possible lie in
// it: that narrows with each bit, and soon there is little to search.
struct Rank {
    uint32_t rank, known = 0;
    unsigned low = 0, high = RUN, below = 0;

    BCFL_BODY explicit Rank(uint32_t of_rank) : rank(of_rank) {}
    BCFL_BODY int32_t value() const { return static_cast<int32_t>(known) - COORDINATE_MAX; }
    BCFL_BODY unsigned ask(const Run &run, uint32_t bit) {
        return below = run.below(static_cast<int32_t>(known | bit) - COORDINATE_MAX, low, high);
    }
    BCFL_BODY void learn(uint32_t below_of_all, uint32_t bit) {
        const bool set = below_of_all <= rank;
        known |= set ? bit : 0;
        low = set ? below : low;
        high = set ? high : below;
    }
};

// What a run adds to the sum of the values from rank `first` to rank `last`: all of first <= x < last, from which
// those that the ranks leave out or count again are set right once by `ends`. Modulo 2^32; the sum itself is below
// 2047 * 2^20 < 2^31.
BCFL_BODY uint32_t part(const Run &run, const Rank &first, const Rank &last) {
    return run.sum(first.low, last.low) + first.low * static_cast<uint32_t>(first.value()) -
           last.low * static_cast<uint32_t>(last.value());
}
BCFL_BODY uint32_t ends(const Rank &first, const Rank &last) {
    return (last.rank + 1) * static_cast<uint32_t>(last.value()) -
           first.rank * static_cast<uint32_t>(first.value());
}

// ---- AGG-014; a difference is below 2^21, its square below 2^42, so 2^20 of them stay below 2^62
//
// A block of threads takes two groups of up to GROUP vectors, or one group with itself, and reads a piece of them
// into a tile that its threads share. A thread then adds the squares of EDGE * EDGE pairs over its slice of the
// tile: for each quad of coordinates 2 * EDGE reads of the tile serve 4 * EDGE * EDGE differences, each of which
// is one subtraction and one multiplication with a 64-bit sum.

constexpr unsigned GROUP = 32, EDGE = 4, PAIRS = EDGE * EDGE, SQUARE_THREADS = 288;
constexpr unsigned TILE_QUADS = 8 * SQUARE_THREADS;  // so that the sums of all threads fit there in the end
constexpr size_t SQUARES_MAX = size_t{1} << 20;      // coordinates of a block

// Which vectors are the rows of a block's tile, and how its threads share the pairs.
struct SquarePlan {
    bool one;                  // a group with itself
    unsigned left_rows, rows;  // rows of the first group, which is the later one; of both
    unsigned left_edges, right_edges, parts, slices;
    unsigned length;     // quads of a row, a multiple of the slices
    size_t left, right;  // the first vector of either group

    BCFL_BODY SquarePlan(size_t vector_count, unsigned later, unsigned earlier)
        : one(later == earlier), left(size_t{GROUP} * later), right(size_t{GROUP} * earlier) {
        const unsigned left_vectors = static_cast<unsigned>(smaller(vector_count - left, size_t{GROUP}));
        left_edges = (left_vectors + EDGE - 1) / EDGE;
        right_edges = one ? left_edges : GROUP / EDGE;  // an earlier group is full
        left_rows = EDGE * left_edges;
        rows = one ? left_rows : left_rows + GROUP;
        parts = one ? left_edges * (left_edges + 1) / 2 : left_edges * right_edges;  // 36 or 64 at most
        slices = SQUARE_THREADS / parts;
        // Even, so that a piece of a row is whole sectors. At least one step: with one group of e edges
        // rows * slices <= 4 e * 576 / (e (e + 1)) <= 1152, with two 4 (e + 8) * 36 / e <= 1296, and odd slices
        // are 19 at most, in 20 rows.
        const unsigned step = slices % 2 == 0 ? slices : 2 * slices;
        length = TILE_QUADS / (rows * step) * step;
    }

    BCFL_BODY size_t vector(unsigned row) const {
        return row < left_rows ? left + row : right + (row - left_rows);
    }

    // The first rows of a part: of a square, or of its lower triangle with the diagonal.
    BCFL_BODY void part_rows(unsigned part, unsigned &a, unsigned &b) const {
        unsigned i = 0, j = part;
        if (one) {
            while (j > i) j -= ++i;
        } else {
            i = part / right_edges, j = part % right_edges;
        }
        a = EDGE * i;
        b = (one ? 0 : left_rows) + EDGE * j;
    }
};

// Outside of the domain a difference wraps, and the sum is of no use to anybody.
BCFL_BODY uint64_t square(int32_t a, int32_t b) {
    const int32_t difference = static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
    return static_cast<uint64_t>(static_cast<int64_t>(difference) * difference);
}

using Coordinates = Row<int32_t, 4>;

// The sums of a thread: rows a to a + EDGE of the tile with rows b to b + EDGE, over quads first, first + step,
// ...
BCFL_BODY void add_squares(const Coordinates *tile, const SquarePlan &plan, unsigned a, unsigned b, unsigned first,
                           unsigned quads, uint64_t sums[PAIRS]) {
    for (unsigned quad = first; quad < quads; quad += plan.slices) {
        Coordinates left[EDGE];
        BCFL_UNROLL
        for (unsigned i = 0; i < EDGE; ++i) left[i] = tile[(a + i) * plan.length + quad];
        BCFL_UNROLL
        for (unsigned j = 0; j < EDGE; ++j) {
            const Coordinates right = tile[(b + j) * plan.length + quad];
            BCFL_UNROLL
            for (unsigned i = 0; i < EDGE; ++i) {
                BCFL_UNROLL
                for (unsigned k = 0; k < 4; ++k) sums[EDGE * i + j] += square(left[i].at[k], right.at[k]);
            }
        }
    }
}

// ---- PRV-013

struct Stream {
    uint32_t key[8], nonce[3];
};

BCFL_BODY uint32_t rotated(uint32_t word, int count) { return word << count | word >> (32 - count); }

BCFL_BODY void quarter_round(uint32_t &a, uint32_t &b, uint32_t &c, uint32_t &d) {
    a += b, d = rotated(d ^ a, 16);
    c += d, b = rotated(b ^ c, 12);
    a += b, d = rotated(d ^ a, 8);
    c += d, b = rotated(b ^ c, 7);
}

BCFL_BODY void block(const Stream &stream, uint32_t counter, uint32_t words[16]) {
    uint32_t initial[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    BCFL_UNROLL
    for (int i = 0; i < 8; ++i) initial[4 + i] = stream.key[i];
    initial[12] = counter;
    BCFL_UNROLL
    for (int i = 0; i < 3; ++i) initial[13 + i] = stream.nonce[i];
    BCFL_UNROLL
    for (int i = 0; i < 16; ++i) words[i] = initial[i];
    for (int round = 0; round < 10; ++round) {
        BCFL_UNROLL
        for (int i = 0; i < 4; ++i) quarter_round(words[i], words[4 + i], words[8 + i], words[12 + i]);
        BCFL_UNROLL
        for (int i = 0; i < 4; ++i) {
            quarter_round(words[i], words[4 + (i + 1) % 4], words[8 + (i + 2) % 4], words[12 + (i + 3) % 4]);
        }
    }
    BCFL_UNROLL
    for (int i = 0; i < 16; ++i) words[i] += initial[i];
}

template <typename Word>
BCFL_BODY Word masked(Word word, Word mask, bool subtract) {
    return subtract ? word - mask : word + mask;
}

// A quad of words.
template <typename Word>
struct alignas(16) Words {
    Word at[16 / sizeof(Word)];
};

template <typename Word>
BCFL_BODY Words<Word> masked_words(const Words<Word> &vector, const Quad *mask, bool subtract) {
    const Words<Word> add = load<Words<Word>>(mask);
    Words<Word> sum;
    BCFL_UNROLL
    for (size_t i = 0; i < 16 / sizeof(Word); ++i) sum.at[i] = masked(vector.at[i], add.at[i], subtract);
    return sum;
}

// A stretch of a key stream in memory that a block of threads shares. Thread t writes the four quads of ChaCha
// block t, then the quads are read in their order. Quad q lies at q ^ (q / 8 % 4): then eight threads in a row
// write, and read, quads that differ mod 8, which is all 32 banks of 4 bytes once.
constexpr unsigned STREAM_BLOCKS = 128, STREAM_QUADS = 4 * STREAM_BLOCKS;

BCFL_BODY unsigned stream_place(unsigned quad) { return quad ^ (quad >> 3 & 3); }

BCFL_BODY void write_stream(const Stream &stream, uint32_t first, unsigned thread, Quad *tile) {
    uint32_t words[16];
    block(stream, first + thread, words);
    BCFL_UNROLL
    for (unsigned i = 0; i < 4; ++i) {
        tile[stream_place(4 * thread + i)] = {
            {words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]}};
    }
}

template <typename Word>
BCFL_BODY Word stream_word(const Quad *tile, unsigned index) {
    constexpr unsigned WORDS = sizeof(Quad) / sizeof(Word);
    const Quad *quad = tile + stream_place(index / WORDS);
    return load<Word>(reinterpret_cast<const Word *>(quad) + index % WORDS);
}

// ---- PRV-015, PRV-016

// point * value + addend modulo p, at most p + 2, for such a value, an addend of p at most and a point below 2^11.
// With value = h * 2^32 + l, h <= 2^29: h * point < 2^40 has its upper 12 bits at 2^61 = 1.
BCFL_BODY uint64_t horner_step(uint64_t value, uint32_t point, uint64_t addend) {
    const uint64_t low = (value & 0xffffffffu) * point, high = (value >> 32) * point;
    const uint64_t sum = low + ((high & ((1u << 29) - 1)) << 32) + (high >> 29) + addend;  // below 2^62 + 2^44
    return (sum & MODULUS) + (sum >> 61);
}

BCFL_BODY uint64_t reduced(uint64_t value) { return value >= MODULUS ? value - MODULUS : value; }

// Steps of Horner's rule at POINTS points in a row, for coefficients k - 1 down to 0.
constexpr unsigned POINTS = 4;

BCFL_BODY void horner_steps(uint64_t values[POINTS], uint32_t first_point, const uint64_t *coefficients,
                            unsigned k) {
    while (k > 0) {
        const uint64_t coefficient = coefficients[--k];
        BCFL_UNROLL
        for (unsigned i = 0; i < POINTS; ++i) values[i] = horner_step(values[i], first_point + i, coefficient);
    }
}

// ---- AGG-012

BCFL_BODY uint32_t sha256_constant(int round) {
    constexpr uint32_t K[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    return K[round];
}

// Byte `at` of the message and its padding, which ends at `padded`.
BCFL_BODY uint32_t padded_byte(const uint8_t *message, uint64_t size, uint64_t padded, uint64_t at) {
    if (at < size) return message[at];
    if (at == size) return 0x80;
    return at + 8 < padded ? 0 : static_cast<uint8_t>(size * 8 >> 8 * (padded - 1 - at));
}

BCFL_BODY uint32_t swapped(uint32_t word) {
#ifdef __CUDA_ARCH__
    return __byte_perm(word, 0, 0x0123);
#else
    return word << 24 | (word & 0xff00) << 8 | (word >> 8 & 0xff00) | word >> 24;
#endif
}

// The 64 bytes at `start` as big-endian words: whole words of memory where there are 16 of them, bytes otherwise.
BCFL_BODY void load_block(const uint8_t *message, uint64_t size, uint64_t padded, uint64_t start, uint32_t w[16]) {
    if (start + 64 <= size && aligned(message)) {
        BCFL_UNROLL
        for (int i = 0; i < 4; ++i) {
            const Quad quad = load<Quad>(message + start + sizeof(Quad) * i);
            BCFL_UNROLL
            for (int j = 0; j < 4; ++j) w[4 * i + j] = swapped(quad.words[j]);
        }
        return;
    }
    BCFL_UNROLL
    for (int t = 0; t < 16; ++t) {
        const uint64_t at = start + 4 * static_cast<uint64_t>(t);
        w[t] = padded_byte(message, size, padded, at) << 24 | padded_byte(message, size, padded, at + 1) << 16 |
               padded_byte(message, size, padded, at + 2) << 8 | padded_byte(message, size, padded, at + 3);
    }
}

// 64 rounds, all of them written out, so that neither w nor the working variables need an address.
BCFL_BODY void compress(uint32_t state[8], uint32_t w[16]) {
    uint32_t work[8];
    BCFL_UNROLL
    for (int i = 0; i < 8; ++i) work[i] = state[i];
    BCFL_UNROLL
    for (int t = 0; t < 64; ++t) {
        if (t >= 16) {
            const uint32_t a = w[(t + 1) % 16], b = w[(t + 14) % 16];
            w[t % 16] += (rotated(a, 25) ^ rotated(a, 14) ^ a >> 3) + w[(t + 9) % 16] +
                         (rotated(b, 15) ^ rotated(b, 13) ^ b >> 10);
        }
        const uint32_t a = work[0], b = work[1], c = work[2], e = work[4], f = work[5], g = work[6];
        const uint32_t one = work[7] + (rotated(e, 26) ^ rotated(e, 21) ^ rotated(e, 7)) + ((e & f) ^ (~e & g)) +
                             sha256_constant(t) + w[t % 16];
        const uint32_t two = (rotated(a, 30) ^ rotated(a, 19) ^ rotated(a, 10)) + ((a & b) ^ (a & c) ^ (b & c));
        BCFL_UNROLL
        for (int i = 7; i > 0; --i) work[i] = work[i - 1];
        work[4] += one;
        work[0] = one + two;
    }
    BCFL_UNROLL
    for (int i = 0; i < 8; ++i) state[i] += work[i];
}

BCFL_BODY void sha256(const uint8_t *message, uint64_t size, uint8_t digest[32]) {
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const uint64_t padded = (size + 9 + 63) / 64 * 64;
    for (uint64_t start = 0; start < padded; start += 64) {
        uint32_t w[16];
        load_block(message, size, padded, start, w);
        compress(state, w);
    }
    if (aligned(digest)) {
        BCFL_UNROLL
        for (int i = 0; i < 8; i += 4) {
            store(digest + 4 * i,
                  Quad{{swapped(state[i]), swapped(state[i + 1]), swapped(state[i + 2]), swapped(state[i + 3])}});
        }
        return;
    }
    BCFL_UNROLL
    for (int i = 0; i < 32; ++i) digest[i] = static_cast<uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
}

}  // namespace cuda
}  // namespace bcfl

#endif
