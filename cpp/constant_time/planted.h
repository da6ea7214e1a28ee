// Code that is wrong on purpose, so that whatever watches secrets can show that it notices.
#ifndef BCFL_CONSTANT_TIME_PLANTED_H
#define BCFL_CONSTANT_TIME_PLANTED_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Branches on a bit of each secret byte.
void planted_branch(const uint8_t *secrets, size_t count, uint8_t *out);
// Looks every secret byte up in a table.
void planted_index(const uint8_t *secrets, size_t count, uint8_t *out);
// Does neither: what both watchers must let pass.
void planted_nothing(const uint8_t *secrets, size_t count, uint8_t *out);

#ifdef __cplusplus
}
#endif

#endif
