"""Cases of the operations on accounts, transactions, blobs, blocks and the transition (INF-001 ... INF-017)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from ...consensus import beacon
from ...consensus.certificate import NO_CERTIFICATE, assemble_certificate
from ...consensus.evidence import offence_root
from ...consensus.proposer import proposer_at
from ...consensus.scheme import PRECOMMIT, domains_of, vote_message
from ...crypto import bls
from ...encoding import (
    BLOB_MODEL,
    BLOB_UPDATE,
    ELEMENT_I32,
    ELEMENT_U32,
    commit_blob,
    encode,
    hash_tree_root,
    to_json,
)
from ...infrastructure.blocks import block_root, head_root
from ...infrastructure.transactions import Kind, transaction_root
from ...transition import (
    SUPPLY_LIMIT,
    apply_transaction,
    begin_height,
    finish_height,
    genesis_state,
    upcoming_committee,
)
from ...types import (
    EMPTY_SIGNATURE,
    ZERO_ROOT,
    Available,
    Block,
    Body,
    Bond,
    Certificate,
    Container,
    Equivocation,
    Extension,
    Genesis,
    GenesisIdentity,
    Header,
    Identity,
    Layout,
    LedgerRecord,
    Register,
    SignedTransaction,
    SignedVote,
    State,
    TensorSpec,
    Transaction,
    Transfer,
    Unbond,
    Vote,
)
from .._base import Case, Json, Step, Trace
from ._ledger import committee, identity, parameters, root, state

_MAX = 2**64 - 1

# ---------------------------------------------------------------------------------------------------------
# Keys that anybody can make again


@cache
def _secret(number: int) -> int:
    return bls.keygen(bytes([number]) * 32)


@cache
def _key(number: int) -> bytes:
    return bls.public_key(_secret(number))


@cache
def _possession(number: int) -> bytes:
    return bls.prove_possession(_secret(number))


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


# ---------------------------------------------------------------------------------------------------------
# Accounts


def _asked(before: State, sender: int, payload: Container) -> Json:
    return {"state": to_json(before), "sender": str(sender), "payload": to_json(payload)}


_THREE = state([identity(0), identity(1, 50), identity(2, 0)])
_TRANSFER = "infrastructure.transfer"
_TRANSFER_CASES = (
    Case(_TRANSFER, "inf-transfer-plain", "part of a balance moves", _asked(_THREE, 0, Transfer(1, 300))),
    Case(
        _TRANSFER,
        "inf-transfer-all",
        "the whole balance may go",
        _asked(_THREE, 0, Transfer(2, 1000)),
        bug="asks for amount < balance",
    ),
    Case(
        _TRANSFER,
        "inf-transfer-self",
        "to oneself: nothing changes",
        _asked(_THREE, 0, Transfer(0, 300)),
        bug="reads both balances before it writes either, and makes 300 tokens",
    ),
    Case(
        _TRANSFER,
        "inf-transfer-self-all",
        "the whole balance to oneself",
        _asked(_THREE, 0, Transfer(0, 1000)),
        bug="writes the debit last and loses the balance",
    ),
    Case(
        _TRANSFER,
        "inf-transfer-zero",
        "an amount of 0",
        _asked(_THREE, 0, Transfer(1, 0)),
        twin="inf-transfer-plain",
        bug="free transactions that do nothing",
    ),
    Case(
        _TRANSFER,
        "inf-transfer-unknown",
        "no identity has the index 3: there are three",
        _asked(_THREE, 0, Transfer(3, 300)),
        twin="inf-transfer-plain",
        bug="off by one; tokens for nobody",
    ),
    Case(
        _TRANSFER,
        "inf-transfer-too-much",
        "one token more than there is",
        _asked(_THREE, 0, Transfer(1, 1001)),
        twin="inf-transfer-plain",
    ),
    Case(
        _TRANSFER,
        "inf-transfer-self-too-much",
        "more than the balance to oneself, although nothing would change",
        _asked(_THREE, 0, Transfer(0, 1001)),
        twin="inf-transfer-self",
        bug="checks the balance after the credit",
    ),
    Case(
        _TRANSFER,
        "inf-transfer-huge",
        "2^64 − 1 tokens",
        _asked(_THREE, 0, Transfer(1, _MAX)),
        twin="inf-transfer-plain",
        bug="balance − amount wraps around; recipient + amount wraps around",
    ),
    Case(
        _TRANSFER,
        "inf-transfer-zero-to-unknown",
        "two faults: the amount is asked first",
        _asked(_THREE, 0, Transfer(3, 0)),
        twin="inf-transfer-plain",
        two_fault=True,
    ),
    Case(
        _TRANSFER,
        "inf-transfer-too-much-to-unknown",
        "two faults: the recipient is asked before the balance",
        _asked(_THREE, 0, Transfer(3, 1001)),
        twin="inf-transfer-plain",
        two_fault=True,
    ),
)

_BOND = "infrastructure.bond"
_STAKED = state([identity(0, 1000, 500), identity(1, 1000, convicted=True)])
_BOND_CASES = (
    Case(_BOND, "inf-bond-plain", "added to what is at stake", _asked(_STAKED, 0, Bond(250))),
    Case(_BOND, "inf-bond-all", "the whole balance", _asked(_STAKED, 0, Bond(1000))),
    Case(
        _BOND,
        "inf-bond-one",
        "less than stake_min is a stake as well",
        _asked(_STAKED, 0, Bond(1)),
        bug="refuses a stake below stake_min",
    ),
    Case(_BOND, "inf-bond-zero", "an amount of 0", _asked(_STAKED, 0, Bond(0)), twin="inf-bond-plain"),
    Case(
        _BOND,
        "inf-bond-convicted",
        "a convicted identity never bonds again",
        _asked(_STAKED, 1, Bond(250)),
        twin="inf-bond-plain",
        bug="a new stake washes the offence off",
    ),
    Case(
        _BOND,
        "inf-bond-too-much",
        "one token more than there is",
        _asked(_STAKED, 0, Bond(1001)),
        twin="inf-bond-plain",
        bug="counts the stake as balance",
    ),
    Case(
        _BOND,
        "inf-bond-huge",
        "2^64 − 1 tokens",
        _asked(_STAKED, 0, Bond(_MAX)),
        twin="inf-bond-plain",
        bug="balance − amount wraps around",
    ),
    Case(
        _BOND,
        "inf-bond-zero-convicted",
        "two faults: the amount is asked first",
        _asked(_STAKED, 1, Bond(0)),
        twin="inf-bond-plain",
        two_fault=True,
    ),
    Case(
        _BOND,
        "inf-bond-too-much-convicted",
        "two faults: conviction is asked before the balance",
        _asked(_STAKED, 1, Bond(1001)),
        twin="inf-bond-plain",
        two_fault=True,
    ),
)

_UNBOND = "infrastructure.unbond"
_UNBONDING = state(
    [identity(0, 10, 500), identity(1, 10, 500, unbonding=40, unbonding_height=90), identity(2, 10, 0)], height=100
)
_UNBOND_CASES = (
    Case(
        _UNBOND,
        "inf-unbond-plain",
        "part of the stake, free 64 heights from now",
        _asked(_UNBONDING, 0, Unbond(200)),
        bug="free at once",
    ),
    Case(_UNBOND, "inf-unbond-all", "the whole stake", _asked(_UNBONDING, 0, Unbond(500))),
    Case(_UNBOND, "inf-unbond-zero", "an amount of 0", _asked(_UNBONDING, 0, Unbond(0)), twin="inf-unbond-plain"),
    Case(
        _UNBOND,
        "inf-unbond-twice",
        "earlier tokens are still unbonding",
        _asked(_UNBONDING, 1, Unbond(200)),
        twin="inf-unbond-plain",
        bug="overwrites what was unbonding; or resets its height",
    ),
    Case(
        _UNBOND,
        "inf-unbond-too-much",
        "one token more than is at stake",
        _asked(_UNBONDING, 0, Unbond(501)),
        twin="inf-unbond-plain",
        bug="takes the rest from the balance",
    ),
    Case(
        _UNBOND, "inf-unbond-nothing", "nothing at stake", _asked(_UNBONDING, 2, Unbond(200)), twin="inf-unbond-plain"
    ),
    Case(
        _UNBOND,
        "inf-unbond-huge",
        "2^64 − 1 tokens",
        _asked(_UNBONDING, 0, Unbond(_MAX)),
        twin="inf-unbond-plain",
        bug="stake − amount wraps around",
    ),
    Case(
        _UNBOND,
        "inf-unbond-zero-twice",
        "two faults: the amount is asked first",
        _asked(_UNBONDING, 1, Unbond(0)),
        twin="inf-unbond-plain",
        two_fault=True,
    ),
    Case(
        _UNBOND,
        "inf-unbond-too-much-twice",
        "two faults: what is unbonding is asked before the stake",
        _asked(_UNBONDING, 1, Unbond(501)),
        twin="inf-unbond-plain",
        two_fault=True,
    ),
)


def _due(height: int, **changes: Any) -> Json:
    due = replace(identity(0, 10, 5, unbonding=40, unbonding_height=90), **changes)
    return {"state": to_json(state([due, identity(1)], height=height))}


_RELEASE = "infrastructure.release_unbonded"
_RELEASE_CASES = (
    Case(_RELEASE, "inf-release-due", "at the very height", _due(90), bug="one height late"),
    Case(_RELEASE, "inf-release-early", "one height before: nothing", _due(89), bug="one height early"),
    Case(_RELEASE, "inf-release-overdue", "at a later height as well", _due(91), bug="only at the very height"),
    Case(
        _RELEASE,
        "inf-release-nothing",
        "nothing unbonding: an old height means nothing",
        _due(90, unbonding=0),
        bug="adds 0 and clears the height",
    ),
    Case(
        _RELEASE,
        "inf-release-all",
        "two identities at one height, another one later",
        {
            "state": to_json(
                state(
                    [
                        identity(0, unbonding=1, unbonding_height=7),
                        identity(1, unbonding=2, unbonding_height=7),
                        identity(2, unbonding=4, unbonding_height=8),
                    ],
                    height=7,
                )
            )
        },
        bug="stops after the first",
    ),
)


def _convict(index: int = 0, **changes: Any) -> Json:
    guilty = replace(identity(0, 10, 500, unbonding=40, unbonding_height=90), **changes)
    before = state([guilty, identity(1, 10, 500)], treasury=3, offences=(root(7),))
    return {"state": to_json(before), "identity": str(index), "offence": _hex(root(9))}


_CONVICT = "infrastructure.convict"
_CONVICT_CASES = (
    Case(
        _CONVICT,
        "inf-convict-plain",
        "stake and unbonding tokens go to the treasury, the balance stays",
        _convict(),
        bug="forgets the unbonding tokens; burns instead of moving; takes the balance",
    ),
    Case(_CONVICT, "inf-convict-stake-only", "nothing is unbonding", _convict(1)),
    Case(
        _CONVICT,
        "inf-convict-poor",
        "nothing at stake any more: convicted all the same",
        _convict(stake=0, unbonding=0),
        bug="skips who has no stake, so that it can bond again",
    ),
)


def _register(public_key: bytes, proof: bytes, endowment: int, sender: int = 0) -> Json:
    return _asked(state([replace(identity(0), public_key=_key(1))]), sender, Register(public_key, proof, endowment))


_REGISTER = "infrastructure.register"
_INFINITY_KEY, _INFINITY_SIGNATURE = bytes([0xC0, *bytes(47)]), bytes([0xC0, *bytes(95)])
_REGISTER_CASES = (
    Case(
        _REGISTER,
        "inf-register-plain",
        "a newcomer with 100 tokens of the sender",
        _register(_key(2), _possession(2), 100),
    ),
    Case(
        _REGISTER,
        "inf-register-free",
        "without any tokens",
        _register(_key(2), _possession(2), 0),
        bug="refuses an endowment of 0",
    ),
    Case(_REGISTER, "inf-register-all", "with all tokens of the sender", _register(_key(2), _possession(2), 1000)),
    Case(
        _REGISTER,
        "inf-register-twice",
        "the key is registered already",
        _register(_key(1), _possession(2), 100),
        twin="inf-register-plain",
        bug="two accounts, two votes, one key",
    ),
    Case(
        _REGISTER,
        "inf-register-too-much",
        "one token more than the sender has",
        _register(_key(2), _possession(2), 1001),
        twin="inf-register-plain",
        bug="endowment out of nothing",
    ),
    Case(
        _REGISTER,
        "inf-register-foreign-proof",
        "the proof is another key's",
        _register(_key(2), _possession(3), 100),
        twin="inf-register-plain",
        bug="rogue-key attack on aggregate signatures",
    ),
    Case(
        _REGISTER,
        "inf-register-signature-as-proof",
        "an ordinary signature over the key is no proof",
        _register(_key(2), bls.sign(_secret(2), _key(2)), 100),
        twin="inf-register-plain",
        bug="uses the suite of signatures for proofs",
    ),
    Case(
        _REGISTER,
        "inf-register-infinity",
        "the point at infinity is no key",
        _register(_INFINITY_KEY, _INFINITY_SIGNATURE, 100),
        twin="inf-register-plain",
        follows=("/payload/proof_of_possession",),
        bug="e(0, H) = e(g, 0) verifies",
    ),
    Case(
        _REGISTER,
        "inf-register-twice-too-much",
        "two faults: the key is asked first",
        _register(_key(1), _possession(2), 1001),
        twin="inf-register-plain",
        two_fault=True,
    ),
    Case(
        _REGISTER,
        "inf-register-poor-no-proof",
        "two faults: the balance is asked before the proof",
        _register(_key(2), _possession(3), 1001),
        twin="inf-register-plain",
        two_fault=True,
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Genesis


def _founder(number: int, balance: int, stake: int, proof: bytes | None = None) -> GenesisIdentity:
    return GenesisIdentity(_key(number), _possession(number) if proof is None else proof, balance, stake)


_FOUNDERS = (_founder(1, 1000, 100), _founder(2, 500, 0), _founder(3, 0, 99))


def _genesis(*founders: GenesisIdentity, **changes: Any) -> Json:
    genesis = Genesis(1, root(0x77), parameters(), founders or _FOUNDERS, ())
    return {"genesis": to_json(replace(genesis, **changes))}


def _founders_with(index: int, **changes: Any) -> Json:
    founders = [replace(f, **changes) if i == index else f for i, f in enumerate(_FOUNDERS)]
    return _genesis(*founders)


_GENESIS = "infrastructure.genesis_state"
_GENESIS_CASES = (
    Case(
        _GENESIS,
        "inf-genesis-three",
        "three identities, one of them with the minimum stake",
        _genesis(),
        bug="counts a stake of 99 below the minimum of 100",
    ),
    Case(_GENESIS, "inf-genesis-one", "one identity is a ledger", _genesis(_FOUNDERS[0])),
    Case(
        _GENESIS,
        "inf-genesis-more-candidates-than-seats",
        "three candidates, two seats: they are drawn",
        _genesis(_founder(1, 0, 100), _founder(2, 0, 400), _founder(3, 0, 300), parameters=parameters(seats_max=2)),
    ),
    Case(
        _GENESIS,
        "inf-genesis-supply-limit",
        "as many tokens as a ledger can hold",
        _founders_with(1, balance=SUPPLY_LIMIT - 1199),
        bug="limit exclusive",
    ),
    Case(
        _GENESIS,
        "inf-genesis-extension",
        "the name of an extension is part of the root",
        _genesis(extensions=(Extension(200, b"my-rule"),)),
    ),
    Case(
        _GENESIS,
        "inf-genesis-extensions",
        "the smallest and the largest number of an extension",
        _genesis(extensions=(Extension(128, b""), Extension(255, b"other"))),
    ),
    Case(
        _GENESIS,
        "inf-genesis-extension-number",
        "the number of a rule of this specification",
        _genesis(extensions=(Extension(127, b"my-rule"),)),
        twin="inf-genesis-extension",
    ),
    Case(
        _GENESIS,
        "inf-genesis-extension-order",
        "two extensions in the wrong order",
        _genesis(extensions=(Extension(201, b""), Extension(200, b"my-rule"))),
        twin="inf-genesis-extension",
    ),
    Case(
        _GENESIS,
        "inf-genesis-extension-twice",
        "one extension twice",
        _genesis(extensions=(Extension(200, b""), Extension(200, b"my-rule"))),
        twin="inf-genesis-extension",
    ),
    Case(
        _GENESIS,
        "inf-genesis-extension-parameters",
        "two faults: extensions are asked before parameters",
        _genesis(extensions=(Extension(127, b"my-rule"),), parameters=parameters(epoch_heights=1)),
        twin="inf-genesis-three",
        two_fault=True,
    ),
    Case(
        _GENESIS,
        "inf-genesis-version",
        "another protocol version",
        _genesis(protocol_version=2),
        twin="inf-genesis-three",
    ),
    Case(
        _GENESIS,
        "inf-genesis-nobody",
        "no identity at all",
        {"genesis": to_json(Genesis(1, root(0x77), parameters(), (), ()))},
        twin="inf-genesis-three",
    ),
    Case(
        _GENESIS,
        "inf-genesis-parameters",
        "a parameter out of bounds",
        _genesis(parameters=parameters(epoch_heights=1)),
        twin="inf-genesis-three",
    ),
    Case(
        _GENESIS,
        "inf-genesis-same-key",
        "a key that stands there already",
        _founders_with(2, public_key=_key(1)),
        twin="inf-genesis-three",
    ),
    Case(
        _GENESIS,
        "inf-genesis-no-proof",
        "a proof of another key",
        _founders_with(1, proof_of_possession=_possession(3)),
        twin="inf-genesis-three",
    ),
    Case(
        _GENESIS,
        "inf-genesis-too-rich",
        "one token above the limit",
        _founders_with(1, balance=SUPPLY_LIMIT - 1198),
        twin="inf-genesis-three",
    ),
    Case(
        _GENESIS,
        "inf-genesis-overflow",
        "the sum wraps around to a small number",
        _founders_with(1, balance=_MAX),
        twin="inf-genesis-three",
        bug="sums in 64 bits without a check",
    ),
    Case(
        _GENESIS,
        "inf-genesis-no-stake",
        "nobody holds the minimum stake",
        _founders_with(0, stake=99),
        twin="inf-genesis-three",
        bug="a ledger on which no block can ever be proposed",
    ),
    Case(
        _GENESIS,
        "inf-genesis-version-parameters",
        "two faults: the version is asked first",
        _genesis(protocol_version=2, parameters=parameters(epoch_heights=1)),
        twin="inf-genesis-three",
        two_fault=True,
    ),
    Case(
        _GENESIS,
        "inf-genesis-proof-before-key",
        "two faults: identity by identity, not guard by guard",
        _genesis(
            _FOUNDERS[0],
            replace(_FOUNDERS[1], proof_of_possession=_possession(3)),
            replace(_FOUNDERS[2], public_key=_key(1)),
        ),
        twin="inf-genesis-three",
        two_fault=True,
        bug="looks for double keys first",
    ),
    Case(
        _GENESIS,
        "inf-genesis-rich-no-proof",
        "two faults: proofs are asked before the supply",
        _genesis(
            _FOUNDERS[0],
            replace(_FOUNDERS[1], balance=SUPPLY_LIMIT, proof_of_possession=_possession(3)),
            _FOUNDERS[2],
        ),
        twin="inf-genesis-three",
        two_fault=True,
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Transactions


def _transaction(kind: int, sender: int, nonce: int, payload: Container | bytes) -> Transaction:
    return Transaction(kind, sender, nonce, payload if isinstance(payload, bytes) else encode(payload))


def _signing(transaction: Transaction, ledger: int = 0x11, version: int = 1) -> Json:
    return {
        "transaction": to_json(transaction),
        "genesis_root": _hex(root(ledger)),
        "protocol_version": str(version),
    }


_PLAIN = _transaction(Kind.TRANSFER, 0, 5, Transfer(1, 300))
_ROOT = "infrastructure.transaction_root"
_ROOT_CASES = (
    Case(_ROOT, "inf-root-plain", "a transfer", _signing(_PLAIN)),
    Case(
        _ROOT,
        "inf-root-other-ledger",
        "the same on another ledger: another root",
        _signing(_PLAIN, 0x12),
        bug="a transaction can be replayed on another ledger",
    ),
    Case(_ROOT, "inf-root-other-version", "the same in another protocol version", _signing(_PLAIN, 0x11, 2)),
    Case(_ROOT, "inf-root-other-nonce", "the same with the next nonce", _signing(replace(_PLAIN, nonce=6))),
    Case(_ROOT, "inf-root-empty-payload", "an empty payload has a root too", _signing(_transaction(1, 0, 0, b""))),
    Case(
        _ROOT,
        "inf-root-long-payload",
        "a payload of 33 bytes takes two chunks, and its length is mixed in",
        _signing(_transaction(1, 0, 0, bytes(33))),
        bug="hashes the payload instead of merkleizing it",
    ),
    Case(_ROOT, "inf-root-largest", "the largest numbers", _signing(_transaction(255, 2**32 - 1, _MAX, b"\xff"))),
)


def _admission(transaction: Transaction, nonce: int = 5) -> Json:
    return {"state": to_json(state([identity(0, nonce=nonce), identity(1)])), "transaction": to_json(transaction)}


_AVAILABLE = encode(Available(0, (root(1), root(2))))
_ADMIT = "infrastructure.admit"
_ADMIT_CASES = (
    Case(
        _ADMIT,
        "inf-admit-plain",
        "the next nonce is used up, nothing moves yet",
        _admission(_PLAIN),
        bug="nonce counted from 1",
    ),
    Case(
        _ADMIT, "inf-admit-list", "a payload with a list", _admission(_transaction(Kind.AVAILABLE, 0, 5, _AVAILABLE))
    ),
    Case(
        _ADMIT,
        "inf-admit-empty-list",
        "a payload whose list is empty",
        _admission(_transaction(Kind.AVAILABLE, 0, 5, Available(0, ()))),
    ),
    Case(_ADMIT, "inf-admit-first", "the first nonce is 0", _admission(replace(_PLAIN, nonce=0), 0)),
    Case(
        _ADMIT,
        "inf-admit-sender",
        "no identity has the index 2",
        _admission(replace(_PLAIN, sender=2)),
        twin="inf-admit-plain",
    ),
    Case(
        _ADMIT,
        "inf-admit-replay",
        "the nonce before: the transaction was there already",
        _admission(replace(_PLAIN, nonce=4)),
        twin="inf-admit-plain",
        bug="a transfer can be replayed",
    ),
    Case(
        _ADMIT,
        "inf-admit-gap",
        "the nonce after the next",
        _admission(replace(_PLAIN, nonce=6)),
        twin="inf-admit-plain",
        bug="accepts nonce ≥ expected, and an earlier one is lost for ever",
    ),
    Case(_ADMIT, "inf-admit-kind-zero", "kind 0", _admission(replace(_PLAIN, kind=0)), twin="inf-admit-plain"),
    Case(
        _ADMIT,
        "inf-admit-kind-seven",
        "the first number after the kinds of this layer",
        _admission(replace(_PLAIN, kind=7)),
        twin="inf-admit-plain",
    ),
    Case(
        _ADMIT,
        "inf-admit-kind-reserved",
        "a kind that is reserved for masked input",
        _admission(replace(_PLAIN, kind=52)),
        twin="inf-admit-plain",
        bug="takes reserved kinds for valid ones",
    ),
    Case(
        _ADMIT,
        "inf-admit-slack",
        "a byte too many behind the payload",
        _admission(replace(_PLAIN, payload=_PLAIN.payload + b"\0")),
        twin="inf-admit-plain",
        bug="ignores slack: two encodings of one transaction",
    ),
    Case(
        _ADMIT,
        "inf-admit-short",
        "a byte is missing",
        _admission(replace(_PLAIN, payload=_PLAIN.payload[:-1])),
        twin="inf-admit-plain",
        bug="fills with zeros",
    ),
    Case(
        _ADMIT,
        "inf-admit-empty",
        "no payload at all",
        _admission(replace(_PLAIN, payload=b"")),
        twin="inf-admit-plain",
    ),
    Case(
        _ADMIT,
        "inf-admit-offset-gap",
        "the list begins 32 bytes later than it must: its first root is never read",
        _admission(_transaction(Kind.AVAILABLE, 0, 5, _AVAILABLE[:4] + (40).to_bytes(4, "little") + _AVAILABLE[8:])),
        twin="inf-admit-list",
        bug="trusts the first offset",
    ),
    Case(
        _ADMIT,
        "inf-admit-offset-back",
        "the list begins inside the fixed part",
        _admission(_transaction(Kind.AVAILABLE, 0, 5, _AVAILABLE[:4] + (4).to_bytes(4, "little") + _AVAILABLE[8:])),
        twin="inf-admit-list",
    ),
    Case(
        _ADMIT,
        "inf-admit-list-remainder",
        "the list is not a whole number of roots",
        _admission(_transaction(Kind.AVAILABLE, 0, 5, _AVAILABLE[:-1])),
        twin="inf-admit-list",
    ),
    Case(
        _ADMIT,
        "inf-admit-nonce-kind",
        "two faults: the nonce is asked before the kind",
        _admission(replace(_PLAIN, nonce=4, kind=0)),
        twin="inf-admit-plain",
        two_fault=True,
    ),
    Case(
        _ADMIT,
        "inf-admit-kind-payload",
        "two faults: the kind is asked before the payload",
        _admission(replace(_PLAIN, kind=0, payload=b"")),
        twin="inf-admit-plain",
        two_fault=True,
    ),
    Case(
        _ADMIT,
        "inf-admit-nonce-payload",
        "two faults: the nonce is asked before the payload",
        _admission(replace(_PLAIN, nonce=6, payload=b"")),
        twin="inf-admit-plain",
        two_fault=True,
    ),
)


def _signed(transaction: Transaction, before: State, key: int, ledger: bytes | None = None) -> SignedTransaction:
    message = transaction_root(transaction, before.genesis_root if ledger is None else ledger, 1)
    return SignedTransaction(transaction, bls.sign(_secret(key), message))


_KEYED = state([identity(0, public_key=_key(1)), identity(1, public_key=_key(2))])


def _authentication(signed: SignedTransaction) -> Json:
    return {"state": to_json(_KEYED), "signed": to_json(signed)}


_AUTHENTIC = _signed(_PLAIN, _KEYED, 1)
_AUTHENTICATE = "infrastructure.authenticate"
_AUTHENTICATE_CASES = (
    Case(
        _AUTHENTICATE,
        "inf-authenticate-plain",
        "signed by its sender; the nonce is not looked at here",
        _authentication(_AUTHENTIC),
    ),
    Case(
        _AUTHENTICATE,
        "inf-authenticate-unknown",
        "no identity has the index 2",
        _authentication(replace(_AUTHENTIC, transaction=replace(_PLAIN, sender=2))),
        twin="inf-authenticate-plain",
    ),
    Case(
        _AUTHENTICATE,
        "inf-authenticate-other-sender",
        "signed by 0, sent as 1",
        _authentication(replace(_AUTHENTIC, transaction=replace(_PLAIN, sender=1))),
        twin="inf-authenticate-plain",
        bug="looks the key up by the signature's owner",
    ),
    Case(
        _AUTHENTICATE,
        "inf-authenticate-other-amount",
        "signed for another payload",
        _authentication(replace(_AUTHENTIC, transaction=replace(_PLAIN, payload=encode(Transfer(1, 301))))),
        twin="inf-authenticate-plain",
        bug="signs the header fields only",
    ),
    Case(
        _AUTHENTICATE,
        "inf-authenticate-other-ledger",
        "signed for another ledger",
        _authentication(_signed(_PLAIN, _KEYED, 1, root(0x12))),
        twin="inf-authenticate-plain",
        bug="no domain: replay across ledgers",
    ),
    Case(
        _AUTHENTICATE,
        "inf-authenticate-other-domain",
        "the transaction's own root is signed, without a domain",
        _authentication(replace(_AUTHENTIC, signature=bls.sign(_secret(1), hash_tree_root(_PLAIN)))),
        twin="inf-authenticate-plain",
        bug="signs the object root",
    ),
    Case(
        _AUTHENTICATE,
        "inf-authenticate-empty",
        "96 zero bytes",
        _authentication(replace(_AUTHENTIC, signature=EMPTY_SIGNATURE)),
        twin="inf-authenticate-plain",
        bug="an exception instead of a refusal",
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Availability and blobs


def _attest(attesters: Sequence[int], index: int, seats: Sequence[int] = (0, 1, 2, 5)) -> Json:
    return {
        "attesters": [str(i) for i in attesters],
        "identity": str(index),
        "committee": to_json(committee(seats)),
    }


_ATTEST = "infrastructure.add_attester"
_ATTEST_CASES = (
    Case(_ATTEST, "inf-attest-first", "the first one", _attest((), 2)),
    Case(
        _ATTEST,
        "inf-attest-between",
        "kept in ascending order",
        _attest((0, 5), 2),
        bug="appends, so that the state depends on the order of arrival",
    ),
    Case(_ATTEST, "inf-attest-two-seats", "who holds two seats is listed once", _attest((0,), 2, (0, 2, 2))),
    Case(
        _ATTEST,
        "inf-attest-drop",
        "who attested and lost its seat since is dropped",
        _attest((0, 3, 4), 2),
        bug="the list outgrows its limit over the epochs",
    ),
    Case(
        _ATTEST,
        "inf-attest-no-seat",
        "no seat in this committee",
        _attest((0, 5), 3),
        twin="inf-attest-between",
        bug="anybody attests",
    ),
    Case(
        _ATTEST,
        "inf-attest-twice",
        "attested before",
        _attest((0, 5), 5),
        twin="inf-attest-between",
        bug="two entries count twice",
    ),
    Case(
        _ATTEST,
        "inf-attest-twice-no-seat",
        "attested in an earlier committee, without a seat now: the seat is asked first",
        _attest((0, 4), 4),
        twin="inf-attest-first",
        two_fault=True,
    ),
)


def _available(attesters: Sequence[int], seats: Sequence[int]) -> Json:
    return {"attesters": [str(i) for i in attesters], "committee": to_json(committee(seats))}


_IS_AVAILABLE = "infrastructure.is_available"
_AVAILABLE_CASES = (
    Case(_IS_AVAILABLE, "inf-available-three-of-four", "9 > 8", _available((0, 1, 2), (0, 1, 2, 3))),
    Case(
        _IS_AVAILABLE,
        "inf-available-two-of-three",
        "exactly two thirds is not enough",
        _available((0, 1), (0, 1, 2)),
        bug="≥ instead of >",
    ),
    Case(_IS_AVAILABLE, "inf-available-two-of-four", "half", _available((0, 1), (0, 1, 2, 3))),
    Case(_IS_AVAILABLE, "inf-available-one-of-one", "one seat, attested", _available((7,), (7,))),
    Case(
        _IS_AVAILABLE,
        "inf-available-seats-not-identities",
        "one identity with five of seven seats",
        _available((3,), (3, 3, 3, 3, 3, 1, 2)),
        bug="counts attesters instead of their seats",
    ),
    Case(
        _IS_AVAILABLE,
        "inf-available-strangers",
        "attesters without a seat in this committee count for nothing",
        _available((4, 5, 6), (0, 1, 2)),
        bug="counts the attesters",
    ),
    Case(
        _IS_AVAILABLE,
        "inf-available-some-left",
        "two of three seats are gone to others since",
        _available((0, 1, 2), (2, 8, 9)),
    ),
    Case(_IS_AVAILABLE, "inf-available-nobody", "nobody attested", _available((), (0, 1))),
    Case(
        _IS_AVAILABLE,
        "inf-available-no-seats",
        "a committee without seats makes nothing available",
        _available((), ()),
        bug="0 ≥ 0",
    ),
    Case(
        _IS_AVAILABLE,
        "inf-available-all-but-third",
        "67 of 100 is more than two thirds",
        _available(range(67), range(100)),
        bug="rounds 2/3 up to 67 and asks for more",
    ),
    Case(
        _IS_AVAILABLE,
        "inf-available-all-but-more",
        "66 of 100 is less than two thirds",
        _available(range(66), range(100)),
        bug="rounds 2/3 down to 66",
    ),
)

_LAYOUT = Layout((TensorSpec(b"w", (2, 2), 8),))
_DATA = bytes(range(16))
_BLOB = commit_blob(BLOB_UPDATE, ELEMENT_I32, hash_tree_root(_LAYOUT), _DATA)


def _checked(name: bytes = hash_tree_root(_BLOB), data: bytes = _DATA) -> Json:
    return {"root": _hex(name), "blob": to_json(_BLOB), "data": _hex(data)}


_CHECKED = "infrastructure.checked_blob"
_CHECKED_CASES = (
    Case(_CHECKED, "inf-blob-plain", "16 bytes, one chunk", _checked()),
    Case(
        _CHECKED,
        "inf-blob-other-name",
        "the commitment of another blob",
        _checked(root(1)),
        twin="inf-blob-plain",
        bug="believes the name",
    ),
    Case(
        _CHECKED,
        "inf-blob-flipped",
        "one bit of the data is flipped",
        _checked(data=bytes([1]) + _DATA[1:]),
        twin="inf-blob-plain",
        bug="believes the length",
    ),
    Case(_CHECKED, "inf-blob-longer", "four bytes too many", _checked(data=_DATA + bytes(4)), twin="inf-blob-plain"),
    Case(_CHECKED, "inf-blob-no-data", "no data", _checked(data=b""), twin="inf-blob-plain"),
    Case(
        _CHECKED,
        "inf-blob-remainder",
        "15 bytes are no whole number of elements",
        _checked(data=_DATA[:15]),
        twin="inf-blob-plain",
    ),
    Case(
        _CHECKED,
        "inf-blob-name-no-data",
        "two faults: the name is asked first",
        _checked(root(1), b""),
        twin="inf-blob-plain",
        two_fault=True,
    ),
)


def _laid_out(blob: Container = _BLOB, kind: int = BLOB_UPDATE, layout: Layout = _LAYOUT) -> Json:
    return {"blob": to_json(blob), "kind": str(kind), "layout": to_json(layout)}


_LAID_OUT = "infrastructure.check_blob_layout"
_LAYOUT_CASES = (
    Case(_LAID_OUT, "inf-layout-plain", "an update of four coordinates", _laid_out()),
    Case(
        _LAID_OUT,
        "inf-layout-kind",
        "a model is asked for",
        _laid_out(kind=BLOB_MODEL),
        twin="inf-layout-plain",
        bug="takes a model for an update",
    ),
    Case(
        _LAID_OUT,
        "inf-layout-element",
        "unsigned numbers",
        _laid_out(replace(_BLOB, element=ELEMENT_U32)),
        twin="inf-layout-plain",
        bug="reads unsigned numbers as signed",
    ),
    Case(
        _LAID_OUT,
        "inf-layout-other",
        "as many coordinates, but another binary point",
        _laid_out(layout=Layout((TensorSpec(b"w", (2, 2), 9),))),
        twin="inf-layout-plain",
        bug="compares sizes instead of layouts",
    ),
    Case(
        _LAID_OUT,
        "inf-layout-length",
        "a coordinate too few",
        _laid_out(replace(_BLOB, byte_length=12)),
        twin="inf-layout-plain",
        bug="reads beyond the end",
    ),
    Case(
        _LAID_OUT,
        "inf-layout-invalid",
        "a layout with an empty tensor",
        _laid_out(layout=Layout((TensorSpec(b"w", (2, 0), 8),))),
        twin="inf-layout-plain",
        bug="0 coordinates, 0 bytes",
    ),
    Case(
        _LAID_OUT,
        "inf-layout-invalid-kind",
        "two faults: the layout is asked before the commitment",
        _laid_out(kind=BLOB_MODEL, layout=Layout((TensorSpec(b"w", (2, 0), 8),))),
        twin="inf-layout-plain",
        two_fault=True,
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Blocks without signatures


def _head(height: int, proposer: int = 0) -> Header:
    return Header(height, 0, proposer, root(0x21), ZERO_ROOT, root(0x22))


_NAMELESS = replace(NO_CERTIFICATE, height=1)


def _block(
    before: State, transactions: Sequence[Transaction] = (), view: int = 0, reveal: bytes = bytes([3]) * 96
) -> Block:
    """The block of the right proposer that these transactions make on `before`, with signatures left empty."""
    height = before.height + 1
    proposer = proposer_at(upcoming_committee(before), height, view, before.parameters.epoch_heights)
    certificate = NO_CERTIFICATE if before.height == 0 else replace(_NAMELESS, height=before.height)
    body = Body(certificate, reveal, tuple(SignedTransaction(t, EMPTY_SIGNATURE) for t in transactions))
    return _sealed(before, body, Header(height, view, proposer, head_root(before), ZERO_ROOT, hash_tree_root(body)))


def _sealed(before: State, body: Body, header: Header) -> Block:
    """The block with the state root that its body leads to; the root stays zero where a transaction is refused."""
    after = begin_height(before, {})
    for signed in body.transactions:
        after = apply_transaction(after, signed.transaction, {})
    return Block(replace(header, state_root=hash_tree_root(finish_height(after, header, body.reveal))), body)


def _with_header(block: Block, **changes: Any) -> Block:
    return replace(block, header=replace(block.header, **changes))


def _with_transactions(block: Block, *transactions: Transaction) -> Block:
    """Other transactions and the body root that belongs to them; everything else as it was."""
    body = replace(block.body, transactions=tuple(SignedTransaction(t, EMPTY_SIGNATURE) for t in transactions))
    return replace(_with_header(block, body_root=hash_tree_root(body)), body=body)


def _on(before: State, block: Block) -> Json:
    return {"state": to_json(before), "block": to_json(block)}


def _pay(sender: int, nonce: int, amount: int = 1, recipient: int = 1) -> Transaction:
    return _transaction(Kind.TRANSFER, sender, nonce, Transfer(recipient, amount))


def _ledger(height: int = 0, **changes: Any) -> State:
    people = [identity(0, 1000, 200), identity(1, 1000, 100), identity(2, 50, 100)]
    head = {} if height == 0 else {"head": _head(height)}
    limits = parameters(transactions_per_block=3, transactions_per_sender=2)
    arguments: dict[str, Any] = {"seats": (0, 1, 2), "height": height, "parameters": limits, **head, **changes}
    return state(people, **arguments)


_HEAD_CASES = tuple(
    Case("infrastructure.head_root", f"inf-head-{name}", comment, {"state": to_json(before)}, bug=bug)
    for name, before, comment, bug in (
        ("genesis", _ledger(), "before the first block it is the genesis root", "root of an all-zero header"),
        (
            "later",
            _ledger(3),
            "the root of the head with the state's own root filled in",
            "root of the head with the zero state root",
        ),
        ("other-state", _ledger(3, treasury=1), "one token elsewhere: another head", "does not depend on the state"),
    )
)

_FRESH, _LATER = _ledger(), _ledger(3)
_TWO = (_pay(0, 0), _pay(1, 0, recipient=2))
_CHECK = "infrastructure.check_block"
_FIRST = _block(_FRESH, _TWO)
_FOURTH = _block(_LATER, _TWO)
_BODY = ("/block/header/body_root",)


_MORE = (_pay(0, 0), _pay(0, 1), _pay(1, 0), _pay(2, 0))


def _block_cases(operation: str, prefix: str) -> tuple[Case, ...]:
    """The guards of INF-006, which `apply_block` asks first as well."""
    return (
        Case(operation, f"{prefix}-first", "the first block", _on(_FRESH, _FIRST)),
        Case(operation, f"{prefix}-fourth", "a later block", _on(_LATER, _FOURTH)),
        Case(
            operation,
            f"{prefix}-full",
            "as many transactions as fit, as many of one sender as allowed",
            _on(_LATER, _block(_LATER, _MORE[:3])),
            bug="limits exclusive",
        ),
        *_chain_cases(operation, prefix),
        *_body_cases(operation, prefix),
        *_two_fault_cases(operation, prefix),
    )


def _chain_cases(operation: str, prefix: str) -> tuple[Case, ...]:
    """Blocks that do not continue the state."""
    return (
        Case(
            operation,
            f"{prefix}-height-same",
            "the height of the state itself",
            _on(_LATER, _with_header(_FOURTH, height=3)),
            twin=f"{prefix}-fourth",
            bug="a block can be applied twice",
        ),
        Case(
            operation,
            f"{prefix}-height-next",
            "a height is left out",
            _on(_LATER, _with_header(_FOURTH, height=5)),
            twin=f"{prefix}-fourth",
        ),
        Case(
            operation,
            f"{prefix}-parent",
            "another parent",
            _on(_LATER, _with_header(_FOURTH, parent_root=root(1))),
            twin=f"{prefix}-fourth",
        ),
        Case(
            operation,
            f"{prefix}-parent-stored-head",
            "the root of the head as it is stored, with its zero state root",
            _on(_LATER, _with_header(_FOURTH, parent_root=hash_tree_root(_LATER.head))),
            twin=f"{prefix}-fourth",
            bug="forgets to fill the state root in",
        ),
    )


def _body_cases(operation: str, prefix: str) -> tuple[Case, ...]:
    """Bodies that are not the header's, or too large."""
    return (
        Case(
            operation,
            f"{prefix}-body",
            "the root of another body",
            _on(_LATER, _with_header(_FOURTH, body_root=root(1))),
            twin=f"{prefix}-fourth",
        ),
        Case(
            operation,
            f"{prefix}-body-certificate",
            "another certificate, under the old body root",
            _on(_LATER, replace(_FOURTH, body=replace(_FOURTH.body, certificate=replace(_NAMELESS, view=1)))),
            twin=f"{prefix}-fourth",
            follows=("/block/body/certificate/height",),
            bug="the body root covers the transactions only",
        ),
        Case(
            operation,
            f"{prefix}-too-many",
            "one transaction more than a block may hold",
            _on(_LATER, _with_transactions(_FOURTH, *_MORE)),
            twin=f"{prefix}-fourth",
            follows=_BODY,
        ),
        Case(
            operation,
            f"{prefix}-sender-cap",
            "three transactions of one sender, two are allowed",
            _on(_LATER, _with_transactions(_FOURTH, _pay(0, 0), _pay(0, 1), _pay(0, 2))),
            twin=f"{prefix}-fourth",
            follows=_BODY,
            bug="counts consecutive ones only, or not at all",
        ),
    )


def _two_fault_cases(operation: str, prefix: str) -> tuple[Case, ...]:
    """Two guards broken at once."""
    return (
        Case(
            operation,
            f"{prefix}-height-parent",
            "two faults: the height is asked first",
            _on(_LATER, _with_header(_FOURTH, height=5, parent_root=root(1))),
            twin=f"{prefix}-fourth",
            two_fault=True,
        ),
        Case(
            operation,
            f"{prefix}-parent-body",
            "two faults: the parent is asked before the body",
            _on(_LATER, _with_header(_FOURTH, parent_root=root(1), body_root=root(2))),
            twin=f"{prefix}-fourth",
            two_fault=True,
        ),
        Case(
            operation,
            f"{prefix}-body-count",
            "two faults: the body root is asked before its transactions",
            _on(_LATER, _with_header(_with_transactions(_FOURTH, *_MORE), body_root=root(2))),
            twin=f"{prefix}-fourth",
            two_fault=True,
        ),
        Case(
            operation,
            f"{prefix}-count-cap",
            "four transactions of one sender: the number is asked before the sender",
            _on(_LATER, _with_transactions(_FOURTH, *(_pay(0, nonce) for nonce in range(4)))),
            twin=f"{prefix}-fourth",
            follows=_BODY,
            note="both limits are broken; one cannot be without the other at this size",
        ),
    )


_CHECK_CASES = _block_cases(_CHECK, "inf-check")

# ---------------------------------------------------------------------------------------------------------
# The transition without signatures

_APPLY = "infrastructure.apply_block"


def _epoch_end() -> State:
    """The last height of epoch 0; another committee sits in epoch 1."""
    return _ledger(7, next_committee=committee((2,), 1), mix=root(0x44))


def _unbonded() -> State:
    people = [identity(0, 0, 200, unbonding=40, unbonding_height=4), identity(1, 10, 100)]
    return state(people, seats=(0, 1), height=3, head=_head(3))


_SPENT = _block(_unbonded(), [_pay(0, 0, 40)])
_NEXT_EPOCH = _block(_epoch_end())
_VIEW_ONE = _block(_LATER, _TWO, view=1)
_APPLY_CASES = (
    *_block_cases(_APPLY, "inf-apply"),
    Case(
        _APPLY,
        "inf-apply-empty",
        "a block without transactions still moves mix, head and height",
        _on(_LATER, _block(_LATER)),
    ),
    Case(
        _APPLY,
        "inf-apply-view",
        "a block of view 1: another proposer, and the mix stays",
        _on(_LATER, _VIEW_ONE),
        bug="mixes the reveal of every view in",
    ),
    Case(
        _APPLY,
        "inf-apply-order",
        "what the first transaction gives the second one spends",
        _on(_LATER, _block(_LATER, (_pay(0, 0, 1000, 2), _pay(2, 0, 1050)))),
        bug="checks every balance against the state before the block",
    ),
    Case(
        _APPLY,
        "inf-apply-epoch",
        "the first height of an epoch: the next committee proposes, another one is drawn",
        _on(_epoch_end(), _NEXT_EPOCH),
        bug="the old committee proposes once more",
    ),
    Case(
        _APPLY,
        "inf-apply-release",
        "tokens that become free at this height are spent at this height",
        _on(_unbonded(), _SPENT),
        bug="releases after the transactions",
    ),
    Case(
        _APPLY,
        "inf-apply-view-limit",
        "view 4096",
        _on(_LATER, _with_header(_VIEW_ONE, view=4096)),
        twin="inf-apply-view",
    ),
    Case(
        _APPLY,
        "inf-apply-proposer",
        "another member of the committee",
        _on(_LATER, _with_header(_FOURTH, proposer=(_FOURTH.header.proposer + 1) % 3)),
        twin="inf-apply-fourth",
    ),
    Case(
        _APPLY,
        "inf-apply-proposer-old",
        "a proposer of the committee that sat until now",
        _on(_epoch_end(), _with_header(_NEXT_EPOCH, proposer=0)),
        twin="inf-apply-epoch",
        bug="the old committee proposes once more",
    ),
    Case(
        _APPLY,
        "inf-apply-sender",
        "a transaction of nobody",
        _on(_LATER, _with_transactions(_FOURTH, _TWO[0], replace(_TWO[1], sender=3))),
        twin="inf-apply-fourth",
        follows=_BODY,
    ),
    Case(
        _APPLY,
        "inf-apply-nonce",
        "a nonce that was used up before",
        _on(_LATER, _with_transactions(_FOURTH, _TWO[0], replace(_TWO[1], nonce=1))),
        twin="inf-apply-fourth",
        follows=_BODY,
    ),
    Case(
        _APPLY,
        "inf-apply-refused",
        "the second transaction is refused: so is the block",
        _on(_LATER, _with_transactions(_FOURTH, _TWO[0], _pay(1, 0, 1002, 2))),
        twin="inf-apply-fourth",
        follows=_BODY,
        bug="skips the transaction and goes on",
    ),
    Case(
        _APPLY,
        "inf-apply-state-root",
        "another state root",
        _on(_LATER, _with_header(_FOURTH, state_root=root(1))),
        twin="inf-apply-fourth",
        bug="believes the proposer",
    ),
    Case(
        _APPLY,
        "inf-apply-body-proposer",
        "two faults: the body is asked before the proposer",
        _on(_LATER, _with_header(_FOURTH, body_root=root(1), proposer=(_FOURTH.header.proposer + 1) % 3)),
        twin="inf-apply-fourth",
        two_fault=True,
    ),
    Case(
        _APPLY,
        "inf-apply-proposer-state-root",
        "two faults: the proposer is asked before anything is executed",
        _on(_LATER, _with_header(_FOURTH, state_root=root(1), proposer=(_FOURTH.header.proposer + 1) % 3)),
        twin="inf-apply-fourth",
        two_fault=True,
    ),
    Case(
        _APPLY,
        "inf-apply-nonce-state-root",
        "two faults: transactions are asked before the state root",
        _on(
            _LATER, _with_header(_with_transactions(_FOURTH, _TWO[0], replace(_TWO[1], nonce=1)), state_root=root(1))
        ),
        twin="inf-apply-fourth",
        follows=_BODY,
        two_fault=True,
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Blocks with signatures


def _real(height: int = 0) -> State:
    """Four validators with one seat each; after `height` blocks of which only the last header is known."""
    people = [replace(identity(i, 1000, 100), public_key=_key(i + 1)) for i in range(4)]
    head = {} if height == 0 else {"head": _head(height)}
    arguments: dict[str, Any] = {"seats": range(4), "height": height, **head}
    return state(people, **arguments)


def _certificate(before: State, height: int, name: bytes, signers: Sequence[int] = (0, 1, 2)) -> Certificate:
    """The certificate of some members of the committee for the block `name`."""
    vote = Vote(PRECOMMIT, height, 0, name)
    message = vote_message(vote, domains_of(before.genesis_root, before.protocol_version))
    votes = [SignedVote(vote, i, bls.sign(_secret(i + 1), message)) for i in signers]
    return assemble_certificate(votes, vote, before.committee)


def _reveal(before: State, proposer: int, height: int) -> bytes:
    message = beacon.reveal_message(height, before.genesis_root, before.protocol_version)
    return bls.sign(_secret(proposer + 1), message)


def _real_block(before: State, transactions: Sequence[Transaction]) -> Block:
    """The block of the right proposer, with every signature."""
    height = before.height + 1
    proposer = proposer_at(upcoming_committee(before), height, 0, before.parameters.epoch_heights)
    certificate = NO_CERTIFICATE if before.height == 0 else _certificate(before, before.height, head_root(before))
    signed = tuple(_signed(t, before, t.sender + 1) for t in transactions)
    body = Body(certificate, _reveal(before, proposer, height), signed)
    return _sealed(before, body, Header(height, 0, proposer, head_root(before), ZERO_ROOT, hash_tree_root(body)))


def _with_body(block: Block, **changes: Any) -> Block:
    return replace(block, body=replace(block.body, **changes))


def _with_certificate(block: Block, **changes: Any) -> Block:
    return _with_body(block, certificate=replace(block.body.certificate, **changes))


_YOUNG, _GROWN = _real(), _real(3)
_SIGNED_FIRST, _SIGNED_FOURTH = _real_block(_YOUNG, [_pay(0, 0)]), _real_block(_GROWN, [_pay(0, 0), _pay(2, 0)])
_PROPOSER = _SIGNED_FOURTH.header.proposer
_FOREIGN = replace(_SIGNED_FOURTH.body.transactions[0], signature=_SIGNED_FOURTH.body.transactions[1].signature)
_NOBODY = replace(_SIGNED_FOURTH.body.transactions[1], transaction=replace(_pay(2, 0), sender=4))
_BLOCK_SIGNATURES = "infrastructure.authenticate_block"
_ALONE = replace(_certificate(_GROWN, 3, head_root(_GROWN)), signature=bls.sign(_secret(1), root(1)))


def _authentic_block(name: str, comment: str, block: Block, twin: str | None = "fourth", **more: Any) -> Case:
    before = _YOUNG if block.header.height == 1 else _GROWN
    twin_id = None if twin is None else f"inf-signed-{twin}"
    return Case(_BLOCK_SIGNATURES, f"inf-signed-{name}", comment, _on(before, block), twin=twin_id, **more)


_BLOCK_SIGNATURE_CASES = (
    _authentic_block("first", "the first block carries the empty certificate", _SIGNED_FIRST, None),
    _authentic_block(
        "fourth", "a later block carries the certificate of its parent by three of four seats", _SIGNED_FOURTH, None
    ),
    _authentic_block(
        "all-seats",
        "a certificate of all four seats is as good",
        _with_body(_SIGNED_FOURTH, certificate=_certificate(_GROWN, 3, head_root(_GROWN), range(4))),
        None,
        note="the body root is not looked at here",
    ),
    _authentic_block(
        "first-certificate",
        "the first block carries something else",
        _with_certificate(_SIGNED_FIRST, height=1),
        "first",
    ),
    _authentic_block(
        "certificate-height", "the certificate of another height", _with_certificate(_SIGNED_FOURTH, height=2)
    ),
    _authentic_block(
        "certificate-block",
        "the certificate of another block",
        _with_certificate(_SIGNED_FOURTH, block_root=root(1)),
        bug="takes the root from the certificate",
    ),
    _authentic_block(
        "certificate-view-range",
        "the certificate of a view that does not exist",
        _with_certificate(_SIGNED_FOURTH, view=4096),
        bug="any view",
    ),
    _authentic_block(
        "certificate-length",
        "five bits for four seats",
        _with_certificate(_SIGNED_FOURTH, seats=(True, True, True, False, False)),
    ),
    _authentic_block(
        "certificate-quorum",
        "two of four seats",
        _with_certificate(_SIGNED_FOURTH, seats=(True, True, False, False)),
        bug="half is enough",
    ),
    _authentic_block(
        "certificate-other-seats",
        "three seats, but not the three that signed",
        _with_certificate(_SIGNED_FOURTH, seats=(True, True, False, True)),
        bug="counts bits only",
    ),
    _authentic_block(
        "certificate-one-signature",
        "one signature in the name of three",
        _with_body(_SIGNED_FOURTH, certificate=_ALONE),
        bug="counts bits only",
    ),
    _authentic_block(
        "certificate-view", "the precommits were for another view", _with_certificate(_SIGNED_FOURTH, view=1)
    ),
    _authentic_block(
        "proposer-unknown", "no identity has the proposer's index", _with_header(_SIGNED_FOURTH, proposer=4)
    ),
    _authentic_block(
        "reveal-other",
        "another validator's reveal of the same height",
        _with_body(_SIGNED_FOURTH, reveal=_reveal(_GROWN, (_PROPOSER + 1) % 4, 4)),
        bug="checks that it is a signature of somebody",
    ),
    _authentic_block(
        "reveal-old",
        "the author's reveal of another height",
        _with_body(_SIGNED_FOURTH, reveal=_reveal(_GROWN, _PROPOSER, 3)),
        bug="the beacon can be steered",
    ),
    _authentic_block(
        "transaction",
        "a transaction with another one's signature",
        _with_body(_SIGNED_FOURTH, transactions=(_FOREIGN, _SIGNED_FOURTH.body.transactions[1])),
    ),
    _authentic_block(
        "transaction-unknown",
        "a transaction of nobody",
        _with_body(_SIGNED_FOURTH, transactions=(_SIGNED_FOURTH.body.transactions[0], _NOBODY)),
    ),
    _authentic_block(
        "certificate-reveal",
        "two faults: the certificate is asked before the reveal",
        _with_body(_with_certificate(_SIGNED_FOURTH, height=2), reveal=EMPTY_SIGNATURE),
        two_fault=True,
    ),
    _authentic_block(
        "reveal-transaction",
        "two faults: the reveal is asked before the transactions",
        _with_body(
            _SIGNED_FOURTH, reveal=EMPTY_SIGNATURE, transactions=(_FOREIGN, _SIGNED_FOURTH.body.transactions[1])
        ),
        two_fault=True,
    ),
)

_YOUNG_LEDGER = genesis_state(
    Genesis(1, root(0x77), parameters(), tuple(_founder(i, 1000, 100) for i in (1, 2, 3, 4)), ())
)
_RECORD_BLOCK = _real_block(_YOUNG_LEDGER, [_pay(0, 0)])
_RECORD = LedgerRecord(_RECORD_BLOCK, _certificate(_YOUNG_LEDGER, 1, block_root(_RECORD_BLOCK.header)))


def _record(name: str, comment: str, record: LedgerRecord, **more: Any) -> Case:
    twin = None if record == _RECORD else "inf-record-plain"
    data = {"state": to_json(_YOUNG_LEDGER), "record": to_json(record)}
    return Case("infrastructure.apply_record", f"inf-record-{name}", comment, data, twin=twin, **more)


def _own(**changes: Any) -> LedgerRecord:
    return replace(_RECORD, certificate=replace(_RECORD.certificate, **changes))


_RECORD_CASES = (
    _record("plain", "block 1 of a ledger and its certificate", _RECORD),
    _record(
        "reveal", "a reveal of nobody", replace(_RECORD, block=_with_body(_RECORD_BLOCK, reveal=EMPTY_SIGNATURE))
    ),
    _record(
        "parent",
        "another parent: signatures are right, the chain is not",
        replace(_RECORD, block=_with_header(_RECORD_BLOCK, parent_root=root(1))),
    ),
    _record(
        "state-root",
        "another state root: refused before its certificate is asked",
        replace(_RECORD, block=_with_header(_RECORD_BLOCK, state_root=root(1))),
    ),
    _record("certificate-height", "the certificate of another height", _own(height=0)),
    _record(
        "certificate-block",
        "the certificate of another block",
        _own(block_root=root(1)),
        bug="an orphaned block is taken for a final one",
    ),
    _record("certificate-view-range", "the certificate of a view that does not exist", _own(view=4096)),
    _record("certificate-quorum", "two of four seats", _own(seats=(True, True, False, False))),
    _record(
        "certificate-signature", "three seats, but not the three that signed", _own(seats=(True, True, False, True))
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Evidence


def _voted(before: State, voter: int, name: bytes, view: int = 0, kind: int = PRECOMMIT, key: int = 0) -> SignedVote:
    vote = Vote(kind, before.height, view, name)
    message = vote_message(vote, domains_of(before.genesis_root, before.protocol_version))
    return SignedVote(vote, voter, bls.sign(_secret(key or voter + 1), message))


_ACCUSED = replace(
    _GROWN, identities=(_GROWN.identities[0], replace(_GROWN.identities[1], unbonding=30), *_GROWN.identities[2:])
)
_ACCUSED = replace(_ACCUSED, supply=_ACCUSED.supply + 30)
_EVIDENCE = Equivocation(_voted(_ACCUSED, 1, root(1)), _voted(_ACCUSED, 1, root(2)))
_OFFENCE = offence_root(_EVIDENCE.first)


def _evidence(name: str, comment: str, evidence: Equivocation, before: State = _ACCUSED, **more: Any) -> Case:
    data = {"state": to_json(before), "evidence": to_json(evidence)}
    twin = None if name in ("precommits", "prevotes", "nil", "poor") else "inf-evidence-precommits"
    return Case("infrastructure.apply_evidence", f"inf-evidence-{name}", comment, data, twin=twin, **more)


def _changed(index: int, **changes: Any) -> State:
    people = [replace(i, **changes) if n == index else i for n, i in enumerate(_ACCUSED.identities)]
    return replace(_ACCUSED, identities=tuple(people))


_EVIDENCE_CASES = (
    _evidence(
        "precommits",
        "stake and unbonding tokens are gone, reputation is at the floor",
        _EVIDENCE,
        bug="takes the stake only; leaves the reputation",
    ),
    _evidence(
        "prevotes",
        "two prevotes are as bad",
        Equivocation(_voted(_ACCUSED, 1, root(1), kind=1), _voted(_ACCUSED, 1, root(2), kind=1)),
    ),
    _evidence(
        "nil",
        "a vote for nil contradicts a vote for a block",
        Equivocation(_voted(_ACCUSED, 1, ZERO_ROOT), _voted(_ACCUSED, 1, root(2))),
        bug="nil never contradicts",
    ),
    _evidence(
        "voters",
        "votes of two voters",
        replace(_EVIDENCE, second=replace(_EVIDENCE.second, voter=2)),
        bug="convicts the first one for another's vote",
    ),
    _evidence("unknown", "no identity has the index 4", replace(_EVIDENCE, first=replace(_EVIDENCE.first, voter=4))),
    _evidence(
        "views",
        "votes of two views do not contradict",
        replace(_EVIDENCE, second=_voted(_ACCUSED, 1, root(2), 1)),
        follows=("/evidence/second/signature",),
        bug="an honest validator is convicted for voting again",
    ),
    _evidence(
        "kinds",
        "a prevote and a precommit do not contradict",
        replace(_EVIDENCE, second=_voted(_ACCUSED, 1, root(2), kind=1)),
        follows=("/evidence/second/signature",),
    ),
    _evidence(
        "same",
        "twice the same vote",
        replace(_EVIDENCE, second=_voted(_ACCUSED, 1, root(1))),
        follows=("/evidence/second/signature",),
        bug="a vote that was sent twice convicts",
    ),
    _evidence(
        "order",
        "the greater root stands first",
        replace(_EVIDENCE, first=_voted(_ACCUSED, 1, root(3))),
        follows=("/evidence/first/signature",),
        bug="one offence has two encodings",
    ),
    _evidence(
        "late",
        "the votes are for a height too long ago",
        _EVIDENCE,
        replace(_ACCUSED, height=3 + _ACCUSED.parameters.evidence_heights + 1),
    ),
    _evidence(
        "punished",
        "the offence is on the ledger already",
        _EVIDENCE,
        replace(_ACCUSED, offences=(_OFFENCE,)),
        bug="slashes twice for one offence",
    ),
    _evidence(
        "convicted",
        "the voter was convicted for something else",
        _EVIDENCE,
        _changed(1, convicted=True),
        bug="the list of offences grows for nothing",
    ),
    _evidence(
        "forged",
        "the second vote is signed by somebody else",
        replace(_EVIDENCE, second=_voted(_ACCUSED, 1, root(2), key=3)),
        bug="anybody can have anybody slashed",
    ),
    _evidence(
        "punished-forged",
        "two faults: the ledger's memory is asked before the signatures",
        replace(_EVIDENCE, second=_voted(_ACCUSED, 1, root(2), key=3)),
        replace(_ACCUSED, offences=(_OFFENCE,)),
        two_fault=True,
    ),
    _evidence(
        "convicted-forged",
        "two faults: signatures are asked before the conviction",
        replace(_EVIDENCE, second=_voted(_ACCUSED, 1, root(2), key=3)),
        _changed(1, convicted=True),
        two_fault=True,
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Traces


def _apply(transaction: Transaction) -> Step:
    return Step("apply_transaction", to_json(transaction))


_BEGIN = Step("begin_height", {})
_QUICK = parameters(unbonding_heights=2, evidence_heights=1, epoch_heights=2)


def _trace(name: str, comment: str, before: State, *steps: Step, bug: str | None = None) -> Trace:
    return Trace("infrastructure.ledger", f"inf-ledger-{name}", comment, to_json(before), steps, bug=bug)


def _people(*rest: Identity, **changes: Any) -> State:
    return state([identity(0, 1000, 200), identity(1, 50), *rest], parameters=_QUICK, **changes)


_TRACES = (
    _trace(
        "replay",
        "a refused transaction uses no nonce up, an accepted one does",
        _people(),
        _apply(_pay(0, 0, 10)),
        _apply(_pay(0, 0, 10)),
        _apply(_pay(0, 1, 5000)),
        _apply(_pay(0, 1, 10)),
        _apply(_pay(0, 3, 10)),
        _apply(_pay(0, 2, 10)),
        bug="counts refused transactions",
    ),
    _trace(
        "unbonding",
        "unbond, wait, spend",
        _people(),
        _apply(_transaction(Kind.UNBOND, 0, 0, Unbond(150))),
        _apply(_transaction(Kind.UNBOND, 0, 1, Unbond(50))),
        _apply(_pay(0, 1, 1001)),
        _BEGIN,
        _apply(_pay(0, 1, 1001)),
        _BEGIN,
        _apply(_pay(0, 1, 1001)),
        _apply(_transaction(Kind.UNBOND, 0, 2, Unbond(50))),
        bug="unbonding tokens can be spent",
    ),
    _trace(
        "refusals",
        "every refusal leaves the digest as it was",
        _people(),
        _apply(_pay(9, 0)),
        _apply(_pay(0, 7)),
        _apply(_transaction(9, 0, 0, b"")),
        _apply(_transaction(Kind.BOND, 0, 0, b"1")),
        _apply(_pay(0, 0, 0)),
        _apply(_pay(0, 0, 1, 2)),
        _apply(_pay(1, 0, 51)),
        _apply(_transaction(Kind.UNBOND, 1, 0, Unbond(1))),
        _apply(_pay(1, 0, 50, 0)),
        _apply(_pay(1, 1, 1, 0)),
        bug="uses the nonce up before it looks at the rest",
    ),
    _trace(
        "committee",
        "who bonds before the snapshot of an epoch sits two epochs later",
        _people(identity(2, 500)),
        _apply(_transaction(Kind.BOND, 2, 0, Bond(300))),
        *[_BEGIN] * 6,
        bug="sits in the very next epoch",
    ),
    _trace(
        "self",
        "a hundred tokens to oneself, three times",
        _people(),
        _apply(_pay(0, 0, 100, 0)),
        _apply(_pay(0, 1, 100, 0)),
        _apply(_pay(0, 2, 100, 0)),
        _apply(_pay(0, 3, 1001, 1)),
        bug="makes money",
    ),
)

CASES: tuple[Case | Trace, ...] = (
    *_GENESIS_CASES,
    *_REGISTER_CASES,
    *_TRANSFER_CASES,
    *_BOND_CASES,
    *_UNBOND_CASES,
    *_RELEASE_CASES,
    *_CONVICT_CASES,
    *_ROOT_CASES,
    *_AUTHENTICATE_CASES,
    *_ADMIT_CASES,
    *_ATTEST_CASES,
    *_AVAILABLE_CASES,
    *_CHECKED_CASES,
    *_LAYOUT_CASES,
    *_HEAD_CASES,
    *_CHECK_CASES,
    *_BLOCK_SIGNATURE_CASES,
    *_APPLY_CASES,
    *_RECORD_CASES,
    *_EVIDENCE_CASES,
    *_TRACES,
)
