// bcfl_ref.kernels._native: the C interface seen from Python.
//
// The facade has checked the arguments (bcfl_ref/kernels/_arguments.py). This file repeats only what memory safety
// asks for, so that a direct caller gets an exception, never a crash; it copies no input and holds no rule.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "bcfl/bcfl.h"
#include "workers.h"

namespace py = pybind11;

namespace {

// Raised by one, with the facade's _ABI_VERSION, whenever a facade could misuse this module. The library is a part
// of it, so that the version of the C interface is of no account.
constexpr uint32_t MODULE_VERSION = 1;

// A borrowed contiguous buffer; while it is held, its owner cannot move or resize it.
class Buffer {
 public:
    Buffer(py::handle object, int flags) {
        if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) throw py::error_already_set();
    }
    Buffer(Buffer &&other) noexcept : view_(other.view_) { other.view_.obj = nullptr; }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    Buffer &operator=(Buffer &&) = delete;
    ~Buffer() {
        if (view_.obj != nullptr) PyBuffer_Release(&view_);
    }

    const void *data() const { return view_.buf; }
    size_t bytes() const { return static_cast<size_t>(view_.len); }
    size_t count() const { return bytes() / static_cast<size_t>(view_.itemsize); }

    // Elements of one of these format characters, in the machine's own order, be it named or not.
    bool holds(const char *formats) const {
        constexpr char OWN_ORDER = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
        const char *format = view_.format == nullptr ? "B" : view_.format;
        if (format[0] == '@' || format[0] == '=' || format[0] == OWN_ORDER) ++format;
        return format[0] != '\0' && format[1] == '\0' && std::string(formats).find(format[0]) != std::string::npos;
    }
    size_t item_bytes() const { return static_cast<size_t>(view_.itemsize); }

 private:
    Py_buffer view_{};
};

constexpr int ARRAY = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT;

// The specification's own refusals become SpecError, as in the pure twins; anything else is a caller's bug.
[[noreturn]] void refuse(bcfl_status status, const std::string &detail) {
    const char *name = bcfl_status_name(status);
    if (status < BCFL_KERNEL_ARGUMENT) throw py::value_error(std::string(name) + ": " + detail);
    const py::module_ errors = py::module_::import("bcfl_ref.errors");
    const py::object error = errors.attr("SpecError")(errors.attr("Code")(name), detail);
    PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(error.ptr())), error.ptr());
    throw py::error_already_set();
}

std::string item_text(py::handle sequence, size_t index) {
    const auto item =
        py::reinterpret_steal<py::object>(PySequence_GetItem(sequence.ptr(), static_cast<Py_ssize_t>(index)));
    if (!item) throw py::error_already_set();  // the array was given another shape meanwhile
    return py::str(item).cast<std::string>();
}

// Keys one behind the other, overwritten when they are no longer needed.
class Keys {
 public:
    explicit Keys(size_t count) {
        if (count > PTRDIFF_MAX / BCFL_MASK_KEY_BYTES) throw std::bad_alloc();
        bytes_.reset(new uint8_t[count * BCFL_MASK_KEY_BYTES]);
    }
    Keys(const Keys &) = delete;
    Keys &operator=(const Keys &) = delete;
    ~Keys() {
        volatile uint8_t *place = bytes_.get();
        for (size_t i = 0; i < used_; ++i) place[i] = 0;
    }

    void append(const Buffer &key) {
        std::memcpy(bytes_.get() + used_, key.data(), key.bytes());
        used_ += key.bytes();
    }
    const uint8_t *data() const { return bytes_.get(); }

 private:
    std::unique_ptr<uint8_t[]> bytes_;
    size_t used_ = 0;
};

// Separate int32 vectors of one length, held for the time of a call.
class Vectors {
 public:
    explicit Vectors(py::sequence vectors) : sequence_(std::move(vectors)) {
        const size_t count = py::len(sequence_);
        if (count > BCFL_VECTORS_MAX) refuse(BCFL_VECTOR_COUNT, std::to_string(count) + " vectors");
        buffers_.reserve(count);
        pointers_.reserve(count);
        for (size_t n = 0; n < count; ++n) {
            buffers_.emplace_back(sequence_[n], ARRAY);
            if (!buffers_[n].holds("il") || buffers_[n].item_bytes() != sizeof(int32_t)) {
                throw py::type_error("vectors must hold int32");
            }
            if (buffers_[n].bytes() != buffers_[0].bytes()) throw py::value_error("vectors differ in length");
            pointers_.push_back(static_cast<const int32_t *>(buffers_[n].data()));
        }
    }

    const int32_t *const *data() const { return pointers_.data(); }
    size_t size() const { return pointers_.size(); }
    size_t length() const { return buffers_.empty() ? 0 : buffers_[0].count(); }

    // Raises what a kernel over these vectors answered.
    void raise_unless_ok(bcfl_status status, const bcfl_fault &fault, const char *kernel) const {
        if (status == BCFL_OK) return;
        if (status != BCFL_DOMAIN_COORDINATE) refuse(status, kernel);
        refuse(status, "coordinate " + std::to_string(fault.index) + " is " +
                           item_text(sequence_[fault.vector], fault.index) + ", outside +-" +
                           std::to_string(BCFL_COORDINATE_MAX));
    }

 private:
    py::sequence sequence_;
    std::vector<Buffer> buffers_;
    std::vector<const int32_t *> pointers_;
};

// The workspace of a call, not filled with zeros first.
class Room {
 public:
    explicit Room(size_t bytes) : bytes_(bytes > 0 ? new uint8_t[bytes] : nullptr), size_(bytes) {}
    uint8_t *data() const { return bytes_.get(); }
    size_t size() const { return size_; }

 private:
    std::unique_ptr<uint8_t[]> bytes_;
    size_t size_;
};

// Shares of one length and their positions, held for the time of a call.
class Shares {
 public:
    Shares(py::sequence shares, py::sequence positions) {
        const size_t count = py::len(shares);
        if (count > BCFL_SHARES_MAX) refuse(BCFL_SHARE_COUNT, std::to_string(count) + " shares");
        if (py::len(positions) != count) throw py::value_error("as many positions as shares are needed");
        buffers_.reserve(count);
        for (size_t n = 0; n < count; ++n) {
            buffers_.emplace_back(shares[n], ARRAY);
            if (!buffers_[n].holds("LQ") || buffers_[n].item_bytes() != sizeof(uint64_t))
                throw py::type_error("shares must hold uint64");
            if (buffers_[n].bytes() != buffers_[0].bytes()) throw py::value_error("shares differ in length");
            pointers_.push_back(static_cast<const uint64_t *>(buffers_[n].data()));
            positions_.push_back(positions[n].cast<uint32_t>());
        }
    }

    const uint64_t *const *data() const { return pointers_.data(); }
    const uint32_t *positions() const { return positions_.data(); }
    size_t size() const { return pointers_.size(); }
    size_t length() const { return buffers_.empty() ? 0 : buffers_[0].count(); }

    // `pack` secrets for each number of a share, computed by `run(out, out_count, fault)`.
    template <typename Run>
    py::array_t<uint64_t> rebuilt(size_t pack, Run run) const {
        py::array_t<uint64_t> result(static_cast<py::ssize_t>(length() * pack));
        uint64_t *out = result.mutable_data();
        bcfl_fault fault{};
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            status = run(out, length() * pack, &fault);
        }
        if (status == BCFL_FIELD_RANGE) {
            refuse(status, "share " + std::to_string(positions_[fault.vector]) + ": element " +
                               std::to_string(fault.index) + " is not below 2^61 - 1");
        }
        if (status != BCFL_OK) refuse(status, "reconstruction");
        return result;
    }

 private:
    std::vector<Buffer> buffers_;
    std::vector<const uint64_t *> pointers_;
    std::vector<uint32_t> positions_;
};

class Context {
 public:
    Context(const std::string &variant, size_t threads) {
        const bcfl_status status = bcfl_context_init(&context_, variant.c_str());
        if (status != BCFL_OK) refuse(status, variant);
        bcfl_context_set_parallel_for(&context_, bcfl_python::Workers::run, nullptr, threads);
    }

    std::string variant() const { return bcfl_context_variant(&context_); }

    std::string kernel_variant(const std::string &kernel) const {
        const char *name = bcfl_context_kernel_variant(&context_, kernel.c_str());
        if (name == nullptr) throw py::key_error(kernel);
        return name;
    }

    py::array_t<int32_t> quantize(py::object values, uint32_t fraction_bits) const {
        const Buffer input(values, ARRAY);
        const bool narrow = input.holds("f");
        if (!narrow && !input.holds("d")) throw py::type_error("values must hold float32 or float64");
        const size_t count = input.count();
        py::array_t<int32_t> result(static_cast<py::ssize_t>(count));
        int32_t *out = result.mutable_data();
        bcfl_fault fault{};
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            status = narrow ? bcfl_quantize_f32(&context_, static_cast<const float *>(input.data()), count,
                                                fraction_bits, out, count, &fault)
                            : bcfl_quantize_f64(&context_, static_cast<const double *>(input.data()), count,
                                                fraction_bits, out, count, &fault);
        }
        if (status == BCFL_NOT_FINITE) {
            refuse(status, "value " + std::to_string(fault.index) + " is " + item_text(values, fault.index));
        }
        if (status != BCFL_OK) refuse(status, "quantize");
        return result;
    }

    py::array_t<int64_t> weighted_sum(py::sequence vectors, py::sequence weights) const {
        const Vectors inputs(vectors);
        if (py::len(weights) != inputs.size()) throw py::value_error("as many weights as vectors are needed");
        std::vector<uint32_t> factors;
        factors.reserve(inputs.size());
        for (size_t n = 0; n < inputs.size(); ++n) factors.push_back(weights[n].cast<uint32_t>());
        return by_coordinate<int64_t>(inputs, "weighted_sum", [&](int64_t *out, bcfl_fault *fault) {
            return bcfl_weighted_sum(&context_, inputs.data(), factors.data(), inputs.size(), inputs.length(), out,
                                     inputs.length(), fault);
        });
    }

    py::array_t<int32_t> coordinate_median(py::sequence vectors) const {
        const Vectors inputs(vectors);
        return by_coordinate<int32_t>(inputs, "coordinate_median", [&](int32_t *out, bcfl_fault *fault) {
            const Room room(bcfl_order_workspace_bytes(&context_, inputs.size(), inputs.length()));
            return bcfl_coordinate_median(&context_, inputs.data(), inputs.size(), inputs.length(), out,
                                          inputs.length(), fault, room.data(), room.size());
        });
    }

    py::array_t<int64_t> trimmed_sum(py::sequence vectors, size_t trim) const {
        const Vectors inputs(vectors);
        return by_coordinate<int64_t>(inputs, "trimmed_sum", [&](int64_t *out, bcfl_fault *fault) {
            const Room room(bcfl_order_workspace_bytes(&context_, inputs.size(), inputs.length()));
            return bcfl_trimmed_sum(&context_, inputs.data(), inputs.size(), inputs.length(), trim, out,
                                    inputs.length(), fault, room.data(), room.size());
        });
    }

    py::array_t<int64_t> nearest_sum(py::sequence vectors, size_t keep) const {
        const Vectors inputs(vectors);
        return by_coordinate<int64_t>(inputs, "nearest_sum", [&](int64_t *out, bcfl_fault *fault) {
            const Room room(bcfl_order_workspace_bytes(&context_, inputs.size(), inputs.length()));
            return bcfl_nearest_sum(&context_, inputs.data(), inputs.size(), inputs.length(), keep, out,
                                    inputs.length(), fault, room.data(), room.size());
        });
    }

    py::array_t<double> dequantize(py::object values, uint32_t fraction_bits) const {
        const Vectors input(py::make_tuple(values));
        return by_coordinate<double>(input, "dequantize", [&](double *out, bcfl_fault *) {
            return bcfl_dequantize(&context_, input.data()[0], input.length(), fraction_bits, out, input.length());
        });
    }

    py::ssize_t domain_check(py::object vector) const {
        const Vectors input(py::make_tuple(vector));
        size_t index = 0;
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            status = bcfl_domain_check(&context_, input.data()[0], input.length(), &index);
        }
        if (status != BCFL_OK) refuse(status, "domain_check");
        return index == input.length() ? -1 : static_cast<py::ssize_t>(index);
    }

    py::array_t<int64_t> div_round(py::object numerators, uint64_t multiplier, uint64_t divisor) const {
        const Buffer input(numerators, ARRAY);
        if (!input.holds("lq") || input.item_bytes() != sizeof(int64_t))
            throw py::type_error("numerators must hold int64");
        const size_t count = input.count();
        py::array_t<int64_t> result(static_cast<py::ssize_t>(count));
        int64_t *out = result.mutable_data();
        bcfl_fault fault{};
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            status = bcfl_div_round(&context_, static_cast<const int64_t *>(input.data()), count, multiplier,
                                    divisor, out, count, &fault);
        }
        if (status == BCFL_SUM_RANGE) {
            refuse(status, "numerator " + std::to_string(fault.index) + " is " +
                               item_text(numerators, fault.index) + ", outside +-" + std::to_string(BCFL_SUM_MAX));
        }
        if (status != BCFL_OK) refuse(status, "div_round");
        return result;
    }

    py::array_t<int32_t> clip_l2(py::object vector, uint64_t bound) const {
        const Vectors input(py::make_tuple(vector));
        return by_coordinate<int32_t>(input, "clip_l2", [&](int32_t *out, bcfl_fault *fault) {
            return bcfl_clip_l2(&context_, input.data()[0], input.length(), bound, out, input.length(), fault);
        });
    }

    py::list pairwise_sqdist(py::sequence vectors) const {
        const Vectors inputs(vectors);
        const size_t n = inputs.size();
        std::vector<uint64_t> words(2 * n * n);
        bcfl_fault fault{};
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            const Room room(bcfl_pairwise_sqdist_workspace_bytes(&context_, n, inputs.length()));
            status = bcfl_pairwise_sqdist(&context_, inputs.data(), n, inputs.length(), words.data(), words.size(),
                                          &fault, room.data(), room.size());
        }
        inputs.raise_unless_ok(status, fault, "pairwise_sqdist");
        const py::int_ width(64);
        py::list rows(n);
        for (size_t i = 0; i < n; ++i) {
            py::list row(n);
            for (size_t j = 0; j < n; ++j) {
                const uint64_t low = words[2 * (i * n + j)], high = words[2 * (i * n + j) + 1];
                row[j] = high == 0 ? py::object(py::int_(low)) : ((py::int_(high) << width) | py::int_(low));
            }
            rows[i] = row;
        }
        return rows;
    }

    py::array mask_add(py::object vector, py::object key, py::object stream, bool subtract) const {
        const Buffer secret(key, PyBUF_SIMPLE), purpose(stream, PyBUF_SIMPLE);
        check_mask(secret, purpose);
        const uint8_t sign = subtract;
        return masked(vector, static_cast<const uint8_t *>(secret.data()),
                      static_cast<const uint8_t *>(purpose.data()), &sign, 1);
    }

    py::array mask_add_many(py::object vector, py::sequence masks) const {
        const size_t count = py::len(masks);
        Keys keys(count);
        std::vector<uint8_t> streams, signs;
        for (size_t m = 0; m < count; ++m) {
            const py::tuple mask = masks[m];
            if (mask.size() != 3) throw py::value_error("a mask is (key, stream, subtract)");
            const Buffer secret(mask[0], PyBUF_SIMPLE), purpose(mask[1], PyBUF_SIMPLE);
            check_mask(secret, purpose);
            keys.append(secret);
            const uint8_t *from = static_cast<const uint8_t *>(purpose.data());
            streams.insert(streams.end(), from, from + BCFL_MASK_STREAM_BYTES);
            signs.push_back(mask[2].cast<bool>());
        }
        return masked(vector, keys.data(), streams.data(), signs.data(), count);
    }

    py::list shamir_share(py::object secrets, size_t threshold, size_t count, py::object seed) const {
        return share(secrets, 1, count, seed,
                     [&](const uint64_t *from, size_t length, const uint8_t *key, uint64_t *out, size_t out_count,
                         bcfl_fault *fault) {
                         const Room room(bcfl_share_workspace_bytes(&context_, length, 0, threshold));
                         return bcfl_shamir_share(&context_, from, length, threshold, count, key, out, out_count,
                                                  fault, room.data(), room.size());
                     });
    }

    py::list packed_share(py::object secrets, size_t pack, size_t threshold, size_t count, py::object seed) const {
        return share(secrets, pack, count, seed,
                     [&](const uint64_t *from, size_t length, const uint8_t *key, uint64_t *out, size_t out_count,
                         bcfl_fault *fault) {
                         const Room room(bcfl_share_workspace_bytes(&context_, length, pack, threshold));
                         return bcfl_packed_share(&context_, from, length, pack, threshold, count, key, out,
                                                  out_count, fault, room.data(), room.size());
                     });
    }

    py::array_t<uint64_t> shamir_reconstruct(py::sequence shares, py::sequence positions, size_t threshold) const {
        const Shares inputs(shares, positions);
        return inputs.rebuilt(1, [&](uint64_t *out, size_t out_count, bcfl_fault *fault) {
            const Room room(bcfl_reconstruct_workspace_bytes(&context_, inputs.length(), 0, threshold));
            return bcfl_shamir_reconstruct(&context_, inputs.data(), inputs.positions(), inputs.size(),
                                           inputs.length(), threshold, out, out_count, fault, room.data(),
                                           room.size());
        });
    }

    py::array_t<uint64_t> packed_reconstruct(py::sequence shares, py::sequence positions, size_t pack,
                                             size_t threshold) const {
        const Shares inputs(shares, positions);
        if (pack > BCFL_SHARES_MAX) throw py::value_error("no such number of secrets fits a block");
        return inputs.rebuilt(pack, [&](uint64_t *out, size_t out_count, bcfl_fault *fault) {
            const Room room(bcfl_reconstruct_workspace_bytes(&context_, inputs.length(), pack, threshold));
            return bcfl_packed_reconstruct(&context_, inputs.data(), inputs.positions(), inputs.size(),
                                           inputs.length(), pack, threshold, out, out_count, fault, room.data(),
                                           room.size());
        });
    }

    py::array_t<int64_t> discrete_gaussian(size_t count, uint64_t numerator, uint64_t denominator,
                                           py::object seed) const {
        const Buffer secret(seed, PyBUF_SIMPLE);
        if (secret.bytes() != BCFL_NOISE_SEED_BYTES) throw py::value_error("the seed has 32 bytes");
        if (count > BCFL_NOISE_COUNT_MAX) refuse(BCFL_VECTOR_LENGTH, "discrete_gaussian");
        py::array_t<int64_t> result(static_cast<py::ssize_t>(count));
        int64_t *out = result.mutable_data();
        const uint8_t *seed_bytes = static_cast<const uint8_t *>(secret.data());
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            status = bcfl_discrete_gaussian(&context_, numerator, denominator, seed_bytes, out, count);
        }
        if (status != BCFL_OK) refuse(status, "discrete_gaussian");
        return result;
    }

    py::bytes ssz_merkleize(py::object chunks, uint64_t limit) const {
        const Buffer input(chunks, PyBUF_C_CONTIGUOUS);
        const size_t needed = bcfl_ssz_merkleize_workspace_bytes(input.bytes());
        uint8_t root[BCFL_DIGEST_BYTES];
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            const Room room(needed);
            status = bcfl_ssz_merkleize(&context_, static_cast<const uint8_t *>(input.data()), input.bytes(),
                                        limit, room.data(), room.size(), root);
        }
        if (status != BCFL_OK) refuse(status, "ssz_merkleize");
        return py::bytes(reinterpret_cast<const char *>(root), sizeof root);
    }

    py::bytes sha256_chunks(py::object data, size_t chunk_bytes) const {
        const Buffer input(data, PyBUF_C_CONTIGUOUS);
        const size_t size = bcfl_sha256_chunks_bytes(input.bytes(), chunk_bytes);
        auto result =
            py::reinterpret_steal<py::bytes>(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size)));
        if (!result) throw py::error_already_set();
        auto *digests = reinterpret_cast<uint8_t *>(PyBytes_AS_STRING(result.ptr()));
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            status = bcfl_sha256_chunks(&context_, static_cast<const uint8_t *>(input.data()), input.bytes(),
                                        chunk_bytes, digests, size);
        }
        if (status != BCFL_OK) refuse(status, "sha256_chunks");
        return result;
    }

 private:
    static void check_mask(const Buffer &key, const Buffer &stream) {
        if (key.bytes() != BCFL_MASK_KEY_BYTES || stream.bytes() != BCFL_MASK_STREAM_BYTES)
            throw py::value_error("the key has 32 bytes, the stream id 12");
    }

    py::array masked(py::handle vector, const uint8_t *keys, const uint8_t *streams, const uint8_t *signs,
                     size_t masks) const {
        const Buffer input(vector, ARRAY);
        const bool wide = input.holds("LQ") && input.item_bytes() == 8;
        if (!wide && !(input.holds("IL") && input.item_bytes() == 4))
            throw py::type_error("vector must hold uint32 or uint64");
        const size_t count = input.count();
        py::array result(wide ? py::dtype::of<uint64_t>() : py::dtype::of<uint32_t>(),
                         static_cast<py::ssize_t>(count));
        void *out = result.mutable_data();
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            status =
                wide ? bcfl_mask_add_many_u64(&context_, static_cast<const uint64_t *>(input.data()), count, keys,
                                              streams, signs, masks, static_cast<uint64_t *>(out), count)
                     : bcfl_mask_add_many_u32(&context_, static_cast<const uint32_t *>(input.data()), count, keys,
                                              streams, signs, masks, static_cast<uint32_t *>(out), count);
        }
        if (status != BCFL_OK) refuse(status, "mask_add");
        return result;
    }

    // The rows of one matrix, filled by `run`. The matrix is ours alone, so rows may be written to.
    template <typename Run>
    static py::list share(py::handle secrets, size_t pack, size_t count, py::handle seed, Run run) {
        const Buffer input(secrets, ARRAY), key(seed, PyBUF_SIMPLE);
        if (!input.holds("LQ") || input.item_bytes() != sizeof(uint64_t))
            throw py::type_error("secrets must hold uint64");
        if (key.bytes() != BCFL_SEED_BYTES) throw py::value_error("the seed has 32 bytes");
        if (count > BCFL_SHARES_MAX || pack == 0) throw py::value_error("no such number of shares or of secrets");
        const size_t blocks = input.count() / pack;
        py::array_t<uint64_t> matrix({count, blocks});
        uint64_t *out = matrix.mutable_data();
        bcfl_fault fault{};
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            status = run(static_cast<const uint64_t *>(input.data()), input.count(),
                         static_cast<const uint8_t *>(key.data()), out, count * blocks, &fault);
        }
        if (status == BCFL_FIELD_RANGE) {
            refuse(status, "secrets: element " + std::to_string(fault.index) + " is not below 2^61 - 1");
        }
        if (status != BCFL_OK) refuse(status, "sharing");
        py::list rows(count);
        for (size_t i = 0; i < count; ++i) rows[i] = matrix[py::int_(i)];
        return rows;
    }

    // One number for each coordinate, computed by `run(out, fault)` without the lock of the interpreter.
    template <typename Number, typename Run>
    static py::array_t<Number> by_coordinate(const Vectors &inputs, const char *kernel, Run run) {
        py::array_t<Number> result(static_cast<py::ssize_t>(inputs.length()));
        Number *out = result.mutable_data();
        bcfl_fault fault{};
        bcfl_status status;
        {
            const py::gil_scoped_release unlocked;
            status = run(out, &fault);
        }
        inputs.raise_unless_ok(status, fault, kernel);
        return result;
    }

    bcfl_context context_;
};

// Whether this is a list or tuple of arrays that no check of the facade could refuse: not of a subclass, one
// dimension, int32 in the machine's order, contiguous, of one length that is not zero.
bool all_alike(py::handle vectors) {
    PyObject *sequence = vectors.ptr();
    if (!PyList_CheckExact(sequence) && !PyTuple_CheckExact(sequence)) return false;
    static const int int32 = py::dtype::of<int32_t>().num();
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(sequence);
    PyObject **items = PySequence_Fast_ITEMS(sequence);
    py::ssize_t length = 0;
    for (Py_ssize_t n = 0; n < count; ++n) {
        if (Py_TYPE(items[n]) != py::detail::npy_api::get().PyArray_Type_) return false;
        const auto vector = py::reinterpret_borrow<py::array>(items[n]);
        if (vector.ndim() != 1 || (vector.flags() & py::array::c_style) == 0) return false;
        const py::dtype type = vector.dtype();
        if (type.num() != int32 || type.byteorder() != '=') return false;
        if (n == 0) length = vector.shape(0);
        if (vector.shape(0) != length) return false;
    }
    return length > 0;
}

// (name, description, runs here), lowest first.
py::list variants() {
    py::list result;
    for (size_t i = 0; i < bcfl_variant_count(); ++i) {
        result.append(
            py::make_tuple(bcfl_variant_name(i), bcfl_variant_description(i), bcfl_variant_supported(i) != 0));
    }
    return result;
}

py::list kernels() {
    py::list result;
    for (size_t i = 0; i < bcfl_kernel_count(); ++i) result.append(bcfl_kernel_name(i));
    return result;
}

}  // namespace

PYBIND11_MODULE(_native, module) {
    module.doc() = "Native kernels; use bcfl_ref.kernels, which checks arguments and chooses the variant.";
    module.def("abi_version", [] { return MODULE_VERSION; });
    module.def("all_alike", &all_alike, py::arg("vectors"));
    module.def("variants", &variants);
    module.def("kernels", &kernels);
    py::class_<Context>(module, "Context")
        .def(py::init<const std::string &, size_t>(), py::arg("variant"), py::arg("threads") = 1)
        .def_property_readonly("variant", &Context::variant)
        .def("kernel_variant", &Context::kernel_variant, py::arg("kernel"))
        .def("quantize", &Context::quantize, py::arg("values"), py::arg("fraction_bits"))
        .def("weighted_sum", &Context::weighted_sum, py::arg("vectors"), py::arg("weights"))
        .def("dequantize", &Context::dequantize, py::arg("values"), py::arg("fraction_bits"))
        .def("domain_check", &Context::domain_check, py::arg("vector"))
        .def("div_round", &Context::div_round, py::arg("numerators"), py::arg("multiplier"), py::arg("divisor"))
        .def("pairwise_sqdist", &Context::pairwise_sqdist, py::arg("vectors"))
        .def("clip_l2", &Context::clip_l2, py::arg("vector"), py::arg("bound"))
        .def("mask_add", &Context::mask_add, py::arg("vector"), py::arg("key"), py::arg("stream"),
             py::arg("subtract"))
        .def("mask_add_many", &Context::mask_add_many, py::arg("vector"), py::arg("masks"))
        .def("shamir_share", &Context::shamir_share, py::arg("secrets"), py::arg("threshold"), py::arg("count"),
             py::arg("seed"))
        .def("shamir_reconstruct", &Context::shamir_reconstruct, py::arg("shares"), py::arg("positions"),
             py::arg("threshold"))
        .def("packed_share", &Context::packed_share, py::arg("secrets"), py::arg("pack"), py::arg("threshold"),
             py::arg("count"), py::arg("seed"))
        .def("packed_reconstruct", &Context::packed_reconstruct, py::arg("shares"), py::arg("positions"),
             py::arg("pack"), py::arg("threshold"))
        .def("discrete_gaussian", &Context::discrete_gaussian, py::arg("count"), py::arg("numerator"),
             py::arg("denominator"), py::arg("seed"))
        .def("ssz_merkleize", &Context::ssz_merkleize, py::arg("chunks"), py::arg("limit"))
        .def("coordinate_median", &Context::coordinate_median, py::arg("vectors"))
        .def("trimmed_sum", &Context::trimmed_sum, py::arg("vectors"), py::arg("trim"))
        .def("nearest_sum", &Context::nearest_sum, py::arg("vectors"), py::arg("keep"))
        .def("sha256_chunks", &Context::sha256_chunks, py::arg("data"), py::arg("chunk_bytes"));
}
