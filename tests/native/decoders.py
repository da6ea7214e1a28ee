"""A fuzzer of the reference's decoders: bytes and text from outside are decoded or refused with a named error.

    python -m native.decoders [--seconds N] [--rounds N] [--seed N]

Seeds are the encodings among the conformance vectors and an example of each message; mutations are the same at every
run with one seed. What is decoded must encode to the same bytes.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bcfl_ref import types
from bcfl_ref.application.config import parse_config
from bcfl_ref.encoding import decode, encode, from_json, to_json
from bcfl_ref.errors import SpecError, UsageError
from bcfl_ref.node.blobs import parse_blob_file
from bcfl_ref.node.log import HEADER, frames_of
from bcfl_ref.node.wire import (
    HeightBegun,
    ProposalMessage,
    RecordRequest,
    decode_message,
    decode_record,
    encode_message,
    encode_record,
)
from bcfl_ref.types import (
    Block,
    Body,
    Certificate,
    Container,
    Header,
    LedgerRecord,
    Proposal,
    SignedProposal,
    SignedVote,
    Vote,
)

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "conformance" / "vectors" / "types" / "decode.json"
SIZE_MAX = 4096
TELLING = (0, 1, 2, 4, 0x7F, 0x80, 0xFE, 0xFF)
HASH = bytes([3]) * 32
PROOF = Certificate(4, 1, HASH, (True, False, True), bytes(96))
BLOCK = Block(Header(5, 0, 2, HASH, HASH, HASH), Body(PROOF, bytes(96), ()))
VOTE = SignedVote(Vote(1, 5, 0, HASH), 3, bytes(96))
PROPOSAL = SignedProposal(Proposal(5, 0, 2**64 - 1, HASH), 2, bytes(96))


@dataclass(frozen=True)
class Decoder:
    """`run` decodes and checks that encoding again gives the same; it may raise `SpecError` and `UsageError` only."""

    name: str
    run: Callable[[bytes], None]
    seeds: list[bytes]


class Finding(Exception):
    """An input that a decoder neither took nor refused."""


def _must(condition: bool, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def _container(container: type[Container], data: bytes) -> None:
    value = decode(container, data)
    _must(encode(value) == data, "it encodes to other bytes")
    _must(from_json(container, to_json(value)) == value, "its JSON stands for another value")


def _wire(data: bytes) -> None:
    _must(encode_message(decode_message(data)) == data, "it encodes to other bytes")


def _journal(data: bytes) -> None:
    _must(encode_record(decode_record(data)) == data, "it encodes to other bytes")


def _log(data: bytes) -> None:
    frames = list(frames_of(io.BytesIO(data), len(data)))
    again = HEADER + b"".join(
        len(record).to_bytes(4, "little") + record for record in (encode(frame.record) for frame in frames)
    )
    _must(again == data, "its frames are other bytes")


def _blob(data: bytes) -> None:
    parse_blob_file(data[:32], data[32:])


def _json(data: bytes) -> None:
    """The name of a container up to the first line end, then JSON."""
    name, _, text = data.decode("utf-8", "replace").partition("\n")
    container = getattr(types, name, None)
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(container, type) and issubclass(container, Container):
        value = from_json(container, parsed)
        _must(from_json(container, to_json(value)) == value, "its JSON stands for another value")


def _config(data: bytes) -> None:
    parse_config(data.decode("utf-8", "replace"), "fuzzed")


def decoders() -> list[Decoder]:
    cases = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]
    by_container: dict[str, list[bytes]] = {}
    for case in cases:
        seed = bytes.fromhex(case["input"]["encoding"][2:])
        if len(seed) <= SIZE_MAX:
            by_container.setdefault(case["input"]["container"], []).append(seed)

    def of(container: type[Container]) -> Callable[[bytes], None]:
        return lambda data: _container(container, data)

    found = [Decoder(f"SSZ {name}", of(getattr(types, name)), seeds) for name, seeds in sorted(by_container.items())]
    record = LedgerRecord(BLOCK, PROOF)
    messages = [
        encode_message(message) for message in (ProposalMessage(PROPOSAL, BLOCK), VOTE, RecordRequest(7), record)
    ]
    framed = encode(record)
    found += [
        Decoder("wire", _wire, messages),
        Decoder("journal", _journal, [encode_record(HeightBegun(5)), encode_record(BLOCK)]),
        Decoder("log", _log, [HEADER, HEADER + 2 * (len(framed).to_bytes(4, "little") + framed)]),
        Decoder("blob file", _blob, [bytes(40), *_blob_files()]),
        Decoder("JSON", _json, [f"Block\n{json.dumps(to_json(BLOCK))}".encode(), b'Vote\n{"height": "1"}']),
        Decoder(
            "configuration", _config, [path.read_bytes()[:SIZE_MAX] for path in (ROOT / "examples").glob("*.toml")]
        ),
    ]
    return found


def _blob_files() -> Iterator[bytes]:
    from bcfl_ref.encoding import commit_blob, hash_tree_root

    data = bytes(range(8)) * 4
    blob = commit_blob(0, 0, HASH, data)
    commitment = encode(blob)
    yield hash_tree_root(blob) + len(commitment).to_bytes(4, "little") + commitment + data


def mutated(seeds: list[bytes], rng: random.Random) -> bytes:
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(data)) if data else 0
        match rng.randrange(7) if data else 4:
            case 0:
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                data[at] = rng.choice(TELLING)
            case 2:
                data[at] = (data[at] + rng.randint(-4, 4)) % 256
            case 3:
                data[at] = rng.randrange(256)
            case 4:
                data[at:at] = rng.randbytes(rng.randint(1, 8))
            case 5:
                del data[at : at + rng.randint(1, 8)]
            case _:
                other = rng.choice(seeds)
                data[at:] = other[rng.randrange(len(other) + 1) :]
    return bytes(data[:SIZE_MAX])


def attack(decoder: Decoder, data: bytes) -> bool:
    """True if the input was taken; raises `Finding` unless it was taken or refused by name."""
    try:
        decoder.run(data)
    except (SpecError, UsageError):
        return False
    except Exception as error:
        raise Finding(f"{decoder.name}: {type(error).__name__}: {error} for {data.hex()}") from error
    return True


def campaign(rounds: int, seed: int, seconds: float = 0) -> dict[str, tuple[int, int]]:
    """(inputs, inputs taken) of each decoder. With `seconds`, as many rounds as there is time for."""
    rng, counts = random.Random(seed), {}
    all_decoders = decoders()
    for decoder in all_decoders:
        taken = sum(attack(decoder, data) for data in decoder.seeds)
        end, done = time.monotonic() + seconds / len(all_decoders), 0
        while done < rounds if seconds == 0 else time.monotonic() < end:
            taken += attack(decoder, mutated(decoder.seeds, rng))
            done += 1
        counts[decoder.name] = (len(decoder.seeds) + done, taken)
    return counts


def main(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1000, help="mutations of each decoder")
    parser.add_argument("--seconds", type=float, default=0, help="time for all of them, instead of rounds")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    counts = campaign(options.rounds, options.seed, options.seconds)
    for name, (inputs, taken) in counts.items():
        print(f"{name}: {inputs} inputs, {taken} taken, the others refused by name")


if __name__ == "__main__":
    sys.exit(main())
