// The dealing of shares, apart from the C interface so that tests can plant a stream (internals_test.cpp).
#ifndef BCFL_SHARING_H
#define BCFL_SHARING_H

#include <stddef.h>
#include <stdint.h>

#include "context.h"
#include "kernel_table.h"

namespace bcfl {

constexpr uint64_t FIELD_MODULUS = (UINT64_C(1) << 61) - 1;

// A branch on a secret that is meant: it tells that an input is refused, or that a sample was skipped (once in
// 2^61). A function in a file of its own, so that a program that watches secrets can bring another one instead.
bool declassified(bool condition);

// PRV-015: samples of the field from the words of a key stream, in order.
class Samples {
 public:
    // `block` is the first block of 64 bytes of the stream.
    Samples(MaskAddKernel stream, const MaskKey &key, uint64_t block)
        : stream_(stream), key_(key), block_(block) {}
    Samples(const Samples &) = delete;
    Samples &operator=(const Samples &) = delete;
    ~Samples();

    // Every `stride`-th place of `to` gets one.
    void draw(size_t count, uint64_t *to, size_t stride);
    bool skipped() const { return skipped_; }

 private:
    void refill();

    static constexpr size_t WORDS = 256;
    MaskAddKernel stream_;
    const MaskKey &key_;
    uint64_t block_;
    size_t next_ = 0, filled_ = 0;
    bool skipped_ = false;
    alignas(64) uint64_t words_[WORDS];
};

// Blocks of `pack` secrets (Shamir's sharing: 0, and a block is one secret), one polynomial each.
struct Dealing {
    const uint64_t *secrets;
    size_t blocks, pack, threshold, shares;
    MaskKey key;
    uint64_t *out;  // row i has share i of every block
    MaskAddKernel stream;
    ShareRowsKernel rows;
    unsigned char *lines;  // of deal_lines; may be null where there are none

    size_t samples() const { return pack == 0 ? threshold - 1 : threshold - pack; }  // of each block
};

// Lines of memory that `deal` needs: none where the stack is enough.
size_t deal_lines(const Context &context, size_t blocks, size_t threshold);
void deal(const Context &context, const Dealing &dealing);

}  // namespace bcfl

#endif
