/* bcfl.h: the C interface of the native kernels of blockchain-enabled federated learning.
 *
 * Every kernel is a pure function from bytes to bytes or to a named status. It computes the same bytes whatever
 * variant runs it and whatever the caller did to the rounding mode, the flush-to-zero flags or the exception
 * masks of its thread. The contracts are the clauses of spec/aggregation.md that are named beside each function.
 *
 * Manners: the caller owns every buffer and passes its size; buffers need no alignment; nothing is allocated,
 * printed or aborted, and no exception leaves. An output that shares a byte with an input, another output, the
 * workspace or a state is refused (BCFL_OVERLAP), except that masks may be added in place; inputs may overlap each
 * other. A status other than BCFL_OK leaves the output unspecified. All functions may be called from several
 * threads at once. A call, and a task that it gives to the host's threads, needs at most 24 KiB of stack.
 *
 * Some functions take a workspace, of which the function X_workspace_bytes beside them says how large it must be
 * for a context with its workers and for a size of input; it may be NULL where that is 0. What is in it afterwards
 * is of no use; no secret stays there.
 */
#ifndef BCFL_BCFL_H
#define BCFL_BCFL_H

#include <stddef.h>
#include <stdint.h>

#if defined(BCFL_SHARED) && defined(__GNUC__)
#define BCFL_API __attribute__((visibility("default")))
#else
#define BCFL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised by one whenever a program compiled against an older header could misbehave. */
#define BCFL_ABI_VERSION 2u

#define BCFL_COORDINATE_MAX 1048575 /* Q: a quantised coordinate lies in [-Q, Q] */
#define BCFL_FRACTION_BITS_MAX 30u  /* F */
#define BCFL_VECTORS_MAX 2047u      /* vectors in one sum */
#define BCFL_WEIGHT_MAX 65535u      /* weight of one vector */
#define BCFL_MULTIPLIER_MAX 65535u
#define BCFL_DIVISOR_MAX 8791529752575u /* 65535 * 2047 * 65535 */
#define BCFL_SUM_MAX 140737488355327    /* a numerator lies in [-(2^47 - 1), 2^47 - 1] */
#define BCFL_NORM_BOUND_MAX 4294967295u
#define BCFL_MERKLE_LIMIT_MAX 1099511627776u
#define BCFL_CHUNK_BYTES_MAX 2147483647u
#define BCFL_DIGEST_BYTES 32u                   /* one SHA-256 digest */
#define BCFL_FIELD_MODULUS 2305843009213693951u /* 2^61 - 1: the field of secret sharing */
#define BCFL_SHARES_MAX 2047u
#define BCFL_SEED_BYTES 32u
#define BCFL_NOISE_SEED_BYTES 32u
#define BCFL_NOISE_COUNT_MAX 2147483648u
#define BCFL_VARIANCE_MAX 18014398509481983u /* 2^54 - 1: numerator and denominator of a variance */

/* The first group tells the caller about its use of this library; the second group is the specification's, its
 * names are the codes of spec/errors.md. */
typedef enum bcfl_status {
    BCFL_OK = 0,
    BCFL_CONTEXT_INVALID = 1,     /* null, or not initialised by bcfl_context_init */
    BCFL_VARIANT_UNKNOWN = 2,     /* no variant has this name */
    BCFL_VARIANT_UNSUPPORTED = 3, /* this build, processor or operating system cannot run it */
    BCFL_OUTPUT_SIZE = 4,   /* the output is null or not of the size the input asks for, or so the workspace */
    BCFL_STATE_INVALID = 5, /* null, not initialised, already finished, or of another width */
    BCFL_DEVICE_FAILED = 6, /* a graphics processor or its driver refused (bcfl_cuda.h) */
    BCFL_OVERLAP = 7,       /* an output shares memory with something else; the guard behind OUTPUT_SIZE */

    BCFL_KERNEL_ARGUMENT = 16, /* a null pointer where data was announced */
    BCFL_EMPTY = 17,
    BCFL_FRACTION_BITS = 18,
    BCFL_NOT_FINITE = 19,
    BCFL_VECTOR_COUNT = 20,
    BCFL_WEIGHT_RANGE = 21,
    BCFL_DOMAIN_COORDINATE = 22,
    BCFL_CHUNK_BYTES = 23,
    BCFL_TRIM_RANGE = 24,
    BCFL_SELECT_RANGE = 25,
    BCFL_MULTIPLIER_RANGE = 26,
    BCFL_DIVISOR_RANGE = 27,
    BCFL_SUM_RANGE = 28,
    BCFL_NORM_BOUND_RANGE = 29,
    BCFL_MERKLE_LENGTH = 30,
    BCFL_MERKLE_LIMIT = 31,
    BCFL_SHARE_COUNT = 32,
    BCFL_THRESHOLD_RANGE = 33,
    BCFL_PACK_RANGE = 34,
    BCFL_PACK_LENGTH = 35,
    BCFL_POSITION_RANGE = 36,
    BCFL_POSITION_ORDER = 37,
    BCFL_SHARES_MISSING = 38,
    BCFL_FIELD_RANGE = 39,
    BCFL_VECTOR_LENGTH = 40,
    BCFL_VARIANCE_RANGE = 41,

    BCFL_STATUS_LARGEST = 0x7fffffff /* never given: makes room in the type for the numbers of later libraries */
} bcfl_status;

/* Where the first fault lies, for statuses about content; `vector` is 0 where there is only one. */
typedef struct bcfl_fault {
    size_t vector;
    size_t index;
} bcfl_fault;

/* A choice of variant. Fill it once with bcfl_context_init, then only read it; it may be copied, shared among
 * threads and forgotten without ceremony. The content is private. */
typedef struct bcfl_context {
    uint64_t opaque[16];
} bcfl_context;

BCFL_API uint32_t bcfl_abi_version(void);
BCFL_API const char *bcfl_status_name(bcfl_status status); /* "NOT_FINITE"; "UNKNOWN" for a foreign number */

/* The variants that exist, lowest first, and the kernels. Out of range gives NULL or 0. */
BCFL_API size_t bcfl_variant_count(void);
BCFL_API const char *bcfl_variant_name(size_t variant);
BCFL_API const char *bcfl_variant_description(size_t variant);
BCFL_API int bcfl_variant_supported(size_t variant);
BCFL_API size_t bcfl_kernel_count(void);
BCFL_API const char *bcfl_kernel_name(size_t kernel);

/* A context for the variant of this name, or for the best one when `variant` is NULL. Each kernel takes, of the
 * implementations not above that variant, the highest that this machine can run. */
BCFL_API bcfl_status bcfl_context_init(bcfl_context *context, const char *variant);
/* Threads, if the host offers any: `parallel_for(host, task, job, count)` calls task(job, i) once for each i <
 * count, in any order and on any threads, and returns when all of them have returned. Kernels over many
 * coordinates or bytes then cut their work into up to `workers` parts; the results are the same. The library
 * starts no threads itself. NULL, or fewer than two workers, takes the offer back. */
typedef void (*bcfl_task)(void *job, size_t index);
typedef void (*bcfl_parallel_for)(void *host, bcfl_task task, void *job, size_t count);
BCFL_API bcfl_status bcfl_context_set_parallel_for(bcfl_context *context, bcfl_parallel_for parallel_for,
                                                   void *host, size_t workers);
BCFL_API const char *bcfl_context_variant(const bcfl_context *context);
/* The variant that really runs this kernel in this context; NULL when there is no such kernel. */
BCFL_API const char *bcfl_context_kernel_variant(const bcfl_context *context, const char *kernel);

/* AGG-003: out[i] = clamp(round_half_even(values[i] * 2^fraction_bits), -Q, Q).
 * Guards in order: EMPTY, FRACTION_BITS, NOT_FINITE (fault: the first index). `fault` may be NULL. */
BCFL_API bcfl_status bcfl_quantize_f32(const bcfl_context *context, const float *values, size_t count,
                                       uint32_t fraction_bits, int32_t *out, size_t out_count, bcfl_fault *fault);
BCFL_API bcfl_status bcfl_quantize_f64(const bcfl_context *context, const double *values, size_t count,
                                       uint32_t fraction_bits, int32_t *out, size_t out_count, bcfl_fault *fault);

/* AGG-004: out[i] = values[i] / 2^fraction_bits, exactly. Guards in order: EMPTY, FRACTION_BITS. */
BCFL_API bcfl_status bcfl_dequantize(const bcfl_context *context, const int32_t *values, size_t count,
                                     uint32_t fraction_bits, double *out, size_t out_count);

/* AGG-005: the first index whose coordinate lies outside [-Q, Q], or `count` when all are inside. Guard: EMPTY. */
BCFL_API bcfl_status bcfl_domain_check(const bcfl_context *context, const int32_t *vector, size_t count,
                                       size_t *index);

/* AGG-007: out[i] = round_half_even(multiplier * numerators[i] / divisor).
 * Guards in order: EMPTY, MULTIPLIER_RANGE, DIVISOR_RANGE, SUM_RANGE (fault: the first index). */
BCFL_API bcfl_status bcfl_div_round(const bcfl_context *context, const int64_t *numerators, size_t count,
                                    uint64_t multiplier, uint64_t divisor, int64_t *out, size_t out_count,
                                    bcfl_fault *fault);

/* AGG-011: the vector, or, if its Euclidean norm is above `bound`, sign(q) * floor(|q| * bound / ceil(norm)).
 * Guards in order: EMPTY, NORM_BOUND_RANGE, DOMAIN_COORDINATE (fault: the first index). */
BCFL_API bcfl_status bcfl_clip_l2(const bcfl_context *context, const int32_t *vector, size_t count, uint64_t bound,
                                  int32_t *out, size_t out_count, bcfl_fault *fault);

/* AGG-006: out[i] = sum over n of weights[n] * vectors[n][i], for separate vectors of `count` coordinates each.
 * Guards in order: EMPTY, VECTOR_COUNT, WEIGHT_RANGE (fault: the vector), DOMAIN_COORDINATE (fault: the first
 * vector that has one, and its first index). */
BCFL_API bcfl_status bcfl_weighted_sum(const bcfl_context *context, const int32_t *const *vectors,
                                       const uint32_t *weights, size_t vector_count, size_t count, int64_t *out,
                                       size_t out_count, bcfl_fault *fault);

/* AGG-006 for vectors that come one after another, in any order, into the sums of the caller, who keeps them until
 * the final call. A vector that is refused leaves them as they were. Guards of an update in order: VECTOR_COUNT
 * (2047 came before), EMPTY, VECTOR_LENGTH, WEIGHT_RANGE, DOMAIN_COORDINATE (fault: the vector by its order, and
 * its first index). The final call gives the number of vectors and the sum of their weights, either of which may
 * be NULL; guard: EMPTY. */
typedef struct bcfl_sum {
    uint64_t opaque[24];
} bcfl_sum;
BCFL_API bcfl_status bcfl_sum_init(bcfl_sum *sum, const bcfl_context *context, int64_t *sums, size_t count);
BCFL_API bcfl_status bcfl_sum_update(bcfl_sum *sum, const int32_t *vector, size_t count, uint32_t weight,
                                     bcfl_fault *fault);
BCFL_API bcfl_status bcfl_sum_final(bcfl_sum *sum, size_t *vectors, uint64_t *weights);

/* AGG-008: the median by coordinate; of an even number the two in the middle, halved, half to even.
 * AGG-009: the sum by coordinate without the `trim` smallest and the `trim` largest values.
 * AGG-015: the sum by coordinate of the `keep` values nearest to the median.
 * Guards in order: EMPTY, VECTOR_COUNT, EMPTY, TRIM_RANGE or SELECT_RANGE, DOMAIN_COORDINATE (fault: the first
 * vector that has one, and its first index). Up to 64 vectors need no workspace. */
BCFL_API size_t bcfl_order_workspace_bytes(const bcfl_context *context, size_t vector_count, size_t count);
BCFL_API bcfl_status bcfl_coordinate_median(const bcfl_context *context, const int32_t *const *vectors,
                                            size_t vector_count, size_t count, int32_t *out, size_t out_count,
                                            bcfl_fault *fault, void *workspace, size_t workspace_bytes);
BCFL_API bcfl_status bcfl_trimmed_sum(const bcfl_context *context, const int32_t *const *vectors,
                                      size_t vector_count, size_t count, size_t trim, int64_t *out,
                                      size_t out_count, bcfl_fault *fault, void *workspace,
                                      size_t workspace_bytes);
BCFL_API bcfl_status bcfl_nearest_sum(const bcfl_context *context, const int32_t *const *vectors,
                                      size_t vector_count, size_t count, size_t keep, int64_t *out,
                                      size_t out_count, bcfl_fault *fault, void *workspace,
                                      size_t workspace_bytes);

/* AGG-014: out[2 * (i * n + j)] and the word behind it are the lower and the upper 64 bits of the squared
 * Euclidean distance of vectors i and j. out_count is 2 * n * n. Guards as for the median. */
BCFL_API size_t bcfl_pairwise_sqdist_workspace_bytes(const bcfl_context *context, size_t vector_count,
                                                     size_t count);
BCFL_API bcfl_status bcfl_pairwise_sqdist(const bcfl_context *context, const int32_t *const *vectors,
                                          size_t vector_count, size_t count, uint64_t *out, size_t out_count,
                                          bcfl_fault *fault, void *workspace, size_t workspace_bytes);

/* AGG-012: the SHA-256 digests of the successive chunks of `data`, one after another; the last chunk is hashed
 * as long as it is. Guards in order: EMPTY, CHUNK_BYTES. */
BCFL_API size_t bcfl_sha256_chunks_bytes(size_t size, size_t chunk_bytes); /* of output; 0 if refused */
BCFL_API bcfl_status bcfl_sha256_chunks(const bcfl_context *context, const uint8_t *data, size_t size,
                                        size_t chunk_bytes, uint8_t *digests, size_t digests_bytes);

/* AGG-012 for data that comes in pieces of any length. An update gives the digests of the chunks that it ends,
 * bcfl_hash_update_bytes(hash, size) bytes of them; it is refused, and nothing was taken, unless digests_bytes is
 * that many. The final call gives the digest of the last chunk if it is shorter, and says by *digest_bytes (32 or
 * 0) whether it was. Guards: CHUNK_BYTES of init, EMPTY of final. */
typedef struct bcfl_hash {
    uint64_t opaque[40];
} bcfl_hash;
BCFL_API bcfl_status bcfl_hash_init(bcfl_hash *hash, const bcfl_context *context, size_t chunk_bytes);
BCFL_API size_t bcfl_hash_update_bytes(const bcfl_hash *hash, size_t size);
BCFL_API bcfl_status bcfl_hash_update(bcfl_hash *hash, const uint8_t *data, size_t size, uint8_t *digests,
                                      size_t digests_bytes);
BCFL_API bcfl_status bcfl_hash_final(bcfl_hash *hash, uint8_t digest[BCFL_DIGEST_BYTES], size_t *digest_bytes);

/* PRV-013: out[i] = vector[i] + word i of the ChaCha20 key stream (RFC 8439, block counter from 0) modulo 2^32 or
 * 2^64, or minus it if `subtract` is not 0. Runs in a time that depends on the sizes only, and right in place
 * (`out` is the vector). Guard: EMPTY. */
#define BCFL_MASK_KEY_BYTES 32u
#define BCFL_MASK_STREAM_BYTES 12u
BCFL_API bcfl_status bcfl_mask_add_u32(const bcfl_context *context, const uint32_t *vector, size_t count,
                                       const uint8_t key[BCFL_MASK_KEY_BYTES],
                                       const uint8_t stream[BCFL_MASK_STREAM_BYTES], int subtract, uint32_t *out,
                                       size_t out_count);
BCFL_API bcfl_status bcfl_mask_add_u64(const bcfl_context *context, const uint64_t *vector, size_t count,
                                       const uint8_t key[BCFL_MASK_KEY_BYTES],
                                       const uint8_t stream[BCFL_MASK_STREAM_BYTES], int subtract, uint64_t *out,
                                       size_t out_count);

/* PRV-013, `mask_count` times: the same as one call after another, but a vector that no cache holds is read and
 * written once. keys + 32 * m, streams + 12 * m and subtract[m] are those of mask m; none at all gives the vector.
 */
BCFL_API bcfl_status bcfl_mask_add_many_u32(const bcfl_context *context, const uint32_t *vector, size_t count,
                                            const uint8_t *keys, const uint8_t *streams, const uint8_t *subtract,
                                            size_t mask_count, uint32_t *out, size_t out_count);
BCFL_API bcfl_status bcfl_mask_add_many_u64(const bcfl_context *context, const uint64_t *vector, size_t count,
                                            const uint8_t *keys, const uint8_t *streams, const uint8_t *subtract,
                                            size_t mask_count, uint64_t *out, size_t out_count);

/* PRV-013 for a vector that comes in pieces of any length, one behind the other. bcfl_mask_final wipes the key; a
 * state may be copied, but every copy holds the key. */
typedef struct bcfl_mask {
    uint64_t opaque[24];
} bcfl_mask;
BCFL_API bcfl_status bcfl_mask_init(bcfl_mask *mask, const bcfl_context *context,
                                    const uint8_t key[BCFL_MASK_KEY_BYTES],
                                    const uint8_t stream[BCFL_MASK_STREAM_BYTES], int subtract);
/* One width from the first piece to the last, else STATE_INVALID. A piece of no words is right. */
BCFL_API bcfl_status bcfl_mask_update_u32(bcfl_mask *mask, const uint32_t *vector, size_t count, uint32_t *out,
                                          size_t out_count);
BCFL_API bcfl_status bcfl_mask_update_u64(bcfl_mask *mask, const uint64_t *vector, size_t count, uint64_t *out,
                                          size_t out_count);
BCFL_API bcfl_status bcfl_mask_final(bcfl_mask *mask);

/* PRV-016: out[i * count + j] is the share of position i of secrets[j]: f(i + 1) for the polynomial of degree
 * threshold - 1 whose constant is the secret and whose other coefficients are samples of the seed.
 * PRV-018: shares of blocks of `pack` secrets, out[i * (count / pack) + b].
 * Guards in order: EMPTY, SHARE_COUNT, (PACK_RANGE,) THRESHOLD_RANGE, (PACK_LENGTH,) FIELD_RANGE (fault: the first
 * index). Run in a time that depends on the sizes only, unless a guard refuses. Thresholds up to 64 need no
 * workspace; `pack` is 0 where there is none. */
BCFL_API size_t bcfl_share_workspace_bytes(const bcfl_context *context, size_t count, size_t pack,
                                           size_t threshold);
BCFL_API bcfl_status bcfl_shamir_share(const bcfl_context *context, const uint64_t *secrets, size_t count,
                                       size_t threshold, size_t share_count, const uint8_t seed[BCFL_SEED_BYTES],
                                       uint64_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                       size_t workspace_bytes);
BCFL_API bcfl_status bcfl_packed_share(const bcfl_context *context, const uint64_t *secrets, size_t count,
                                       size_t pack, size_t threshold, size_t share_count,
                                       const uint8_t seed[BCFL_SEED_BYTES], uint64_t *out, size_t out_count,
                                       bcfl_fault *fault, void *workspace, size_t workspace_bytes);

/* PRV-017: the secrets, from shares of `count` numbers each at ascending positions; the first `threshold` are
 * used. PRV-019: out[b * pack + j], from packed shares. Guards in order: EMPTY, SHARE_COUNT, EMPTY,
 * POSITION_RANGE, POSITION_ORDER, (PACK_RANGE,) THRESHOLD_RANGE, SHARES_MISSING, FIELD_RANGE (fault: the first
 * share that has one, and its first index). Thresholds up to 64 need no workspace; `pack` is 0 where there is
 * none.
 */
BCFL_API size_t bcfl_reconstruct_workspace_bytes(const bcfl_context *context, size_t count, size_t pack,
                                                 size_t threshold);
BCFL_API bcfl_status bcfl_shamir_reconstruct(const bcfl_context *context, const uint64_t *const *shares,
                                             const uint32_t *positions, size_t share_count, size_t count,
                                             size_t threshold, uint64_t *out, size_t out_count, bcfl_fault *fault,
                                             void *workspace, size_t workspace_bytes);
BCFL_API bcfl_status bcfl_packed_reconstruct(const bcfl_context *context, const uint64_t *const *shares,
                                             const uint32_t *positions, size_t share_count, size_t count,
                                             size_t pack, size_t threshold, uint64_t *out, size_t out_count,
                                             bcfl_fault *fault, void *workspace, size_t workspace_bytes);

/* PRV-063: out_count exact discrete Gaussian numbers of variance numerator / denominator. How long it takes
 * depends on the numbers that are drawn. Guards in order: EMPTY, VECTOR_LENGTH, VARIANCE_RANGE. */
BCFL_API bcfl_status bcfl_discrete_gaussian(const bcfl_context *context, uint64_t numerator, uint64_t denominator,
                                            const uint8_t seed[BCFL_NOISE_SEED_BYTES], int64_t *out,
                                            size_t out_count);

/* AGG-013: the root of the binary SHA-256 tree over 32-byte chunks and virtual zero leaves up to `limit`. The
 * workspace is at least as large as bcfl_ssz_merkleize_workspace_bytes says and may be NULL where that is 0.
 * Guards in order: MERKLE_LENGTH, MERKLE_LIMIT. */
BCFL_API size_t bcfl_ssz_merkleize_workspace_bytes(size_t size);
BCFL_API bcfl_status bcfl_ssz_merkleize(const bcfl_context *context, const uint8_t *chunks, size_t size,
                                        uint64_t limit, uint8_t *workspace, size_t workspace_bytes,
                                        uint8_t root[BCFL_DIGEST_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
