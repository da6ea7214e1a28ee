#include <cuda_runtime.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#define MUST(condition)                                                                        \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            std::fprintf(stderr, "%s line %d: %s is false\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                      \
        }                                                                                      \
    } while (0)

thread_local dim3 blockIdx, threadIdx, gridDim, blockDim;
alignas(16) extern thread_local unsigned char bcfl_cuda_shared[];  // of a launch, as cuda/kernels.h names it
alignas(16) thread_local unsigned char bcfl_cuda_shared[48 * 1024];

struct cuda_host_stream {
    std::deque<std::function<void()>> waiting;
};

namespace cuda_host {

size_t calls = 0, failing = 0, launches = 0;
bool only_check = false;

namespace {

constexpr size_t PAGE = 4096, WORKERS = 3, STACK = 128 * 1024, SHARED = 48 * 1024;

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

// A stack on which threads of a block run, one after the other, until one waits: it keeps the stack.
struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack = std::unique_ptr<char[]>(new char[STACK]);
    unsigned thread = 0;
    bool waits = false;
#ifdef __SANITIZE_THREAD__
    void *seen = __tsan_create_fiber(0);
    ~Fiber() { __tsan_destroy_fiber(seen); }
#endif
};

// Fibers are kept from launch to launch, on which another host thread may take them over.
using Fibers = std::vector<std::unique_ptr<Fiber>>;
Fibers kept[WORKERS];

// What a host thread needs to run blocks.
struct Worker {
    const std::function<void()> &thread;
    Fibers &fibers;
    ucontext_t turns = {};  // of the host thread, which gives the turns
    Fiber *running = nullptr;
    unsigned begun = 0;  // threads from here on have begun
#ifdef __SANITIZE_THREAD__
    void *seen = __tsan_get_current_fiber();
#endif

    void run_block(unsigned threads);
    void turn(Fiber &fiber);
    void turn_back();
};
thread_local Worker *worker = nullptr;

// A function of its own, so that `worker` is looked up again when another host thread goes on with the fiber.
__attribute__((noinline)) void run_block_threads() {
    while (worker->begun > 0) {
        threadIdx.x = worker->running->thread = --worker->begun;
        worker->thread();
    }
    worker->running->waits = false;
    worker->turn_back();
}

void run_threads() {
    for (;;) run_block_threads();
}

void Worker::turn(Fiber &fiber) {
    running = &fiber;
    threadIdx = dim3(fiber.thread, 0, 0);
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(fiber.seen, 0);
#endif
    MUST(swapcontext(&turns, &fiber.context) == 0);
}

void Worker::turn_back() {
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(seen, 0);
#endif
    MUST(swapcontext(&running->context, &turns) == 0);
}

void Worker::run_block(unsigned threads) {
    size_t waiting = 0;  // the fibers in front
    for (begun = threads; begun > 0;) {
        if (waiting == fibers.size()) {
            fibers.push_back(std::make_unique<Fiber>());
            Fiber &made = *fibers.back();
            MUST(getcontext(&made.context) == 0);
            made.context.uc_stack.ss_sp = made.stack.get();
            made.context.uc_stack.ss_size = STACK;
            makecontext(&made.context, run_threads, 0);
        }
        turn(*fibers[waiting]);
        waiting += fibers[waiting]->waits;
    }
    MUST(waiting == 0 || waiting == threads);
    for (bool last_first = false; waiting > 0; last_first = !last_first) {
        for (size_t i = 0; i < threads; ++i) turn(*fibers[last_first ? i : threads - 1 - i]);
        waiting = 0;
        for (size_t i = 0; i < threads; ++i) waiting += fibers[i]->waits;
        MUST(waiting == 0 || waiting == threads);
    }
}

void run_blocks(dim3 grid, dim3 block, const std::function<void()> &thread, size_t first, size_t step) {
    const size_t count = size_t{grid.x} * grid.y * grid.z;
    Worker here = {thread, kept[first]};
    worker = &here;
    gridDim = grid;
    blockDim = block;
    for (size_t index = count; index-- > 0;) {
        if (index % step != first) continue;
        blockIdx = dim3(static_cast<unsigned>(index % grid.x), static_cast<unsigned>(index / grid.x % grid.y),
                        static_cast<unsigned>(index / grid.x / grid.y));
        std::memset(bcfl_cuda_shared, 0xa5, SHARED);
        here.run_block(block.x);
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
    MUST(block.x >= 1 && block.x <= 1024 && block.y == 1 && block.z == 1 && shared_bytes <= SHARED);
    ++launches;
    if (only_check) return fails() ? cudaErrorUnknown : cudaSuccess;
    return enqueue(stream, [=] {
        std::vector<std::thread> workers;
        const size_t count = std::min(WORKERS, size_t{grid.x} * grid.y * grid.z);
        for (size_t i = 0; i < count; ++i) workers.emplace_back(run_blocks, grid, block, thread, i, count);
        for (std::thread &worker : workers) worker.join();
    });
}

}  // namespace cuda_host

using namespace cuda_host;

void __syncthreads() {
    worker->running->waits = true;
    worker->turn_back();
}

cudaError_t cudaGetDevice(int *device) {
    *device = 0;
    return fails() ? cudaErrorUnknown : cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device) {
    MUST(attribute == cudaDevAttrMultiProcessorCount && device == 0);
    *value = 2;
    return fails() ? cudaErrorUnknown : cudaSuccess;
}

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
    const bool to_device = kind != cudaMemcpyDeviceToHost, from_device = kind != cudaMemcpyHostToDevice;
    MUST(only_check || (on_device(to, bytes) == to_device && on_device(from, bytes) == from_device));
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
