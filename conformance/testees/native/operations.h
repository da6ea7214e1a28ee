// The operations that this testee answers, by name.
#ifndef TESTEE_OPERATIONS_H
#define TESTEE_OPERATIONS_H

#include <map>
#include <string>

#include "bcfl/bcfl.h"
#include "values.h"

using Operation = json::Value (*)(const json::Value &input);

void add_kernels(std::map<std::string, Operation> &table);
void add_aggregation(std::map<std::string, Operation> &table);

// The library, with the variant that the command line names.
const bcfl_context *library();

// Throws Refused with the name of the status, unless it is BCFL_OK; the names are the codes of spec/errors.md.
void check(bcfl_status status);

// Vectors of one length as the library takes them, for the guards that a pointer cannot break
// (spec/aggregation.md, "Kernels"; PRV-017). `too_many` is the code for more than 2047.
template <typename Number>
class Rows {
 public:
    explicit Rows(const std::vector<std::vector<Number>> &vectors, const char *too_many = "VECTOR_COUNT") {
        if (vectors.empty()) {
            throw Refused{"EMPTY"};
        }
        if (vectors.size() > BCFL_VECTORS_MAX) {
            throw Refused{too_many};
        }
        length_ = vectors[0].size();
        for (const auto &vector : vectors) {
            if (vector.empty()) {
                throw Refused{"EMPTY"};
            }
            pointers_.push_back(vector.data());
        }
        for (const auto &vector : vectors) {
            if (vector.size() != length_) {
                throw Refused{"VECTOR_LENGTH"};
            }
        }
    }
    const Number *const *data() const { return pointers_.data(); }
    size_t count() const { return pointers_.size(); }
    size_t length() const { return length_; }

 private:
    std::vector<const Number *> pointers_;
    size_t length_ = 0;
};

#endif
