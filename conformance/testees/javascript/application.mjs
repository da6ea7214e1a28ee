// application.md: seeded numbers, data, models (APP-001 to APP-013). Integer softmax regression is in softmax.mjs.

import { largest_remainder } from "./incentive.mjs";
import { Q, quantize_doubles } from "./kernels.mjs";
import { guard } from "./refusal.mjs";
import { cutChunks, sha256, toBytes, toHex } from "./ssz.mjs";
import { layout_size, le } from "./types.mjs";

const WORD = 2n ** 64n;
const PPM = 1000000n;
const ATTEMPTS = 1000;
const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

const ascending = (a, b) => a - b;
const purposeOf = (name) => Buffer.from(name, "ascii");

// ---- APP-001 to APP-004 ----

export class Stream {
  #key;
  #block = 0;
  #words = [];

  constructor(purpose, numbers) {
    const visible = purpose.every((byte) => 0x21 <= byte && byte <= 0x7e);
    guard(1 <= purpose.length && purpose.length <= 32 && visible, "STREAM_PURPOSE");
    guard(numbers.every((number) => 0n <= number && number < WORD), "BOUND_RANGE");
    this.#key = sha256(purpose, Buffer.of(0), ...numbers.map((number) => le(number, 8)));
  }

  word() {
    if (this.#words.length === 0) {
      const block = sha256(this.#key, le(this.#block, 8));
      this.#words = [0, 8, 16, 24].map((at) => block.readBigUInt64LE(at));
      this.#block += 1;
    }
    return this.#words.shift();
  }

  /** APP-002 */
  below(n) {
    guard(1n <= n && n <= WORD, "BOUND_RANGE");
    const limit = WORD - (WORD % n);
    let word = this.word();
    while (word >= limit) word = this.word();
    return word % n;
  }
}

/** APP-003: the numbers below `length` in the order of a stream. */
export function shuffle(stream, length) {
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i >= 1; i -= 1) {
    const j = Number(stream.below(BigInt(i + 1)));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** APP-004 */
export const training_seed = (seed, round, trainer) => new Stream(purposeOf("train"), [seed, round, trainer]).word();

// ---- APP-005 ----

export function check_batch({ features, labels }) {
  const rectangular = features.every((row) => row.length === features[0].length);
  guard(rectangular && labels.length === features.length, "BATCH_SHAPE");
}

export function content_digest(samples) {
  check_batch(samples);
  const { features, labels, scale, classes } = samples;
  const head = [features.length, features[0]?.length ?? 0, scale, classes];
  const tail = [...features.flat(), ...labels].map((value) => BigInt.asUintN(32, BigInt(value)));
  return toHex(sha256(...head.map((value) => le(value, 4)), ...tail.map((value) => le(value, 4))));
}

// ---- APP-006, APP-007 ----

const check_labels = (labels) => guard(labels.length > 0 && labels.every((label) => label >= 0), "DATASET_LABELS");

/** One attempt: positions for each trainer. */
function urn(labels, seed, attempt, alpha, trainers) {
  const stream = new Stream(purposeOf("partition"), [seed, BigInt(attempt)]);
  const shares = Array.from({ length: trainers }, () => []);
  const urns = new Map();
  labels.forEach((label, position) => {
    if (!urns.has(label)) urns.set(label, { total: alpha * BigInt(trainers), heights: Array(trainers).fill(alpha) });
    const contents = urns.get(label);
    let r = stream.below(contents.total);
    let k = 0;
    for (; r >= contents.heights[k]; k += 1) r -= contents.heights[k];
    shares[k].push(position);
    contents.heights[k] += PPM;
    contents.total += PPM;
  });
  return shares;
}

export function partition(labels, seed, alpha, trainers, minimum) {
  check_labels(labels);
  guard(trainers >= 1 && 1n <= alpha && alpha <= 10n ** 12n, "PARTITION_RANGE");
  guard(trainers * minimum <= labels.length, "PARTITION_IMPOSSIBLE");
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const shares = urn(labels, seed, attempt, alpha, trainers);
    if (shares.every((share) => share.length >= minimum)) return shares;
  }
  return guard(false, "PARTITION_IMPOSSIBLE");
}

function piles_of(labels, seed) {
  const classes = [...new Set(labels)].sort(ascending);
  return classes.map((c) => {
    const indices = labels.flatMap((label, i) => (label === c ? [i] : []));
    const order = shuffle(new Stream(purposeOf("split"), [seed, BigInt(c)]), indices.length);
    return order.map((position) => indices[position]);
  });
}

/** Takes `count` indices from the fronts of the piles, in proportion to what they hold. */
function take(piles, count) {
  const parts = largest_remainder(count, piles.map((pile) => pile.length));
  return piles.flatMap((pile, i) => pile.splice(0, Number(parts[i]))).sort(ascending);
}

export function split(labels, options) {
  const { seed, alpha_ppm, trainers, scorers, test_ppm, scorer_ppm, trainer_minimum } = options;
  check_labels(labels);
  const share = (ppm) => (BigInt(labels.length) * BigInt(ppm)) / PPM;
  const taken = share(test_ppm) + BigInt(scorers) * share(scorer_ppm);
  guard(taken < BigInt(labels.length), "SHARE_RANGE");
  const piles = piles_of(labels, seed);
  const test = take(piles, share(test_ppm));
  const scorer_sets = Array.from({ length: scorers }, () => take(piles, share(scorer_ppm)));
  const left = piles.flat().sort(ascending);
  const shares = partition(left.map((i) => labels[i]), seed, alpha_ppm, trainers, trainer_minimum);
  return { test, scorers: scorer_sets, trainers: shares.map((positions) => positions.map((p) => left[p])) };
}

// ---- APP-010 to APP-013 ----

const product = (extents) => extents.reduce((size, extent) => size * BigInt(extent), 1n);

function floor_sqrt(x) {
  let low = 0n;
  let high = x + 1n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= x) low = middle;
    else high = middle;
  }
  return low;
}

function initial_tensor({ shape, fraction_bits }, seed, position) {
  const length = Number(product(shape));
  if (shape.length < 2) return Array(length).fill(0);
  const [m, ...others] = shape;
  const bound = floor_sqrt((6n << BigInt(2 * fraction_bits)) / (BigInt(m) + product(others)));
  const stream = new Stream(purposeOf("initial"), [seed, BigInt(position)]);
  return Array.from({ length }, () => Number(stream.below(2n * bound + 1n) - bound));
}

export function initial_model(layout, seed) {
  layout_size(layout);
  return layout.tensors.flatMap((tensor, i) => initial_tensor(tensor, seed, i));
}

export const clamp = (value) => Math.max(-Q, Math.min(Q, value));

/** The values of the tensors of a layout, found by their names (APP-010). */
function values_by_layout(layout, arrays) {
  guard(arrays.length === layout.tensors.length, "MODEL_SHAPE");
  return layout.tensors.map(({ name, shape }) => {
    const found = arrays.find((array) => array.name === name);
    guard(found !== undefined && found.shape.join() === shape.join(), "MODEL_SHAPE");
    guard(BigInt(found.values.length) === product(shape), "MODEL_SHAPE");
    return found.values;
  });
}

/** `arrays` hold binary64 numbers. */
export function update(layout, base, arrays) {
  const size = layout_size(layout);
  const values = values_by_layout(layout, arrays);
  guard(BigInt(base.length) === size, "MODEL_SHAPE");
  let start = 0;
  const differences = values.map((local, t) => {
    const scale = 2 ** layout.tensors[t].fraction_bits;
    const delta = local.map((value, i) => value - base[start + i] / scale);
    start += local.length;
    return delta;
  });
  guard(differences.flat().every(Number.isFinite), "NOT_FINITE");
  return differences.flatMap((delta, t) => quantize_doubles(delta, layout.tensors[t].fraction_bits));
}

export function apply_update(base, delta) {
  guard(base.length === delta.length, "MODEL_SHAPE");
  const model = base.map((w, i) => w + delta[i]);
  guard(model.every((w) => INT32_MIN <= w && w <= INT32_MAX), "MODEL_OVERFLOW");
  return model;
}

/** The binary64 numbers in eight big-endian bytes each. */
export const doubles = (hex) => cutChunks(toBytes(hex), 8).map((bytes) => bytes.readDoubleBE());
