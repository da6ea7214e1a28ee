// privacy.md: what a member of a secure round computes (PRV-041 to PRV-043).

import { rootOf } from "./containers.mjs";
import { dealt, list_root, member_of, neighbours_of, NO_LIST, ring_of, survivor_list, STEP } from "./groups.mjs";
import { Q } from "./kernels.mjs";
import { open_shares, pair_key, public_key, PURPOSE, seal_shares } from "./keys.mjs";
import { ascends, mask_input, to_ring, words_of } from "./masks.mjs";
import { has_noise, noised_input } from "./noise.mjs";
import { guard } from "./refusal.mjs";
import { asked_share, dealing_member, standing_member } from "./secure.mjs";
import { check_edge_share, SECRET, secret_mark, secret_to_limbs, shamir_share, unless_refused } from "./sharing.mjs";
import { toBytes, toHex, uint64 } from "./ssz.mjs";

const LIMBS = 5;

// ---- PRV-041 ----

export function client_keys(task, round, { mask_secret, share_secret }) {
  return {
    task,
    round,
    mask_key: toHex(public_key(mask_secret)),
    share_key: toHex(public_key(share_secret)),
  };
}

const scope_of = (state, number, group) => ({
  genesis_root: state.genesis_root,
  task: number,
  round: state.tasks[number].round.number,
  group,
});

/** The key of two members for a purpose. */
function key_with(state, number, own, peer, secret, purpose) {
  const scope = { ...scope_of(state, number, own.group), purpose };
  const peer_key = purpose === PURPOSE.masks ? peer.mask_key : peer.share_key;
  return pair_key(scope, { member: own.trainer, key: secret }, { member: peer.trainer, key: toBytes(peer_key) });
}

/** Lower key, higher key and direction of what `from` sends to `to`. */
function channel(from, to) {
  const downwards = from.trainer > to.trainer;
  const [lower, higher] = downwards ? [to, from] : [from, to];
  return [toBytes(lower.share_key), toBytes(higher.share_key), downwards];
}

function edge_to(state, number, own, peer, secrets, shares) {
  const committed = (secret, share) =>
    rootOf("EdgeShare", {
      ...scope_of(state, number, own.group),
      dealer: own.trainer,
      holder: peer.trainer,
      secret,
      share,
    });
  const plaintext = Buffer.concat([...shares.seed, ...shares.key].map((element) => uint64.encode(element)));
  const key = key_with(state, number, own, peer, secrets.share_secret, PURPOSE.shares);
  return {
    seed_commitment: committed(SECRET.seed, shares.seed),
    key_commitment: committed(SECRET.mask_key, shares.key),
    sealed: toHex(seal_shares(key, ...channel(own, peer), plaintext)),
  };
}

export function client_shares(state, number, trainer, secrets) {
  const task = state.tasks[number];
  const own = standing_member(task, trainer);
  const { threshold } = task.spec.privacy;
  const around = neighbours_of(task, number, own.group).get(trainer);
  const share = (secret, seed) => shamir_share(secret_to_limbs(secret), threshold, around.length, seed);
  const of_seed = share(secrets.seed, secrets.seed_dealing);
  const of_key = share(secrets.mask_secret, secrets.key_dealing);
  const edges = around.map((peer, i) =>
    edge_to(state, number, own, member_of(task, peer), secrets, { seed: of_seed[i], key: of_key[i] }),
  );
  return { task: number, round: task.round.number, seed_mark: secret_mark(SECRET.seed, secrets.seed), edges };
}

// ---- PRV-042 ----

function input_words({ spec }, update, samples, noise_seed) {
  const { ring } = ring_of(spec);
  const { noise, threshold } = spec.privacy;
  const weighted = has_noise(spec.privacy)
    ? noised_input(update, noise, threshold + 1, noise_seed)
    : update.map((x) => BigInt(samples) * BigInt(x));
  return [ring, to_ring(ring, [...weighted, BigInt(samples)])];
}

export function client_input(state, number, trainer, secrets, update, samples) {
  const task = state.tasks[number];
  const own = dealing_member(task, trainer);
  guard(1 <= samples && samples <= task.spec.sample_count_max, "SAMPLE_COUNT");
  guard(update.every((x) => -Q <= x && x <= Q), "DOMAIN_COORDINATE");
  const [ring, words] = input_words(task, update, samples, secrets.noise_seed);
  const keys = neighbours_of(task, number, own.group)
    .get(trainer)
    .map((peer) => member_of(task, peer))
    .filter(dealt)
    .map((peer) => ({
      member: peer.trainer,
      key: key_with(state, number, own, peer, secrets.mask_secret, PURPOSE.masks),
    }));
  return mask_input(ring, words, trainer, secrets.seed, keys);
}

// ---- PRV-043 ----

/** `around` is a map from each member to its neighbours. */
export function check_list(list, own, around, threshold, answered) {
  const { survivors, dropped } = list;
  guard(ascends(survivors) && ascends(dropped), "MEMBER_ORDER");
  guard(!survivors.some((member) => dropped.includes(member)), "MEMBER_OVERLAP");
  const everybody = [...survivors, ...dropped];
  guard(everybody.includes(own) && everybody.every((member) => around.has(member)), "MEMBER_UNKNOWN");
  const kept = (member) => survivors.filter((other) => around.get(member).includes(other)).length;
  guard(everybody.every((member) => kept(member) >= threshold), "SURVIVORS_MISSING");
  guard(answered === NO_LIST || answered === list_root(list), "LIST_ANSWERED");
}

/** The share that is asked for, out of the message of a dealer; null if there is none to give. */
function share_from(state, number, own, dealer, around, secrets) {
  const edge = dealer.edges[around.get(dealer.trainer).indexOf(own.trainer)];
  return unless_refused(() => {
    const key = key_with(state, number, own, dealer, secrets.share_secret, PURPOSE.shares);
    const elements = [...words_of([open_shares(key, ...channel(dealer, own), toBytes(edge.sealed))], 8)];
    const share = dealer.step === STEP.survivor ? elements.slice(0, LIMBS) : elements.slice(LIMBS);
    check_edge_share(...asked_share(state, number, { around, dealer, holder: own.trainer, share }));
    return { member: dealer.trainer, share };
  });
}

export function client_answer(state, number, trainer, secrets, answered) {
  const task = state.tasks[number];
  const own = dealing_member(task, trainer);
  const around = neighbours_of(task, number, own.group);
  const list = survivor_list(state, number, own.group);
  check_list(list, trainer, around, task.spec.privacy.threshold, answered);
  const shares = around
    .get(trainer)
    .map((peer) => member_of(task, peer))
    .filter(dealt)
    .map((dealer) => share_from(state, number, own, dealer, around, secrets))
    .filter((share) => share !== null);
  return { task: number, round: task.round.number, list_root: list_root(list), shares };
}
