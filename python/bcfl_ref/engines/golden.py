"""The golden run: a whole task without a float, recorded once, whose head every machine must reach.

`python -m bcfl_ref.engines.golden FILE` records it again; a test runs it on every kernel variant and compares.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..application.config import parse_config
from ..application.workload import make_workload
from ..encoding import encode
from ..node.log import LOG_NAME, read_log
from .embedded import EmbeddedEngine

CONFIG = """
seed = 1
[trainer]
name = "integer"
[trainer.settings]
local_epochs = 1
[task]
rounds = 2
trainers = 4
[[adversaries]]
trainer = 3
kind = "sign-flip"
"""


def record_golden_run(directory: Path) -> dict[str, Any]:
    """Run the golden configuration in `directory` and give everything that a replay needs, as hex."""
    config = parse_config(CONFIG, "golden run")
    workload = make_workload(config)
    engine = EmbeddedEngine(config, directory, workload.layout, workload.initial(), workload)
    try:
        engine.run()
        blobs = {
            "0x" + root.hex(): {"blob": "0x" + encode(blob.blob).hex(), "data": "0x" + blob.data.hex()}
            for root, blob in engine.ledger.store.items()
        }
        return {
            "config": CONFIG,
            "genesis": "0x" + encode(engine.ledger.genesis).hex(),
            "records": ["0x" + encode(frame.record).hex() for frame in read_log(directory / LOG_NAME)],
            "blobs": blobs,
            "genesis_root": "0x" + engine.ledger.genesis_root.hex(),
            "head": "0x" + engine.ledger.last_root.hex(),
        }
    finally:
        engine.close()


def text_of(golden: dict[str, Any]) -> str:
    """The golden run as it is committed."""
    return json.dumps(golden, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        Path(sys.argv[1]).write_text(text_of(record_golden_run(Path(directory) / "run")), encoding="ascii")
