// contract.md: the task specification and the transactions of tasks (CTR-001 to CTR-010, CTR-012). What deadlines do
// is in deadlines.mjs. Each function changes the state that it is given.

import { aggregate, check_rule } from "./aggregation.mjs";
import { holds_seat } from "./consensus.mjs";
import { containers, rootOf, ZERO_ROOT } from "./containers.mjs";
import { is_author, is_secure, privacy_is_valid, STEP } from "./groups.mjs";
import { FACT, record_fact, score_ppm, SCORER, seize_deposit, SHEET_REVEALED, TRAINER } from "./incentive.mjs";
import { add_attester, debit, need_blob } from "./infrastructure.mjs";
import { open_group } from "./opening.mjs";
import { guard, Refusal } from "./refusal.mjs";
import { BLOB_MODEL, commit_blob, coordinate_bytes, coordinates, ELEMENT_INT32 } from "./types.mjs";

export const PHASE = { registration: 1, running: 2, completed: 3, aborted: 4 };
const PLAIN_WINDOWS = ["commit", "reveal", "attest", "score_commit", "score_reveal", "aggregate"];
const SECURE_WINDOWS = ["keys", "shares", "input", "attest", "unmask", "score_commit", "score_reveal", "aggregate"];
export const UPDATE = {
  committed: 0,
  revealed: 1,
  mismatched: 2,
  duplicate: 3,
  invalid: 4,
  eligible: 5,
  unavailable: 6,
};
const SHEET_COMMITTED = 0;
const SHEET_MISMATCHED = 2;
const EXTENSIONS_FROM = 128;
const TASKS_MAX = 2 ** 20;

const ascending = (a, b) => a - b;

// ---- CTR-001 ----

export const is_open = (task) => task.phase === PHASE.registration || task.phase === PHASE.running;
export const empty_round = () => containers.Round.zero();

function find_task(state, number) {
  guard(number < state.tasks.length, "TASK_UNKNOWN");
  return state.tasks[number];
}

/** Participants of a role that still have their deposit (CTR-004). */
export const holders = (task, role) => task.participants.filter((p) => p.role === role && p.deposit > 0n);
export const holds = (task, role, identity) => holders(task, role).some((p) => p.identity === identity);

// ---- CTR-002 ----

/** Whether AGG-020 accepts a rule for n updates. */
export function rule_accepts(rule, n) {
  try {
    check_rule(rule, n);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function range_is_valid(least, most, parameters) {
  return 1 <= least && least <= most && BigInt(most) <= parameters.participants_max;
}

function rule_is_valid(spec, extensions) {
  const { rule, privacy } = spec;
  const counts = is_secure(spec) ? [privacy.groups] : [spec.trainers_min, spec.trainers_max];
  const listed = rule.name < EXTENSIONS_FROM || extensions.includes(rule.name);
  return listed && counts.every((count) => rule_accepts(rule, count));
}

export function spec_is_valid(spec, { parameters, extensions }) {
  return (
    spec.rounds >= 1 &&
    BigInt(spec.window_heights) >= parameters.window_heights_min &&
    BigInt(spec.registration_heights) >= parameters.window_heights_min &&
    range_is_valid(spec.trainers_min, spec.trainers_max, parameters) &&
    range_is_valid(spec.scorers_min, spec.scorers_max, parameters) &&
    spec.averaging <= 1 &&
    (spec.averaging === 1 || spec.aggregators >= 1) &&
    spec.payment <= 1 &&
    spec.reward_round >= 1n &&
    spec.trainers_bps + spec.scorers_bps + spec.aggregators_bps === 10000 &&
    spec.deposit >= 1n &&
    1 <= spec.sample_count_max &&
    spec.sample_count_max <= 65535 &&
    spec.acceptance_bps <= 10000 &&
    rule_is_valid(spec, extensions) &&
    privacy_is_valid(spec)
  );
}

// ---- CTR-003, CTR-004 ----

export function publish(state, sender, { spec }) {
  const open = state.tasks.filter(is_open).length;
  guard(BigInt(open) < state.parameters.tasks_open_max && state.tasks.length < TASKS_MAX, "TASKS_OPEN_MAX");
  guard(spec_is_valid(spec, state), "TASK_SPEC_INVALID");
  const escrow = BigInt(spec.rounds) * spec.reward_round;
  debit(state, sender, escrow);
  state.tasks.push({
    issuer: sender,
    spec,
    phase: PHASE.registration,
    published_height: state.height,
    escrow,
    attesters: [],
    participants: [],
    model_root: spec.model_root,
    round: empty_round(),
    results: [],
    group_seed: ZERO_ROOT,
    spent: 0n,
  });
}

export function join(state, sender, { task: number, role, terms_root }) {
  const task = find_task(state, number);
  guard(task.phase === PHASE.registration, "PHASE_MISMATCH");
  guard(role === TRAINER || role === SCORER, "ROLE_UNKNOWN");
  guard(terms_root === task.spec.terms_root, "TERMS_MISMATCH");
  guard(!task.participants.some((p) => p.identity === sender && p.role === role), "ALREADY_JOINED");
  const most = role === TRAINER ? task.spec.trainers_max : task.spec.scorers_max;
  guard(holders(task, role).length < most, "TASK_FULL");
  debit(state, sender, task.spec.deposit);
  task.participants.push({ identity: sender, role, deposit: task.spec.deposit });
  task.participants.sort((a, b) => a.role - b.role || a.identity - b.identity);
}

// ---- CTR-005 ----

/** The windows of a round of the task, in their order. */
export const windows_of = (spec) => (is_secure(spec) ? SECURE_WINDOWS : PLAIN_WINDOWS);

/** The window of a height, or undefined beyond the round (BigInt division rounds towards zero, so not to window -1). */
function window_at({ round, spec }, height) {
  if (height < round.start_height) return undefined;
  return windows_of(spec)[Number((height - round.start_height) / BigInt(spec.window_heights))];
}

/** Guards 1 to 3 of the transactions of a round. */
export function task_in_window(state, payload, window) {
  const task = find_task(state, payload.task);
  guard(task.phase === PHASE.running && payload.round === task.round.number, "ROUND_MISMATCH");
  guard(window_at(task, state.height) === window, "PHASE_MISMATCH");
  return task;
}

/** A false statement costs the deposits of these roles and the reputation. */
export function punish(state, number, sender, roles) {
  for (const role of roles) seize_deposit(state, number, sender, role);
  record_fact(state, sender, FACT.fault_proved);
}

// ---- CTR-006, CTR-007 ----

export function commit_update(state, sender, payload) {
  const task = task_in_window(state, payload, "commit");
  guard(holds(task, TRAINER, sender), "ROLE_MISSING");
  const { updates } = task.round;
  guard(!updates.some((update) => update.trainer === sender), "ALREADY_COMMITTED");
  const update = {
    ...containers.Update.zero(),
    trainer: sender,
    order: updates.length,
    commitment: payload.commitment,
    status: UPDATE.committed,
  };
  updates.push(update);
  updates.sort((a, b) => a.trainer - b.trainer);
}

/** Of the revealed updates with one blob the first committed stands, with all attesters; the others are duplicates. */
function settle_duplicates(updates, blob_root) {
  const shown = [UPDATE.revealed, UPDATE.duplicate];
  const same = updates.filter((u) => shown.includes(u.status) && u.blob_root === blob_root);
  const attesters = [...new Set(same.flatMap((u) => u.attesters))].sort(ascending);
  const [original, ...copies] = same.sort((a, b) => a.order - b.order);
  Object.assign(original, { status: UPDATE.revealed, attesters });
  for (const copy of copies) Object.assign(copy, { status: UPDATE.duplicate, attesters: [] });
}

export function reveal_update(state, sender, payload) {
  const task = task_in_window(state, payload, "reveal");
  const update = task.round.updates.find((u) => u.trainer === sender);
  guard(update !== undefined, "COMMITMENT_MISSING");
  guard(update.status === UPDATE.committed, "ALREADY_REVEALED");
  const { blob_root, sample_count, salt, round } = payload;
  guard(1 <= sample_count && sample_count <= task.spec.sample_count_max, "SAMPLE_COUNT");
  const commitment = rootOf("UpdateCommitment", {
    genesis_root: state.genesis_root,
    task: payload.task,
    round,
    sender,
    base_model: task.model_root,
    blob_root,
    sample_count,
    salt,
  });
  if (commitment !== update.commitment) {
    update.status = UPDATE.mismatched;
    punish(state, payload.task, sender, [TRAINER]);
    return;
  }
  Object.assign(update, { status: UPDATE.revealed, blob_root, sample_count });
  settle_duplicates(task.round.updates, blob_root);
}

// ---- CTR-008 ----

/** What has attesters and this blob root: a list, in secure rounds of more than one perhaps (PRV-035). */
function attestable(task, root) {
  if (task.phase === PHASE.registration) return root === task.spec.model_root ? [task] : [];
  const { secure, updates } = task.round;
  if (is_secure(task.spec)) return secure.members.filter((m) => m.step === STEP.given && m.blob_root === root);
  return updates.filter((u) => u.status === UPDATE.revealed && u.blob_root === root);
}

export function attest(state, sender, payload) {
  const task = find_task(state, payload.task);
  const windows = [is_secure(task.spec) ? "input" : "reveal", "attest"];
  const in_round = task.phase === PHASE.running && windows.includes(window_at(task, state.height));
  guard(task.phase === PHASE.registration || in_round, "PHASE_MISMATCH");
  for (const root of payload.blob_roots) {
    const attested = attestable(task, root);
    guard(attested.length > 0, "BLOB_UNKNOWN");
    guard(holds_seat(state.committee, sender), "SEAT_MISSING");
    const missing = attested.filter(({ attesters }) => !attesters.includes(sender));
    guard(missing.length > 0, "ALREADY_ATTESTED");
    for (const item of missing) item.attesters = add_attester(item.attesters, sender, state.committee);
  }
}

// ---- CTR-009, CTR-010 ----

export function commit_scores(state, sender, payload) {
  const task = task_in_window(state, payload, "score_commit");
  guard(holds(task, SCORER, sender), "ROLE_MISSING");
  const { sheets } = task.round;
  guard(!sheets.some((sheet) => sheet.scorer === sender), "ALREADY_COMMITTED");
  sheets.push({ scorer: sender, commitment: payload.commitment, status: SHEET_COMMITTED, entries: [] });
  sheets.sort((a, b) => a.scorer - b.scorer);
}

function covers(entries, task, sender) {
  const others = (u) => u.status === UPDATE.eligible && !is_author(task, u, sender);
  const asked = task.round.updates.filter(others);
  return entries.length === asked.length && asked.every((u, i) => u.blob_root === entries[i].update_root);
}

export function reveal_scores(state, sender, payload) {
  const task = task_in_window(state, payload, "score_reveal");
  const sheet = task.round.sheets.find((s) => s.scorer === sender);
  guard(sheet !== undefined, "COMMITMENT_MISSING");
  guard(sheet.status === SHEET_COMMITTED, "ALREADY_REVEALED");
  guard(covers(payload.entries, task, sender), "TESTIMONY_COVERAGE");
  payload.entries.forEach(score_ppm); // TESTIMONY_INVALID
  const { task: number, round, entries, salt } = payload;
  const { genesis_root } = state;
  if (rootOf("ScoreSheet", { genesis_root, task: number, round, sender, entries, salt }) !== sheet.commitment) {
    sheet.status = SHEET_MISMATCHED;
    punish(state, number, sender, [SCORER]);
    return;
  }
  Object.assign(sheet, { status: SHEET_REVEALED, entries });
}

// ---- CTR-012 ----

export const accepted_updates = (round) => round.updates.filter((update) => update.accepted);

export function is_aggregable({ round, spec }) {
  const count = accepted_updates(round).length;
  return round.scored && count >= 1 && rule_accepts(spec.rule, count);
}

export const confirmed_claim = (round) => round.claims.find((claim) => claim.correct);

/** The vector of an accepted update; that of a group follows from the masked inputs if nobody keeps it (PRV-038). */
function update_vector(state, number, update, blobs) {
  if (!is_secure(state.tasks[number].spec)) {
    return coordinates(need_blob(blobs, update.blob_root).data);
  }
  return open_group(state, number, update.trainer, blobs).vector;
}

/** The model root of the round: AGG-031 on the blobs that the ledger names. */
function round_model_root(state, number, blobs) {
  const task = state.tasks[number];
  const confirmed = confirmed_claim(task.round);
  if (confirmed) return confirmed.model_root;
  const updates = accepted_updates(task.round);
  const base = coordinates(need_blob(blobs, task.model_root).data);
  const vectors = updates.map((update) => update_vector(state, number, update, blobs));
  const weights = updates.map((update) => update.sample_count);
  const model = aggregate(task.spec.rule, base, vectors, weights);
  const blob = commit_blob(BLOB_MODEL, ELEMENT_INT32, task.spec.layout_root, coordinate_bytes(model));
  return rootOf("Blob", blob);
}

export function claim_aggregate(state, sender, payload, blobs) {
  const task = task_in_window(state, payload, "aggregate");
  const { aggregators, claims } = task.round;
  guard(aggregators.includes(sender), "AGGREGATOR_UNSELECTED");
  guard(!claims.some((claim) => claim.aggregator === sender), "ALREADY_CLAIMED");
  guard(is_aggregable(task), "NOTHING_ACCEPTED");
  const correct = round_model_root(state, payload.task, blobs) === payload.model_root;
  claims.push({ aggregator: sender, model_root: payload.model_root, correct });
  claims.sort((a, b) => a.aggregator - b.aggregator);
  if (!correct) punish(state, payload.task, sender, [TRAINER, SCORER]);
}
