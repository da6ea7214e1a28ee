"""Traces of whole tasks and cases of one signed block (INF-004, INF-016, CTR-001 ... CTR-017, PRV-002)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bcfl_ref.consensus import beacon
from bcfl_ref.consensus.certificate import NO_CERTIFICATE, assemble_certificate
from bcfl_ref.consensus.proposer import proposer_at
from bcfl_ref.consensus.scheme import PRECOMMIT, domains_of, vote_message
from bcfl_ref.crypto import bls
from bcfl_ref.encoding import encode, hash_tree_root, to_json
from bcfl_ref.errors import Code
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.infrastructure.blocks import head_root
from bcfl_ref.infrastructure.transactions import Kind, transaction_root
from bcfl_ref.operations._base import Case, Json, Trace
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.cases._play import Play, first_state
from bcfl_ref.parameters import load_preset
from bcfl_ref.transition import (
    apply_transaction,
    begin_height,
    finish_height,
    genesis_state,
    state_transition,
    upcoming_committee,
)
from bcfl_ref.types import (
    ZERO_ROOT,
    Available,
    Block,
    Body,
    Certificate,
    ClaimAggregate,
    CommitScores,
    CommitUpdate,
    Genesis,
    GenesisIdentity,
    Header,
    Join,
    Publish,
    RevealScores,
    SignedTransaction,
    SignedVote,
    State,
    TaskSpec,
    Testimony,
    Transaction,
    Transfer,
    Vote,
)

CLAUSES = tuple(f"CTR-{number:03}" for number in (1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17))
OTHER_ROOT = bytes([0x77]) * 32

# ---------------------------------------------------------------------------------------------------------
# Whole tasks


def register(play: Play, spec: TaskSpec, seats: Iterable[int] = range(3)) -> None:
    """Height 1: publish and join; height 2: attest. Trainers 1 and 2, scorers 2 and 3."""
    play.until(1)
    play.send(0, Publish(spec))
    index = len(play.state.tasks) - 1
    for sender, role in ((1, 1), (2, 1), (2, 2), (3, 2)):
        play.send(sender, Join(index, role, spec.terms_root))
    play.until(2)
    play.send_all(seats, Available(index, (spec.model_root,)))


def commit(play: Play, updates: Mapping[int, BlobData]) -> None:
    """Window COMMIT of the current round."""
    for sender, update in updates.items():
        opened = scene.opening(play.state, sender, update, scene.SAMPLES[sender])
        play.send(sender, CommitUpdate(0, opened.round, hash_tree_root(opened)))


def reveal(play: Play, updates: Mapping[int, BlobData], seats: Iterable[int] = range(3)) -> None:
    """Window REVEAL: reveals and, in the same blocks, attestations."""
    for sender, update in updates.items():
        play.send(sender, scene.reveal_of(scene.opening(play.state, sender, update, scene.SAMPLES[sender])))
    roots = tuple(sorted(scene.root_of(update) for update in updates.values()))
    play.send_all(seats, Available(0, roots))


def commit_sheets(play: Play, correct: Mapping[int, Mapping[int, int]] = scene.CORRECT) -> None:
    """Window SCORE_COMMIT."""
    for scorer, found in correct.items():
        opened = scene.sheet(play.state, scorer, found)
        play.send(scorer, CommitScores(0, opened.round, hash_tree_root(opened)))


def reveal_sheets(play: Play, correct: Mapping[int, Mapping[int, int]] = scene.CORRECT) -> None:
    """Window SCORE_REVEAL."""
    for scorer, found in correct.items():
        play.send(scorer, scene.sheet_reveal(scene.sheet(play.state, scorer, found)))


def whole_task() -> Trace:
    """Two rounds that go well, over an epoch's boundary, one aggregator drawn in each; refusals all along."""
    spec = replace(scene.SPEC, averaging=0, aggregators=1)
    play = Play(first_state(), (scene.MODEL, *scene.UPDATES.values()))
    play.until(1)
    play.send(0, Publish(replace(spec, rounds=0)), Code.TASK_SPEC_INVALID)
    play.send(0, Publish(replace(spec, reward_round=501)), Code.BALANCE_INSUFFICIENT)
    play.send(1, Join(0, 1, spec.terms_root), Code.TASK_UNKNOWN)
    play.send(0, Publish(spec), Code.NONCE_MISMATCH, ahead=1)
    register(play, spec)
    play.send(1, Join(0, 1, spec.terms_root), Code.ALREADY_JOINED)
    play.send(1, Join(0, 2, OTHER_ROOT), Code.TERMS_MISMATCH)
    play.send(0, Available(0, (spec.model_root,)), Code.ALREADY_ATTESTED)
    play.send(1, CommitUpdate(0, 1, ZERO_ROOT), Code.ROUND_MISMATCH)
    play.until(3)
    play.send(0, Join(0, 1, spec.terms_root), Code.PHASE_MISMATCH)
    first_round(play)
    second_round(play)
    last_refusals(play)
    comment = "two rounds of one task to its completion, with refusals in every window and in the last state"
    clauses = (*CLAUSES, "INF-004", "INF-016", "PRV-002")
    return Trace("transition.heights", "trn-whole-task", comment, play.init, play.steps_so_far(), clauses)


def first_round(play: Play) -> None:
    """Heights 3 to 14; the epoch changes at height 8, within the round."""
    commit(play, {2: scene.UPDATES[2]})
    play.send(2, CommitUpdate(0, 1, OTHER_ROOT), Code.ALREADY_COMMITTED)
    play.send(3, CommitUpdate(0, 1, OTHER_ROOT), Code.ROLE_MISSING)
    play.until(4)
    commit(play, {1: scene.UPDATES[1]})
    opened = scene.reveal_of(scene.opening(play.state, 1, scene.UPDATES[1], 30))
    play.send(1, opened, Code.PHASE_MISMATCH)
    play.until(5)
    play.send(1, replace(opened, sample_count=1001), Code.SAMPLE_COUNT)
    play.send(3, opened, Code.COMMITMENT_MISSING)
    reveal(play, scene.UPDATES, (0, 1))
    play.send(1, opened, Code.ALREADY_REVEALED)
    play.send(2, Available(0, (OTHER_ROOT,)), Code.BLOB_UNKNOWN)
    play.until(8)
    play.send(3, Available(0, tuple(scene.root_of(update) for update in scene.UPDATES.values())))
    play.until(9)
    commit_sheets(play)
    play.send(1, CommitScores(0, 1, ZERO_ROOT), Code.ROLE_MISSING)
    play.until(12)
    play.send(3, RevealScores(0, 1, (), ZERO_ROOT), Code.TESTIMONY_COVERAGE)
    entries = scene.sheet(play.state, 3, scene.CORRECT[3]).entries
    play.send(
        3,
        RevealScores(0, 1, (Testimony(entries[0].update_root, 2, 1), entries[1]), ZERO_ROOT),
        Code.TESTIMONY_INVALID,
    )
    reveal_sheets(play)
    play.until(13)
    play.send(0, ClaimAggregate(0, 1, ZERO_ROOT), Code.AGGREGATOR_UNSELECTED)
    claim(play)
    play.until(14)


def claim(play: Play) -> None:
    """The drawn aggregators claim the right model; the node keeps its blob."""
    model = play.aggregate()
    number = play.task().round.number
    for sender in play.task().round.aggregators:
        play.send(sender, ClaimAggregate(0, number, scene.root_of(model)))
        play.send(sender, ClaimAggregate(0, number, scene.root_of(model)), Code.ALREADY_CLAIMED)
    play.put(model)


def second_round(play: Play) -> None:
    """Heights 15 to 26, settled at 27."""
    play.until(15)
    updates = {1: scene.blob((-3, 3)), 2: scene.blob((7, 0))}
    commit(play, updates)
    play.until(17)
    reveal(play, updates)
    play.until(20)
    play.finish()
    play.begin(Code.BLOB_MISSING)
    for update in updates.values():
        play.put(update)
    play.begin()
    commit_sheets(play)
    play.until(23)
    reveal_sheets(play)
    play.until(26)
    claim(play)
    play.until(27)


def last_refusals(play: Play) -> None:
    """The task is completed; nothing can be done to it any more."""
    play.send(1, CommitUpdate(0, 2, ZERO_ROOT), Code.ROUND_MISMATCH)
    play.send(1, Join(0, 2, scene.TERMS_ROOT), Code.PHASE_MISMATCH)
    play.send(0, Available(0, (scene.root_of(scene.MODEL),)), Code.PHASE_MISMATCH)
    play.send(9, Transfer(0, 1), Code.SENDER_UNKNOWN)
    play.send(0, Transfer(1, 1), Code.KIND_UNKNOWN, kind=52)
    play.send(0, Transfer(1, 1), Code.KIND_UNKNOWN, kind=63)
    play.send(0, Transfer(1, 1), Code.ENCODING_INVALID, kind=Kind.JOIN)
    play.send(0, Transfer(1, 0), Code.AMOUNT_ZERO)


def slashed_task() -> Trace:
    """One round of a false reveal and silence, one with a false claim; then completion with what is left."""
    play = Play(first_state(), (scene.MODEL, *scene.UPDATES.values()))
    register(play, scene.SPEC)
    play.until(3)
    commit(play, scene.UPDATES)
    play.until(5)
    right = scene.reveal_of(scene.opening(play.state, 1, scene.UPDATES[1], 30))
    play.send(1, replace(right, salt=ZERO_ROOT))
    play.send(1, right, Code.ALREADY_REVEALED)
    play.send(2, scene.reveal_of(scene.opening(play.state, 2, scene.UPDATES[2], 50)))
    play.send_all(range(3), Available(0, (scene.root_of(scene.UPDATES[2]),)))
    play.until(9)
    commit_sheets(play, {3: scene.CORRECT[3]})
    play.until(11)
    play.send(2, RevealScores(0, 1, (), ZERO_ROOT), Code.COMMITMENT_MISSING)
    reveal_sheets(play, {3: scene.CORRECT[3]})
    play.until(13)
    play.send(2, ClaimAggregate(0, 1, ZERO_ROOT), Code.NOTHING_ACCEPTED)
    play.until(15)
    play.send(1, CommitUpdate(0, 2, ZERO_ROOT), Code.ROLE_MISSING)
    commit(play, {2: scene.UPDATES[2]})
    play.until(17)
    reveal(play, {2: scene.UPDATES[2]})
    play.until(21)
    commit_sheets(play, {2: {}, 3: scene.CORRECT[3]})
    play.until(23)
    reveal_sheets(play, {2: {}, 3: scene.CORRECT[3]})
    play.until(25)
    play.send(2, ClaimAggregate(0, 2, scene.root_of(scene.MODEL)))
    play.send(3, ClaimAggregate(0, 2, play.aggregate_root()))
    play.until(27)
    play.send(3, ClaimAggregate(0, 2, ZERO_ROOT), Code.ROUND_MISMATCH)
    comment = (
        "mode all: a mismatching reveal costs trainer 1 its deposit, silence leaves round 1 unscored, a false claim "
        "costs identity 2 both deposits and round 2 the quorum of claims; the rest returns"
    )
    return Trace("transition.heights", "trn-slashed", comment, play.init, play.steps_so_far(), CLAUSES)


def aborted_task() -> Trace:
    """Too few attest: aborted with refunds; a second task takes its place."""
    state = first_state()
    state = replace(state, parameters=replace(state.parameters, tasks_open_max=1))
    play = Play(state)
    register(play, replace(scene.SPEC, trainers_max=2), (0, 1))
    play.send(3, Join(0, 1, scene.TERMS_ROOT), Code.TASK_FULL)
    play.send(0, Publish(scene.SPEC), Code.TASKS_OPEN_MAX)
    play.until(3)
    play.send(2, Available(0, (scene.SPEC.model_root,)), Code.PHASE_MISMATCH)
    play.send(1, CommitUpdate(0, 1, ZERO_ROOT), Code.ROUND_MISMATCH)
    play.send(3, Publish(scene.SPEC))
    play.until(5)
    play.send(1, Join(1, 1, scene.TERMS_ROOT), Code.PHASE_MISMATCH)
    comment = (
        "two of four seats attest: aborted, everybody gets back what it gave; a task nobody joins ends the same way"
    )
    return Trace("transition.heights", "trn-aborted", comment, play.init, play.steps_so_far(), CLAUSES)


def committee_change() -> Trace:
    """The committee changes with the deadline itself: those who could attest are counted."""
    state = first_state()
    old = replace(state.committee, seats=state.committee.seats[:1])
    new = replace(state.next_committee, seats=state.next_committee.seats[3:])
    state = replace(state, committee=old, next_committee=new, parameters=replace(state.parameters, epoch_heights=3))
    convicted = replace(state.identities[0], convicted=True)
    poor = replace(state.identities[1], stake=99, balance=1001)
    state = replace(state, identities=(convicted, poor, *state.identities[2:]))
    play = Play(state, (scene.MODEL, *scene.UPDATES.values()))
    register(play, replace(scene.SPEC, rounds=1), (0,))
    play.send(3, Available(0, (scene.SPEC.model_root,)), Code.SEAT_MISSING)
    play.until(3)
    commit(play, scene.UPDATES)
    play.until(5)
    reveal(play, scene.UPDATES, (3,))
    play.until(9)
    comment = (
        "at height 3 registration ends and the only seat passes from 0 to 3: the attestation of 0 counts; "
        "at height 6 all four get a seat and the attestation of 3 alone is no longer enough; from height 9 on "
        "neither the convicted 0 nor 1, which has less than the minimum at stake, holds a seat"
    )
    bug = "asks the new committee for attestations that it could not give"
    return Trace(
        "transition.heights", "trn-committee-change", comment, play.init, play.steps_so_far(), CLAUSES, bug=bug
    )


# ---------------------------------------------------------------------------------------------------------
# One signed block

SECRETS = tuple(bls.keygen(bytes([number + 1]) * 32) for number in range(4))


def genesis() -> Genesis:
    """Four identities with keys from known seeds, 1000 tokens and 100 at stake each; epochs of two heights."""
    identities = tuple(
        GenesisIdentity(bls.public_key(secret), bls.prove_possession(secret), 1000, 100) for secret in SECRETS
    )
    return Genesis(1, bytes(32), replace(load_preset("minimal"), epoch_heights=2), identities, ())


def signed(state: State, transaction: Transaction) -> SignedTransaction:
    """A transaction with its sender's signature."""
    root = transaction_root(transaction, state.genesis_root, state.protocol_version)
    return SignedTransaction(transaction, bls.sign(SECRETS[transaction.sender], root))


def reveal_signature(state: State, author: int, height: int) -> bytes:
    """The author's beacon reveal."""
    return bls.sign(SECRETS[author], beacon.reveal_message(height, state.genesis_root, state.protocol_version))


def block_after(
    state: State, transactions: Iterable[Transaction], certificate: Certificate, author: int | None = None
) -> Block:
    """The block of view 0 that follows a state."""
    height = state.height + 1
    if author is None:
        author = proposer_at(upcoming_committee(state), height, 0, state.parameters.epoch_heights)
    body = Body(certificate, reveal_signature(state, author, height), tuple(signed(state, t) for t in transactions))
    header = Header(height, 0, author, head_root(state), ZERO_ROOT, hash_tree_root(body))
    after = begin_height(state, {})
    for entry in body.transactions:
        after = apply_transaction(after, entry.transaction, {})
    after = finish_height(after, header, body.reveal)
    return Block(replace(header, state_root=hash_tree_root(after)), body)


def certificate_for(state: State, voters: Iterable[int] = range(3)) -> Certificate:
    """Precommits for the head of a state."""
    vote = Vote(PRECOMMIT, state.height, 0, head_root(state))
    message = vote_message(vote, domains_of(state.genesis_root, state.protocol_version))
    votes = [SignedVote(vote, voter, bls.sign(SECRETS[voter], message)) for voter in voters]
    return assemble_certificate(votes, vote, state.committee)


def call(state: State, block: Block) -> Json:
    """The input of `transition.state_transition`."""
    return {"state": to_json(state), "block": to_json(block), "blobs": []}


def block_cases() -> Iterable[Case]:
    """INF-016."""
    name = "transition.state_transition"
    start = genesis_state(genesis())
    transactions = (
        Transaction(Kind.TRANSFER, 1, 0, encode(Transfer(2, 5))),
        Transaction(Kind.PUBLISH, 0, 0, encode(Publish(scene.SPEC))),
    )
    block = block_after(start, transactions, NO_CERTIFICATE)
    first = Case(name, "trn-first-block", "the first block, with a transfer and a task", call(start, block))
    after = state_transition(start, block, {})
    next_block = block_after(after, (), certificate_for(after))
    second = Case(
        name,
        "trn-second-block",
        "the first block of an epoch, with the certificate of its parent",
        call(after, next_block),
    )
    yield from (first, second)
    yield from certificate_cases(first, second)
    yield from signature_cases(first, start, block)
    yield from structure_cases(first, start, block, transactions)


def broken(twin: Case, name: str, comment: str, changes: Mapping[str, Json], follows: tuple[str, ...] = ()) -> Case:
    """A refused block that differs from an accepted one at one path, or at two to pin an order."""
    two = len([path for path in changes if path not in follows]) == 2
    given = scene.changed(twin.input, changes)
    return Case(twin.operation, f"trn-{name}", comment, given, twin=twin.id, follows=follows, two_fault=two)


def certificate_cases(first: Case, second: Case) -> Iterable[Case]:
    """INF-016: the certificate of the parent comes first."""
    there = "/block/body/certificate"
    yield broken(first, "first-with-certificate", "the first block has no parent to certify", {f"{there}/view": "1"})
    yield broken(second, "certificate-height", "the certificate of another height", {f"{there}/height": "2"})
    other = {f"{there}/block_root": "0x" + OTHER_ROOT.hex()}
    yield broken(second, "certificate-block", "the certificate of another block", other)
    text = "the certificate of a view that does not exist"
    yield broken(second, "certificate-view-range", text, {f"{there}/view": "4096"})
    yield broken(second, "certificate-length", "five bits for four seats", {f"{there}/seats": "0x27"})
    yield broken(second, "certificate-quorum", "two of four seats", {f"{there}/seats": "0x13"})
    text = "three seats, but others than those that signed"
    yield broken(second, "certificate-signature", text, {f"{there}/seats": "0x1d"})
    two: dict[str, Json] = {f"{there}/seats": "0x13", "/block/header/height": "3"}
    yield broken(second, "certificate-and-height", "the certificate is asked before the header", two)


def signature_cases(first: Case, start: State, block: Block) -> Iterable[Case]:
    """INF-016: the author's reveal, then every transaction's signature."""
    author = block.header.proposer
    yield broken(first, "proposer-unknown", "there are four identities", {"/block/header/proposer": "4"})
    early = {"/block/body/reveal": "0x" + reveal_signature(start, author, 2).hex()}
    yield broken(first, "reveal-of-other-height", "the author's reveal of height 2", early)
    other = {"/block/body/reveal": "0x" + reveal_signature(start, (author + 1) % 4, 1).hex()}
    yield broken(first, "reveal-of-other", "somebody else's reveal of this height", other)
    path = "/block/body/transactions/0"
    yield broken(first, "sender-unknown", "there are four identities", {f"{path}/transaction/sender": "4"})
    yield broken(first, "sender-other", "the transaction of 1 in the name of 3", {f"{path}/transaction/sender": "3"})
    swapped = {f"{path}/signature": "0x" + block.body.transactions[1].signature.hex()}
    yield broken(first, "signature-other", "the signature of another transaction", swapped)
    two: dict[str, Json] = {**swapped, "/block/header/state_root": "0x" + OTHER_ROOT.hex()}
    yield broken(first, "signature-and-state", "signatures are asked before anything is executed", two)


def structure_cases(first: Case, start: State, block: Block, transactions: tuple[Transaction, ...]) -> Iterable[Case]:
    """INF-016, INF-006: the header, the limits, the transactions, the state root."""
    header, body = "/block/header", "/block/body"
    author = block.header.proposer
    late = reveal_signature(start, author, 2)
    moved = {f"{header}/height": "2", f"{body}/reveal": "0x" + late.hex()}
    yield broken(first, "height-skipped", "height 2 after height 0", moved, (f"{body}/reveal",))
    for name, path, text in (
        ("parent", f"{header}/parent_root", "the block continues something else"),
        ("body", f"{header}/body_root", "the header commits to another body"),
        ("state", f"{header}/state_root", "the rules lead to another state"),
    ):
        yield broken(first, f"{name}-root", text, {path: "0x" + OTHER_ROOT.hex()})
    few = {"/state/parameters/transactions_per_block": "1"}
    yield broken(first, "transactions-many", "two transactions where one is allowed", few)
    cap = {"/state/parameters/transactions_per_sender": "0"}
    yield broken(first, "sender-many", "more transactions of a sender than are allowed", cap)
    impostor = block_after(start, transactions, NO_CERTIFICATE, (author + 1) % 4)
    given = to_json(impostor)
    changes = {
        f"{header}/proposer": given["header"]["proposer"],
        f"{header}/body_root": given["header"]["body_root"],
        f"{header}/state_root": given["header"]["state_root"],
        f"{body}/reveal": given["body"]["reveal"],
    }
    follows = tuple(path for path in changes if path != f"{header}/proposer")
    text = "a block that is valid but for its author, whose turn it is not"
    yield broken(first, "proposer-other", text, changes, follows)
    yield from refused_transactions(first, start, block)


def refused_transactions(first: Case, start: State, block: Block) -> Iterable[Case]:
    """INF-016: a refused transaction makes the block invalid, whatever its state root says."""
    path = "/block/body/transactions/0"
    for name, text, field, value, transaction in (
        (
            "nonce-ahead",
            "a nonce that is not the next",
            "nonce",
            "1",
            Transaction(Kind.TRANSFER, 1, 1, encode(Transfer(2, 5))),
        ),
        (
            "too-poor",
            "a transfer of more than there is: such a block has no state",
            "payload",
            "0x" + encode(Transfer(2, 1001)).hex(),
            Transaction(Kind.TRANSFER, 1, 0, encode(Transfer(2, 1001))),
        ),
    ):
        entry = signed(start, transaction)
        body = replace(block.body, transactions=(entry, block.body.transactions[1]))
        changes: dict[str, Json] = {
            f"{path}/transaction/{field}": value,
            f"{path}/signature": "0x" + entry.signature.hex(),
            "/block/header/body_root": "0x" + hash_tree_root(body).hex(),
        }
        follows = (f"{path}/signature", "/block/header/body_root")
        yield broken(first, name, text, changes, follows)
        two: dict[str, Json] = {**changes, "/block/header/state_root": "0x" + OTHER_ROOT.hex()}
        yield broken(first, f"{name}-and-state", "transactions are asked before the state root", two, follows)


CASES: tuple[Case | Trace, ...] = (
    whole_task(),
    slashed_task(),
    aborted_task(),
    committee_change(),
    *block_cases(),
)
