// Between JSON and the types of the specification (conformance/protocol.md, "Values").
#ifndef TESTEE_VALUES_H
#define TESTEE_VALUES_H

#include <cstdint>
#include <string>
#include <vector>

#include "json.h"

// A rule refuses the input; `code` is the code of spec/errors.md.
struct Refused {
    std::string code;
};

using Vector = std::vector<int32_t>;
using Bytes = std::vector<uint8_t>;
using Wide = unsigned __int128;

const json::Value &field(const json::Value &data, const char *name);
const std::vector<json::Value> &rows(const json::Value &data);
bool flag(const json::Value &data);
uint64_t number(const json::Value &data, unsigned bits);
std::vector<uint64_t> numbers(const json::Value &data, unsigned bits);
Vector vector(const json::Value &data);
std::vector<Vector> vectors(const json::Value &data);
Bytes bytes(const json::Value &data);

json::Value decimal(Wide value);
json::Value decimals(const std::vector<int64_t> &words);  // Int64: the two's complement
json::Value decimals(const std::vector<uint64_t> &words);
json::Value integers(const Vector &vector);
json::Value hex(const uint8_t *data, size_t size);

#endif
