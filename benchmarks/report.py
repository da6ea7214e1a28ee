"""results.json as the table of docs/performance.md and as a plot.

python benchmarks/report.py [benchmarks/results.json]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from limits import LABELS

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
PLOT = HERE.parent / "docs" / "performance.png"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
Result = dict[str, Any]


def duration(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1 or unit == "us":
            return f"{seconds * factor:.3g} {unit}"
    raise AssertionError


def median(result: Result, name: str) -> float:
    return float(result["times"][name]["median"])


def ratios(result: Result) -> list[tuple[str, float]]:
    """(peer, how many times the kernel is faster), the best peer first."""
    ours = median(result, "ours")
    return sorted(((name, median(result, name) / ours) for name in result["peers"]), key=lambda pair: pair[1])


def fraction(result: Result, rates: dict[str, float]) -> float | None:
    """The share of the limit that the kernel reaches."""
    rate = rates.get(result["limit"])
    return None if not rate else result["work"] / median(result, "ours") / rate


def two_threads(result: Result) -> float | None:
    return (
        median(result, "ours") / median(result, "ours, 2 threads") if "ours, 2 threads" in result["times"] else None
    )


def line(result: Result, rates: dict[str, float]) -> str:
    rivals = ", ".join(f"{ratio:.2f} x {name}" for name, ratio in ratios(result))
    share = fraction(result, rates)
    limit = f", {share:.2f} of {result['limit']}" if share is not None else ""
    threads = two_threads(result)
    parallel = f", 2 threads {threads:.2f}" if threads is not None else ""
    return f"{result['kernel']} {result['case']}: {duration(median(result, 'ours'))}: {rivals}{limit}{parallel}"


def row(result: Result, rates: dict[str, float]) -> str:
    variants = ", ".join(
        f"{name.removeprefix('variant ')} {duration(median(result, name))}"
        for name in result["times"]
        if name.startswith("variant ")
    )
    rivals = "; ".join(f"**{ratio:.3g}** {name} ({duration(median(result, name))})" for name, ratio in ratios(result))
    share, threads = fraction(result, rates), two_threads(result)
    return " | ".join(
        (
            f"| {result['kernel']} {result['case']}",
            duration(median(result, "ours")),
            f"{result['bytes'] / median(result, 'ours') / 1e9:.3g}",
            rivals or "-",
            f"{share:.2f} of {result['limit']}" if share is not None else "-",
            f"{threads:.2f}" if threads is not None else "-",
            f"{variants or '-'} |",
        )
    )


def text(content: dict[str, Any]) -> str:
    """What stands between the marks of the page."""
    about, rates = content["machine"], content["limits"]
    big = [result for result in content["results"] if result["case"] != "call, 8 elements"]
    small = [result for result in content["results"] if result["case"] == "call, 8 elements"]
    packages = ", ".join(f"{name} {about[name]}" for name in ("numpy", "scipy", "flwr", "cryptography"))
    lines = [
        f"{about['processor']}, {about['cores']} cores, load {about['load before']:.1f} before and "
        f"{about['load after']:.1f} after the run of {about['minutes']} minutes; Python {about['python']}, "
        f"{about['openssl of hashlib']} in hashlib, {packages}. Medians.",
        "",
        "| limit of one thread | rate |",
        "|---|---|",
        *(f"| {name}: {LABELS[name]} | {rate / 1e9:.3g} G/s |" for name, rate in rates.items()),
        "",
        "| kernel and case | ours | GB/s | times faster than | of the limit | 2 threads | each variant |",
        "|---|---|---|---|---|---|---|",
        *(row(result, rates) for result in big),
        "",
        "Calls on eight elements (checks, choice of variant and binding included): "
        + ", ".join(f"`{result['kernel']}` {duration(median(result, 'ours'))}" for result in small)
        + ".",
        "",
        "![How many times faster than each peer, and the share of the limit](performance.png)",
    ]
    return "\n".join(lines)


def draw(content: dict[str, Any], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rates = content["limits"]
    rows = [result for result in content["results"] if result["peers"]]
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(12, 0.32 * len(rows) + 1.2), sharey=True, gridspec_kw={"width_ratios": [3, 1.3]}
    )
    names = sorted({name for result in rows for name in result["peers"]})
    colours = dict(zip(names, pyplot.get_cmap("tab20").colors, strict=False))
    for place, result in enumerate(rows):
        for name, ratio in ratios(result):
            left.plot(ratio, place, "o", color=colours[name], label=name)
        share = fraction(result, rates)
        if share is not None:
            right.barh(place, share, color="0.55", height=0.6)
    left.axvline(1, color="0.3", linewidth=0.8)
    left.set_xscale("log")
    left.set_xlabel("times faster than the peer")
    left.set_yticks(range(len(rows)), [f"{result['kernel']} {result['case']}" for result in rows], fontsize=8)
    left.set_ylim(len(rows) - 0.4, -0.6)
    left.grid(axis="x", alpha=0.3)
    handles = dict(zip(*reversed(left.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), fontsize=8, loc="upper center", ncol=6)
    left.xaxis.set_major_formatter(pyplot.FuncFormatter(lambda ratio, _: f"{ratio:g}"))
    right.set_xlim(0, 1.05)
    right.axvline(1, color="0.3", linewidth=0.8)
    right.set_xlabel("share of the limit of one thread")
    figure.tight_layout(rect=(0, 0, 1, 0.96))
    figure.savefig(path, dpi=110, metadata={"Software": None})
    pyplot.close(figure)


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "results.json"
    try:
        content = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"cannot read results from {source}: {error}") from error
    page = PAGE.read_text(encoding="utf-8")
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise SystemExit(f"{PAGE} does not hold the marks {BEGIN} and {END} once each")
    head, rest = page.split(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{text(content)}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    draw(content, PLOT)


if __name__ == "__main__":
    main()
