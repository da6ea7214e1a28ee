// The few functions of the CUDA runtime that cuda/bcfl_cuda.cu calls, on this processor: as late, as unordered and
// as strict as a real one may be.
//
// - What goes to a stream is kept until the stream is waited for; then it runs in order. Copies read and write
// host
//   memory only then, as with pinned memory.
// - Memory of the device is closed to the host but while a stream runs. Copies must go between the right sides.
// - A launch checks the limits of grid, block and shared memory, then runs the blocks in several host threads, the
//   last one first. The threads of a block take turns: each runs until it waits for the others, the last one
//   first, then the first one first, and so on, so that it matters where a wait is missing. All of a block wait or
//   none.
// - The call of number `failing` fails, as if the device had gone.
#ifndef BCFL_TESTS_CUDA_RUNTIME_H
#define BCFL_TESTS_CUDA_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include <functional>
#include <type_traits>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __shared__ thread_local  // a host thread runs one block at a time
#define __launch_bounds__(...)
#define __grid_constant__

struct dim3 {
    unsigned x, y, z;
    dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};
extern thread_local dim3 blockIdx, threadIdx;
extern thread_local dim3 gridDim, blockDim;

enum cudaError_t { cudaSuccess = 0, cudaErrorUnknown = 999 };
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
struct cuda_host_stream;
using cudaStream_t = cuda_host_stream *;

cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaStreamCreate(cudaStream_t *stream);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaMallocAsync(void **place, size_t bytes, cudaStream_t stream);
cudaError_t cudaFreeAsync(void *place, cudaStream_t stream);
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void *place, int value, size_t bytes, cudaStream_t stream);

enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount = 16 };
cudaError_t cudaGetDevice(int *device);
cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device);

void __syncthreads();

template <typename Number>
Number atomicMin(Number *place, std::common_type_t<Number> value) {
    Number old = __atomic_load_n(place, __ATOMIC_RELAXED);
    while (value < old &&
           !__atomic_compare_exchange_n(place, &old, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return old;
}
template <typename Number>
Number atomicAdd(Number *place, std::common_type_t<Number> value) {
    return __atomic_fetch_add(place, value, __ATOMIC_RELAXED);
}

namespace cuda_host {

// Of a whole run of a test.
extern size_t calls;     // of functions that can fail
extern size_t failing;   // the number of the one that fails; 0 for none
extern bool only_check;  // launches are checked and not run
extern size_t launches;

size_t allocated();  // blocks of device memory that were not given back
size_t pending();    // things that wait on any stream

cudaError_t enqueue_launch(dim3 grid, dim3 block, size_t shared_bytes, cudaStream_t stream,
                           std::function<void()> thread);

template <typename... Parameters, size_t... PLACES>
std::function<void()> bound(void (*kernel)(Parameters...), void **arguments, std::index_sequence<PLACES...>) {
    return std::bind(kernel, *static_cast<Parameters *>(arguments[PLACES])...);  // copies, as a launch does
}

}  // namespace cuda_host

template <typename... Parameters>
cudaError_t cudaLaunchKernel(void (*kernel)(Parameters...), dim3 grid, dim3 block, void **arguments,
                             size_t shared_bytes, cudaStream_t stream) {
    return cuda_host::enqueue_launch(
        grid, block, shared_bytes, stream,
        cuda_host::bound(kernel, arguments, std::index_sequence_for<Parameters...>()));
}

#endif
