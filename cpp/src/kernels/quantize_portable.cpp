// AGG-003 in integer arithmetic on the IEEE encoding.
//
// |x| = significand * 2^(exponent - bias), so |x| * 2^F is the significand shifted right by `shift`, and rounding
// half to even is an integer matter: add half less one, and one more if the quotient is odd, then shift. No
// floating-point instruction runs, hence no rounding mode, flush-to-zero flag or exception mask can matter.
//
// Clamping |x| to 2^20 / 2^F first (encodings of positive floats are ordered like integers) keeps shift positive
// and every intermediate in range. Subnormals are read as if they had the implicit bit: still far below half.

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr int32_t COORDINATE_MAX = 0xfffff;

template <typename Word, int FRACTION, int BIAS>
bool quantize(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out) {
    constexpr int WIDTH = static_cast<int>(sizeof(Word) * 8);
    constexpr Word SIGN = Word{1} << (WIDTH - 1);
    constexpr Word IMPLICIT = Word{1} << FRACTION;
    constexpr Word INFINITE = (SIGN - 1) & ~(IMPLICIT - 1);
    const int scale = static_cast<int>(fraction_bits);
    const Word limit = static_cast<Word>(BIAS + 20 - scale) << FRACTION;
    bool finite = true;
    for (size_t i = 0; i < count; ++i) {
        Word bits;
        __builtin_memcpy(&bits, values + i * sizeof(Word), sizeof(Word));
        Word magnitude = bits & ~SIGN;
        finite &= magnitude < INFINITE;
        magnitude = magnitude < limit ? magnitude : limit;
        const Word significand = (magnitude & (IMPLICIT - 1)) | IMPLICIT;
        // At most FRACTION + 2: from there on the result is 0 anyway.
        int shift = BIAS + FRACTION - scale - static_cast<int>(magnitude >> FRACTION);
        shift = shift < FRACTION + 2 ? shift : FRACTION + 2;
        const Word odd = (significand >> shift) & 1;
        const Word rounded = (significand + ((Word{1} << (shift - 1)) - 1) + odd) >> shift;
        int32_t coordinate = static_cast<int32_t>(rounded);
        coordinate = coordinate < COORDINATE_MAX ? coordinate : COORDINATE_MAX;
        const int32_t negative = -static_cast<int32_t>(bits >> (WIDTH - 1));  // signs are random: no branch
        coordinate = (coordinate ^ negative) - negative;
        __builtin_memcpy(out + i, &coordinate, sizeof coordinate);
    }
    return finite;
}

}  // namespace

bool quantize_f32_portable(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out) {
    return quantize<uint32_t, 23, 127>(values, count, fraction_bits, out);
}

bool quantize_f64_portable(const unsigned char *values, size_t count, uint32_t fraction_bits, int32_t *out) {
    return quantize<uint64_t, 52, 1023>(values, count, fraction_bits, out);
}

}  // namespace bcfl
