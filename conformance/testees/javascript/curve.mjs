// The group G1 of BLS12-381: arithmetic, compressed points (PRV-082), hashing to it by RFC 9380 (PRV-081), and KeyGen
// (TYP-012).
// Points are { x, y, z } in Jacobian coordinates, the affine point (x / z^2, y / z^3); with z = 0 the identity.

import { hkdfSync } from "node:crypto";
import * as isogeny from "./isogeny.mjs";
import { guard } from "./refusal.mjs";
import { mod, power } from "./sharing.mjs";
import { sha256, toBytes, toHex } from "./ssz.mjs";

const P = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
export const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
const COFACTOR = 0xd201000000010001n; // h_eff of the suite
const B = 4n;

const f = (x) => mod(x, P);
const inverse = (x) => power(x, P - 2n, P);
const number_of = (bytes) => BigInt(`0x0${bytes.toString("hex")}`);

/** A square root, or null. */
function square_root(x) {
  const root = power(x, (P + 1n) / 4n, P);
  return f(root * root) === x ? root : null;
}

// ---- arithmetic ----

const IDENTITY = { x: 1n, y: 1n, z: 0n };
const affine = (x, y) => ({ x, y, z: 1n });

function double({ x, y, z }) {
  const a = f(x * x);
  const b = f(y * y);
  const c = f(b * b);
  const d = f(2n * ((x + b) * (x + b) - a - c));
  const e = 3n * a;
  const x3 = f(e * e - 2n * d);
  return { x: x3, y: f(e * (d - x3) - 8n * c), z: f(2n * y * z) };
}

function add(p, q) {
  if (p.z === 0n) return q;
  if (q.z === 0n) return p;
  const [pz, qz] = [f(p.z * p.z), f(q.z * q.z)];
  const [u1, u2] = [f(p.x * qz), f(q.x * pz)];
  const [s1, s2] = [f(p.y * q.z * qz), f(q.y * p.z * pz)];
  if (u1 === u2) return s1 === s2 ? double(p) : IDENTITY;
  const h = f(u2 - u1);
  const r = f(s2 - s1);
  const h2 = f(h * h);
  const h3 = f(h * h2);
  const v = f(u1 * h2);
  const x = f(r * r - h3 - 2n * v);
  return { x, y: f(r * (v - x) - s1 * h3), z: f(h * p.z * q.z) };
}

function times(point, scalar) {
  let result = IDENTITY;
  for (const bit of scalar.toString(2)) {
    result = double(result);
    if (bit === "1") result = add(result, point);
  }
  return result;
}

function to_affine({ x, y, z }) {
  const zi = inverse(z);
  const zi2 = f(zi * zi);
  return [f(x * zi2), f(y * zi2 * zi)];
}

// ---- compressed points (TYP-013) ----

const POINT_BYTES = 48;
const FLAG = { compressed: 0x80, infinity: 0x40, larger: 0x20 };

const is_larger = (y) => y > (P - 1n) / 2n;

function compress(point) {
  const [x, y] = to_affine(point);
  const bytes = Buffer.from(x.toString(16).padStart(2 * POINT_BYTES, "0"), "hex");
  bytes[0] |= FLAG.compressed | (is_larger(y) ? FLAG.larger : 0);
  return toHex(bytes);
}

/** PRV-082: the point that these bytes, a "0x" string, are. */
export function check_point(text) {
  const bytes = toBytes(text);
  guard(bytes.length === POINT_BYTES && (bytes[0] & FLAG.compressed) !== 0, "POINT_INVALID");
  guard((bytes[0] & FLAG.infinity) === 0, "POINT_IDENTITY");
  const larger = (bytes[0] & FLAG.larger) !== 0;
  bytes[0] &= FLAG.larger - 1;
  const x = number_of(bytes);
  guard(x < P, "POINT_INVALID");
  const y = square_root(f(x * x * x + B));
  guard(y !== null, "POINT_INVALID");
  const point = affine(x, is_larger(y) === larger ? y : f(-y));
  guard(times(point, ORDER).z === 0n, "POINT_INVALID");
  return point;
}

/** PRV-082; the scalar is a BigInt, the point a "0x" string. */
export function multiply(text, scalar) {
  guard(1n <= scalar && scalar < ORDER, "SECRET_KEY_RANGE");
  return compress(times(check_point(text), scalar));
}

// ---- hashing to the curve (RFC 9380, BLS12381G1_XMD:SHA-256_SSWU_RO_) ----

const FIELD_BYTES = 64; // L
const ELLIPTIC_A = 0x144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8e8981aefd881ac98936f8da0e0f97f5cf428082d584c1dn;
const ELLIPTIC_B = 0x12e2908d11688030018b12e8753eee3b2016c1f0f24f4070a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0n;
const Z = 11n;

/** expand_message_xmd with SHA-256. */
function expand_message(message, tag, length) {
  const suffix = Buffer.concat([tag, Buffer.of(tag.length)]);
  const count = Buffer.of(length >> 8, length & 255);
  const first = sha256(Buffer.alloc(64), message, count, Buffer.of(0), suffix);
  const blocks = [sha256(first, Buffer.of(1), suffix)];
  while (blocks.length * first.length < length) {
    const mixed = first.map((byte, i) => byte ^ blocks[blocks.length - 1][i]);
    blocks.push(sha256(mixed, Buffer.of(blocks.length + 1), suffix));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** The simplified SWU map to E': x and y there. */
function map_to_isogenous(u) {
  const g = (x) => f(x * x * x + ELLIPTIC_A * x + ELLIPTIC_B);
  const zu2 = f(Z * u * u);
  const tail = f(zu2 * zu2 + zu2);
  const ratio = f(-ELLIPTIC_B * inverse(ELLIPTIC_A));
  const x1 = tail === 0n ? f(ELLIPTIC_B * inverse(f(Z * ELLIPTIC_A))) : f(ratio * (1n + inverse(tail)));
  const y1 = square_root(g(x1));
  const x = y1 === null ? f(zu2 * x1) : x1;
  const y = y1 ?? square_root(g(x));
  return [x, y % 2n === u % 2n ? y : f(-y)];
}

const evaluate = (coefficients, x) => coefficients.reduceRight((value, coefficient) => f(value * x + coefficient), 0n);

function map_to_curve(u) {
  const [x, y] = map_to_isogenous(u);
  const below_x = evaluate(isogeny.X_DENOMINATOR, x);
  const below_y = evaluate(isogeny.Y_DENOMINATOR, x);
  if (below_x === 0n || below_y === 0n) return IDENTITY;
  const x_there = f(evaluate(isogeny.X_NUMERATOR, x) * inverse(below_x));
  return affine(x_there, f(y * evaluate(isogeny.Y_NUMERATOR, x) * inverse(below_y)));
}

function hash_to_curve(message, tag) {
  guard(1 <= tag.length && tag.length <= 255, "MESSAGE_LENGTH");
  const bytes = expand_message(message, tag, 2 * FIELD_BYTES);
  const [u0, u1] = [bytes.subarray(0, FIELD_BYTES), bytes.subarray(FIELD_BYTES)].map((part) => f(number_of(part)));
  return times(add(map_to_curve(u0), map_to_curve(u1)), COFACTOR);
}

/** PRV-081. */
export const hash_to_point = (message, tag) => compress(hash_to_curve(message, tag));

/** The same point times a scalar. */
export const blinded_hash = (message, tag, scalar) => compress(times(hash_to_curve(message, tag), scalar));

// ---- KeyGen (TYP-012) ----

export function keygen(seed) {
  let salt = Buffer.from("BLS-SIG-KEYGEN-SALT-", "ascii");
  for (;;) {
    salt = sha256(salt);
    const material = Buffer.concat([seed, Buffer.of(0)]);
    const key = number_of(Buffer.from(hkdfSync("sha256", material, salt, Buffer.of(0, 48), 48))) % ORDER;
    if (key !== 0n) return key;
  }
}
