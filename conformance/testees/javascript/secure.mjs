// privacy.md: the transactions and deadlines of secure rounds (PRV-032 to PRV-038). Each function changes the state.

import { holds, punish, task_in_window } from "./contract.mjs";
import { containers } from "./containers.mjs";
import {
  dealt,
  group_trainers,
  list_root,
  member_of,
  members_of,
  neighbours_of,
  ring_of,
  STANDING,
  STEP,
  survivor_list,
} from "./groups.mjs";
import { TRAINER } from "./incentive.mjs";
import { is_available, need_blob } from "./infrastructure.mjs";
import { shared_secret } from "./keys.mjs";
import { ascends } from "./masks.mjs";
import { open_group } from "./opening.mjs";
import { guard } from "./refusal.mjs";
import { check_edge_share, SECRET } from "./sharing.mjs";
import { toBytes } from "./ssz.mjs";

const BLOB_MASKED = 3;
const ELEMENT_OF_RING = { 32: 1, 64: 2 };
const ONE = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);

// ---- PRV-032 ----

export function advertise_keys(state, sender, payload) {
  const task = task_in_window(state, payload, "keys");
  guard(holds(task, TRAINER, sender), "ROLE_MISSING");
  guard(member_of(task, sender) === undefined, "ALREADY_ADVERTISED");
  const { members } = task.round.secure;
  const { mask_key, share_key } = payload;
  const shown = new Set(members.flatMap((member) => [member.mask_key, member.share_key]));
  guard(mask_key !== share_key && !shown.has(mask_key) && !shown.has(share_key), "KEY_REPEATED");
  for (const key of [mask_key, share_key]) shared_secret(ONE, toBytes(key)); // AGREEMENT_ZERO
  const group = group_trainers(task).findIndex((trainers) => trainers.includes(sender));
  members.push({ ...containers.Member.zero(), trainer: sender, group, mask_key, share_key });
  members.sort((a, b) => a.trainer - b.trainer);
}

// ---- what the other transactions share ----

const group_of = (task, member) => task.round.secure.groups[member.group];

/** The member of a sender whose group stands: guards 4 and 5. */
export function standing_member(task, sender) {
  const member = member_of(task, sender);
  guard(member !== undefined, "KEYS_MISSING");
  guard(group_of(task, member).status === STANDING.open, "GROUP_FAILED");
  return member;
}

/** The same of one that dealt: guards 4 to 6. */
export function dealing_member(task, sender) {
  const member = standing_member(task, sender);
  guard(dealt(member), "SHARES_UNSENT");
  return member;
}

// ---- PRV-034, PRV-035 ----

export function share_keys(state, sender, payload) {
  const task = task_in_window(state, payload, "shares");
  const member = standing_member(task, sender);
  guard(member.step === STEP.advertised, "ALREADY_SHARED");
  const around = neighbours_of(task, payload.task, member.group).get(sender);
  guard(payload.edges.length === around.length, "EDGE_COUNT");
  Object.assign(member, { step: STEP.shared, seed_mark: payload.seed_mark, edges: payload.edges });
}

export function masked_input(state, sender, payload) {
  const task = task_in_window(state, payload, "input");
  const member = dealing_member(task, sender);
  guard(member.step === STEP.shared, "ALREADY_GIVEN");
  Object.assign(member, { step: STEP.given, blob_root: payload.blob_root });
}

// ---- PRV-037 ----

/** The share that a holder opens of a dealer, and the commitment to it. */
export function asked_share(state, number, { around, dealer, holder, share }) {
  const { round } = state.tasks[number];
  const survived = dealer.step === STEP.survivor;
  const edge = dealer.edges[around.get(dealer.trainer).indexOf(holder)];
  const opened = {
    genesis_root: state.genesis_root,
    task: number,
    round: round.number,
    group: dealer.group,
    dealer: dealer.trainer,
    holder,
    secret: survived ? SECRET.seed : SECRET.mask_key,
    share,
  };
  return [survived ? edge.seed_commitment : edge.key_commitment, opened];
}

export function unmask(state, sender, payload) {
  const task = task_in_window(state, payload, "unmask");
  const member = dealing_member(task, sender);
  guard(!member.answered, "ALREADY_ANSWERED");
  const { task: number, shares } = payload;
  guard(payload.list_root === list_root(survivor_list(state, number, member.group)), "LIST_MISMATCH");
  guard(ascends(shares.map((share) => share.member)), "MEMBER_ORDER");
  const around = neighbours_of(task, number, member.group);
  const dealers = shares.map(({ member: trainer, share }) => {
    const dealer = member_of(task, trainer);
    guard(around.get(sender).includes(trainer) && dealt(dealer), "MEMBER_UNKNOWN");
    check_edge_share(...asked_share(state, number, { around, dealer, holder: sender, share }));
    return dealer;
  });
  member.answered = true;
  dealers.forEach((dealer, i) => {
    dealer.opened.push({ member: sender, share: shares[i].share });
    dealer.opened.sort((a, b) => a.member - b.member);
  });
}

// ---- deadlines ----

/** Calls `judge(members, neighbours)` for each open group: a group that it finds wanting stands so from now on. */
function fail_groups(task, number, standing, stands) {
  task.round.secure.groups.forEach((group, i) => {
    if (group.status === STANDING.open && !stands(members_of(task, i), i)) group.status = standing;
  });
}

/** Whether somebody is in `present`, and everybody in `asked` has t neighbours there. */
function connected(task, number, group, present, asked) {
  if (present.length === 0) return false;
  const around = neighbours_of(task, number, group);
  const there = new Set(present.map(({ trainer }) => trainer));
  const { threshold } = task.spec.privacy;
  return asked.every(({ trainer }) => around.get(trainer).filter((other) => there.has(other)).length >= threshold);
}

/** PRV-033, at the begin of SHARES. */
export function draw_graphs(state, number) {
  const task = state.tasks[number];
  task.round.secure.seed = state.mix;
  fail_groups(task, number, STANDING.keys_missing, (members) => members.length > task.spec.privacy.threshold);
}

/** PRV-034, at the begin of INPUT. */
export function close_shares(state, number) {
  const task = state.tasks[number];
  fail_groups(task, number, STANDING.shares_missing, (members, group) => {
    const present = members.filter((member) => member.step === STEP.shared);
    return connected(task, number, group, present, present);
  });
}

function input_fits(state, task, member, coordinates, blobs) {
  if (!is_available(member.attesters, state.committee)) return false;
  const { blob, data } = need_blob(blobs, member.blob_root);
  const { ring } = ring_of(task.spec);
  return (
    blob.kind === BLOB_MASKED &&
    blob.element === ELEMENT_OF_RING[ring] &&
    blob.layout_root === task.spec.layout_root &&
    data.length === (coordinates + 1) * Number(ring / 8n)
  );
}

/** PRV-035, at the begin of UNMASK. */
export function close_inputs(state, number, blobs) {
  const task = state.tasks[number];
  const coordinates = need_blob(blobs, task.model_root).data.length / 4;
  for (const member of task.round.secure.members.filter(({ step }) => step === STEP.given)) {
    member.step = input_fits(state, task, member, coordinates, blobs) ? STEP.survivor : STEP.lost;
  }
  fail_groups(task, number, STANDING.inputs_missing, (members, group) => {
    const present = members.filter((member) => member.step === STEP.survivor);
    return connected(task, number, group, present, members.filter(dealt));
  });
}

/** PRV-038, at the begin of SCORE_COMMIT. */
export function open_groups(state, number, blobs) {
  const { round } = state.tasks[number];
  round.secure.groups.forEach((group, i) => {
    if (group.status !== STANDING.open) return;
    const { status, named, update } = open_group(state, number, i, blobs);
    Object.assign(group, { status, named });
    for (const dealer of named) punish(state, number, dealer, [TRAINER]);
    if (update) round.updates.push(update);
  });
}
