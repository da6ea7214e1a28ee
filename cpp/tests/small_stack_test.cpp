// Every function that computes, at its largest numbers of vectors and shares, on a thread with a stack of 64 KiB
// (or the least that a system allows), under every variant; and how much of it each one used.

#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "bcfl/bcfl.h"
#include "check.h"

namespace {

constexpr size_t STACK_BYTES = 64 * 1024, PROMISED_BYTES = 24 * 1024;  // of bcfl.h
constexpr size_t LARGEST_BYTES = 1024 * 1024;
constexpr unsigned char PAINT = 0xa7;

void *call(void *work) {
    (*static_cast<const std::function<void()> *>(work))();
    return nullptr;
}

// Runs the work on a stack that was painted before; gives the bytes that lost their paint.
size_t used_by(const std::function<void()> &work) {
    alignas(65536) static unsigned char stack[LARGEST_BYTES];
    const size_t least = static_cast<size_t>(sysconf(_SC_THREAD_STACK_MIN));  // 128 KiB on 64-bit Arm
    const size_t bytes = least > STACK_BYTES ? least : STACK_BYTES;
    CHECK(bytes <= LARGEST_BYTES);
    std::memset(stack, PAINT, bytes);
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstack(&attributes, stack, bytes) == 0);
    CHECK(pthread_create(&thread, &attributes, call, const_cast<std::function<void()> *>(&work)) == 0);
    CHECK(pthread_join(thread, nullptr) == 0);
    CHECK(pthread_attr_destroy(&attributes) == 0);
    size_t left = 0;
    while (left < bytes && stack[left] == PAINT) ++left;
    return bytes - left;
}

constexpr size_t MANY = BCFL_VECTORS_MAX, LENGTH = 40;

// Inputs and outputs that are large enough for all calls; one vector serves as all of them.
struct Data {
    std::vector<int32_t> vector = std::vector<int32_t>(20000, 5), narrow = vector;
    std::vector<int64_t> wide = std::vector<int64_t>(20000, 7);
    std::vector<float> reals = std::vector<float>(20000, 0.5f);
    std::vector<double> doubles = std::vector<double>(20000, 0.25);
    std::vector<const int32_t *> vectors = std::vector<const int32_t *>(MANY, vector.data());
    std::vector<uint32_t> weights = std::vector<uint32_t>(MANY, 3), words = std::vector<uint32_t>(20000);
    std::vector<uint64_t> numbers = std::vector<uint64_t>(20000, 9), out = std::vector<uint64_t>(2 * MANY * MANY);
    std::vector<const uint64_t *> shares = std::vector<const uint64_t *>(MANY, numbers.data());
    std::vector<uint8_t> bytes = std::vector<uint8_t>(100000, 3), room = std::vector<uint8_t>(1 << 20),
                         digests = bytes;
    std::vector<uint32_t> positions;
    uint8_t key[96] = {1, 2, 3}, root[BCFL_DIGEST_BYTES];

    Data() {
        for (uint32_t i = 0; i < MANY; ++i) positions.push_back(i);
    }
};

struct Call {
    std::string name;
    std::function<bcfl_status(const bcfl_context *, Data &)> run;
};

std::vector<Call> calls_over_vectors() {
    std::vector<Call> calls;
    for (size_t n : {size_t{1}, size_t{64}, size_t{65}, MANY}) {
        const std::string suffix = " of " + std::to_string(n);
        calls.push_back({"weighted_sum" + suffix, [n](const bcfl_context *context, Data &d) {
                             return bcfl_weighted_sum(context, d.vectors.data(), d.weights.data(), n, LENGTH,
                                                      d.wide.data(), LENGTH, nullptr);
                         }});
        calls.push_back({"coordinate_median" + suffix, [n](const bcfl_context *context, Data &d) {
                             return bcfl_coordinate_median(context, d.vectors.data(), n, LENGTH, d.narrow.data(),
                                                           LENGTH, nullptr, d.room.data(), d.room.size());
                         }});
        calls.push_back({"trimmed_sum" + suffix, [n](const bcfl_context *context, Data &d) {
                             return bcfl_trimmed_sum(context, d.vectors.data(), n, LENGTH, (n - 1) / 3,
                                                     d.wide.data(), LENGTH, nullptr, d.room.data(), d.room.size());
                         }});
        calls.push_back({"nearest_sum" + suffix, [n](const bcfl_context *context, Data &d) {
                             return bcfl_nearest_sum(context, d.vectors.data(), n, LENGTH, (n + 1) / 2,
                                                     d.wide.data(), LENGTH, nullptr, d.room.data(), d.room.size());
                         }});
        calls.push_back({"pairwise_sqdist" + suffix, [n](const bcfl_context *context, Data &d) {
                             return bcfl_pairwise_sqdist(context, d.vectors.data(), n, LENGTH, d.out.data(),
                                                         2 * n * n, nullptr, d.room.data(), d.room.size());
                         }});
    }
    return calls;
}

std::vector<Call> calls_of_sharing() {
    std::vector<Call> calls;
    for (size_t n : {size_t{3}, size_t{64}, size_t{65}, MANY}) {
        const std::string suffix = " of " + std::to_string(n);
        calls.push_back({"shamir_share" + suffix, [n](const bcfl_context *context, Data &d) {
                             return bcfl_shamir_share(context, d.numbers.data(), 9, n, n, d.key, d.out.data(),
                                                      9 * n, nullptr, d.room.data(), d.room.size());
                         }});
        calls.push_back({"packed_share" + suffix, [n](const bcfl_context *context, Data &d) {
                             return bcfl_packed_share(context, d.numbers.data(), 18, 2, n, n, d.key, d.out.data(),
                                                      9 * n, nullptr, d.room.data(), d.room.size());
                         }});
        calls.push_back({"shamir_reconstruct" + suffix, [n](const bcfl_context *context, Data &d) {
                             return bcfl_shamir_reconstruct(context, d.shares.data(), d.positions.data(), n, 9, n,
                                                            d.out.data(), 9, nullptr, d.room.data(),
                                                            d.room.size());
                         }});
        calls.push_back({"packed_reconstruct" + suffix, [n](const bcfl_context *context, Data &d) {
                             return bcfl_packed_reconstruct(context, d.shares.data(), d.positions.data(), n, 9, 2,
                                                            n, d.out.data(), 18, nullptr, d.room.data(),
                                                            d.room.size());
                         }});
    }
    return calls;
}

bcfl_status sum_in_pieces(const bcfl_context *context, Data &d) {
    bcfl_sum sum;
    bcfl_status status = bcfl_sum_init(&sum, context, d.wide.data(), d.wide.size());
    for (int i = 0; i < 2 && status == BCFL_OK; ++i) {
        status = bcfl_sum_update(&sum, d.vector.data(), d.vector.size(), 3, nullptr);
    }
    return status == BCFL_OK ? bcfl_sum_final(&sum, nullptr, nullptr) : status;
}

bcfl_status hash_in_pieces(const bcfl_context *context, Data &d) {
    bcfl_hash hash;
    bcfl_status status = bcfl_hash_init(&hash, context, 100);
    for (size_t size : {size_t{7}, size_t{5000}, size_t{99}}) {
        const size_t digests = bcfl_hash_update_bytes(&hash, size);
        if (status == BCFL_OK) status = bcfl_hash_update(&hash, d.bytes.data(), size, d.digests.data(), digests);
    }
    size_t last = 0;
    return status == BCFL_OK ? bcfl_hash_final(&hash, d.root, &last) : status;
}

bcfl_status mask_in_pieces(const bcfl_context *context, Data &d) {
    bcfl_mask mask;
    bcfl_status status = bcfl_mask_init(&mask, context, d.key, d.key + 32, 0);
    for (size_t count : {3, 4000}) {
        if (status == BCFL_OK) {
            status = bcfl_mask_update_u32(&mask, d.words.data(), count, d.words.data(), count);
        }
    }
    const bcfl_status ended = bcfl_mask_final(&mask);
    return status == BCFL_OK ? ended : status;
}

std::vector<Call> calls_of_one() {
    return {
        {"quantize_f32",
         [](const bcfl_context *context, Data &d) {
             return bcfl_quantize_f32(context, d.reals.data(), 9999, 8, d.narrow.data(), 9999, nullptr);
         }},
        {"quantize_f64",
         [](const bcfl_context *context, Data &d) {
             return bcfl_quantize_f64(context, d.doubles.data(), 9999, 8, d.narrow.data(), 9999, nullptr);
         }},
        {"dequantize",
         [](const bcfl_context *context, Data &d) {
             return bcfl_dequantize(context, d.vector.data(), 9999, 8, d.doubles.data(), 9999);
         }},
        {"domain_check",
         [](const bcfl_context *context, Data &d) {
             size_t index;
             return bcfl_domain_check(context, d.vector.data(), 9999, &index);
         }},
        {"div_round",
         [](const bcfl_context *context, Data &d) {
             return bcfl_div_round(context, d.wide.data(), 9999, 3, 7, d.wide.data() + 10000, 9999, nullptr);
         }},
        {"clip_l2",
         [](const bcfl_context *context, Data &d) {
             return bcfl_clip_l2(context, d.vector.data(), 9999, 3, d.narrow.data(), 9999, nullptr);
         }},
        {"sha256_chunks",
         [](const bcfl_context *context, Data &d) {
             return bcfl_sha256_chunks(context, d.bytes.data(), 90001, 100, d.digests.data(),
                                       bcfl_sha256_chunks_bytes(90001, 100));
         }},
        {"ssz_merkleize",
         [](const bcfl_context *context, Data &d) {
             return bcfl_ssz_merkleize(context, d.bytes.data(), 96000, BCFL_MERKLE_LIMIT_MAX, d.room.data(),
                                       d.room.size(), d.root);
         }},
        {"mask_add_u32",
         [](const bcfl_context *context, Data &d) {
             return bcfl_mask_add_u32(context, d.words.data(), 9999, d.key, d.key + 32, 1, d.words.data(), 9999);
         }},
        {"mask_add_u64",
         [](const bcfl_context *context, Data &d) {
             return bcfl_mask_add_u64(context, d.numbers.data(), 9999, d.key, d.key + 32, 1, d.out.data(), 9999);
         }},
        {"mask_add_many_u32",
         [](const bcfl_context *context, Data &d) {
             return bcfl_mask_add_many_u32(context, d.words.data(), 9999, d.key, d.key + 64, d.key, 2,
                                           d.words.data(), 9999);
         }},
        {"mask_add_many_u64",
         [](const bcfl_context *context, Data &d) {
             return bcfl_mask_add_many_u64(context, d.numbers.data(), 9999, d.key, d.key + 64, d.key, 2,
                                           d.out.data(), 9999);
         }},
        {"discrete_gaussian",
         [](const bcfl_context *context, Data &d) {
             return bcfl_discrete_gaussian(context, 100, 3, d.key, d.wide.data(), 999);
         }},
        {"sum in pieces", sum_in_pieces},
        {"hash in pieces", hash_in_pieces},
        {"mask in pieces", mask_in_pieces},
    };
}

}  // namespace

int main() {
    Data data;
    used_by([] {});  // what is linked at the first call needs more
    const size_t without = used_by([] {});
    size_t most = 0;
    for (size_t variant = 0; variant < bcfl_variant_count(); ++variant) {
        bcfl_context context;
        if (bcfl_context_init(&context, bcfl_variant_name(variant)) != BCFL_OK) continue;
        for (const std::vector<Call> &calls : {calls_of_one(), calls_over_vectors(), calls_of_sharing()}) {
            for (const Call &call : calls) {
                bcfl_status status = BCFL_EMPTY;
                const size_t all = used_by([&] { status = call.run(&context, data); });
                const size_t used = all > without ? all - without : 0;
                std::printf("%s %s %zu\n", bcfl_variant_name(variant), call.name.c_str(), used);
                CHECK(status == BCFL_OK);
                CHECK(used <= PROMISED_BYTES);
                if (used > most) most = used;
            }
        }
    }
    std::printf("at most %zu bytes of stack\n", most);
    return 0;
}
