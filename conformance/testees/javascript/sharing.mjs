// privacy.md: the field, sharing, limbs, committed shares, rebuilding in public (PRV-015 to PRV-021, PRV-027).
// Elements are BigInts.

import { rootOf } from "./containers.mjs";
import { is_key, KEY_BYTES, public_key } from "./keys.mjs";
import { ascends, little_endian, STREAM, stream_id, stream_words, words_of } from "./masks.mjs";
import { guard, Refusal } from "./refusal.mjs";
import { sha256, toBytes, toHex } from "./ssz.mjs";

export const P = 2n ** 61n - 1n;
const SHARES_MAX = 2047;
const LIMB_BITS = [56n, 56n, 56n, 56n, 32n];

// ---- the field (PRV-015) ----

export const mod = (x, prime) => {
  const rest = x % prime;
  return rest < 0n ? rest + prime : rest;
};

export function power(base, exponent, prime) {
  let result = 1n;
  for (let square = base, left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

const inverse = (x) => power(mod(x, P), P - 2n, P);
const in_field = (elements) => elements.every((element) => element < P);

/** The elements below a prime of `bits` ones among words: the low bits, without the one value that is the prime. */
export function* elements_of(words, bits) {
  const prime = (1n << bits) - 1n;
  for (const word of words) {
    const element = word & prime;
    if (element !== prime) yield element;
  }
}

export function take(elements, count) {
  return Array.from({ length: count }, () => {
    const { value, done } = elements.next();
    guard(!done, "STREAM_SHORT");
    return value;
  });
}

export const field_samples = (stream, count) => take(elements_of(words_of([stream], 8), 61n), count);
const seed_samples = (seed) => elements_of(stream_words(seed, stream_id(STREAM.sharing), 8), 61n);

// ---- interpolation ----

/** For points x: a function that gives the weights with which the values there sum to the value at a target. */
function interpolation(xs) {
  const scales = xs.map((x, i) => {
    const product = xs.reduce((before, other, j) => (j === i ? before : mod(before * (x - other), P)), 1n);
    return inverse(product);
  });
  return (target) => {
    const weights = [...scales];
    let before = 1n;
    for (let i = 0; i < xs.length; i += 1) {
      weights[i] = (weights[i] * before) % P;
      before = mod(before * (target - xs[i]), P);
    }
    let after = 1n;
    for (let i = xs.length - 1; i >= 0; i -= 1) {
      weights[i] = (weights[i] * after) % P;
      after = mod(after * (target - xs[i]), P);
    }
    return weights;
  };
}

const combine = (weights, values) => weights.reduce((sum, weight, i) => sum + weight * values[i], 0n) % P;
const point_of = (position) => BigInt(position) + 1n;
const secret_point = (j) => -1n - BigInt(j);
const range = (count) => Array.from({ length: count }, (_, i) => i);

// ---- PRV-016, PRV-018 ----

function polynomial_at(coefficients, x) {
  return coefficients.reduceRight((value, coefficient) => (value * x + coefficient) % P, 0n);
}

export function shamir_share(secrets, threshold, count, seed) {
  guard(secrets.length > 0, "EMPTY");
  guard(2 <= count && count <= SHARES_MAX, "SHARE_COUNT");
  guard(2 <= threshold && threshold <= count, "THRESHOLD_RANGE");
  is_key(seed);
  guard(in_field(secrets), "FIELD_RANGE");
  const samples = seed_samples(seed);
  const polynomials = secrets.map((secret) => [secret, ...take(samples, threshold - 1)]);
  return range(count).map((position) => polynomials.map((f) => polynomial_at(f, point_of(position))));
}

export function packed_share(secrets, pack, threshold, count, seed) {
  guard(secrets.length > 0, "EMPTY");
  guard(2 <= count && count <= SHARES_MAX, "SHARE_COUNT");
  guard(1 <= pack && pack <= count - 1, "PACK_RANGE");
  guard(pack + 1 <= threshold && threshold <= count, "THRESHOLD_RANGE");
  guard(secrets.length % pack === 0, "PACK_LENGTH");
  is_key(seed);
  guard(in_field(secrets), "FIELD_RANGE");
  const samples = seed_samples(seed);
  const random = threshold - pack;
  const values = range(secrets.length / pack).map((block) => [
    ...secrets.slice(block * pack, (block + 1) * pack),
    ...take(samples, random),
  ]);
  const weights_at = interpolation([...range(pack).map(secret_point), ...range(random).map(point_of)]);
  return range(count).map((position) => {
    if (position < random) return values.map((block) => block[pack + position]);
    const weights = weights_at(point_of(position));
    return values.map((block) => combine(weights, block));
  });
}

// ---- PRV-017, PRV-019 ----

function check_shares(shares, positions) {
  guard(shares.length > 0, "EMPTY");
  guard(shares.length <= SHARES_MAX, "SHARE_COUNT");
  guard(shares.every((share) => share.length > 0), "EMPTY");
  guard(shares.every((share) => share.length === shares[0].length), "VECTOR_LENGTH");
  guard(positions.length === shares.length, "POSITION_COUNT");
  guard(positions.every((position) => position < SHARES_MAX), "POSITION_RANGE");
  guard(ascends(positions), "POSITION_ORDER");
}

function check_threshold(shares, threshold, least) {
  guard(least <= threshold && threshold <= SHARES_MAX, "THRESHOLD_RANGE");
  guard(shares.length >= threshold, "SHARES_MISSING");
  guard(shares.every(in_field), "FIELD_RANGE");
}

/** Element after element, the values at the targets of the polynomials through the first shares. */
function rebuild_at(targets, shares, positions, threshold) {
  const weights_at = interpolation(positions.slice(0, threshold).map(point_of));
  const weights = targets.map(weights_at);
  return shares[0].flatMap((_, e) => {
    const values = shares.slice(0, threshold).map((share) => share[e]);
    return weights.map((weight) => combine(weight, values));
  });
}

export function shamir_reconstruct(shares, positions, threshold) {
  check_shares(shares, positions);
  check_threshold(shares, threshold, 2);
  return rebuild_at([0n], shares, positions, threshold);
}

export function packed_reconstruct(shares, positions, pack, threshold) {
  check_shares(shares, positions);
  guard(1 <= pack && pack <= SHARES_MAX - 1, "PACK_RANGE");
  check_threshold(shares, threshold, pack + 1);
  return rebuild_at(range(pack).map(secret_point), shares, positions, threshold);
}

// ---- PRV-020 ----

export function secret_to_limbs(secret) {
  is_key(secret);
  let left = little_endian(secret);
  return LIMB_BITS.map((bits) => {
    const limb = BigInt.asUintN(Number(bits), left);
    left >>= bits;
    return limb;
  });
}

export function limbs_to_secret(limbs) {
  guard(limbs.length === LIMB_BITS.length, "LIMB_RANGE");
  guard(limbs.every((limb, i) => limb < 1n << LIMB_BITS[i]), "LIMB_RANGE");
  const number = limbs.reduceRight((sum, limb, i) => (sum << LIMB_BITS[i]) + limb, 0n);
  return Buffer.from(number.toString(16).padStart(2 * KEY_BYTES, "0"), "hex").reverse();
}

// ---- PRV-021 ----

export function check_edge_share(commitment, share) {
  guard(share.dealer !== share.holder, "MEMBER_SELF");
  guard(share.share.length === LIMB_BITS.length, "LIMB_RANGE");
  guard(in_field(share.share), "FIELD_RANGE");
  guard(rootOf("EdgeShare", share) === commitment, "SHARE_MISMATCH");
}

/** What `f` gives, or null where the rule refuses with one of these codes. */
export function unless_refused(f, codes = null) {
  try {
    return f();
  } catch (error) {
    if (error instanceof Refusal && (codes === null || codes.includes(error.code))) return null;
    throw error;
  }
}

// ---- PRV-027 ----

export const SECRET = { seed: 1, mask_key: 2 };
const SEED_MARK = Buffer.of(0x85, 0, 0, 0);

export function secret_mark(kind, secret) {
  guard(Object.values(SECRET).includes(kind), "SECRET_UNKNOWN");
  is_key(secret);
  return toHex(kind === SECRET.seed ? sha256(SEED_MARK, secret) : public_key(secret));
}

/** `dealing` is { scope, dealer, secret, holders, commitments, mark }, `revealed` are { position, share }. */
export function rebuild_secret(dealing, threshold, revealed) {
  const { scope, dealer, secret, holders, commitments, mark } = dealing;
  guard(Object.values(SECRET).includes(secret), "SECRET_UNKNOWN");
  guard(ascends(holders), "MEMBER_ORDER");
  guard(commitments.length === holders.length, "POSITION_COUNT");
  guard(2 <= threshold && threshold <= Math.min(holders.length, SHARES_MAX), "THRESHOLD_RANGE");
  guard(revealed.every(({ position }) => position < holders.length), "POSITION_RANGE");
  guard(ascends(revealed.map(({ position }) => position)), "POSITION_ORDER");
  const counts = ({ position, share }) => {
    const opened = { ...scope, dealer, holder: holders[position], secret, share };
    return unless_refused(() => (check_edge_share(commitments[position], opened), true));
  };
  const used = revealed.filter(counts).slice(0, threshold);
  guard(used.length === threshold, "SHARES_MISSING");
  const points = used.map(({ position }) => point_of(position));
  const weights = interpolation(points)(0n);
  const limbs = LIMB_BITS.map((_, e) => combine(weights, used.map(({ share }) => share[e])));
  const rebuilt = unless_refused(() => limbs_to_secret(limbs));
  guard(rebuilt !== null && secret_mark(secret, rebuilt) === mark, "DEALER_INCONSISTENT");
  return rebuilt;
}
