"""Limits that no vector could hold, shown by the guard behind them, and last gaps of secure rounds.

A graph of 2^20 members has a million rows, but a graph of so many with an odd degree is refused for its degree. What
is as large as it may be follows the fault in these cases; by itself it is accepted.
"""

from __future__ import annotations

from dataclasses import replace

from ...contract import client
from ...contract.secure import group_trainers, set_member
from ...contract.tasks import NO_NOISE
from ...encoding import to_json
from ...kernels.limits import FIELD_MODULUS
from ...privacy.sharing import SECRET_SEED
from ...types import Available, Privacy
from .._base import Case, Json, Step, Trace
from . import _scene as scene
from . import alignment, computation, noise, privacy, secure
from ._secure import WINDOW, SecurePlay, begun, secrets
from .consensus import _with

NOTE = "found by changing the reference, or an independent implementation"
_MODULES = (privacy, computation, alignment, noise)
_KNOWN: dict[str, Case] = {case.id: case for module in _MODULES for case in module.CASES if isinstance(case, Case)}
_STORE: Json = {"genesis_root": "0x" + "07" * 32, "task": "3", "batches": []}
_SHORT = "0x" + "01" * 31


def _refused(twin: str, name: str, comment: str, fault: tuple[str, Json], *most: tuple[str, Json]) -> Case:
    """`twin` with a fault, and with what is as large as it may be."""
    known = _KNOWN[twin]
    return Case(
        known.operation,
        name,
        comment,
        _with(known.input, fault, *most),
        bug="refuses the largest number there may be",
        flags=("Boundary",),
        note=NOTE,
        twin=twin,
        follows=tuple(f"/{path}" for path, _ in most),
    )


def _largest() -> list[Case]:
    """PRV-019, PRV-024, PRV-063, PRV-072, PRV-076, PRV-084, PRV-085: the largest that may be asked for."""
    return [
        _refused(
            "neighbour-graph-complete",
            "neighbour-graph-most-and-odd",
            "2^20 members are not too many, but three neighbours are odd",
            ("degree", "3"),
            ("members", str(2**20)),
        ),
        _refused(
            "deal-triples-two",
            "deal-triples-most-and-seed",
            "2^16 triples are not too many, but the seed is short",
            ("seed", _SHORT),
            ("count", str(2**16)),
        ),
        _refused(
            "deal-truncations-two",
            "deal-truncations-most-and-seed",
            "2^16 masks are not too many, but the seed is short",
            ("seed", _SHORT),
            ("count", str(2**16)),
        ),
        _refused(
            "discrete-gaussian-six",
            "discrete-gaussian-most-and-seed",
            "2^31 samples are not too many, but the seed is short",
            ("seed", _SHORT),
            ("count", str(2**31)),
        ),
        _refused(
            "blind-set-four",
            "blind-set-most-and-identifier",
            "room for 2^20 is not too much, but an identifier has no bytes",
            ("identifiers/1", "0x"),
            ("capacity", str(2**20)),
        ),
        _refused(
            "check-blinded-set-six",
            "check-blinded-set-most",
            "room for 2^20 is not too much, but these are six points",
            ("capacity", str(2**20)),
        ),
        _refused(
            "packed-reconstruct-seven",
            "packed-reconstruct-most-shares",
            "2047 shares are not too many, but there are seven positions",
            ("shares", [["1"]] * 2047),
        ),
    ]


def _spellings() -> list[Case]:
    """PRV-011, PRV-032: a key with its highest bit set is the same point and another key."""
    twin = _KNOWN["pair-key-lower"]
    own = bytes.fromhex(
        privacy._answer("privacy.public_key", {"secret_key": twin.input["secret_key"]})["public_key"][2:]
    )
    entering = next(case for case in secure.CASES if case.id == "prv-advertise")
    shown = bytes.fromhex(entering.input["payload"]["mask_key"][2:])
    changes = (
        ("pair-key-other-spelling", twin, "peer_key", own),
        ("prv-advertise-other-spelling", entering, "", shown),
    )
    return [
        Case(
            base.operation,
            name,
            "the same key with its highest bit set, which X25519 ignores, has other bytes",
            _with(base.input, (path or "payload/share_key", "0x" + (key[:-1] + bytes([key[-1] | 0x80])).hex())),
            bug="compares keys without the bit that X25519 ignores",
            flags=("Boundary",),
            note=NOTE,
        )
        for name, base, path, key in changes
    ]


def _own_holder() -> Case:
    """PRV-027: nothing asks whether the dealer is among the holders."""
    base = _KNOWN["rebuild-secret-key"]
    changes = (("holders", ["1", "4", "7", "11", "12"]),)
    return Case(
        base.operation,
        "rebuild-secret-dealer-holds",
        "the dealer is one of the holders: nothing forbids it",
        _with(base.input, *changes),
        bug="refuses a dealer that holds a share of its own",
        flags=("Boundary",),
        note=NOTE,
    )


def _last_bit() -> Case:
    """PRV-079: 64 bits of ln 2 matter."""
    base = _KNOWN["logistic-loss-first"]
    return Case(
        base.operation,
        "logistic-loss-29-bits",
        "29 bits of fraction: the constant lies just below a half, and is rounded down",
        _with(base.input, ("fraction", "29")),
        bug="rounds ln 2 before it rounds the constant",
        flags=("Boundary",),
        note=NOTE,
    )


# ---- secure rounds


def _secure(operation: str, name: str, comment: str, given: Json, bug: str) -> Case:
    return Case(operation, f"prv-{name}", comment, given, bug=bug, flags=("Boundary",), note=NOTE)


def _one_root() -> Case:
    """PRV-035: two members name one blob."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give({1, 2})
    root = play.member(1).blob_root
    shared = set_member(play.state, 0, replace(play.member(2), blob_root=root))
    text = "two members named one blob: it is attested for both"
    given = scene.call(shared, 0, Available(0, (root,)))
    return _secure("contract.attest", "attest-one-root", text, given, "counts for the first member only")


def _outside_the_field() -> list[Case]:
    """PRV-021, PRV-043: a dealer seals, and commits to, an element that is none."""
    play = secure.answer_play()
    given = {**secure.client_json(play, 2), "answered": "0x" + client.NOT_ANSWERED.hex()}
    dealer, holder, state = play.member(1), play.member(2), play.state
    at = 0  # the holder of the lowest index among the neighbours of trainer 1
    found = []
    for name, element in (("p", FIELD_MODULUS), ("word", 2**64 - 1)):
        share = (element, 1, 2, 3, 4)
        plain = client._packed(share, (1, 2, 3, 4, 5))
        sealed = client._sealed(state, 0, dealer, secrets(1), holder, plain)
        committed = client._commitment(state, 0, 1, 0, 2, SECRET_SEED, share)
        edge = replace(dealer.edges[at], sealed=sealed, seed_commitment=committed)
        crooked = set_member(state, 0, replace(dealer, edges=(edge, *dealer.edges[1:])))
        text = "a share that fits its commitment and is no element of the field is left out"
        data = {**given, "state": to_json(crooked)}
        bug = "asks for the commitment only"
        found.append(_secure("privacy.client_answer", f"client-answer-field-{name}", text, data, bug))
    return found


def _work() -> list[Case]:
    """PRV-039, INC-008: who owes work where a group failed, at each step at which it can."""
    grouped = Privacy(1, 2, 2, 0, NO_NOISE)
    first, second = group_trainers(begun(8, privacy=grouped).state.tasks[0])
    keys = begun(8, privacy=grouped).advertise({*first, *second[:2]}).to(WINDOW["SHARES"]).share({*first[:3]})
    keys.to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    shares = begun(8, privacy=grouped).advertise().to(WINDOW["SHARES"]).share({*first[:2], *second})
    shares.to(WINDOW["INPUT"]).give({*second[:2]}).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    return [
        _secure("contract.settle", f"settle-{name}", comment, _settled(play), bug)
        for name, comment, play, bug in (
            (
                "keys-missing",
                "one group opens, though one of it dealt nothing; in the other two advertised and owe nothing more",
                keys,
                "blames who advertised for a group that stopped there",
            ),
            (
                "shares-and-inputs-missing",
                "one group stops when two deal nothing, the other when two give nothing: these four owe work",
                shares,
                "blames everybody of a group that failed, or nobody",
            ),
        )
    ]


def _settled(play: SecurePlay) -> Json:
    play.to(WINDOW["AGGREGATE"] + 1)
    return scene.deadline(replace(play.state, height=WINDOW["AGGREGATE"] + 2))


# ---- triples


def _beyond() -> Trace:
    """PRV-073: a judgement of a triple that there is not."""
    store = _with(_STORE, ("batches", [{"dealer": "4", "status": ["1", "1"]}]))
    steps = (
        Step("judge", {"batch": "0", "kept": ["2"], "differences": ["0"]}),
        Step("judge", {"batch": "0", "kept": ["0", "65536"], "differences": ["0", "0"]}),
        Step("judge", {"batch": "0", "kept": ["0", "1"], "differences": ["0", "0"]}),
    )
    return Trace(
        "privacy.triple_store",
        "triple-store-judge-beyond",
        "two triples are in check: a third, and one far beyond, are not known; the two pass",
        store,
        steps,
        bug="judges without a look whether the triples exist",
        flags=("Boundary",),
        note=NOTE,
    )


CASES: tuple[Case | Trace, ...] = (
    _beyond(),
    *_largest(),
    *_spellings(),
    _own_holder(),
    _last_bit(),
    _one_root(),
    *_outside_the_field(),
    *_work(),
)
