// One height of consensus as a pure function: CON-014 and CON-015. `start_height` and the functions in `INPUTS` return
// their outputs; the latter change the state that they are given.

import {
  check_certificate,
  check_proposal,
  check_vote,
  holds_seat,
  is_blocking,
  is_quorum,
  NEVER,
  NIL,
  PRECOMMIT,
  PREVOTE,
  proposer_at,
  VIEWS,
} from "./consensus.mjs";
import { containers, rootOf } from "./containers.mjs";
import { guard } from "./refusal.mjs";

const PHASE = { propose: 1, prevoting: 2, precommitting: 3, decided: 4 };
const TIMER = { propose: 1, prevote: 2, precommit: 3, retransmit: 5 };
const VIEWS_AHEAD_MAX = 64n;

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const same_vote = (a, b) =>
  a.kind === b.kind && a.height === b.height && a.view === b.view && a.block_root === b.block_root;

// ---- outputs ----

const set_timeout = (view, phase) => ({ output: "set_timeout", view, phase });

/** The JSON form of an output. */
export function outputToJson(output) {
  const write = (name) => (value) => containers[name].toJson(value);
  const lists = (name) => (values) => values.map(write(name));
  const text = (value) => value.toString();
  const forms = {
    view: text,
    phase: text,
    proposal: write("Proposal"),
    vote: write("Vote"),
    proposals: lists("SignedProposal"),
    votes: lists("SignedVote"),
    equivocation: write("Equivocation"),
  };
  const entries = Object.entries(output).map(([name, value]) => [name, name in forms ? forms[name](value) : value]);
  return Object.fromEntries(entries);
}

// ---- counting ----

const seats_of = (state, identity) => state.committee.seats.filter((seat) => seat.identity === identity).length;

function count_seats(state, identities) {
  return [...new Set(identities)].reduce((sum, identity) => sum + seats_of(state, identity), 0);
}

/** Whether votes of a kind and view, for one root or (null) for anything, are a quorum. */
function has_quorum(state, kind, view, root) {
  const voters = state.votes
    .filter(({ vote }) => vote.kind === kind && vote.view === view && (root === null || vote.block_root === root))
    .map(({ voter }) => voter);
  return is_quorum(count_seats(state, voters), state.committee.seats.length);
}

const proposal_of_view = (state, view) => state.proposals.find(({ proposal }) => proposal.view === view);
const knows_root = (state, root) => state.proposals.some(({ proposal }) => proposal.block_root === root);
const verdict_on = (state, root) => state.verdicts.find((verdict) => verdict.block_root === root);

// ---- entering, voting, deciding ----

function enter_view(state, view) {
  guard(view < VIEWS, "VIEW_RANGE");
  Object.assign(state, { view, phase: PHASE.propose, timers: [false, false] });
  const outputs = [];
  const { height, valid_view, valid_root } = state;
  if (proposer_at(state.committee, height, view, state.epoch_heights) === state.me) {
    const proposal = { height, view, valid_view, block_root: valid_root };
    outputs.push(valid_view === NEVER ? { output: "build_block", view } : { output: "sign_proposal", proposal });
  }
  return [...outputs, set_timeout(view, TIMER.propose), set_timeout(view, TIMER.retransmit)];
}

function cast_vote(state, kind, block_root) {
  state.phase = kind === PREVOTE ? PHASE.prevoting : PHASE.precommitting;
  const { height, view } = state;
  return holds_seat(state.committee, state.me)
    ? [{ output: "sign_vote", vote: { kind, height, view, block_root } }]
    : [];
}

function decide(state, view, block_root) {
  Object.assign(state, { phase: PHASE.decided, decided_view: view, decided_root: block_root });
  return [{ output: "decide", view, block_root }];
}

export function start_height(committee, epoch_heights, height, me) {
  const state = {
    ...containers.ConsensusState.zero(),
    ...{ committee, epoch_heights, height, me },
    ...{ locked_view: NEVER, valid_view: NEVER, timers: [false, false] },
  };
  const outputs = enter_view(state, 0n);
  return { state, outputs };
}

// ---- taking in ----

const not_decided = (state) => guard(state.phase !== PHASE.decided, "HEIGHT_DECIDED");
const not_ahead = (state, view) => guard(view <= state.view + VIEWS_AHEAD_MAX, "VIEW_AHEAD");

function take_proposal(state, signed) {
  const { view, block_root } = signed.proposal;
  check_proposal(signed, state.committee, state.height, state.epoch_heights);
  not_decided(state);
  not_ahead(state, view);
  const kept = proposal_of_view(state, view);
  if (kept !== undefined) {
    const equal = rootOf("Proposal", kept.proposal) === rootOf("Proposal", signed.proposal);
    guard(equal, "PROPOSAL_CONFLICT");
    return [];
  }
  const outputs = knows_root(state, block_root) ? [] : [{ output: "validate", block_root }];
  state.proposals.push(signed);
  state.proposals.sort((a, b) => compare(a.proposal.view, b.proposal.view));
  return outputs;
}

function compare_votes(a, b) {
  return (
    compare(a.vote.kind, b.vote.kind) ||
    compare(a.vote.view, b.vote.view) ||
    compare(a.voter, b.voter) ||
    compare(a.vote.block_root, b.vote.block_root)
  );
}

function keep_vote(state, signed) {
  state.votes.push(signed);
  state.votes.sort(compare_votes);
}

/** A vote that contradicts kept votes: it is reported once a voter, and kept if it may matter. */
function take_contradiction(state, first, signed) {
  const { block_root } = signed.vote;
  const outputs = [];
  if (!state.offenders.includes(signed.voter)) {
    state.offenders.push(signed.voter);
    state.offenders.sort(compare);
    const [lesser, greater] = first.vote.block_root < block_root ? [first, signed] : [signed, first];
    outputs.push({ output: "evidence", equivocation: { first: lesser, second: greater } });
  }
  if (block_root === NIL || knows_root(state, block_root)) keep_vote(state, signed);
  return outputs;
}

function take_vote(state, signed) {
  const { vote, voter } = signed;
  check_vote(signed, state.committee, state.height);
  const decisive = {
    kind: PRECOMMIT,
    height: state.height,
    view: state.decided_view,
    block_root: state.decided_root,
  };
  if (!same_vote(vote, decisive)) not_decided(state);
  if (state.phase !== PHASE.decided) not_ahead(state, vote.view);
  const slot = state.votes.filter(
    (kept) => kept.voter === voter && kept.vote.kind === vote.kind && kept.vote.view === vote.view,
  );
  if (slot.some((kept) => same_vote(kept.vote, vote))) return [];
  if (slot.length > 0) return take_contradiction(state, slot[0], signed);
  keep_vote(state, signed);
  return [];
}

function take_verdict(state, { block_root, valid }) {
  not_decided(state);
  guard(knows_root(state, block_root), "VERDICT_UNKNOWN");
  guard(verdict_on(state, block_root) === undefined, "VERDICT_REPEATED");
  state.verdicts.push({ block_root, valid });
  state.verdicts.sort((a, b) => compare(a.block_root, b.block_root));
  return [];
}

function resend(state) {
  const { me, view, valid_view, valid_root } = state;
  const proposals = state.proposals.filter((p) => p.proposer === me && p.proposal.view === view);
  const votes = state.votes.filter(({ voter, vote }) => {
    const own = voter === me && (vote.view === view || vote.view === view - 1n);
    const behind = vote.kind === PREVOTE && vote.view === valid_view && vote.block_root === valid_root;
    return own || behind;
  });
  return [{ output: "resend", proposals, votes }, set_timeout(view, TIMER.retransmit)];
}

function take_timeout(state, { view, phase }) {
  not_decided(state);
  const current = [state.phase, TIMER.precommit, TIMER.retransmit].includes(phase);
  guard(view === state.view && current, "TIMEOUT_STALE");
  if (phase === TIMER.propose) return cast_vote(state, PREVOTE, NIL);
  if (phase === TIMER.prevote) return cast_vote(state, PRECOMMIT, NIL);
  if (phase === TIMER.precommit) return enter_view(state, state.view + 1n);
  return resend(state);
}

function take_certificate(state, certificate) {
  check_certificate(certificate, state.height, certificate.block_root, state.committee);
  not_decided(state);
  return decide(state, certificate.view, certificate.block_root);
}

// ---- rules: each returns its outputs when it fires, and null otherwise ----

function decide_rule(state) {
  const candidates = state.votes
    .map(({ vote }) => vote)
    .filter((vote) => vote.kind === PRECOMMIT && vote.block_root !== NIL)
    .sort((a, b) => compare(a.view, b.view) || compare(a.block_root, b.block_root));
  const found = candidates.find((vote) => has_quorum(state, PRECOMMIT, vote.view, vote.block_root));
  return found === undefined ? null : decide(state, found.view, found.block_root);
}

/** The highest view of the kept messages of each identity. */
function highest_views(state) {
  const highest = new Map();
  const see = (identity, view) => {
    if (!highest.has(identity) || highest.get(identity) < view) highest.set(identity, view);
  };
  for (const { voter, vote } of state.votes) see(voter, vote.view);
  for (const { proposer, proposal } of state.proposals) see(proposer, proposal.view);
  return highest;
}

function jump_rule(state) {
  const highest = highest_views(state);
  const ahead = [...highest.values()].filter((view) => view > state.view).sort((a, b) => compare(b, a));
  const reached = ahead.find((view) => {
    const there = [...highest].filter(([, theirs]) => theirs >= view).map(([identity]) => identity);
    return is_blocking(count_seats(state, there), state.committee.seats.length);
  });
  return reached === undefined ? null : enter_view(state, reached);
}

function prevote_rule(state) {
  const signed = proposal_of_view(state, state.view);
  if (state.phase !== PHASE.propose || signed === undefined) return null;
  const { block_root, valid_view } = signed.proposal;
  if (valid_view !== NEVER && !has_quorum(state, PREVOTE, valid_view, block_root)) return null;
  const verdict = verdict_on(state, block_root);
  if (verdict === undefined) return null;
  const free = state.locked_view <= valid_view || state.locked_root === block_root;
  return cast_vote(state, PREVOTE, verdict.valid && free ? block_root : NIL);
}

function lock_rule(state) {
  const signed = proposal_of_view(state, state.view);
  const voting = state.phase === PHASE.prevoting || state.phase === PHASE.precommitting;
  if (!voting || signed === undefined || state.valid_view === state.view) return null;
  const { block_root } = signed.proposal;
  if (verdict_on(state, block_root)?.valid !== true) return null;
  if (!has_quorum(state, PREVOTE, state.view, block_root)) return null;
  Object.assign(state, { valid_view: state.view, valid_root: block_root });
  if (state.phase !== PHASE.prevoting) return [];
  Object.assign(state, { locked_view: state.view, locked_root: block_root });
  return cast_vote(state, PRECOMMIT, block_root);
}

function nil_rule(state) {
  if (state.phase !== PHASE.prevoting || !has_quorum(state, PREVOTE, state.view, NIL)) return null;
  return cast_vote(state, PRECOMMIT, NIL);
}

function prevote_timer_rule(state) {
  if (state.phase !== PHASE.prevoting || state.timers[0]) return null;
  if (!has_quorum(state, PREVOTE, state.view, null)) return null;
  state.timers[0] = true;
  return [set_timeout(state.view, TIMER.prevote)];
}

function precommit_timer_rule(state) {
  if (state.timers[1] || !has_quorum(state, PRECOMMIT, state.view, null)) return null;
  state.timers[1] = true;
  return [set_timeout(state.view, TIMER.precommit)];
}

const RULES = [
  decide_rule,
  jump_rule,
  prevote_rule,
  lock_rule,
  nil_rule,
  prevote_timer_rule,
  precommit_timer_rule,
];

/** The outputs of the first rule that can fire, or null. */
function fire(state) {
  for (const rule of RULES) {
    const outputs = rule(state);
    if (outputs !== null) return outputs;
  }
  return null;
}

function apply_rules(state) {
  const outputs = [];
  while (state.phase !== PHASE.decided) {
    const fired = fire(state);
    if (fired === null) break;
    outputs.push(...fired);
  }
  return outputs;
}

const INPUTS = {
  proposal: take_proposal,
  vote: take_vote,
  verdict: take_verdict,
  timeout: take_timeout,
  certificate: take_certificate,
};

/** Takes one input in and applies the rules; changes `state`, returns the outputs. */
export function step(state, kind, input) {
  const taken = INPUTS[kind](state, input);
  return [...taken, ...apply_rules(state)];
}
