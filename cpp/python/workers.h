// Threads that wait for parts of a call: starting and ending one takes 70 to 100 us, waking one about 12.
//
// They are never stopped, so a process ends while they sleep. A child after fork() has none of them and begins
// anew. The caller, too, would be waked up as late as that when the last part ends: it looks for a moment before
// it sleeps, and gives its processor to whoever wants it meanwhile.
#ifndef BCFL_PYTHON_WORKERS_H
#define BCFL_PYTHON_WORKERS_H

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <signal.h>
#endif

#include "bcfl/bcfl.h"

namespace bcfl_python {

class Workers {
 public:
    // A bcfl_parallel_for. The caller takes parts too, so that it never waits for a part that nobody has begun.
    static void run(void *, bcfl_task task, void *job, size_t count) { current().share(task, job, count); }

 private:
    static constexpr size_t THREADS_MAX = 255;
    static constexpr std::chrono::microseconds LOOKING{50};

    struct Job {
        bcfl_task task;
        void *content;
        size_t count, next = 0;  // parts, the first that nobody has taken
        Job *behind = nullptr;
        std::atomic<size_t> done{0};  // how many have returned; whoever adds the last one leaves the job alone

        Job(bcfl_task task_, void *content_, size_t count_) : task(task_), content(content_), count(count_) {}

        bool ended() const { return done.load(std::memory_order_acquire) == count; }
    };

    static std::atomic<Workers *> &place() {
        static std::atomic<Workers *> workers{nullptr};
        return workers;
    }

    static Workers &current() {
        Workers *workers = place().load(std::memory_order_acquire);
        if (workers != nullptr) return *workers;
        static const bool forgotten_by_children = forget_in_children();
        static_cast<void>(forgotten_by_children);
        Workers *made = new Workers;
        if (place().compare_exchange_strong(workers, made, std::memory_order_acq_rel)) return *made;
        delete made;
        return *workers;
    }

    // The threads stay behind in the parent, and what they held locked stays locked.
    static bool forget_in_children() {
#if defined(__unix__) || defined(__APPLE__)
        pthread_atfork(nullptr, nullptr, [] { place().store(nullptr, std::memory_order_release); });
#endif
        return true;
    }

    void share(bcfl_task task, void *content, size_t count) {
        Job job(task, content, count);
        std::unique_lock<std::mutex> lock(mutex_);
        Job **end = &jobs_;
        while (*end != nullptr) end = &(*end)->behind;
        *end = &job;
        open_ += count;
        while (threads_ - busy_ + 1 < open_ && threads_ < THREADS_MAX && start()) ++threads_;
        lock.unlock();
        for (size_t i = 1; i < count; ++i) work_.notify_one();
        lock.lock();
        while (job.next < job.count) take(job, lock);
        lock.unlock();
        const auto late = std::chrono::steady_clock::now() + LOOKING;
        while (!job.ended() && std::chrono::steady_clock::now() < late) std::this_thread::yield();
        if (job.ended()) return;
        lock.lock();
        ended_.wait(lock, [&] { return job.ended(); });
    }

    // One part of a job. A job that has no more leaves the queue; its owner waits until `done` says that all
    // returned.
    void take(Job &job, std::unique_lock<std::mutex> &lock) {
        const size_t part = job.next++, count = job.count;
        --open_;
        if (job.next == job.count) {
            Job **link = &jobs_;
            while (*link != &job) link = &(*link)->behind;
            *link = job.behind;
        }
        lock.unlock();
        job.task(job.content, part);
        lock.lock();
        if (job.done.fetch_add(1, std::memory_order_release) + 1 == count) ended_.notify_all();
    }

    void work() {
        std::unique_lock<std::mutex> lock(mutex_);
        while (true) {
            work_.wait(lock, [&] { return jobs_ != nullptr; });
            ++busy_;
            take(*jobs_, lock);
            --busy_;
        }
    }

    // Signals stay with the threads of the host. False when the system gives no thread.
    bool start() {
#if defined(__unix__) || defined(__APPLE__)
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
#endif
        bool started = true;
        try {
            std::thread([this] { work(); }).detach();
        } catch (const std::exception &) {
            started = false;
        }
#if defined(__unix__) || defined(__APPLE__)
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
#endif
        return started;
    }

    std::mutex mutex_;
    std::condition_variable work_, ended_;
    Job *jobs_ = nullptr;                       // that have parts left, the oldest first
    size_t open_ = 0, threads_ = 0, busy_ = 0;  // parts that nobody has taken, threads, those at work
};

}  // namespace bcfl_python

#endif
