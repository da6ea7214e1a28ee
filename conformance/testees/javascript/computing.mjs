// privacy.md: computing on shares (PRV-070 to PRV-072, PRV-074 to PRV-079). Elements are BigInts, rows arrays of them.

import { is_key } from "./keys.mjs";
import { STREAM, stream_id, stream_words, words_of } from "./masks.mjs";
import { guard } from "./refusal.mjs";
import { elements_of, mod, P, take } from "./sharing.mjs";
import { sha256, toBytes } from "./ssz.mjs";
import { le } from "./types.mjs";

export const R = 2n ** 127n - 1n;
const PARTIES_MAX = 64;
const BATCH_MAX = 2 ** 16;
const WORD_BYTES = 16;

const is_element = (x) => x < R;
const reduce = (x) => mod(x, R);
const sum_of = (values) => values.reduce((sum, value) => sum + value, 0n);
const range = (count) => Array.from({ length: count }, (_, i) => i);
/** What is public is counted by position 0 alone. */
const public_part = (position, value) => (position === 0 ? value : 0n);

// ---- guards ----

/** The first row has an element, all have as many, every element is of the field. */
function check_rows(rows, belongs = is_element) {
  guard(rows[0].length > 0, "EMPTY");
  guard(rows.every((row) => row.length === rows[0].length), "VECTOR_LENGTH");
  guard(rows.flat().every(belongs), "FIELD_RANGE");
}

const check_parties = (parties) => guard(2 <= parties && parties <= PARTIES_MAX, "MEMBER_COUNT");
const check_count = (count) => guard(1 <= count && count <= BATCH_MAX, "TRIPLE_COUNT");
const check_position = (position) => guard(position < PARTIES_MAX, "POSITION_RANGE");
const check_triples = (rows) => guard(rows.length === 3, "TRIPLE_SHAPE");

// ---- PRV-070 ----

const samples_among = (words) => elements_of(words, 127n);
export const large_samples = (stream, count) => take(samples_among(words_of([stream], WORD_BYTES)), count);
const words_of_seed = (seed, first) => stream_words(seed, stream_id(first), WORD_BYTES);
const samples_of_seed = (seed, first) => samples_among(words_of_seed(seed, first));

/** The shares of one secret, one a position. */
function share_one(secret, parties, samples) {
  const shares = take(samples, parties - 1);
  return [...shares, reduce(secret - sum_of(shares))];
}

/** From a list of columns (one a secret) to rows (one a position). */
const by_position = (columns, parties) => range(parties).map((position) => columns.map((column) => column[position]));

export function additive_share(secrets, parties, seed) {
  check_parties(parties);
  is_key(seed);
  check_rows([secrets]);
  const samples = samples_of_seed(seed, STREAM.additive);
  return by_position(secrets.map((secret) => share_one(secret, parties, samples)), parties);
}

export function additive_open(rows) {
  check_parties(rows.length);
  check_rows(rows);
  return rows[0].map((_, i) => reduce(sum_of(rows.map((row) => row[i]))));
}

export function from_large(elements, bound) {
  guard(2n * bound + 1n <= R, "FIELD_OVERFLOW");
  check_rows([elements]);
  const numbers = elements.map((y) => (y <= (R - 1n) / 2n ? y : y - R));
  guard(numbers.every((x) => -bound <= x && x <= bound), "RESULT_RANGE");
  return numbers;
}

// ---- PRV-071 ----

const FIELDS = { 61: P, 127: R };

export function combine_shares(field, weights, rows) {
  const prime = FIELDS[field];
  guard(prime !== undefined, "FIELD_UNKNOWN");
  guard(rows.length > 0 && rows[0].length > 0, "EMPTY");
  guard(rows.every((row) => row.length === rows[0].length), "VECTOR_LENGTH");
  guard(weights.length === rows.length, "WEIGHT_COUNT");
  guard([weights, ...rows].flat().every((x) => x < prime), "FIELD_RANGE");
  return rows[0].map((_, i) => mod(sum_of(rows.map((row, j) => weights[j] * row[i])), prime));
}

// ---- PRV-072 ----

/** For each position its rows of a, of b and of c. */
export function deal_triples(parties, count, seed) {
  check_parties(parties);
  check_count(count);
  is_key(seed);
  const samples = samples_of_seed(seed, STREAM.triples);
  const triples = range(count).map(() => {
    const [a, b] = take(samples, 2);
    return [a, b, reduce(a * b)].map((secret) => share_one(secret, parties, samples));
  });
  const factors = range(3).map((factor) => by_position(triples.map((triple) => triple[factor]), parties));
  return range(parties).map((position) => factors.map((rows) => rows[position]));
}

// ---- PRV-074 ----

const CHALLENGE_SEED = Buffer.of(0x90, 0, 0, 0);

/** `batch` is { seed, genesis_root, task, batch }. */
function drawn_for({ seed, genesis_root, task, batch }, first, count) {
  check_count(count);
  const drawn = sha256(CHALLENGE_SEED, seed, toBytes(genesis_root), le(task, 8), le(batch, 8));
  return take(samples_of_seed(drawn, first), count);
}

export const sacrifice_challenges = (batch, count) => drawn_for(batch, STREAM.challenges, count);

function check_pairs(kept, burnt, others) {
  check_triples(kept);
  check_triples(burnt);
  check_rows([...kept, ...burnt, ...others]);
}

export function sacrifice_open(kept, burnt, challenges) {
  check_pairs(kept, burnt, [challenges]);
  const [[a, b], [x, y]] = [kept, burnt];
  return {
    left: challenges.map((rho, i) => reduce(rho * a[i] - x[i])),
    right: challenges.map((_, i) => reduce(b[i] - y[i])),
  };
}

export function sacrifice_close(position, kept, burnt, challenges, left, right) {
  check_position(position);
  check_pairs(kept, burnt, [challenges, left, right]);
  const [c, [x, y, z]] = [kept[2], burnt];
  return challenges.map((rho, i) => {
    const [d, e] = [left[i], right[i]];
    return reduce(rho * c[i] - z[i] - d * y[i] - e * x[i] - public_part(position, d * e));
  });
}

// ---- PRV-075, PRV-078 ----

function check_factors(triples, left, right) {
  check_triples(triples);
  check_rows([left, right, ...triples]);
}

export function product_open(left, right, triples) {
  check_factors(triples, left, right);
  const [a, b] = triples;
  return { left: left.map((x, i) => reduce(x - a[i])), right: right.map((y, i) => reduce(y - b[i])) };
}

export function product_close(position, triples, left, right) {
  check_position(position);
  check_factors(triples, left, right);
  const [a, b, c] = triples;
  return left.map((d, i) => {
    const e = right[i];
    return reduce(c[i] + d * b[i] + e * a[i] + public_part(position, d * e));
  });
}

export const inner_close = (...input) => reduce(sum_of(product_close(...input)));

// ---- PRV-076 ----

function check_truncation(bits, fraction, sigma) {
  guard(1 <= fraction && fraction < bits, "TRUNCATION_RANGE");
  guard(1 <= sigma && sigma <= 124, "SECURITY_RANGE");
  guard(bits + sigma <= 126, "FIELD_OVERFLOW");
}

export function deal_truncations(bits, fraction, sigma, parties, count, seed) {
  check_truncation(bits, fraction, sigma);
  check_parties(parties);
  check_count(count);
  is_key(seed);
  const words = words_of_seed(seed, STREAM.truncation);
  const samples = samples_among({ [Symbol.iterator]: () => ({ next: () => words.next() }) });
  const dealt = range(count).map(() => {
    const mask = BigInt.asUintN(bits + sigma, words.next().value);
    return [mask, mask >> BigInt(fraction)].map((secret) => share_one(secret, parties, samples));
  });
  const [masks, highs] = [0, 1].map((i) => by_position(dealt.map((pair) => pair[i]), parties));
  return { masks, highs };
}

/** The indices of the masks of a batch that are opened to check their dealer. */
export function opened_masks(batch, count) {
  const samples = drawn_for(batch, STREAM.opened_masks, count);
  return range(count).filter((i) => samples[i] % 2n === 1n);
}

export function check_masks(bits, fraction, sigma, masks, highs) {
  check_truncation(bits, fraction, sigma);
  check_rows([masks, highs]);
  const is_right = (mask, i) => mask < 1n << BigInt(bits + sigma) && highs[i] === mask >> BigInt(fraction);
  guard(masks.every(is_right), "MASK_WRONG");
}

function check_step(bits, fraction, sigma, position, rows) {
  check_truncation(bits, fraction, sigma);
  check_position(position);
  check_rows(rows);
}

export function truncation_open(bits, fraction, sigma, position, numbers, masks) {
  check_step(bits, fraction, sigma, position, [numbers, masks]);
  const offset = public_part(position, 1n << BigInt(bits - 1));
  return numbers.map((z, i) => reduce(z + offset + masks[i]));
}

export function truncation_close(bits, fraction, sigma, position, opened, highs) {
  check_step(bits, fraction, sigma, position, [opened, highs]);
  const most = (1n << BigInt(bits + sigma)) + (1n << BigInt(bits)) - 1n;
  guard(opened.every((m) => m < most), "RESULT_RANGE");
  const offset = 1n << BigInt(bits - 1 - fraction);
  return opened.map((m, i) => reduce(public_part(position, (m >> BigInt(fraction)) - offset) - highs[i]));
}

// ---- PRV-077, PRV-078 ----

export function truncate_locally(position, fraction, numbers) {
  guard(position <= 1, "POSITION_RANGE");
  guard(1 <= fraction && fraction <= 125, "TRUNCATION_RANGE");
  check_rows([numbers]);
  const f = BigInt(fraction);
  return numbers.map((s) => (position === 0 ? s >> f : reduce(-((R - s) >> f))));
}

export function product_bits(terms, left_bound, right_bound, fraction, sigma) {
  guard(1 <= terms && terms <= 2 ** 20, "TERMS_RANGE");
  const is_bound = (x) => 1n <= x && x <= 2n ** 63n - 1n;
  guard(is_bound(left_bound) && is_bound(right_bound), "FACTOR_RANGE");
  const reach = BigInt(terms) * left_bound * right_bound; // below 2^(k - 1) where k - 1 is its number of binary digits
  const bits = Math.max(fraction + 1, reach.toString(2).length + 1);
  check_truncation(bits, fraction, sigma);
  return bits;
}

// ---- PRV-079 ----

const LN2_64 = 0xb17217f7d1cf79abn;
const check_fraction = (fraction) => guard(1 <= fraction && fraction <= 30, "TRUNCATION_RANGE");

export function logistic_loss(position, fraction, squares, products) {
  check_fraction(fraction);
  check_position(position);
  check_rows([squares, products]);
  const f = BigInt(fraction);
  const constant = (LN2_64 + (1n << (60n - 2n * f))) >> (61n - 2n * f);
  return squares.map((square, i) => reduce(square - (products[i] << (f + 2n)) + public_part(position, constant)));
}

export function logistic_residual(fraction, logits, labels) {
  check_fraction(fraction);
  check_rows([logits, labels]);
  return logits.map((logit, i) => reduce(logit - (labels[i] << BigInt(fraction + 1))));
}
