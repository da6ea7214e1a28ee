// JSON in, JSON out: the operations of infrastructure.md, consensus.md and contract.md that need no signatures.

import * as consensus from "./consensus.mjs";
import { rootOf } from "./containers.mjs";
import * as contract from "./contract.mjs";
import * as deadlines from "./deadlines.mjs";
import * as infrastructure from "./infrastructure.mjs";
import { read, stateAndRoot, write } from "./operations_basic.mjs";
import { Refusal } from "./refusal.mjs";
import { toBytes, toHex, uint16, uint32, uint64, uint8 } from "./ssz.mjs";
import { outputToJson, start_height, step } from "./step.mjs";
import { apply_block, apply_transaction, begin_height, finish_height } from "./transition.mjs";
import { commit_blob } from "./types.mjs";

const uint32s = (list) => list.map(uint32.fromJson);
const texts = (list) => list.map((value) => value.toString());
const nothing = () => ({});

// ---- machines (conformance/protocol.md) ----

/** Plays the steps; `actions[name](state, input)` changes a copy of the state and gives the output of the step. */
export function play({ initial, copy, digest, actions }, steps) {
  let state = initial;
  const init_digest = digest(state);
  const answers = steps.map(({ action, input }) => {
    const next = copy(state);
    try {
      const ok = actions[action](next, input);
      state = next;
      return { ok, state_digest: digest(state) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { error: error.code, state_digest: digest(state) };
    }
  });
  return { output: { init_digest, steps: answers }, state };
}

// ---- blobs ----

function readBlob({ kind, element, layout_root, data }) {
  const bytes = toBytes(data);
  const blob = commit_blob(uint8.fromJson(kind), uint8.fromJson(element), layout_root, bytes);
  return [rootOf("Blob", blob), { blob, data: bytes }];
}

const readBlobs = (blobs) => new Map(blobs.map(readBlob));

// ---- infrastructure ----

/** A rule (state, sender, payload) that gives S. */
function account_rule(container, rule) {
  return (input) => {
    const state = read("State", input.state);
    rule(state, uint32.fromJson(input.sender), read(container, input.payload));
    return stateAndRoot(state);
  };
}

function changed(input, change) {
  const state = read("State", input.state);
  change(state);
  return stateAndRoot(state);
}

function admit({ state: json, transaction }) {
  const state = read("State", json);
  const parsed = read("Transaction", transaction);
  const payload = infrastructure.admit(state, parsed);
  return { ...stateAndRoot(state), payload: write(infrastructure.KINDS[parsed.kind], payload) };
}

function checked_blob({ root, blob, data }) {
  infrastructure.checked_blob(root, read("Blob", blob), toBytes(data));
  return {};
}

function check_blob_layout({ blob, kind, layout }) {
  infrastructure.check_blob_layout(read("Blob", blob), uint8.fromJson(kind), read("Layout", layout));
  return {};
}

function read_blob_file({ root, content }) {
  const { blob, data } = infrastructure.read_blob_file(root, toBytes(content));
  return { blob: write("Blob", blob), data: toHex(data) };
}

const LEDGER_ACTIONS = {
  begin_height: (state) => nothing(begin_height(state, new Map())),
  apply_transaction: (state, json) => nothing(apply_transaction(state, read("Transaction", json), new Map())),
};

function ledger({ init, steps }) {
  const machine = {
    initial: read("State", init),
    copy: structuredClone,
    digest: (state) => rootOf("State", state),
    actions: LEDGER_ACTIONS,
  };
  const { output, state } = play(machine, steps);
  return { ...output, state: write("State", state) };
}

export const infrastructureOperations = {
  "infrastructure.transfer": account_rule("Transfer", infrastructure.transfer),
  "infrastructure.bond": account_rule("Bond", infrastructure.bond),
  "infrastructure.unbond": account_rule("Unbond", infrastructure.unbond),
  "infrastructure.release_unbonded": (input) => changed(input, infrastructure.release_unbonded),
  "infrastructure.convict": (input) =>
    changed(input, (state) => infrastructure.convict(state, uint32.fromJson(input.identity), input.offence)),
  "infrastructure.transaction_root": ({ transaction, genesis_root, protocol_version }) => ({
    root: infrastructure.transaction_root(
      read("Transaction", transaction),
      genesis_root,
      uint32.fromJson(protocol_version),
    ),
  }),
  "infrastructure.admit": admit,
  "infrastructure.add_attester": ({ attesters, identity, committee }) => ({
    attesters: texts(
      infrastructure.add_attester(uint32s(attesters), uint32.fromJson(identity), read("Committee", committee)),
    ),
  }),
  "infrastructure.is_available": ({ attesters, committee }) => ({
    available: infrastructure.is_available(uint32s(attesters), read("Committee", committee)),
  }),
  "infrastructure.checked_blob": checked_blob,
  "infrastructure.check_blob_layout": check_blob_layout,
  "infrastructure.head_root": ({ state }) => ({ root: infrastructure.head_root(read("State", state)) }),
  "infrastructure.check_block": ({ state, block }) => ({
    block_root: infrastructure.check_block(read("State", state), read("Block", block)),
  }),
  "infrastructure.apply_block": (input) =>
    changed(input, (state) => apply_block(state, read("Block", input.block), new Map())),
  "infrastructure.ledger": ledger,
  "infrastructure.read_log": ({ log }) => ({
    block_roots: infrastructure.read_log(toBytes(log)).map(({ block }) => rootOf("Header", block.header)),
  }),
  "infrastructure.read_blob_file": read_blob_file,
};

// ---- contract ----

export function contract_rule(container, rule) {
  return (input) => {
    const state = read("State", input.state);
    const blobs = readBlobs(input.blobs ?? []);
    rule(state, uint32.fromJson(input.sender), read(container, input.payload), blobs);
    return { state: write("State", state) };
  };
}

export function deadline(rule) {
  return (input) => {
    const state = read("State", input.state);
    rule(state, uint32.fromJson(input.task), readBlobs(input.blobs ?? []));
    return { state: write("State", state) };
  };
}

function advance_tasks(input) {
  const state = read("State", input.state);
  deadlines.advance_tasks(state, readBlobs(input.blobs));
  return { state: write("State", state) };
}

export const contractOperations = {
  "contract.publish": contract_rule("Publish", contract.publish),
  "contract.join": contract_rule("Join", contract.join),
  "contract.commit_update": contract_rule("CommitUpdate", contract.commit_update),
  "contract.reveal_update": contract_rule("RevealUpdate", contract.reveal_update),
  "contract.attest": contract_rule("Available", contract.attest),
  "contract.commit_scores": contract_rule("CommitScores", contract.commit_scores),
  "contract.reveal_scores": contract_rule("RevealScores", contract.reveal_scores),
  "contract.claim_aggregate": contract_rule("ClaimAggregate", contract.claim_aggregate),
  "contract.advance_tasks": advance_tasks,
  "contract.close_registration": deadline(deadlines.close_registration),
  "contract.close_attestation": deadline(deadlines.close_attestation),
  "contract.appoint_aggregators": deadline(deadlines.appoint_aggregators),
  "contract.decide": deadline(deadlines.decide),
  "contract.settle": deadline(deadlines.settle),
  "contract.draw_members": ({ members, count, seed }) => ({
    members: texts(deadlines.draw_members(uint32s(members), uint16.fromJson(count), toBytes(seed))),
  }),
};

// ---- transition ----

const HEIGHTS_ACTIONS = {
  begin_height: ({ state, blobs }) => {
    begin_height(state, blobs);
    return { height: state.height.toString() };
  },
  apply_transaction: ({ state, blobs }, json) => nothing(apply_transaction(state, read("Transaction", json), blobs)),
  finish_height: ({ state }, { header, reveal }) => nothing(finish_height(state, read("Header", header), reveal)),
  put_blob: ({ blobs }, json) => {
    const [root, entry] = readBlob(json);
    blobs.set(root, entry);
    return { root };
  },
};

function heights({ init, steps }) {
  const machine = {
    initial: { state: read("State", init.state), blobs: readBlobs(init.blobs) },
    copy: ({ state, blobs }) => ({ state: structuredClone(state), blobs: new Map(blobs) }),
    digest: ({ state }) => rootOf("State", state),
    actions: HEIGHTS_ACTIONS,
  };
  const { output, state } = play(machine, steps);
  return { ...output, state: write("State", state.state) };
}

export const transitionOperations = { "transition.heights": heights, "privacy.heights": heights };

// ---- consensus ----

const ledger_of = ({ genesis_root, protocol_version }) => [genesis_root, uint32.fromJson(protocol_version)];

function genesis_beacon({ genesis_root }) {
  const seeds = [0n, 1n].map((epoch) => consensus.genesis_seed(genesis_root, epoch));
  return { mix: consensus.genesis_mix(genesis_root), seeds };
}

function snapshot_candidates({ weights }) {
  const pairs = weights.map((w) => ({ identity: uint32.fromJson(w.identity), weight: BigInt(w.weight) }));
  return { candidates: consensus.snapshot_candidates(pairs).map((seat) => write("Seat", seat)) };
}

function draw_committee(input) {
  const candidates = input.candidates.map((seat) => read("Seat", seat));
  const [epoch, seats_max] = [uint64.fromJson(input.epoch), uint64.fromJson(input.seats_max)];
  return { committee: write("Committee", consensus.draw_committee(epoch, input.seed, candidates, seats_max)) };
}

function committee_at(input) {
  const numbers = [uint64.fromJson(input.height), uint64.fromJson(input.epoch_heights)];
  const committees = [read("Committee", input.committee), read("Committee", input.next_committee)];
  return { committee: write("Committee", consensus.committee_at(...numbers, ...committees)) };
}

function proposer_at(input) {
  const [height, view, epoch_heights] = [input.height, input.view, input.epoch_heights].map(uint64.fromJson);
  const proposer = consensus.proposer_at(read("Committee", input.committee), height, view, epoch_heights);
  return { proposer: proposer.toString() };
}

function quorum({ seats, total }) {
  const answer = consensus.quorum(uint64.fromJson(seats), uint64.fromJson(total));
  return { ...answer, faults_max: answer.faults_max.toString() };
}

function begin(input) {
  const numbers = [uint64.fromJson(input.epoch_heights), uint64.fromJson(input.height), uint32.fromJson(input.me)];
  return start_height(read("Committee", input.committee), ...numbers);
}

function start(input) {
  const { state, outputs } = begin(input);
  return { state_digest: rootOf("ConsensusState", state), outputs: outputs.map(outputToJson) };
}

const STEP_INPUTS = {
  proposal: (json) => read("SignedProposal", json),
  vote: (json) => read("SignedVote", json),
  verdict: (json) => read("Verdict", json),
  timeout: ({ view, phase }) => ({ view: uint64.fromJson(view), phase: uint8.fromJson(phase) }),
  certificate: (json) => read("Certificate", json),
};

const STEP_ACTIONS = Object.fromEntries(
  Object.entries(STEP_INPUTS).map(([kind, parse]) => [
    kind,
    (state, json) => step(state, kind, parse(json)).map(outputToJson),
  ]),
);

function steps_of_height({ init, steps }) {
  const machine = {
    initial: begin(init).state,
    copy: structuredClone,
    digest: (state) => rootOf("ConsensusState", state),
    actions: STEP_ACTIONS,
  };
  const { output, state } = play(machine, steps);
  return { ...output, state: write("ConsensusState", state) };
}

export const consensusOperations = {
  "consensus.committee_at": committee_at,
  "consensus.genesis_beacon": genesis_beacon,
  "consensus.reveal_message": (input) => ({
    message: consensus.reveal_message(uint64.fromJson(input.height), ...ledger_of(input)),
  }),
  "consensus.mix_reveal": ({ mix, view, reveal }) => ({
    mix: consensus.mix_reveal(mix, uint64.fromJson(view), reveal),
  }),
  "consensus.snapshot_candidates": snapshot_candidates,
  "consensus.draw_committee": draw_committee,
  "consensus.proposer_at": proposer_at,
  "consensus.quorum": quorum,
  "consensus.vote_message": (input) => ({
    message: consensus.vote_message(read("Vote", input.vote), ...ledger_of(input)),
  }),
  "consensus.proposal_message": (input) => ({
    message: consensus.proposal_message(read("Proposal", input.proposal), ...ledger_of(input)),
  }),
  "consensus.check_vote": ({ vote, committee, height }) =>
    nothing(
      consensus.check_vote(read("SignedVote", vote), read("Committee", committee), uint64.fromJson(height)),
    ),
  "consensus.check_proposal": (input) => {
    const [height, epoch_heights] = [uint64.fromJson(input.height), uint64.fromJson(input.epoch_heights)];
    const signed = read("SignedProposal", input.proposal);
    return nothing(consensus.check_proposal(signed, read("Committee", input.committee), height, epoch_heights));
  },
  "consensus.check_proposed_block": (input) => {
    const [signed, block] = [read("SignedProposal", input.proposal), read("Block", input.block)];
    const epoch_heights = uint64.fromJson(input.epoch_heights);
    return nothing(consensus.check_proposed_block(signed, block, read("Committee", input.committee), epoch_heights));
  },
  "consensus.check_certificate": ({ certificate, height, block_root, committee }) => {
    const parsed = read("Certificate", certificate);
    const arrived = read("Committee", committee);
    return nothing(consensus.check_certificate(parsed, uint64.fromJson(height), block_root, arrived));
  },
  "consensus.check_conflict": ({ evidence }) => ({
    offence: consensus.check_conflict(read("Equivocation", evidence)),
  }),
  "consensus.start_height": start,
  "consensus.step": steps_of_height,
};
