// AGG-004. A power of two is a factor that rounds nothing: 31 bits fit the 53 of a double and no result is
// subnormal, so that the rounding mode and the flushing of subnormals cannot matter and no exception is raised.

#include "../kernel_table.h"

namespace bcfl {

void dequantize_portable(const int32_t *values, size_t count, uint32_t fraction_bits, double *out) {
    const uint64_t scale_bits = static_cast<uint64_t>(1023 - fraction_bits) << 52;
    double scale;
    __builtin_memcpy(&scale, &scale_bits, sizeof scale);
    for (size_t i = 0; i < count; ++i) {
        int32_t value;
        __builtin_memcpy(&value, values + i, sizeof value);
        const double real = static_cast<double>(value) * scale;
        __builtin_memcpy(out + i, &real, sizeof real);
    }
}

}  // namespace bcfl
