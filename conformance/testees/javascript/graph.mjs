// privacy.md: neighbour graphs, their size, what a client pays (PRV-024 to PRV-026).

import { STREAM, stream_id, stream_words } from "./masks.mjs";
import { guard } from "./refusal.mjs";
import { sha256 } from "./ssz.mjs";
import { le } from "./types.mjs";

const GRAPH_KEY = Buffer.of(0x84, 0, 0, 0);
const MEMBERS_MAX = 2 ** 20;

// ---- PRV-024 ----

/** A number below m; `next` gives words that are uniform below 2^bits. */
export function uniform_below(next, bits, m) {
  const space = 1n << bits;
  const limit = space - (space % m);
  for (;;) {
    const word = next();
    if (word < limit) return word % m;
  }
}

function random_order(seed, task, group, n) {
  const words = stream_words(sha256(GRAPH_KEY, seed, le(task, 8), le(group, 8)), stream_id(STREAM.graph), 8);
  const next = () => words.next().value;
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i >= 1; i -= 1) {
    const j = Number(uniform_below(next, 64n, BigInt(i) + 1n));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

export function neighbour_graph(seed, task, group, n, k) {
  guard(3 <= n && n <= MEMBERS_MAX, "MEMBER_COUNT");
  guard(k === n - 1 || (k % 2 === 0 && 2 <= k && k < n - 1), "DEGREE_RANGE");
  const all = Array.from({ length: n }, (_, i) => i);
  if (k === n - 1) return all.map((own) => all.filter((other) => other !== own));
  const order = random_order(seed, task, group, n);
  const neighbours = Array(n);
  order.forEach((own, place) => {
    const around = [];
    for (let step = 1; step <= k / 2; step += 1) {
      around.push(order[(place + step) % n], order[(place - step + n) % n]);
    }
    neighbours[own] = around.sort((a, b) => a - b);
  });
  return neighbours;
}

// ---- PRV-025 ----

function binomial(n, k) {
  let value = 1n;
  for (let i = 0; i < k; i += 1) value = (value * BigInt(n - i)) / BigInt(i + 1);
  return value;
}

/** How many of the draws of k out of n hold x marked ones, for each x from `least` on. */
function hypergeometric(n, marked, k) {
  const least = Math.max(0, k - (n - marked));
  const most = Math.min(k, marked);
  const counts = [binomial(marked, least) * binomial(n - marked, k - least)];
  for (let x = least; x < most; x += 1) {
    const up = BigInt(marked - x) * BigInt(k - x);
    const down = BigInt(x + 1) * BigInt(n - marked - k + x + 1);
    counts.push((counts[counts.length - 1] * up) / down);
  }
  return { least, counts, total: binomial(n, k) };
}

/** The least c for which n·P[X > c] is at most numerator / denominator. */
function least_beyond({ least, counts, total }, n, numerator, denominator) {
  let above = 0n;
  const limit = numerator * total;
  for (let i = counts.length - 1; i >= 0; i -= 1) {
    above += counts[i];
    if (BigInt(n) * above * denominator > limit) return least + i;
  }
  return 0;
}

/** c_max of a degree, or null when no c is enough. */
function corrupt_most({ n, corrupt, dropped, s }, k) {
  // 2^-s minus the chance of a gap of k / 2 on the circle, as a fraction.
  let numerator = 1n;
  let denominator = 1n << BigInt(s);
  if (k !== n - 1) {
    const half = BigInt(k / 2);
    const all = BigInt(n) ** half;
    numerator = all - BigInt(n) * BigInt(corrupt + dropped) ** half * denominator;
    denominator *= all;
    if (numerator < 0n) return null;
  }
  return least_beyond(hypergeometric(n - 1, corrupt, k), n, numerator, denominator);
}

/** Whether everybody keeps t neighbours: n·P[k − Y < t] ≤ 2^-eta. */
function keeps({ n, dropped, eta }, k, t) {
  const { least, counts, total } = hypergeometric(n - 1, dropped, k);
  const lost = counts.reduce((sum, count, i) => (k - (least + i) < t ? sum + count : sum), 0n);
  return BigInt(n) * lost * (1n << BigInt(eta)) <= total;
}

function size_for(question, k) {
  const c = corrupt_most(question, k);
  if (c === null) return null;
  let t = Math.max(2, c + 1);
  if (question.corrupt_committee) t = Math.max(t, Math.floor((k + c) / 2) + 1);
  if (t > k || !keeps(question, k, t)) return null;
  return { degree: k, threshold: t, corrupt_max: c };
}

export function graph_size({ members: n, corrupt_bps, dropout_bps, sigma, eta, bias, corrupt_committee }) {
  guard(3 <= n && n <= 10 ** 9, "MEMBER_COUNT");
  guard(corrupt_bps + dropout_bps < 10000, "FRACTION_RANGE");
  guard([sigma, eta].every((bits) => 1 <= bits && bits <= 128), "SECURITY_RANGE");
  guard(bias <= 128, "SECURITY_RANGE");
  const part = (bps) => Math.floor((n * bps) / 10000);
  const [corrupt, dropped] = [part(corrupt_bps), part(dropout_bps)];
  const question = { n, corrupt, dropped, s: sigma + bias, eta, corrupt_committee };
  for (let k = 2; k < Math.min(n - 1, 2047); k += 2) {
    const size = size_for(question, k);
    if (size !== null) return size;
  }
  const size = n - 1 <= 2046 ? size_for(question, n - 1) : null;
  guard(size !== null, "BOUND_UNREACHABLE");
  return size;
}

// ---- PRV-026 ----

const KEY_BITS = 256n;

export function client_bits(n, m) {
  guard(2n <= n && n <= 2n ** 20n, "MEMBER_COUNT");
  guard(1n <= m, "EMPTY");
  guard(m <= 2n ** 32n, "VECTOR_LENGTH");
  const coordinate = BigInt((n * 65535n).toString(2).length); // ⌈log2(x + 1)⌉ is the number of binary digits of x
  const bits = 2n * n * KEY_BITS + (5n * n - 4n) * KEY_BITS + n + m * coordinate;
  return { bits, expansion_ppm: (1000000n * bits) / (16n * m) };
}
