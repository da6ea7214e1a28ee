// privacy.md: entity alignment (PRV-080 to PRV-089). Points, roots and identifiers are "0x" strings.

import { containers, rootOf } from "./containers.mjs";
import { blinded_hash, check_point, hash_to_point, keygen, multiply } from "./curve.mjs";
import { derive_key, is_key } from "./keys.mjs";
import { ascends } from "./masks.mjs";
import { guard } from "./refusal.mjs";
import { toBytes } from "./ssz.mjs";
import { le } from "./types.mjs";

const CAPACITY_MAX = 2 ** 20;
const IDENTIFIER_MAX = 64;
const IDENTIFIER_TAG = Buffer.from("BEFL-IDENTIFIER-V01-CS01-with-BLS12381G1_XMD:SHA-256_SSWU_RO_", "ascii");
const PADDING_TAG = Buffer.from("BEFL-PADDING-V01-CS01-with-BLS12381G1_XMD:SHA-256_SSWU_RO_", "ascii");
const PURPOSE = { scalar: 1, padding: 2 };
const BPS = 10000n;

const by_bytes = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const check_side = (side) => guard(side <= 1, "SIDE_UNKNOWN");
const check_capacity = (capacity) => guard(1 <= capacity && capacity <= CAPACITY_MAX, "CAPACITY_RANGE");
const are_distinct = (list) => new Set(list).size === list.length;

// ---- PRV-081 ----

function check_identifier(identifier) {
  const { length } = toBytes(identifier);
  guard(1 <= length && length <= IDENTIFIER_MAX, "IDENTIFIER_LENGTH");
}

const identifier_message = (scope, identifier) =>
  Buffer.concat([toBytes(rootOf("AlignmentScope", scope)), toBytes(identifier)]);

export function identifier_point(scope, identifier) {
  check_identifier(identifier);
  return hash_to_point(identifier_message(scope, identifier), IDENTIFIER_TAG);
}

// ---- PRV-083 ----

/** The scalar (a BigInt) and the padding key of a side. */
export function side_secrets(scope, side, secret) {
  check_side(side);
  is_key(secret);
  const derived = (purpose) => derive_key(secret, containers.AlignmentPurpose.encode({ scope, side, purpose }));
  return { scalar: keygen(derived(PURPOSE.scalar)), padding_key: derived(PURPOSE.padding) };
}

// ---- PRV-084, PRV-085 ----

const set_root = (scope, side, points) => rootOf("BlindedSet", { scope, side, points });

export function blind_set(scope, side, capacity, secret, identifiers) {
  const { scalar, padding_key } = side_secrets(scope, side, secret);
  guard(identifiers.length > 0, "EMPTY");
  check_capacity(capacity);
  guard(identifiers.length <= capacity, "SET_SIZE");
  identifiers.forEach(check_identifier);
  guard(are_distinct(identifiers), "IDENTIFIER_REPEATED");
  const own = identifiers.map((name) => blinded_hash(identifier_message(scope, name), IDENTIFIER_TAG, scalar));
  const padding = Array.from({ length: capacity - own.length }, (_, i) =>
    blinded_hash(Buffer.concat([padding_key, le(i, 8)]), PADDING_TAG, scalar),
  );
  const points = [...own, ...padding].sort(by_bytes);
  return { points, positions: own.map((point) => points.indexOf(point)), root: set_root(scope, side, points) };
}

export function check_blinded_set(root, capacity, { scope, side, points }) {
  check_side(side);
  check_capacity(capacity);
  guard(points.length === capacity, "SET_SIZE");
  guard(ascends(points, by_bytes), "POINT_ORDER");
  points.forEach(check_point);
  guard(set_root(scope, side, points) === root, "SET_MISMATCH");
}

// ---- PRV-086 ----

export function blind_again(scope, side, secret, own, peer) {
  const { scalar } = side_secrets(scope, side, secret);
  guard(peer.length > 0, "EMPTY");
  guard(peer.length === own.length, "VECTOR_LENGTH");
  guard(are_distinct([...new Set(own), ...new Set(peer)]), "POINT_REFLECTED");
  peer.forEach(check_point);
  return peer.map((point) => multiply(point, scalar));
}

// ---- PRV-087, PRV-088 ----

export function align(scope, roots, side, positions, lists) {
  check_side(side);
  const [first, second] = lists;
  guard(first.length > 0, "EMPTY");
  guard(second.length === first.length, "VECTOR_LENGTH");
  guard(positions.every((position) => position < first.length) && are_distinct(positions), "POSITION_RANGE");
  const own = lists[side];
  own.forEach(check_point);
  guard(are_distinct(first) && are_distinct(second), "POINT_REPEATED");
  const others = new Set(lists[1 - side]);
  const points = own.filter((point) => others.has(point)).sort(by_bytes);
  const order = points.map((point) => positions.indexOf(own.indexOf(point)));
  guard(!order.includes(-1), "PADDING_MATCHED");
  const [first_root, second_root] = roots;
  return { order, root: rootOf("Alignment", { scope, first_root, second_root, points }) };
}

export const check_alignment = (own, peer) => guard(own === peer, "ALIGNMENT_MISMATCH");

// ---- PRV-089; BigInts ----

export function enumerable_share(space, capacity, attempts, limit) {
  guard(1n <= space, "SPACE_RANGE");
  guard(1n <= capacity && capacity <= BigInt(CAPACITY_MAX), "CAPACITY_RANGE");
  guard(1n <= attempts, "ATTEMPTS_RANGE");
  const part = (BPS * capacity * attempts + space - 1n) / space;
  const share = part < BPS ? part : BPS;
  guard(share <= limit, "IDENTIFIERS_ENUMERABLE");
  return share;
}
