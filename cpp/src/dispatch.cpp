#include "dispatch.h"

#include "cpu_features.h"

namespace bcfl {

// Lowest first; the last one that runs is the default. avx512 stands above shani because sixteen lanes beat four
// interleaved SHA-NI streams where both exist (docs/performance.md); avx2 has no SHA-256 and inherits shani's.
const Variant VARIANTS[] = {
    {"portable",
     "plain C++ for any processor",
     0,
     {quantize_f32_portable,
      quantize_f64_portable,
      weighted_sum_portable,
      {sha256_chunks_portable, 1, 1},
      coordinate_median_portable,
      trimmed_sum_portable,
      nearest_sum_portable}},
#ifdef BCFL_HAVE_X86_KERNELS
    {"shani",
     "SHA-NI, four messages interleaved",
     FEATURE_SHANI,
     {nullptr, nullptr, nullptr, {sha256_chunks_shani, 4, 1}, nullptr, nullptr, nullptr}},
    {"avx2",
     "AVX2, 256-bit vectors",
     FEATURE_AVX2,
     {quantize_f32_avx2,
      quantize_f64_avx2,
      weighted_sum_avx2,
      {nullptr, 0, 0},
      coordinate_median_avx2,
      trimmed_sum_avx2,
      nearest_sum_avx2}},
    {"avx512",
     "AVX-512 F and BW, 512-bit vectors, sixteen messages at once",
     FEATURE_AVX512,
     {quantize_f32_avx512,
      quantize_f64_avx512,
      weighted_sum_avx512,
      {sha256_chunks_avx512, 16, 15},
      coordinate_median_avx512,
      trimmed_sum_avx512,
      nearest_sum_avx512}},
#endif
};

const size_t VARIANT_COUNT = sizeof(VARIANTS) / sizeof(VARIANTS[0]);

bool variant_supported(const Variant &variant) { return (cpu_features() & variant.features) == variant.features; }

}  // namespace bcfl
