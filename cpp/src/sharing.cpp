// PRV-016 ... PRV-019: checks, samples and weights; the arithmetic on many numbers is in kernels/sharing.h.

#include "sharing.h"

#include <atomic>

#include "bcfl/bcfl.h"

namespace bcfl {

namespace {

__extension__ using Wide = unsigned __int128;

// Blocks that a thread shares at least, a whole number of tables and of blocks of the key stream.
constexpr size_t SHARING_PART = SMALL_PARTS ? SHARING_LANES : 1024;
constexpr size_t FEW_ROWS = 64;  // most calls need no memory of the caller
// Numbers of each share that stay near while the shares are combined.
constexpr size_t SHARING_TILE = SMALL_PARTS ? 1 : 2048;

uint64_t multiplied(uint64_t a, uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    const uint64_t sum = (static_cast<uint64_t>(product) & FIELD_MODULUS) + static_cast<uint64_t>(product >> 61);
    return sum >= FIELD_MODULUS ? sum - FIELD_MODULUS : sum;
}

// a^(p - 2); only of differences of points, which are public.
uint64_t inverse(uint64_t a) {
    uint64_t power = a, result = 1;
    for (uint64_t bits = FIELD_MODULUS - 2; bits > 0; bits >>= 1) {
        if (bits & 1) result = multiplied(result, power);
        power = multiplied(power, power);
    }
    return result;
}

uint64_t difference(int a, int b) {
    return a >= b ? static_cast<uint64_t>(a - b) : FIELD_MODULUS - static_cast<uint64_t>(b - a);
}

// Lagrange's interpolation: f(target) is the sum of weights[i] * f(point(i)). Everything here is public.
template <typename Point>
struct Interpolation {
    size_t count;
    Point point;

    // Of the products of (point(i) - point(j)).
    void inverses(uint64_t *out) const {
        for (size_t i = 0; i < count; ++i) {
            uint64_t product = 1;
            for (size_t j = 0; j < count; ++j) {
                if (j != i) product = multiplied(product, difference(point(i), point(j)));
            }
            out[i] = inverse(product);
        }
    }

    // The product of (target - point(j)) without j = i: those before i times those behind. The weights may take
    // the place of the inverses.
    void weights_at(int target, const uint64_t *inverses, uint64_t *weights) const {
        uint64_t product = 1;
        for (size_t i = 0; i < count; ++i) {
            weights[i] = multiplied(product, inverses[i]);
            product = multiplied(product, difference(target, point(i)));
        }
        product = 1;
        for (size_t left = count; left > 0; --left) {
            const size_t i = left - 1;
            weights[i] = multiplied(weights[i], product);
            product = multiplied(product, difference(target, point(i)));
        }
    }
};
template <typename Point>
Interpolation(size_t, Point) -> Interpolation<Point>;

// Lines of the cache for `count` numbers.
size_t lines_of(size_t count) { return (count * sizeof(uint64_t) - 1) / LINE_BYTES + 1; }

uint64_t *numbers_at(unsigned char *lines) { return reinterpret_cast<uint64_t *>(lines); }

uint64_t load(const uint64_t *place) {
    uint64_t value;
    __builtin_memcpy(&value, place, sizeof value);
    return value;
}

// v >= p exactly when v or v + 1 has a bit above the low 61.
bool within_field(const uint64_t *values, size_t count) {
    uint64_t bits = 0;
    for (size_t i = 0; i < count; ++i) {
        const uint64_t value = load(values + i);
        bits |= value | (value + 1);
    }
    return !declassified(bits >> 61 != 0);
}

void report_field(const uint64_t *const *rows, size_t row_count, size_t count, bcfl_fault *fault) {
    for (size_t r = 0; r < row_count; ++r) {
        for (size_t i = 0; i < count; ++i) {
            if (load(rows[r] + i) >= FIELD_MODULUS) return report(fault, r, i);
        }
    }
}

// The weights of f(0) over the points -pack ... -1, 1 ... (PRV-018), in the order of the table's rows, in which
// the row of the point 0 holds f(-pack) for the time being.
void zero_weights(size_t pack, size_t threshold, uint64_t *weights) {
    const int last = static_cast<int>(pack);
    const Interpolation interpolation{threshold, [last](size_t i) {
                                          const int point = static_cast<int>(i) + 1 - last;
                                          return point == 0 ? -last : point;
                                      }};
    interpolation.inverses(weights);
    interpolation.weights_at(0, weights, weights);
}

void fill_shamir(const Dealing &dealing, size_t block, size_t used, Samples &samples, uint64_t *table) {
    for (size_t lane = 0; lane < used; ++lane) {
        table[lane] = load(dealing.secrets + block + lane);
        samples.draw(dealing.threshold - 1, table + SHARING_LANES + lane, SHARING_LANES);
    }
}

// Rows: f(1 - pack) ... f(0) ... f(threshold - pack). The samples are shares as they are.
void fill_packed(const Dealing &dealing, const uint64_t *weights, size_t block, size_t used, Samples &samples,
                 uint64_t *table) {
    const size_t pack = dealing.pack, given = dealing.threshold - pack;
    for (size_t lane = 0; lane < used; ++lane) {
        const uint64_t *secrets = dealing.secrets + (block + lane) * pack;
        for (size_t j = 0; j + 1 < pack; ++j) table[(pack - 2 - j) * SHARING_LANES + lane] = load(secrets + j);
        table[(pack - 1) * SHARING_LANES + lane] = load(secrets + pack - 1);
        samples.draw(given, table + pack * SHARING_LANES + lane, SHARING_LANES);
    }
    for (size_t i = 0; i < given; ++i) {
        uint64_t *to = dealing.out + i * dealing.blocks + block;
        __builtin_memcpy(to, table + (pack + i) * SHARING_LANES, used * sizeof *to);
    }
    uint64_t zero[SHARING_LANES] = {};
    for (size_t i = 0; i < dealing.threshold; ++i) {
        for (size_t lane = 0; lane < used; ++lane) {
            zero[lane] += multiplied(table[i * SHARING_LANES + lane], weights[i]);
            zero[lane] = (zero[lane] & FIELD_MODULUS) + (zero[lane] >> 61);
        }
    }
    __builtin_memcpy(table + (pack - 1) * SHARING_LANES, zero, sizeof zero);
}

// Deals the blocks from `first` to `last`; false if a sample was skipped, so that those of later blocks stand
// elsewhere.
bool deal_part(const Dealing &dealing, const uint64_t *weights, size_t first, size_t last, uint64_t *table) {
    __builtin_memset(table, 0, dealing.threshold * SHARING_LANES * sizeof *table);
    const size_t given = dealing.pack == 0 ? 0 : dealing.threshold - dealing.pack;
    bool clean;
    {
        Samples samples(dealing.stream, dealing.key, static_cast<uint64_t>(first) * dealing.samples() / 8);
        for (size_t block = first; block < last; block += SHARING_LANES) {
            const size_t used = last - block < SHARING_LANES ? last - block : SHARING_LANES;
            if (dealing.pack == 0) {
                fill_shamir(dealing, block, used, samples, table);
            } else {
                fill_packed(dealing, weights, block, used, samples, table);
            }
            dealing.rows(table, dealing.threshold, dealing.shares - given, used,
                         dealing.out + given * dealing.blocks + block, dealing.blocks);
        }
        clean = !samples.skipped();
    }
    wipe(table, dealing.threshold * SHARING_LANES * sizeof *table);
    return clean;
}

// A row of a table is a line.
static_assert(SHARING_LANES * sizeof(uint64_t) == LINE_BYTES, "a line holds a row");

bool deal_blocks(const Dealing &dealing, const uint64_t *weights, size_t part, size_t first, size_t last) {
    if (dealing.threshold <= FEW_ROWS) {
        alignas(64) uint64_t few[FEW_ROWS * SHARING_LANES];
        return deal_part(dealing, weights, first, last, few);
    }
    const size_t before = lines_of(dealing.threshold) + dealing.threshold * part;
    return deal_part(dealing, weights, first, last, numbers_at(dealing.lines + LINE_BYTES * before));
}

size_t parts_of_blocks(const Context &context, size_t blocks) {
    return parts_of(context, (blocks - 1) / SHARING_PART + 1);
}

// The key stream ends after 2^32 blocks of eight words.
bool stream_holds(size_t blocks, size_t samples) {
    return static_cast<Wide>(blocks) * samples < (static_cast<Wide>(1) << 35) - 2048;
}

MaskKey samples_key(const uint8_t *seed) {
    MaskKey key{};
    for (size_t i = 0; i < 8; ++i) key.key[i] = load_little_endian(seed + 4 * i);
    key.stream[0] = 2;  // PRV-013: samples of secret sharing
    return key;
}

bcfl_status share(const Context &context, Dealing &dealing, const uint8_t *seed, size_t out_count,
                  bcfl_fault *fault, void *workspace, size_t workspace_bytes) {
    const size_t count = dealing.pack == 0 ? dealing.blocks : dealing.blocks * dealing.pack;
    if (!stream_holds(dealing.blocks, dealing.samples())) return BCFL_KERNEL_ARGUMENT;
    if (dealing.out == nullptr || dealing.blocks > SIZE_MAX / dealing.shares ||
        out_count != dealing.blocks * dealing.shares) {
        return BCFL_OUTPUT_SIZE;
    }
    const size_t lines = deal_lines(context, dealing.blocks, dealing.threshold);
    const size_t needed = bytes_of_lines(lines);
    if (workspace_bytes < needed || (workspace == nullptr && needed > 0)) return BCFL_OUTPUT_SIZE;
    const uint8_t *used = static_cast<const uint8_t *>(workspace);
    if (overlap(dealing.out, out_count, dealing.secrets, count) ||
        overlap(dealing.out, out_count, seed, BCFL_SEED_BYTES) || overlap(dealing.out, out_count, used, needed) ||
        overlap(used, needed, dealing.secrets, count) || overlap(used, needed, seed, BCFL_SEED_BYTES)) {
        return BCFL_OVERLAP;
    }
    dealing.lines = lines == 0 ? nullptr : first_line(workspace);
    if (!within_field(dealing.secrets, count)) {
        report_field(&dealing.secrets, 1, count, fault);
        return BCFL_FIELD_RANGE;
    }
    dealing.key = samples_key(seed);
    dealing.stream = VARIANTS[context.serving[MASK_ADD]].kernels.mask_add;
    deal(context, dealing);
    wipe(&dealing.key, sizeof dealing.key);
    return BCFL_OK;
}

// The guards that both reconstructions begin with (PRV-017, 1 to 7).
bcfl_status check_shares(const uint64_t *const *shares, const uint32_t *positions, size_t share_count,
                         size_t count) {
    if (share_count == 0) return BCFL_EMPTY;
    if (share_count > BCFL_SHARES_MAX) return BCFL_SHARE_COUNT;
    if (count == 0) return BCFL_EMPTY;
    if (shares == nullptr || positions == nullptr) return BCFL_KERNEL_ARGUMENT;
    for (size_t r = 0; r < share_count; ++r) {
        if (shares[r] == nullptr) return BCFL_KERNEL_ARGUMENT;
    }
    for (size_t r = 0; r < share_count; ++r) {
        if (positions[r] >= BCFL_SHARES_MAX) return BCFL_POSITION_RANGE;
    }
    for (size_t r = 1; r < share_count; ++r) {
        if (positions[r - 1] >= positions[r]) return BCFL_POSITION_ORDER;
    }
    return BCFL_OK;
}

// Shares of one length, and what is wanted of them: f(target), f(target - 1) ... of every element.
struct Rebuilding {
    const uint64_t *const *shares;
    const uint32_t *positions;
    size_t share_count, count, threshold;
    int target;
    size_t targets;
    uint64_t *out;

    bool tile_within_field(size_t first, size_t length) const {
        for (size_t r = 0; r < share_count; ++r) {
            if (!within_field(shares[r] + first, length)) return false;
        }
        return true;
    }
};

// Lines of memory that `rebuild` needs: inverses, and for each part weights of its own if there are many targets.
size_t rebuild_lines(const Context &context, size_t count, size_t targets, size_t threshold) {
    if (threshold <= FEW_ROWS) return 0;
    const size_t parts = targets == 1 ? 0 : parts_of(context, (count - 1) / SHARING_TILE + 1);
    return size_product(lines_of(threshold), size_sum(parts, 1));
}

// One target: the weights are the same for all elements.
template <typename Point>
bool rebuild_one(const Context &context, const Rebuilding &job, const Interpolation<Point> &interpolation,
                 CombineKernel combine, uint64_t *weights) {
    interpolation.weights_at(job.target, weights, weights);
    std::atomic<bool> inside{true};
    in_parts(context, (job.count - 1) / SHARING_TILE + 1, [&, combine](size_t tile, size_t last) {
        for (; tile < last; ++tile) {
            const size_t first = tile * SHARING_TILE;
            const size_t length = job.count - first < SHARING_TILE ? job.count - first : SHARING_TILE;
            if (!job.tile_within_field(first, length)) return inside.store(false, std::memory_order_relaxed);
            combine(job.shares, weights, job.threshold, first, length, job.out + first);
        }
    });
    return inside.load(std::memory_order_relaxed);
}

// Several targets: a part computes the weights of each again for every tile, into a place of its own.
template <typename Point>
bool rebuild_many(const Context &context, const Rebuilding &job, const Interpolation<Point> &interpolation,
                  CombineKernel combine, const uint64_t *inverses, unsigned char *lines) {
    std::atomic<bool> inside{true};
    in_numbered_parts(
        context, (job.count - 1) / SHARING_TILE + 1, [&, combine](size_t part, size_t tile, size_t last) {
            uint64_t few[FEW_ROWS], values[SHARING_TILE];
            uint64_t *weights =
                lines == nullptr ? few : numbers_at(lines + LINE_BYTES * lines_of(job.threshold) * (1 + part));
            for (; tile < last; ++tile) {
                const size_t first = tile * SHARING_TILE;
                const size_t length = job.count - first < SHARING_TILE ? job.count - first : SHARING_TILE;
                if (!job.tile_within_field(first, length)) {
                    inside.store(false, std::memory_order_relaxed);
                    break;
                }
                for (size_t j = 0; j < job.targets; ++j) {
                    interpolation.weights_at(job.target - static_cast<int>(j), inverses, weights);
                    combine(job.shares, weights, job.threshold, first, length, values);
                    for (size_t i = 0; i < length; ++i) {
                        __builtin_memcpy(job.out + (first + i) * job.targets + j, values + i, sizeof *values);
                    }
                }
            }
            wipe(values, sizeof values);
        });
    return inside.load(std::memory_order_relaxed);
}

bcfl_status rebuild(const Context &context, Kernel kernel, const Rebuilding &job, bcfl_fault *fault,
                    void *workspace, size_t workspace_bytes) {
    const size_t needed = bytes_of_lines(rebuild_lines(context, job.count, job.targets, job.threshold));
    if (workspace_bytes < needed || (workspace == nullptr && needed > 0)) return BCFL_OUTPUT_SIZE;
    const uint8_t *used = static_cast<const uint8_t *>(workspace);
    const size_t out_count = job.count * job.targets;
    if (overlaps_any(job.out, out_count, job.shares, job.share_count, job.count) ||
        overlap(job.out, out_count, job.positions, job.share_count) || overlap(job.out, out_count, used, needed) ||
        overlaps_any(used, needed, job.shares, job.share_count, job.count) ||
        overlap(used, needed, job.positions, job.share_count)) {
        return BCFL_OVERLAP;
    }
    uint64_t few[FEW_ROWS];
    unsigned char *const lines = needed == 0 ? nullptr : first_line(workspace);
    uint64_t *const inverses = needed == 0 ? few : numbers_at(lines);
    const Interpolation interpolation{
        job.threshold, [positions = job.positions](size_t i) { return static_cast<int>(positions[i]) + 1; }};
    interpolation.inverses(inverses);
    const CombineKernel combine = VARIANTS[context.serving[kernel]].kernels.combine;
    const bool inside = job.targets == 1 ? rebuild_one(context, job, interpolation, combine, inverses)
                                         : rebuild_many(context, job, interpolation, combine, inverses, lines);
    if (inside) return BCFL_OK;
    report_field(job.shares, job.share_count, job.count, fault);
    return BCFL_FIELD_RANGE;
}

}  // namespace

Samples::~Samples() { wipe(words_, sizeof words_); }

// The whole stream lies behind `block_`, which stream_holds keeps below 2^32.
void Samples::refill() {
    __builtin_memset(words_, 0, sizeof words_);
    unsigned char *bytes = reinterpret_cast<unsigned char *>(words_);
    stream_(bytes, WORDS, key_, static_cast<uint32_t>(block_), true, false, bytes);
    block_ += WORDS / 8;
    uint64_t any = 0;
    for (size_t i = 0; i < WORDS; ++i) {
        words_[i] &= FIELD_MODULUS;
        any |= words_[i] + 1;
    }
    next_ = 0;
    filled_ = WORDS;
    if (!declassified(any >> 61 != 0)) return;
    skipped_ = true;
    filled_ = 0;
    for (size_t i = 0; i < WORDS; ++i) {
        if (!declassified(words_[i] == FIELD_MODULUS)) words_[filled_++] = words_[i];
    }
}

void Samples::draw(size_t count, uint64_t *to, size_t stride) {
    while (count > 0) {
        if (next_ == filled_) {
            refill();
            continue;
        }
        const size_t taken = count < filled_ - next_ ? count : filled_ - next_;
        for (size_t i = 0; i < taken; ++i) to[i * stride] = words_[next_ + i];
        next_ += taken;
        to += taken * stride;
        count -= taken;
    }
}

size_t deal_lines(const Context &context, size_t blocks, size_t threshold) {
    if (threshold <= FEW_ROWS) return 0;
    return size_sum(lines_of(threshold), size_product(threshold, parts_of_blocks(context, blocks)));
}

void deal(const Context &context, const Dealing &dealing) {
    uint64_t few[FEW_ROWS];
    uint64_t *const weights = dealing.threshold <= FEW_ROWS ? few : numbers_at(dealing.lines);
    if (dealing.pack > 0) zero_weights(dealing.pack, dealing.threshold, weights);
    std::atomic<bool> clean{true};
    in_numbered_parts(
        context, (dealing.blocks - 1) / SHARING_PART + 1, [&](size_t part, size_t first, size_t last) {
            const size_t stop = last * SHARING_PART < dealing.blocks ? last * SHARING_PART : dealing.blocks;
            if (!deal_blocks(dealing, weights, part, first * SHARING_PART, stop)) {
                clean.store(false, std::memory_order_relaxed);
            }
        });
    if (!clean.load(std::memory_order_relaxed)) deal_blocks(dealing, weights, 0, 0, dealing.blocks);
}

}  // namespace bcfl

using namespace bcfl;

size_t bcfl_share_workspace_bytes(const bcfl_context *context, size_t count, size_t pack, size_t threshold) {
    Context chosen;
    if (!read_context(context, chosen) || count == 0 || threshold > BCFL_SHARES_MAX) return 0;
    const size_t blocks = pack == 0 ? count : count / pack;
    return blocks == 0 ? 0 : bytes_of_lines(deal_lines(chosen, blocks, threshold));
}

size_t bcfl_reconstruct_workspace_bytes(const bcfl_context *context, size_t count, size_t pack, size_t threshold) {
    Context chosen;
    if (!read_context(context, chosen) || count == 0 || threshold > BCFL_SHARES_MAX) return 0;
    return bytes_of_lines(rebuild_lines(chosen, count, pack == 0 ? 1 : pack, threshold));
}

bcfl_status bcfl_shamir_share(const bcfl_context *context, const uint64_t *secrets, size_t count, size_t threshold,
                              size_t share_count, const uint8_t seed[BCFL_SEED_BYTES], uint64_t *out,
                              size_t out_count, bcfl_fault *fault, void *workspace, size_t workspace_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (count == 0) return BCFL_EMPTY;
    if (secrets == nullptr || seed == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (share_count < 2 || share_count > BCFL_SHARES_MAX) return BCFL_SHARE_COUNT;
    if (threshold < 2 || threshold > share_count) return BCFL_THRESHOLD_RANGE;
    Dealing dealing{};
    dealing.secrets = secrets;
    dealing.blocks = count;
    dealing.threshold = threshold;
    dealing.shares = share_count;
    dealing.out = out;
    dealing.rows = VARIANTS[chosen.serving[SHAMIR_SHARE]].kernels.shamir_rows;
    return share(chosen, dealing, seed, out_count, fault, workspace, workspace_bytes);
}

bcfl_status bcfl_packed_share(const bcfl_context *context, const uint64_t *secrets, size_t count, size_t pack,
                              size_t threshold, size_t share_count, const uint8_t seed[BCFL_SEED_BYTES],
                              uint64_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                              size_t workspace_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    if (count == 0) return BCFL_EMPTY;
    if (secrets == nullptr || seed == nullptr) return BCFL_KERNEL_ARGUMENT;
    if (share_count < 2 || share_count > BCFL_SHARES_MAX) return BCFL_SHARE_COUNT;
    if (pack == 0 || pack >= share_count) return BCFL_PACK_RANGE;
    if (threshold <= pack || threshold > share_count) return BCFL_THRESHOLD_RANGE;
    if (count % pack != 0) return BCFL_PACK_LENGTH;
    Dealing dealing{};
    dealing.secrets = secrets;
    dealing.blocks = count / pack;
    dealing.pack = pack;
    dealing.threshold = threshold;
    dealing.shares = share_count;
    dealing.out = out;
    dealing.rows = VARIANTS[chosen.serving[PACKED_SHARE]].kernels.packed_rows;
    return share(chosen, dealing, seed, out_count, fault, workspace, workspace_bytes);
}

bcfl_status bcfl_shamir_reconstruct(const bcfl_context *context, const uint64_t *const *shares,
                                    const uint32_t *positions, size_t share_count, size_t count, size_t threshold,
                                    uint64_t *out, size_t out_count, bcfl_fault *fault, void *workspace,
                                    size_t workspace_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    const bcfl_status status = check_shares(shares, positions, share_count, count);
    if (status != BCFL_OK) return status;
    if (threshold < 2 || threshold > BCFL_SHARES_MAX) return BCFL_THRESHOLD_RANGE;
    if (share_count < threshold) return BCFL_SHARES_MISSING;
    if (out == nullptr || out_count != count) return BCFL_OUTPUT_SIZE;
    return rebuild(chosen, SHAMIR_RECONSTRUCT, {shares, positions, share_count, count, threshold, 0, 1, out},
                   fault, workspace, workspace_bytes);
}

bcfl_status bcfl_packed_reconstruct(const bcfl_context *context, const uint64_t *const *shares,
                                    const uint32_t *positions, size_t share_count, size_t count, size_t pack,
                                    size_t threshold, uint64_t *out, size_t out_count, bcfl_fault *fault,
                                    void *workspace, size_t workspace_bytes) {
    Context chosen;
    if (!read_context(context, chosen)) return BCFL_CONTEXT_INVALID;
    const bcfl_status status = check_shares(shares, positions, share_count, count);
    if (status != BCFL_OK) return status;
    if (pack == 0 || pack >= BCFL_SHARES_MAX) return BCFL_PACK_RANGE;
    if (threshold <= pack || threshold > BCFL_SHARES_MAX) return BCFL_THRESHOLD_RANGE;
    if (share_count < threshold) return BCFL_SHARES_MISSING;
    if (out == nullptr || count > SIZE_MAX / pack || out_count != count * pack) return BCFL_OUTPUT_SIZE;
    return rebuild(chosen, PACKED_RECONSTRUCT, {shares, positions, share_count, count, threshold, -1, pack, out},
                   fault, workspace, workspace_bytes);
}
