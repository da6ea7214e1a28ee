"""The state transition: INF-016, INF-017, INC-010, and every property of CTR that must hold in any history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from bcfl_ref import transition
from bcfl_ref.contract.tasks import Phase
from bcfl_ref.crypto import bls
from bcfl_ref.encoding import encode, hash_bytes, hash_tree_root
from bcfl_ref.errors import Code, InvariantError, SpecError
from bcfl_ref.infrastructure.blocks import head_root
from bcfl_ref.infrastructure.transactions import PAYLOADS
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.cases import transition as cases
from bcfl_ref.operations.cases._play import first_state
from bcfl_ref.types import (
    ZERO_ROOT,
    Available,
    ClaimAggregate,
    CommitScores,
    CommitUpdate,
    Container,
    Header,
    Join,
    LedgerRecord,
    Publish,
    RevealUpdate,
    State,
    TaskSpec,
    Transaction,
    Transfer,
)
from builders import tokens
from hypothesis import given, settings
from hypothesis import strategies as st

KINDS = {container: kind for kind, container in PAYLOADS.items()}
CANDIDATES = {trainer: [scene.blob((trainer, kind)) for kind in range(2)] for trainer in (1, 2)}
SHARED = scene.blob((3, 3))
OUTSIDE = scene.blob((2**20, 0))
SPECS = (
    scene.SPEC,
    replace(scene.SPEC, averaging=0, aggregators=1, payment=1, rounds=1),
    replace(scene.SPEC, trainers_min=1, scorers_min=1, scorers_bps=0, aggregators_bps=4000, acceptance_bps=10000),
)


class History:
    """A history chosen byte by byte: what each identity does at each height, rightly, wrongly or not at all."""

    def __init__(self, choices: bytes, spec: TaskSpec) -> None:
        self.choices = iter(choices)
        self.moods: list[int] = []
        self.state = first_state()
        self.blobs = scene.pool(scene.MODEL, SHARED, OUTSIDE, *CANDIDATES[1], *CANDIDATES[2])
        self.begin()
        self.attempt(0, Publish(spec))
        self.last_height = 1 + spec.registration_heights + 6 * spec.window_heights * spec.rounds

    def choose(self, options: int) -> int:
        """The next choice, 0 when there are none left."""
        return next(self.choices, 0) % options

    def attempt(self, sender: int, payload: Container) -> bool:
        """Send a transaction; a refusal leaves everything as it was."""
        before = self.state
        transaction = Transaction(KINDS[type(payload)], sender, before.identities[sender].nonce, encode(payload))
        try:
            self.state = transition.apply_transaction(before, transaction, self.blobs)
        except SpecError:
            assert self.state is before
            return False
        self.check(before)
        return True

    def begin(self) -> None:
        """The begin of the next height; the deposits and pay of each task add up."""
        before = self.state
        self.state = transition.begin_height(before, self.blobs)
        self.check(before)
        transition.check_conservation(self.state)

    def check(self, before: State) -> None:
        """Tokens are conserved, escrow and deposits shrink only by the rules, nobody loses more than its deposits."""
        state = self.state
        assert tokens(state) == state.supply == before.supply
        assert min(min(i.balance, i.stake, i.unbonding) for i in state.identities) >= 0
        for old, new in zip(before.tasks, state.tasks, strict=False):
            assert 0 <= new.escrow <= old.escrow
            assert len(new.results) - len(old.results) in (0, 1)
            assert sum(r.paid for r in new.results) <= new.spec.reward_round * len(new.results)
            lost = sum(p.deposit for p in old.participants) - sum(p.deposit for p in new.participants)
            if new.phase in (Phase.REGISTRATION, Phase.RUNNING):
                joined = new.spec.deposit * (len(new.participants) - len(old.participants))
                assert state.treasury - before.treasury == lost + joined <= 2 * new.spec.deposit
            else:
                assert state.treasury == before.treasury

    def act(self) -> None:
        """Everybody does something at this height, in a mood that lasts for a window."""
        task = self.state.tasks[0]
        if (self.state.height - task.round.start_height) % task.spec.window_heights == 0 or not self.moods:
            self.moods = [self.choose(8) for _ in range(4)]
        for sender, mood in enumerate(self.moods):
            for payload in self.wishes(sender, mood) if mood else ():
                self.attempt(sender, payload)

    def wishes(self, sender: int, mood: int) -> Iterator[Container]:
        """What an identity may want to send now; some of it is wrong, some too late, some nonsense."""
        task, round_ = self.state.tasks[0], self.state.tasks[0].round
        if task.phase == Phase.REGISTRATION:
            yield Join(0, 1 + (sender > 1), scene.TERMS_ROOT)
            yield Join(0, 1 + mood % 2, scene.TERMS_ROOT)
            yield Available(0, (task.spec.model_root,))
        for trainer in {sender} & CANDIDATES.keys():
            options = [*CANDIDATES[trainer], SHARED, OUTSIDE]
            chosen = options[(round_.number + (mood == 1)) % 2 if mood < 5 else mood % 4]
            opened = scene.opening(self.state, trainer, chosen, 1 + mood)
            yield CommitUpdate(0, round_.number, hash_tree_root(opened))
            for samples in range(1, 10):
                yield from self.reveals(trainer, options, samples, spoiled=mood == 1)
        shown = tuple(u.blob_root for u in round_.updates if u.status == 1)
        for root in shown[: 1 + mood % 2]:
            yield Available(0, (root,))
        sheet = scene.sheet(self.state, sender, {1: 40 + 10 * sender, 2: 90 - 20 * sender})
        yield CommitScores(0, round_.number, hash_tree_root(sheet))
        yield scene.sheet_reveal(sheet if mood != 2 else replace(sheet, salt=ZERO_ROOT))
        if round_.aggregators:
            yield ClaimAggregate(0, round_.number, self.claimed(false=mood == 3))

    def reveals(
        self, trainer: int, options: list[scene.BlobData], samples: int, spoiled: bool
    ) -> Iterator[RevealUpdate]:
        """The reveal that opens this trainer's commitment, or one that does not."""
        mine = [u.commitment for u in self.state.tasks[0].round.updates if u.trainer == trainer and u.status == 0]
        for blob in options:
            opened = scene.opening(self.state, trainer, blob, samples)
            if mine == [hash_tree_root(opened)]:
                yield replace(scene.reveal_of(opened), salt=ZERO_ROOT if spoiled else opened.salt)

    def claimed(self, false: bool) -> bytes:
        """The model root of the round, or another; the model becomes available."""
        try:
            model = scene.recompute(self.state, 0, self.blobs)
        except SpecError:
            return ZERO_ROOT
        self.blobs = {**self.blobs, **scene.pool(model)}
        return ZERO_ROOT if false else scene.root_of(model)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=60, max_size=120), st.sampled_from(SPECS))
def test_any_history_conserves_tokens_and_ends_the_task(choices: bytes, spec: TaskSpec) -> None:
    """CTR-014, INC-010: Whatever anybody sends, tokens are conserved at every step and the task ends in time."""
    history = History(choices, spec)
    while history.state.height < history.last_height:
        history.act()
        history.begin()
    task = history.state.tasks[0]
    assert task.phase in (Phase.COMPLETED, Phase.ABORTED)
    assert task.escrow == 0 and not any(p.deposit for p in task.participants)
    assert len(task.results) == (spec.rounds if task.phase == Phase.COMPLETED else 0)
    encode(history.state)


def test_histories_reach_payment_and_slashing() -> None:
    """The histories above are worth something: some of them pay, some slash, some abort."""
    seen = set()
    for seed in range(40):
        history = History(b"".join(hash_bytes(bytes([seed, part])) for part in range(4)), SPECS[seed % 3])
        while history.state.height < history.last_height:
            history.act()
            history.begin()
        task = history.state.tasks[0]
        seen |= {("outcome", result.outcome) for result in task.results}
        seen |= {("phase", int(task.phase))} | ({("slashed", 1)} if history.state.treasury else set())
    assert {("outcome", 1), ("outcome", 2), ("phase", 3), ("phase", 4), ("slashed", 1)} <= seen, seen


def test_deadlines_are_counted_by_the_committee_that_could_attest() -> None:
    """INF-016: At an epoch's first height deadlines come before the new committee sits."""
    state = first_state()
    newcomers = replace(state.next_committee, seats=state.next_committee.seats[3:])
    parameters = replace(state.parameters, epoch_heights=3)
    joined = replace(scene.joined(), parameters=parameters, next_committee=newcomers, candidates=state.candidates)
    after = transition.begin_height(joined, scene.BLOBS)
    assert after.committee == newcomers and after.tasks[0].phase == Phase.RUNNING


def test_lost_token_is_found() -> None:
    """INC-010: A state that lost a token is a bug here, never an answer to input."""
    state = first_state()
    with pytest.raises(InvariantError):
        transition.finish_height(replace(state, treasury=1), state.head, bytes(96))


def test_refused_transaction_leaves_nonce_and_state() -> None:
    """INF-004: A transaction that its rule refuses does not use up the nonce."""
    state = first_state()
    transaction = Transaction(KINDS[Transfer], 0, 0, encode(Transfer(1, 1001)))
    with pytest.raises(SpecError) as found:
        transition.apply_transaction(state, transaction, {})
    assert found.value.code == Code.BALANCE_INSUFFICIENT
    assert transition.apply_transaction(state, replace(transaction, payload=encode(Transfer(1, 1))), {})


def ledger(heights: int) -> tuple[State, list[LedgerRecord]]:
    """A ledger of empty signed blocks and its last state."""
    state = transition.genesis_state(cases.genesis())
    certificate, records = cases.NO_CERTIFICATE, []
    for _ in range(heights):
        block = cases.block_after(state, (), certificate)
        state = transition.state_transition(state, block, {})
        certificate = cases.certificate_for(state, range(len(records) % 2, 4))
        records.append(LedgerRecord(block, certificate))
    return state, records


def test_replay_leads_to_the_same_head() -> None:
    """INF-017: Records written by one node lead another to the same state, over an epoch's boundary."""
    state, records = ledger(9)
    assert transition.replay(cases.genesis(), records, {}) == state
    assert head_root(transition.replay(cases.genesis(), records[:-1], {})) == records[-1].block.header.parent_root


def test_replay_refuses_a_record_without_its_certificate() -> None:
    """INF-017: The certificate of a record is checked even for the last block."""
    _, records = ledger(2)
    forged = replace(
        records[1], certificate=replace(records[1].certificate, signature=bls.sign(cases.SECRETS[0], ZERO_ROOT))
    )
    with pytest.raises(SpecError) as found:
        transition.replay(cases.genesis(), [records[0], forged], {})
    assert found.value.code == Code.CERTIFICATE_SIGNATURE


def test_block_of_a_later_view_leaves_the_mix() -> None:
    """INF-016, CON-002: Only view 0 feeds the beacon."""
    state = first_state()
    header = Header(1, 1, 0, ZERO_ROOT, ZERO_ROOT, ZERO_ROOT)
    assert transition.finish_height(state, header, bytes(96)).mix == state.mix
    assert transition.finish_height(state, replace(header, view=0), bytes(96)).mix != state.mix
