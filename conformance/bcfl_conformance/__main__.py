"""The command line of the runner: `python -m bcfl_conformance --testee "CMD"`.

Exit status 0: the testee conforms in what it was asked. 1: it does not. 2: nothing could be judged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bcfl_conformance import (
    SUITE,
    __version__,
    clauses,
    report_html,
    report_json,
    report_junit,
    report_terminal,
    session,
)
from bcfl_conformance.command import CommandError, Parser, command_of, natural, positive, safe_output, seconds
from bcfl_conformance.suite import Case, Filter, SuiteError, load
from bcfl_conformance.verdict import ListError, Report, assemble, read_list


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the suite as the arguments say; gives the exit status."""
    options = _parser().parse_args(arguments)
    safe_output()
    try:
        return _run(options)
    except (SuiteError, ListError, CommandError, session.HarnessError, OSError) as error:
        print(f"bcfl_conformance: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    suite = load(options.suite)
    expected = read_list(options.expected_failures) if options.expected_failures else ()
    chosen = _filter(options)
    cases = chosen.select(suite.cases)
    if options.smoke:
        cases = _smoke(cases)
    if not cases:
        raise SuiteError("no case fits the filters")
    if options.list:
        for case in cases:
            print(f"{case.id}\t{case.operation}\t{','.join(case.clauses)}\t{case.comment}")
        return 0
    if not options.testee:
        raise SuiteError("--testee says which program to ask")
    for path in _targets(options):  # before the run, not after it
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder, not the name of a report")
    settings = session.Settings(
        command=command_of(options.testee),
        suite_digest=suite.digest,
        case_seconds=options.time_limit,
        restarts=options.restarts,
        workers=options.workers,
    )
    progress = None if options.quiet else report_terminal.Progress(len(cases))
    outcome = session.play(settings, cases, progress)
    report = assemble(
        suite,
        outcome,
        expected,
        whole=chosen.empty and not options.smoke,
        smoke=options.smoke,
        optional=options.optional,
    )
    sys.stdout.write(report_terminal.text(report))
    _write(report, options)
    return 0 if report.ok else 1


def _targets(options: argparse.Namespace) -> list[Path]:
    """The files that the run is to write."""
    named = (options.json, options.junit, options.html, options.badge, *(options.report or ()))
    return [path for path in named if path is not None]


def _write(report: Report, options: argparse.Namespace) -> None:
    texts: tuple[tuple[Path | None, Callable[[], str]], ...] = (
        (options.json, lambda: report_json.text(report, options.testee)),
        (options.junit, lambda: report_junit.text(report)),
        (options.html, lambda: report_html.text(report, clauses.read(options.spec))),
        (options.badge, lambda: report_json.badge(report)),
    )
    by_suffix = {".json": texts[0][1], ".xml": texts[1][1], ".html": texts[2][1]}
    named = tuple((path, by_suffix[path.suffix]) for path in options.report or ())
    for path, text in (*texts, *named):
        if path is not None:
            path.write_text(text(), encoding="utf-8", newline="\n")


def _smoke(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The first accepted and the first refused case of each operation."""
    found: dict[tuple[str, bool], Case] = {}
    for case in cases:
        found.setdefault((case.operation, "error" in case.expect), case)
    return tuple(found.values())


def _filter(options: argparse.Namespace) -> Filter:
    names = ("layers", "operations", "clauses", "flags", "cases", "profiles")
    return Filter(**{name: tuple(getattr(options, name[:-1]) or ()) for name in names})


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="bcfl_conformance", description="Play the BeFL conformance vectors to a testee.")
    parser.add_argument("--testee", metavar="CMD", help="the program to ask, or a folder with testee.toml")
    parser.add_argument("--suite", type=Path, default=SUITE, metavar="DIR", help="folder of manifest.json")
    parser.add_argument("--spec", type=Path, default=SUITE.parent / "spec", metavar="DIR", help="for the page")
    for name, example in (
        ("layer", "aggregation"),
        ("operation", "'types.*'"),
        ("clause", "AGG-003"),
        ("flag", "Rounding"),
        ("case", "'agg-*'"),
        ("profile", "core"),
    ):
        parser.add_argument(f"--{name}", action="append", metavar="PATTERN", help=f"only these, e.g. {example}")
    parser.add_argument("--expected-failures", type=Path, metavar="FILE", help="lines `case-id: why`")
    parser.add_argument("--smoke", action="store_true", help="judge the testee's manners, not its answers")
    parser.add_argument("--optional", action="store_true", help="no failure if everything is unsupported")
    parser.add_argument("--list", action="store_true", help="print the chosen cases and play none")
    parser.add_argument("--time-limit", type=seconds, default=session.CASE_SECONDS, metavar="SECONDS")
    parser.add_argument("--restarts", type=natural, default=session.RESTARTS, metavar="N", help="before giving up")
    parser.add_argument("--workers", type=positive, default=1, metavar="N", help="children at a time")
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    for name in ("json", "junit", "html", "badge"):
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write the {name} report there")
    parser.add_argument(
        "--report",
        type=_report_path,
        action="append",
        metavar="FILE",
        help="write a report of the kind that the suffix says: .json, .xml (JUnit) or .html",
    )
    parser.add_argument("--version", action="version", version=__version__)
    return parser


def _report_path(text: str) -> Path:
    path = Path(text)
    if path.suffix not in (".json", ".xml", ".html"):
        raise argparse.ArgumentTypeError("the suffix must be .json, .xml or .html")
    return path


if __name__ == "__main__":
    sys.exit(main())
