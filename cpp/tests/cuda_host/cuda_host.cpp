#include <cuda_runtime.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <thread>
#include <vector>

#define MUST(condition)                                                                        \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            std::fprintf(stderr, "%s line %d: %s is false\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                      \
        }                                                                                      \
    } while (0)

thread_local dim3 blockIdx, threadIdx, gridDim, blockDim;

struct cuda_host_stream {
    std::deque<std::function<void()>> waiting;
};

namespace cuda_host {

size_t calls = 0, failing = 0, launches = 0;
bool only_check = false;

namespace {

constexpr size_t PAGE = 4096, WORKERS = 3;

cuda_host_stream first_stream;           // the one that is named by null
std::vector<cuda_host_stream *> others;  // live ones

// Device memory by its beginning; each block ends at a page that is never open.
std::map<uintptr_t, size_t> blocks;

size_t pages_of(size_t bytes) { return (bytes + PAGE - 1) / PAGE * PAGE; }

void open_memory(int protection) {
    for (const auto &[place, bytes] : blocks) {
        const uintptr_t page = place / PAGE * PAGE;
        MUST(mprotect(reinterpret_cast<void *>(page), pages_of(place + bytes - page), protection) == 0);
    }
}

bool on_device(const void *place, size_t bytes) {
    const uintptr_t from = reinterpret_cast<uintptr_t>(place);
    const auto next = blocks.upper_bound(from);
    if (next == blocks.begin()) return false;
    const auto &[start, size] = *std::prev(next);
    return from - start <= size && bytes <= size - (from - start);
}

cuda_host_stream &named(cudaStream_t stream) { return stream == nullptr ? first_stream : *stream; }

bool fails() { return ++calls == failing; }

cudaError_t enqueue(cudaStream_t stream, std::function<void()> work) {
    if (fails()) return cudaErrorUnknown;
    named(stream).waiting.push_back(std::move(work));
    return cudaSuccess;
}

void run_blocks(dim3 grid, dim3 block, const std::function<void()> &thread, size_t first, size_t step) {
    const size_t count = size_t{grid.x} * grid.y * grid.z;
    gridDim = grid;
    blockDim = block;
    for (size_t index = count; index-- > 0;) {
        if (index % step != first) continue;
        blockIdx = dim3(static_cast<unsigned>(index % grid.x), static_cast<unsigned>(index / grid.x % grid.y),
                        static_cast<unsigned>(index / grid.x / grid.y));
        for (threadIdx = dim3(block.x, 0, 0); threadIdx.x-- > 0;) thread();
    }
}

}  // namespace

size_t allocated() { return blocks.size(); }

size_t pending() {
    size_t waiting = first_stream.waiting.size();
    for (const cuda_host_stream *stream : others) waiting += stream->waiting.size();
    return waiting;
}

cudaError_t enqueue_launch(dim3 grid, dim3 block, size_t shared_bytes, cudaStream_t stream,
                           std::function<void()> thread) {
    MUST(grid.x >= 1 && grid.x <= 0x7fffffff && grid.y >= 1 && grid.y <= 65535 && grid.z >= 1 && grid.z <= 65535);
    MUST(block.x >= 1 && block.x <= 1024 && block.y == 1 && block.z == 1 && shared_bytes <= 48 * 1024);
    ++launches;
    if (only_check) return fails() ? cudaErrorUnknown : cudaSuccess;
    return enqueue(stream, [=] {
        std::vector<std::thread> workers;
        for (size_t i = 0; i < WORKERS; ++i) workers.emplace_back(run_blocks, grid, block, thread, i, WORKERS);
        for (std::thread &worker : workers) worker.join();
    });
}

}  // namespace cuda_host

using namespace cuda_host;

cudaError_t cudaGetDeviceCount(int *count) {
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *stream) {
    others.push_back(*stream = new cuda_host_stream);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    if (cudaStreamSynchronize(stream) != cudaSuccess) return cudaErrorUnknown;
    for (size_t i = 0; i < others.size(); ++i) {
        if (others[i] == stream) others.erase(others.begin() + static_cast<long>(i));
    }
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    const bool failed = fails();
    std::deque<std::function<void()>> work;
    work.swap(named(stream).waiting);
    open_memory(PROT_READ | PROT_WRITE);
    for (const std::function<void()> &each : work) each();
    open_memory(PROT_NONE);
    return failed ? cudaErrorUnknown : cudaSuccess;
}

// The block ends where a page does, up to its alignment, so that a kernel that goes too far is stopped.
cudaError_t cudaMallocAsync(void **place, size_t bytes, cudaStream_t) {
    *place = nullptr;
    if (fails()) return cudaErrorUnknown;
    MUST(bytes > 0);
    const size_t pages = pages_of(bytes);
    void *memory = mmap(nullptr, pages + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(memory != MAP_FAILED);
    const uintptr_t start = reinterpret_cast<uintptr_t>(memory) + (pages - bytes) / 256 * 256;
    blocks[start] = bytes;
    *place = reinterpret_cast<void *>(start);
    return cudaSuccess;
}

// In the order of the stream; a failure is of no use to anybody.
cudaError_t cudaFreeAsync(void *place, cudaStream_t stream) {
    named(stream).waiting.push_back([place] {
        const uintptr_t start = reinterpret_cast<uintptr_t>(place);
        MUST(blocks.count(start) == 1);
        const uintptr_t page = start / PAGE * PAGE;
        const size_t pages = pages_of(start + blocks[start] - page);
        blocks.erase(start);
        MUST(munmap(reinterpret_cast<void *>(page), pages + PAGE) == 0);
    });
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
    const bool down = kind == cudaMemcpyHostToDevice;
    MUST(only_check || (on_device(to, bytes) == down && on_device(from, bytes) != down));
    return enqueue(stream, [=] {
        if (!only_check) std::memcpy(to, from, bytes);
    });
}

cudaError_t cudaMemsetAsync(void *place, int value, size_t bytes, cudaStream_t stream) {
    MUST(only_check || on_device(place, bytes));
    return enqueue(stream, [=] {
        if (!only_check) std::memset(place, value, bytes);
    });
}
