"""The conformance runner of BeFL: plays vectors to a testee over a pipe and reports what it answered.

Standard library only, and it never imports the reference: what it knows lies in the folder beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - the folder alone has no installer that asks
    sys.exit("bcfl_conformance needs Python 3.11 or later")

__version__ = "0.1.0"

#: The version of the messages in `protocol.md`; a testee must speak exactly this one.
PROTOCOL = 1

#: The folder that holds `vectors/`, `schemas/` and `manifest.json`.
SUITE = Path(__file__).resolve().parent.parent
