// privacy.md: noise (PRV-060 to PRV-068). Numbers are BigInts.

import { uniform_below } from "./graph.mjs";
import { is_key } from "./keys.mjs";
import { clip_l2, Q } from "./kernels.mjs";
import { key_stream, STREAM, to_ring, words_of } from "./masks.mjs";
import { guard } from "./refusal.mjs";
import { le } from "./types.mjs";

const PART_MAX = 2n ** 54n - 1n;
const REPEATS_MAX = 128n;
const BLOCK = 256;
const WORD = 1n << 32n;
const UNIT_BITS = 40n;
const DIMENSION_MAX = 2n ** 32n;

// ---- PRV-061 ----

const below = (next, m) => (m === 1n ? 0n : uniform_below(next, 32n, m));

function chance(next, n, d) {
  if (n === d) return true;
  if (n === 0n) return false;
  const r = n * WORD - next() * d;
  if (r >= d) return true;
  return r <= 0n ? false : chance(next, r, d);
}

// ---- PRV-062 ----

function exponential(next, n, d) {
  let k = 1n;
  while (chance(next, n, d) && below(next, k) === 0n) k += 1n;
  return k % 2n === 1n;
}

function square_root(x) {
  let low = 0n;
  let high = 1n << BigInt(Math.ceil(x.toString(2).length / 2) + 1);
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= x) low = middle;
    else high = middle;
  }
  return low;
}

const width_of = (a, b) => square_root(a / b) + 1n; // t

/** The number of one attempt, or null. */
function attempt(next, a, b, t) {
  const u = below(next, t);
  if (!exponential(next, u, t)) return null;
  let v = 0n;
  while (exponential(next, 1n, 1n)) {
    v += 1n;
    if (v === REPEATS_MAX) return null;
  }
  const y = u + t * v;
  const negative = below(next, 2n) === 1n;
  if (negative && y === 0n) return null;
  const d = 2n * a * b * t * t;
  let n = (y * t * b - a) ** 2n;
  for (; n >= d; n -= d) if (!exponential(next, 1n, 1n)) return null;
  if (!exponential(next, n, d)) return null;
  return negative ? -y : y;
}

function gaussians(next, count, a, b) {
  const t = width_of(a, b);
  return Array.from({ length: count }, () => {
    for (;;) {
      const number = attempt(next, a, b, t);
      if (number !== null) return number;
    }
  });
}

const is_part = (x) => 1n <= x && x <= PART_MAX;
const check_variance = (a, b) => guard(is_part(a) && is_part(b), "VARIANCE_RANGE");

export function gaussian_samples(stream, count, a, b) {
  check_variance(a, b);
  const words = words_of([stream], 4);
  let used = 0;
  const next = () => {
    const { value, done } = words.next();
    guard(!done, "STREAM_SHORT");
    used += 4;
    return value;
  };
  return { samples: gaussians(next, count, a, b), used };
}

// ---- PRV-063 ----

function block_words(seed, block) {
  const id = Buffer.concat([Buffer.of(STREAM.noise, 0, 0, 0), le(block, 8)]);
  const words = words_of(key_stream(seed, id), 4);
  return () => words.next().value;
}

export function discrete_gaussian(count, a, b, seed) {
  guard(count >= 1, "EMPTY");
  guard(count <= 2 ** 31, "VECTOR_LENGTH");
  check_variance(a, b);
  is_key(seed);
  const samples = [];
  for (let block = 0; samples.length < count; block += 1) {
    samples.push(...gaussians(block_words(seed, block), Math.min(BLOCK, count - samples.length), a, b));
  }
  return samples;
}

// ---- PRV-064 to PRV-067 ----

const gcd = (a, b) => (b === 0n ? a : gcd(b, a % b));
const least = (a, b) => (a < b ? a : b);

/** The variance that every member adds, in lowest terms. */
export function noise_share(noise, survivors_min) {
  const { clip_bound, variance_numerator: a, variance_denominator: b, colluders } = noise;
  guard(1n <= clip_bound && clip_bound <= 2n ** 32n - 1n, "NORM_BOUND_RANGE");
  check_variance(a, b);
  guard(colluders < survivors_min, "COLLUDERS_RANGE");
  const product = b * BigInt(survivors_min - colluders);
  const common = gcd(a, product);
  const [numerator, denominator] = [a / common, product / common];
  guard(2n * numerator >= denominator, "VARIANCE_RANGE");
  check_variance(numerator, denominator);
  return { numerator, denominator };
}

export function noised_input(update, noise, survivors_min, seed) {
  const { numerator, denominator } = noise_share(noise, survivors_min);
  const clipped = clip_l2(update, noise.clip_bound);
  const samples = discrete_gaussian(update.length, numerator, denominator, seed);
  return to_ring(64n, clipped.map((x, i) => BigInt(x) + samples[i]));
}

export function noised_bound(noise, survivors_min, summands) {
  const { numerator, denominator } = noise_share(noise, survivors_min);
  guard(1n <= summands && summands <= 2n ** 32n, "SUMMANDS_RANGE");
  const reach = least(noise.clip_bound, BigInt(Q)) + REPEATS_MAX * width_of(numerator, denominator) - 1n;
  const bound = summands * reach;
  guard(2n * bound < 2n ** 64n, "RING_OVERFLOW");
  return bound;
}

const div_up = (x, y) => (x + y - 1n) / y;

export function round_cost(noise, survivors_min, dimension) {
  const share = noise_share(noise, survivors_min);
  guard(1n <= dimension, "EMPTY");
  guard(dimension <= DIMENSION_MAX, "VECTOR_LENGTH");
  const { clip_bound, variance_numerator: a, variance_denominator: b, colluders } = noise;
  const honest = BigInt(survivors_min - colluders);
  const main = div_up((clip_bound * clip_bound * b) << UNIT_BITS, 2n * a);
  const exponent = least((14n * share.numerator) / share.denominator, 128n);
  const correction = div_up((5n * (honest - 1n) * dimension) << UNIT_BITS, 1n << exponent);
  guard(main + correction < 2n ** 64n, "BUDGET_EXCEEDED");
  return main + correction;
}

// ---- PRV-068 ----

export function charge(spent, cost, budget) {
  guard(spent + cost <= budget, "BUDGET_EXCEEDED");
  return spent + cost;
}

/** What a round of a task costs, whatever its model is. */
export const task_round_cost = ({ noise, threshold }) => round_cost(noise, threshold + 1, DIMENSION_MAX);

export const has_noise = ({ noise }) => Object.values(noise).some((value) => BigInt(value) !== 0n);
