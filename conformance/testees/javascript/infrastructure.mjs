// infrastructure.md: accounts, transactions, blocks, availability, blobs, conviction, logs and blob files. The
// transition itself is in transition.mjs.

import { holds_seat } from "./consensus.mjs";
import { containers, rootOf } from "./containers.mjs";
import { guard, Refusal } from "./refusal.mjs";
import { toBytes } from "./ssz.mjs";
import { check_blob, compute_domain, DOMAIN, ELEMENT_INT32, layout_size, signing_root } from "./types.mjs";

export const IDENTITIES_MAX = 2 ** 20;

/** What this program does not do, because it claims no profile with signatures. */
export class Unsupported extends Error {}

/** The container of each kind of transaction (INF-004). */
export const KINDS = {
  1: "Register",
  2: "Transfer",
  3: "Bond",
  4: "Unbond",
  5: "Available",
  6: "Equivocation",
  16: "Publish",
  17: "Join",
  18: "CommitUpdate",
  19: "RevealUpdate",
  20: "CommitScores",
  21: "RevealScores",
  22: "ClaimAggregate",
  48: "AdvertiseKeys",
  49: "ShareKeys",
  50: "MaskedInput",
  51: "Unmask",
};

// ---- INF-003 ----

export function credit(state, index, amount) {
  state.identities[index].balance += amount;
}

export function debit(state, index, amount) {
  const identity = state.identities[index];
  guard(identity.balance >= amount, "BALANCE_INSUFFICIENT");
  identity.balance -= amount;
}

// ---- INF-004 ----

export const transaction_root = (transaction, genesis_root, protocol_version) =>
  signing_root("Transaction", transaction, compute_domain(DOMAIN.transaction, genesis_root, protocol_version));

/** Takes a transaction in; the decoded payload. */
export function admit(state, transaction) {
  const sender = state.identities[transaction.sender];
  guard(sender !== undefined, "SENDER_UNKNOWN");
  guard(transaction.nonce === sender.nonce, "NONCE_MISMATCH");
  guard(Object.hasOwn(KINDS, transaction.kind), "KIND_UNKNOWN");
  const payload = containers[KINDS[transaction.kind]].decode(toBytes(transaction.payload));
  sender.nonce += 1n;
  return payload;
}

// ---- INF-005 ----

export function register(state, sender, payload) {
  guard(state.identities.length < IDENTITIES_MAX, "IDENTITIES_MAX");
  guard(state.identities.every((identity) => identity.public_key !== payload.public_key), "KEY_KNOWN");
  guard(state.identities[sender].balance >= payload.endowment, "BALANCE_INSUFFICIENT");
  throw new Unsupported("proofs of possession");
}

export function transfer(state, sender, { recipient, amount }) {
  guard(amount !== 0n, "AMOUNT_ZERO");
  guard(recipient < state.identities.length, "IDENTITY_UNKNOWN");
  debit(state, sender, amount);
  credit(state, recipient, amount);
}

export function bond(state, sender, { amount }) {
  const identity = state.identities[sender];
  guard(amount !== 0n, "AMOUNT_ZERO");
  guard(!identity.convicted, "SENDER_CONVICTED");
  debit(state, sender, amount);
  identity.stake += amount;
}

export function unbond(state, sender, { amount }) {
  const identity = state.identities[sender];
  guard(amount !== 0n, "AMOUNT_ZERO");
  guard(identity.unbonding === 0n, "UNBONDING_PENDING");
  guard(identity.stake >= amount, "STAKE_INSUFFICIENT");
  identity.stake -= amount;
  identity.unbonding = amount;
  identity.unbonding_height = state.height + state.parameters.unbonding_heights;
}

// ---- INF-006 ----

export function head_root(state) {
  if (state.height === 0n) return state.genesis_root;
  return rootOf("Header", { ...state.head, state_root: rootOf("State", state) });
}

/** The guards of a block that continues this state; its root. */
export function check_block(state, { header, body }) {
  const { transactions_per_block, transactions_per_sender } = state.parameters;
  guard(header.height === state.height + 1n, "HEIGHT_MISMATCH");
  guard(header.parent_root === head_root(state), "PARENT_MISMATCH");
  guard(header.body_root === rootOf("Body", body), "BODY_MISMATCH");
  guard(BigInt(body.transactions.length) <= transactions_per_block, "TRANSACTION_COUNT");
  const counts = new Map();
  for (const { transaction } of body.transactions) {
    const count = (counts.get(transaction.sender) ?? 0n) + 1n;
    guard(count <= transactions_per_sender, "SENDER_CAP");
    counts.set(transaction.sender, count);
  }
  return rootOf("Header", header);
}

// ---- INF-008, INF-009 ----

const ascending = (a, b) => a - b;

export function add_attester(attesters, identity, committee) {
  guard(holds_seat(committee, identity), "SEAT_MISSING");
  guard(!attesters.includes(identity), "ALREADY_ATTESTED");
  return [...attesters.filter((attester) => holds_seat(committee, attester)), identity].sort(ascending);
}

export function is_available(attesters, committee) {
  const held = committee.seats.filter((seat) => attesters.includes(seat.identity)).length;
  return 3 * held > 2 * committee.seats.length;
}

export function checked_blob(root, blob, data) {
  guard(rootOf("Blob", blob) === root, "BLOB_MISMATCH");
  check_blob(blob, data);
}

export function check_blob_layout(blob, kind, layout) {
  const size = layout_size(layout);
  const fits =
    blob.kind === kind &&
    blob.element === ELEMENT_INT32 &&
    blob.layout_root === rootOf("Layout", layout) &&
    blob.byte_length === 4n * size;
  guard(fits, "BLOB_LAYOUT");
}

/** The blob that a rule needs, from the mapping root → { blob, data }. */
export function need_blob(blobs, root) {
  guard(blobs.has(root), "BLOB_MISSING", root);
  return blobs.get(root);
}

// ---- INF-011, INF-012 ----

export function release_unbonded(state) {
  for (const identity of state.identities) {
    if (identity.unbonding === 0n || identity.unbonding_height > state.height) continue;
    identity.balance += identity.unbonding;
    identity.unbonding = 0n;
  }
}

export function convict(state, index, offence) {
  const identity = state.identities[index];
  state.treasury += identity.stake + identity.unbonding;
  identity.stake = 0n;
  identity.unbonding = 0n;
  identity.convicted = true;
  state.offences.push(offence);
}

// ---- INF-010, INF-013 ----

const LOG_HEADER = Buffer.concat([Buffer.from("BeFL-log", "ascii"), Buffer.of(1, 0, 0, 0)]);
const FRAME_MAX = 2 ** 30;
const COMMITMENT_MAX = 2 ** 8 + 32 * 2 ** 22;

/** Decodes, but refuses with another code than ENCODING_INVALID. */
function decode_or(code, container, bytes) {
  try {
    return containers[container].decode(bytes);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(code, error.message);
    throw error;
  }
}

/** The records of a log. */
export function read_log(log) {
  guard(log.subarray(0, LOG_HEADER.length).equals(LOG_HEADER), "LOG_MAGIC");
  const records = [];
  let position = LOG_HEADER.length;
  while (position < log.length) {
    guard(position + 4 <= log.length, "LOG_FRAME_TORN");
    const length = log.readUInt32LE(position);
    guard(1 <= length && length <= FRAME_MAX, "LOG_FRAME_LENGTH");
    const start = position + 4;
    position = start + length;
    guard(position <= log.length, "LOG_FRAME_TORN");
    records.push(decode_or("LOG_FRAME_INVALID", "LedgerRecord", log.subarray(start, position)));
  }
  return records;
}

/** The blob and the data in a blob file. */
export function read_blob_file(root, content) {
  const code = "BLOB_FILE_INVALID";
  guard(content.length >= 4, code);
  const length = content.readUInt32LE(0);
  guard(length <= COMMITMENT_MAX && 4 + length <= content.length, code);
  const blob = decode_or(code, "Blob", content.subarray(4, 4 + length));
  guard(rootOf("Blob", blob) === root, code);
  const data = content.subarray(4 + length);
  check_blob(blob, data);
  return { blob, data };
}

