// What the fuzzers share: numbers taken from the input, buffers that end exactly where they say, and the
// comparison of all variants.
#ifndef BCFL_FUZZ_FUZZING_H
#define BCFL_FUZZ_FUZZING_H

#include <bcfl/bcfl.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace fuzz {

inline void must(bool condition) {
    if (!condition) __builtin_trap();
}

// Numbers from the input, zero where it has ended.
class Input {
 public:
    Input(const uint8_t *data, size_t size) : data_(data), size_(size) {}
    size_t left() const { return size_; }

    template <typename Number>
    Number number() {
        Number value = 0;
        const size_t used = size_ < sizeof value ? size_ : sizeof value;
        if (used > 0) std::memcpy(&value, data_, used);
        data_ += used;
        size_ -= used;
        return value;
    }
    bool flag() { return number<uint8_t>() & 1; }
    // Seldom true: for faults of the caller.
    bool rarely() { return number<uint8_t>() >= 0xf0; }
    // 0..limit
    size_t up_to(size_t limit) { return number<uint16_t>() % (limit + 1); }

    void bytes(void *out, size_t count) {
        const size_t used = size_ < count ? size_ : count;
        if (used > 0) std::memcpy(out, data_, used);
        if (used < count) std::memset(static_cast<uint8_t *>(out) + used, 0, count - used);
        data_ += used;
        size_ -= used;
    }

 private:
    const uint8_t *data_;
    size_t size_;
};

// `count` numbers in memory of their own, which ends behind the last one and begins up to seven bytes off.
template <typename Number>
class Buffer {
 public:
    Buffer(size_t count, size_t offset)
        : memory_(new uint8_t[count * sizeof(Number) + offset % 8]), offset_(offset % 8), count_(count) {
        std::memset(memory_.get(), 0xa5, count * sizeof(Number) + offset_);
    }
    // The bytes of the input, or, from a seed, as many numbers as are needed.
    Buffer(size_t count, Input &input) : Buffer(count, input.number<uint8_t>()) {
        if (input.flag()) {
            input.bytes(bytes(), size());
            return;
        }
        uint64_t state = input.number<uint32_t>();
        for (size_t i = 0; i < size(); ++i) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            bytes()[i] = static_cast<uint8_t>(state >> 56);
        }
    }
    uint8_t *bytes() { return memory_.get() + offset_; }
    const uint8_t *bytes() const { return memory_.get() + offset_; }
    size_t size() const { return count_ * sizeof(Number); }
    size_t count() const { return count_; }
    Number *data() { return reinterpret_cast<Number *>(bytes()); }
    Number get(size_t index) const {
        Number value;
        std::memcpy(&value, bytes() + index * sizeof value, sizeof value);
        return value;
    }
    void set(size_t index, Number value) { std::memcpy(bytes() + index * sizeof value, &value, sizeof value); }

 private:
    std::unique_ptr<uint8_t[]> memory_;
    size_t offset_, count_;
};

// A workspace that ends behind its last byte; too small if it is `missing`, but only where one is needed, so that
// all contexts are refused alike.
class Room {
 public:
    Room(size_t needed, bool missing)
        : buffer_(missing && needed > 0 ? needed - 1 : needed, 3), none_(needed == 0) {}
    uint8_t *data() const { return none_ ? nullptr : const_cast<uint8_t *>(buffer_.bytes()); }
    size_t size() const { return buffer_.count(); }

 private:
    Buffer<uint8_t> buffer_;
    bool none_;
};

// Numbers of at most `bits` bits and a sign, except that one of them may stand outside of the domain.
inline void confine(Buffer<int32_t> &vector, Input &input) {
    const unsigned bits = 1 + input.number<uint8_t>() % 21;
    for (size_t i = 0; i < vector.count(); ++i) {
        const int32_t value = vector.get(i);
        const int32_t small = static_cast<int32_t>(static_cast<uint32_t>(value) & ((1u << bits) - 1));
        vector.set(i, small > BCFL_COORDINATE_MAX ? 0 : value < 0 ? -small : small);
    }
    if (vector.count() > 0 && input.rarely()) vector.set(input.up_to(vector.count() - 1), input.number<int32_t>());
}

// Several vectors of one length; the table of their places is exact too.
struct Vectors {
    std::vector<Buffer<int32_t>> buffers;
    Buffer<const int32_t *> table;

    Vectors(size_t vector_count, size_t count, Input &input) : table(vector_count, 0) {
        for (size_t n = 0; n < vector_count; ++n) {
            buffers.emplace_back(count, input);
            confine(buffers.back(), input);
            table.set(n, buffers.back().data());
        }
        if (vector_count > 0 && input.rarely()) table.set(input.up_to(vector_count - 1), nullptr);
    }
};

inline void serial(void *, bcfl_task task, void *job, size_t count) {
    for (size_t index = count; index-- > 0;) task(job, index);
}

// Every variant of this machine, plain C++ first; and the best one once more with work in three parts.
inline const std::vector<bcfl_context> &contexts() {
    static const std::vector<bcfl_context> all = [] {
        std::vector<bcfl_context> found;
        for (size_t i = 0; i < bcfl_variant_count(); ++i) {
            bcfl_context context;
            if (bcfl_context_init(&context, bcfl_variant_name(i)) == BCFL_OK) found.push_back(context);
        }
        found.push_back(found.back());
        must(bcfl_context_set_parallel_for(&found.back(), serial, nullptr, 3) == BCFL_OK);
        return found;
    }();
    return all;
}

using Call = std::function<bcfl_status(const bcfl_context *context, bcfl_fault *fault, uint8_t *out)>;

// Runs the call under every variant: one status, one fault, and the same bytes if there are any. `out` gets the
// result; the buffer of a call has `out_bytes` bytes and begins `offset` off. Gives the status.
inline bcfl_status agree(size_t out_bytes, size_t offset, const Call &call,
                         std::vector<uint8_t> *result = nullptr) {
    bcfl_status status{};
    bcfl_fault fault{};
    std::vector<uint8_t> wanted;
    const std::vector<bcfl_context> &all = contexts();
    for (size_t i = 0; i < all.size(); ++i) {
        const bcfl_context before = all[i];
        Buffer<uint8_t> out(out_bytes, offset);
        bcfl_fault own{7, 7};
        const bcfl_status own_status = call(&all[i], &own, out.bytes());
        must(std::memcmp(&before, &all[i], sizeof before) == 0);
        must(std::strcmp(bcfl_status_name(own_status), "UNKNOWN") != 0);
        if (i == 0) {
            status = own_status;
            fault = own;
            wanted.assign(out.bytes(), out.bytes() + out_bytes);
        }
        must(own_status == status && own.vector == fault.vector && own.index == fault.index);
        if (status == BCFL_OK) must(out_bytes == 0 || std::memcmp(wanted.data(), out.bytes(), out_bytes) == 0);
    }
    if (result != nullptr) *result = wanted;
    return status;
}

}  // namespace fuzz

#endif
