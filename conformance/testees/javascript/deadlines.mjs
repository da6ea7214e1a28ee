// What the begin of a height does to tasks: CTR-005, CTR-011, CTR-013 to CTR-017. Each function changes the state.

import {
  confirmed_claim,
  empty_round,
  holders,
  is_aggregable,
  is_open,
  PHASE,
  UPDATE,
  windows_of,
} from "./contract.mjs";
import { absent_members, cost_of_round, credited_for, is_secure, open_groups_of } from "./groups.mjs";
import {
  accepted,
  FACT,
  is_scored,
  record_fact,
  round_payouts,
  score_ppm,
  SCORER,
  SHEET_REVEALED,
  TRAINER,
  weighted_lower_median,
} from "./incentive.mjs";
import { credit, is_available, need_blob } from "./infrastructure.mjs";
import { Q } from "./kernels.mjs";
import { charge } from "./noise.mjs";
import { close_inputs, close_shares, draw_graphs, open_groups } from "./secure.mjs";
import { unless_refused } from "./sharing.mjs";
import { sha256, toBytes } from "./ssz.mjs";
import { BLOB_MODEL, BLOB_UPDATE, coordinates, ELEMENT_INT32, le } from "./types.mjs";

const OUTCOME = { aggregated: 1, unscored: 2, nothing_accepted: 3, unaggregated: 4 };
const AVERAGING_ALL = 1;

const ascending = (a, b) => a - b;

// ---- CTR-014, CTR-015 ----

function end_task(state, task, phase) {
  credit(state, task.issuer, task.escrow);
  task.escrow = 0n;
  for (const participant of task.participants) {
    credit(state, participant.identity, participant.deposit);
    participant.deposit = 0n;
  }
  task.round = empty_round();
  task.phase = phase;
}

/** PRV-068: what is spent after one more round, or null where the budget does not hold it. */
const spent_after_round = ({ spent, spec }) =>
  unless_refused(() => charge(spent, cost_of_round(spec), spec.privacy.noise.budget));

/** A round that cannot be charged does not begin: the task is completed. */
function start_round(state, task, number) {
  const spent = spent_after_round(task);
  if (spent === null) {
    end_task(state, task, PHASE.completed);
    return;
  }
  task.spent = spent;
  task.round = { ...empty_round(), number, start_height: state.height };
  task.round.secure.groups = open_groups_of(task.spec);
}

const is_vector = ({ blob }, kind, layout_root) =>
  blob.kind === kind && blob.element === ELEMENT_INT32 && blob.layout_root === layout_root;

function can_start(state, task, blobs) {
  const { spec } = task;
  if (holders(task, TRAINER).length < spec.trainers_min) return false;
  if (holders(task, SCORER).length < spec.scorers_min) return false;
  if (!is_available(task.attesters, state.committee)) return false;
  return is_vector(need_blob(blobs, spec.model_root), BLOB_MODEL, spec.layout_root);
}

export function close_registration(state, number, blobs) {
  const task = state.tasks[number];
  if (!can_start(state, task, blobs)) {
    end_task(state, task, PHASE.aborted);
    return;
  }
  task.phase = PHASE.running;
  if (is_secure(task.spec)) task.group_seed = state.mix;
  start_round(state, task, 1);
}

// ---- CTR-016 ----

function status_at_deadline(state, task, update, base, blobs) {
  if (!is_available(update.attesters, state.committee)) return UPDATE.unavailable;
  const found = need_blob(blobs, update.blob_root);
  const fits =
    is_vector(found, BLOB_UPDATE, task.spec.layout_root) &&
    found.data.length === base.data.length &&
    coordinates(found.data).every((value) => -Q <= value && value <= Q);
  return fits ? UPDATE.eligible : UPDATE.invalid;
}

export function close_attestation(state, number, blobs) {
  const task = state.tasks[number];
  const base = need_blob(blobs, task.model_root);
  for (const update of task.round.updates.filter((u) => u.status === UPDATE.revealed)) {
    update.status = status_at_deadline(state, task, update, base, blobs);
  }
}

// ---- CTR-017 ----

export function draw_members(members, count, seed) {
  const ranked = members.map((member) => ({ member, rank: sha256(seed, le(member, 4)) }));
  ranked.sort((a, b) => Buffer.compare(a.rank, b.rank));
  return ranked
    .slice(0, count)
    .map(({ member }) => member)
    .sort(ascending);
}

export function appoint_aggregators(state, number) {
  const { participants, round, spec } = state.tasks[number];
  const held = participants.filter((p) => p.deposit > 0n).map((p) => p.identity);
  const members = [...new Set(held)].sort(ascending);
  const name = Buffer.from("bcfl aggregators", "ascii");
  const seed = sha256(name, toBytes(state.mix), le(number, 4), le(round.number, 2));
  round.aggregators = spec.averaging === AVERAGING_ALL ? members : draw_members(members, spec.aggregators, seed);
}

// ---- CTR-011 ----

const sum = (values) => values.reduce((total, value) => total + value, 0n);

/** The sheets that count, with the weights of their scorers; null when the round stays unscored. */
function counting_sheets(state, task) {
  const weight = (identity) => state.identities[identity].reputation_bps;
  const scorers = holders(task, SCORER).map((p) => p.identity);
  const sheets = task.round.sheets
    .filter((sheet) => sheet.status === SHEET_REVEALED && scorers.includes(sheet.scorer))
    .map((sheet) => ({ ...sheet, weight: weight(sheet.scorer) }));
  const included = sum(sheets.map((sheet) => sheet.weight));
  return is_scored(included, sum(scorers.map(weight))) ? sheets : null;
}

export function decide(state, number) {
  const task = state.tasks[number];
  const sheets = counting_sheets(state, task);
  if (sheets === null) return;
  task.round.scored = true;
  const scored = [];
  for (const update of task.round.updates.filter((u) => u.status === UPDATE.eligible)) {
    const entries = sheets.flatMap(({ entries: testimonies, weight }) =>
      testimonies.filter((t) => t.update_root === update.blob_root).map((t) => ({ value: score_ppm(t), weight })),
    );
    if (entries.length === 0) continue;
    update.score_ppm = weighted_lower_median(entries);
    scored.push(update);
  }
  const verdicts = accepted(scored.map((update) => update.score_ppm), task.spec.acceptance_bps);
  scored.forEach((update, i) => {
    update.accepted = verdicts[i];
  });
}

// ---- CTR-013 ----

function has_enough_claims({ round, spec }) {
  const confirmed = round.claims.filter((claim) => claim.correct).length;
  if (spec.averaging === AVERAGING_ALL) return 3 * confirmed > 2 * round.aggregators.length;
  return confirmed >= 1;
}

function outcome_of(task) {
  if (!task.round.scored) return OUTCOME.unscored;
  if (!is_aggregable(task)) return OUTCOME.nothing_accepted;
  return has_enough_claims(task) ? OUTCOME.aggregated : OUTCOME.unaggregated;
}

/** PRV-039: those of updates, then of members. */
function record_secure_facts(state, task) {
  for (const update of task.round.updates.filter((u) => u.accepted)) {
    for (const author of credited_for(task, update)) record_fact(state, author, FACT.update_accepted);
  }
  for (const member of absent_members(task)) record_fact(state, member, FACT.work_missing);
}

/** The facts of a round, in the order of INC-008. */
function record_facts(state, task, outcome) {
  const { updates, sheets, claims, scored } = task.round;
  for (const { trainer, status, accepted: passed } of is_secure(task.spec) ? [] : updates) {
    if (status === UPDATE.eligible) {
      if (scored) record_fact(state, trainer, passed ? FACT.update_accepted : FACT.update_rejected);
    } else if (status !== UPDATE.mismatched) {
      record_fact(state, trainer, FACT.work_missing);
    }
  }
  if (is_secure(task.spec)) record_secure_facts(state, task);
  for (const { identity } of holders(task, SCORER)) {
    const revealed = sheets.some((sheet) => sheet.scorer === identity && sheet.status === SHEET_REVEALED);
    record_fact(state, identity, revealed ? FACT.sheet_revealed : FACT.work_missing);
  }
  if (outcome !== OUTCOME.aggregated) return;
  for (const claim of claims.filter((c) => c.correct)) record_fact(state, claim.aggregator, FACT.claim_confirmed);
}

/** Pays for an aggregated round and moves the model; the sum of the payouts. */
function pay_round(state, task) {
  const payouts = round_payouts(task);
  for (const { identity, amount } of payouts) credit(state, identity, amount);
  const paid = sum(payouts.map(({ amount }) => amount));
  task.escrow -= paid;
  task.model_root = confirmed_claim(task.round).model_root;
  return paid;
}

export function settle(state, number) {
  const task = state.tasks[number];
  const { number: round } = task.round;
  const outcome = outcome_of(task);
  record_facts(state, task, outcome);
  const paid = outcome === OUTCOME.aggregated ? pay_round(state, task) : 0n;
  task.results.push({ number: round, outcome, model_root: task.model_root, paid });
  if (round < task.spec.rounds) start_round(state, task, round + 1);
  else end_task(state, task, PHASE.completed);
}

// ---- CTR-005, PRV-031 ----

function appoint_and_decide(state, number) {
  appoint_aggregators(state, number);
  decide(state, number);
}

/** What happens at the begin of a window. */
const PLAIN_BEGINS = { score_commit: close_attestation, aggregate: appoint_and_decide };
const SECURE_BEGINS = {
  shares: draw_graphs,
  input: close_shares,
  unmask: close_inputs,
  score_commit: open_groups,
  aggregate: appoint_and_decide,
};

function advance_task(state, number, blobs) {
  const task = state.tasks[number];
  const { spec, round, published_height } = task;
  if (task.phase === PHASE.registration) {
    if (state.height === published_height + BigInt(spec.registration_heights)) {
      close_registration(state, number, blobs);
    }
    return;
  }
  const after = state.height - round.start_height;
  const window = BigInt(spec.window_heights);
  if (after % window !== 0n) return;
  const names = windows_of(spec);
  const begins = is_secure(spec) ? SECURE_BEGINS : PLAIN_BEGINS;
  if (after === BigInt(names.length) * window) settle(state, number);
  else begins[names[Number(after / window)]]?.(state, number, blobs);
}

/** The begin of the height of `state`, for every open task in ascending number. */
export function advance_tasks(state, blobs) {
  state.tasks.forEach((task, number) => {
    if (is_open(task)) advance_task(state, number, blobs);
  });
}
