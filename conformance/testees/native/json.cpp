#include "json.h"

#include <cstdio>

namespace json {

namespace {

constexpr int DEPTH_MAX = 64;

class Reader {
 public:
    explicit Reader(const std::string &text) : text_(text) {}

    Value whole() {
        Value value = read(0);
        skip();
        if (at_ != text_.size()) {
            fail("more than one value");
        }
        return value;
    }

 private:
    [[noreturn]] void fail(const char *what) const {
        throw Error(std::string(what) + " at byte " + std::to_string(at_));
    }

    void skip() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
            ++at_;
        }
    }

    char peek() {
        skip();
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    void expect(char wanted) {
        if (peek() != wanted) {
            fail("another character expected");
        }
        ++at_;
    }

    bool word(const char *wanted) {
        const std::string text(wanted);
        if (text_.compare(at_, text.size(), text) != 0) {
            return false;
        }
        at_ += text.size();
        return true;
    }

    Value read(int depth) {
        if (depth > DEPTH_MAX) {
            fail("nested too deeply");
        }
        const char first = peek();
        if (first == '{') {
            return object(depth);
        }
        if (first == '[') {
            return array(depth);
        }
        if (first == '"') {
            return Value::of(string());
        }
        if (first == '-' || (first >= '0' && first <= '9')) {
            return number();
        }
        if (word("true")) {
            return Value::of(true);
        }
        if (word("false")) {
            return Value::of(false);
        }
        if (word("null")) {
            return Value();
        }
        fail("no value");
    }

    Value object(int depth) {
        Value value = Value::object();
        expect('{');
        if (peek() == '}') {
            ++at_;
            return value;
        }
        for (;;) {
            if (peek() != '"') {
                fail("a key expected");
            }
            std::string name = string();
            if (value.find(name) != nullptr) {
                fail("a key twice");
            }
            expect(':');
            value.set(std::move(name), read(depth + 1));
            if (peek() != ',') {
                expect('}');
                return value;
            }
            ++at_;
        }
    }

    Value array(int depth) {
        Value value = Value::array();
        expect('[');
        if (peek() == ']') {
            ++at_;
            return value;
        }
        for (;;) {
            value.add(read(depth + 1));
            if (peek() != ',') {
                expect(']');
                return value;
            }
            ++at_;
        }
    }

    Value number() {
        const bool negative = text_[at_] == '-';
        at_ += negative ? 1 : 0;
        const size_t begin = at_;
        uint64_t magnitude = 0;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
            const uint64_t digit = static_cast<uint64_t>(text_[at_] - '0');
            if (magnitude > (INT64_MAX - digit) / 10) {
                fail("a number beyond 64 bits");
            }
            magnitude = 10 * magnitude + digit;
            ++at_;
        }
        if (at_ == begin || (text_[begin] == '0' && at_ - begin > 1)) {
            fail("no number");
        }
        if (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E')) {
            fail("a number that is no integer");
        }
        const int64_t value = static_cast<int64_t>(magnitude);
        return Value::of(negative ? -value : value);
    }

    std::string string() {
        expect('"');
        std::string found;
        for (;;) {
            if (at_ >= text_.size() || static_cast<unsigned char>(text_[at_]) < 0x20) {
                fail("a text without an end");
            }
            const char next = text_[at_++];
            if (next == '"') {
                return found;
            }
            if (next == '\\') {
                escape(found);
            } else {
                found.push_back(next);
            }
        }
    }

    void escape(std::string &found) {
        const std::string letters = "\"\\/bfnrt";
        const std::string meanings = "\"\\/\b\f\n\r\t";
        const char letter = at_ < text_.size() ? text_[at_++] : '\0';
        if (letter != 'u') {
            const size_t place = letters.find(letter);
            if (letter == '\0' || place == std::string::npos) {
                fail("an unknown escape");
            }
            found.push_back(meanings[place]);
            return;
        }
        uint32_t point = unit();
        if (point >= 0xd800 && point < 0xdc00 && word("\\u")) {
            point = 0x10000 + ((point - 0xd800) << 10) + (unit() - 0xdc00);
        }
        utf8(found, point);
    }

    uint32_t unit() {
        uint32_t value = 0;
        for (int digit = 0; digit < 4; ++digit) {
            const char c = at_ < text_.size() ? text_[at_++] : '\0';
            const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            if (!letter && (c < '0' || c > '9')) {
                fail("no hexadecimal digit");
            }
            value = 16 * value + static_cast<uint32_t>(letter ? (c | 32) - 'a' + 10 : c - '0');
        }
        return value;
    }

    static void utf8(std::string &found, uint32_t point) {
        const auto byte = [&found](uint32_t value) { found.push_back(static_cast<char>(value)); };
        if (point < 0x80) {
            byte(point);
        } else if (point < 0x800) {
            byte(0xc0 | point >> 6);
            byte(0x80 | (point & 0x3f));
        } else if (point < 0x10000) {
            byte(0xe0 | point >> 12);
            byte(0x80 | (point >> 6 & 0x3f));
            byte(0x80 | (point & 0x3f));
        } else {
            byte(0xf0 | point >> 18);
            byte(0x80 | (point >> 12 & 0x3f));
            byte(0x80 | (point >> 6 & 0x3f));
            byte(0x80 | (point & 0x3f));
        }
    }

    const std::string &text_;
    size_t at_ = 0;
};

void write_text(std::string &out, const std::string &text) {
    out.push_back('"');
    for (const char next : text) {
        if (next == '"' || next == '\\') {
            out.push_back('\\');
            out.push_back(next);
        } else if (static_cast<unsigned char>(next) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(next));
            out += escape;
        } else {
            out.push_back(next);
        }
    }
    out.push_back('"');
}

void write_to(std::string &out, const Value &value) {
    const char *separator = "";
    switch (value.kind()) {
        case Kind::null: out += "null"; return;
        case Kind::boolean: out += value.boolean() ? "true" : "false"; return;
        case Kind::integer: out += std::to_string(value.integer()); return;
        case Kind::text: write_text(out, value.text()); return;
        case Kind::array:
            out.push_back('[');
            for (const Value &item : value.items()) {
                out += separator;
                write_to(out, item);
                separator = ",";
            }
            out.push_back(']');
            return;
        case Kind::object:
            out.push_back('{');
            for (const auto &[name, inner] : value.fields()) {
                out += separator;
                write_text(out, name);
                out.push_back(':');
                write_to(out, inner);
                separator = ",";
            }
            out.push_back('}');
            return;
    }
}

}  // namespace

Value Value::of(bool value) {
    Value made;
    made.kind_ = Kind::boolean;
    made.number_ = value ? 1 : 0;
    return made;
}

Value Value::of(int64_t value) {
    Value made;
    made.kind_ = Kind::integer;
    made.number_ = value;
    return made;
}

Value Value::of(std::string value) {
    Value made;
    made.kind_ = Kind::text;
    made.text_ = std::move(value);
    return made;
}

Value Value::array(std::vector<Value> items) {
    Value made;
    made.kind_ = Kind::array;
    made.items_ = std::move(items);
    return made;
}

Value Value::object(Fields fields) {
    Value made;
    made.kind_ = Kind::object;
    made.fields_ = std::move(fields);
    return made;
}

const Value *Value::find(const std::string &name) const {
    for (const auto &[key, value] : fields_) {
        if (key == name) {
            return &value;
        }
    }
    return nullptr;
}

Value read(const std::string &text) { return Reader(text).whole(); }

std::string write(const Value &value) {
    std::string out;
    write_to(out, value);
    return out;
}

}  // namespace json
