"""Cases of `transition.replay`: the golden run, its first blocks, and one spoilt thing at a time.

`data/golden_run.json` was recorded by `python -m bcfl_ref.engines.golden`; a test records it again on every
kernel variant and compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

from ...encoding import decode, encode
from ...types import Block, Genesis, Header, LedgerRecord, SignedTransaction
from .._base import Case

_OPERATION = "transition.replay"
_GOLDEN: dict[str, Any] = json.loads(
    files("bcfl_ref.operations.cases").joinpath("data", "golden_run.json").read_text(encoding="ascii")
)
_WHOLE = {key: _GOLDEN[key] for key in ("genesis", "records", "blobs")}
_FIRST = {**_WHOLE, "records": _GOLDEN["records"][:4], "blobs": {}}


def _spoilt(index: int, change: Callable[[LedgerRecord], LedgerRecord]) -> dict[str, Any]:
    """The first blocks with the record at `index` changed."""
    records = list(_FIRST["records"])
    record = decode(LedgerRecord, bytes.fromhex(records[index][2:]))
    records[index] = "0x" + encode(change(record)).hex()
    return {**_FIRST, "records": records}


def _header(**changes: Any) -> Callable[[LedgerRecord], LedgerRecord]:
    def change(record: LedgerRecord) -> LedgerRecord:
        header: Header = replace(record.block.header, **changes)
        return replace(record, block=replace(record.block, header=header))

    return change


def _body(**changes: Any) -> Callable[[LedgerRecord], LedgerRecord]:
    def change(record: LedgerRecord) -> LedgerRecord:
        block: Block = replace(record.block, body=replace(record.block.body, **changes))
        return replace(record, block=block)

    return change


def _swapped_signatures(record: LedgerRecord) -> LedgerRecord:
    first, second, *rest = record.block.body.transactions
    swapped = (
        SignedTransaction(first.transaction, second.signature),
        SignedTransaction(second.transaction, first.signature),
        *rest,
    )
    return _body(transactions=swapped)(record)


def _other_seats(record: LedgerRecord) -> LedgerRecord:
    seats = (False, *record.certificate.seats[1:])
    return replace(record, certificate=replace(record.certificate, seats=seats))


def _other_genesis() -> dict[str, Any]:
    genesis = decode(Genesis, bytes.fromhex(_FIRST["genesis"][2:]))
    return {**_FIRST, "genesis": "0x" + encode(replace(genesis, seed=bytes(32))).hex()}


def _reveal_of(index: int) -> bytes:
    return decode(LedgerRecord, bytes.fromhex(_FIRST["records"][index][2:])).block.body.reveal


def _rejected(name: str, comment: str, data: dict[str, Any], twin: str, bug: str) -> Case:
    return Case(_OPERATION, f"inf-replay-{name}", comment, data, bug=bug, twin=twin)


_FEW, _ALL = "inf-replay-first-blocks", "inf-replay-golden-run"
_A_UPDATE = next(name for name, blob in sorted(_WHOLE["blobs"].items()) if blob["blob"].startswith("0x02"))
_SHORT_BLOB = {**_WHOLE["blobs"][_A_UPDATE], "data": _WHOLE["blobs"][_A_UPDATE]["data"][:-8] + "00000001"}

CASES: tuple[Case, ...] = (
    Case(
        _OPERATION,
        _ALL,
        "a whole task with the integer trainer, one poisoner of four trainers: the golden head",
        _WHOLE,
        flags=("Golden",),
        note="recorded by python -m bcfl_ref.engines.golden",
    ),
    Case(_OPERATION, _FEW, "four blocks, before any blob is needed", _FIRST),
    _rejected(
        "truncated",
        "the last byte of a record is missing",
        {**_FIRST, "records": [*_FIRST["records"][:3], _FIRST["records"][3][:-2]]},
        _FEW,
        "a decoder that pads",
    ),
    _rejected(
        "other-genesis", "every signature is bound to the genesis", _other_genesis(), _FEW, "domain without genesis"
    ),
    _rejected(
        "parent",
        "the second block names another parent",
        _spoilt(1, _header(parent_root=bytes(32))),
        _FEW,
        "chain not checked",
    ),
    _rejected(
        "skipped",
        "the third block follows the first",
        {**_FIRST, "records": [_FIRST["records"][0], *_FIRST["records"][2:]]},
        _FEW,
        "certificate of some parent accepted for another",
    ),
    _rejected(
        "body", "the body is not the one the header names", _spoilt(1, _body(transactions=())), _FEW, "body not bound"
    ),
    _rejected(
        "reveal",
        "the second block carries the first one's reveal",
        _spoilt(1, _body(reveal=_reveal_of(0))),
        _FEW,
        "reveal not bound to its height",
    ),
    _rejected(
        "signatures-swapped",
        "two transactions carry each other's signatures",
        _spoilt(2, _swapped_signatures),
        _FEW,
        "signatures checked as a set",
    ),
    _rejected(
        "state-root",
        "the header claims another state",
        _spoilt(1, _header(state_root=bytes(32))),
        _FEW,
        "state not recomputed",
    ),
    _rejected(
        "certificate",
        "the certificate claims other seats than those that signed",
        _spoilt(3, _other_seats),
        _FEW,
        "certificate counted, not verified",
    ),
    _rejected(
        "blob-changed",
        "one coordinate of an update is not what was committed to",
        {**_WHOLE, "blobs": {**_WHOLE["blobs"], _A_UPDATE: _SHORT_BLOB}},
        _ALL,
        "blob not checked against its commitment",
    ),
    _rejected(
        "blob-missing",
        "an update that the ledger counts is not there",
        {**_WHOLE, "blobs": {name: blob for name, blob in _WHOLE["blobs"].items() if name != _A_UPDATE}},
        _ALL,
        "missing blob counted as zeros",
    ),
)
