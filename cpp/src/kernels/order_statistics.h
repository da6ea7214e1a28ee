// AGG-008, AGG-009, AGG-015 for many coordinates at once, whatever the width of the registers: each file
// order_statistics_<variant>.cpp says in a struct `Lanes` how its registers are handled and includes this.
//
// The values of one coordinate stand in one lane, one vector behind the other, and a sorting network, which never
// asks what it sees, orders all lanes alike. A *run* of up to Lanes::RUN_MAX vectors is sorted in registers. More
// vectors make several runs, interleaved (vector i belongs to run i mod 2^j), which is the very state in which the
// merge exchange network (Knuth, The Art of Computer Programming, 5.2.2 M) stands before its last j passes; these
// passes go through memory. For the sums the last pass, the longest, is not needed (see `smallest_sum`).
//
// A sorted lane also answers for its domain: its first and its last value lie within +-Q or there is a fault. When
// they do, all sums fit 32 bits: 2047 * (2^20 - 1) < 2^31.
#ifndef BCFL_KERNELS_ORDER_STATISTICS_H
#define BCFL_KERNELS_ORDER_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "places.h"

namespace bcfl {

namespace {

constexpr int32_t COORDINATE_MAX = 0xfffff;

// Coordinates that are asked for before they are needed. A processor foresees one long stream by itself, not one
// of 64 bytes from each of 32 places in turn.
constexpr size_t AHEAD = 256;

struct Network {
    int count;
    unsigned char low[192], high[192];  // 191 exchanges sort 32 values
};

constexpr Network merge_exchange(int n) {
    Network network{};
    int top = 1;
    while (2 * top < n) top *= 2;
    for (int p = n > 1 ? top : 0; p > 0; p /= 2) {
        int r = 0, d = p;
        for (int q = top;; q /= 2) {
            for (int i = 0; i + d < n; ++i) {
                if ((i & p) != r) continue;
                network.low[network.count] = static_cast<unsigned char>(i);
                network.high[network.count] = static_cast<unsigned char>(i + d);
                ++network.count;
            }
            if (q == p) break;
            d = q - p;
            r = p;
        }
    }
    return network;
}

template <class Lanes>
using Vector = typename Lanes::Vector;

template <class Lanes, int LOW, int HIGH>
inline __attribute__((always_inline)) void exchange(Vector<Lanes> *values) {
    const Vector<Lanes> low = Lanes::min(values[LOW], values[HIGH]);
    values[HIGH] = Lanes::max(values[LOW], values[HIGH]);
    values[LOW] = low;
}

template <class Lanes, int N, int... PLACES>
inline __attribute__((always_inline)) void sort_registers(Vector<Lanes> *values, Places<PLACES...>) {
    constexpr Network NETWORK = merge_exchange(N);
    (exchange<Lanes, NETWORK.low[PLACES], NETWORK.high[PLACES]>(values), ...);
    (void)NETWORK;
    (void)values;
}

// Loads N vectors, `step` pointers apart, and stores them sorted, `step` rows apart.
template <class Lanes, int N>
void sort_run(const int32_t *const *vectors, size_t step, size_t first, int32_t *rows) {
    Vector<Lanes> values[N];
#pragma GCC unroll 32
    for (size_t i = 0; i < N; ++i) {
        const int32_t *from = vectors[i * step] + first;
        values[i] = Lanes::load(from);
        __builtin_prefetch(from + AHEAD, 0, 2);
    }
    sort_registers<Lanes, N>(values, typename PlacesTo<merge_exchange(N).count>::Type{});
#pragma GCC unroll 32
    for (size_t i = 0; i < N; ++i) Lanes::store(rows + i * step * Lanes::WIDTH, values[i]);
}

using SortRun = void (*)(const int32_t *const *vectors, size_t step, size_t first, int32_t *rows);

template <class Lanes, int... PLACES>
inline SortRun sort_run_of(size_t count, Places<PLACES...>) {
    static constexpr SortRun RUNS[] = {sort_run<Lanes, PLACES + 1>...};
    return RUNS[count - 1];
}

template <class Lanes>
inline Vector<Lanes> row(const int32_t *rows, size_t index) {
    return Lanes::load(rows + index * Lanes::WIDTH);
}

// Exchanges rows i and i + d wherever bit p of i is as in r.
template <class Lanes>
void exchange_rows(int32_t *rows, size_t count, size_t p, size_t r, size_t d) {
    for (size_t start = r; start + d < count; start += 2 * p) {
        const size_t stop = start + p < count - d ? start + p : count - d;
        for (size_t i = start; i < stop; ++i) {
            const Vector<Lanes> a = row<Lanes>(rows, i), b = row<Lanes>(rows, i + d);
            Lanes::store(rows + i * Lanes::WIDTH, Lanes::min(a, b));
            Lanes::store(rows + (i + d) * Lanes::WIDTH, Lanes::max(a, b));
        }
    }
}

// Sorts the vectors at Lanes::WIDTH coordinates into `rows` until no more than `runs` interleaved runs are left;
// gives how many there are, one or two.
template <class Lanes>
size_t sort_columns(const int32_t *const *vectors, size_t count, size_t first, size_t runs, int32_t *rows) {
    size_t top = 1, left = 1;
    while (2 * top < count) top *= 2;
    while ((count + left - 1) / left > Lanes::RUN_MAX) left *= 2;
    for (size_t run = 0; run < left && run < count; ++run) {
        const size_t length = (count - run + left - 1) / left;
        const SortRun sort = sort_run_of<Lanes>(length, typename PlacesTo<Lanes::RUN_MAX>::Type{});
        sort(vectors + run, left, first, rows + run * Lanes::WIDTH);
    }
    for (; left > runs; left /= 2) {
        const size_t p = left / 2;
        size_t r = 0, d = p;
        for (size_t q = top;; q /= 2) {
            exchange_rows<Lanes>(rows, count, p, r, d);
            if (q == p) break;
            d = q - p;
            r = p;
        }
    }
    return left;
}

// Of two sorted runs a and b, the m smallest values of both together are min(a[i], b[m - 1 - i]) for 0 <= i < m,
// a run beyond its end being infinite: where one of these pairs takes from a, the pairs before it do too.
template <class Lanes>
inline Vector<Lanes> of_pair(const int32_t *rows, size_t count, size_t m, size_t i) {
    const size_t a_count = (count + 1) / 2, b_count = count / 2, j = m - 1 - i;
    if (i >= a_count) return row<Lanes>(rows, 2 * j + 1);
    if (j >= b_count) return row<Lanes>(rows, 2 * i);
    return Lanes::min(row<Lanes>(rows, 2 * i), row<Lanes>(rows, 2 * j + 1));
}

template <class Lanes>
Vector<Lanes> smallest_sum(const int32_t *rows, size_t count, size_t runs, size_t m) {
    Vector<Lanes> sum = Lanes::zero();
    for (size_t i = 0; i < m; ++i) {
        sum = Lanes::add(sum, runs == 1 ? row<Lanes>(rows, i) : of_pair<Lanes>(rows, count, m, i));
    }
    return sum;
}

// The sum of the two middle values, or twice the one in the middle.
template <class Lanes>
Vector<Lanes> middle_sum(const int32_t *rows, size_t count, size_t runs) {
    const size_t m = (count + 1) / 2;
    if (runs == 1) return Lanes::add(row<Lanes>(rows, m - 1), row<Lanes>(rows, count / 2));
    // The largest of the m smallest; for an even count the rest, the max of each pair, has the next one.
    Vector<Lanes> lower = of_pair<Lanes>(rows, count, m, 0);
    if (count % 2 == 1) {
        for (size_t i = 1; i < m; ++i) lower = Lanes::max(lower, of_pair<Lanes>(rows, count, m, i));
        return Lanes::add(lower, lower);
    }
    Vector<Lanes> upper = Lanes::max(row<Lanes>(rows, 0), row<Lanes>(rows, count - 1));
    for (size_t i = 1; i < m; ++i) {
        const Vector<Lanes> a = row<Lanes>(rows, 2 * i), b = row<Lanes>(rows, count - 1 - 2 * i);
        lower = Lanes::max(lower, Lanes::min(a, b));
        upper = Lanes::min(upper, Lanes::max(a, b));
    }
    return Lanes::add(lower, upper);
}

// round_half_even(sum / 2): the floor, and one more if the sum is odd and the floor too.
template <class Lanes>
inline Vector<Lanes> half_even(Vector<Lanes> sum) {
    const Vector<Lanes> floor = Lanes::halved(sum);
    return Lanes::add(floor, Lanes::low_bit_of_both(sum, floor));
}

// What a task does with the sorted rows of a few coordinates.
struct Median {
    static constexpr size_t RUNS = 2;
    int32_t *out;

    template <class Lanes>
    void finish(const int32_t *rows, size_t count, size_t runs, size_t i) const {
        Lanes::store(out + i, half_even<Lanes>(middle_sum<Lanes>(rows, count, runs)));
    }
};

struct TrimmedSum {
    static constexpr size_t RUNS = 2;
    size_t trim;
    int64_t *out;

    template <class Lanes>
    void finish(const int32_t *rows, size_t count, size_t runs, size_t i) const {
        Vector<Lanes> sum;
        if (runs == 1) {
            sum = smallest_sum<Lanes>(rows + trim * Lanes::WIDTH, count, runs, count - 2 * trim);
        } else {
            sum = Lanes::sub(smallest_sum<Lanes>(rows, count, runs, count - trim),
                             smallest_sum<Lanes>(rows, count, runs, trim));
        }
        Lanes::store_wide(out + i, sum);
    }
};

// The `keep` values nearest to the middle are neighbours in the sorted row. The window that holds them starts at 0
// and moves on as long as the value that enters is nearer than the one that leaves, that is, as long as
// v[s] + v[s + keep] < 2 * middle; the left side only grows with s, so each lane stops once and for all.
struct NearestSum {
    static constexpr size_t RUNS = 1;
    size_t keep;
    int64_t *out;

    template <class Lanes>
    void finish(const int32_t *rows, size_t count, size_t runs, size_t i) const {
        const Vector<Lanes> middle = middle_sum<Lanes>(rows, count, runs);
        Vector<Lanes> sum = smallest_sum<Lanes>(rows, count, runs, keep);
        for (size_t s = 0; s + keep < count; ++s) {
            const Vector<Lanes> leaves = row<Lanes>(rows, s), enters = row<Lanes>(rows, s + keep);
            const Vector<Lanes> change = Lanes::sub(enters, leaves);
            sum = Lanes::add(sum, Lanes::where_less(Lanes::add(leaves, enters), middle, change));
        }
        Lanes::store_wide(out + i, sum);
    }
};

// One coordinate at a time, for what does not fill a register.
struct Single {
    using Vector = int32_t;
    static constexpr size_t WIDTH = 1;
    static constexpr int RUN_MAX = 1;

    static int32_t load(const int32_t *from) {
        int32_t value;
        __builtin_memcpy(&value, from, sizeof value);
        return value;
    }
    static void store(int32_t *to, int32_t value) { __builtin_memcpy(to, &value, sizeof value); }
    static void store_wide(int64_t *to, int32_t value) {
        const int64_t wide = value;
        __builtin_memcpy(to, &wide, sizeof wide);
    }
    static int32_t zero() { return 0; }
    static int32_t min(int32_t a, int32_t b) { return a < b ? a : b; }
    static int32_t max(int32_t a, int32_t b) { return a < b ? b : a; }
    // Values outside the domain may wrap; their sums are never used.
    static int32_t add(int32_t a, int32_t b) {
        return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
    }
    static int32_t sub(int32_t a, int32_t b) {
        return static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
    }
    static int32_t halved(int32_t a) { return a >> 1; }
    static int32_t low_bit_of_both(int32_t a, int32_t b) { return a & b & 1; }
    static int32_t where_less(int32_t a, int32_t b, int32_t c) { return a < b ? c : 0; }
    static bool within_domain(int32_t low, int32_t high) {
        return low >= -COORDINATE_MAX && high <= COORDINATE_MAX;
    }
};

// The coordinates from `start` to `stop`, a whole number of registers, counted from `first` on.
template <class Lanes, class Task>
bool in_rows(const int32_t *const *vectors, size_t count, size_t first, size_t start, size_t stop, int32_t *rows,
             const Task &task) {
    Vector<Lanes> low = Lanes::zero(), high = Lanes::zero();
    for (; start < stop; start += Lanes::WIDTH) {
        const size_t runs = sort_columns<Lanes>(vectors, count, first + start, Task::RUNS, rows);
        for (size_t run = 0; run < runs; ++run) {
            low = Lanes::min(low, row<Lanes>(rows, run));
            high = Lanes::max(high, row<Lanes>(rows, count - 1 - run));
        }
        task.template finish<Lanes>(rows, count, runs, start);
    }
    return Lanes::within_domain(low, high);
}

// Most calls need no memory of the caller.
template <class Lanes, class Task>
bool in_few_rows(const int32_t *const *vectors, size_t count, size_t first, size_t start, size_t stop,
                 int32_t *rows, const Task &task) {
    static_assert(Lanes::WIDTH * sizeof *rows <= ORDER_ROW_BYTES, "a row fits its place");
    if (count > ORDER_ROWS_FEW) return in_rows<Lanes>(vectors, count, first, start, stop, rows, task);
    alignas(64) int32_t few[ORDER_ROWS_FEW * Lanes::WIDTH];
    return in_rows<Lanes>(vectors, count, first, start, stop, few, task);
}

// The registers in the middle lie where the first vector's lines of the cache lie, and so do those of all vectors
// that begin at the same offset in their pages, as large ones do: of n lines that compete for one place none is
// needed twice. What is left at either end is done by a register that overlaps; only a short piece goes one by
// one.
template <class Lanes, class Task>
bool order_statistics(const int32_t *const *vectors, size_t count, size_t first, size_t columns, int32_t *rows,
                      const Task &task) {
    if (columns < Lanes::WIDTH) return in_few_rows<Single>(vectors, count, first, 0, columns, rows, task);
    const size_t past = reinterpret_cast<uintptr_t>(vectors[0] + first) / sizeof(int32_t) % Lanes::WIDTH;
    const size_t start = (Lanes::WIDTH - past) % Lanes::WIDTH;
    const size_t stop = columns - (columns - start) % Lanes::WIDTH;
    bool inside = in_few_rows<Lanes>(vectors, count, first, start, stop, rows, task);
    if (start > 0) inside &= in_few_rows<Lanes>(vectors, count, first, 0, Lanes::WIDTH, rows, task);
    if (stop < columns) {
        inside &= in_few_rows<Lanes>(vectors, count, first, columns - Lanes::WIDTH, columns, rows, task);
    }
    return inside;
}

}  // namespace

}  // namespace bcfl

#endif
