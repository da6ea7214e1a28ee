"""`bcfl verify`: replay a ledger from its genesis and say what was proved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ..errors import Code, UsageError
from ..node.log import LogError
from ..node.verify import Offence, Verification, verify
from .progress import progress_bar


def verify_command(
    directory: Annotated[Path, typer.Argument(help="A directory that `bcfl run` wrote; private/ is not needed.")],
    genesis: Annotated[str | None, typer.Option(help="The genesis root that the ledger must have (hex).")] = None,
    head: Annotated[str | None, typer.Option(help="The head that the ledger must end in (hex).")] = None,
) -> int:
    """Replay a ledger: exit 0 when everything holds, 1 with the first offence otherwise."""
    console = Console()
    pins = (_root("--genesis", genesis), _root("--head", head))
    try:
        with progress_bar("replaying") as advance:
            result = verify(directory, *pins, progress=advance)
    except Offence as offence:
        console.print(f"[red]INVALID[/red] {escape(str(offence))}", soft_wrap=True, highlight=False)
        if isinstance(offence.error, LogError) and offence.error.code is Code.LOG_FRAME_TORN:
            console.print(
                "  a run that was killed may leave this; `bcfl run` cuts it off and continues", soft_wrap=True
            )
        return 1
    _print(console, result, pinned=(genesis is not None, head is not None))
    return 0


def _root(option: str, text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        root = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raise UsageError(f"{option}: {text!r} is no hexadecimal root") from None
    if len(root) != 32:
        raise UsageError(f"{option}: a root has 32 bytes, not {len(root)}")
    return root


def _print(console: Console, result: Verification, pinned: tuple[bool, bool]) -> None:
    console.print(
        f"[green]VALID[/green] {result.height} blocks, {result.transactions} transactions, "
        f"{result.aggregates} aggregates, {result.blobs} blobs",
        highlight=False,
    )
    for name, root, was_pinned in (("genesis", result.genesis_root, pinned[0]), ("head", result.head, pinned[1])):
        note = "pinned" if was_pinned else "not pinned"
        console.print(f"  {name:8}{root.hex()}  {note}", soft_wrap=True, highlight=False)
    for name in result.extensions:
        console.print(f"[yellow]  outside the specification:[/yellow] {escape(name)}", highlight=False)
    console.print("Proved:", highlight=False)
    for line in result.proved:
        console.print(f"  + {line}", highlight=False, soft_wrap=True)
    console.print("Not proved, and not provable from a ledger:", highlight=False)
    for line in result.not_proved:
        console.print(f"  - {line}", highlight=False, soft_wrap=True)
    if result.unnamed_blobs:
        count = len(result.unnamed_blobs)
        console.print(f"  note: {count} intact blobs that the ledger does not name", highlight=False)
