// consensus.md without the step (step.mjs) and without signatures: epochs, beacon, committees, proposers, votes,
// proposals, certificates, evidence.

import { rootOf, ZERO_ROOT } from "./containers.mjs";
import { guard } from "./refusal.mjs";
import { sha256, toBytes, toHex } from "./ssz.mjs";
import { compute_domain, DOMAIN, le, signing_root } from "./types.mjs";

export const PREVOTE = 1;
export const PRECOMMIT = 2;
export const NEVER = -1n;
export const NIL = ZERO_ROOT;
export const VIEWS = 4096n;
const SEATS_MAX = 1024n;

const tag = (x) => le(x, 4); // T(x)

// ---- CON-001, CON-002 ----

export const epoch_of = (height, epoch_heights) => height / epoch_heights;

export function committee_at(height, epoch_heights, committee, next_committee) {
  const epoch = epoch_of(height, epoch_heights);
  const found = [committee, next_committee].find((candidate) => candidate.epoch === epoch);
  guard(found !== undefined, "HEIGHT_EPOCH");
  return found;
}

export const genesis_mix = (genesis_root) => toHex(sha256(tag(0x81), toBytes(genesis_root)));

export const genesis_seed = (genesis_root, epoch) =>
  toHex(sha256(tag(0x82), toBytes(genesis_root), le(epoch, 8)));

export const mix_reveal = (mix, view, reveal) => (view === 0n ? toHex(sha256(toBytes(mix), toBytes(reveal))) : mix);

export const reveal_message = (height, genesis_root, protocol_version) =>
  signing_root("RevealMessage", { height }, compute_domain(DOMAIN.reveal, genesis_root, protocol_version));

// ---- CON-003, CON-004 ----

export function snapshot_candidates(weights) {
  let before = -1;
  for (const { identity, weight } of weights) {
    guard(identity > before, "CANDIDATE_ORDER");
    guard(weight < 2n ** 64n, "CANDIDATE_WEIGHT");
    before = identity;
  }
  return weights.filter(({ weight }) => weight !== 0n);
}

/** The first 16 bytes of a digest as a little-endian number. */
function number128(digest) {
  return digest.readBigUInt64LE(0) + (digest.readBigUInt64LE(8) << 64n);
}

function draw_seat(seat, seed, candidates, total) {
  const bound = (2n ** 128n / total) * total;
  let u = bound;
  for (let attempt = 0; u >= bound; attempt += 1) {
    u = number128(sha256(tag(0x80), toBytes(seed), le(seat, 8), le(attempt, 8)));
  }
  let x = u % total;
  for (const { identity, weight } of candidates) {
    if (weight > x) return { identity, weight: 1n };
    x -= weight;
  }
  throw new Error("x was not below the total");
}

export function draw_committee(epoch, seed, candidates, seats_max) {
  guard(1n <= seats_max && seats_max <= SEATS_MAX, "SEATS_RANGE");
  guard(candidates.length > 0, "CANDIDATES_EMPTY");
  guard(candidates.every((c, i) => i === 0 || c.identity > candidates[i - 1].identity), "CANDIDATE_ORDER");
  guard(candidates.every(({ weight }) => weight !== 0n), "CANDIDATE_WEIGHT");
  if (BigInt(candidates.length) <= seats_max) return { epoch, seed, seats: candidates.map((c) => ({ ...c })) };
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0n);
  const length = Number(seats_max);
  return { epoch, seed, seats: Array.from({ length }, (_, seat) => draw_seat(seat, seed, candidates, total)) };
}

// ---- CON-005 ----

const faults_max = (seats) => Math.floor((Math.max(seats, 1) - 1) / 3);

/** Owners of the slots 0 … last, by weighted round-robin. */
function slot_owners(seats, last) {
  const identities = new Set(seats.map((seat) => seat.identity));
  const gap = Math.min(faults_max(seats.length), identities.size - 1);
  const total = seats.reduce((sum, { weight }) => sum + weight, 0n);
  const priority = seats.map(() => 0n);
  const owners = [];
  for (let slot = 0; slot <= last; slot += 1) {
    const resting = gap === 0 ? [] : owners.slice(-gap);
    let chosen = -1;
    for (let seat = 0; seat < seats.length; seat += 1) {
      priority[seat] += seats[seat].weight;
      if (resting.includes(seats[seat].identity)) continue;
      if (chosen < 0 || priority[seat] > priority[chosen]) chosen = seat;
    }
    priority[chosen] -= total;
    owners.push(seats[chosen].identity);
  }
  return owners;
}

export function proposer_at(committee, height, view, epoch_heights) {
  guard(committee.seats.length > 0, "CANDIDATES_EMPTY");
  guard(epoch_of(height, epoch_heights) === committee.epoch, "HEIGHT_EPOCH");
  guard(view < VIEWS, "VIEW_RANGE");
  const slot = Number(height - committee.epoch * epoch_heights + view);
  return slot_owners(committee.seats, slot)[slot];
}

// ---- CON-006, for numbers or BigInts ----

export const is_quorum = (seats, total) => 3n * BigInt(seats) > 2n * BigInt(total);
export const is_blocking = (seats, total) => 3n * BigInt(seats) > BigInt(total);

export const quorum = (seats, total) => ({
  quorum: is_quorum(seats, total),
  blocking: is_blocking(seats, total),
  faults_max: total === 0n ? 0n : (total - 1n) / 3n,
});

// ---- CON-007 ----

const known_kind = (kind) => kind === PREVOTE || kind === PRECOMMIT;

export function vote_message(vote, genesis_root, protocol_version) {
  guard(known_kind(vote.kind), "VOTE_KIND");
  const type = vote.kind === PREVOTE ? DOMAIN.prevote : DOMAIN.precommit;
  return signing_root("Vote", vote, compute_domain(type, genesis_root, protocol_version));
}

export const proposal_message = (proposal, genesis_root, protocol_version) =>
  signing_root("Proposal", proposal, compute_domain(DOMAIN.proposal, genesis_root, protocol_version));

// ---- CON-010, CON-011 ----

export const holds_seat = (committee, identity) => committee.seats.some((seat) => seat.identity === identity);

export function check_vote({ vote, voter }, committee, height) {
  guard(vote.height === height, "VOTE_HEIGHT");
  guard(known_kind(vote.kind), "VOTE_KIND");
  guard(vote.view < VIEWS, "VIEW_RANGE");
  guard(holds_seat(committee, voter), "VOTE_SEAT");
}

export function check_proposal({ proposal, proposer }, committee, height, epoch_heights) {
  const { view, valid_view, block_root } = proposal;
  guard(proposal.height === height, "PROPOSAL_HEIGHT");
  guard(view < VIEWS, "VIEW_RANGE");
  guard(NEVER <= valid_view && valid_view < view, "PROPOSAL_VALID_VIEW");
  guard(block_root !== NIL, "PROPOSAL_ROOT");
  guard(proposer_at(committee, height, view, epoch_heights) === proposer, "PROPOSAL_PROPOSER");
}

export function check_proposed_block({ proposal }, { header, body }, committee, epoch_heights) {
  const { height, view, valid_view, block_root } = proposal;
  const is = (condition) => guard(condition, "PROPOSAL_BLOCK");
  is(rootOf("Header", header) === block_root && header.height === height);
  is(rootOf("Body", body) === header.body_root);
  is(valid_view === NEVER ? header.view === view : header.view <= valid_view);
  is(proposer_at(committee, header.height, header.view, epoch_heights) === header.proposer);
}

// ---- CON-013 ----

export function check_certificate(certificate, height, block_root, committee) {
  const { seats } = certificate;
  guard(certificate.height === height, "CERTIFICATE_HEIGHT");
  guard(certificate.block_root === block_root && block_root !== NIL, "CERTIFICATE_BLOCK");
  guard(certificate.view < VIEWS, "VIEW_RANGE");
  guard(seats.length === committee.seats.length, "CERTIFICATE_LENGTH");
  guard(is_quorum(seats.filter(Boolean).length, seats.length), "CERTIFICATE_QUORUM");
}

// ---- CON-016 ----

/** Guards 1 to 4; the root of the offence. */
export function check_conflict({ first, second }) {
  const [a, b] = [first.vote, second.vote];
  guard(first.voter === second.voter, "EVIDENCE_VOTER");
  const one_slot = a.kind === b.kind && a.height === b.height && a.view === b.view;
  guard(one_slot && known_kind(a.kind), "EVIDENCE_SLOT");
  guard(a.block_root !== b.block_root, "EVIDENCE_SAME");
  guard(a.block_root < b.block_root, "EVIDENCE_ORDER");
  return rootOf("Offence", { voter: first.voter, kind: a.kind, height: a.height, view: a.view });
}
