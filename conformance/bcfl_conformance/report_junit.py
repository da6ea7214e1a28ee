"""The report as JUnit XML, for build servers: one suite a layer, one test a case."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from bcfl_conformance.verdict import Line, Report

#: Characters XML 1.0 cannot carry.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(report: Report) -> str:
    """The report as one XML document."""
    root = ElementTree.Element("testsuites", name=_clean(f"BeFL conformance of {report.outcome.testee.name}"))
    layers: dict[str, list[Line]] = {}
    for line in report.lines:
        layers.setdefault(line.result.case.layer, []).append(line)
    for layer, lines in layers.items():
        suite = ElementTree.SubElement(root, "testsuite", name=layer, tests=str(len(lines)))
        counts = {"failures": 0, "errors": 0, "skipped": 0}
        for line in lines:
            counted = _case(suite, line)
            if counted is not None:
                counts[counted] += 1
        for name, count in counts.items():
            suite.set(name, str(count))
    if report.problems:
        suite = ElementTree.SubElement(root, "testsuite", name="harness", tests="1", errors="1", failures="0")
        case = ElementTree.SubElement(suite, "testcase", classname="harness", name="harness")
        ElementTree.SubElement(case, "error", message=_clean("; ".join(report.problems)))
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, line: Line) -> str | None:
    result = line.result
    element = ElementTree.SubElement(
        suite,
        "testcase",
        classname=result.case.operation,
        name=result.case.id,
        time=f"{result.seconds:.6f}",
    )
    reason = _clean(result.reason)
    if not line.ok:
        kind = "failures" if result.status in ("failed", "passed") else "errors"
        if line.unexpected_pass:
            reason = "passed, but is listed as an expected failure"
        broken = ElementTree.SubElement(element, kind[:-1], message=reason, type=result.status)
        hunted = f"\nhunts: {result.case.bug}" if result.case.bug else ""
        broken.text = _clean(f"clauses: {', '.join(result.case.clauses)}{hunted}")
        if result.stderr:
            ElementTree.SubElement(element, "system-err").text = _clean(result.stderr)
        return kind
    if result.status != "passed":
        excuse = f"expected failure: {line.expected.why}" if line.expected is not None else reason
        ElementTree.SubElement(element, "skipped", message=_clean(excuse))
        return "skipped"
    return None


def _clean(value: str) -> str:
    return _FORBIDDEN.sub("�", value)
