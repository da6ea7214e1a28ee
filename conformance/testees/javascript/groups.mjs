// privacy.md: what a secure task is, its groups, their graphs and lists (PRV-030, PRV-031, PRV-033, PRV-036, PRV-039).

import { rootOf, ZERO_ROOT } from "./containers.mjs";
import { neighbour_graph } from "./graph.mjs";
import { ring_width } from "./masks.mjs";
import { charge, has_noise, noised_bound, task_round_cost } from "./noise.mjs";
import { unless_refused } from "./sharing.mjs";
import { sha256, toBytes } from "./ssz.mjs";
import { le } from "./types.mjs";

export const STEP = { advertised: 0, shared: 1, given: 2, survivor: 3, lost: 4 };
export const STANDING = {
  open: 0,
  keys_missing: 1,
  shares_missing: 2,
  inputs_missing: 3,
  answers_missing: 4,
  dealer_inconsistent: 5,
  sum_range: 6,
  opened: 7,
};
const SECURE = 1;
const DEGREE_MAX = 512;
const WEIGHTS_MAX = 65535;
const TRAINER = 1;

const ascending = (a, b) => a - b;

// ---- PRV-030 ----

export const is_secure = ({ privacy }) => privacy.mode === SECURE;

/** M, the number of inputs that a group can have. */
export const inputs_max = ({ trainers_max, privacy }) => Math.ceil(trainers_max / privacy.groups);

/** What a round of this task takes of its budget. */
export const cost_of_round = ({ privacy }) =>
  is_secure({ privacy }) && has_noise(privacy) ? task_round_cost(privacy) : 0n;

function noise_is_valid(spec) {
  const { noise, threshold } = spec.privacy;
  if (!has_noise(spec.privacy)) return true;
  const fits = () => {
    charge(0n, task_round_cost(spec.privacy), noise.budget);
    noised_bound(noise, threshold + 1, BigInt(inputs_max(spec)));
    return true;
  };
  return spec.sample_count_max === 1 && unless_refused(fits) === true;
}

function degree_is_valid({ degree }, most) {
  return degree === 0 ? most - 1 <= DEGREE_MAX : degree % 2 === 0 && degree <= DEGREE_MAX;
}

export function privacy_is_valid(spec) {
  const { mode, groups, degree, threshold } = spec.privacy;
  if (mode !== SECURE) return [mode, groups, degree, threshold].every((x) => x === 0) && !has_noise(spec.privacy);
  if (groups < 1) return false;
  const most = inputs_max(spec);
  const others = Math.floor(spec.trainers_min / groups) - 1;
  return (
    degree_is_valid(spec.privacy, most) &&
    2 <= threshold &&
    threshold <= (degree === 0 ? others : Math.min(others, degree)) &&
    most * spec.sample_count_max <= WEIGHTS_MAX &&
    spec.payment === 0 &&
    noise_is_valid(spec)
  );
}

/** The ring of a task and the bound of its sums. */
export function ring_of(spec) {
  const most = BigInt(inputs_max(spec));
  const { noise, threshold } = spec.privacy;
  if (has_noise(spec.privacy)) return { ring: 64n, bound: noised_bound(noise, threshold + 1, most) };
  return ring_width(most, BigInt(spec.sample_count_max));
}

// ---- PRV-031 ----

const GROUP_RANK = Buffer.of(0x86, 0, 0, 0);

/** The trainers of each group, ascending. */
export function group_trainers({ participants, group_seed, spec }) {
  const trainers = participants.filter((p) => p.role === TRAINER).map((p) => p.identity);
  const rank_of = (trainer) => sha256(GROUP_RANK, toBytes(group_seed), le(trainer, 4));
  const ranked = trainers.map((trainer) => ({ trainer, rank: rank_of(trainer) }));
  ranked.sort((a, b) => Buffer.compare(a.rank, b.rank));
  return Array.from({ length: spec.privacy.groups }, (_, group) =>
    ranked
      .filter((_trainer, rank) => rank % spec.privacy.groups === group)
      .map(({ trainer }) => trainer)
      .sort(ascending),
  );
}

export const open_groups_of = ({ privacy }) =>
  Array.from({ length: is_secure({ privacy }) ? privacy.groups : 0 }, () => ({ status: STANDING.open, named: [] }));

// ---- PRV-033 ----

export const members_of = ({ round }, group) => round.secure.members.filter((member) => member.group === group);
export const member_of = ({ round }, trainer) => round.secure.members.find((member) => member.trainer === trainer);

/** Of each member of a group its neighbours, ascending: a map from trainer to trainers. */
export function neighbours_of(task, number, group) {
  const members = members_of(task, group).map(({ trainer }) => trainer);
  const { degree } = task.spec.privacy;
  const n = members.length;
  const k = 0 < degree && degree < n - 1 ? degree : n - 1;
  const graph = neighbour_graph(toBytes(task.round.secure.seed), number, group, n, k);
  return new Map(members.map((member, i) => [member, graph[i].map((position) => members[position])]));
}

// ---- PRV-036 ----

export const dealt = (member) => member.step !== STEP.advertised;
const survived = (member) => member.step === STEP.survivor;
const dropped_out = (member) => member.step === STEP.shared || member.step === STEP.lost;

export function survivor_list(state, number, group) {
  const members = members_of(state.tasks[number], group);
  const named = (test) => members.filter(test).map(({ trainer }) => trainer);
  return {
    genesis_root: state.genesis_root,
    task: number,
    round: state.tasks[number].round.number,
    group,
    survivors: named(survived),
    dropped: named(dropped_out),
  };
}

export const list_root = (list) => rootOf("SurvivorList", list);
export const NO_LIST = ZERO_ROOT;

// ---- PRV-039 ----

/** The authors of the update of a group: members, ascending. */
export const authors_of = (task, group) => members_of(task, group).filter(survived);

export const is_author = (task, update, identity) =>
  is_secure(task.spec)
    ? authors_of(task, update.trainer).some(({ trainer }) => trainer === identity)
    : update.trainer === identity;

/** Whom an accepted update pays and whose fact it is. */
export const credited_for = (task, update) =>
  is_secure(task.spec)
    ? authors_of(task, update.trainer)
        .filter((member) => member.answered)
        .map(({ trainer }) => trainer)
    : [update.trainer];

/** The members whose work is missing from a round, ascending. */
export function absent_members({ round }) {
  const { keys_missing, shares_missing, inputs_missing } = STANDING;
  return round.secure.members
    .filter(({ group, step, answered }) => {
      const { status } = round.secure.groups[group];
      if (step === STEP.advertised) return status !== keys_missing;
      if (step !== STEP.survivor) return status !== keys_missing && status !== shares_missing;
      return !answered && ![keys_missing, shares_missing, inputs_missing].includes(status);
    })
    .map(({ trainer }) => trainer);
}
