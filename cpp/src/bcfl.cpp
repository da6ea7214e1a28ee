// The C interface: arguments are checked here, in the order of the guards, then handed to kernels that trust them.

#include "bcfl/bcfl.h"

#include <atomic>

#include "context.h"
#include "dispatch.h"
#include "kernel_table.h"

namespace bcfl {

namespace {

// 64 KiB of each vector: long enough for the prefetchers, short enough for the accumulators to stay in L2.
constexpr size_t TILE = SMALL_PARTS ? 1 : 16384;

constexpr size_t KERNELS_SHOWN = SQUARE_SUM;

const char *const KERNEL_NAMES[KERNELS_SHOWN] = {
    "quantize",           "dequantize",    "domain_check",       "weighted_sum",     "div_round",
    "coordinate_median",  "trimmed_sum",   "nearest_sum",        "pairwise_sqdist",  "clip_l2",
    "sha256_chunks",      "ssz_merkleize", "mask_add",           "mask_add_many",    "shamir_share",
    "shamir_reconstruct", "packed_share",  "packed_reconstruct", "discrete_gaussian"};

bool has_kernel(const KernelTable &table, size_t kernel) {
    switch (kernel) {
        case QUANTIZE: return table.quantize_f32 != nullptr;  // both widths come together
        case DEQUANTIZE: return table.dequantize != nullptr;
        case DOMAIN_CHECK: return table.domain_check != nullptr;
        case WEIGHTED_SUM: return table.weighted_sum != nullptr;
        case DIV_ROUND: return table.div_round != nullptr;
        case COORDINATE_MEDIAN: return table.coordinate_median != nullptr;
        case TRIMMED_SUM: return table.trimmed_sum != nullptr;
        case NEAREST_SUM: return table.nearest_sum != nullptr;
        case PAIRWISE_SQDIST: return table.gram != nullptr;
        case CLIP_L2: return table.shorten != nullptr;
        case SHA256_CHUNKS: return table.sha256_chunks.run != nullptr;
        case SSZ_MERKLEIZE: return table.sha256_chunks.nodes != nullptr;
        case MASK_ADD: return table.mask_add != nullptr;
        case MASK_ADD_MANY: return table.mask_add != nullptr;
        case SHAMIR_SHARE: return table.shamir_rows != nullptr;
        case PACKED_SHARE: return table.packed_rows != nullptr;
        case SHAMIR_RECONSTRUCT: return table.combine != nullptr;
        case PACKED_RECONSTRUCT: return table.combine != nullptr;
        case DISCRETE_GAUSSIAN: return table.discrete_gaussian != nullptr;
        case SHA256_BLOCKS: return table.sha256_blocks != nullptr;
        case SQUARE_SUM: return table.square_sum != nullptr;
        default: return false;
    }
}

size_t serving(size_t level, size_t kernel) {
    return serving_variant(level, [kernel](const KernelTable &table) { return has_kernel(table, kernel); });
}

bool same(const char *a, const char *b) { return __builtin_strcmp(a, b) == 0; }

// Exponent all ones: NaN or infinity. Only run after a kernel said that there is one.
size_t first_not_finite(const unsigned char *values, size_t count, size_t width) {
    // The sixteen highest bits hold the sign, the exponent and a little more.
    const unsigned exponent = width == 4 ? 0x7f80 : 0x7ff0;
    for (size_t i = 0; i < count; ++i) {
        const unsigned char *value = values + i * width;
        uint32_t narrow = 0;
        uint64_t wide = 0;
        if (width == 4) {
            __builtin_memcpy(&narrow, value, sizeof narrow);
        } else {
            __builtin_memcpy(&wide, value, sizeof wide);
        }
        const unsigned top = width == 4 ? narrow >> 16 : static_cast<unsigned>(wide >> 48);
        if ((top & exponent) == exponent) return i;
    }
    return count;
}

bcfl_status quantize(const bcfl_context *outside, const void *values, size_t width, size_t count,
                     uint32_t fraction_bits, int32_t *out, size_t out_count, bcfl_fault *fault) {
    Context context;
    if (!read_context(outside, context)) return BCFL_CONTEXT_INVALID;
    if (count == 0) return BCFL_EMPTY;
    if (values == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (fraction_bits > BCFL_FRACTION_BITS_MAX) return BCFL_FRACTION_BITS;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    const unsigned char *bytes = static_cast<const unsigned char *>(values);
    if (overlap(out, count, bytes, size_product(count, width))) return BCFL_OVERLAP;
    const KernelTable &table = VARIANTS[context.serving[QUANTIZE]].kernels;
    const QuantizeKernel run = width == 4 ? table.quantize_f32 : table.quantize_f64;
    if (run(bytes, count, fraction_bits, out)) return BCFL_OK;
    report(fault, 0, first_not_finite(bytes, count, width));
    return BCFL_NOT_FINITE;
}

bool outside_domain(const int32_t *vector, size_t index) {
    int32_t coordinate;
    __builtin_memcpy(&coordinate, vector + index, sizeof coordinate);
    return coordinate < -BCFL_COORDINATE_MAX || coordinate > BCFL_COORDINATE_MAX;
}

void report_domain(const int32_t *const *vectors, size_t vector_count, size_t count, bcfl_fault *fault) {
    for (size_t n = 0; n < vector_count; ++n) {
        for (size_t i = 0; i < count; ++i) {
            if (outside_domain(vectors[n], i)) return report(fault, n, i);
        }
    }
}

__extension__ using Wide = unsigned __int128;

// The least integer whose square is not below `square`, which is at least 1 and below 2^124.
uint64_t ceil_root(Wide square) {
    uint64_t root = 0;
    for (int bit = 61; bit >= 0; --bit) {
        const uint64_t larger = root | UINT64_C(1) << bit;
        if (static_cast<Wide>(larger) * larger < square) root = larger;
    }
    return root + 1;  // root is the largest integer whose square is below
}

// Sums of products of two groups of vectors, added to the words of the output: lower half of the matrix.
void add_gram(const GramSums &sums, size_t row, size_t rows, size_t column, size_t columns, size_t n,
              uint64_t *out) {
    for (size_t r = 0; r < rows; ++r) {
        for (size_t c = 0; c < columns && column + c <= row + r; ++c) {
            uint64_t *words = out + 2 * ((row + r) * n + column + c);
            uint64_t low, high;
            __builtin_memcpy(&low, words, sizeof low);
            __builtin_memcpy(&high, words + 1, sizeof high);
            const uint64_t sum = low + sums.products[r][c];
            high += sum < low ? 1 : 0;
            __builtin_memcpy(words, &sum, sizeof sum);
            __builtin_memcpy(words + 1, &high, sizeof high);
        }
    }
}

Wide read_wide(const uint64_t *words) {
    uint64_t halves[2];
    __builtin_memcpy(halves, words, sizeof halves);
    return static_cast<Wide>(halves[1]) << 64 | halves[0];
}

void write_wide(uint64_t *words, Wide value) {
    const uint64_t halves[2] = {static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64)};
    __builtin_memcpy(words, halves, sizeof halves);
}

// From products to distances: |a - b|^2 = |a|^2 + |b|^2 - 2ab, each of them below 2^64 * 2^42.
void distances_from_gram(size_t n, uint64_t *out) {
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < i; ++j) {
            const Wide squares = read_wide(out + 2 * (i * n + i)) + read_wide(out + 2 * (j * n + j));
            const Wide distance = squares - 2 * read_wide(out + 2 * (i * n + j));
            write_wide(out + 2 * (i * n + j), distance);
            write_wide(out + 2 * (j * n + i), distance);
        }
    }
    for (size_t i = 0; i < n; ++i) write_wide(out + 2 * (i * n + i), 0);
}

// The guards that all kernels over vectors begin with.
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

size_t tiles_of(size_t count) { return (count - 1) / TILE + 1; }

// The output of a kernel over vectors that was counted already, beside its inputs and the workspace, of which
// `needed` bytes are used.
template <typename Output>
bcfl_status check_places(const Output *out, size_t out_count, const int32_t *const *vectors, size_t vector_count,
                         size_t count, const void *workspace, size_t workspace_bytes, size_t needed) {
    if (workspace_bytes < needed || (workspace == nullptr && needed > 0)) return BCFL_OUTPUT_SIZE;
    const uint8_t *used = static_cast<const uint8_t *>(workspace);
    const bool any = overlaps_any(out, out_count, vectors, vector_count, count) ||
                     overlap(out, out_count, used, needed) ||
                     overlaps_any(used, needed, vectors, vector_count, count);
    return any ? BCFL_OVERLAP : BCFL_OK;
}

// A piece of the workspace for each part of the work of a kernel over vectors.
size_t order_lines(size_t vector_count) {
    static_assert(ORDER_ROW_BYTES == LINE_BYTES, "rows are lines");
    return vector_count > ORDER_ROWS_FEW && vector_count <= BCFL_VECTORS_MAX ? vector_count : 0;
}

int32_t *order_rows(void *workspace, size_t vector_count, size_t part) {
    const size_t lines = order_lines(vector_count);
    if (lines == 0) return nullptr;
    return reinterpret_cast<int32_t *>(first_line(workspace) + LINE_BYTES * lines * part);
}

size_t gram_lines(size_t vector_count) {
    static_assert(GRAM_ROOM_BYTES % LINE_BYTES == 0, "a place has whole lines");
    return GRAM_ROOM_BYTES / LINE_BYTES * (vector_count > GRAM_GROUP ? 2 : 1);
}

// Runs `kernel(part, first, count)` tile by tile; it says false where a coordinate is outside the domain.
template <typename Kernel>
bcfl_status in_tiles(const Context &context, const int32_t *const *vectors, size_t vector_count, size_t count,
                     bcfl_fault *fault, const Kernel &kernel) {
    std::atomic<bool> inside{true};
    in_numbered_parts(context, tiles_of(count), [&](size_t part, size_t tile, size_t last) {
        for (; tile < last && inside.load(std::memory_order_relaxed); ++tile) {
            const size_t first = tile * TILE;
            if (!kernel(part, first, count - first < TILE ? count - first : TILE)) {
                inside.store(false, std::memory_order_relaxed);
            }
        }
    });
    if (inside.load(std::memory_order_relaxed)) return BCFL_OK;
    report_domain(vectors, vector_count, count, fault);
    return BCFL_DOMAIN_COORDINATE;
}

}  // namespace

}  // namespace bcfl

using namespace bcfl;

uint32_t bcfl_abi_version(void) { return BCFL_ABI_VERSION; }

const char *bcfl_status_name(bcfl_status status) {
    switch (status) {
        case BCFL_OK: return "OK";
        case BCFL_CONTEXT_INVALID: return "CONTEXT_INVALID";
        case BCFL_VARIANT_UNKNOWN: return "VARIANT_UNKNOWN";
        case BCFL_VARIANT_UNSUPPORTED: return "VARIANT_UNSUPPORTED";
        case BCFL_OUTPUT_SIZE: return "OUTPUT_SIZE";
        case BCFL_STATE_INVALID: return "STATE_INVALID";
        case BCFL_DEVICE_FAILED: return "DEVICE_FAILED";
        case BCFL_OVERLAP: return "OVERLAP";
        case BCFL_KERNEL_ARGUMENT: return "KERNEL_ARGUMENT";
        case BCFL_EMPTY: return "EMPTY";
        case BCFL_FRACTION_BITS: return "FRACTION_BITS";
        case BCFL_NOT_FINITE: return "NOT_FINITE";
        case BCFL_VECTOR_COUNT: return "VECTOR_COUNT";
        case BCFL_WEIGHT_RANGE: return "WEIGHT_RANGE";
        case BCFL_DOMAIN_COORDINATE: return "DOMAIN_COORDINATE";
        case BCFL_CHUNK_BYTES: return "CHUNK_BYTES";
        case BCFL_TRIM_RANGE: return "TRIM_RANGE";
        case BCFL_SELECT_RANGE: return "SELECT_RANGE";
        case BCFL_MULTIPLIER_RANGE: return "MULTIPLIER_RANGE";
        case BCFL_DIVISOR_RANGE: return "DIVISOR_RANGE";
        case BCFL_SUM_RANGE: return "SUM_RANGE";
        case BCFL_NORM_BOUND_RANGE: return "NORM_BOUND_RANGE";
        case BCFL_MERKLE_LENGTH: return "MERKLE_LENGTH";
        case BCFL_MERKLE_LIMIT: return "MERKLE_LIMIT";
        case BCFL_SHARE_COUNT: return "SHARE_COUNT";
        case BCFL_THRESHOLD_RANGE: return "THRESHOLD_RANGE";
        case BCFL_PACK_RANGE: return "PACK_RANGE";
        case BCFL_PACK_LENGTH: return "PACK_LENGTH";
        case BCFL_POSITION_RANGE: return "POSITION_RANGE";
        case BCFL_POSITION_ORDER: return "POSITION_ORDER";
        case BCFL_SHARES_MISSING: return "SHARES_MISSING";
        case BCFL_FIELD_RANGE: return "FIELD_RANGE";
        case BCFL_VECTOR_LENGTH: return "VECTOR_LENGTH";
        case BCFL_VARIANCE_RANGE: return "VARIANCE_RANGE";
        case BCFL_STATUS_LARGEST: break;
    }
    return "UNKNOWN";
}

size_t bcfl_variant_count(void) { return VARIANT_COUNT; }

const char *bcfl_variant_name(size_t variant) {
    return variant < VARIANT_COUNT ? VARIANTS[variant].name : nullptr;
}

const char *bcfl_variant_description(size_t variant) {
    return variant < VARIANT_COUNT ? VARIANTS[variant].description : nullptr;
}

int bcfl_variant_supported(size_t variant) {
    return variant < VARIANT_COUNT && variant_supported(VARIANTS[variant]) ? 1 : 0;
}

size_t bcfl_kernel_count(void) { return KERNELS_SHOWN; }

const char *bcfl_kernel_name(size_t kernel) { return kernel < KERNELS_SHOWN ? KERNEL_NAMES[kernel] : nullptr; }

bcfl_status bcfl_context_init(bcfl_context *context, const char *variant) {
    if (context == nullptr) return BCFL_CONTEXT_INVALID;
    size_t level = VARIANT_COUNT;
    if (variant == nullptr) {
        do --level;
        while (!variant_supported(VARIANTS[level]));
    } else {
        for (size_t i = 0; i < VARIANT_COUNT; ++i) {
            if (same(VARIANTS[i].name, variant)) level = i;
        }
        if (level == VARIANT_COUNT) return BCFL_VARIANT_UNKNOWN;
        if (!variant_supported(VARIANTS[level])) return BCFL_VARIANT_UNSUPPORTED;
    }
    Context chosen{};
    chosen.magic = MAGIC;
    chosen.level = static_cast<uint8_t>(level);
    chosen.workers = 1;
    for (size_t kernel = 0; kernel < KERNEL_COUNT; ++kernel) {
        chosen.serving[kernel] = static_cast<uint8_t>(serving(level, kernel));
    }
    size_t narrow = chosen.serving[SHA256_CHUNKS];
    while (VARIANTS[narrow].kernels.sha256_chunks.lanes_min > 1) narrow = serving(narrow - 1, SHA256_CHUNKS);
    chosen.narrow_sha256 = static_cast<uint8_t>(narrow);
    *context = bcfl_context{};
    __builtin_memcpy(context, &chosen, sizeof chosen);
    return BCFL_OK;
}

bcfl_status bcfl_context_set_parallel_for(bcfl_context *context, bcfl_parallel_for parallel_for, void *host,
                                          size_t workers) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    const bool offered = parallel_for != nullptr && workers > 1;
    chosen.workers = offered ? workers : 1;
    chosen.parallel_for = offered ? parallel_for : nullptr;
    chosen.host = offered ? host : nullptr;
    __builtin_memcpy(context, &chosen, sizeof chosen);
    return BCFL_OK;
}

const char *bcfl_context_variant(const bcfl_context *context) {
    Context chosen;
    return read_context(context, chosen) ? VARIANTS[chosen.level].name : nullptr;
}

const char *bcfl_context_kernel_variant(const bcfl_context *context, const char *kernel) {
    Context chosen;
    if (!read_context(context, chosen) || kernel == nullptr) return nullptr;
    for (size_t i = 0; i < KERNELS_SHOWN; ++i) {
        if (same(KERNEL_NAMES[i], kernel)) return VARIANTS[chosen.serving[i]].name;
    }
    return nullptr;
}

bcfl_status bcfl_quantize_f32(const bcfl_context *context, const float *values, size_t count,
                              uint32_t fraction_bits, int32_t *out, size_t out_count, bcfl_fault *fault) {
    return quantize(context, values, 4, count, fraction_bits, out, out_count, fault);
}

bcfl_status bcfl_quantize_f64(const bcfl_context *context, const double *values, size_t count,
                              uint32_t fraction_bits, int32_t *out, size_t out_count, bcfl_fault *fault) {
    return quantize(context, values, 8, count, fraction_bits, out, out_count, fault);
}

bcfl_status bcfl_weighted_sum(const bcfl_context *context, const int32_t *const *vectors, const uint32_t *weights,
                              size_t vector_count, size_t count, int64_t *out, size_t out_count,
                              bcfl_fault *fault) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (weights == nullptr) return BCFL_KERNEL_ARGUMENT;
    for (size_t n = 0; n < vector_count; ++n) {
        if (weights[n] > BCFL_WEIGHT_MAX) {
            report(fault, n, 0);
            return BCFL_WEIGHT_RANGE;
        }
    }
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    if (overlaps_any(out, count, vectors, vector_count, count) || overlap(out, count, weights, vector_count)) {
        return BCFL_OVERLAP;
    }
    const WeightedSumKernel run = VARIANTS[chosen.serving[WEIGHTED_SUM]].kernels.weighted_sum;
    return in_tiles(chosen, vectors, vector_count, count, fault, [=](size_t, size_t first, size_t tile) {
        return run(vectors, weights, vector_count, first, tile, out + first);
    });
}

size_t bcfl_order_workspace_bytes(const bcfl_context *context, size_t vector_count, size_t count) {
    Context chosen;
    if (!read_context(context, chosen) || count == 0) return 0;
    return bytes_of_lines(size_product(order_lines(vector_count), parts_of(chosen, tiles_of(count))));
}

bcfl_status bcfl_coordinate_median(const bcfl_context *context, const int32_t *const *vectors, size_t vector_count,
                                   size_t count, int32_t *out, size_t out_count, bcfl_fault *fault,
                                   void *workspace, size_t workspace_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    status = check_places(out, count, vectors, vector_count, count, workspace, workspace_bytes,
                          bcfl_order_workspace_bytes(context, vector_count, count));
    if (status != BCFL_OK) return status;
    const MedianKernel run = VARIANTS[chosen.serving[COORDINATE_MEDIAN]].kernels.coordinate_median;
    return in_tiles(chosen, vectors, vector_count, count, fault, [=](size_t part, size_t first, size_t tile) {
        return run(vectors, vector_count, first, tile, order_rows(workspace, vector_count, part), out + first);
    });
}

bcfl_status bcfl_trimmed_sum(const bcfl_context *context, const int32_t *const *vectors, size_t vector_count,
                             size_t count, size_t trim, int64_t *out, size_t out_count, bcfl_fault *fault,
                             void *workspace, size_t workspace_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (trim > (vector_count - 1) / 2) return BCFL_TRIM_RANGE;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    status = check_places(out, count, vectors, vector_count, count, workspace, workspace_bytes,
                          bcfl_order_workspace_bytes(context, vector_count, count));
    if (status != BCFL_OK) return status;
    const OrderSumKernel run = VARIANTS[chosen.serving[TRIMMED_SUM]].kernels.trimmed_sum;
    return in_tiles(chosen, vectors, vector_count, count, fault, [=](size_t part, size_t first, size_t tile) {
        return run(vectors, vector_count, trim, first, tile, order_rows(workspace, vector_count, part),
                   out + first);
    });
}

bcfl_status bcfl_nearest_sum(const bcfl_context *context, const int32_t *const *vectors, size_t vector_count,
                             size_t count, size_t keep, int64_t *out, size_t out_count, bcfl_fault *fault,
                             void *workspace, size_t workspace_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (keep == 0 || keep > vector_count) return BCFL_SELECT_RANGE;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    status = check_places(out, count, vectors, vector_count, count, workspace, workspace_bytes,
                          bcfl_order_workspace_bytes(context, vector_count, count));
    if (status != BCFL_OK) return status;
    const OrderSumKernel run = VARIANTS[chosen.serving[NEAREST_SUM]].kernels.nearest_sum;
    return in_tiles(chosen, vectors, vector_count, count, fault, [=](size_t part, size_t first, size_t tile) {
        return run(vectors, vector_count, keep, first, tile, order_rows(workspace, vector_count, part),
                   out + first);
    });
}

bcfl_status bcfl_dequantize(const bcfl_context *context, const int32_t *values, size_t count,
                            uint32_t fraction_bits, double *out, size_t out_count) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (count == 0) return BCFL_EMPTY;
    if (values == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (fraction_bits > BCFL_FRACTION_BITS_MAX) return BCFL_FRACTION_BITS;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    if (overlap(out, count, values, count)) return BCFL_OVERLAP;
    VARIANTS[chosen.serving[DEQUANTIZE]].kernels.dequantize(values, count, fraction_bits, out);
    return BCFL_OK;
}

bcfl_status bcfl_domain_check(const bcfl_context *context, const int32_t *vector, size_t count, size_t *index) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (count == 0) return BCFL_EMPTY;
    if (vector == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (index == nullptr) return BCFL_OUTPUT_SIZE;
    if (overlap(index, 1, vector, count)) return BCFL_OVERLAP;
    *index = VARIANTS[chosen.serving[DOMAIN_CHECK]].kernels.domain_check(vector, count);
    return BCFL_OK;
}

bcfl_status bcfl_div_round(const bcfl_context *context, const int64_t *numerators, size_t count,
                           uint64_t multiplier, uint64_t divisor, int64_t *out, size_t out_count,
                           bcfl_fault *fault) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (count == 0) return BCFL_EMPTY;
    if (numerators == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (multiplier == 0 || multiplier > BCFL_MULTIPLIER_MAX) return BCFL_MULTIPLIER_RANGE;
    if (divisor == 0 || divisor > BCFL_DIVISOR_MAX) return BCFL_DIVISOR_RANGE;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    if (overlap(out, count, numerators, count)) return BCFL_OVERLAP;
    const DivRoundKernel run = VARIANTS[chosen.serving[DIV_ROUND]].kernels.div_round;
    if (run(numerators, count, multiplier, divisor, out)) return BCFL_OK;
    for (size_t i = 0; i < count; ++i) {
        int64_t numerator;
        __builtin_memcpy(&numerator, numerators + i, sizeof numerator);
        if (numerator < -BCFL_SUM_MAX || numerator > BCFL_SUM_MAX) {
            report(fault, 0, i);
            break;
        }
    }
    return BCFL_SUM_RANGE;
}

bcfl_status bcfl_clip_l2(const bcfl_context *context, const int32_t *vector, size_t count, uint64_t bound,
                         int32_t *out, size_t out_count, bcfl_fault *fault) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (count == 0) return BCFL_EMPTY;
    if (vector == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (bound == 0 || bound > BCFL_NORM_BOUND_MAX) return BCFL_NORM_BOUND_RANGE;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    if (overlap(out, count, vector, count)) return BCFL_OVERLAP;
    const SquareSumKernel square = VARIANTS[chosen.serving[SQUARE_SUM]].kernels.square_sum;
    Wide squares = 0;
    for (size_t first = 0; first < count; first += TILE) {
        uint64_t sum = 0;
        if (!square(vector + first, count - first < TILE ? count - first : TILE, &sum)) {
            report_domain(&vector, 1, count, fault);
            return BCFL_DOMAIN_COORDINATE;
        }
        squares += sum;
    }
    if (squares <= static_cast<Wide>(bound) * bound) {
        __builtin_memcpy(out, vector, count * sizeof *out);
        return BCFL_OK;
    }
    VARIANTS[chosen.serving[CLIP_L2]].kernels.shorten(vector, count, bound, ceil_root(squares), out);
    return BCFL_OK;
}

size_t bcfl_pairwise_sqdist_workspace_bytes(const bcfl_context *context, size_t vector_count, size_t count) {
    Context chosen;
    if (!read_context(context, chosen) || count == 0) return 0;
    if (vector_count == 0 || vector_count > BCFL_VECTORS_MAX) return 0;
    return bytes_of_lines(size_product(gram_lines(vector_count), parts_of(chosen, tiles_of(count))));
}

bcfl_status bcfl_pairwise_sqdist(const bcfl_context *context, const int32_t *const *vectors, size_t vector_count,
                                 size_t count, uint64_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                 size_t workspace_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    const size_t n = vector_count;
    if (out == nullptr || out_count != 2 * n * n) return BCFL_OUTPUT_SIZE;
    status = check_places(out, out_count, vectors, n, count, workspace, workspace_bytes,
                          bcfl_pairwise_sqdist_workspace_bytes(context, n, count));
    if (status != BCFL_OK) return status;
    unsigned char *const rooms = first_line(workspace);
    const size_t room_bytes = LINE_BYTES * gram_lines(n);
    __builtin_memset(out, 0, out_count * sizeof *out);
    const GramKernel gram = VARIANTS[chosen.serving[PAIRWISE_SQDIST]].kernels.gram;
    std::atomic_flag adding =
        ATOMIC_FLAG_INIT;  // parts add their sums one at a time; integers add up in any order
    const bcfl_status done =
        in_tiles(chosen, vectors, n, count, fault, [=, &adding](size_t part, size_t first, size_t tile) {
            for (size_t row = 0; row < n; row += GRAM_GROUP) {
                const size_t rows = n - row < GRAM_GROUP ? n - row : GRAM_GROUP;
                for (size_t column = 0; column <= row; column += GRAM_GROUP) {
                    const size_t columns = n - column < GRAM_GROUP ? n - column : GRAM_GROUP;
                    GramSums sums{};
                    if (!gram(vectors + row, rows, vectors + column, columns, first, tile,
                              rooms + room_bytes * part, sums))
                        return false;
                    while (adding.test_and_set(std::memory_order_acquire)) continue;
                    add_gram(sums, row, rows, column, columns, n, out);
                    adding.clear(std::memory_order_release);
                }
            }
            return true;
        });
    if (done == BCFL_OK) distances_from_gram(n, out);
    return done;
}
