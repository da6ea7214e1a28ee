/* bcfl_cuda.h: some kernels of bcfl.h on an NVIDIA graphics processor; the library is built with -DBCFL_CUDA=ON.
 *
 * The same contract and the same bytes as the functions of the same name in bcfl.h: guards in their order, faults,
 * and statuses; BCFL_DEVICE_FAILED when the device or its driver refuses. Two forms of each:
 *
 * bcfl_cuda_X        numbers lie on the device, also the output; arrays of pointers, weights, keys and seeds lie
 * on the host. `stream` is a cudaStream_t. The call waits for the stream, because what the numbers are like
 * decides the status. The device workspace has bcfl_cuda_workspace_bytes. bcfl_cuda_host_X   everything lies on
 * the host; device memory is taken for the time of the call.
 *
 * These functions may be called from several threads at once, with a stream each. */
#ifndef BCFL_BCFL_CUDA_H
#define BCFL_BCFL_CUDA_H

#include "bcfl/bcfl.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void *bcfl_cuda_stream;

BCFL_API int bcfl_cuda_device_count(void); /* 0 without a device, or without a driver */

/* For calls with vectors; for shares of `samples` = count * (threshold - 1) samples pass 0 vectors. */
BCFL_API size_t bcfl_cuda_workspace_bytes(size_t vector_count, size_t samples);

BCFL_API bcfl_status bcfl_cuda_weighted_sum(const int32_t *const *vectors, const uint32_t *weights,
                                            size_t vector_count, size_t count, int64_t *out, size_t out_count,
                                            bcfl_fault *fault, void *workspace, size_t workspace_bytes,
                                            bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_coordinate_median(const int32_t *const *vectors, size_t vector_count, size_t count,
                                                 int32_t *out, size_t out_count, bcfl_fault *fault,
                                                 void *workspace, size_t workspace_bytes, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_trimmed_sum(const int32_t *const *vectors, size_t vector_count, size_t count,
                                           size_t trim, int64_t *out, size_t out_count, bcfl_fault *fault,
                                           void *workspace, size_t workspace_bytes, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_pairwise_sqdist(const int32_t *const *vectors, size_t vector_count, size_t count,
                                               uint64_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                               size_t workspace_bytes, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_mask_add_u32(const uint32_t *vector, size_t count,
                                            const uint8_t key[BCFL_MASK_KEY_BYTES],
                                            const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract,
                                            uint32_t *out, size_t out_count, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_mask_add_u64(const uint64_t *vector, size_t count,
                                            const uint8_t key[BCFL_MASK_KEY_BYTES],
                                            const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract,
                                            uint64_t *out, size_t out_count, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_shamir_share(const uint64_t *secrets, size_t count, size_t threshold,
                                            size_t share_count, const uint8_t seed[BCFL_SEED_BYTES], uint64_t *out,
                                            size_t out_count, bcfl_fault *fault, void *workspace,
                                            size_t workspace_bytes, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_sha256_chunks(const uint8_t *data, size_t size, size_t chunk_bytes,
                                             uint8_t *digests, size_t digests_bytes, bcfl_cuda_stream stream);

BCFL_API bcfl_status bcfl_cuda_host_weighted_sum(const int32_t *const *vectors, const uint32_t *weights,
                                                 size_t vector_count, size_t count, int64_t *out, size_t out_count,
                                                 bcfl_fault *fault, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_host_coordinate_median(const int32_t *const *vectors, size_t vector_count,
                                                      size_t count, int32_t *out, size_t out_count,
                                                      bcfl_fault *fault, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_host_trimmed_sum(const int32_t *const *vectors, size_t vector_count, size_t count,
                                                size_t trim, int64_t *out, size_t out_count, bcfl_fault *fault,
                                                bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_host_pairwise_sqdist(const int32_t *const *vectors, size_t vector_count,
                                                    size_t count, uint64_t *out, size_t out_count,
                                                    bcfl_fault *fault, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_host_mask_add_u32(const uint32_t *vector, size_t count,
                                                 const uint8_t key[BCFL_MASK_KEY_BYTES],
                                                 const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract,
                                                 uint32_t *out, size_t out_count, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_host_mask_add_u64(const uint64_t *vector, size_t count,
                                                 const uint8_t key[BCFL_MASK_KEY_BYTES],
                                                 const uint8_t purpose[BCFL_MASK_STREAM_BYTES], int subtract,
                                                 uint64_t *out, size_t out_count, bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_host_shamir_share(const uint64_t *secrets, size_t count, size_t threshold,
                                                 size_t share_count, const uint8_t seed[BCFL_SEED_BYTES],
                                                 uint64_t *out, size_t out_count, bcfl_fault *fault,
                                                 bcfl_cuda_stream stream);
BCFL_API bcfl_status bcfl_cuda_host_sha256_chunks(const uint8_t *data, size_t size, size_t chunk_bytes,
                                                  uint8_t *digests, size_t digests_bytes, bcfl_cuda_stream stream);

#ifdef __cplusplus
}
#endif

#endif
