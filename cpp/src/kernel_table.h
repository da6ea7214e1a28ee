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
// by coordinate from `first` on. False when any coordinate lies outside +-Q.
using MedianKernel = bool (*)(const int32_t *const *vectors, size_t vector_count, size_t first, size_t count,
                              int32_t *out);
using OrderSumKernel = bool (*)(const int32_t *const *vectors, size_t vector_count, size_t trim_or_keep,
                                size_t first, size_t count, int64_t *out);

// Digests of `count` messages of `message_bytes` each that lie one behind the other.
using Sha256Kernel = void (*)(const unsigned char *messages, size_t message_bytes, size_t count,
                              unsigned char *digests);

// `lanes`: messages hashed at once. A group of fewer than `lanes_min` is cheaper on the next lower variant, if
// that one has several lanes too.
struct Sha256Slot {
    Sha256Kernel run;
    size_t lanes;
    size_t lanes_min;
};

// A null slot inherits from the next lower variant that the machine can run.
struct KernelTable {
    QuantizeKernel quantize_f32;
    QuantizeKernel quantize_f64;
    WeightedSumKernel weighted_sum;
    Sha256Slot sha256_chunks;
    MedianKernel coordinate_median;
    OrderSumKernel trimmed_sum;
    OrderSumKernel nearest_sum;
};

#define BCFL_DECLARE_QUANTIZE(variant)                                               \
    bool quantize_f32_##variant(const unsigned char *, size_t, uint32_t, int32_t *); \
    bool quantize_f64_##variant(const unsigned char *, size_t, uint32_t, int32_t *)
#define BCFL_DECLARE_WEIGHTED_SUM(variant) \
    bool weighted_sum_##variant(const int32_t *const *, const uint32_t *, size_t, size_t, size_t, int64_t *)
#define BCFL_DECLARE_ORDER_STATISTICS(variant)                                                     \
    bool coordinate_median_##variant(const int32_t *const *, size_t, size_t, size_t, int32_t *);   \
    bool trimmed_sum_##variant(const int32_t *const *, size_t, size_t, size_t, size_t, int64_t *); \
    bool nearest_sum_##variant(const int32_t *const *, size_t, size_t, size_t, size_t, int64_t *)
#define BCFL_DECLARE_SHA256(variant) \
    void sha256_chunks_##variant(const unsigned char *, size_t, size_t, unsigned char *)

BCFL_DECLARE_QUANTIZE(portable);
BCFL_DECLARE_QUANTIZE(avx2);
BCFL_DECLARE_QUANTIZE(avx512);
BCFL_DECLARE_WEIGHTED_SUM(portable);
BCFL_DECLARE_WEIGHTED_SUM(avx2);
BCFL_DECLARE_WEIGHTED_SUM(avx512);
BCFL_DECLARE_SHA256(portable);
BCFL_DECLARE_SHA256(shani);
BCFL_DECLARE_SHA256(avx512);
BCFL_DECLARE_ORDER_STATISTICS(portable);
BCFL_DECLARE_ORDER_STATISTICS(avx2);
BCFL_DECLARE_ORDER_STATISTICS(avx512);

}  // namespace bcfl

#endif
