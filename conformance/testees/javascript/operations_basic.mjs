// JSON in, JSON out: the operations of types.md, aggregation.md and incentive.md.

import * as aggregation from "./aggregation.mjs";
import { containers, rootOf } from "./containers.mjs";
import * as incentive from "./incentive.mjs";
import * as kernels from "./kernels.mjs";
import { guard } from "./refusal.mjs";
import { int64, toBytes, toHex, uint16, uint32, uint64, uint8 } from "./ssz.mjs";
import * as types from "./types.mjs";

const text = (number) => number.toString();
const texts = (numbers) => numbers.map(text);
const words = (numbers) => numbers.map((number) => int64.toJson(BigInt(number)));
const uint16s = (list) => list.map(uint16.fromJson);
const uint32s = (list) => list.map(uint32.fromJson);

/** A container of TYP-017 from its JSON form. */
export const read = (name, json) => containers[name].fromJson(json);
export const write = (name, value) => containers[name].toJson(value);

/** "S": the state after a rule, and its root. */
export const stateAndRoot = (state) => ({ state: write("State", state), state_root: rootOf("State", state) });

function int64_to_word(value) {
  const x = BigInt(value);
  guard(-(2n ** 63n) <= x && x < 2n ** 63n, "VALUE_RANGE");
  return int64.toJson(x);
}

function commit_blob({ kind, element, layout_root, data }) {
  const blob = types.commit_blob(uint8.fromJson(kind), uint8.fromJson(element), layout_root, toBytes(data));
  return { blob: write("Blob", blob), root: rootOf("Blob", blob) };
}

export const typesOperations = {
  "types.encode": ({ container, value }) => toHex(containers[container].encode(read(container, value))),
  "types.decode": ({ container, encoding }) => write(container, containers[container].decode(toBytes(encoding))),
  "types.hash_tree_root": ({ container, value }) => rootOf(container, read(container, value)),
  "types.compute_domain": (i) =>
    types.compute_domain(i.domain_type, i.genesis_root, uint32.fromJson(i.protocol_version)),
  "types.signing_root": (i) => types.signing_root(i.container, read(i.container, i.value), i.domain),
  "types.int64_to_word": ({ value }) => int64_to_word(value),
  "types.word_to_int64": ({ word }) => text(int64.fromJson(word)),
  "types.layout_size": ({ layout }) => text(types.layout_size(read("Layout", layout))),
  "types.commit_blob": commit_blob,
  "types.check_blob": ({ blob, data }) => (types.check_blob(read("Blob", blob), toBytes(data)), true),
  "types.prove_chunk": ({ blob, index }) =>
    write("ChunkProof", types.prove_chunk(read("Blob", blob), uint64.fromJson(index))),
  "types.verify_chunk": ({ proof, chunk }) => (types.verify_chunk(read("ChunkProof", proof), toBytes(chunk)), true),
  "types.check_parameters": ({ parameters }) => (types.check_parameters(read("Parameters", parameters)), true),
};

// ---- kernels ----

function binary64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return toHex(bytes);
}

export const kernelOperations = {
  "kernels.quantize": ({ element, values, fraction_bits }) => ({
    values: kernels.quantize(element, values.map(BigInt), uint8.fromJson(fraction_bits)),
  }),
  "kernels.dequantize": ({ values, fraction_bits }) => ({
    values: kernels.dequantize(values, uint8.fromJson(fraction_bits)).map(binary64),
  }),
  "kernels.domain_check": ({ vector }) => ({ index: words([kernels.domain_check(vector)])[0] }),
  "kernels.weighted_sum": ({ vectors, weights }) => ({
    sums: words(kernels.weighted_sum(vectors, uint32s(weights))),
  }),
  "kernels.div_round": ({ numerators, multiplier, divisor }) => ({
    quotients: words(
      kernels.div_round(numerators.map(int64.fromJson), uint32.fromJson(multiplier), uint64.fromJson(divisor)),
    ),
  }),
  "kernels.coordinate_median": ({ vectors }) => ({ values: kernels.coordinate_median(vectors) }),
  "kernels.trimmed_sum": ({ vectors, trim }) => ({
    sums: words(kernels.trimmed_sum(vectors, uint16.fromJson(trim))),
  }),
  "kernels.nearest_sum": ({ vectors, keep }) => ({
    sums: words(kernels.nearest_sum(vectors, uint16.fromJson(keep))),
  }),
  "kernels.pairwise_sqdist": ({ vectors }) => ({ distances: kernels.pairwise_sqdist(vectors).map(texts) }),
  "kernels.clip_l2": ({ vector, bound }) => ({ vector: kernels.clip_l2(vector, uint64.fromJson(bound)) }),
  "kernels.sha256_chunks": ({ data, chunk_bytes }) => ({
    digests: kernels.sha256_chunks(toBytes(data), uint32.fromJson(chunk_bytes)).map(toHex),
  }),
  "kernels.ssz_merkleize": ({ chunks, limit }) => ({
    root: toHex(kernels.ssz_merkleize(toBytes(chunks), uint64.fromJson(limit))),
  }),
};

// ---- aggregation ----

const RULE_FIELDS = {
  eta_numerator: uint16,
  eta_denominator: uint16,
  trim_bps: uint16,
  byzantine: uint16,
  select: uint16,
  norm_bound: uint64,
};

function single_rule(name) {
  return (input) => {
    const given = Object.entries(RULE_FIELDS).filter(([field]) => field in input);
    const rule = Object.fromEntries(given.map(([field, type]) => [field, type.fromJson(input[field])]));
    return { model: aggregation.aggregate_by(name, rule, input.base, input.updates, uint32s(input.weights)) };
  };
}

function krum_scores({ updates, byzantine }) {
  const { scores, order } = aggregation.krum_scores(updates, uint16.fromJson(byzantine));
  return { scores: texts(scores), order: texts(order) };
}

const SINGLE_RULES = [
  "mean",
  "weighted_mean",
  "coordinate_median",
  "trimmed_mean",
  "krum",
  "multi_krum",
  "norm_bounded_mean",
  "bulyan",
];

export const aggregationOperations = {
  ...Object.fromEntries(SINGLE_RULES.map((name) => [`aggregation.${name}`, single_rule(name)])),
  "aggregation.krum_scores": krum_scores,
  "aggregation.check_rule": ({ rule, count }) => {
    aggregation.check_rule(read("AggregationRule", rule), uint32.fromJson(count));
    return {};
  },
  "aggregation.aggregate": ({ rule, base, updates, weights }) => ({
    model: aggregation.aggregate(read("AggregationRule", rule), base, updates, uint32s(weights)),
  }),
};

// ---- incentive ----

function weighted_lower_median({ entries }) {
  const numbers = entries.map((e) => ({ value: uint32.fromJson(e.value), weight: uint32.fromJson(e.weight) }));
  return { median: text(incentive.weighted_lower_median(numbers)) };
}

function round_pools(input) {
  const shares = uint16s([input.trainers_bps, input.scorers_bps, input.aggregators_bps]);
  const [trainers, scorers, aggregators] = texts(incentive.round_pools(uint64.fromJson(input.reward), ...shares));
  return { trainers, scorers, aggregators };
}

function next_reputation({ reputation_bps, fact, parameters }) {
  const before = uint64.fromJson(reputation_bps);
  const after = incentive.next_reputation(before, uint8.fromJson(fact), read("Parameters", parameters));
  return { reputation_bps: text(after) };
}

function seize_deposit(input) {
  const state = read("State", input.state);
  incentive.seize_deposit(state, ...uint32s([input.task, input.identity]), uint8.fromJson(input.role));
  return stateAndRoot(state);
}

export const incentiveOperations = {
  "incentive.score_ppm": ({ testimony }) => ({
    score_ppm: text(incentive.score_ppm(read("Testimony", testimony))),
  }),
  "incentive.is_scored": ({ included, total }) => ({
    scored: incentive.is_scored(uint64.fromJson(included), uint64.fromJson(total)),
  }),
  "incentive.weighted_lower_median": weighted_lower_median,
  "incentive.accepted": ({ scores, acceptance_bps }) => ({
    accepted: incentive.accepted(uint32s(scores), uint16.fromJson(acceptance_bps)),
  }),
  "incentive.largest_remainder": ({ amount, weights }) => ({
    parts: texts(incentive.largest_remainder(uint64.fromJson(amount), uint32s(weights))),
  }),
  "incentive.round_pools": round_pools,
  "incentive.round_payouts": ({ task }) => ({
    payouts: incentive
      .round_payouts(read("Task", task))
      .map(({ identity, amount }) => ({ identity: text(identity), amount: text(amount) })),
  }),
  "incentive.next_reputation": next_reputation,
  "incentive.seize_deposit": seize_deposit,
  "incentive.total_tokens": ({ state }) => ({ tokens: text(incentive.total_tokens(read("State", state))) }),
};
