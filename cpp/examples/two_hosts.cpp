// Two hosts in one process: one forces plain C++, the other lends its threads to the best variant. They run at the
// same time, under floating-point settings that a careless host may have left, and get the same bytes.

#include <bcfl/bcfl.h>

#include <cfenv>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace {

constexpr size_t SIZE = 200003, UPDATES = 5;

// The parallel-for that a host offers: the library starts no thread by itself.
void run_in_threads(void *host, bcfl_task task, void *job, size_t count) {
    ++*static_cast<size_t *>(host);
    std::vector<std::thread> threads;
    for (size_t index = 1; index < count; ++index) threads.emplace_back(task, job, index);
    task(job, 0);
    for (std::thread &thread : threads) thread.join();
}

struct Host {
    bcfl_context context{};
    int rounding = FE_TONEAREST;
    bool flush_subnormals = false;
    std::vector<int64_t> result;
    bool ok = false;

    void work(const std::vector<std::vector<float>> &updates) {
        std::fesetround(rounding);
#if defined(__x86_64__)
        if (flush_subnormals) _mm_setcsr(_mm_getcsr() | 0x8040);  // flush to zero, read subnormals as zero
#endif
        std::vector<std::vector<int32_t>> quantised(UPDATES, std::vector<int32_t>(SIZE));
        std::vector<const int32_t *> vectors;
        const std::vector<uint32_t> weights = {1, 2, 3, 65535, 5};
        ok = true;
        for (size_t n = 0; n < UPDATES; ++n) {
            ok = ok && bcfl_quantize_f32(&context, updates[n].data(), SIZE, 16, quantised[n].data(), SIZE,
                                         nullptr) == BCFL_OK;
            vectors.push_back(quantised[n].data());
        }
        result.resize(SIZE);
        ok = ok && bcfl_weighted_sum(&context, vectors.data(), weights.data(), UPDATES, SIZE, result.data(), SIZE,
                                     nullptr) == BCFL_OK;
    }
};

std::vector<std::vector<float>> made_up_updates() {
    std::vector<std::vector<float>> updates(UPDATES, std::vector<float>(SIZE));
    uint32_t state = 1;
    for (std::vector<float> &update : updates) {
        for (float &value : update) {
            state = state * 1664525u + 1013904223u;
            // Exponents of 80 to 139, so that values are lost, rounded and clamped; every sign and fraction.
            const uint32_t bits = (state & 0x807fffffu) | (80u + (state >> 8) % 60u) << 23;
            std::memcpy(&value, &bits, sizeof value);
        }
    }
    return updates;
}

}  // namespace

int main() {
    const std::vector<std::vector<float>> updates = made_up_updates();
    Host plain, fast;
    size_t calls = 0;
    if (bcfl_context_init(&plain.context, "portable") != BCFL_OK) return 1;
    if (bcfl_context_init(&fast.context, nullptr) != BCFL_OK) return 1;
    if (bcfl_context_set_parallel_for(&fast.context, run_in_threads, &calls, 3) != BCFL_OK) return 1;
    plain.rounding = FE_UPWARD;
    fast.rounding = FE_TOWARDZERO;
    fast.flush_subnormals = true;
    const bcfl_context before[2] = {plain.context, fast.context};

    std::thread first([&] { plain.work(updates); });
    std::thread second([&] { fast.work(updates); });
    first.join();
    second.join();

    const bool untouched = std::memcmp(&before[0], &plain.context, sizeof before[0]) == 0 &&
                           std::memcmp(&before[1], &fast.context, sizeof before[1]) == 0;
    const bool same = plain.result == fast.result;
    std::fprintf(stderr, "%s and %s\n", bcfl_context_variant(&plain.context), bcfl_context_variant(&fast.context));
    std::printf("ok %d %d, same bytes %d, contexts untouched %d, threads lent %d\n", plain.ok, fast.ok, same,
                untouched, calls > 0);
    return plain.ok && fast.ok && same && untouched && calls > 0 ? 0 : 1;
}
