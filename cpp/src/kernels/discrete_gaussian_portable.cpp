// PRV-061 ... PRV-063: exact discrete Gaussian numbers by rejection, after Canonne, Kamath and Steinke 2020.
//
// Integers only. Words come from the fastest ChaCha20 there is; what is done with them is a chain of decisions,
// each of which waits for the one before, so registers of many lanes gain nothing here.
//
// NOT in constant time, and no sampler by rejection is: how long a call takes depends on the noise that it draws.

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

constexpr size_t BUFFER_WORDS = 512;  // 32 blocks of ChaCha20, as many as the widest kernel makes at once
constexpr uint32_t STEPS_MAX = 128;

const unsigned char ZEROS[BUFFER_WORDS * sizeof(uint32_t)] = {};

// PRV-061: words of one key stream, each used once.
class Draws {
 public:
    Draws(MaskAddKernel stream, const MaskKey &key) : stream_(stream), key_(key) {}
    Draws(const Draws &) = delete;
    Draws &operator=(const Draws &) = delete;
    ~Draws() {
        __builtin_memset(words_, 0, sizeof words_);
        __asm__ volatile("" : : "r"(words_) : "memory");  // so that the zeros are really written
    }

    uint32_t word() {
        if (next_ == BUFFER_WORDS) fill();
        return words_[next_++];
    }

    // 1 <= limit <= 2^32 - 1.
    uint32_t below(uint32_t limit) {
        if (limit == 1) return 0;
        if (limit == 2) return word() & 1;
        const uint64_t usable = (uint64_t{1} << 32) / limit * limit;
        uint32_t drawn = word();
        while (drawn >= usable) drawn = word();
        return drawn % limit;
    }

    // For n <= d < 2^31.
    bool chance(uint64_t n, uint64_t d) {
        if (n == d) return true;
        while (n > 0) {
            const int64_t rest = static_cast<int64_t>(n << 32) - static_cast<int64_t>(word() * d);
            if (rest >= static_cast<int64_t>(d)) return true;
            if (rest <= 0) return false;
            n = static_cast<uint64_t>(rest);
        }
        return false;
    }

    // For n <= d < 2^126: the rest n * 2^32 - word * d takes up to 160 bits, `high` * 2^64 + `low`.
    bool chance(Wide n, Wide d) {
        if (n == d) return true;
        const uint64_t d_low = static_cast<uint64_t>(d), d_high = static_cast<uint64_t>(d >> 64);
        while (n > 0) {
            const uint32_t drawn = word();
            const Wide product_low = static_cast<Wide>(d_low) * drawn;
            const Wide product_high = static_cast<Wide>(d_high) * drawn + (product_low >> 64);
            const uint64_t n_low = static_cast<uint64_t>(n << 32), p_low = static_cast<uint64_t>(product_low);
            const uint64_t low = n_low - p_low;
            const SignedWide high =
                static_cast<SignedWide>(n >> 32) - static_cast<SignedWide>(product_high) - (n_low < p_low ? 1 : 0);
            if (high < 0) return false;
            if (high >> 64 != 0) return true;
            n = static_cast<Wide>(high) << 64 | low;
            if (n >= d) return true;
        }
        return false;
    }

    // PRV-062: true with probability exp(-n / d).
    template <typename Number>
    bool exponential(Number n, Number d) {
        uint32_t k = 1;
        while (chance(n, d) && below(k) == 0) ++k;
        return k % 2 == 1;
    }

    // The same for n = d, where every chance is true.
    bool exponential_of_one() {
        uint32_t k = 2;
        while (below(k) == 0) ++k;
        return k % 2 == 1;
    }

 private:
    void fill() {
        stream_(ZEROS, BUFFER_WORDS, key_, counter_, false, false, reinterpret_cast<unsigned char *>(words_));
        counter_ += BUFFER_WORDS / 16;
        next_ = 0;
    }

    MaskAddKernel stream_;
    const MaskKey &key_;
    uint32_t counter_ = 0;
    size_t next_ = BUFFER_WORDS;
    alignas(64) uint32_t words_[BUFFER_WORDS];
};

// PRV-062: one attempt; false where it fails.
bool attempt(Draws &draws, const GaussianVariance &variance, int64_t *number) {
    const uint64_t t = variance.scale;
    const uint64_t remainder = draws.below(static_cast<uint32_t>(t));
    if (!draws.exponential(remainder, t)) return false;
    uint64_t steps = 0;
    while (draws.exponential_of_one()) {
        if (++steps == STEPS_MAX) return false;
    }
    const uint64_t magnitude = remainder + t * steps;
    const bool negative = draws.below(2) == 1;
    if (negative && magnitude == 0) return false;
    const uint64_t a = variance.numerator, b = variance.denominator;
    const uint64_t far = magnitude * t * b;  // below 2^63, as 128 * t * t * b is
    const Wide distance = far > a ? far - a : a - far;
    const Wide d = static_cast<Wide>(2 * a) * (b * t * t);
    Wide n = distance * distance;
    for (; n >= d; n -= d) {
        if (!draws.exponential_of_one()) return false;
    }
    if (!draws.exponential(n, d)) return false;
    *number = negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
    return true;
}

}  // namespace

void discrete_gaussian_portable(MaskAddKernel stream, const MaskKey &key, const GaussianVariance &variance,
                                size_t count, int64_t *out) {
    Draws draws(stream, key);
    for (size_t i = 0; i < count; ++i) {
        int64_t number = 0;
        while (!attempt(draws, variance, &number)) {
        }
        __builtin_memcpy(out + i, &number, sizeof number);
    }
}

}  // namespace bcfl
