// incentive.md: scores, acceptance, splits, payouts, reputation, conservation. State-changing functions here and in the
// other modules change the state that they are given; whoever calls them for an operation passes a copy.

import { credited_for, is_secure } from "./groups.mjs";
import { guard } from "./refusal.mjs";

export const TRAINER = 1;
export const SCORER = 2;
export const UPDATE_ELIGIBLE = 5;
export const SHEET_REVEALED = 1;

export const FACT = {
  update_accepted: 1,
  update_rejected: 2,
  sheet_revealed: 3,
  claim_confirmed: 4,
  work_missing: 5,
  fault_proved: 6,
};

const PPM = 1000000n;
const BPS = 10000n;
const sum = (values) => values.reduce((total, value) => total + BigInt(value), 0n);
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// ---- scores ----

/** INC-001 */
export function score_ppm({ correct, total }) {
  guard(total > 0 && correct <= total, "TESTIMONY_INVALID");
  return Number((PPM * BigInt(correct)) / BigInt(total));
}

/** INC-002, for BigInts. */
export const is_scored = (included, total) => 3n * included > 2n * total;

/** INC-003; entries are objects of `value` (number) and `weight` (number or BigInt). */
export function weighted_lower_median(entries) {
  const total = sum(entries.map((entry) => entry.weight));
  guard(total > 0n, "WEIGHTS_EMPTY");
  let reached = 0n;
  for (const { value, weight } of [...entries].sort((a, b) => a.value - b.value)) {
    reached += BigInt(weight);
    if (2n * reached >= total) return value;
  }
  throw new Error("half of the weight is never reached");
}

/** INC-004 */
export function accepted(scores, acceptance_bps) {
  if (scores.length === 0) return [];
  const median = weighted_lower_median(scores.map((value) => ({ value, weight: 1 })));
  return scores.map((score) => score > 0 && 10000 * score >= acceptance_bps * median);
}

// ---- money ----

/** INC-005; the amount is a BigInt, and so are the parts. */
export function largest_remainder(amount, weights) {
  const total = sum(weights);
  guard(total !== 0n, "WEIGHTS_EMPTY");
  const products = weights.map((weight) => amount * BigInt(weight));
  const parts = products.map((product) => product / total);
  const remainders = products.map((product) => product % total);
  const order = weights.map((_, i) => i).sort((i, j) => compare(remainders[j], remainders[i]) || i - j);
  const left = Number(amount - sum(parts));
  for (const i of order.slice(0, left)) parts[i] += 1n;
  return parts;
}

/** INC-006 */
export function round_pools(reward, trainers_bps, scorers_bps, aggregators_bps) {
  const shares = [trainers_bps, scorers_bps, aggregators_bps];
  guard(sum(shares) === BPS, "SHARES_SUM");
  return largest_remainder(reward, shares);
}

/** INC-007: a list of { identity, amount }. */
export function round_payouts(task) {
  const { spec, round } = task;
  const held_to_it = is_secure(spec) ? [] : round.updates.filter((u) => u.status === UPDATE_ELIGIBLE && !u.accepted);
  const rejected = new Set(held_to_it.map((u) => u.trainer));
  const weight = spec.payment === 0 ? (update) => update.score_ppm : (update) => update.sample_count;
  const groups = [
    round.updates
      .filter((u) => u.accepted)
      .flatMap((u) => credited_for(task, u).map((identity) => ({ identity, weight: weight(u) }))),
    round.sheets.filter((s) => s.status === SHEET_REVEALED).map((s) => ({ identity: s.scorer, weight: 1 })),
    round.claims.filter((c) => c.correct).map((c) => ({ identity: c.aggregator, weight: 1 })),
  ];
  const pools = round_pools(spec.reward_round, spec.trainers_bps, spec.scorers_bps, spec.aggregators_bps);
  return groups.flatMap((group, i) => {
    const paid = group.filter((member) => !rejected.has(member.identity));
    if (paid.length === 0) return [];
    const parts = largest_remainder(pools[i], paid.map((member) => member.weight));
    return paid.map(({ identity }, k) => ({ identity, amount: parts[k] }));
  });
}

/** INC-009 */
export function seize_deposit(state, task, identity, role) {
  const held = state.tasks[task].participants.find((p) => p.identity === identity && p.role === role);
  if (held === undefined) return;
  state.treasury += held.deposit;
  held.deposit = 0n;
}

/** INC-010 */
export function total_tokens(state) {
  const accounts = state.identities.map((i) => i.balance + i.stake + i.unbonding);
  const tasks = state.tasks.map((task) => task.escrow + sum(task.participants.map((p) => p.deposit)));
  return state.treasury + sum(accounts) + sum(tasks);
}

// ---- reputation ----

/** INC-008 */
export function next_reputation(reputation, fact, parameters) {
  const change = {
    [FACT.update_accepted]: parameters.reputation_gain_bps,
    [FACT.update_rejected]: -parameters.reputation_loss_bps,
    [FACT.sheet_revealed]: parameters.reputation_gain_bps,
    [FACT.claim_confirmed]: parameters.reputation_gain_bps,
    [FACT.work_missing]: -parameters.reputation_loss_bps,
    [FACT.fault_proved]: -BPS,
  }[fact];
  const { reputation_min_bps: least, reputation_max_bps: most } = parameters;
  const moved = reputation + change;
  const raised = moved > least ? moved : least;
  return raised < most ? raised : most;
}

/** Applies one fact to the reputation of one identity of the state. */
export function record_fact(state, index, fact) {
  const identity = state.identities[index];
  identity.reputation_bps = next_reputation(identity.reputation_bps, fact, state.parameters);
}
