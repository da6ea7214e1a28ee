#include "values.h"

using json::Kind;
using json::Value;

namespace {

[[noreturn]] void malformed() { throw Refused{"ENCODING_INVALID"}; }

void require(bool condition) {
    if (!condition) {
        malformed();
    }
}

uint8_t digit(char c) {
    require((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    return static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

}  // namespace

const Value &field(const Value &data, const char *name) {
    const Value *found = data.find(name);
    require(found != nullptr);
    return *found;
}

const std::vector<Value> &rows(const Value &data) {
    require(data.kind() == Kind::array);
    return data.items();
}

bool flag(const Value &data) {
    require(data.kind() == Kind::boolean);
    return data.boolean();
}

uint64_t number(const Value &data, unsigned bits) {
    const std::string &text = data.text();
    require(data.kind() == Kind::text && !text.empty() && (text[0] != '0' || text.size() == 1));
    Wide value = 0;
    for (const char c : text) {
        require(c >= '0' && c <= '9');
        value = 10 * value + static_cast<Wide>(c - '0');
        if (value >> bits != 0) {
            throw Refused{"VALUE_RANGE"};
        }
    }
    return static_cast<uint64_t>(value);
}

std::vector<uint64_t> numbers(const Value &data, unsigned bits) {
    std::vector<uint64_t> found;
    for (const Value &item : rows(data)) {
        found.push_back(number(item, bits));
    }
    return found;
}

Vector vector(const Value &data) {
    Vector found;
    for (const Value &item : rows(data)) {
        require(item.kind() == Kind::integer && item.integer() >= INT32_MIN && item.integer() <= INT32_MAX);
        found.push_back(static_cast<int32_t>(item.integer()));
    }
    return found;
}

std::vector<Vector> vectors(const Value &data) {
    std::vector<Vector> found;
    for (const Value &item : rows(data)) {
        found.push_back(vector(item));
    }
    return found;
}

Bytes bytes(const Value &data) {
    const std::string &text = data.text();
    require(data.kind() == Kind::text && text.size() % 2 == 0 && text.compare(0, 2, "0x") == 0);
    Bytes found;
    for (size_t place = 2; place < text.size(); place += 2) {
        found.push_back(static_cast<uint8_t>(digit(text[place]) << 4 | digit(text[place + 1])));
    }
    return found;
}

Value decimal(Wide value) {
    std::string digits;
    do {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
        value /= 10;
    } while (value != 0);
    return Value::of(digits);
}

Value decimals(const std::vector<int64_t> &words) {
    Value made = Value::array();
    for (const int64_t word : words) {
        made.add(decimal(static_cast<uint64_t>(word)));
    }
    return made;
}

Value decimals(const std::vector<uint64_t> &words) {
    Value made = Value::array();
    for (const uint64_t word : words) {
        made.add(decimal(word));
    }
    return made;
}

Value integers(const Vector &vector) {
    Value made = Value::array();
    for (const int32_t item : vector) {
        made.add(Value::of(static_cast<int64_t>(item)));
    }
    return made;
}

Value hex(const uint8_t *data, size_t size) {
    const char *digits = "0123456789abcdef";
    std::string text = "0x";
    for (size_t place = 0; place < size; ++place) {
        text.push_back(digits[data[place] >> 4]);
        text.push_back(digits[data[place] & 15]);
    }
    return Value::of(text);
}
