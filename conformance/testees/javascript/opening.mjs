// privacy.md: opening a group (PRV-038).

import { containers, rootOf, ZERO_ROOT } from "./containers.mjs";
import { dealt, group_trainers, members_of, neighbours_of, ring_of, STANDING, STEP } from "./groups.mjs";
import { need_blob } from "./infrastructure.mjs";
import { div_round_half_even, Q } from "./kernels.mjs";
import { pair_key, PURPOSE } from "./keys.mjs";
import { from_ring, to_ring, unmask_sum, words_of } from "./masks.mjs";
import { has_noise } from "./noise.mjs";
import { Refusal } from "./refusal.mjs";
import { rebuild_secret, SECRET, unless_refused } from "./sharing.mjs";
import { toBytes } from "./ssz.mjs";
import { BLOB_UPDATE, commit_blob, coordinate_bytes, ELEMENT_INT32 } from "./types.mjs";

const ELIGIBLE = 5;

const lookup = (state, number, group) => {
  const task = state.tasks[number];
  const scope = { genesis_root: state.genesis_root, task: number, round: task.round.number, group };
  return { task, scope, members: members_of(task, group), around: neighbours_of(task, number, group) };
};

const is_survivor = (member) => member.step === STEP.survivor;

// ---- 1. secrets ----

function dealing_of({ scope, around }, dealer) {
  const secret = is_survivor(dealer) ? SECRET.seed : SECRET.mask_key;
  const of_seed = secret === SECRET.seed;
  return {
    scope,
    dealer: dealer.trainer,
    secret,
    holders: around.get(dealer.trainer),
    commitments: dealer.edges.map((edge) => (of_seed ? edge.seed_commitment : edge.key_commitment)),
    mark: of_seed ? dealer.seed_mark : dealer.mask_key,
  };
}

/** { secret } or { failed: code } for one dealer. */
function rebuild(question, dealer) {
  const dealing = dealing_of(question, dealer);
  const revealed = dealer.opened.map(({ member, share }) => ({ position: dealing.holders.indexOf(member), share }));
  try {
    return { dealer, secret: rebuild_secret(dealing, question.task.spec.privacy.threshold, revealed) };
  } catch (error) {
    if (error instanceof Refusal) return { dealer, failed: error.code };
    throw error;
  }
}

function dealers_of({ members, around }) {
  const survivors = new Set(members.filter(is_survivor).map(({ trainer }) => trainer));
  const needed = (member) => around.get(member.trainer).some((other) => survivors.has(other));
  return members.filter((member) => is_survivor(member) || (dealt(member) && needed(member)));
}

// ---- 2. the sum ----

function read_words(blobs, root, ring) {
  return [...words_of([need_blob(blobs, root).data], Number(ring / 8n))];
}

function broken_pairs({ scope, around }, survivors, rebuilt) {
  const secrets = new Map(rebuilt.map(({ dealer, secret }) => [dealer.trainer, secret]));
  const fallen = new Set(rebuilt.filter(({ dealer }) => !is_survivor(dealer)).map(({ dealer }) => dealer.trainer));
  return survivors.flatMap(({ trainer: survivor, mask_key }) =>
    around
      .get(survivor)
      .filter((other) => fallen.has(other))
      .map((dropped) => {
        const own = { member: dropped, key: secrets.get(dropped) };
        const peer = { member: survivor, key: toBytes(mask_key) };
        return { survivor, dropped, key: pair_key({ ...scope, purpose: PURPOSE.masks }, own, peer) };
      }),
  );
}

function sum_words(question, survivors, rebuilt, ring, blobs) {
  const inputs = survivors.map(({ blob_root }) => read_words(blobs, blob_root, ring));
  const total = to_ring(ring, inputs[0].map((_, i) => inputs.reduce((sum, words) => sum + words[i], 0n)));
  const seeds = rebuilt
    .filter(({ dealer }) => is_survivor(dealer))
    .map(({ dealer, secret }) => ({ member: dealer.trainer, seed: secret }));
  return unmask_sum(ring, total, seeds, broken_pairs(question, survivors, rebuilt));
}

// ---- 3. and 4. the mean ----

const abs = (x) => (x < 0n ? -x : x);

/** The sums and their divisor, or null where no valid updates have such a sum. */
function read_sums({ task }, words, survivors, group, { ring, bound }) {
  const most = has_noise(task.spec.privacy) ? bound : (1n << (ring - 1n)) - 1n;
  const sums = unless_refused(() => from_ring(ring, words, most), ["RING_SUM_RANGE"]);
  if (sums === null) return null;
  const samples = sums.pop();
  const least = BigInt(survivors.length);
  const divisor = has_noise(task.spec.privacy) ? BigInt(group_trainers(task)[group].length) : samples;
  const counted = least <= samples && samples <= least * BigInt(task.spec.sample_count_max);
  if (!counted || sums.some((sum) => abs(sum) > divisor * BigInt(Q))) return null;
  return { sums, divisor };
}

function mean_of({ task }, group, { sums, divisor }) {
  const vector = sums.map((sum) => Number(div_round_half_even(sum, divisor)));
  const blob = commit_blob(BLOB_UPDATE, ELEMENT_INT32, task.spec.layout_root, coordinate_bytes(vector));
  const update = {
    ...containers.Update.zero(),
    trainer: group,
    commitment: ZERO_ROOT,
    status: ELIGIBLE,
    blob_root: rootOf("Blob", blob),
    sample_count: Number(divisor),
  };
  return { status: STANDING.opened, named: [], update, vector };
}

/** How an open group stands, whom it names, and if it was opened its update and the vector of that. */
export function open_group(state, number, group, blobs) {
  const question = lookup(state, number, group);
  const rebuilt = dealers_of(question).map((dealer) => rebuild(question, dealer));
  const named = rebuilt.filter(({ failed }) => failed === "DEALER_INCONSISTENT").map(({ dealer }) => dealer.trainer);
  if (named.length > 0) return { status: STANDING.dealer_inconsistent, named };
  if (rebuilt.some(({ failed }) => failed !== undefined)) return { status: STANDING.answers_missing, named };
  const survivors = question.members.filter(is_survivor);
  const ring = ring_of(question.task.spec);
  const words = sum_words(question, survivors, rebuilt, ring.ring, blobs);
  const read = read_sums(question, words, survivors, group, ring);
  return read === null ? { status: STANDING.sum_range, named } : mean_of(question, group, read);
}
