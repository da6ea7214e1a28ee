"""The messages of `protocol.md`: written and read here, and nowhere else.

A line that is not exactly one well-formed answer is a `Fault`, never a guess at what was meant.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import Any

from bcfl_conformance import PROTOCOL, schema

#: No message of any testee has a reason to be nested deeper; inputs are at most half as deep.
DEPTH_MAX = 128

_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*"')
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Fault(Exception):
    """The testee broke the protocol; the text says how."""


@dataclass(frozen=True)
class Testee:
    """What a testee said about itself in its hello."""

    name: str
    operations: tuple[str, ...]
    profiles: tuple[str, ...]
    version: str = ""
    language: str = ""
    link: str = ""

    def offers(self, operation: str, profile: str) -> bool:
        """Whether it wants to be asked about `operation` of `profile`."""
        return profile in self.profiles and any(fnmatchcase(operation, name) for name in self.operations)


@dataclass(frozen=True)
class Answer:
    """One answer to a run: `kind` is ok, error, skipped or unsupported, `value` what came with it."""

    id: int
    kind: str
    value: Any
    detail: str = ""


def hello(suite_digest: str) -> bytes:
    """The first message to a testee."""
    return _line({"type": "hello", "protocol": PROTOCOL, "suite": suite_digest})


def run(identity: int, operation: str, data: Any) -> bytes:
    """The question about one case."""
    return _line({"type": "run", "id": identity, "operation": operation, "input": data})


def stop() -> bytes:
    """The last message; the testee answers by ending with exit status 0."""
    return _line({"type": "stop"})


def read_hello(line: bytes) -> Testee:
    """The testee's answer to hello."""
    message = _message(line, "hello_answer")
    if message["protocol"] != PROTOCOL:
        raise Fault(f"speaks protocol {message['protocol']}, this runner speaks {PROTOCOL}")
    return Testee(
        name=message["name"],
        operations=tuple(message["operations"]),
        profiles=tuple(message["profiles"]),
        version=message.get("version", ""),
        language=message.get("language", ""),
        link=message.get("link", ""),
    )


def read_answer(line: bytes) -> Answer:
    """The testee's answer to a run."""
    message = _message(line, "run_answer")
    kind = next(name for name in ("ok", "error", "skipped", "unsupported") if name in message)
    return Answer(message["id"], kind, message[kind], message.get("detail") or message.get("link", ""))


def read_json(text: str | bytes) -> Any:
    """JSON without its loopholes: no key twice, no NaN or infinity."""
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_constant)


def excerpt(line: bytes, limit: int = 120) -> str:
    """The beginning of a line, safe to print."""
    text = ascii(line[:limit].decode("utf-8", "replace"))
    return text + ("…" if len(line) > limit else "")


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _message(line: bytes, definition: str) -> Any:
    if _depth(line) > DEPTH_MAX:
        raise Fault(f"nested deeper than {DEPTH_MAX}: {excerpt(line)}")
    try:
        message = read_json(line.decode("utf-8"))
        if b"\\ud" in line.lower():  # half of a surrogate pair is no character, and fits into no file
            json.dumps(message, ensure_ascii=False).encode("utf-8")
    except ValueError as error:
        raise Fault(f"not one JSON object in a line ({error}): {excerpt(line)}") from None
    problem = schema.problem(message, "protocol", definition)
    if problem is not None:
        raise Fault(f"not a {definition.replace('_', ' ')}: {problem}")
    return message


def _depth(line: bytes) -> int:
    """How deep a line is nested, found without recursion.

    Python's reader of JSON recurses as deep as the line says: to a limit that any package may raise, and then until
    the stack ends.
    """
    brackets = _STRING.sub(b"", line).translate(None, delete=_NO_BRACKETS)
    return max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets), default=0)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a key twice")
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
