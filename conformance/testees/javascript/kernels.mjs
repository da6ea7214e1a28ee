// The kernels of aggregation.md, AGG-001 to AGG-015. Vectors are arrays of numbers (int32); sums are BigInts.

import { guard } from "./refusal.mjs";
import { cutChunks, merkleize, sha256 } from "./ssz.mjs";

export const Q = 2 ** 20 - 1;
const VECTORS_MAX = 2047;
const WEIGHT_MAX = 65535;
const FRACTION_BITS_MAX = 30;

const inDomain = (vector) => vector.every((value) => -Q <= value && value <= Q);
const abs = (x) => (x < 0n ? -x : x);
const ascending = (a, b) => a - b;

/** AGG-001, for BigInts and y > 0. */
export function div_round_half_even(x, y) {
  let k = x / y;
  let r = x % y;
  if (r < 0n) {
    k -= 1n;
    r += y;
  }
  return 2n * r < y || (2n * r === y && k % 2n === 0n) ? k : k + 1n;
}

function check_vectors(vectors) {
  guard(vectors.length >= 1, "EMPTY");
  guard(vectors.length <= VECTORS_MAX, "VECTOR_COUNT");
  guard(vectors.every((vector) => vector.length > 0), "EMPTY");
  guard(vectors.every((vector) => vector.length === vectors[0].length), "VECTOR_LENGTH");
}

const check_domain = (vectors) => guard(vectors.every(inDomain), "DOMAIN_COORDINATE");

/** For each coordinate: f applied to the values that the vectors have there. */
const by_coordinate = (vectors, f) => vectors[0].map((_, i) => f(vectors.map((vector) => vector[i])));

// ---- AGG-003, AGG-004 ----

const FORMATS = {
  f32: { exponentBits: 8n, fractionBits: 23n },
  f64: { exponentBits: 11n, fractionBits: 52n },
};

/** The value of IEEE 754 bits as mantissa · 2^exponent, or null when it is not finite. */
function parse_float(bits, { exponentBits, fractionBits }) {
  const exponentMax = (1n << exponentBits) - 1n;
  const fraction = bits & ((1n << fractionBits) - 1n);
  const biased = (bits >> fractionBits) & exponentMax;
  if (biased === exponentMax) return null;
  const negative = bits >> (fractionBits + exponentBits) === 1n;
  const magnitude = biased === 0n ? fraction : fraction | (1n << fractionBits);
  const bias = exponentMax >> 1n;
  const exponent = (biased === 0n ? 1n : biased) - bias - fractionBits;
  return { mantissa: negative ? -magnitude : magnitude, exponent };
}

function quantize_one({ mantissa, exponent }, fraction_bits) {
  const shift = exponent + BigInt(fraction_bits);
  const rounded = shift >= 0n ? mantissa << shift : div_round_half_even(mantissa, 1n << -shift);
  const q = BigInt(Q);
  return Number(rounded < -q ? -q : rounded > q ? q : rounded);
}

/** `values` are the bits of the numbers, as BigInts. */
export function quantize(element, values, fraction_bits) {
  guard(values.length >= 1, "EMPTY");
  guard(fraction_bits <= FRACTION_BITS_MAX, "FRACTION_BITS");
  const numbers = values.map((bits) => parse_float(bits, FORMATS[element]));
  guard(numbers.every((number) => number !== null), "NOT_FINITE");
  return numbers.map((number) => quantize_one(number, fraction_bits));
}

/** quantize for finite binary64 numbers of this language. */
export function quantize_doubles(numbers, fraction_bits) {
  const bits = numbers.map((number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(number);
    return bytes.readBigUInt64BE();
  });
  return quantize("f64", bits, fraction_bits);
}

export function dequantize(values, fraction_bits) {
  guard(values.length >= 1, "EMPTY");
  guard(fraction_bits <= FRACTION_BITS_MAX, "FRACTION_BITS");
  return values.map((value) => value / 2 ** fraction_bits);
}

// ---- AGG-005 to AGG-009 ----

export function domain_check(vector) {
  guard(vector.length >= 1, "EMPTY");
  return vector.findIndex((value) => value < -Q || value > Q);
}

export function weighted_sum(vectors, weights) {
  check_vectors(vectors);
  guard(weights.length === vectors.length, "WEIGHT_COUNT");
  guard(weights.every((weight) => weight <= WEIGHT_MAX), "WEIGHT_RANGE");
  check_domain(vectors);
  // Below 2^47 in magnitude (AGG-002), so numbers are exact.
  return by_coordinate(vectors, (values) => BigInt(values.reduce((sum, value, k) => sum + weights[k] * value, 0)));
}

export function div_round(numerators, multiplier, divisor) {
  guard(numerators.length >= 1, "EMPTY");
  guard(1 <= multiplier && multiplier <= 65535, "MULTIPLIER_RANGE");
  guard(1n <= divisor && divisor <= 65535n * 2047n * 65535n, "DIVISOR_RANGE");
  guard(numerators.every((x) => abs(x) < 2n ** 47n), "SUM_RANGE");
  return numerators.map((x) => div_round_half_even(BigInt(multiplier) * x, divisor));
}

export function coordinate_median(vectors) {
  check_vectors(vectors);
  check_domain(vectors);
  const n = vectors.length;
  return by_coordinate(vectors, (values) => {
    const v = values.sort(ascending);
    if (n % 2 === 1) return v[(n - 1) / 2];
    return Number(div_round_half_even(BigInt(v[n / 2 - 1] + v[n / 2]), 2n));
  });
}

export function trimmed_sum(vectors, k) {
  check_vectors(vectors);
  guard(2 * k < vectors.length, "TRIM_RANGE");
  check_domain(vectors);
  return by_coordinate(vectors, (values) => {
    const kept = values.sort(ascending).slice(k, vectors.length - k);
    return BigInt(kept.reduce((sum, value) => sum + value, 0));
  });
}

/** AGG-015: by the distance from the median itself, not by the window that it amounts to. */
export function nearest_sum(vectors, m) {
  check_vectors(vectors);
  const n = vectors.length;
  guard(1 <= m && m <= n, "SELECT_RANGE");
  check_domain(vectors);
  return by_coordinate(vectors, (values) => {
    const v = values.sort(ascending);
    const twice_median = v[Math.floor((n - 1) / 2)] + v[Math.floor(n / 2)];
    const distance = (value) => Math.abs(2 * value - twice_median);
    const nearest = v.sort((a, b) => distance(a) - distance(b) || a - b).slice(0, m);
    return BigInt(nearest.reduce((sum, value) => sum + value, 0));
  });
}

// ---- AGG-011 to AGG-014 ----

/** The smallest integer whose square is at least x. */
function ceil_sqrt(x) {
  let low = 0n;
  let high = 1n << BigInt(Math.ceil(x.toString(2).length / 2));
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle * middle >= x) high = middle;
    else low = middle + 1n;
  }
  return low;
}

export function clip_l2(vector, bound) {
  guard(vector.length >= 1, "EMPTY");
  guard(1n <= bound && bound <= 2n ** 32n - 1n, "NORM_BOUND_RANGE");
  check_domain([vector]);
  const q = vector.map(BigInt);
  const norm = q.reduce((sum, x) => sum + x * x, 0n);
  if (norm <= bound * bound) return [...vector];
  const s = ceil_sqrt(norm);
  return q.map((x) => Number((x * bound) / s)); // BigInt division truncates towards zero
}

export function sha256_chunks(data, chunk_bytes) {
  guard(data.length >= 1, "EMPTY");
  guard(1 <= chunk_bytes && chunk_bytes <= 2 ** 31 - 1, "CHUNK_BYTES");
  return cutChunks(data, chunk_bytes).map((chunk) => sha256(chunk));
}

export function ssz_merkleize(chunks, limit) {
  guard(chunks.length % 32 === 0, "MERKLE_LENGTH");
  guard(1n <= limit && limit <= 2n ** 40n, "MERKLE_LIMIT");
  guard(BigInt(chunks.length / 32) <= limit, "MERKLE_LIMIT");
  return merkleize(cutChunks(chunks, 32), Number(limit));
}

function sqdist(a, b) {
  let sum = 0n;
  for (let i = 0; i < a.length; i += 1) sum += BigInt((a[i] - b[i]) ** 2); // one term is below 2^42
  return sum;
}

export function pairwise_sqdist(vectors) {
  check_vectors(vectors);
  check_domain(vectors);
  const distances = vectors.map(() => Array(vectors.length).fill(0n));
  for (let i = 0; i < vectors.length; i += 1) {
    for (let j = 0; j < i; j += 1) {
      distances[i][j] = sqdist(vectors[i], vectors[j]);
      distances[j][i] = distances[i][j];
    }
  }
  return distances;
}
