"""The vectors of the kernels, answered by a compiled module that lies in a build folder, under every variant.

    python cpp/tests/vectors.py build/sanitize-module

For builds with sanitizers (`make sanitize`): they end this program where something is wrong.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = "bcfl_ref.kernels._native"


def take(folder: Path) -> None:
    """Let the package find this module instead of the installed one."""
    path = next(path for path in folder.rglob("_native*") if path.suffix in (".so", ".pyd"))
    loader = importlib.machinery.ExtensionFileLoader(NAME, str(path))
    spec = importlib.util.spec_from_loader(NAME, loader)
    if spec is None:
        raise SystemExit(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    sys.modules[NAME] = module


def main() -> None:
    take(Path(sys.argv[1]))
    from bcfl_ref import kernels
    from bcfl_ref.errors import SpecError
    from bcfl_ref.operations import OPERATIONS

    runs = {operation.name: operation.run for operation in OPERATIONS}
    asked = 0
    for path in sorted((ROOT / "conformance" / "vectors" / "kernels").glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        for case in content["cases"]:
            for variant in kernels.available_variants()[1:]:
                for threads in (1, 3):
                    with kernels.use_variant(variant), kernels.use_threads(threads):
                        try:
                            answer = {"ok": runs[content["operation"]](case["input"])}
                        except SpecError as refusal:
                            answer = {"error": refusal.code.value}
                    if answer != case["expect"]:
                        raise SystemExit(f"{case['id']} under {variant}: {answer}, expected {case['expect']}")
                    asked += 1
    if asked == 0:
        raise SystemExit("no vector, or no native variant")
    print(f"{asked} answers right")


if __name__ == "__main__":
    main()
