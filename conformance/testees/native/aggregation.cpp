// The operations `aggregation.*`: the rules of spec/aggregation.md on top of the kernels.

#include <algorithm>
#include <numeric>

#include "operations.h"

using json::Value;

namespace {

enum Name : uint64_t {
    MEAN,
    WEIGHTED_MEAN,
    COORDINATE_MEDIAN,
    TRIMMED_MEAN,
    KRUM,
    MULTI_KRUM,
    NORM_BOUNDED_MEAN,
    BULYAN
};

// AGG-010
struct Rule {
    uint64_t name = 0, a = 0, b = 0, trim_bps = 0, byzantine = 0, select = 0, norm_bound = 0;
};

struct Round {
    Vector base;
    std::vector<Vector> updates;
    std::vector<uint64_t> weights;
};

// AGG-022: what a rule makes of the updates, before the rate.
struct Sum {
    std::vector<int64_t> sums;
    uint64_t count = 0;
};

void guard(bool holds, const char *code) {
    if (!holds) {
        throw Refused{code};
    }
}

Round round_of(const Value &input) {
    return {vector(field(input, "base")), vectors(field(input, "updates")), numbers(field(input, "weights"), 32)};
}

// AGG-020, guards 1 and 2.
void check_form(const Rule &rule) {
    guard(rule.name <= BULYAN, "RULE_UNKNOWN");
    guard((rule.trim_bps == 0 || rule.name == TRIMMED_MEAN) &&
              (rule.byzantine == 0 || rule.name == KRUM || rule.name == MULTI_KRUM || rule.name == BULYAN) &&
              (rule.select == 0 || rule.name == MULTI_KRUM) &&
              (rule.norm_bound == 0 || rule.name == NORM_BOUNDED_MEAN),
          "PARAMETER_UNUSED");
}

// AGG-020, guards 3 to 9.
void check_numbers(const Rule &rule, uint64_t n) {
    guard(rule.a >= 1 && rule.b >= 1, "RATE_RANGE");
    guard(n >= 1, "EMPTY");
    guard(n <= BCFL_VECTORS_MAX, "VECTOR_COUNT");
    guard(rule.name != TRIMMED_MEAN || rule.trim_bps <= 4999, "TRIM_RANGE");
    if (rule.name == KRUM || rule.name == MULTI_KRUM) {
        guard(2 * rule.byzantine + 2 < n, "BYZANTINE_RANGE");
    }
    guard(rule.name != BULYAN || 4 * rule.byzantine + 3 <= n, "BYZANTINE_RANGE");
    guard(rule.name != MULTI_KRUM || (rule.select >= 1 && rule.select <= n - rule.byzantine), "SELECT_RANGE");
    guard(rule.name != NORM_BOUNDED_MEAN || (rule.norm_bound >= 1 && rule.norm_bound <= BCFL_NORM_BOUND_MAX),
          "NORM_BOUND_RANGE");
}

void check_domain(const std::vector<Vector> &updates) {
    for (const Vector &update : updates) {
        size_t index = 0;
        check(bcfl_domain_check(library(), update.data(), update.size(), &index));
        guard(index == update.size(), "DOMAIN_COORDINATE");
    }
}

// AGG-021
void check_inputs(const Round &given) {
    guard(given.weights.size() == given.updates.size(), "WEIGHT_COUNT");
    guard(!given.base.empty(), "EMPTY");
    for (const Vector &update : given.updates) {
        guard(update.size() == given.base.size(), "VECTOR_LENGTH");
    }
    for (const uint64_t weight : given.weights) {
        guard(weight >= 1 && weight <= BCFL_WEIGHT_MAX, "WEIGHT_RANGE");
    }
    check_domain(given.updates);
}

Sum weighted(const std::vector<Vector> &updates, const std::vector<uint64_t> &weights) {
    const Rows<int32_t> view(updates);
    const std::vector<uint32_t> words(weights.begin(), weights.end());
    Sum found{std::vector<int64_t>(view.length()), std::accumulate(weights.begin(), weights.end(), uint64_t{0})};
    check(bcfl_weighted_sum(library(), view.data(), words.data(), view.count(), view.length(), found.sums.data(),
                            found.sums.size(), nullptr));
    return found;
}

Sum plain(const std::vector<Vector> &updates) {
    return weighted(updates, std::vector<uint64_t>(updates.size(), 1));
}

Sum trimmed(const std::vector<Vector> &updates, size_t trim) {
    const Rows<int32_t> view(updates);
    Sum found{std::vector<int64_t>(view.length()), updates.size() - 2 * trim};
    Bytes room(bcfl_order_workspace_bytes(library(), view.count(), view.length()));
    check(bcfl_trimmed_sum(library(), view.data(), view.count(), view.length(), trim, found.sums.data(),
                           found.sums.size(), nullptr, room.data(), room.size()));
    return found;
}

// AGG-014 as a square table.
class Distances {
 public:
    explicit Distances(const std::vector<Vector> &updates) : count_(updates.size()) {
        const Rows<int32_t> view(updates);
        words_.resize(2 * count_ * count_);
        Bytes room(bcfl_pairwise_sqdist_workspace_bytes(library(), count_, view.length()));
        check(bcfl_pairwise_sqdist(library(), view.data(), count_, view.length(), words_.data(), words_.size(),
                                   nullptr, room.data(), room.size()));
    }

    Wide at(size_t i, size_t j) const {
        const size_t place = 2 * (i * count_ + j);
        return static_cast<Wide>(words_[place + 1]) << 64 | words_[place];
    }

    // The sum of the `nearest` smallest distances of i to the others of `among`, or of all if there are fewer.
    Wide score(size_t i, const std::vector<size_t> &among, size_t nearest) const {
        std::vector<Wide> others;
        for (const size_t j : among) {
            if (j != i) {
                others.push_back(at(i, j));
            }
        }
        std::sort(others.begin(), others.end());
        others.resize(std::min(nearest, others.size()));
        return std::accumulate(others.begin(), others.end(), Wide{0});
    }

 private:
    size_t count_;
    std::vector<uint64_t> words_;
};

std::vector<size_t> positions(size_t count) {
    std::vector<size_t> found(count);
    std::iota(found.begin(), found.end(), size_t{0});
    return found;
}

// AGG-027
std::vector<Wide> krum_scores(const std::vector<Vector> &updates, uint64_t byzantine) {
    const Distances distances(updates);
    const std::vector<size_t> all = positions(updates.size());
    std::vector<Wide> scores;
    for (const size_t i : all) {
        scores.push_back(distances.score(i, all, updates.size() - byzantine - 2));
    }
    return scores;
}

std::vector<size_t> krum_order(const std::vector<Wide> &scores) {
    std::vector<size_t> order = positions(scores.size());
    std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return scores[i] < scores[j]; });
    return order;
}

Sum krum(const std::vector<Vector> &updates, uint64_t byzantine, size_t select) {
    const std::vector<size_t> order = krum_order(krum_scores(updates, byzantine));
    std::vector<Vector> chosen;
    for (size_t rank = 0; rank < select; ++rank) {
        chosen.push_back(updates[order[rank]]);
    }
    return plain(chosen);
}

Sum norm_bounded(const Round &given, uint64_t bound) {
    std::vector<Vector> clipped;
    for (const Vector &update : given.updates) {
        Vector out(update.size());
        check(bcfl_clip_l2(library(), update.data(), update.size(), bound, out.data(), out.size(), nullptr));
        clipped.push_back(std::move(out));
    }
    return weighted(clipped, given.weights);
}

// AGG-033
Sum bulyan(const std::vector<Vector> &updates, uint64_t byzantine) {
    const Distances distances(updates);
    const size_t theta = updates.size() - 2 * byzantine;
    const size_t beta = theta - 2 * byzantine;
    std::vector<size_t> left = positions(updates.size());
    std::vector<Vector> selected;
    while (selected.size() < theta) {
        const size_t margin = byzantine + 2;
        const size_t nearest = left.size() > margin ? left.size() - margin : 1;
        size_t best = 0;
        Wide lowest = 0;
        for (size_t place = 0; place < left.size(); ++place) {
            const Wide score = distances.score(left[place], left, nearest);
            if (place == 0 || score < lowest) {
                best = place;
                lowest = score;
            }
        }
        selected.push_back(updates[left[best]]);
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
    }
    const Rows<int32_t> view(selected);
    Sum found{std::vector<int64_t>(view.length()), beta};
    Bytes room(bcfl_order_workspace_bytes(library(), view.count(), view.length()));
    check(bcfl_nearest_sum(library(), view.data(), view.count(), view.length(), beta, found.sums.data(),
                           found.sums.size(), nullptr, room.data(), room.size()));
    return found;
}

Sum sum_of(const Rule &rule, const Round &given) {
    const size_t n = given.updates.size();
    switch (rule.name) {
        case MEAN: return plain(given.updates);
        case WEIGHTED_MEAN: return weighted(given.updates, given.weights);
        case COORDINATE_MEDIAN: return trimmed(given.updates, (n - 1) / 2);
        case TRIMMED_MEAN: return trimmed(given.updates, rule.trim_bps * n / 10000);
        case KRUM: return krum(given.updates, rule.byzantine, 1);
        case MULTI_KRUM: return krum(given.updates, rule.byzantine, rule.select);
        case NORM_BOUNDED_MEAN: return norm_bounded(given, rule.norm_bound);
        default: return bulyan(given.updates, rule.byzantine);
    }
}

// AGG-022
Value applied(const Rule &rule, const Round &given) {
    const Sum sum = sum_of(rule, given);
    std::vector<int64_t> steps(sum.sums.size());
    check(bcfl_div_round(library(), sum.sums.data(), sum.sums.size(), rule.a, rule.b * sum.count, steps.data(),
                         steps.size(), nullptr));
    Vector model;
    for (size_t i = 0; i < steps.size(); ++i) {
        const int64_t coordinate = given.base[i] + steps[i];
        guard(coordinate >= INT32_MIN && coordinate <= INT32_MAX, "MODEL_OVERFLOW");
        model.push_back(static_cast<int32_t>(coordinate));
    }
    Value made = Value::object();
    made.set("model", integers(model));
    return made;
}

// An operation of a single rule: its parameters stand beside the input.
template <Name name>
Value single(const Value &input) {
    Rule rule;
    rule.name = name;
    rule.a = number(field(input, "eta_numerator"), 16);
    rule.b = number(field(input, "eta_denominator"), 16);
    if (name == TRIMMED_MEAN) {
        rule.trim_bps = number(field(input, "trim_bps"), 16);
    }
    if (name == KRUM || name == MULTI_KRUM || name == BULYAN) {
        rule.byzantine = number(field(input, "byzantine"), 16);
    }
    if (name == MULTI_KRUM) {
        rule.select = number(field(input, "select"), 16);
    }
    if (name == NORM_BOUNDED_MEAN) {
        rule.norm_bound = number(field(input, "norm_bound"), 64);
    }
    const Round given = round_of(input);
    check_numbers(rule, given.updates.size());
    check_inputs(given);
    return applied(rule, given);
}

Rule rule_of(const Value &data) {
    Rule rule;
    rule.name = number(field(data, "name"), 8);
    rule.a = number(field(data, "eta_numerator"), 16);
    rule.b = number(field(data, "eta_denominator"), 16);
    rule.trim_bps = number(field(data, "trim_bps"), 16);
    rule.byzantine = number(field(data, "byzantine"), 16);
    rule.select = number(field(data, "select"), 16);
    rule.norm_bound = number(field(data, "norm_bound"), 64);
    return rule;
}

Value check_rule(const Value &input) {
    const Rule rule = rule_of(field(input, "rule"));
    const uint64_t count = number(field(input, "count"), 32);
    check_form(rule);
    check_numbers(rule, count);
    return Value::object();
}

Value aggregate(const Value &input) {
    const Rule rule = rule_of(field(input, "rule"));
    const Round given = round_of(input);
    check_form(rule);
    check_numbers(rule, given.updates.size());
    check_inputs(given);
    return applied(rule, given);
}

Value scores(const Value &input) {
    const std::vector<Vector> updates = vectors(field(input, "updates"));
    const uint64_t byzantine = number(field(input, "byzantine"), 16);
    const size_t n = updates.size();
    guard(n >= 1, "EMPTY");
    guard(n <= BCFL_VECTORS_MAX, "VECTOR_COUNT");
    guard(2 * byzantine + 2 < n, "BYZANTINE_RANGE");
    guard(!updates[0].empty(), "EMPTY");
    for (const Vector &update : updates) {
        guard(update.size() == updates[0].size(), "VECTOR_LENGTH");
    }
    check_domain(updates);
    const std::vector<Wide> found = krum_scores(updates, byzantine);
    Value listed = Value::array();
    for (const Wide score : found) {
        listed.add(decimal(score));
    }
    Value order = Value::array();
    for (const size_t position : krum_order(found)) {
        order.add(decimal(position));
    }
    Value made = Value::object();
    made.set("scores", std::move(listed));
    made.set("order", std::move(order));
    return made;
}

}  // namespace

void add_aggregation(std::map<std::string, Operation> &table) {
    table["aggregation.mean"] = single<MEAN>;
    table["aggregation.weighted_mean"] = single<WEIGHTED_MEAN>;
    table["aggregation.coordinate_median"] = single<COORDINATE_MEDIAN>;
    table["aggregation.trimmed_mean"] = single<TRIMMED_MEAN>;
    table["aggregation.krum_scores"] = scores;
    table["aggregation.krum"] = single<KRUM>;
    table["aggregation.multi_krum"] = single<MULTI_KRUM>;
    table["aggregation.norm_bounded_mean"] = single<NORM_BOUNDED_MEAN>;
    table["aggregation.bulyan"] = single<BULYAN>;
    table["aggregation.check_rule"] = check_rule;
    table["aggregation.aggregate"] = aggregate;
}
