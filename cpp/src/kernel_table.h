// One row of function pointers per variant: the whole border between dispatch and kernels.
//
// Included by files compiled for special instruction sets, so it holds declarations only and includes only
// fixed-width headers: nothing here can leave a copy that an older processor would be made to run.
#ifndef BCFL_KERNEL_TABLE_H
#define BCFL_KERNEL_TABLE_H

#include <stddef.h>
#include <stdint.h>

namespace bcfl {

// False as soon as any value is NaN or infinite; then `out` is unspecified. Values come as bytes because the
// kernels read the IEEE encoding and never compute with floats.
using QuantizeKernel = bool (*)(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out);

// out[i] = sum of weights[n] * vectors[n][first + i], i < count. False when any coordinate lies outside +-Q.
using WeightedSumKernel = bool (*)(const int32_t *const *vectors, const uint32_t *weights, size_t vector_count,
                                   size_t first, size_t count, int64_t *out);

// The median, the sum without the `trim` smallest and largest, the sum of the `keep` values nearest to the median,
// by coordinate from `first` on. False when any coordinate lies outside +-Q. More than ORDER_ROWS_FEW vectors need
// `rows`: ORDER_ROW_BYTES for each of them, at a multiple of as many.
constexpr size_t ORDER_ROWS_FEW = 64;
constexpr size_t ORDER_ROW_BYTES = 64;
using MedianKernel = bool (*)(const int32_t *const *vectors, size_t vector_count, size_t first, size_t count,
                              int32_t *rows, int32_t *out);
using OrderSumKernel = bool (*)(const int32_t *const *vectors, size_t vector_count, size_t trim_or_keep,
                                size_t first, size_t count, int32_t *rows, int64_t *out);

// Sums of products of vectors, from which their distances come.
constexpr size_t GRAM_GROUP = 32;
struct GramSums {
    uint64_t products[GRAM_GROUP][GRAM_GROUP];  // of the moved coordinates (pairwise_sqdist.h)
};

// Adds the sums over at most 2^14 coordinates from `first` on, of two groups of at most GRAM_GROUP vectors; where
// both are the same pointer, only the products with row >= column count. False when any coordinate lies outside
// +-Q. `room` begins at a multiple of 64 and has GRAM_ROOM_BYTES for each group, of which there is one where both
// are the same.
constexpr size_t GRAM_ROOM_BYTES = GRAM_GROUP * 136 * sizeof(uint64_t);
using GramKernel = bool (*)(const int32_t *const *left, size_t left_count, const int32_t *const *right,
                            size_t right_count, size_t first, size_t count, void *room, GramSums &sums);

// Digests of `count` messages of `message_bytes` each that lie one behind the other.
using Sha256Kernel = void (*)(const unsigned char *messages, size_t message_bytes, size_t count,
                              unsigned char *digests);

// Digests of `count` messages of 64 bytes each; the digests may lie over the messages, from the same place on.
using Sha256NodesKernel = void (*)(const unsigned char *nodes, size_t count, unsigned char *digests);

// Takes `count` blocks of 64 bytes into the eight words of a digest that is being made.
using Sha256BlocksKernel = void (*)(uint32_t words[8], const unsigned char *blocks, size_t count);

// `lanes`: messages hashed at once. A group of fewer than `lanes_min` is cheaper on the next lower variant that
// takes any number of messages (its lanes_min is 1), if that one has several lanes too.
struct Sha256Slot {
    Sha256Kernel run;
    Sha256NodesKernel nodes;
    size_t lanes;
    size_t lanes_min;
};

// out[i] = values[i] / 2^fraction_bits.
using DequantizeKernel = void (*)(const int32_t *values, size_t count, uint32_t fraction_bits, double *out);

// The first index whose coordinate lies outside +-Q, or `count`.
using DomainCheckKernel = size_t (*)(const int32_t *vector, size_t count);

// out[i] = round_half_even(multiplier * numerators[i] / divisor). False when a numerator is 2^47 or more in
// magnitude.
using DivRoundKernel = bool (*)(const int64_t *numerators, size_t count, uint64_t multiplier, uint64_t divisor,
                                int64_t *out);

// The sum of the squares of at most 2^24 coordinates; false when one of them lies outside +-Q.
using SquareSumKernel = bool (*)(const int32_t *vector, size_t count, uint64_t *sum);
// out[i] = sign(q) * floor(|q| * bound / norm), for coordinates within +-Q, bound < 2^32 and norm >= 2.
using ShortenKernel = void (*)(const int32_t *vector, size_t count, uint64_t bound, uint64_t norm, int32_t *out);

// The secret that a mask stream comes from, as the words of the ChaCha20 state, and what the stream is for.
struct MaskKey {
    uint32_t key[8], stream[3];
};

// out = vector +- the words of the key stream from block `counter` on: `count` words of 32 bits, or of 64 if
// `wide`.
using MaskAddKernel = void (*)(const unsigned char *vector, size_t count, const MaskKey &mask, uint32_t counter,
                               bool wide, bool subtract, unsigned char *out);

// The polynomials of a table of sharing stand side by side in each of its rows.
constexpr size_t SHARING_LANES = 8;

// From a table of `threshold` rows, the coefficients or the values of PRV-016 and PRV-018 (sharing.cpp), to
// shares: that of row i and of the first `used` lanes goes to out + i * stride. The table is overwritten.
using ShareRowsKernel = void (*)(uint64_t *table, size_t threshold, size_t shares, size_t used, uint64_t *out,
                                 size_t stride);

// out[i] = sum of weights[r] * rows[r][first + i] modulo 2^61 - 1, for numbers below that.
using CombineKernel = void (*)(const uint64_t *const *rows, const uint64_t *weights, size_t row_count,
                               size_t first, size_t count, uint64_t *out);

// A variance as a fraction, both numbers below 2^54, and floor(sigma) + 1.
struct GaussianVariance {
    uint64_t numerator, denominator, scale;
};

// `count` discrete Gaussian numbers from the key stream of `key`, which `stream` makes.
using GaussianKernel = void (*)(MaskAddKernel stream, const MaskKey &key, const GaussianVariance &variance,
                                size_t count, int64_t *out);

// A null slot inherits from the next lower variant that the machine can run.
struct KernelTable {
    QuantizeKernel quantize_f32;
    QuantizeKernel quantize_f64;
    WeightedSumKernel weighted_sum;
    Sha256Slot sha256_chunks;
    Sha256BlocksKernel sha256_blocks;
    MedianKernel coordinate_median;
    OrderSumKernel trimmed_sum;
    OrderSumKernel nearest_sum;
    GramKernel gram;
    DequantizeKernel dequantize;
    DomainCheckKernel domain_check;
    DivRoundKernel div_round;
    SquareSumKernel square_sum;
    ShortenKernel shorten;
    MaskAddKernel mask_add;
    ShareRowsKernel shamir_rows;
    ShareRowsKernel packed_rows;
    CombineKernel combine;
    GaussianKernel discrete_gaussian;
};

#define BCFL_DECLARE_QUANTIZE(variant)                                               \
    bool quantize_f32_##variant(const unsigned char *, size_t, uint32_t, int32_t *); \
    bool quantize_f64_##variant(const unsigned char *, size_t, uint32_t, int32_t *)
#define BCFL_DECLARE_WEIGHTED_SUM(variant) \
    bool weighted_sum_##variant(const int32_t *const *, const uint32_t *, size_t, size_t, size_t, int64_t *)
#define BCFL_DECLARE_ORDER_STATISTICS(variant)                                                                \
    bool coordinate_median_##variant(const int32_t *const *, size_t, size_t, size_t, int32_t *, int32_t *);   \
    bool trimmed_sum_##variant(const int32_t *const *, size_t, size_t, size_t, size_t, int32_t *, int64_t *); \
    bool nearest_sum_##variant(const int32_t *const *, size_t, size_t, size_t, size_t, int32_t *, int64_t *)
#define BCFL_DECLARE_GRAM(variant)                                                                              \
    bool gram_##variant(const int32_t *const *, size_t, const int32_t *const *, size_t, size_t, size_t, void *, \
                        GramSums &)
#define BCFL_DECLARE_SHA256(variant)                                                      \
    void sha256_chunks_##variant(const unsigned char *, size_t, size_t, unsigned char *); \
    void sha256_nodes_##variant(const unsigned char *, size_t, unsigned char *)
#define BCFL_DECLARE_SHARING(variant)                                                   \
    void shamir_rows_##variant(uint64_t *, size_t, size_t, size_t, uint64_t *, size_t); \
    void packed_rows_##variant(uint64_t *, size_t, size_t, size_t, uint64_t *, size_t); \
    void combine_##variant(const uint64_t *const *, const uint64_t *, size_t, size_t, size_t, uint64_t *)

void discrete_gaussian_portable(MaskAddKernel, const MaskKey &, const GaussianVariance &, size_t, int64_t *);
void sha256_blocks_portable(uint32_t *, const unsigned char *, size_t);
void sha256_blocks_shani(uint32_t *, const unsigned char *, size_t);
void sha256_blocks_armsha(uint32_t *, const unsigned char *, size_t);
void mask_add_neon(const unsigned char *, size_t, const MaskKey &, uint32_t, bool, bool, unsigned char *);
size_t domain_check_neon(const int32_t *, size_t);
BCFL_DECLARE_QUANTIZE(neon);
BCFL_DECLARE_GRAM(neon);
BCFL_DECLARE_WEIGHTED_SUM(neon);
BCFL_DECLARE_ORDER_STATISTICS(neon);
BCFL_DECLARE_SHA256(armsha);
void mask_add_portable(const unsigned char *, size_t, const MaskKey &, uint32_t, bool, bool, unsigned char *);
void mask_add_avx2(const unsigned char *, size_t, const MaskKey &, uint32_t, bool, bool, unsigned char *);
void mask_add_avx512(const unsigned char *, size_t, const MaskKey &, uint32_t, bool, bool, unsigned char *);
void dequantize_portable(const int32_t *, size_t, uint32_t, double *);
void dequantize_avx2(const int32_t *, size_t, uint32_t, double *);
void dequantize_avx512(const int32_t *, size_t, uint32_t, double *);
size_t domain_check_portable(const int32_t *, size_t);
size_t domain_check_avx2(const int32_t *, size_t);
size_t domain_check_avx512(const int32_t *, size_t);
bool div_round_avx2(const int64_t *, size_t, uint64_t, uint64_t, int64_t *);
bool div_round_avx512(const int64_t *, size_t, uint64_t, uint64_t, int64_t *);
bool div_round_portable(const int64_t *, size_t, uint64_t, uint64_t, int64_t *);
bool square_sum_portable(const int32_t *, size_t, uint64_t *);
bool square_sum_avx2(const int32_t *, size_t, uint64_t *);
bool square_sum_avx512(const int32_t *, size_t, uint64_t *);
void shorten_portable(const int32_t *, size_t, uint64_t, uint64_t, int32_t *);
void shorten_avx512ifma(const int32_t *, size_t, uint64_t, uint64_t, int32_t *);
BCFL_DECLARE_QUANTIZE(portable);
BCFL_DECLARE_QUANTIZE(avx2);
BCFL_DECLARE_QUANTIZE(avx512);
BCFL_DECLARE_WEIGHTED_SUM(portable);
BCFL_DECLARE_WEIGHTED_SUM(avx2);
BCFL_DECLARE_WEIGHTED_SUM(avx512);
BCFL_DECLARE_SHA256(portable);
BCFL_DECLARE_SHA256(shani);
BCFL_DECLARE_SHA256(avx2);
BCFL_DECLARE_SHA256(avx512);
BCFL_DECLARE_ORDER_STATISTICS(portable);
BCFL_DECLARE_ORDER_STATISTICS(avx2);
BCFL_DECLARE_ORDER_STATISTICS(avx512);
BCFL_DECLARE_GRAM(portable);
BCFL_DECLARE_GRAM(avx2);
BCFL_DECLARE_GRAM(avx512);
BCFL_DECLARE_GRAM(avx512ifma);
BCFL_DECLARE_SHARING(portable);
BCFL_DECLARE_SHARING(avx2);
BCFL_DECLARE_SHARING(avx512);

}  // namespace bcfl

#endif
