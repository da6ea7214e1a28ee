"""Cases of the operations on the files of a ledger (INF-010, INF-013)."""

from __future__ import annotations

from collections.abc import Iterator

from bcfl_ref import encoding, types
from bcfl_ref.operations._base import Case
from bcfl_ref.operations.cases.types import stream

_HEADER = b"BeFL-log" + (1).to_bytes(4, "little")


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _frame(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


def _record(height: int) -> bytes:
    """A record without transactions; reading a log asks for its form only."""
    empty = types.Certificate(0, 0, bytes(32), (), bytes(96))
    body = types.Body(empty, stream(f"reveal {height}", 96), ())
    header = types.Header(height, 0, 1, stream(f"parent {height}", 32), bytes(32), encoding.hash_tree_root(body))
    own = types.Certificate(height, 0, encoding.hash_tree_root(header), (True,) * 4, stream(f"s {height}", 96))
    return encoding.encode(types.LedgerRecord(types.Block(header, body), own))


def _log_cases() -> Iterator[Case]:
    operation = "infrastructure.read_log"
    first, second = _record(1), _record(2)
    whole = _HEADER + _frame(first) + _frame(second)
    accepted = {
        "empty": (_HEADER, "a log without a block"),
        "one": (_HEADER + _frame(first), "one block"),
        "two": (whole, "two blocks"),
    }
    for name, (log, comment) in accepted.items():
        yield Case(operation, f"infrastructure-log-{name}", comment, {"log": _hex(log)})
    refused: dict[str, tuple[bytes, str, str]] = {
        "nothing": (b"", "an empty file", "takes no file for an empty log"),
        "short-header": (_HEADER[:-1], "a header cut short", "pads the header"),
        "magic": (b"befl" + whole[4:], "another magic", "does not compare the magic"),
        "version": (whole[:8] + b"\2" + whole[9:], "another version", "does not compare the version"),
        "version-large": (whole[:11] + b"\1" + whole[12:], "the last byte of the version", "reads one byte of it"),
        "torn-length": (whole + b"\1\0", "two bytes of a length", "ignores what is no frame"),
        "torn-record": (whole[:-1], "the last byte is missing", "drops a torn frame when verifying"),
        "slack": (whole + b"\0", "a byte behind the last frame", "ignores what is no frame"),
        "zero": (whole + bytes(4), "a frame of length zero", "skips empty frames"),
        "zeroes": (whole + bytes(64), "what a crash may leave on some systems", "skips zero bytes"),
        "length-max": (whole + (2**30 + 1).to_bytes(4, "little"), "a length beyond 2^30", "allocates it"),
        "length-sign": (whole + b"\xff" * 4, "the largest length", "reads it as -1"),
        "torn-max": (whole + (2**30).to_bytes(4, "little"), "2^30 is allowed, but not there", "allocates it"),
        "longer": (_HEADER + _frame(first + b"\0"), "a byte of slack in a frame", "decodes leniently"),
        "shorter": (_HEADER + _frame(first[:-1] + b""), "a record cut within its frame", "decodes leniently"),
        "junk": (whole + _frame(b"\0"), "a frame that holds no record", "skips what it cannot decode"),
    }
    for name, (log, comment, bug) in refused.items():
        given = {"log": _hex(log)}
        yield Case(operation, f"infrastructure-log-{name}", comment, given, bug=bug, twin="infrastructure-log-two")


def _blob_file_cases() -> Iterator[Case]:
    operation = "infrastructure.read_blob_file"
    data = stream("data", 4096 + 8)
    blob = encoding.commit_blob(2, 0, stream("layout", 32), data)
    root, commitment = _hex(encoding.hash_tree_root(blob)), encoding.encode(blob)
    whole = _frame(commitment) + data
    begin = len(whole) - len(data)
    twin = "infrastructure-blob-file"

    def given(content: bytes) -> dict[str, str]:
        return {"root": root, "content": _hex(content)}

    yield Case(operation, twin, "two chunks", given(whole))
    flipped = bytearray(whole)
    flipped[begin + 4096] ^= 1
    refused: dict[str, tuple[bytes, str, str]] = {
        "nothing": (b"", "an empty file", "takes no file for an empty blob"),
        "length": (whole[:3], "the length is cut", "pads the length"),
        "length-large": (b"\xff" * 4 + whole[4:], "a length beyond the file", "allocates it"),
        "cut": (whole[: begin - 1], "the commitment is cut", "reads what is there"),
        "slack": (
            (len(commitment) + 1).to_bytes(4, "little") + commitment + b"\0" + data,
            "a slack byte in the commitment",
            "ignores what follows",
        ),
        "kind": (_frame(b"\1" + commitment[1:]) + data, "another kind", "does not compare the root with the name"),
        "no-data": (whole[:begin], "no data", "compares nothing"),
        "odd": (whole[:-1], "half a coordinate", "compares whole chunks only"),
        "short": (whole[:-4], "a coordinate less", "compares what is there"),
        "long": (whole + bytes(4), "a coordinate more", "ignores what follows"),
        "flip": (bytes(flipped), "one bit of the second chunk", "checks the first chunk only"),
    }
    for name, (content, comment, bug) in refused.items():
        yield Case(operation, f"{twin}-{name}", comment, given(content), bug=bug, twin=twin)
    other = {"root": _hex(bytes(32)), "content": _hex(whole)}
    comment = "a whole and valid blob under another name"
    yield Case(operation, f"{twin}-name", comment, other, bug="does not compare the root with the name", twin=twin)


CASES: tuple[Case, ...] = (*_log_cases(), *_blob_file_cases())
