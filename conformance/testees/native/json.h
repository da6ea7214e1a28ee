// A small JSON value, its reader and its writer: what the protocol of the testees needs, and no more.
//
// Numbers are integers of 64 bits; a text with another number, a key twice, or more than 64 levels is refused.
#ifndef TESTEE_JSON_H
#define TESTEE_JSON_H

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace json {

struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Kind { null, boolean, integer, text, array, object };

class Value {
 public:
    using Fields = std::vector<std::pair<std::string, Value>>;

    Value() = default;
    static Value of(bool value);
    static Value of(int64_t value);
    static Value of(std::string value);
    static Value array(std::vector<Value> items = {});
    static Value object(Fields fields = {});

    Kind kind() const { return kind_; }
    bool boolean() const { return number_ != 0; }
    int64_t integer() const { return number_; }
    const std::string &text() const { return text_; }
    const std::vector<Value> &items() const { return items_; }
    const Fields &fields() const { return fields_; }
    // The field of this name, or nullptr.
    const Value *find(const std::string &name) const;
    void add(Value item) { items_.push_back(std::move(item)); }
    void set(std::string name, Value value) { fields_.emplace_back(std::move(name), std::move(value)); }

 private:
    Kind kind_ = Kind::null;
    int64_t number_ = 0;
    std::string text_;
    std::vector<Value> items_;
    Fields fields_;
};

Value read(const std::string &text);  // throws Error
std::string write(const Value &value);

}  // namespace json

#endif
