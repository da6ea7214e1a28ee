"""The reference as a testee: answers the conformance runner's questions from the operations table.

`python -m bcfl_ref.operations.testee` is the reference itself. With `--variant NAME` it answers only operations
that have a kernel, with that kernel variant forced (`native`: the highest one of this machine), so that the
native core is judged by the same vectors; a kernel that the variant does not have is `unsupported`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import TextIO

from bcfl_ref import kernels
from bcfl_ref.errors import InvariantError, SpecError, UsageError
from bcfl_ref.operations import OPERATIONS
from bcfl_ref.operations._base import PROFILES, Json, Operation
from bcfl_ref.operations._shape import given

PROTOCOL = 1


def serve(
    about: Mapping[str, Json], answer: Callable[[str, Json], Json], requests: Iterable[str], replies: TextIO
) -> None:
    """Speak the protocol of `conformance/protocol.md` until stop: one JSON object a line, one answer a question."""
    for line in requests:
        message = _message(line)
        if message["type"] == "stop":
            return
        if message["type"] == "hello":
            reply = {"type": "hello", "protocol": PROTOCOL, **about}
        else:
            reply = {"id": message["id"], **answer(message["operation"], message["input"])}
        replies.write(json.dumps(reply, separators=(",", ":"), allow_nan=False) + "\n")
        replies.flush()


def _message(line: str) -> dict[str, Json]:
    """One message of the protocol; raises `UsageError` for any other line, which has no answer."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not one JSON object in a line: {error}") from None
    kind = message.get("type") if isinstance(message, dict) else None
    known = isinstance(kind, str) and kind in ("hello", "stop")
    if not known and (
        kind != "run" or type(message.get("id")) is not int or not {"operation", "input"} <= set(message)
    ):
        raise UsageError(f"not a message of protocol {PROTOCOL}: {line.strip():.80}")
    return dict(message)


def answerer(operations: Sequence[Operation], variant: str | None = None) -> Callable[[str, Json], Json]:
    """The function from operation and input to `{ok}`, `{error, detail}` or `{unsupported}`."""
    by_name = {operation.name: operation for operation in operations}

    def answer(name: str, data: Json) -> Json:
        operation = by_name.get(name) if isinstance(name, str) else None
        if operation is None:
            return {"unsupported": f"no operation {name}"}
        if variant is not None and kernels.kernel_table().get(operation.kernel or "", "python") == "python":
            return {"unsupported": f"variant {variant} has no kernel for {name}"}
        try:
            return {"ok": operation.run(given(data))}
        except SpecError as refusal:
            return {"error": refusal.code.value, "detail": refusal.detail}
        except InvariantError as broken:
            # No ledger reaches such a state, so the specification says nothing; a skipped case is no pass.
            return {"skipped": f"outside the specification: {broken}"}

    return answer


def about(name: str, operations: Sequence[str] = ("*",), profiles: Sequence[str] = PROFILES) -> dict[str, Json]:
    """What a testee written in Python says about itself."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    return {
        "name": name,
        "language": f"Python {version}",
        "operations": list(operations),
        "profiles": list(profiles),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve on stdin and stdout; gives the exit status."""
    parser = argparse.ArgumentParser(prog="bcfl_ref.operations.testee", description=__doc__.splitlines()[0])
    parser.add_argument("--variant", metavar="NAME", help="a kernel variant, or `native` for the highest")
    variant = parser.parse_args(arguments).variant
    if variant == "native":
        variant = kernels.available_variants()[-1]
    try:
        with nullcontext() if variant is None else kernels.use_variant(variant):
            described = about("bcfl_ref")
            if variant is not None:
                described = about(f"bcfl {variant}", [item.name for item in OPERATIONS if item.kernel is not None])
            serve(described, answerer(OPERATIONS, variant), sys.stdin, sys.stdout)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
