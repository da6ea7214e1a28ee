// The state transition without signatures (INF-016) and the rules of all kinds of transactions (INF-004).

import { draw_committee, epoch_of, mix_reveal, proposer_at, snapshot_candidates } from "./consensus.mjs";
import { rootOf, ZERO_ROOT } from "./containers.mjs";
import * as contract from "./contract.mjs";
import { advance_tasks } from "./deadlines.mjs";
import * as infrastructure from "./infrastructure.mjs";
import { guard } from "./refusal.mjs";
import * as secure from "./secure.mjs";

const { Unsupported } = infrastructure;

function apply_evidence() {
  throw new Unsupported("signatures of evidence");
}

/** The rule of each kind: (state, sender, payload, blobs). */
const RULES = {
  1: infrastructure.register,
  2: infrastructure.transfer,
  3: infrastructure.bond,
  4: infrastructure.unbond,
  5: contract.attest,
  6: apply_evidence,
  16: contract.publish,
  17: contract.join,
  18: contract.commit_update,
  19: contract.reveal_update,
  20: contract.commit_scores,
  21: contract.reveal_scores,
  22: contract.claim_aggregate,
  48: secure.advertise_keys,
  49: secure.share_keys,
  50: secure.masked_input,
  51: secure.unmask,
};

export function apply_transaction(state, transaction, blobs) {
  const payload = infrastructure.admit(state, transaction);
  RULES[transaction.kind](state, transaction.sender, payload, blobs);
}

// ---- begin_height ----

/** The candidates of a state (CON-003). */
export function candidates_of(state) {
  const { stake_min } = state.parameters;
  return snapshot_candidates(
    state.identities.map(({ stake, reputation_bps, convicted }, identity) => ({
      identity,
      weight: stake >= stake_min && !convicted ? stake * reputation_bps : 0n,
    })),
  );
}

/** CON-004: at the first height of an epoch. */
function rotate(state) {
  const { epoch_heights, seats_max } = state.parameters;
  const epoch = epoch_of(state.height, epoch_heights);
  state.committee = state.next_committee;
  state.next_committee = draw_committee(epoch + 1n, state.mix, state.candidates, seats_max);
  const frozen = candidates_of(state);
  if (frozen.length > 0) state.candidates = frozen;
}

const begins_epoch = (height, { epoch_heights }) => height % epoch_heights === 0n;

export function begin_height(state, blobs) {
  state.height += 1n;
  infrastructure.release_unbonded(state);
  advance_tasks(state, blobs);
  if (begins_epoch(state.height, state.parameters)) rotate(state);
}

// ---- apply_block ----

/** Mix and head of a block, its last effects. */
export function finish_height(state, header, reveal) {
  state.mix = mix_reveal(state.mix, header.view, reveal);
  state.head = { ...header, state_root: ZERO_ROOT };
}

export function apply_block(state, block, blobs) {
  const { header, body } = block;
  infrastructure.check_block(state, block);
  const { epoch_heights } = state.parameters;
  const upcoming = begins_epoch(header.height, state.parameters) ? state.next_committee : state.committee;
  const proposer = proposer_at(upcoming, header.height, header.view, epoch_heights);
  guard(header.proposer === proposer, "PROPOSER_MISMATCH");
  begin_height(state, blobs);
  for (const { transaction } of body.transactions) apply_transaction(state, transaction, blobs);
  finish_height(state, header, body.reveal);
  guard(header.state_root === rootOf("State", state), "STATE_ROOT_MISMATCH");
}
