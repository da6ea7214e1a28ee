// The C interface: arguments are checked here, in the order of the guards, then handed to kernels that trust them.

#include "bcfl/bcfl.h"

#include "dispatch.h"
#include "kernel_table.h"

namespace bcfl {

namespace {

// 64 KiB of each vector: long enough for the prefetchers, short enough for the accumulators to stay in L2.
constexpr size_t TILE = 16384;

constexpr uint64_t MAGIC = 0x6266636c00000001;  // distinguishes an initialised context from forgotten memory

enum Kernel : size_t {
    QUANTIZE,
    WEIGHTED_SUM,
    SHA256_CHUNKS,
    COORDINATE_MEDIAN,
    TRIMMED_SUM,
    NEAREST_SUM,
    KERNEL_COUNT
};

const char *const KERNEL_NAMES[KERNEL_COUNT] = {"quantize",          "weighted_sum", "sha256_chunks",
                                                "coordinate_median", "trimmed_sum",  "nearest_sum"};

bool has_kernel(const KernelTable &table, size_t kernel) {
    switch (kernel) {
        case QUANTIZE: return table.quantize_f32 != nullptr;  // both widths come together
        case WEIGHTED_SUM: return table.weighted_sum != nullptr;
        case SHA256_CHUNKS: return table.sha256_chunks.run != nullptr;
        case COORDINATE_MEDIAN: return table.coordinate_median != nullptr;
        case TRIMMED_SUM: return table.trimmed_sum != nullptr;
        case NEAREST_SUM: return table.nearest_sum != nullptr;
        default: return false;
    }
}

// What a bcfl_context holds: the level asked for, and for each kernel the variant that serves it.
struct Context {
    uint64_t magic;
    uint8_t level;
    uint8_t serving[KERNEL_COUNT];
    uint8_t narrow_sha256;  // for groups too small for the serving variant
};
static_assert(sizeof(Context) <= sizeof(bcfl_context), "the public context is too small");
static_assert(alignof(Context) <= alignof(bcfl_context), "the public context is not aligned enough");

bool read_context(const bcfl_context *outside, Context &context) {
    if (outside == nullptr) return false;
    __builtin_memcpy(&context, outside, sizeof context);
    if (context.magic != MAGIC || context.level >= VARIANT_COUNT) return false;
    for (size_t serving : context.serving) {
        if (serving >= VARIANT_COUNT) return false;
    }
    return context.narrow_sha256 < VARIANT_COUNT;
}

size_t serving(size_t level, size_t kernel) {
    return serving_variant(level, [kernel](const KernelTable &table) { return has_kernel(table, kernel); });
}

bool same(const char *a, const char *b) { return __builtin_strcmp(a, b) == 0; }

void report(bcfl_fault *fault, size_t vector, size_t index) {
    if (fault != nullptr) *fault = {vector, index};
}

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
    const KernelTable &table = VARIANTS[context.serving[QUANTIZE]].kernels;
    const unsigned char *bytes = static_cast<const unsigned char *>(values);
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

// Runs `kernel(first, count)` tile by tile; it says false where a coordinate is outside the domain.
template <typename Kernel>
bcfl_status in_tiles(const int32_t *const *vectors, size_t vector_count, size_t count, bcfl_fault *fault,
                     Kernel kernel) {
    for (size_t first = 0; first < count; first += TILE) {
        if (!kernel(first, count - first < TILE ? count - first : TILE)) {
            report_domain(vectors, vector_count, count, fault);
            return BCFL_DOMAIN_COORDINATE;
        }
    }
    return BCFL_OK;
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

size_t bcfl_kernel_count(void) { return KERNEL_COUNT; }

const char *bcfl_kernel_name(size_t kernel) { return kernel < KERNEL_COUNT ? KERNEL_NAMES[kernel] : nullptr; }

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
    for (size_t kernel = 0; kernel < KERNEL_COUNT; ++kernel) {
        chosen.serving[kernel] = static_cast<uint8_t>(serving(level, kernel));
    }
    const size_t wide = chosen.serving[SHA256_CHUNKS];
    chosen.narrow_sha256 = static_cast<uint8_t>(wide == 0 ? 0 : serving(wide - 1, SHA256_CHUNKS));
    *context = bcfl_context{};
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
    for (size_t i = 0; i < KERNEL_COUNT; ++i) {
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
    const WeightedSumKernel run = VARIANTS[chosen.serving[WEIGHTED_SUM]].kernels.weighted_sum;
    return in_tiles(vectors, vector_count, count, fault, [=](size_t first, size_t tile) {
        return run(vectors, weights, vector_count, first, tile, out + first);
    });
}

bcfl_status bcfl_coordinate_median(const bcfl_context *context, const int32_t *const *vectors, size_t vector_count,
                                   size_t count, int32_t *out, size_t out_count, bcfl_fault *fault) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    const MedianKernel run = VARIANTS[chosen.serving[COORDINATE_MEDIAN]].kernels.coordinate_median;
    return in_tiles(vectors, vector_count, count, fault, [=](size_t first, size_t tile) {
        return run(vectors, vector_count, first, tile, out + first);
    });
}

bcfl_status bcfl_trimmed_sum(const bcfl_context *context, const int32_t *const *vectors, size_t vector_count,
                             size_t count, size_t trim, int64_t *out, size_t out_count, bcfl_fault *fault) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (trim > (vector_count - 1) / 2) return BCFL_TRIM_RANGE;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    const OrderSumKernel run = VARIANTS[chosen.serving[TRIMMED_SUM]].kernels.trimmed_sum;
    return in_tiles(vectors, vector_count, count, fault, [=](size_t first, size_t tile) {
        return run(vectors, vector_count, trim, first, tile, out + first);
    });
}

bcfl_status bcfl_nearest_sum(const bcfl_context *context, const int32_t *const *vectors, size_t vector_count,
                             size_t count, size_t keep, int64_t *out, size_t out_count, bcfl_fault *fault) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    const bcfl_status status = check_vectors(vectors, vector_count, count);
    if (status != BCFL_OK) return status;
    if (keep == 0 || keep > vector_count) return BCFL_SELECT_RANGE;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    const OrderSumKernel run = VARIANTS[chosen.serving[NEAREST_SUM]].kernels.nearest_sum;
    return in_tiles(vectors, vector_count, count, fault, [=](size_t first, size_t tile) {
        return run(vectors, vector_count, keep, first, tile, out + first);
    });
}

size_t bcfl_sha256_chunks_bytes(size_t size, size_t chunk_bytes) {
    if (size == 0 || chunk_bytes == 0 || chunk_bytes > BCFL_CHUNK_BYTES_MAX) return 0;
    const size_t chunks = (size - 1) / chunk_bytes + 1;
    return chunks <= SIZE_MAX / BCFL_DIGEST_BYTES ? chunks * BCFL_DIGEST_BYTES : 0;
}

bcfl_status bcfl_sha256_chunks(const bcfl_context *context, const uint8_t *data, size_t size, size_t chunk_bytes,
                               uint8_t *digests, size_t digests_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (size == 0) return BCFL_EMPTY;
    if (data == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (chunk_bytes == 0 || chunk_bytes > BCFL_CHUNK_BYTES_MAX) return BCFL_CHUNK_BYTES;
    const size_t needed = bcfl_sha256_chunks_bytes(size, chunk_bytes);
    if (digests == nullptr || needed == 0 || digests_bytes != needed) return BCFL_OUTPUT_SIZE;
    const Sha256Slot &wide = VARIANTS[chosen.serving[SHA256_CHUNKS]].kernels.sha256_chunks;
    const Sha256Slot &narrow = VARIANTS[chosen.narrow_sha256].kernels.sha256_chunks;
    // A group that leaves lanes empty goes to the variant below, unless that one is plain C++ and loses to half of
    // the lanes. The last short chunk is a group of one.
    const size_t lanes_min = narrow.lanes == 1 && wide.lanes_min > 2 ? 2 : wide.lanes_min;
    const size_t whole = size / chunk_bytes;
    const size_t left = whole % wide.lanes;
    const size_t by_wide = left >= lanes_min ? whole : whole - left;
    if (by_wide > 0) wide.run(data, chunk_bytes, by_wide, digests);
    if (by_wide < whole) {
        narrow.run(data + by_wide * chunk_bytes, chunk_bytes, whole - by_wide, digests + 32 * by_wide);
    }
    const size_t last = size % chunk_bytes;
    const Sha256Slot &single = lanes_min <= 1 ? wide : narrow;
    if (last > 0) single.run(data + whole * chunk_bytes, last, 1, digests + 32 * whole);
    return BCFL_OK;
}
