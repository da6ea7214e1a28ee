/* The runtime of CUDA as far as cpp/cuda calls it: every call goes to functions that a test gives (host.py). */

#include <stddef.h>

typedef struct {
    unsigned x, y, z;
} dim3;

struct calls {
    int (*allocate)(void **place, size_t bytes);
    int (*release)(void *place);
    int (*copy)(void *to, const void *from, size_t bytes, int kind);
    int (*fill)(void *place, int byte, size_t bytes);
    int (*launch)(const char *kernel, const unsigned *grid, const unsigned *block, void **arguments, size_t shared);
};

enum { KERNELS_MAX = 64, MULTIPROCESSORS = 2, MULTIPROCESSOR_COUNT = 16 };

static struct calls played;
static const void *functions[KERNELS_MAX];
static const char *names[KERNELS_MAX];
static int known;

__attribute__((visibility("default"))) void play(const struct calls *calls) { played = *calls; }

/* What nvcc puts beside the host's code: which function on the host stands for which kernel. */

void **__cudaRegisterFatBinary(void *binary) {
    static void *handle;
    handle = binary;
    return &handle;
}

void __cudaRegisterFatBinaryEnd(void **handle) { (void)handle; }

void __cudaUnregisterFatBinary(void **handle) { (void)handle; }

void __cudaRegisterFunction(void **handle, const char *function, char *device_function, const char *name, int limit,
                            void *tid, void *bid, void *block, void *grid, int *warp_size) {
    (void)handle, (void)device_function, (void)limit, (void)tid, (void)bid, (void)block, (void)grid, (void)warp_size;
    if (known == KERNELS_MAX) return; /* its launches fail */
    functions[known] = function;
    names[known++] = name;
}

int __cudaGetKernel(void **kernel, const void *function) {
    *kernel = (void *)function;
    return 0;
}

int cudaLaunchKernel(const void *function, dim3 grid, dim3 block, void **arguments, size_t shared, void *stream) {
    const unsigned blocks[] = {grid.x, grid.y, grid.z}, threads[] = {block.x, block.y, block.z};
    (void)stream;
    for (int i = 0; i < known; ++i) {
        if (functions[i] == function) return played.launch(names[i], blocks, threads, arguments, shared);
    }
    return 98; /* cudaErrorInvalidDeviceFunction */
}

int __cudaLaunchKernel(const void *function, dim3 grid, dim3 block, void **arguments, size_t shared, void *stream) {
    return cudaLaunchKernel(function, grid, block, arguments, shared, stream);
}

unsigned __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream) {
    (void)grid, (void)block, (void)shared, (void)stream;
    return 1;
}

int cudaMallocAsync(void **place, size_t bytes, void *stream) { return (void)stream, played.allocate(place, bytes); }

int cudaFreeAsync(void *place, void *stream) { return (void)stream, played.release(place); }

int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int kind, void *stream) {
    return (void)stream, played.copy(to, from, bytes, kind);
}

int cudaMemsetAsync(void *place, int byte, size_t bytes, void *stream) {
    return (void)stream, played.fill(place, byte, bytes);
}

int cudaStreamSynchronize(void *stream) { return (void)stream, 0; }

int cudaGetDeviceCount(int *count) { return *count = 1, 0; }

int cudaGetDevice(int *device) { return *device = 0; }

int cudaDeviceGetAttribute(int *value, int attribute, int device) {
    *value = MULTIPROCESSORS;
    return attribute == MULTIPROCESSOR_COUNT && device == 0 ? 0 : 1; /* cudaErrorInvalidValue */
}
