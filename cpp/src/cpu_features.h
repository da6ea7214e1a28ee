// What this processor has and this operating system lets us use.
#ifndef BCFL_CPU_FEATURES_H
#define BCFL_CPU_FEATURES_H

#include <stdint.h>

namespace bcfl {

enum : uint32_t {
    FEATURE_SHANI = 1u << 0,       // SHA, SSSE3, SSE4.1
    FEATURE_AVX2 = 1u << 1,        // AVX2, and the OS keeps the ymm registers
    FEATURE_AVX512 = 1u << 2,      // AVX-512 F and BW, and the OS keeps the zmm and mask registers
    FEATURE_AVX512IFMA = 1u << 3,  // the same and AVX-512 IFMA
    FEATURE_NEON = 1u << 4,        // 128-bit vectors, as on every 64-bit Arm processor
    FEATURE_ARMSHA = 1u << 5,      // the same and SHA-256
};

// The raw answers of the machine, apart from their reading so that any machine can be tested on any machine.
struct CpuAnswers {
    uint32_t leaf1_ecx;
    uint32_t leaf7_ebx;
    uint64_t xcr0;  // 0 when the OS does not offer XGETBV
};

uint32_t features_of(const CpuAnswers &answers);
uint32_t arm_features_of(uint64_t hwcap);  // the capabilities that Linux tells a program

// Features of this machine; asked once, since CPUID is slow under a hypervisor.
uint32_t cpu_features();

}  // namespace bcfl

#endif
