// privacy.md: key streams, masks, rings (PRV-013, PRV-014, PRV-022, PRV-023). Words are BigInts.

import { createCipheriv } from "node:crypto";
import { is_key } from "./keys.mjs";
import { Q } from "./kernels.mjs";
import { guard } from "./refusal.mjs";

/** The first byte of a stream id. */
export const STREAM = {
  pair: 0,
  own: 1,
  sharing: 2,
  graph: 3,
  noise: 4,
  additive: 16,
  triples: 17,
  challenges: 18,
  truncation: 19,
  opened_masks: 20,
};
const STREAM_ID_BYTES = 12;
const RINGS = [32n, 64n];
const BATCH_BYTES = 4096;

// ---- PRV-013: the key stream ----

/** A stream id: the first byte, then zeros. */
export const stream_id = (first) => Buffer.concat([Buffer.of(first), Buffer.alloc(STREAM_ID_BYTES - 1)]);

/** The key stream, piece by piece and without an end. */
export function* key_stream(key, id) {
  const counter = Buffer.alloc(4);
  const cipher = createCipheriv("chacha20", key, Buffer.concat([counter, id]));
  for (;;) yield cipher.update(Buffer.alloc(BATCH_BYTES));
}

export function little_endian(bytes) {
  return BigInt("0x0" + Buffer.from(bytes).reverse().toString("hex"));
}

/** The words of `size` bytes of some pieces, each of which holds whole words; bytes left at its end do not count. */
export function* words_of(pieces, size) {
  for (const piece of pieces) {
    for (let start = 0; start + size <= piece.length; start += size) {
      yield little_endian(piece.subarray(start, start + size));
    }
  }
}

export const stream_words = (key, id, size) => words_of(key_stream(key, id), size);

// ---- PRV-013: masks ----

const wrap = (ring, x) => BigInt.asUintN(Number(ring), x);

export function check_words(ring, words) {
  guard(RINGS.includes(ring), "RING_WIDTH");
  guard(words.every((word) => 0n <= word && word < 1n << ring), "VALUE_RANGE");
}

function check_mask({ key, stream }) {
  is_key(key);
  guard(stream.length === STREAM_ID_BYTES, "KEY_LENGTH");
}

function apply_mask(ring, vector, { key, stream, subtract }) {
  const words = stream_words(key, stream, Number(ring / 8n));
  return vector.map((element) => {
    const word = words.next().value;
    return wrap(ring, subtract ? element - word : element + word);
  });
}

/** `masks` are { key, stream, subtract }. */
export function mask_add_many(ring, vector, masks) {
  check_words(ring, vector);
  guard(vector.length > 0, "EMPTY");
  masks.forEach(check_mask);
  return masks.reduce((masked, mask) => apply_mask(ring, masked, mask), vector);
}

// ---- PRV-014 ----

export const ascends = (list, compare = (a, b) => a - b) =>
  list.every((item, i) => i === 0 || compare(list[i - 1], item) < 0);

const pair_mask = (key, subtract) => ({ key, stream: stream_id(STREAM.pair), subtract });
const own_mask = (seed, subtract) => ({ key: seed, stream: stream_id(STREAM.own), subtract });

/** `keys` are { member, key }. */
export function mask_input(ring, vector, own, seed, keys) {
  check_words(ring, vector);
  guard(ascends(keys.map(({ member }) => member)), "MEMBER_ORDER");
  guard(!keys.some(({ member }) => member === own), "MEMBER_SELF");
  const masks = keys.map(({ member, key }) => pair_mask(key, member < own));
  return mask_add_many(ring, vector, [own_mask(seed, false), ...masks]);
}

/** `seeds` are { member, seed }, `broken` are { survivor, dropped, key }. */
export function unmask_sum(ring, total, seeds, broken) {
  check_words(ring, total);
  const survivors = seeds.map(({ member }) => member);
  const by_pair = (a, b) => a.survivor - b.survivor || a.dropped - b.dropped;
  guard(ascends(survivors) && ascends(broken, by_pair), "MEMBER_ORDER");
  for (const { survivor, dropped } of broken) {
    guard(survivors.includes(survivor), "MEMBER_UNKNOWN");
    guard(!survivors.includes(dropped), "MEMBER_OVERLAP");
  }
  const masks = broken.map(({ survivor, dropped, key }) => pair_mask(key, survivor < dropped));
  return mask_add_many(ring, total, [...seeds.map(({ seed }) => own_mask(seed, true)), ...masks]);
}

// ---- PRV-022, PRV-023 ----

export function ring_width(summands, weight_max) {
  guard(1n <= summands && summands <= 2n ** 32n, "SUMMANDS_RANGE");
  guard(1n <= weight_max && weight_max <= 65535n, "WEIGHT_RANGE");
  const bound = summands * weight_max * BigInt(Q);
  const ring = RINGS.find((bits) => 2n * bound + 1n <= 1n << bits);
  guard(ring !== undefined, "RING_OVERFLOW");
  return { ring, bound };
}

export const to_ring = (ring, numbers) => numbers.map((number) => wrap(ring, number));

export function from_ring(ring, words, bound) {
  check_words(ring, words);
  guard(2n * bound + 1n <= 1n << ring, "RING_OVERFLOW");
  const sums = words.map((word) => BigInt.asIntN(Number(ring), word));
  guard(sums.every((sum) => -bound <= sum && sum <= bound), "RING_SUM_RANGE");
  return sums;
}
