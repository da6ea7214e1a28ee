// The rules of aggregation.md: AGG-010 and AGG-020 to AGG-033. No extension is installed here.

import {
  clip_l2,
  div_round_half_even,
  nearest_sum,
  pairwise_sqdist,
  Q,
  trimmed_sum,
  weighted_sum,
} from "./kernels.mjs";
import { guard } from "./refusal.mjs";

const UPDATES_MAX = 2047;
const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

const inDomain = (vector) => vector.every((value) => -Q <= value && value <= Q);
const ones = (n) => Array(n).fill(1);
const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

// ---- AGG-020 ----

const trim_guard = (rule) => guard(rule.trim_bps <= 4999, "TRIM_RANGE");
const byzantine_guard = (rule, n) => guard(2 * rule.byzantine + 2 < n, "BYZANTINE_RANGE");
const bulyan_guard = (rule, n) => guard(4 * rule.byzantine + 3 <= n, "BYZANTINE_RANGE");
const select_guard = (rule, n) => guard(1 <= rule.select && rule.select <= n - rule.byzantine, "SELECT_RANGE");
const norm_guard = ({ norm_bound: b }) => guard(1n <= b && b <= 2n ** 32n - 1n, "NORM_BOUND_RANGE");

const trim_count = (rule, n) => Math.floor((rule.trim_bps * n) / 10000);

/** By their number: the parameters that a rule uses, its guards among 6 to 9, and its sum S and count C (AGG-022). */
const RULES = [
  {
    name: "mean", // AGG-023
    uses: [],
    guards: [],
    sum: (rule, updates) => [weighted_sum(updates, ones(updates.length)), updates.length],
  },
  {
    name: "weighted_mean", // AGG-024
    uses: [],
    guards: [],
    sum: (rule, updates, weights) => [weighted_sum(updates, weights), total(weights)],
  },
  {
    name: "coordinate_median", // AGG-025
    uses: [],
    guards: [],
    sum: (rule, updates) => {
      const k = Math.floor((updates.length - 1) / 2);
      return [trimmed_sum(updates, k), updates.length - 2 * k];
    },
  },
  {
    name: "trimmed_mean", // AGG-026
    uses: ["trim_bps"],
    guards: [trim_guard],
    sum: (rule, updates) => {
      const k = trim_count(rule, updates.length);
      return [trimmed_sum(updates, k), updates.length - 2 * k];
    },
  },
  {
    name: "krum", // AGG-028
    uses: ["byzantine"],
    guards: [byzantine_guard],
    sum: (rule, updates) => sum_of_first(updates, rule.byzantine, 1),
  },
  {
    name: "multi_krum", // AGG-029
    uses: ["byzantine", "select"],
    guards: [byzantine_guard, select_guard],
    sum: (rule, updates) => sum_of_first(updates, rule.byzantine, rule.select),
  },
  {
    name: "norm_bounded_mean", // AGG-030
    uses: ["norm_bound"],
    guards: [norm_guard],
    sum: (rule, updates, weights) => {
      const clipped = updates.map((update) => clip_l2(update, rule.norm_bound));
      return [weighted_sum(clipped, weights), total(weights)];
    },
  },
  {
    name: "bulyan", // AGG-033
    uses: ["byzantine"],
    guards: [bulyan_guard],
    sum: (rule, updates) => {
      const beta = updates.length - 4 * rule.byzantine;
      return [nearest_sum(select_one_by_one(updates, rule.byzantine), beta), beta];
    },
  },
];

const PARAMETERS = ["trim_bps", "byzantine", "select", "norm_bound"];

/** Guards 3 to 9 of AGG-020. */
function check_rate_and_count(rule, n) {
  guard(rule.eta_numerator >= 1 && rule.eta_denominator >= 1, "RATE_RANGE");
  guard(n >= 1, "EMPTY");
  guard(n <= UPDATES_MAX, "VECTOR_COUNT");
  for (const own of RULES[rule.name].guards) own(rule, n);
}

export function check_rule(rule, n) {
  const known = RULES[rule.name];
  guard(known !== undefined, "RULE_UNKNOWN");
  const unused = PARAMETERS.filter((parameter) => !known.uses.includes(parameter));
  guard(unused.every((parameter) => BigInt(rule[parameter]) === 0n), "PARAMETER_UNUSED");
  check_rate_and_count(rule, n);
}

// ---- AGG-021, AGG-022 ----

function check_inputs(base, updates, weights) {
  guard(weights.length === updates.length, "WEIGHT_COUNT");
  guard(base.length >= 1, "EMPTY");
  guard(updates.every((update) => update.length === base.length), "VECTOR_LENGTH");
  guard(weights.every((weight) => 1 <= weight && weight <= 65535), "WEIGHT_RANGE");
  guard(updates.every(inDomain), "DOMAIN_COORDINATE");
}

function apply_sum(rule, base, sum, count) {
  const a = BigInt(rule.eta_numerator);
  const divisor = BigInt(rule.eta_denominator) * BigInt(count);
  const model = base.map((w, i) => BigInt(w) + div_round_half_even(a * sum[i], divisor));
  guard(model.every((w) => INT32_MIN <= w && w <= INT32_MAX), "MODEL_OVERFLOW");
  return model.map(Number);
}

function run(rule, base, updates, weights) {
  check_inputs(base, updates, weights);
  const [sum, count] = RULES[rule.name].sum(rule, updates, weights);
  return apply_sum(rule, base, sum, count);
}

/** The operation of one rule; `rule` needs the rate and the parameters that the rule uses. */
export function aggregate_by(name, rule, base, updates, weights) {
  const numbered = { ...rule, name: RULES.findIndex((known) => known.name === name) };
  check_rate_and_count(numbered, updates.length);
  return run(numbered, base, updates, weights);
}

/** AGG-031. */
export function aggregate(rule, base, updates, weights) {
  check_rule(rule, updates.length);
  return run(rule, base, updates, weights);
}

// ---- AGG-027 ----

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

export function krum_scores(updates, f) {
  const n = updates.length;
  guard(n >= 1, "EMPTY");
  guard(n <= UPDATES_MAX, "VECTOR_COUNT");
  guard(2 * f + 2 < n, "BYZANTINE_RANGE");
  guard(updates[0].length >= 1, "EMPTY");
  guard(updates.every((update) => update.length === updates[0].length), "VECTOR_LENGTH");
  guard(updates.every(inDomain), "DOMAIN_COORDINATE");
  const scores = pairwise_sqdist(updates).map((row, i) => {
    const others = row.filter((_, j) => j !== i).sort(compare);
    return others.slice(0, n - f - 2).reduce((sum, distance) => sum + distance, 0n);
  });
  const order = scores.map((_, i) => i).sort((i, j) => compare(scores[i], scores[j]) || i - j);
  return { scores, order };
}

function sum_of_first(updates, f, m) {
  const { order } = krum_scores(updates, f);
  const chosen = order.slice(0, m).map((i) => updates[i]);
  return [weighted_sum(chosen, ones(m)), m];
}

// ---- AGG-033 ----

/** The theta = n - 2f updates that are selected, each by its score among those that were left. */
function select_one_by_one(updates, f) {
  const distances = pairwise_sqdist(updates);
  let left = updates.map((_, i) => i);
  const selected = [];
  while (selected.length < updates.length - 2 * f) {
    const k = Math.max(1, left.length - f - 2);
    const score = (i) => {
      const others = left.filter((j) => j !== i).map((j) => distances[i][j]).sort(compare);
      return others.slice(0, k).reduce((sum, distance) => sum + distance, 0n);
    };
    const scored = left.map((i) => [score(i), i]).sort(([a, i], [b, j]) => compare(a, b) || i - j);
    const best = scored[0][1];
    selected.push(updates[best]);
    left = left.filter((i) => i !== best);
  }
  return selected;
}
