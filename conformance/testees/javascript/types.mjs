// types.md beyond encodings: domains (TYP-005), layouts (TYP-006), blobs (TYP-007), chunk proofs (TYP-008),
// parameters (TYP-018).

import { containers, rootOf } from "./containers.mjs";
import { guard } from "./refusal.mjs";
import { cutChunks, lengthChunk, merkleLevels, sha256, toBytes, toHex, uint64, ZERO_NODES } from "./ssz.mjs";

export const DOMAIN = {
  transaction: "0x01000000",
  proposal: "0x02000000",
  prevote: "0x03000000",
  precommit: "0x04000000",
  reveal: "0x05000000",
};

export const BLOB_MODEL = 1;
export const BLOB_UPDATE = 2;
export const ELEMENT_INT32 = 0;

// ---- TYP-005 ----

export function compute_domain(type, genesis_root, protocol_version) {
  const root = rootOf("DomainData", { genesis_root, protocol_version });
  return type + root.slice(2, 2 + 2 * 28);
}

export function signing_root(container, value, domain) {
  return rootOf("SigningData", { object_root: rootOf(container, value), domain });
}

// ---- TYP-006 ----

const COORDINATES_MAX = 2n ** 32n;

function tensor_size(shape) {
  let size = 1n;
  for (const extent of shape) {
    guard(extent > 0, "LAYOUT_INVALID", "an extent of zero");
    if (size <= COORDINATES_MAX) size *= BigInt(extent);
  }
  return size;
}

export function layout_size(layout) {
  let before = "0x";
  let sum = 0n;
  for (const { name, shape, fraction_bits } of layout.tensors) {
    guard(name > before, "LAYOUT_INVALID", "names do not strictly ascend");
    before = name;
    sum += tensor_size(shape);
    guard(fraction_bits <= 30, "LAYOUT_INVALID", "fraction bits");
  }
  guard(sum >= 1n && sum <= COORDINATES_MAX, "LAYOUT_INVALID", "number of coordinates");
  return sum;
}

// ---- TYP-007 ----

const CHUNK = 4096;
const CHUNKS_DEPTH = 22;
const CHUNKS_MAX = 2 ** CHUNKS_DEPTH;
const ELEMENT_BYTES = [4, 4, 8, 8];

export function commit_blob(kind, element, layout_root, data) {
  guard(data.length > 0, "BLOB_EMPTY");
  const size = ELEMENT_BYTES[element];
  guard(size !== undefined && data.length % size === 0 && data.length <= CHUNKS_MAX * CHUNK, "BLOB_LENGTH");
  const chunks = cutChunks(data, CHUNK).map((chunk) => toHex(sha256(chunk)));
  return { kind, element, layout_root, byte_length: BigInt(data.length), chunks };
}

export function check_blob(blob, data) {
  const again = commit_blob(blob.kind, blob.element, blob.layout_root, data);
  guard(containers.Blob.encode(again).equals(containers.Blob.encode(blob)), "BLOB_MISMATCH");
}

// ---- TYP-008 ----

export function prove_chunk(blob, index) {
  guard(index < BigInt(blob.chunks.length), "CHUNK_INDEX");
  const levels = merkleLevels(blob.chunks.map(toBytes), CHUNKS_MAX);
  const branch = [];
  let position = Number(index);
  for (let depth = 0; depth < CHUNKS_DEPTH; depth += 1) {
    branch.push(levels[depth][position ^ 1] ?? ZERO_NODES[depth]);
    position >>= 1;
  }
  const fields = Object.fromEntries(containers.Blob.fields);
  const leaf = (name) => fields[name].root(blob[name]);
  const first_four = sha256(
    sha256(leaf("kind"), leaf("element")),
    sha256(leaf("layout_root"), leaf("byte_length")),
  );
  branch.push(lengthChunk(blob.chunks.length), ZERO_NODES[0], ZERO_NODES[1], first_four);
  return {
    blob_root: rootOf("Blob", blob),
    index,
    digest: blob.chunks[Number(index)],
    branch: branch.map(toHex),
  };
}

export function verify_chunk(proof, chunk) {
  guard(proof.index < BigInt(CHUNKS_MAX), "CHUNK_INDEX");
  guard(toHex(sha256(chunk)) === proof.digest && proof.branch.length === CHUNKS_DEPTH + 4, "CHUNK_PROOF");
  let node = toBytes(proof.digest);
  let position = 24 * CHUNKS_MAX + Number(proof.index);
  for (const sibling of proof.branch.map(toBytes)) {
    node = position % 2 === 1 ? sha256(sibling, node) : sha256(node, sibling);
    position = Math.floor(position / 2);
  }
  guard(toHex(node) === proof.blob_root, "CHUNK_PROOF");
}

// ---- TYP-018 ----

const BOUNDS = {
  epoch_heights: [2n, 4294967296n],
  seats_max: [1n, 1024n],
  stake_min: [1n, 281474976710656n],
  unbonding_heights: [1n, 4294967296n],
  evidence_heights: [1n, 4294967296n],
  window_heights_min: [1n, 65535n],
  transactions_per_block: [1n, 4096n],
  transactions_per_sender: [1n, 4096n],
  tasks_open_max: [1n, 1024n],
  participants_max: [1n, 2047n],
  reputation_initial_bps: [1n, 10000n],
  reputation_min_bps: [1n, 10000n],
  reputation_max_bps: [1n, 10000n],
  reputation_gain_bps: [0n, 10000n],
  reputation_loss_bps: [0n, 10000n],
};

export function check_parameters(parameters) {
  const p = parameters;
  for (const [name, [least, most]] of Object.entries(BOUNDS)) {
    guard(least <= p[name] && p[name] <= most, "PARAMETER_RANGE", name);
  }
  const ordered =
    p.reputation_min_bps <= p.reputation_initial_bps && p.reputation_initial_bps <= p.reputation_max_bps;
  guard(ordered, "PARAMETER_RANGE", "order of reputations");
  guard(p.unbonding_heights > p.evidence_heights + 3n * p.epoch_heights, "PARAMETER_RANGE", "unbonding_heights");
}

// ---- shared by the rules above this layer ----

/** x in `bytes` bytes, little-endian. */
export const le = (x, bytes) => uint64.encode(BigInt(x)).subarray(0, bytes);

/** The int32 coordinates of the data of a blob (INF-009). */
export const coordinates = (data) => cutChunks(data, 4).map((bytes) => bytes.readInt32LE());

export function coordinate_bytes(vector) {
  const data = Buffer.alloc(4 * vector.length);
  vector.forEach((value, i) => data.writeInt32LE(value, 4 * i));
  return data;
}


