#include "planted.h"

static volatile uint8_t seen;
uint8_t planted_table[256] = {1, 2, 3}; /* visible outside, so that its content is not known here */

void planted_branch(const uint8_t *secrets, size_t count, uint8_t *out) {
    size_t i;
    for (i = 0; i < count; ++i) {
        out[i] = 1;
        if (secrets[i] & 1) seen = 1; /* a store to volatile memory cannot become arithmetic */
    }
}

void planted_index(const uint8_t *secrets, size_t count, uint8_t *out) {
    size_t i;
    for (i = 0; i < count; ++i) out[i] = planted_table[secrets[i]];
}

void planted_nothing(const uint8_t *secrets, size_t count, uint8_t *out) {
    size_t i;
    for (i = 0; i < count; ++i) out[i] = (uint8_t)(secrets[i] * 3u);
}
