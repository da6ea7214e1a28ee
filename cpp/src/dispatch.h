// The ordered list of variants and the choice among them.
#ifndef BCFL_DISPATCH_H
#define BCFL_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

#include "kernel_table.h"

namespace bcfl {

struct Variant {
    const char *name;
    const char *description;
    uint32_t features;  // all of them are needed
    KernelTable kernels;
};

extern const Variant VARIANTS[];
extern const size_t VARIANT_COUNT;

bool variant_supported(const Variant &variant);

// The variant that serves `slot` (a predicate over tables) when `level` is asked for: the highest one not above
// it that has the slot and runs here. `portable` has every slot, so there always is one.
template <typename HasSlot>
size_t serving_variant(size_t level, HasSlot has_slot) {
    for (; level > 0; --level) {
        if (has_slot(VARIANTS[level].kernels) && variant_supported(VARIANTS[level])) break;
    }
    return level;
}

}  // namespace bcfl

#endif
