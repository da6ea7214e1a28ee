// A test ends at the first condition that does not hold.
#ifndef BCFL_TESTS_CHECK_H
#define BCFL_TESTS_CHECK_H

#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            std::fprintf(stderr, "line %d: %s is false\n", __LINE__, #condition); \
            std::exit(1);                                                         \
        }                                                                         \
    } while (0)

#endif
