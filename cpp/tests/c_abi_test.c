/* The C interface as a stranger's C program uses it: choice of variant, results, refusals, manners. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bcfl/bcfl.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define CHECK(condition)                                                     \
    do {                                                                     \
        if (!(condition)) {                                                  \
            fprintf(stderr, "line %d: %s is false\n", __LINE__, #condition); \
            exit(1);                                                         \
        }                                                                    \
    } while (0)

#define Q BCFL_COORDINATE_MAX
#define MANY 40000 /* more than two tiles, no multiple of any lane count */

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state ^ (*state >> 15);
}

/* Every float is one of these bit patterns; exponents that are neither lost nor clamped come often. */
static void fill_floats(float *narrow, double *wide) {
    uint32_t state = 7;
    size_t i;
    for (i = 0; i < MANY; ++i) {
        uint32_t bits = next_random(&state);
        uint64_t wide_bits = ((uint64_t)next_random(&state) << 32) | next_random(&state);
        if (i % 8 != 0) {
            bits = (bits & 0x807fffffu) | (100u + bits % 50u) << 23;
            wide_bits = (wide_bits & 0x800fffffffffffffu) | (uint64_t)(990u + bits % 60u) << 52;
        }
        if (i % 16 == 1) { /* few significant bits, so that ties occur */
            bits &= 0xffff0000u;
            wide_bits &= 0xfffff00000000000u;
        }
        if ((bits & 0x7f800000u) == 0x7f800000u) bits ^= 0x40000000u;
        if ((wide_bits & 0x7ff0000000000000u) == 0x7ff0000000000000u) wide_bits ^= 0x4000000000000000u;
        memcpy(narrow + i, &bits, sizeof bits);
        memcpy(wide + i, &wide_bits, sizeof wide_bits);
    }
}

static void test_contexts(void) {
    bcfl_context context, copy;
    size_t i, k;
    CHECK(bcfl_abi_version() == BCFL_ABI_VERSION);
    CHECK(bcfl_variant_count() >= 1 && bcfl_variant_name(bcfl_variant_count()) == NULL);
    CHECK(bcfl_variant_description(bcfl_variant_count()) == NULL);
    CHECK(bcfl_variant_supported(bcfl_variant_count()) == 0);
    CHECK(strcmp(bcfl_variant_name(0), "portable") == 0 && bcfl_variant_supported(0));
    CHECK(bcfl_kernel_name(bcfl_kernel_count()) == NULL);
    CHECK(bcfl_context_init(NULL, NULL) == BCFL_CONTEXT_INVALID);
    CHECK(bcfl_context_init(&context, "abacus") == BCFL_VARIANT_UNKNOWN);
    CHECK(bcfl_context_init(&context, "") == BCFL_VARIANT_UNKNOWN);
    memset(&context, 0, sizeof context);
    CHECK(bcfl_context_variant(&context) == NULL);
    CHECK(bcfl_context_kernel_variant(&context, "quantize") == NULL);
    for (i = 0; i < bcfl_variant_count(); ++i) {
        bcfl_status status = bcfl_context_init(&context, bcfl_variant_name(i));
        CHECK(status == (bcfl_variant_supported(i) ? BCFL_OK : BCFL_VARIANT_UNSUPPORTED));
        if (status != BCFL_OK) continue;
        copy = context;
        CHECK(strcmp(bcfl_context_variant(&copy), bcfl_variant_name(i)) == 0);
        CHECK(bcfl_context_kernel_variant(&context, "alchemy") == NULL);
        CHECK(bcfl_context_kernel_variant(&context, NULL) == NULL);
        for (k = 0; k < bcfl_kernel_count(); ++k) {
            CHECK(bcfl_context_kernel_variant(&context, bcfl_kernel_name(k)) != NULL);
        }
    }
    CHECK(bcfl_context_init(&context, NULL) == BCFL_OK);
    for (i = bcfl_variant_count(); !bcfl_variant_supported(i - 1); --i) continue;
    CHECK(strcmp(bcfl_context_variant(&context), bcfl_variant_name(i - 1)) == 0);
}

static void test_status_names(void) {
    CHECK(strcmp(bcfl_status_name(BCFL_OK), "OK") == 0);
    CHECK(strcmp(bcfl_status_name(BCFL_NOT_FINITE), "NOT_FINITE") == 0);
    CHECK(strcmp(bcfl_status_name((bcfl_status)9999), "UNKNOWN") == 0);
}

static void test_quantize(const bcfl_context *context) {
    /* At F = 1 a half is a tie of 1/4: 0.25 -> 0, 0.75 -> 2, 1.25 -> 2, and so on. */
    const float values[] = {0.0f,  -0.0f,  0.25f,  0.75f,     1.25f, -0.25f, -0.75f,    0.26f,
                            1e30f, -1e30f, 1e-44f, 524287.5f, 5e5f,  -1.0f,  524287.25f};
    const int32_t wanted[] = {0, 0, 0, 2, 2, 0, -2, 1, Q, -Q, 0, Q, 1000000, -2, 1048574};
    const size_t count = sizeof values / sizeof values[0];
    double wide[15];
    float broken[21];
    double wide_broken[21];
    int32_t out[21];
    bcfl_fault fault;
    size_t i;
    for (i = 0; i < count; ++i) wide[i] = (double)values[i];
    CHECK(bcfl_quantize_f32(context, values, count, 1, out, count, NULL) == BCFL_OK);
    CHECK(memcmp(out, wanted, sizeof wanted) == 0);
    CHECK(bcfl_quantize_f64(context, wide, count, 1, out, count, NULL) == BCFL_OK);
    CHECK(memcmp(out, wanted, sizeof wanted) == 0);
    for (i = 0; i < 21; ++i) {
        const uint32_t nan_bits = 0xff800001u; /* a signalling NaN: merely loading it must not trap */
        const uint64_t infinite_bits = 0x7ff0000000000000u;
        size_t k;
        for (k = 0; k < 21; ++k) broken[k] = 1.0f, wide_broken[k] = 1.0;
        memcpy(broken + i, &nan_bits, sizeof nan_bits);
        memcpy(wide_broken + i, &infinite_bits, sizeof infinite_bits);
        CHECK(bcfl_quantize_f32(context, broken, 21, 9, out, 21, &fault) == BCFL_NOT_FINITE);
        CHECK(fault.vector == 0 && fault.index == i);
        CHECK(bcfl_quantize_f64(context, wide_broken, 21, 9, out, 21, &fault) == BCFL_NOT_FINITE);
        CHECK(fault.index == i);
    }
    CHECK(bcfl_quantize_f32(NULL, values, count, 1, out, count, NULL) == BCFL_CONTEXT_INVALID);
    CHECK(bcfl_quantize_f32(context, values, 0, 31, out, 0, NULL) == BCFL_EMPTY);
    CHECK(bcfl_quantize_f32(context, NULL, count, 1, out, count, NULL) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_quantize_f32(context, values, count, 31, out, count, NULL) == BCFL_FRACTION_BITS);
    CHECK(bcfl_quantize_f32(context, values, count, 1, out, count - 1, NULL) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_quantize_f32(context, values, count, 1, NULL, count, NULL) == BCFL_OUTPUT_SIZE);
}

static void test_weighted_sum(const bcfl_context *context) {
    const int32_t a[] = {1, -2, Q, -Q, 5}, b[] = {10, 20, Q, -Q, 0}, c[] = {0, 0, 0, Q + 1, -Q - 1};
    const int32_t *two[] = {a, b}, *three[] = {a, b, c}, *hole[] = {a, NULL};
    const uint32_t weights[] = {3, 65535, 0}, heavy[] = {1, 65536};
    const int64_t wanted[] = {655353, 1310694, (int64_t)Q * 65538, -(int64_t)Q * 65538, 15};
    int64_t out[5];
    bcfl_fault fault;
    CHECK(bcfl_weighted_sum(context, two, weights, 2, 5, out, 5, NULL) == BCFL_OK);
    CHECK(memcmp(out, wanted, sizeof wanted) == 0);
    CHECK(bcfl_weighted_sum(context, three, weights, 3, 5, out, 5, &fault) == BCFL_DOMAIN_COORDINATE);
    CHECK(fault.vector == 2 && fault.index == 3);
    CHECK(bcfl_weighted_sum(context, two, heavy, 2, 5, out, 5, &fault) == BCFL_WEIGHT_RANGE && fault.vector == 1);
    CHECK(bcfl_weighted_sum(context, two, weights, 0, 5, out, 5, NULL) == BCFL_EMPTY);
    CHECK(bcfl_weighted_sum(context, two, weights, 2048, 5, out, 5, NULL) == BCFL_VECTOR_COUNT);
    CHECK(bcfl_weighted_sum(context, two, weights, 2, 0, out, 0, NULL) == BCFL_EMPTY);
    CHECK(bcfl_weighted_sum(context, hole, weights, 2, 5, out, 5, NULL) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_weighted_sum(context, two, weights, 2, 5, out, 4, NULL) == BCFL_OUTPUT_SIZE);
}

static void test_order_statistics(const bcfl_context *context) {
    const int32_t a[] = {1, -5, Q, 2, 0}, b[] = {2, -8, -Q, 3, 0}, c[] = {8, -6, Q, 6, -4}, d[] = {5, 9, Q, 4, 1};
    const int32_t high[] = {0, 0, Q + 1, 0, 0}, low[] = {0, INT32_MIN, 0, 0, 0};
    const int32_t *four[] = {a, b, c, d}, *bad[] = {a, b, high, low}, *hole[] = {a, NULL};
    const int32_t medians[] = {4, -6, Q, 4, 0}; /* 7/2, -11/2, Q, 7/2 and 0: halves go to the even neighbour */
    const int64_t middles[] = {7, -11, 2 * (int64_t)Q, 7, 0}, sums[] = {16, -10, 2 * (int64_t)Q, 15, -3};
    const int64_t three[] = {8, -19, 3 * (int64_t)Q, 9, 1};
    int32_t median[5];
    int64_t out[5];
    bcfl_fault fault;
    CHECK(bcfl_coordinate_median(context, four, 4, 5, median, 5, NULL, NULL, 0) == BCFL_OK);
    CHECK(memcmp(median, medians, sizeof medians) == 0);
    CHECK(bcfl_trimmed_sum(context, four, 4, 5, 1, out, 5, NULL, NULL, 0) == BCFL_OK);
    CHECK(memcmp(out, middles, sizeof middles) == 0);
    CHECK(bcfl_trimmed_sum(context, four, 4, 5, 0, out, 5, NULL, NULL, 0) == BCFL_OK);
    CHECK(memcmp(out, sums, sizeof sums) == 0);
    CHECK(bcfl_nearest_sum(context, four, 4, 5, 3, out, 5, NULL, NULL, 0) == BCFL_OK);
    CHECK(memcmp(out, three, sizeof three) == 0);
    CHECK(bcfl_coordinate_median(context, bad, 4, 5, median, 5, &fault, NULL, 0) == BCFL_DOMAIN_COORDINATE);
    CHECK(fault.vector == 2 && fault.index == 2);
    CHECK(bcfl_trimmed_sum(context, bad, 4, 5, 1, out, 5, &fault, NULL, 0) == BCFL_DOMAIN_COORDINATE &&
          fault.vector == 2);
    CHECK(bcfl_nearest_sum(context, bad, 4, 5, 1, out, 5, &fault, NULL, 0) == BCFL_DOMAIN_COORDINATE &&
          fault.index == 2);
    CHECK(bcfl_trimmed_sum(context, four, 4, 5, 2, out, 5, NULL, NULL, 0) == BCFL_TRIM_RANGE);
    CHECK(bcfl_nearest_sum(context, four, 4, 5, 0, out, 5, NULL, NULL, 0) == BCFL_SELECT_RANGE);
    CHECK(bcfl_nearest_sum(context, four, 4, 5, 5, out, 5, NULL, NULL, 0) == BCFL_SELECT_RANGE);
    CHECK(bcfl_coordinate_median(context, hole, 2, 5, median, 5, NULL, NULL, 0) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_coordinate_median(context, NULL, 2, 5, median, 5, NULL, NULL, 0) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_coordinate_median(NULL, four, 4, 5, median, 5, NULL, NULL, 0) == BCFL_CONTEXT_INVALID);
    CHECK(bcfl_coordinate_median(context, four, 0, 5, median, 5, NULL, NULL, 0) == BCFL_EMPTY);
    CHECK(bcfl_coordinate_median(context, four, 4, 0, median, 0, NULL, NULL, 0) == BCFL_EMPTY);
    CHECK(bcfl_coordinate_median(context, four, 2048, 5, median, 5, NULL, NULL, 0) == BCFL_VECTOR_COUNT);
    CHECK(bcfl_coordinate_median(context, four, 4, 5, median, 4, NULL, NULL, 0) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_trimmed_sum(context, four, 4, 5, 1, NULL, 5, NULL, NULL, 0) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_nearest_sum(context, four, 4, 5, 1, out, 6, NULL, NULL, 0) == BCFL_OUTPUT_SIZE);
}

static void test_elementwise(const bcfl_context *context) {
    const int32_t values[] = {0, -3, INT32_MAX, INT32_MIN}, vector[] = {3, -4, 12, Q}, inside[] = {Q, -Q, 0, 1};
    const double reals[] = {0, -0.75, INT32_MAX / 4.0, INT32_MIN / 4.0};
    const int64_t numerators[] = {5, -5, 3, -3, BCFL_SUM_MAX}, wanted[] = {2, -2, 2, -2, 70368744177664};
    const int64_t wide[] = {1, 2, BCFL_SUM_MAX + 1, 0};
    const int32_t far[] = {30, -40, 0, 0}, clipped[] = {6, -8, 0, 0}, outside[] = {0, 1, -Q - 1, INT32_MIN};
    double real[4];
    int64_t out[5];
    int32_t clip[4];
    bcfl_fault fault;
    size_t index = 7;
    CHECK(bcfl_dequantize(context, values, 4, 2, real, 4) == BCFL_OK && memcmp(real, reals, sizeof reals) == 0);
    CHECK(bcfl_dequantize(context, values, 0, 2, real, 0) == BCFL_EMPTY);
    CHECK(bcfl_dequantize(context, NULL, 4, 2, real, 4) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_dequantize(context, values, 4, 31, real, 4) == BCFL_FRACTION_BITS);
    CHECK(bcfl_dequantize(context, values, 4, 2, real, 3) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_domain_check(context, inside, 4, &index) == BCFL_OK && index == 4);
    CHECK(bcfl_domain_check(context, outside, 4, &index) == BCFL_OK && index == 2);
    CHECK(bcfl_domain_check(context, outside, 0, &index) == BCFL_EMPTY);
    CHECK(bcfl_domain_check(context, NULL, 4, &index) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_domain_check(context, outside, 4, NULL) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_div_round(context, numerators, 5, 1, 2, out, 5, NULL) == BCFL_OK);
    CHECK(memcmp(out, wanted, sizeof wanted) == 0);
    CHECK(bcfl_div_round(context, wide, 4, 1, 2, out, 4, &fault) == BCFL_SUM_RANGE && fault.index == 2);
    CHECK(bcfl_div_round(context, wide, 0, 1, 2, out, 0, NULL) == BCFL_EMPTY);
    CHECK(bcfl_div_round(context, NULL, 4, 1, 2, out, 4, NULL) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_div_round(context, numerators, 5, 0, 2, out, 5, NULL) == BCFL_MULTIPLIER_RANGE);
    CHECK(bcfl_div_round(context, numerators, 5, 65536, 0, out, 5, NULL) == BCFL_MULTIPLIER_RANGE);
    CHECK(bcfl_div_round(context, numerators, 5, 65535, 0, out, 5, NULL) == BCFL_DIVISOR_RANGE);
    CHECK(bcfl_div_round(context, numerators, 5, 1, BCFL_DIVISOR_MAX + 1, out, 5, NULL) == BCFL_DIVISOR_RANGE);
    CHECK(bcfl_div_round(context, numerators, 5, 1, BCFL_DIVISOR_MAX, out, 5, NULL) == BCFL_OK);
    CHECK(bcfl_div_round(context, numerators, 5, 1, 2, out, 4, NULL) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_clip_l2(context, far, 4, 10, clip, 4, NULL) == BCFL_OK &&
          memcmp(clip, clipped, sizeof clipped) == 0);
    CHECK(bcfl_clip_l2(context, vector, 4, Q + 1, clip, 4, NULL) == BCFL_OK);
    CHECK(memcmp(clip, vector, sizeof vector) == 0);
    CHECK(bcfl_clip_l2(context, outside, 4, 10, clip, 4, &fault) == BCFL_DOMAIN_COORDINATE && fault.index == 2);
    CHECK(bcfl_clip_l2(context, far, 0, 10, clip, 0, NULL) == BCFL_EMPTY);
    CHECK(bcfl_clip_l2(context, NULL, 4, 10, clip, 4, NULL) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_clip_l2(context, far, 4, 0, clip, 4, NULL) == BCFL_NORM_BOUND_RANGE);
    CHECK(bcfl_clip_l2(context, far, 4, (uint64_t)1 << 32, clip, 4, NULL) == BCFL_NORM_BOUND_RANGE);
    CHECK(bcfl_clip_l2(context, far, 4, 10, clip, 3, NULL) == BCFL_OUTPUT_SIZE);
}

static void test_pairwise_sqdist(const bcfl_context *context) {
    static uint8_t room[36000];
    const int32_t a[] = {0, Q, -7}, b[] = {3, -Q, -7}, c[] = {0, Q, Q + 1};
    const int32_t *two[] = {a, b}, *bad[] = {a, c};
    const uint64_t far = (uint64_t)4 * Q * Q + 9;
    uint64_t out[8];
    bcfl_fault fault;
    CHECK(bcfl_pairwise_sqdist(context, two, 2, 3, out, 8, NULL, room, sizeof room) == BCFL_OK);
    CHECK(out[0] == 0 && out[1] == 0 && out[2] == far && out[3] == 0);
    CHECK(out[4] == far && out[5] == 0 && out[6] == 0 && out[7] == 0);
    CHECK(bcfl_pairwise_sqdist(context, bad, 2, 3, out, 8, &fault, room, sizeof room) == BCFL_DOMAIN_COORDINATE);
    CHECK(fault.vector == 1 && fault.index == 2);
    CHECK(bcfl_pairwise_sqdist(context, two, 2, 3, out, 7, NULL, room, sizeof room) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_pairwise_sqdist(context, two, 2, 0, out, 8, NULL, room, sizeof room) == BCFL_EMPTY);
    CHECK(bcfl_pairwise_sqdist(context, two, 2, 3, out, 8, NULL, NULL, 0) == BCFL_OUTPUT_SIZE);
}

static void unasked(void *host, bcfl_task task, void *job, size_t count) {
    (void)host, (void)task, (void)job, (void)count;
    CHECK(0);
}

/* What no memory holds needs a workspace of the largest size, never of a small one that a product wrapped to. */
static void test_impossible_sizes(const bcfl_context *context) {
    bcfl_context many = *context;
    CHECK(bcfl_context_set_parallel_for(&many, unasked, NULL, SIZE_MAX) == BCFL_OK);
    CHECK(bcfl_order_workspace_bytes(&many, 2047, SIZE_MAX) == SIZE_MAX);
    CHECK(bcfl_pairwise_sqdist_workspace_bytes(&many, 2047, SIZE_MAX) == SIZE_MAX);
    CHECK(bcfl_share_workspace_bytes(&many, SIZE_MAX, 0, 2047) == SIZE_MAX);
    CHECK(bcfl_reconstruct_workspace_bytes(&many, SIZE_MAX, 2, 2047) == SIZE_MAX);
}

/* Asked-for sizes: enough, and one byte less is refused; none where the stack does it, or where a guard refuses.
 */
static void test_workspaces(const bcfl_context *context) {
    static const int32_t vector[3] = {1, 2, 3};
    static const uint64_t numbers[4] = {1, 2, 3, 4};
    static uint64_t out[4 * 65];
    static uint8_t room[80000], seed[BCFL_SEED_BYTES];
    const int32_t *vectors[65];
    const uint64_t *shares[65];
    uint32_t positions[65];
    int64_t sums[3];
    size_t needed;
    for (uint32_t i = 0; i < 65; ++i) vectors[i] = vector, shares[i] = numbers, positions[i] = i;
    needed = bcfl_order_workspace_bytes(context, 65, 3);
    CHECK(needed > 0 && needed < sizeof room);
    CHECK(bcfl_trimmed_sum(context, vectors, 65, 3, 1, sums, 3, NULL, room, needed) == BCFL_OK && sums[2] == 189);
    CHECK(bcfl_trimmed_sum(context, vectors, 65, 3, 1, sums, 3, NULL, room + 1, needed) == BCFL_OK);
    CHECK(bcfl_trimmed_sum(context, vectors, 65, 3, 1, sums, 3, NULL, room, needed - 1) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_trimmed_sum(context, vectors, 65, 3, 1, sums, 3, NULL, NULL, needed) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_order_workspace_bytes(context, 64, 3) == 0 && bcfl_order_workspace_bytes(context, 2048, 3) == 0);
    CHECK(bcfl_order_workspace_bytes(context, 65, 0) == 0 && bcfl_order_workspace_bytes(NULL, 65, 3) == 0);
    needed = bcfl_pairwise_sqdist_workspace_bytes(context, 2, 3);
    CHECK(bcfl_pairwise_sqdist(context, vectors, 2, 3, out, 8, NULL, room + 1, needed) == BCFL_OK && out[2] == 0);
    CHECK(bcfl_pairwise_sqdist(context, vectors, 2, 3, out, 8, NULL, room, needed - 1) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_pairwise_sqdist_workspace_bytes(context, 0, 3) == 0);
    needed = bcfl_share_workspace_bytes(context, 4, 2, 65);
    CHECK(needed > 0 && needed < sizeof room);
    CHECK(bcfl_packed_share(context, numbers, 4, 2, 65, 65, seed, out, 130, NULL, room + 1, needed) == BCFL_OK);
    CHECK(bcfl_packed_share(context, numbers, 4, 2, 65, 65, seed, out, 130, NULL, room, needed - 1) ==
          BCFL_OUTPUT_SIZE);
    CHECK(bcfl_share_workspace_bytes(context, 4, 0, 64) == 0 &&
          bcfl_share_workspace_bytes(context, 1, 2, 65) == 0);
    needed = bcfl_reconstruct_workspace_bytes(context, 4, 2, 65);
    CHECK(needed > bcfl_reconstruct_workspace_bytes(context, 4, 0, 65));
    CHECK(bcfl_packed_reconstruct(context, shares, positions, 65, 4, 2, 65, out, 8, NULL, room, needed - 1) ==
          BCFL_OUTPUT_SIZE);
    CHECK(bcfl_packed_reconstruct(context, shares, positions, 65, 4, 2, 65, out, 8, NULL, room + 1, needed) ==
              BCFL_OK &&
          out[7] == 4);
    CHECK(bcfl_reconstruct_workspace_bytes(context, 4, 2, 2048) == 0);
}

static void test_ssz_merkleize(const bcfl_context *context) {
    /* SHA-256 of 64 zero bytes, and of that twice */
    static const uint8_t zero1[4] = {0xf5, 0xa5, 0xfd, 0x42}, zero2[4] = {0xdb, 0x56, 0x11, 0x4e};
    uint8_t chunks[5 * 32] = {0}, workspace[3 * 32], root[32];
    CHECK(bcfl_ssz_merkleize_workspace_bytes(sizeof chunks) == sizeof workspace);
    CHECK(bcfl_ssz_merkleize_workspace_bytes(0) == 0);
    CHECK(bcfl_ssz_merkleize(context, NULL, 0, 1, NULL, 0, root) == BCFL_OK && root[0] == 0 && root[31] == 0);
    CHECK(bcfl_ssz_merkleize(context, NULL, 0, 2, NULL, 0, root) == BCFL_OK && memcmp(root, zero1, 4) == 0);
    CHECK(bcfl_ssz_merkleize(context, chunks, 96, 4, workspace, 64, root) == BCFL_OK &&
          memcmp(root, zero2, 4) == 0);
    CHECK(bcfl_ssz_merkleize(context, chunks, 160, 5, workspace, 96, root) == BCFL_OK);
    CHECK(bcfl_ssz_merkleize(context, chunks, 33, 5, workspace, 96, root) == BCFL_MERKLE_LENGTH);
    CHECK(bcfl_ssz_merkleize(context, chunks, 96, 0, workspace, 96, root) == BCFL_MERKLE_LIMIT);
    CHECK(bcfl_ssz_merkleize(context, chunks, 96, 2, workspace, 96, root) == BCFL_MERKLE_LIMIT);
    CHECK(bcfl_ssz_merkleize(context, chunks, 96, BCFL_MERKLE_LIMIT_MAX + 1, workspace, 96, root) ==
          BCFL_MERKLE_LIMIT);
    CHECK(bcfl_ssz_merkleize(context, NULL, 96, 4, workspace, 96, root) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_ssz_merkleize(context, chunks, 96, 4, workspace, 63, root) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_ssz_merkleize(context, chunks, 96, 4, NULL, 64, root) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_ssz_merkleize(context, chunks, 96, 4, workspace, 64, NULL) == BCFL_OUTPUT_SIZE);
}

static void test_mask_add(const bcfl_context *context) {
    /* RFC 8439, appendix A.1: the stream of the zero key begins with 76 b8 e0 ad a0 f1 3d 90. */
    const uint8_t key[32] = {0}, stream[12] = {0};
    const uint32_t ones[3] = {1, 1, UINT32_MAX};
    const uint64_t wide[2] = {0, 0};
    uint32_t out[3], back[3];
    uint64_t out64[2];
    CHECK(bcfl_mask_add_u32(context, ones, 3, key, stream, 0, out, 3) == BCFL_OK);
    CHECK(out[0] == 0xade0b877u && out[1] == 0x903df1a1u);
    CHECK(bcfl_mask_add_u32(context, out, 3, key, stream, 1, back, 3) == BCFL_OK);
    CHECK(memcmp(back, ones, sizeof ones) == 0);
    CHECK(bcfl_mask_add_u64(context, wide, 2, key, stream, 0, out64, 2) == BCFL_OK);
    CHECK(out64[0] == 0x903df1a0ade0b876u);
    CHECK(bcfl_mask_add_u64(context, wide, 2, key, stream, 1, out64, 2) == BCFL_OK);
    CHECK(out64[0] == 0 - (uint64_t)0x903df1a0ade0b876u);
    CHECK(bcfl_mask_add_u32(context, ones, 0, key, stream, 0, out, 0) == BCFL_EMPTY);
    CHECK(bcfl_mask_add_u32(context, NULL, 3, key, stream, 0, out, 3) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_mask_add_u32(context, ones, 3, NULL, stream, 0, out, 3) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_mask_add_u32(context, ones, 3, key, NULL, 0, out, 3) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_mask_add_u32(context, ones, 3, key, stream, 0, out, 2) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_mask_add_u64(context, wide, 2, key, stream, 0, NULL, 2) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_mask_add_u32(NULL, ones, 3, key, stream, 0, out, 3) == BCFL_CONTEXT_INVALID);
}

static void test_discrete_gaussian(const bcfl_context *context) {
    /* The example of PRV-063, and the stream of sample 256 on. */
    const int64_t wanted[6] = {22, 80, 8, -96, -73, 102};
    uint8_t seed[BCFL_NOISE_SEED_BYTES];
    int64_t out[6];
    static int64_t many[257], more[300];
    size_t i;
    for (i = 0; i < sizeof seed; ++i) seed[i] = (uint8_t)i;
    CHECK(bcfl_discrete_gaussian(context, 10000, 1, seed, out, 6) == BCFL_OK);
    CHECK(memcmp(out, wanted, sizeof wanted) == 0);
    CHECK(bcfl_discrete_gaussian(context, 50, 7, seed, many, 257) == BCFL_OK);
    CHECK(bcfl_discrete_gaussian(context, 50, 7, seed, more, 300) == BCFL_OK);
    CHECK(memcmp(many, more, sizeof many) == 0);
    CHECK(bcfl_discrete_gaussian(context, BCFL_VARIANCE_MAX, 1, seed, out, 6) == BCFL_OK);
    CHECK(bcfl_discrete_gaussian(context, 1, BCFL_VARIANCE_MAX, seed, out, 6) == BCFL_OK);
    CHECK(bcfl_discrete_gaussian(context, 0, 0, NULL, NULL, 0) == BCFL_EMPTY);
    CHECK(bcfl_discrete_gaussian(context, 0, 0, NULL, NULL, (size_t)BCFL_NOISE_COUNT_MAX + 1) ==
          BCFL_VECTOR_LENGTH);
    CHECK(bcfl_discrete_gaussian(context, 0, 1, seed, out, 6) == BCFL_VARIANCE_RANGE);
    CHECK(bcfl_discrete_gaussian(context, BCFL_VARIANCE_MAX + 1, 1, seed, out, 6) == BCFL_VARIANCE_RANGE);
    CHECK(bcfl_discrete_gaussian(context, 1, 0, seed, out, 6) == BCFL_VARIANCE_RANGE);
    CHECK(bcfl_discrete_gaussian(context, 1, BCFL_VARIANCE_MAX + 1, seed, out, 6) == BCFL_VARIANCE_RANGE);
    CHECK(bcfl_discrete_gaussian(context, 1, 1, NULL, out, 6) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_discrete_gaussian(context, 1, 1, seed, NULL, 6) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_discrete_gaussian(NULL, 1, 1, seed, out, 6) == BCFL_CONTEXT_INVALID);
}

/* Vectors one after another make the sum of all at once; what is refused leaves the sums as they were. */
static void test_streaming_sum(const bcfl_context *context) {
    enum { COUNT = 20011, VECTORS = 5 };
    static int32_t vectors[VECTORS][COUNT];
    static int64_t wanted[COUNT], sums[COUNT];
    const uint32_t weights[VECTORS] = {1, 65535, 0, 7, 65535};
    const int32_t *pointers[VECTORS];
    bcfl_fault fault;
    bcfl_sum sum;
    uint64_t weight_sum = 0;
    uint32_t random = 5;
    size_t i, n, seen = 0;
    for (n = 0; n < VECTORS; ++n) {
        for (i = 0; i < COUNT; ++i) vectors[n][i] = (int32_t)(next_random(&random) % (2 * Q + 1)) - Q;
        pointers[n] = vectors[n];
    }
    CHECK(bcfl_weighted_sum(context, pointers, weights, VECTORS, COUNT, wanted, COUNT, NULL) == BCFL_OK);
    CHECK(bcfl_sum_init(&sum, context, sums, COUNT) == BCFL_OK);
    CHECK(bcfl_sum_final(&sum, NULL, NULL) == BCFL_EMPTY);
    for (n = 0; n < VECTORS; ++n) {
        const int32_t kept = vectors[n][COUNT - 2];
        CHECK(bcfl_sum_update(&sum, vectors[n], COUNT, 65536, &fault) == BCFL_WEIGHT_RANGE && fault.vector == n);
        vectors[n][COUNT - 2] = Q + 1;
        CHECK(bcfl_sum_update(&sum, vectors[n], COUNT, 1, &fault) == BCFL_DOMAIN_COORDINATE);
        CHECK(fault.vector == n && fault.index == COUNT - 2);
        vectors[n][COUNT - 2] = kept;
        CHECK(bcfl_sum_update(&sum, vectors[n], COUNT, weights[n], NULL) == BCFL_OK);
    }
    CHECK(memcmp(sums, wanted, sizeof sums) == 0);
    CHECK(bcfl_sum_update(&sum, vectors[0], COUNT - 1, 1, NULL) == BCFL_VECTOR_LENGTH);
    CHECK(bcfl_sum_update(&sum, vectors[0], 0, 1, NULL) == BCFL_EMPTY);
    CHECK(bcfl_sum_update(&sum, NULL, COUNT, 1, NULL) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_sum_final(&sum, &seen, &weight_sum) == BCFL_OK && seen == VECTORS && weight_sum == 2 * 65535 + 8);
    CHECK(bcfl_sum_final(&sum, NULL, NULL) == BCFL_STATE_INVALID);
    CHECK(bcfl_sum_update(&sum, vectors[0], COUNT, 1, NULL) == BCFL_STATE_INVALID);
    CHECK(bcfl_sum_init(NULL, context, sums, COUNT) == BCFL_STATE_INVALID);
    CHECK(bcfl_sum_init(&sum, NULL, sums, COUNT) == BCFL_CONTEXT_INVALID);
    CHECK(bcfl_sum_init(&sum, context, NULL, COUNT) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_sum_init(&sum, context, sums, 0) == BCFL_EMPTY);
    /* the most vectors of the largest weight, at both ends of the domain */
    CHECK(bcfl_sum_init(&sum, context, sums, 2) == BCFL_OK);
    vectors[0][0] = Q, vectors[0][1] = -Q;
    for (n = 0; n < BCFL_VECTORS_MAX; ++n) {
        CHECK(bcfl_sum_update(&sum, vectors[0], 2, BCFL_WEIGHT_MAX, NULL) == BCFL_OK);
    }
    CHECK(sums[0] == (int64_t)2047 * 65535 * Q && sums[1] == -sums[0]);
    CHECK(bcfl_sum_update(&sum, vectors[0], 2, 0, NULL) == BCFL_VECTOR_COUNT);
}

/* Pieces of any length give the digests of the whole, chunk by chunk. */
static void test_streaming_hash(const bcfl_context *context) {
    static const size_t chunk_sizes[] = {1, 3, 55, 56, 63, 64, 65, 127, 128, 1000, 4096, 20000};
    static const size_t pieces[] = {1, 7, 63, 64, 65, 129, 4096, 5000, 20000};
    static uint8_t data[15000], wanted[15000 * 32], out[15000 * 32];
    uint32_t random = 9;
    bcfl_hash hash;
    size_t i, c, p, last;
    for (i = 0; i < sizeof data; ++i) data[i] = (uint8_t)next_random(&random);
    for (c = 0; c < sizeof chunk_sizes / sizeof *chunk_sizes; ++c) {
        const size_t bytes = bcfl_sha256_chunks_bytes(sizeof data, chunk_sizes[c]);
        CHECK(bcfl_sha256_chunks(context, data, sizeof data, chunk_sizes[c], wanted, bytes) == BCFL_OK);
        for (p = 0; p < sizeof pieces / sizeof *pieces; ++p) {
            size_t written = 0;
            memset(out, 0, bytes);
            CHECK(bcfl_hash_init(&hash, context, chunk_sizes[c]) == BCFL_OK);
            CHECK(bcfl_hash_final(&hash, out, &last) == BCFL_EMPTY);
            for (i = 0; i < sizeof data; i += pieces[p]) {
                const size_t size = sizeof data - i < pieces[p] ? sizeof data - i : pieces[p];
                const size_t given = bcfl_hash_update_bytes(&hash, size);
                CHECK(bcfl_hash_update(&hash, data + i, size, out + written, given + 32) == BCFL_OUTPUT_SIZE);
                CHECK(bcfl_hash_update(&hash, data + i, size, given > 0 ? out + written : NULL, given) == BCFL_OK);
                written += given;
            }
            CHECK(bcfl_hash_final(&hash, out + (written < bytes ? written : 0), &last) == BCFL_OK);
            CHECK(written + last == bytes && memcmp(out, wanted, bytes) == 0);
        }
    }
    CHECK(bcfl_hash_final(&hash, out, &last) == BCFL_STATE_INVALID);
    CHECK(bcfl_hash_update(&hash, data, 1, out, 0) == BCFL_STATE_INVALID);
    CHECK(bcfl_hash_update_bytes(&hash, 1) == 0 && bcfl_hash_update_bytes(NULL, 1) == 0);
    CHECK(bcfl_hash_init(NULL, context, 1) == BCFL_STATE_INVALID);
    CHECK(bcfl_hash_init(&hash, NULL, 1) == BCFL_CONTEXT_INVALID);
    CHECK(bcfl_hash_init(&hash, context, 0) == BCFL_CHUNK_BYTES);
    CHECK(bcfl_hash_init(&hash, context, (size_t)1 << 31) == BCFL_CHUNK_BYTES);
    CHECK(bcfl_hash_init(&hash, context, 64) == BCFL_OK);
    CHECK(bcfl_hash_update(&hash, data, 0, NULL, 0) == BCFL_OK);
    CHECK(bcfl_hash_update(&hash, NULL, 1, NULL, 0) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_hash_update(&hash, data, 64, NULL, 32) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_hash_update(&hash, data, 64, out, 32) == BCFL_OK);
    CHECK(bcfl_hash_final(&hash, NULL, &last) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_hash_final(&hash, out, &last) == BCFL_OK && last == 0);
}

/* Many masks are one after another, in place too; pieces of any length are one whole. */
static void test_many_masks(const bcfl_context *context) {
    enum { COUNT = 12345 };
    static uint32_t vector[COUNT], wanted[COUNT], out[COUNT];
    static uint64_t wide[COUNT], wide_wanted[COUNT], wide_out[COUNT];
    uint8_t keys[3 * BCFL_MASK_KEY_BYTES], streams[3 * BCFL_MASK_STREAM_BYTES];
    const uint8_t subtract[3] = {0, 1, 0};
    bcfl_mask mask, copy;
    size_t i, m, step;
    for (i = 0; i < COUNT; ++i) {
        vector[i] = wanted[i] = (uint32_t)i * 2654435761u;
        wide[i] = wide_wanted[i] = i * 0x9e3779b97f4a7c15u;
    }
    for (i = 0; i < sizeof keys; ++i) keys[i] = (uint8_t)(7 * i);
    for (i = 0; i < sizeof streams; ++i) streams[i] = (uint8_t)(3 * i);
    for (m = 0; m < 3; ++m) {
        const uint8_t *key = keys + 32 * m, *stream = streams + 12 * m;
        CHECK(bcfl_mask_add_u32(context, wanted, COUNT, key, stream, subtract[m], wanted, COUNT) == BCFL_OK);
        CHECK(bcfl_mask_add_u64(context, wide_wanted, COUNT, key, stream, subtract[m], wide_wanted, COUNT) ==
              BCFL_OK);
        for (step = 1; step < 40 && m == 1; step += 6) {
            CHECK(bcfl_mask_init(&mask, context, key, stream, subtract[m]) == BCFL_OK);
            for (i = 0; i < COUNT; i += step) {
                const size_t count = COUNT - i < step ? COUNT - i : step;
                CHECK(bcfl_mask_update_u32(&mask, vector + i, count, out + i, count) == BCFL_OK);
            }
            CHECK(bcfl_mask_final(&mask) == BCFL_OK && bcfl_mask_final(&mask) == BCFL_STATE_INVALID);
            memcpy(wide_out, vector, sizeof vector);
            CHECK(bcfl_mask_add_u32(context, vector, COUNT, key, stream, 1, (uint32_t *)wide_out, COUNT) ==
                  BCFL_OK);
            CHECK(memcmp(out, wide_out, sizeof out) == 0);
        }
    }
    CHECK(bcfl_mask_add_many_u32(context, vector, COUNT, keys, streams, subtract, 3, out, COUNT) == BCFL_OK);
    CHECK(memcmp(out, wanted, sizeof out) == 0);
    CHECK(bcfl_mask_add_many_u64(context, wide, COUNT, keys, streams, subtract, 3, wide_out, COUNT) == BCFL_OK);
    CHECK(memcmp(wide_out, wide_wanted, sizeof wide_out) == 0);
    CHECK(bcfl_mask_add_many_u64(context, wide_out, COUNT, NULL, NULL, NULL, 0, wide_out, COUNT) == BCFL_OK);
    CHECK(memcmp(wide_out, wide_wanted, sizeof wide_out) == 0);
    memcpy(wide_out, wide, sizeof wide);
    CHECK(bcfl_mask_add_many_u64(context, wide_out, COUNT, keys, streams, subtract, 3, wide_out, COUNT) ==
          BCFL_OK);
    CHECK(memcmp(wide_out, wide_wanted, sizeof wide_out) == 0);
    CHECK(bcfl_mask_add_many_u32(context, vector, 0, keys, streams, subtract, 3, out, 0) == BCFL_EMPTY);
    CHECK(bcfl_mask_add_many_u32(context, vector, 1, NULL, streams, subtract, 3, out, 1) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_mask_add_many_u32(context, vector, 1, keys, NULL, subtract, 3, out, 1) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_mask_add_many_u32(context, vector, 1, keys, streams, NULL, 3, out, 1) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_mask_add_many_u32(context, vector, 2, keys, streams, subtract, 3, out, 1) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_mask_init(NULL, context, keys, streams, 0) == BCFL_STATE_INVALID);
    CHECK(bcfl_mask_init(&mask, NULL, keys, streams, 0) == BCFL_CONTEXT_INVALID);
    CHECK(bcfl_mask_init(&mask, context, NULL, streams, 0) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_mask_init(&mask, context, keys, streams, 0) == BCFL_OK);
    CHECK(bcfl_mask_update_u32(&mask, vector, 0, NULL, 0) == BCFL_OK); /* says nothing about the width yet */
    copy = mask;
    CHECK(bcfl_mask_update_u64(&mask, wide, 9, wide_out, 9) == BCFL_OK);
    CHECK(bcfl_mask_update_u32(&mask, vector, 1, out, 1) == BCFL_STATE_INVALID);
    CHECK(bcfl_mask_update_u64(&mask, NULL, 1, wide_out, 1) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_mask_update_u64(&mask, wide, (size_t)1 << 35, wide_out, 1) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_mask_update_u64(&mask, wide, 2, wide_out, 1) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_mask_update_u32(&copy, vector, 1, out, 1) == BCFL_OK);
    CHECK(bcfl_mask_update_u32(NULL, vector, 1, out, 1) == BCFL_STATE_INVALID);
    memset(&mask, 0, sizeof mask);
    CHECK(bcfl_mask_update_u32(&mask, vector, 1, out, 1) == BCFL_STATE_INVALID);
    CHECK(bcfl_mask_final(NULL) == BCFL_STATE_INVALID);
}

static void test_sharing(const bcfl_context *context) {
    /* The examples of PRV-016 and PRV-018. */
    const uint64_t wanted[6] = {596712872262307887u, 292126733882808642u,  1193425744524615767u,
                                584253467765617276u, 1790138616786923647u, 876380201648425910u};
    const uint64_t packed[4] = {596712872262307880u, 1193425744524615754u, 1989042907541026253u,
                                677721352097845426u};
    const uint64_t secrets[2] = {7, 8}, large[2] = {1, BCFL_FIELD_MODULUS};
    const uint32_t at[2] = {0, 2}, first[3] = {0, 1, 3}, again[2] = {1, 1}, far[2] = {0, BCFL_SHARES_MAX};
    const uint64_t *rows[2], *blocks[3], *bad[2], *hole[2] = {NULL, NULL};
    uint8_t seed[BCFL_SEED_BYTES];
    uint64_t out[6], back[2];
    bcfl_fault fault;
    size_t i;
    for (i = 0; i < sizeof seed; ++i) seed[i] = (uint8_t)i;
    CHECK(bcfl_shamir_share(context, secrets, 2, 2, 3, seed, out, 6, NULL, NULL, 0) == BCFL_OK);
    CHECK(memcmp(out, wanted, sizeof wanted) == 0);
    rows[0] = out, rows[1] = out + 4, bad[0] = out, bad[1] = large;
    CHECK(bcfl_shamir_reconstruct(context, rows, at, 2, 2, 2, back, 2, NULL, NULL, 0) == BCFL_OK);
    CHECK(memcmp(back, secrets, sizeof back) == 0);
    CHECK(bcfl_shamir_reconstruct(context, bad, at, 2, 2, 2, back, 2, &fault, NULL, 0) == BCFL_FIELD_RANGE);
    CHECK(fault.vector == 1 && fault.index == 1);
    CHECK(bcfl_shamir_reconstruct(context, rows, at, 0, 2, 2, back, 2, NULL, NULL, 0) == BCFL_EMPTY);
    CHECK(bcfl_shamir_reconstruct(context, rows, at, 2048, 2, 2, back, 2, NULL, NULL, 0) == BCFL_SHARE_COUNT);
    CHECK(bcfl_shamir_reconstruct(context, rows, at, 2, 0, 2, back, 0, NULL, NULL, 0) == BCFL_EMPTY);
    CHECK(bcfl_shamir_reconstruct(context, hole, at, 2, 2, 2, back, 2, NULL, NULL, 0) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_shamir_reconstruct(context, rows, NULL, 2, 2, 2, back, 2, NULL, NULL, 0) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_shamir_reconstruct(context, rows, far, 2, 2, 2, back, 2, NULL, NULL, 0) == BCFL_POSITION_RANGE);
    CHECK(bcfl_shamir_reconstruct(context, rows, again, 2, 2, 2, back, 2, NULL, NULL, 0) == BCFL_POSITION_ORDER);
    CHECK(bcfl_shamir_reconstruct(context, rows, at, 2, 2, 1, back, 2, NULL, NULL, 0) == BCFL_THRESHOLD_RANGE);
    CHECK(bcfl_shamir_reconstruct(context, rows, at, 2, 2, 3, back, 2, NULL, NULL, 0) == BCFL_SHARES_MISSING);
    CHECK(bcfl_shamir_reconstruct(context, rows, at, 2, 2, 2, back, 1, NULL, NULL, 0) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_shamir_share(context, large, 2, 2, 3, seed, out, 6, &fault, NULL, 0) == BCFL_FIELD_RANGE &&
          fault.index == 1);
    CHECK(bcfl_shamir_share(context, secrets, 0, 2, 3, seed, out, 0, NULL, NULL, 0) == BCFL_EMPTY);
    CHECK(bcfl_shamir_share(context, NULL, 2, 2, 3, seed, out, 6, NULL, NULL, 0) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_shamir_share(context, secrets, 2, 2, 3, NULL, out, 6, NULL, NULL, 0) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_shamir_share(context, secrets, (size_t)1 << 35, 2, 3, seed, out, 6, NULL, NULL, 0) ==
          BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_shamir_share(context, secrets, 2, 2, 1, seed, out, 2, NULL, NULL, 0) == BCFL_SHARE_COUNT);
    CHECK(bcfl_shamir_share(context, secrets, 2, 2, 2048, seed, out, 2, NULL, NULL, 0) == BCFL_SHARE_COUNT);
    CHECK(bcfl_shamir_share(context, secrets, 2, 1, 3, seed, out, 6, NULL, NULL, 0) == BCFL_THRESHOLD_RANGE);
    CHECK(bcfl_shamir_share(context, secrets, 2, 4, 3, seed, out, 6, NULL, NULL, 0) == BCFL_THRESHOLD_RANGE);
    CHECK(bcfl_shamir_share(context, secrets, 2, 2, 3, seed, out, 5, NULL, NULL, 0) == BCFL_OUTPUT_SIZE);
    CHECK(bcfl_shamir_share(NULL, secrets, 2, 2, 3, seed, out, 6, NULL, NULL, 0) == BCFL_CONTEXT_INVALID);
    CHECK(bcfl_packed_share(context, secrets, 2, 2, 3, 4, seed, out, 4, NULL, NULL, 0) == BCFL_OK);
    CHECK(memcmp(out, packed, sizeof packed) == 0);
    blocks[0] = out, blocks[1] = out + 1, blocks[2] = out + 3;
    CHECK(bcfl_packed_reconstruct(context, blocks, first, 3, 1, 2, 3, back, 2, NULL, NULL, 0) == BCFL_OK);
    CHECK(memcmp(back, secrets, sizeof back) == 0);
    CHECK(bcfl_packed_share(context, secrets, 2, 0, 3, 4, seed, out, 4, NULL, NULL, 0) == BCFL_PACK_RANGE);
    CHECK(bcfl_packed_share(context, secrets, 2, 4, 4, 4, seed, out, 4, NULL, NULL, 0) == BCFL_PACK_RANGE);
    CHECK(bcfl_packed_share(context, secrets, 2, 2, 2, 4, seed, out, 4, NULL, NULL, 0) == BCFL_THRESHOLD_RANGE);
    CHECK(bcfl_packed_share(context, secrets, 1, 2, 3, 4, seed, out, 4, NULL, NULL, 0) == BCFL_PACK_LENGTH);
    CHECK(bcfl_packed_share(context, large, 2, 2, 3, 4, seed, out, 4, &fault, NULL, 0) == BCFL_FIELD_RANGE);
    CHECK(bcfl_packed_reconstruct(context, blocks, first, 3, 1, 0, 3, back, 2, NULL, NULL, 0) == BCFL_PACK_RANGE);
    CHECK(bcfl_packed_reconstruct(context, blocks, first, 3, 1, 3, 3, back, 3, NULL, NULL, 0) ==
          BCFL_THRESHOLD_RANGE);
    CHECK(bcfl_packed_reconstruct(context, blocks, first, 2, 1, 2, 3, back, 2, NULL, NULL, 0) ==
          BCFL_SHARES_MISSING);
    CHECK(bcfl_packed_reconstruct(context, blocks, first, 3, 1, 2, 3, back, 1, NULL, NULL, 0) == BCFL_OUTPUT_SIZE);
}

static void test_sha256_chunks(const bcfl_context *context) {
    static const uint8_t abc[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                    0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                    0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    uint8_t data[3 * 33], digests[34 * 32];
    size_t i;
    for (i = 0; i < sizeof data; ++i) data[i] = (uint8_t)"abc"[i % 3];
    CHECK(bcfl_sha256_chunks_bytes(sizeof data, 3) == 33 * 32);
    CHECK(bcfl_sha256_chunks_bytes(sizeof data - 1, 3) == 33 * 32);
    CHECK(bcfl_sha256_chunks_bytes(0, 3) == 0 && bcfl_sha256_chunks_bytes(3, 0) == 0);
    CHECK(bcfl_sha256_chunks(context, data, sizeof data, 3, digests, 33 * 32) == BCFL_OK);
    for (i = 0; i < 33; ++i) CHECK(memcmp(digests + 32 * i, abc, 32) == 0);
    CHECK(bcfl_sha256_chunks(context, data, 0, 0, digests, 0) == BCFL_EMPTY);
    CHECK(bcfl_sha256_chunks(context, NULL, 3, 3, digests, 32) == BCFL_KERNEL_ARGUMENT);
    CHECK(bcfl_sha256_chunks(context, data, 3, 0, digests, 32) == BCFL_CHUNK_BYTES);
    CHECK(bcfl_sha256_chunks(context, data, 3, (size_t)1 << 31, digests, 32) == BCFL_CHUNK_BYTES);
    CHECK(bcfl_sha256_chunks(context, data, 3, 3, digests, 31) == BCFL_OUTPUT_SIZE);
}

/* Every variant, with all floating-point exceptions trapping, subnormals flushed and each rounding mode, must give
 * the bytes of the portable one in the default environment. A float instruction on these inputs would trap. */
static void test_hostile_environment(void) {
    static float narrow[MANY];
    static double wide[MANY];
    static int32_t wanted32[MANY], wanted64[MANY], out[MANY];
    bcfl_context context;
    unsigned mode;
    size_t i;
    fill_floats(narrow, wide);
    CHECK(bcfl_context_init(&context, "portable") == BCFL_OK);
    CHECK(bcfl_quantize_f32(&context, narrow, MANY, 14, wanted32, MANY, NULL) == BCFL_OK);
    CHECK(bcfl_quantize_f64(&context, wide, MANY, 14, wanted64, MANY, NULL) == BCFL_OK);
    for (i = 0; i < bcfl_variant_count(); ++i) {
        if (bcfl_context_init(&context, bcfl_variant_name(i)) != BCFL_OK) continue;
        for (mode = 0; mode < 4; ++mode) {
            bcfl_status narrow_status, wide_status;
            int same32, same64;
#if defined(__x86_64__)
            const unsigned usual = _mm_getcsr();
            _mm_setcsr(0x8040u | mode << 13); /* flush to zero, denormals are zero, no exception masked */
#endif
            narrow_status = bcfl_quantize_f32(&context, narrow, MANY, 14, out, MANY, NULL);
            same32 = memcmp(out, wanted32, sizeof out) == 0;
            wide_status = bcfl_quantize_f64(&context, wide, MANY, 14, out, MANY, NULL);
            same64 = memcmp(out, wanted64, sizeof out) == 0;
#if defined(__x86_64__)
            CHECK((_mm_getcsr() & 0x3fu) == 0); /* not even a flag was raised */
            _mm_setcsr(usual);
#endif
            CHECK(narrow_status == BCFL_OK && same32);
            CHECK(wide_status == BCFL_OK && same64);
        }
    }
}

int main(void) {
    bcfl_context context;
    size_t i, ran = 0;
    test_contexts();
    test_status_names();
    for (i = 0; i < bcfl_variant_count(); ++i) {
        if (bcfl_context_init(&context, bcfl_variant_name(i)) != BCFL_OK) continue;
        test_quantize(&context);
        test_weighted_sum(&context);
        test_order_statistics(&context);
        test_elementwise(&context);
        test_pairwise_sqdist(&context);
        test_workspaces(&context);
        test_impossible_sizes(&context);
        test_ssz_merkleize(&context);
        test_mask_add(&context);
        test_discrete_gaussian(&context);
        test_streaming_sum(&context);
        test_streaming_hash(&context);
        test_many_masks(&context);
        test_sharing(&context);
        test_sha256_chunks(&context);
        ++ran;
    }
    test_hostile_environment();
    CHECK(ran >= 1);
    printf("%u variants\n", (unsigned)ran);
    return 0;
}
