// privacy.md: key agreement, derived keys, sealed messages (PRV-010 to PRV-012), with the primitives of `node:crypto`.

import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from "node:crypto";
import { containers } from "./containers.mjs";
import { guard, Refusal } from "./refusal.mjs";
import { toHex } from "./ssz.mjs";

export const KEY_BYTES = 32;
export const PURPOSE = { masks: 1, shares: 2 };
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PLAINTEXT_MAX = 4096;
const INFO_MAX = 1024;

/** What stands before the 32 bytes of a key of X25519 in the formats that the library reads. */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

export const is_key = (bytes) => guard(bytes.length === KEY_BYTES, "KEY_LENGTH");

const private_key = (secret) =>
  createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, secret]), format: "der", type: "pkcs8" });

// ---- PRV-010 ----

export function public_key(secret) {
  is_key(secret);
  const exported = createPublicKey(private_key(secret)).export({ format: "der", type: "spki" });
  return exported.subarray(PUBLIC_PREFIX.length);
}

export function shared_secret(secret, peer) {
  is_key(secret);
  is_key(peer);
  const publicKey = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, peer]), format: "der", type: "spki" });
  let shared = null;
  try {
    shared = diffieHellman({ privateKey: private_key(secret), publicKey });
  } catch {
    // The library refuses to give out a shared secret of zeros.
  }
  guard(shared !== null && shared.some((byte) => byte !== 0), "AGREEMENT_ZERO");
  return shared;
}

// ---- PRV-011 ----

export function derive_key(secret, info) {
  guard(16 <= secret.length && secret.length <= 64, "KEY_LENGTH");
  guard(info.length <= INFO_MAX, "MESSAGE_LENGTH");
  return Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(KEY_BYTES), info, KEY_BYTES));
}

/** `scope` is { genesis_root, task, round, group, purpose }; own and peer are { member, key }, secret and public. */
export function pair_key(scope, own, peer) {
  guard(own.member !== peer.member, "MEMBER_SELF");
  const own_key = public_key(own.key);
  guard(!own_key.equals(peer.key), "KEY_REPEATED");
  const shared = shared_secret(own.key, peer.key);
  const [lower, higher] = own.member < peer.member ? [own_key, peer.key] : [peer.key, own_key];
  const context = { ...scope, lower_key: toHex(lower), higher_key: toHex(higher) };
  return derive_key(shared, containers.PairContext.encode(context));
}

// ---- PRV-012 ----

function check_key_and_nonce(key, nonce) {
  is_key(key);
  guard(nonce.length === NONCE_BYTES, "KEY_LENGTH");
}

export function seal(key, nonce, plaintext, associated) {
  check_key_and_nonce(key, nonce);
  guard(plaintext.length <= PLAINTEXT_MAX, "MESSAGE_LENGTH");
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated, { plaintextLength: plaintext.length });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

export function unseal(key, nonce, message, associated) {
  check_key_and_nonce(key, nonce);
  guard(TAG_BYTES <= message.length && message.length <= PLAINTEXT_MAX + TAG_BYTES, "MESSAGE_LENGTH");
  const length = message.length - TAG_BYTES;
  const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated, { plaintextLength: length });
  decipher.setAuthTag(message.subarray(length));
  const plaintext = decipher.update(message.subarray(0, length));
  try {
    decipher.final();
  } catch {
    throw new Refusal("CIPHERTEXT_INVALID");
  }
  return plaintext;
}

function direction_of(lower_key, higher_key, downwards) {
  is_key(lower_key);
  is_key(higher_key);
  const direction = Buffer.of(downwards ? 1 : 0);
  const nonce = Buffer.concat([direction, Buffer.alloc(NONCE_BYTES - 1)]);
  return [nonce, Buffer.concat([lower_key, higher_key, direction])];
}

export function seal_shares(key, lower_key, higher_key, downwards, plaintext) {
  const [nonce, associated] = direction_of(lower_key, higher_key, downwards);
  return seal(key, nonce, plaintext, associated);
}

export function open_shares(key, lower_key, higher_key, downwards, message) {
  const [nonce, associated] = direction_of(lower_key, higher_key, downwards);
  return unseal(key, nonce, message, associated);
}
