// JSON in, JSON out: the primitives of privacy.md (PRV-010 to PRV-027) and noise (PRV-061 to PRV-068).

import * as graph from "./graph.mjs";
import * as keys from "./keys.mjs";
import * as masks from "./masks.mjs";
import * as noise from "./noise.mjs";
import { read } from "./operations_basic.mjs";
import * as sharing from "./sharing.mjs";
import { int64, toBytes, toHex, uint16, uint32, uint64, uint8 } from "./ssz.mjs";

const text = (number) => number.toString();
const texts = (numbers) => numbers.map(text);
const rows = (list) => list.map(texts);
const bigs = (list) => list.map(BigInt);
const big_rows = (list) => list.map(bigs);
const words = (numbers) => numbers.map(int64.toJson);
const { fromJson: small } = uint16;
const { fromJson: number } = uint32;
const { fromJson: long } = uint64;

// ---- keys ----

/** The scope of a container (PairContext, EdgeShare) in an input. */
function scope_of({ genesis_root, task, round, group }) {
  return { genesis_root, task: number(task), round: small(round), group: number(group) };
}

function pair_key(input) {
  const scope = { ...scope_of(input), purpose: uint8.fromJson(input.purpose) };
  const own = { member: number(input.own), key: toBytes(input.secret_key) };
  return { key: toHex(keys.pair_key(scope, own, { member: number(input.peer), key: toBytes(input.peer_key) })) };
}

const message_inputs = (input, last) => [input.key, input.nonce, last, input.associated].map(toBytes);
const share_inputs = (i) => [toBytes(i.key), toBytes(i.lower_key), toBytes(i.higher_key), i.downwards];

const keyOperations = {
  "privacy.public_key": (i) => ({ public_key: toHex(keys.public_key(toBytes(i.secret_key))) }),
  "privacy.shared_secret": (i) => ({ shared: toHex(keys.shared_secret(toBytes(i.secret_key), toBytes(i.peer_key))) }),
  "privacy.derive_key": (i) => ({ key: toHex(keys.derive_key(toBytes(i.secret), toBytes(i.info))) }),
  "privacy.pair_key": pair_key,
  "privacy.seal": (i) => ({ message: toHex(keys.seal(...message_inputs(i, i.plaintext))) }),
  "privacy.unseal": (i) => ({ plaintext: toHex(keys.unseal(...message_inputs(i, i.message))) }),
  "privacy.seal_shares": (i) => ({ message: toHex(keys.seal_shares(...share_inputs(i), toBytes(i.plaintext))) }),
  "privacy.open_shares": (i) => ({ plaintext: toHex(keys.open_shares(...share_inputs(i), toBytes(i.message))) }),
};

// ---- masks and rings ----

const ring_of = ({ ring }) => BigInt(uint8.fromJson(ring));
const mask_of = ({ key, stream, subtract }) => ({ key: toBytes(key), stream: toBytes(stream), subtract });
const masked = (input, list) => ({
  vector: texts(masks.mask_add_many(ring_of(input), bigs(input.vector), list.map(mask_of))),
});

function mask_input(input) {
  const pairs = input.keys.map(({ member, key }) => ({ member: number(member), key: toBytes(key) }));
  const seed = toBytes(input.seed);
  return { vector: texts(masks.mask_input(ring_of(input), bigs(input.vector), number(input.own), seed, pairs)) };
}

function unmask_sum(input) {
  const seeds = input.seeds.map(({ member, seed }) => ({ member: number(member), seed: toBytes(seed) }));
  const broken = input.broken.map(({ survivor, dropped, key }) => ({
    survivor: number(survivor),
    dropped: number(dropped),
    key: toBytes(key),
  }));
  return { sums: texts(masks.unmask_sum(ring_of(input), bigs(input.total), seeds, broken)) };
}

function ring_width({ summands, weight_max }) {
  const { ring, bound } = masks.ring_width(long(summands), BigInt(weight_max));
  return { ring: text(ring), bound: text(bound) };
}

const maskOperations = {
  "kernels.mask_add": (input) => masked(input, [input]),
  "kernels.mask_add_many": (input) => masked(input, input.masks),
  "privacy.mask_input": mask_input,
  "privacy.unmask_sum": unmask_sum,
  "privacy.ring_width": ring_width,
  "privacy.from_ring": (i) => ({ sums: words(masks.from_ring(ring_of(i), bigs(i.words), long(i.bound))) }),
};

// ---- sharing ----

function rebuild_secret(input) {
  const dealing = {
    scope: scope_of(input),
    dealer: number(input.dealer),
    secret: uint8.fromJson(input.secret),
    holders: input.holders.map(number),
    commitments: input.commitments,
    mark: input.mark,
  };
  const revealed = input.revealed.map(({ position, share }) => ({ position: small(position), share: bigs(share) }));
  return { secret: toHex(sharing.rebuild_secret(dealing, small(input.threshold), revealed)) };
}

const shamir_share = (i) =>
  sharing.shamir_share(bigs(i.secrets), small(i.threshold), small(i.count), toBytes(i.seed));
const packed_share = (i) =>
  sharing.packed_share(bigs(i.secrets), small(i.pack), small(i.threshold), small(i.count), toBytes(i.seed));
const points = (i) => [big_rows(i.shares), i.positions.map(small)];

const sharingOperations = {
  "kernels.shamir_share": (i) => ({ shares: rows(shamir_share(i)) }),
  "kernels.shamir_reconstruct": (i) => ({
    secrets: texts(sharing.shamir_reconstruct(...points(i), small(i.threshold))),
  }),
  "kernels.packed_share": (i) => ({ shares: rows(packed_share(i)) }),
  "kernels.packed_reconstruct": (i) => ({
    secrets: texts(sharing.packed_reconstruct(...points(i), small(i.pack), small(i.threshold))),
  }),
  "privacy.field_samples": (i) => ({ elements: texts(sharing.field_samples(toBytes(i.stream), small(i.count))) }),
  "privacy.secret_to_limbs": (i) => ({ limbs: texts(sharing.secret_to_limbs(toBytes(i.secret))) }),
  "privacy.limbs_to_secret": (i) => ({ secret: toHex(sharing.limbs_to_secret(i.limbs.map(long))) }),
  "privacy.check_edge_share": ({ commitment, share }) => {
    sharing.check_edge_share(commitment, read("EdgeShare", share));
    return {};
  },
  "privacy.secret_mark": (i) => ({ mark: sharing.secret_mark(uint8.fromJson(i.kind), toBytes(i.secret)) }),
  "privacy.rebuild_secret": rebuild_secret,
};

// ---- graphs ----

function neighbour_graph({ seed, task, group, members, degree }) {
  const numbers = [task, group, members, degree].map(number);
  return { neighbours: rows(graph.neighbour_graph(toBytes(seed), ...numbers)) };
}

function graph_size({ corrupt_committee, ...numbers }) {
  const question = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, number(value)]));
  const { degree, threshold, corrupt_max } = graph.graph_size({ ...question, corrupt_committee });
  return { degree: text(degree), threshold: text(threshold), corrupt_max: text(corrupt_max) };
}

function client_bits({ members, coordinates }) {
  const { bits, expansion_ppm } = graph.client_bits(BigInt(members), long(coordinates));
  return { bits: text(bits), expansion_ppm: text(expansion_ppm) };
}

const graphOperations = {
  "privacy.neighbour_graph": neighbour_graph,
  "privacy.graph_size": graph_size,
  "privacy.client_bits": client_bits,
};

// ---- noise ----

const variance = (i) => [long(i.numerator), long(i.denominator)];
const asked = (i) => [read("Noise", i.noise), number(i.survivors_min)];

function gaussian_samples(input) {
  const answer = noise.gaussian_samples(toBytes(input.stream), small(input.count), ...variance(input));
  return { samples: words(answer.samples), used: text(answer.used) };
}

function noise_share(input) {
  const { numerator, denominator } = noise.noise_share(...asked(input));
  return { numerator: text(numerator), denominator: text(denominator) };
}

const noiseOperations = {
  "kernels.discrete_gaussian": (i) => ({
    samples: words(noise.discrete_gaussian(number(i.count), ...variance(i), toBytes(i.seed))),
  }),
  "privacy.gaussian_samples": gaussian_samples,
  "privacy.noise_share": noise_share,
  "privacy.noised_input": (i) => ({ words: texts(noise.noised_input(i.update, ...asked(i), toBytes(i.seed))) }),
  "privacy.noised_bound": (i) => ({ bound: text(noise.noised_bound(...asked(i), long(i.summands))) }),
  "privacy.round_cost": (i) => ({ cost: text(noise.round_cost(...asked(i), long(i.dimension))) }),
  "privacy.charge": (i) => ({ spent: text(noise.charge(...[i.spent, i.cost, i.budget].map(long))) }),
};

export const primitiveOperations = {
  ...keyOperations,
  ...maskOperations,
  ...sharingOperations,
  ...graphOperations,
  ...noiseOperations,
};
