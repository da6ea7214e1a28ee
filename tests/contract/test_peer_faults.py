"""What other systems get wrong in secure aggregation, one test a fault: ours must have none of them.

The faults were found by reading and measuring Flower's SecAgg+, FedML's SecAgg and LightSecAgg, FATE and NVFlare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.contract import client, opening, secure
from bcfl_ref.contract.client import NOT_ANSWERED
from bcfl_ref.contract.tasks import NO_NOISE
from bcfl_ref.crypto import agreement, bls
from bcfl_ref.encoding import encode
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.infrastructure.transactions import Kind, authenticate, transaction_root
from bcfl_ref.node.duties import Owner
from bcfl_ref.node.secure_duties import round_secrets
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.cases._secure import WINDOW, SecurePlay, begun, secrets, vector
from bcfl_ref.privacy.keys import PURPOSE_MASK, PURPOSE_SHARES, Scope, pair_key
from bcfl_ref.privacy.rings import ring_width
from bcfl_ref.types import MaskedInput, Privacy, SignedTransaction, Transaction
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms


def refusal(act: Callable[..., object], *given: object) -> Code:
    """The code with which a call is refused."""
    with pytest.raises(SpecError) as error:
        act(*given)
    return error.value.code


def dealt(trainers: int = 4) -> SecurePlay:
    """All have dealt their shares, at INPUT."""
    return begun(trainers).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])


def key_stream(key: bytes, count: int) -> list[int]:
    """The words of ChaCha20 by another implementation."""
    cipher = Cipher(algorithms.ChaCha20(key, bytes(16)), mode=None).encryptor()
    return np.frombuffer(cipher.update(bytes(4 * count)), dtype="<u4").tolist()


# ---- Flower


def test_flower_stochastic_rounding() -> None:
    """Quantisation draws nothing: half a step goes to the even neighbour, every time."""
    halves = np.array([0.5, 1.5, 2.5, -0.5, -1.5])
    assert {tuple(kernels.quantize(halves, 0).tolist()) for _ in range(8)} == {(0, 2, 2, 0, -2)}


def test_flower_small_clients_lose_bits() -> None:
    """A member with one sample of a group's hundred counts in the sum with every bit of its update."""
    play = replace(dealt(), samples={1: 1, 2: 100, 3: 100, 4: 100})
    play.give().to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    seen = sums_of(play)
    assert seen[0] == 3 + 100 * (9 + 27 + 81) and seen[0] % 100 == 3


def test_flower_folded_seeds() -> None:
    """Each of the 256 bits of a key changes the mask; none is folded away."""
    key = bytes(range(32))
    zero = np.zeros(4, dtype=np.uint32)
    streams = {
        tuple(kernels.mask_add(zero, bit_flipped(key, bit), bytes(12), False).tolist()) for bit in range(-1, 256)
    }
    assert len(streams) == 257


def test_flower_masks_miss_the_last_word() -> None:
    """Mask words are those of the cipher, taken whole: no value of the ring is left out by a range or a modulus."""
    key = bytes(range(32))
    zero = np.zeros(4096, dtype=np.uint32)
    assert kernels.mask_add(zero, key, bytes(12), False).tolist() == key_stream(key, 4096)


def test_flower_asks_for_shares_of_who_never_dealt() -> None:
    """A member lost before it dealt is on no list, nobody is asked for its shares, and the group opens."""
    play = begun(5).advertise({1, 2, 3, 4}).to(WINDOW["SHARES"]).share({1, 2, 3}).to(WINDOW["INPUT"]).give()
    play.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])
    listed = secure.survivor_list(play.state, 0, 0)
    assert (listed.survivors, listed.dropped) == ((1, 2, 3), ())
    said = client.client_answer(play.state, 0, 1, secrets(1), NOT_ANSWERED)
    assert [opened.member for opened in said.shares] == [2, 3]
    play.answer().to(WINDOW["SCORE_COMMIT"])
    assert len(play.state.tasks[0].round.updates) == 1


def test_flower_one_share_too_few() -> None:
    """With an even degree every member deals exactly as many shares as it has neighbours."""
    sparse = begun(9, privacy=Privacy(1, 1, 2, 4, NO_NOISE), sample_count_max=90)
    play = sparse.advertise().to(WINDOW["SHARES"])
    for trainer in play.names:
        assert len(client.client_shares(play.state, 0, trainer, secrets(trainer)).edges) == 4


def test_flower_overflow_is_compared_with_the_wrong_number() -> None:
    """The ring follows from all inputs of a sum: one more than fits changes it, however many shares there are."""
    assert (ring_width(2047, 1), ring_width(2048, 1), ring_width(2049, 1)) == (32, 32, 64)


def test_flower_overlapping_lists() -> None:
    """A member that is said to have survived and dropped out gets no answer to either."""
    play = dealt().give({1, 2, 4}).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])
    listed = secure.survivor_list(play.state, 0, 0)
    both = replace(listed, dropped=(3, 4))
    graph = secure.neighbours(play.state.tasks[0], 0, 0)
    assert refusal(client.check_list, both, 1, graph, 2, NOT_ANSWERED) == Code.MEMBER_OVERLAP


def test_flower_unsigned_keys() -> None:
    """Keys that somebody else advertises in a member's name are refused before any rule looks at them."""
    play = begun(4)
    holder, stranger = bls.keygen(bytes([1]) * 32), bls.keygen(bytes([2]) * 32)
    people = tuple(replace(p, public_key=bls.public_key(holder)) for p in play.state.identities)
    state = replace(play.state, identities=people)
    transaction = Transaction(Kind.ADVERTISE_KEYS, 1, 0, encode(client.client_keys(0, 1, secrets(1))))
    root = transaction_root(transaction, state.genesis_root, state.protocol_version)
    authenticate(state, SignedTransaction(transaction, bls.sign(holder, root)))
    forged = SignedTransaction(transaction, bls.sign(stranger, root))
    assert refusal(authenticate, state, forged) == Code.SIGNATURE_INVALID


# ---- FedML


def test_fedml_public_key_is_the_secret_key() -> None:
    """What a member shows is not what it keeps, and what it shows of two members does not give their key."""
    own, peer = secrets(1), secrets(2)
    shown = client.client_keys(0, 1, own), client.client_keys(0, 1, peer)
    assert shown[0].mask_key not in (own.mask_secret, own.share_secret)
    shared = agreement.shared_secret(own.mask_secret, shown[1].mask_key)
    assert shared == agreement.shared_secret(peer.mask_secret, shown[0].mask_key)
    assert shared not in (shown[0].mask_key, shown[1].mask_key)


def test_fedml_keys_follow_from_a_rank(owners: tuple[Owner, Owner]) -> None:
    """Two holders of the same index have other secrets: they come from the holder's key, not from its number."""
    one, other = (round_secrets(owner, 0, 1) for owner in owners)
    assert set(vars(one).values()).isdisjoint(vars(other).values())
    again = round_secrets(owners[0], 0, 2)
    assert set(vars(one).values()).isdisjoint(vars(again).values())


@pytest.fixture
def owners() -> tuple[Owner, Owner]:
    """Two identities with index 1 and different keys, as far as secrets are derived from them."""

    def owner(key: int) -> Owner:
        return Owner(1, key, None, None, None, {}, bytes(32))  # type: ignore[arg-type]

    return owner(5), owner(6)


def test_fedml_sends_the_plaintext_beside_the_shares() -> None:
    """Nothing a member sends before the list holds a secret, a share, or a coordinate in the clear."""
    play = dealt()
    own = secrets(1)
    keys = encode(client.client_keys(0, 1, own))
    before = begun(4).advertise().to(WINDOW["SHARES"])
    shares = encode(client.client_shares(before.state, 0, 1, own))
    masked = play.masked(1)
    sent = keys + shares + encode(MaskedInput(0, 1, scene.root_of(masked))) + masked.data
    for secret in vars(own).values():
        assert secret not in sent
        assert secret[:7] not in sent  # a limb
    plain = [10 * int(value) % 2**32 for value in vector(1)] + [10]
    assert not set(plain) & set(np.frombuffer(masked.data, dtype="<u4").tolist())


def test_fedml_relays_shares_unencrypted() -> None:
    """A share is sealed for its holder: no other member can open it, and one changed bit is noticed."""
    play = dealt().give({1, 2, 4}).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])
    right = client.client_answer(play.state, 0, 2, secrets(2), NOT_ANSWERED)
    wrong = client.client_answer(play.state, 0, 2, replace(secrets(2), share_secret=bytes(31) + b"\1"), NOT_ANSWERED)
    assert [opened.member for opened in right.shares] == [1, 3, 4] and wrong.shares == ()
    member = play.member(1)
    edge = replace(member.edges[0], sealed=bit_flipped(member.edges[0].sealed, 5))
    state = secure.set_member(play.state, 0, replace(member, edges=(edge, *member.edges[1:])))
    said = client.client_answer(state, 0, 2, secrets(2), NOT_ANSWERED)
    assert [opened.member for opened in said.shares] == [3, 4]


# ---- FATE


def test_fate_raw_shared_secret_as_key() -> None:
    """Masks and messages have keys derived in their context; none is the shared secret, no two are the same."""
    peer = 2, agreement.public_key(secrets(2).mask_secret)
    own = 1, secrets(1).mask_secret
    scopes = [
        Scope(bytes([ledger]) * 32, task, number, group, purpose)
        for ledger, task, number, group in ((0, 0, 1, 0), (1, 0, 1, 0), (0, 1, 1, 0), (0, 0, 2, 0), (0, 0, 1, 1))
        for purpose in (PURPOSE_MASK, PURPOSE_SHARES)
    ]
    found = {pair_key(scope, own, peer) for scope in scopes}
    assert len(found) == len(scopes)
    assert agreement.shared_secret(own[1], peer[1]) not in found


def test_fate_weights_in_the_clear() -> None:
    """Of the members' sample counts only the sum of those that survived is ever public."""
    play = replace(dealt(), samples={1: 7, 2: 11, 3: 13, 4: 17})
    play.give().to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    last = {int(np.frombuffer(blob.data, dtype="<u4")[-1]) for blob in play.blobs.values() if blob.blob.kind == 3}
    assert last.isdisjoint({7, 11, 13, 17})
    assert sums_of(play)[-1] == 48


def test_fate_any_dropout_loses_the_round() -> None:
    """One member may be lost before any step, and the group of four is opened all the same."""
    for step in range(4):
        who = [set(range(1, 5)) - {4} if at >= step else set(range(1, 5)) for at in range(4)]
        play = begun(4).advertise(who[0]).to(WINDOW["SHARES"]).share(who[1]).to(WINDOW["INPUT"]).give(who[2])
        play.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer(who[3]).to(WINDOW["SCORE_COMMIT"])
        assert len(play.state.tasks[0].round.updates) == 1


# ---- NVFlare


def test_nvflare_sums_in_the_order_of_arrival() -> None:
    """Inputs named in any order give one state, so one sum."""
    start = dealt()
    roots = {trainer: scene.root_of(start.masked(trainer)) for trainer in start.names}
    ends = set()
    for order in permutations(start.names):
        state = start.state
        for trainer in order:
            state = secure.masked_input(state, trainer, MaskedInput(0, 1, roots[trainer]))
        ends.add(state)
    assert len(ends) == 1


def test_nvflare_one_key_opens_everything() -> None:
    """No member's secrets, with all that is on the ledger, unmask another member's input."""
    play = dealt().give()
    others = {trainer: np.frombuffer(play.masked(trainer).data, dtype="<u4") for trainer in (2, 3, 4)}
    scope = Scope(play.state.genesis_root, 0, 1, 0, PURPOSE_MASK)
    for trainer, words in others.items():
        key = pair_key(scope, (1, secrets(1).mask_secret), (trainer, play.member(trainer).mask_key))
        bare = kernels.mask_add(words.astype(np.uint32), key, bytes(12), trainer < 1)
        plain = [10 * trainer * int(value) % 2**32 for value in vector(trainer)]
        assert not set(plain) & set(bare.tolist())


def bit_flipped(data: bytes, bit: int) -> bytes:
    """The data with one bit changed; bit -1 changes none."""
    return data if bit < 0 else bytes(byte ^ (1 << bit % 8 if at == bit // 8 else 0) for at, byte in enumerate(data))


def sums_of(play: SecurePlay) -> list[int]:
    """The sums of an answered round, samples last, as the opening of its only group reads them."""
    seen: list[list[int]] = []
    judge = opening.judged_sum
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "judged_sum", lambda *given: (seen.append(given[-1].tolist()), judge(*given))[1])
        play.to(WINDOW["SCORE_COMMIT"])
    return seen[0]
