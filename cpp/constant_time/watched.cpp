// Runs one kernel on secrets, so that something else can watch what it does with them.
//
//   watched list                         the cases, one a line
//   watched VARIANT CASE[,CASE...] SEED  each once, with the secrets undefined if valgrind runs this program
//   watched VARIANT CASE SEED trace      the same between two breakpoints, for the program `trace`
//   watched VARIANT CASE ROUNDS time     t of Welch between fixed and random secrets, in the manner of dudect
//
// Sizes, positions and thresholds are public; keys, vectors, seeds and shares are secret.

#include <bcfl/bcfl.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "planted.h"

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_UNDEFINED(address, size) static_cast<void>(address)
#define VALGRIND_MAKE_MEM_DEFINED(address, size) static_cast<void>(address)
#endif

// In place of the library's: what it lets out on purpose counts as known from here on.
namespace bcfl {
bool declassified(bool condition);
bool declassified(bool condition) {
    VALGRIND_MAKE_MEM_DEFINED(&condition, sizeof condition);
    return condition;
}
}  // namespace bcfl

namespace {

constexpr size_t SECRET_BYTES = size_t{1} << 14, OUT_BYTES = size_t{1} << 15;

// Buffers for whatever a case needs; aligned as the strictest vector.
alignas(64) uint8_t secrets[SECRET_BYTES];
alignas(64) uint8_t out[OUT_BYTES];

uint64_t next_random(uint64_t &state) {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void fill_secrets(uint64_t seed) {
    for (size_t i = 0; i < SECRET_BYTES; i += 8) {
        const uint64_t word = next_random(seed);
        std::memcpy(secrets + i, &word, sizeof word);
    }
}

struct Case {
    const char *name;
    bcfl_status (*run)(const bcfl_context *context);
};

// The first 32 bytes are the key; the vector begins behind them, off its natural place, and ends inside a block.
const uint8_t STREAM[BCFL_MASK_STREAM_BYTES] = {1, 2, 3};

template <size_t COUNT, int SUBTRACT>
bcfl_status mask_u32(const bcfl_context *context) {
    return bcfl_mask_add_u32(context, reinterpret_cast<const uint32_t *>(secrets + 32), COUNT, secrets, STREAM,
                             SUBTRACT, reinterpret_cast<uint32_t *>(out), COUNT);
}

template <size_t COUNT, int SUBTRACT>
bcfl_status mask_u64(const bcfl_context *context) {
    return bcfl_mask_add_u64(context, reinterpret_cast<const uint64_t *>(secrets + 32), COUNT, secrets, STREAM,
                             SUBTRACT, reinterpret_cast<uint64_t *>(out), COUNT);
}

// Three masks at once; the keys stand first.
template <size_t COUNT>
bcfl_status mask_many(const bcfl_context *context) {
    static const uint8_t streams[3 * BCFL_MASK_STREAM_BYTES] = {1, 2, 3}, subtract[3] = {0, 1, 0};
    return bcfl_mask_add_many_u32(context, reinterpret_cast<const uint32_t *>(secrets + 96), COUNT, secrets,
                                  streams, subtract, 3, reinterpret_cast<uint32_t *>(out), COUNT);
}

// A vector in pieces, and the state wiped.
template <size_t COUNT>
bcfl_status mask_pieces(const bcfl_context *context) {
    bcfl_mask mask;
    const uint64_t *vector = reinterpret_cast<const uint64_t *>(secrets + 32);
    uint64_t *result = reinterpret_cast<uint64_t *>(out);
    bcfl_status status = bcfl_mask_init(&mask, context, secrets, STREAM, 0);
    for (size_t done = 0; status == BCFL_OK && done < COUNT; done += 13) {
        const size_t length = std::min<size_t>(13, COUNT - done);
        status = bcfl_mask_update_u64(&mask, vector + done, length, result + done, length);
    }
    const bcfl_status ended = bcfl_mask_final(&mask);
    return status != BCFL_OK ? status : ended;
}

// The seed stands first, then come the secrets or the shares, all of them below 2^61 - 1.
uint64_t *numbers_behind_seed(size_t count) {
    uint64_t *numbers = reinterpret_cast<uint64_t *>(secrets + BCFL_SEED_BYTES);
    for (size_t i = 0; i < count; ++i) numbers[i] >>= 4;
    return numbers;
}

template <size_t COUNT, size_t THRESHOLD, size_t SHARES>
bcfl_status shamir_share(const bcfl_context *context) {
    return bcfl_shamir_share(context, numbers_behind_seed(COUNT), COUNT, THRESHOLD, SHARES, secrets,
                             reinterpret_cast<uint64_t *>(out), COUNT * SHARES, nullptr, nullptr, 0);
}

template <size_t COUNT, size_t PACK, size_t THRESHOLD, size_t SHARES>
bcfl_status packed_share(const bcfl_context *context) {
    return bcfl_packed_share(context, numbers_behind_seed(COUNT), COUNT, PACK, THRESHOLD, SHARES, secrets,
                             reinterpret_cast<uint64_t *>(out), COUNT / PACK * SHARES, nullptr, nullptr, 0);
}

// `PACK` of 0 is Shamir's; the positions have gaps.
template <size_t COUNT, size_t PACK, size_t THRESHOLD, size_t SHARES>
bcfl_status reconstruct(const bcfl_context *context) {
    const uint64_t *numbers = numbers_behind_seed(COUNT * SHARES), *shares[SHARES];
    uint32_t positions[SHARES];
    for (size_t i = 0; i < SHARES; ++i) {
        shares[i] = numbers + i * COUNT;
        positions[i] = static_cast<uint32_t>(i + i / 3);
    }
    uint64_t *result = reinterpret_cast<uint64_t *>(out);
    if (PACK == 0) {
        return bcfl_shamir_reconstruct(context, shares, positions, SHARES, COUNT, THRESHOLD, result, COUNT,
                                       nullptr, nullptr, 0);
    }
    return bcfl_packed_reconstruct(context, shares, positions, SHARES, COUNT, PACK, THRESHOLD, result,
                                   COUNT * PACK, nullptr, nullptr, 0);
}

template <void (*FUNCTION)(const uint8_t *, size_t, uint8_t *)>
bcfl_status planted(const bcfl_context *) {
    FUNCTION(secrets, 64, out);
    return BCFL_OK;
}

const Case CASES[] = {
    {"mask_add_u32", mask_u32<543, 0>},
    {"mask_add_u32_one", mask_u32<1, 0>},
    {"mask_add_u32_subtract", mask_u32<7, 1>},
    {"mask_add_u64", mask_u64<271, 0>},
    {"mask_add_u64_subtract", mask_u64<3, 1>},
    {"mask_add_many", mask_many<131>},
    {"mask_pieces", mask_pieces<43>},
    {"shamir_share", shamir_share<37, 5, 9>},
    {"packed_share", packed_share<84, 4, 9, 14>},
    {"shamir_reconstruct", reconstruct<37, 0, 5, 7>},
    {"packed_reconstruct", reconstruct<21, 4, 9, 11>},
    {"planted_branch", planted<planted_branch>},
    {"planted_index", planted<planted_index>},
    {"planted_nothing", planted<planted_nothing>},
};

#if defined(__x86_64__)
void breakpoint() { __asm__ volatile("int3"); }
uint64_t ticks() {
    uint32_t low, high;
    __asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
    return static_cast<uint64_t>(high) << 32 | low;
}
#else
#error "the watch is written for x86-64"
#endif

// Welch's t of the times with fixed and with random secrets, the slowest tenth of all left out (interrupts).
double welch(const std::vector<uint64_t> (&times)[2]) {
    std::vector<uint64_t> sorted(times[0]);
    sorted.insert(sorted.end(), times[1].begin(), times[1].end());
    std::sort(sorted.begin(), sorted.end());
    const uint64_t cut = sorted[sorted.size() * 9 / 10];
    double mean[2] = {}, variance[2] = {};
    size_t count[2] = {};
    for (int kind = 0; kind < 2; ++kind) {
        for (uint64_t time : times[kind]) {
            if (time > cut) continue;
            ++count[kind];
            const double x = static_cast<double>(time), delta = x - mean[kind];
            mean[kind] += delta / static_cast<double>(count[kind]);
            variance[kind] += delta * (x - mean[kind]);
        }
        variance[kind] /= static_cast<double>(count[kind] - 1) * static_cast<double>(count[kind]);
    }
    return (mean[0] - mean[1]) / std::sqrt(variance[0] + variance[1] + 1e-9);
}

int time_case(const bcfl_context &context, const Case &chosen, size_t rounds) {
    std::vector<uint64_t> times[2];
    uint64_t state = 1, fresh = 1000;
    while (times[0].size() + times[1].size() < rounds) {
        const int kind = static_cast<int>(next_random(state) & 1);
        fill_secrets(kind == 0 ? 1 : fresh++);
        const uint64_t start = ticks();
        chosen.run(&context);
        times[kind].push_back(ticks() - start);
    }
    std::printf("%s %s t = %.2f over %zu calls\n", bcfl_context_variant(&context), chosen.name, welch(times),
                rounds);
    return 0;
}

const Case *case_named(const char *name) {
    const Case *found = std::find_if(std::begin(CASES), std::end(CASES),
                                     [&](const Case &each) { return std::strcmp(each.name, name) == 0; });
    return found == std::end(CASES) ? nullptr : found;
}

// One case with the secrets of a seed; `traced` between two breakpoints. Prints something that depends on the
// result, so that nothing can be left out.
int watch(const bcfl_context &context, const Case &chosen, unsigned long seed, bool traced) {
    bcfl_status status;
    fill_secrets(seed);
    if (traced) {
        chosen.run(&context);  // binds what the dynamic linker binds at the first call
        fill_secrets(seed);
        breakpoint();
        status = chosen.run(&context);
        breakpoint();
    } else {
        VALGRIND_MAKE_MEM_UNDEFINED(secrets, sizeof secrets);
        status = chosen.run(&context);
        VALGRIND_MAKE_MEM_DEFINED(secrets, sizeof secrets);
        VALGRIND_MAKE_MEM_DEFINED(out, sizeof out);
    }
    unsigned sum = 0;
    for (uint8_t byte : out) sum = sum * 31 + byte;
    std::printf("%s %s %u\n", chosen.name, bcfl_status_name(status), sum);
    return status == BCFL_OK ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc == 2 && std::strcmp(argv[1], "list") == 0) {
        for (const Case &each : CASES) std::puts(each.name);
        return 0;
    }
    bcfl_context context;
    if (argc < 4 || bcfl_context_init(&context, argv[1]) != BCFL_OK) return 2;
    const unsigned long number = std::strtoul(argv[3], nullptr, 10);
    int worst = 0;
    for (const char *name = std::strtok(argv[2], ","); name != nullptr; name = std::strtok(nullptr, ",")) {
        const Case *chosen = case_named(name);
        if (chosen == nullptr) return 2;
        if (argc == 5 && std::strcmp(argv[4], "time") == 0) {
            worst = std::max(worst, time_case(context, *chosen, number));
        } else {
            worst = std::max(worst, watch(context, *chosen, number, argc == 5));
        }
    }
    return worst;
}
