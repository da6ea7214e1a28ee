// The subset of SSZ that the specification uses: encodings (TYP-002), strict decoding (TYP-003), roots (TYP-004) and
// the JSON form (TYP-011).
//
// Values inside this program: uint8 to uint32 are numbers, uint64 and int64 (signed here) are BigInts, bytes are
// lower-case "0x" strings (so that comparing strings compares bytes), bitlists are arrays of booleans, lists are
// arrays, containers are plain objects.
//
// A type is an object with: fixedSize (bytes, or null), fromJson, toJson, encode, decode, root, zero.

import * as crypto from "node:crypto";
import { guard } from "./refusal.mjs";

const OFFSET_BYTES = 4;
const CHUNK_BYTES = 32;

export const toBytes = (hex) => Buffer.from(hex.slice(2), "hex");
export const toHex = (bytes) => "0x" + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");

function streamed(parts) {
  const hash = crypto.createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** In one call where Node has one (20.12 and later), for most inputs are two nodes of a tree. */
export const sha256 =
  crypto.hash === undefined
    ? (...parts) => streamed(parts)
    : (...parts) => crypto.hash("sha256", parts.length === 1 ? parts[0] : Buffer.concat(parts), "buffer");

// ---- Merkle trees (TYP-004, AGG-013) ----

export const ZERO_NODES = [Buffer.alloc(CHUNK_BYTES)];
for (let depth = 0; depth < 64; depth += 1) ZERO_NODES.push(sha256(ZERO_NODES[depth], ZERO_NODES[depth]));

/** The depth of the smallest complete binary tree with at least `leaves` leaves. */
export function treeDepth(leaves) {
  let depth = 0;
  while (2 ** depth < leaves) depth += 1;
  return depth;
}

/** All levels of the tree above `chunks`, without the zero subtrees on the right. */
export function merkleLevels(chunks, limit) {
  const levels = [chunks];
  for (let depth = 0; depth < treeDepth(Math.max(limit, 1)); depth += 1) {
    const below = levels[depth];
    const level = [];
    for (let i = 0; i < below.length; i += 2) level.push(sha256(below[i], below[i + 1] ?? ZERO_NODES[depth]));
    levels.push(level);
  }
  return levels;
}

export function merkleize(chunks, limit) {
  const levels = merkleLevels(chunks, limit);
  return levels[levels.length - 1][0] ?? ZERO_NODES[levels.length - 1];
}

export function cutChunks(bytes, size) {
  const chunks = [];
  for (let start = 0; start < bytes.length; start += size) chunks.push(bytes.subarray(start, start + size));
  return chunks;
}

export function pack(bytes) {
  const padded = Buffer.alloc(Math.ceil(bytes.length / CHUNK_BYTES) * CHUNK_BYTES);
  bytes.copy(padded);
  return cutChunks(padded, CHUNK_BYTES);
}

export function lengthChunk(length) {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  chunk.writeBigUInt64LE(BigInt(length));
  return chunk;
}

const mixInLength = (root, length) => sha256(root, lengthChunk(length));

// ---- basic types ----

const valueIs = (condition, detail) => guard(condition, "VALUE_RANGE", detail);
const encodingIs = (condition, detail) => guard(condition, "ENCODING_INVALID", detail);

export function uint(bits) {
  const size = bits / 8;
  const big = bits === 64;
  const read = (text) => {
    valueIs(typeof text === "string", "not a decimal string");
    encodingIs(/^(0|[1-9][0-9]*)$/.test(text), "not a decimal string");
    const value = BigInt(text);
    valueIs(value < 1n << BigInt(bits), `no uint${bits}`);
    return big ? value : Number(value);
  };
  const encode = (value) => {
    const bytes = Buffer.alloc(size);
    if (big) bytes.writeBigUInt64LE(value);
    else bytes.writeUIntLE(value, 0, size);
    return bytes;
  };
  return {
    name: `uint${bits}`,
    fixedSize: size,
    isInteger: true,
    zero: () => (big ? 0n : 0),
    fromJson: read,
    toJson: (value) => value.toString(),
    encode,
    decode: (bytes) => (big ? bytes.readBigUInt64LE() : bytes.readUIntLE(0, size)),
    root: (value) => pack(encode(value))[0],
  };
}

export const uint8 = uint(8);
export const uint16 = uint(16);
export const uint32 = uint(32);
export const uint64 = uint(64);

export const signed = (word) => BigInt.asIntN(64, word); // TYP-009
export const word = (value) => BigInt.asUintN(64, value);

/** A signed BigInt that is a uint64 in encodings, roots and JSON (TYP-009). */
export const int64 = {
  ...uint64,
  name: "int64",
  fromJson: (text) => signed(uint64.fromJson(text)),
  toJson: (value) => word(value).toString(),
  encode: (value) => uint64.encode(word(value)),
  decode: (bytes) => signed(uint64.decode(bytes)),
  root: (value) => uint64.root(word(value)),
};

export const boolean = {
  name: "boolean",
  fixedSize: 1,
  zero: () => false,
  fromJson: (value) => (valueIs(typeof value === "boolean", "no boolean"), value),
  toJson: (value) => value,
  encode: (value) => Buffer.of(value ? 1 : 0),
  decode: (bytes) => (encodingIs(bytes[0] <= 1, "no boolean"), bytes[0] === 1),
  root: (value) => lengthChunk(value ? 1 : 0),
};

function bytesFromJson(text) {
  valueIs(typeof text === "string", "no string of bytes");
  encodingIs(/^0x([0-9a-f]{2})*$/.test(text), "no string of bytes");
  return text;
}

const byteLength = (text) => (text.length - 2) / 2;

export function bytesN(size) {
  return {
    name: `Bytes${size}`,
    fixedSize: size,
    zero: () => "0x" + "00".repeat(size),
    fromJson: (json) => {
      const text = bytesFromJson(json);
      valueIs(byteLength(text) === size, `not ${size} bytes`);
      return text;
    },
    toJson: (value) => value,
    encode: toBytes,
    decode: toHex,
    root: (value) => merkleize(pack(toBytes(value)), Math.ceil(size / CHUNK_BYTES)),
  };
}

export function byteList(limit) {
  return {
    name: `Bytes[${limit}]`,
    fixedSize: null,
    zero: () => "0x",
    fromJson: (json) => {
      const text = bytesFromJson(json);
      valueIs(byteLength(text) <= limit, `more than ${limit} bytes`);
      return text;
    },
    toJson: (value) => value,
    encode: toBytes,
    decode: (bytes) => (encodingIs(bytes.length <= limit, "too many bytes"), toHex(bytes)),
    root: (value) =>
      mixInLength(merkleize(pack(toBytes(value)), Math.ceil(limit / CHUNK_BYTES)), byteLength(value)),
  };
}

// ---- bitlists ----

function packBits(bits, byteCount) {
  const bytes = Buffer.alloc(byteCount);
  bits.forEach((bit, i) => {
    if (bit) bytes[i >> 3] |= 1 << (i & 7);
  });
  return bytes;
}

function unpackBits(bytes) {
  encodingIs(bytes.length > 0 && bytes[bytes.length - 1] !== 0, "a bitlist without an end bit");
  const length = bytes.length * 8 - 1 - (Math.clz32(bytes[bytes.length - 1]) - 24);
  return Array.from({ length }, (_, i) => ((bytes[i >> 3] >> (i & 7)) & 1) === 1);
}

export function bitlist(limit) {
  const encode = (bits) => packBits([...bits, true], (bits.length >> 3) + 1);
  return {
    name: `Bitlist[${limit}]`,
    fixedSize: null,
    zero: () => [],
    fromJson: (json) => {
      const bits = unpackBits(toBytes(bytesFromJson(json)));
      valueIs(bits.length <= limit, `more than ${limit} bits`);
      return bits;
    },
    toJson: (bits) => toHex(encode(bits)),
    encode,
    decode: (bytes) => {
      const bits = unpackBits(bytes);
      encodingIs(bits.length <= limit, "too many bits");
      return bits;
    },
    root: (bits) => {
      const packed = packBits(bits, Math.ceil(bits.length / 8));
      return mixInLength(merkleize(pack(packed), Math.ceil(limit / 256)), bits.length);
    },
  };
}

// ---- composite types ----

/** Splits `bytes` at offsets that were read from it; the first one has been judged by the caller. */
function partsAt(offsets, bytes) {
  return offsets.map((start, i) => {
    const end = offsets[i + 1] ?? bytes.length;
    encodingIs(start <= end && end <= bytes.length, "offsets that decrease or lead beyond the end");
    return bytes.subarray(start, end);
  });
}

/** Lays out values that follow one another, those without a fixed size behind offsets (TYP-002). */
function encodeParts(types, values) {
  const encoded = types.map((type, i) => type.encode(values[i]));
  const fixedSize = types.reduce((sum, type) => sum + (type.fixedSize ?? OFFSET_BYTES), 0);
  const heads = [];
  const tails = [];
  let position = fixedSize;
  types.forEach((type, i) => {
    if (type.fixedSize !== null) {
      heads.push(encoded[i]);
      return;
    }
    heads.push(uint32.encode(position));
    tails.push(encoded[i]);
    position += encoded[i].length;
  });
  return Buffer.concat([...heads, ...tails]);
}

function splitList(element, limit, bytes) {
  if (element.fixedSize !== null) {
    encodingIs(bytes.length % element.fixedSize === 0, "no whole number of elements");
    encodingIs(bytes.length / element.fixedSize <= limit, "too many elements");
    return cutChunks(bytes, element.fixedSize);
  }
  if (bytes.length === 0) return [];
  encodingIs(bytes.length >= OFFSET_BYTES, "bytes that end too early");
  const first = bytes.readUInt32LE(0);
  const count = first / OFFSET_BYTES;
  encodingIs(first > 0 && Number.isInteger(count) && first <= bytes.length, "a wrong first offset");
  encodingIs(count <= limit, "too many elements");
  return partsAt(Array.from({ length: count }, (_, i) => bytes.readUInt32LE(i * OFFSET_BYTES)), bytes);
}

export function list(element, limit) {
  const encode = (values) =>
    element.fixedSize !== null
      ? Buffer.concat(values.map((value) => element.encode(value)))
      : encodeParts(values.map(() => element), values);
  return {
    name: `List[${element.name}, ${limit}]`,
    fixedSize: null,
    element,
    zero: () => [],
    fromJson: (json) => {
      valueIs(Array.isArray(json) && json.length <= limit, "no list, or too long");
      return json.map((item) => element.fromJson(item));
    },
    toJson: (values) => values.map((value) => element.toJson(value)),
    encode,
    decode: (bytes) => splitList(element, limit, bytes).map((part) => element.decode(part)),
    root: (values) => {
      const inner = element.isInteger
        ? merkleize(pack(encode(values)), Math.ceil((limit * element.fixedSize) / CHUNK_BYTES))
        : merkleize(values.map((value) => element.root(value)), limit);
      return mixInLength(inner, values.length);
    },
  };
}

function splitContainer(types, fixedPart, bytes) {
  encodingIs(bytes.length >= fixedPart, "bytes that end too early");
  const offsets = [];
  const parts = [];
  let position = 0;
  for (const type of types) {
    const size = type.fixedSize ?? OFFSET_BYTES;
    if (type.fixedSize === null) offsets.push(bytes.readUInt32LE(position));
    parts.push(type.fixedSize === null ? null : bytes.subarray(position, position + size));
    position += size;
  }
  encodingIs((offsets[0] ?? bytes.length) === fixedPart, "bytes between or after the parts");
  const variable = partsAt(offsets, bytes);
  return parts.map((part) => part ?? variable.shift());
}

export function container(name, fields) {
  const names = fields.map(([field]) => field);
  const types = fields.map(([, type]) => type);
  const allFixed = types.every((type) => type.fixedSize !== null);
  const fixedPart = types.reduce((sum, type) => sum + (type.fixedSize ?? OFFSET_BYTES), 0);
  const build = (make) => Object.fromEntries(fields.map(([field, type], i) => [field, make(type, field, i)]));
  return {
    name,
    fixedSize: allFixed ? fixedPart : null,
    fields,
    zero: () => build((type) => type.zero()),
    fromJson: (json) => {
      valueIs(typeof json === "object" && json !== null && !Array.isArray(json), `no ${name}`);
      const known = Object.keys(json).length === names.length && names.every((field) => Object.hasOwn(json, field));
      valueIs(known, `${name} has other fields`);
      return build((type, field) => type.fromJson(json[field]));
    },
    toJson: (value) => build((type, field) => type.toJson(value[field])),
    encode: (value) => encodeParts(types, names.map((field) => value[field])),
    decode: (bytes) => {
      const parts = splitContainer(types, fixedPart, bytes);
      return build((type, field, i) => type.decode(parts[i]));
    },
    root: (value) => merkleize(fields.map(([field, type]) => type.root(value[field])), fields.length),
  };
}
