// JSON in, JSON out: entity alignment (PRV-081 to PRV-089).

import * as alignment from "./alignment.mjs";
import { check_point, hash_to_point, multiply } from "./curve.mjs";
import { read } from "./operations_basic.mjs";
import { toBytes, toHex, uint32, uint64, uint8 } from "./ssz.mjs";

const texts = (numbers) => numbers.map((number) => number.toString());
const scope_of = ({ scope }) => read("AlignmentScope", scope);
const { fromJson: number } = uint32;
const big = (text) => BigInt(uint32.fromJson(text));

function alignment_secrets(i) {
  const { scalar, padding_key } = alignment.side_secrets(scope_of(i), uint8.fromJson(i.side), toBytes(i.secret));
  return { scalar: `0x${scalar.toString(16).padStart(64, "0")}`, padding_key: toHex(padding_key) };
}

function blind_set(i) {
  const [side, capacity] = [uint8.fromJson(i.side), number(i.capacity)];
  const blinded = alignment.blind_set(scope_of(i), side, capacity, toBytes(i.secret), i.identifiers);
  return { ...blinded, positions: texts(blinded.positions) };
}

function check_blinded_set(i) {
  const set = { scope: scope_of(i), side: uint8.fromJson(i.side), points: i.points };
  alignment.check_blinded_set(i.root, number(i.capacity), set);
  return {};
}

function align(i) {
  const [roots, lists] = [[i.first_root, i.second_root], [i.first, i.second]];
  const side = uint8.fromJson(i.side);
  const { order, root } = alignment.align(scope_of(i), roots, side, i.positions.map(number), lists);
  return { order: texts(order), root };
}

export const alignmentOperations = {
  "privacy.hash_to_point": ({ message, tag }) => ({ point: hash_to_point(toBytes(message), toBytes(tag)) }),
  "privacy.check_point": ({ point }) => {
    check_point(point);
    return {};
  },
  "privacy.multiply_point": ({ point, scalar }) => ({ point: multiply(point, BigInt(`0x0${scalar.slice(2)}`)) }),
  "privacy.identifier_point": (i) => ({ point: alignment.identifier_point(scope_of(i), i.identifier) }),
  "privacy.alignment_secrets": alignment_secrets,
  "privacy.blind_set": blind_set,
  "privacy.check_blinded_set": check_blinded_set,
  "privacy.blind_again": (i) => ({
    points: alignment.blind_again(scope_of(i), uint8.fromJson(i.side), toBytes(i.secret), i.own, i.peer),
  }),
  "privacy.align": align,
  "privacy.check_alignment": ({ own, peer }) => {
    alignment.check_alignment(own, peer);
    return {};
  },
  "privacy.enumerable_share": (i) => {
    const share = alignment.enumerable_share(
      uint64.fromJson(i.space),
      ...[i.capacity, i.attempts, i.limit_bps].map(big),
    );
    return { share_bps: share.toString() };
  },
};
