"""A server's work at the end of a round of secure aggregation with dropouts, beside Flower's SecAgg+ functions.

100 clients on a ring of 20 neighbours each, 11 shares rebuild a secret, d coordinates; 10 clients vanish after they
sent their shares, so for each of them the masks with its neighbours are taken off, for the others their own masks.
Both sides add the masked vectors, rebuild 100 secrets, derive the keys of pairs, and take the masks off.

Flower masks with a generator of 32 bits of state from a key of 256 (`pseudo_rand_gen`): not a cipher. Ours uses
ChaCha20 with whole keys. Flower's vectors are random instead of masked, which takes the same time.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from bcfl_ref import kernels
from contest import Call, Contest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

CLIENTS, NEIGHBOURS, THRESHOLD, DROPPED = 100, 20, 11, 10
OWN, PAIR = bytes([1]) + bytes(11), bytes([2]) + bytes(11)
ELEMENT_BYTES = 7  # of a secret in one element of the field


@dataclass(frozen=True)
class Round:
    """Who is whose neighbour, and who is left."""

    neighbours: dict[int, list[int]]
    dropped: frozenset[int]

    @property
    def left(self) -> list[int]:
        return [client for client in range(CLIENTS) if client not in self.dropped]


def ring() -> Round:
    steps = [step for step in range(-NEIGHBOURS // 2, NEIGHBOURS // 2 + 1) if step]
    neighbours = {client: [(client + step) % CLIENTS for step in steps] for client in range(CLIENTS)}
    return Round(neighbours, frozenset(random.Random(7).sample(range(CLIENTS), DROPPED)))


# ---- ours


def elements(secret: bytes) -> np.ndarray:
    parts = [secret[start : start + ELEMENT_BYTES] for start in range(0, len(secret), ELEMENT_BYTES)]
    return np.array([int.from_bytes(part, "little") for part in parts], dtype=np.uint64)


def secret_of(numbers: np.ndarray) -> bytes:
    return b"".join(number.to_bytes(8, "little")[:ELEMENT_BYTES] for number in numbers.tolist())[:32]


def pair_key(private: X25519PrivateKey, public: bytes) -> bytes:
    return hashlib.sha256(private.exchange(X25519PublicKey.from_public_bytes(public))).digest()


class Ours:
    def __init__(self, plan: Round, size: int) -> None:
        self.plan = plan
        rng = random.Random(8)
        self.seeds = [rng.randbytes(32) for _ in range(CLIENTS)]
        self.privates = [X25519PrivateKey.from_private_bytes(rng.randbytes(32)) for _ in range(CLIENTS)]
        self.publics = [private.public_key().public_bytes_raw() for private in self.privates]
        self.shares: dict[int, list[np.ndarray]] = {}
        self.masked: dict[int, np.ndarray] = {}
        self.sum = np.zeros(size, dtype=np.uint32)
        numbers = np.random.default_rng(7)
        for client in range(CLIENTS):
            secret = self.privates[client].private_bytes_raw() if client in plan.dropped else self.seeds[client]
            self.shares[client] = kernels.shamir_share(
                elements(secret), THRESHOLD, NEIGHBOURS, hashlib.sha256(secret).digest()
            )
            if client in plan.dropped:
                continue
            vector = numbers.integers(0, 2**20, size, dtype=np.uint32)
            self.sum += vector
            masks = [(self.seeds[client], OWN, False)]
            for other in plan.neighbours[client]:
                masks.append((pair_key(self.privates[client], self.publics[other]), PAIR, client > other))
            self.masked[client] = kernels.mask_add_many(vector, masks)

    def rebuilt(self, client: int) -> bytes:
        """The secret of a client from what its neighbours that are left hold."""
        places = [place for place, other in enumerate(self.plan.neighbours[client]) if other not in self.plan.dropped]
        shares = [self.shares[client][place] for place in places]
        return secret_of(kernels.shamir_reconstruct(shares, places, THRESHOLD))

    def server(self) -> np.ndarray:
        total = np.zeros_like(self.sum)
        masks = []
        for client, vector in self.masked.items():
            total += vector
            masks.append((self.rebuilt(client), OWN, True))
        for client in sorted(self.plan.dropped):
            private = X25519PrivateKey.from_private_bytes(self.rebuilt(client))
            for other in self.plan.neighbours[client]:
                if other not in self.plan.dropped:
                    masks.append((pair_key(private, self.publics[other]), PAIR, other < client))
        return kernels.mask_add_many(total, masks)


# ---- Flower's functions, in the order of its workflow


class Flower:
    def __init__(self, plan: Round, size: int) -> None:
        from flwr.common.secure_aggregation.crypto import shamir, symmetric_encryption
        from flwr.common.secure_aggregation.ndarrays_arithmetic import (
            parameters_addition,
            parameters_mod,
            parameters_subtraction,
        )
        from flwr.common.secure_aggregation.secaggplus_utils import pseudo_rand_gen
        from flwr.supercore.primitives import asymmetric

        self.plan, self.size = plan, size
        self.combine, self.agree = shamir.combine_shares, symmetric_encryption.generate_shared_key
        self.add, self.mod, self.subtract = parameters_addition, parameters_mod, parameters_subtraction
        self.generate, self.asymmetric = pseudo_rand_gen, asymmetric
        numbers = np.random.default_rng(7)
        self.masked = [[numbers.integers(0, 2**32, size, dtype=np.int64)] for _ in plan.left]
        self.publics, self.shares = {}, {}
        rng = random.Random(8)
        for client in range(CLIENTS):
            private, public = asymmetric.generate_key_pairs()
            self.publics[client] = asymmetric.public_key_to_bytes(public)
            secret = asymmetric.private_key_to_bytes(private) if client in plan.dropped else rng.randbytes(32)
            self.shares[client] = shamir.create_shares(secret, THRESHOLD, NEIGHBOURS)

    def server(self) -> Any:
        left, modulus, shape = set(self.plan.left), 2**32, [(self.size,)]
        total = self.masked[0]
        for vector in self.masked[1:]:
            total = self.add(total, vector)
        total = self.mod(total, modulus)
        for client in range(CLIENTS):
            others = [other for other in self.plan.neighbours[client] if other in left]
            places = [place for place, other in enumerate(self.plan.neighbours[client]) if other in left]
            secret = self.combine([self.shares[client][place] for place in places])
            if client in left:
                total = self.subtract(total, self.generate(secret, modulus, shape))
                continue
            private = self.asymmetric.bytes_to_private_key(secret)
            for other in others:
                key = self.agree(private, self.asymmetric.bytes_to_public_key(self.publics[other]))
                change = self.add if client > other else self.subtract
                total = change(total, self.generate(key, modulus, shape))
        return self.mod(total, modulus)


def contest(size: int = 1_000_000) -> Contest:
    plan = ring()
    ours = Ours(plan, size)
    if not np.array_equal(ours.server(), ours.sum):
        raise AssertionError("the masks do not cancel")
    rivals: dict[str, Call] = {}
    with contextlib.suppress(ImportError):
        rivals["flwr SecAgg+"] = Flower(plan, size).server
    return Contest(
        "secure aggregation",
        f"server, {CLIENTS} clients, {DROPPED} dropped, d={size:.0e}",
        ours.server,
        rivals,
        bytes=4 * size * len(ours.masked),
        threads=True,
        variants=False,
    )
