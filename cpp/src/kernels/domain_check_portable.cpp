// AGG-005 in plain C++: pieces without a branch inside, so that compilers make vector instructions of them.

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr int32_t COORDINATE_MAX = 0xfffff;
constexpr size_t PIECE = 1024;

inline bool outside(const int32_t *place) {
    int32_t coordinate;
    __builtin_memcpy(&coordinate, place, sizeof coordinate);
    return (coordinate < -COORDINATE_MAX) | (coordinate > COORDINATE_MAX);
}

}  // namespace

size_t domain_check_portable(const int32_t *vector, size_t count) {
    size_t start = 0;
    for (; start + PIECE <= count; start += PIECE) {
        int32_t any = 0;
        for (size_t i = start; i < start + PIECE; ++i) any |= outside(vector + i);
        if (any != 0) break;
    }
    while (start < count && !outside(vector + start)) ++start;
    return start;
}

}  // namespace bcfl
