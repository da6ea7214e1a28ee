#include "cpu_features.h"

#include <atomic>

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#define BCFL_X86_64 1
#endif
#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace bcfl {

namespace {

constexpr uint32_t LEAF1_ECX_SSSE3 = 1u << 9;
constexpr uint32_t LEAF1_ECX_SSE41 = 1u << 19;
constexpr uint32_t LEAF1_ECX_OSXSAVE = 1u << 27;
constexpr uint32_t LEAF1_ECX_AVX = 1u << 28;
constexpr uint32_t LEAF7_EBX_AVX2 = 1u << 5;
constexpr uint32_t LEAF7_EBX_AVX512F = 1u << 16;
constexpr uint32_t LEAF7_EBX_AVX512IFMA = 1u << 21;
constexpr uint32_t LEAF7_EBX_SHA = 1u << 29;
constexpr uint32_t LEAF7_EBX_AVX512BW = 1u << 30;
constexpr uint64_t HWCAP_ARM_NEON = 1u << 1;
constexpr uint64_t HWCAP_ARM_SHA2 = 1u << 6;
constexpr uint64_t XCR0_YMM = 0x06;  // SSE and AVX state
constexpr uint64_t XCR0_ZMM = 0xe6;  // the same, and opmask, upper halves, upper registers

constexpr bool has(uint64_t word, uint64_t bits) { return (word & bits) == bits; }

CpuAnswers ask() {
    CpuAnswers answers{};
#ifdef BCFL_X86_64
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) answers.leaf1_ecx = ecx;
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) answers.leaf7_ebx = ebx;
    if (has(answers.leaf1_ecx, LEAF1_ECX_OSXSAVE)) {
        uint32_t low = 0, high = 0;
        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        answers.xcr0 = (static_cast<uint64_t>(high) << 32) | low;
    }
#endif
    return answers;
}

uint32_t ask_arm() {
#if defined(__aarch64__) && defined(__linux__)
    return arm_features_of(getauxval(AT_HWCAP));
#elif defined(__aarch64__) && defined(__APPLE__)
    return FEATURE_NEON | FEATURE_ARMSHA;  // every 64-bit processor of this maker has them
#else
    return 0;
#endif
}

}  // namespace

uint32_t arm_features_of(uint64_t hwcap) {
    if (!has(hwcap, HWCAP_ARM_NEON)) return 0;
    return FEATURE_NEON | (has(hwcap, HWCAP_ARM_SHA2) ? FEATURE_ARMSHA : 0u);
}

uint32_t features_of(const CpuAnswers &answers) {
    uint32_t features = 0;
    if (has(answers.leaf1_ecx, LEAF1_ECX_SSSE3 | LEAF1_ECX_SSE41) && has(answers.leaf7_ebx, LEAF7_EBX_SHA)) {
        features |= FEATURE_SHANI;
    }
    const bool avx = has(answers.leaf1_ecx, LEAF1_ECX_OSXSAVE | LEAF1_ECX_AVX);
    if (avx && has(answers.xcr0, XCR0_YMM) && has(answers.leaf7_ebx, LEAF7_EBX_AVX2)) features |= FEATURE_AVX2;
    if (avx && has(answers.xcr0, XCR0_ZMM) &&
        has(answers.leaf7_ebx, LEAF7_EBX_AVX2 | LEAF7_EBX_AVX512F | LEAF7_EBX_AVX512BW)) {
        features |= FEATURE_AVX512;
        if (has(answers.leaf7_ebx, LEAF7_EBX_AVX512IFMA)) features |= FEATURE_AVX512IFMA;
    }
    return features;
}

uint32_t cpu_features() {
    // Two threads may both ask; they get, and store, the same answer.
    constexpr uint32_t ASKED = 1u << 31;
    static std::atomic<uint32_t> cache{0};
    uint32_t features = cache.load(std::memory_order_relaxed);
    if (features == 0) {
        features = features_of(ask()) | ask_arm() | ASKED;
        cache.store(features, std::memory_order_relaxed);
    }
    return features & ~ASKED;
}

}  // namespace bcfl
