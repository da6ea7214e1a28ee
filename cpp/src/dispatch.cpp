#include "dispatch.h"

#include "cpu_features.h"

namespace bcfl {

namespace {

constexpr KernelTable portable_table() {
    KernelTable table{};
    table.quantize_f32 = quantize_f32_portable;
    table.quantize_f64 = quantize_f64_portable;
    table.weighted_sum = weighted_sum_portable;
    table.coordinate_median = coordinate_median_portable;
    table.trimmed_sum = trimmed_sum_portable;
    table.nearest_sum = nearest_sum_portable;
    table.gram = gram_portable;
    table.dequantize = dequantize_portable;
    table.domain_check = domain_check_portable;
    table.square_sum = square_sum_portable;
    table.mask_add = mask_add_portable;
    table.discrete_gaussian = discrete_gaussian_portable;
    table.shamir_rows = shamir_rows_portable;
    table.packed_rows = packed_rows_portable;
    table.combine = combine_portable;
    table.div_round = div_round_portable;
    table.shorten = shorten_portable;
    table.sha256_chunks = {sha256_chunks_portable, sha256_nodes_portable, 1, 1};
    table.sha256_blocks = sha256_blocks_portable;
    return table;
}

#ifdef BCFL_HAVE_X86_KERNELS
constexpr KernelTable shani_table() {
    KernelTable table{};
    table.sha256_chunks = {sha256_chunks_shani, sha256_nodes_shani, 4, 1};
    table.sha256_blocks = sha256_blocks_shani;
    return table;
}

constexpr KernelTable avx2_table() {
    KernelTable table{};
    table.quantize_f32 = quantize_f32_avx2;
    table.quantize_f64 = quantize_f64_avx2;
    table.weighted_sum = weighted_sum_avx2;
    table.coordinate_median = coordinate_median_avx2;
    table.trimmed_sum = trimmed_sum_avx2;
    table.nearest_sum = nearest_sum_avx2;
    table.gram = gram_avx2;
    table.dequantize = dequantize_avx2;
    table.domain_check = domain_check_avx2;
    table.div_round = div_round_avx2;
    table.square_sum = square_sum_avx2;
    table.mask_add = mask_add_avx2;
    table.sha256_chunks = {sha256_chunks_avx2, sha256_nodes_avx2, 8, 2};
    table.shamir_rows = shamir_rows_avx2;
    table.packed_rows = packed_rows_avx2;
    table.combine = combine_avx2;
    return table;
}

constexpr KernelTable avx512_table() {
    KernelTable table{};
    table.quantize_f32 = quantize_f32_avx512;
    table.quantize_f64 = quantize_f64_avx512;
    table.weighted_sum = weighted_sum_avx512;
    table.coordinate_median = coordinate_median_avx512;
    table.trimmed_sum = trimmed_sum_avx512;
    table.nearest_sum = nearest_sum_avx512;
    table.gram = gram_avx512;
    table.dequantize = dequantize_avx512;
    table.domain_check = domain_check_avx512;
    table.div_round = div_round_avx512;
    table.square_sum = square_sum_avx512;
    table.mask_add = mask_add_avx512;
    table.shamir_rows = shamir_rows_avx512;
    table.packed_rows = packed_rows_avx512;
    table.combine = combine_avx512;
    table.sha256_chunks = {sha256_chunks_avx512, sha256_nodes_avx512, 16, 9};
    return table;
}

constexpr KernelTable avx512ifma_table() {
    KernelTable table{};
    table.gram = gram_avx512ifma;
    table.shorten = shorten_avx512ifma;
    return table;
}
#endif

#ifdef BCFL_HAVE_ARM_KERNELS
constexpr KernelTable neon_table() {
    KernelTable table{};
    table.quantize_f32 = quantize_f32_neon;
    table.quantize_f64 = quantize_f64_neon;
    table.gram = gram_neon;
    table.weighted_sum = weighted_sum_neon;
    table.coordinate_median = coordinate_median_neon;
    table.trimmed_sum = trimmed_sum_neon;
    table.nearest_sum = nearest_sum_neon;
    table.domain_check = domain_check_neon;
    table.mask_add = mask_add_neon;
    return table;
}

constexpr KernelTable armsha_table() {
    KernelTable table{};
    table.sha256_chunks = {sha256_chunks_armsha, sha256_nodes_armsha, 4, 1};
    table.sha256_blocks = sha256_blocks_armsha;
    return table;
}
#endif

}  // namespace

// Lowest first; the last one that runs is the default. For SHA-256, four interleaved SHA-NI streams beat eight
// lanes of AVX2, and sixteen of AVX-512 beat both (docs/performance.md).
const Variant VARIANTS[] = {
    {"portable", "plain C++ for any processor", 0, portable_table()},
#ifdef BCFL_HAVE_X86_KERNELS
    {"avx2", "AVX2, 256-bit vectors", FEATURE_AVX2, avx2_table()},
    {"shani", "SHA-NI, four messages interleaved", FEATURE_SHANI, shani_table()},
    {"avx512", "AVX-512 F and BW, 512-bit vectors, sixteen messages at once", FEATURE_AVX512, avx512_table()},
    {"avx512ifma", "AVX-512 IFMA, products of 52 bits", FEATURE_AVX512IFMA, avx512ifma_table()},
#endif
#ifdef BCFL_HAVE_ARM_KERNELS
    {"neon", "NEON, 128-bit vectors", FEATURE_NEON, neon_table()},
    {"armsha", "SHA-256 instructions of Armv8, four messages interleaved", FEATURE_ARMSHA, armsha_table()},
#endif
};

const size_t VARIANT_COUNT = sizeof(VARIANTS) / sizeof(VARIANTS[0]);

bool variant_supported(const Variant &variant) { return (cpu_features() & variant.features) == variant.features; }

}  // namespace bcfl
