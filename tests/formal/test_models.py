"""The models by themselves: lint, manifest, values, exit codes, and one run of TLC of each kind (CON-014)."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from bcfl_ref.errors import UsageError
from bcfl_ref.formal import tlc
from bcfl_ref.formal.check import Report, check, jobs_of, judge, lint, mutate, perform, print_report
from bcfl_ref.formal.manifest import MANIFEST, canonical_text, load_manifest
from bcfl_ref.formal.modules import parse_module, read_modules
from bcfl_ref.formal.values import normal, parse, to_tla
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "spec" / "tla"

PLAIN = st.one_of(st.booleans(), st.integers(-99, 99), st.text('abc\\"xyz ', max_size=6))
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(lambda items: {"#set": items}),
        st.dictionaries(st.sampled_from(["op", "view", "root"]), inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of everything that the lint reads."""
    for part in ("spec", "python/bcfl_ref"):
        ignore = shutil.ignore_patterns("__pycache__", "*.so", "presets")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignore)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_models_have_no_holes() -> None:
    """Every property is listed and can be violated, every action has a name, prose and code agree."""
    assert lint(ROOT) == []


def test_every_mutant_changes_exactly_what_it_says() -> None:
    """The patterns of all mutants occur exactly once in their modules."""
    modules = read_modules(FOLDER)
    for mutant in load_manifest(FOLDER).mutants:
        assert mutate(modules[mutant.module].text, mutant) != modules[mutant.module].text


def test_every_refinement_is_checked() -> None:
    """Each part that a module is said to refine stands in a property that is checked and can be broken."""
    manifest = load_manifest(FOLDER)
    checked = {name for item in manifest.configurations if item.kind == "model" for name in item.properties}
    broken = {item.violates for item in (*manifest.configurations, *manifest.mutants)}
    found = set()
    for module in read_modules(FOLDER).values():
        for name, part in re.findall(r"^(\w+) == INSTANCE (\w+)", module.text, re.M):
            said = {item.name for item in module.section("Properties") if f"{name}!" in item.body}
            assert said & checked & broken, f"{module.name} instantiates {part}, and nothing checks {name}"
            found.add((module.name, part))
    parts = {part for whole, part in found if whole == "Round"}
    assert parts == {"RoundChain", "TaskLife", "SecAgg", "BlobLife"}
    assert {("Tendermint", "Consensus"), ("Task", "TaskLife"), ("Availability", "BlobLife")} <= found
    assert ("Ledger", "RoundChain") in found


def test_blocks_that_do_not_recompute_add_no_state() -> None:
    """What lets the directed searches of three views go without such a block: two views are the same with one."""
    manifest = load_manifest(FOLDER)
    without, beside = (manifest.configuration(f"tendermint-open-{blocks}-blocks") for blocks in ("valid", "any"))
    assert set(beside.constants["Blocks"]) - set(without.constants["Blocks"]) == {"x1"}
    assert replace(beside, id="", comment="", constants={**beside.constants, "Blocks": ["v1", "v2"]}) == replace(
        without, id="", comment=""
    )
    deep = manifest.configuration("tendermint-3-views")
    assert "x1" in deep.constants["Blocks"] and "x1" not in deep.constants["Valid"]


def test_the_manifest_is_in_its_one_layout() -> None:
    """Pinning rewrites the manifest in the layout that it has, so that only numbers change."""
    text = (FOLDER / MANIFEST).read_text(encoding="utf-8")
    assert canonical_text(json.loads(text)) == text


@given(VALUES)
def test_values_survive_their_text(value: object) -> None:
    """What is written as TLA+ is read back as the same value."""
    if value != {}:
        assert normal(parse(to_tla(value))) == normal(value)


def test_values_that_tlc_prints_are_read() -> None:
    """Functions, intervals, nested sets and negative numbers in TLC's own notation."""
    assert parse("(1 :> {0..1} @@ -2 :> <<TRUE, m1>>)") == {
        "#map": [[-2, [True, "m1"]], [1, {"#set": [{"#set": [0, 1]}]}]]
    }
    assert parse("<< >>") == []
    for wrong in ("{1", "1 2", "[a -> 1]", "#"):
        with pytest.raises(ValueError):
            parse(wrong)


def test_only_the_two_exit_codes_are_kills() -> None:
    """Anything but 12 and 13 is an error of the check, also where a violation was wanted."""
    modules = read_modules(FOLDER)
    jobs = {job.id: job for job in jobs_of(load_manifest(FOLDER), modules, "fast")}
    attack = jobs["tendermint-two-liars"]
    for code in (1, 10, 14, 75, 124, 150, 151, 255, -1, -9):
        assert judge(attack, tlc.Outcome(code, "Error: Invariant Agreement is violated.", 0.0))
    said = "Error: Invariant Validity is violated.\n9 states generated, 5 distinct states found, 1 left"
    assert "before Agreement" in judge(attack, tlc.Outcome(12, said, 0.0))
    assert judge(attack, tlc.Outcome(0, "", 0.0)) == "Agreement is not violated"


def test_a_module_that_cannot_be_parsed_is_an_error() -> None:
    """A broken module kills nothing."""
    outcome = tlc.run({"M.tla": "---- MODULE M ----\nInit == \n====\n"}, "M", "SPECIFICATION Spec\n")
    assert outcome.verdict is tlc.Verdict.ERROR


@pytest.mark.parametrize(
    "identity", ["availability", "availability-claim-believed", "live-never-stable", "ledger-never-torn"]
)
def test_tlc_finds_what_the_manifest_says(identity: str) -> None:
    """A model, a mutant, an attack on liveness and a witness show what is pinned, states and depth included."""
    jobs = {job.id: job for job in jobs_of(load_manifest(FOLDER), read_modules(FOLDER), "fast")}
    assert perform(jobs[identity]).problem == ""


def test_a_trial_run_changes_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that start from the classes of a trial run show the same; without a trial there are no options."""
    jobs = {job.id: job for job in jobs_of(load_manifest(FOLDER), read_modules(FOLDER), "fast")}
    trial = jobs["availability"]
    with tlc.started(trial.sources, trial.module, trial.configuration) as options:
        for identity in ("availability", "availability-claim-believed", "live-never-stable"):
            assert perform(jobs[identity], options).problem == ""
    (classes,) = options
    assert classes.startswith("-XX:AOTCache=") and not Path(classes.partition("=")[2]).exists()
    monkeypatch.setattr(tlc, "run", lambda *arguments, **options: tlc.Outcome(1, "", 0.0))
    with tlc.started(trial.sources, trial.module, trial.configuration) as none:
        assert none == ()


def test_a_changed_count_is_noticed() -> None:
    """A model with another number of states than pinned does not pass."""
    jobs = {job.id: job for job in jobs_of(load_manifest(FOLDER), read_modules(FOLDER), "fast")}
    result = perform(replace(jobs["availability-three-liars"], pins=(1, 1)))
    assert "the manifest says 1 of 1" in result.problem


def test_a_failure_is_told_step_by_step() -> None:
    """Whoever breaks a model sees the shortest path to the bad state, and nothing of the kind where all is well."""
    jobs = {job.id: job for job in jobs_of(load_manifest(FOLDER), read_modules(FOLDER), "fast")}
    attack = jobs["availability-three-liars"]
    results = tuple(perform(replace(job, kind="model", wanted=None)) for job in (jobs["availability"], attack))
    said = StringIO()
    print_report(Report(results, (), 0.0), Console(file=said, width=200))
    assert "Retrievable is violated" in said.getvalue() and "availability-three-liars how it" in said.getvalue()
    assert len(re.findall(r"^State \d+: <attest line", said.getvalue(), re.M)) == 3
    assert results[0].outcome.path == ""


def test_a_property_that_nobody_checks_is_reported(copy: Path) -> None:
    """A property without a configuration, an action without a name and a variable outside vars are holes."""
    change(copy / "spec/tla/Journal.tla", "\\* == Properties\n", "\\* == Properties\nForgotten == TRUE\n")
    change(copy / "spec/tla/Ledger.tla", "VARIABLES decided, ", "VARIABLES unused, decided, ")
    change(copy / "spec/tla/Evidence.tla", "convict == ", "punish == FALSE\nconvict == ")
    change(copy / "spec/tla/Evidence.tla", "        \\/ convict\n", "        \\/ convict \\/ punish\n")
    holes = "\n".join(lint(copy))
    assert "property Forgotten is in no configuration" in holes and "property Forgotten names no clause" in holes
    assert "variable unused is not in vars" in holes
    assert "action punish is no function" in holes


def test_a_property_that_nothing_breaks_is_reported(copy: Path) -> None:
    """A property without mutants, a module without witnesses and a model without counts are holes."""
    path = copy / "spec/tla" / MANIFEST
    data = json.loads(path.read_text(encoding="utf-8"))
    data["mutants"] = [item for item in data["mutants"] if item["violates"] != "RightOrFailed"]
    data["configurations"] = [item for item in data["configurations"] if item.get("violates") != "NeverForgets"]
    gone = {"NeverSpeaksAfterCrash", "NeverSecondHeight", "NeverRecovers"}
    data["configurations"] = [
        item for item in data["configurations"] if item["module"] != "MCJournal" or item.get("violates") not in gone
    ]
    data["configurations"][0]["distinct"] = None
    data["mutants"][0] |= {"distinct": 7, "depth": 0}
    path.write_text(canonical_text(data), encoding="utf-8")
    holes = lint(copy)
    assert "secagg-one: nothing is known to violate RightOrFailed" in holes
    assert "journal: no witness shows that MCJournal gets anywhere" in holes
    assert "MCJournal: witness NeverForgets is in no configuration" in holes
    assert "tendermint: distinct states and depth are not pinned" in holes
    assert any(hole.startswith(f"{data['mutants'][0]['id']}: where liveness fails") for hole in holes)


@pytest.mark.parametrize(
    ("file", "old", "new", "reported"),
    [
        (
            "spec/consensus.md",
            "4. the voter holds a seat, else `VOTE_SEAT`.",
            "4. the voter holds a seat.",
            "check_vote",
        ),
        ("spec/consensus.md", "Views below 4096 exist", "Views below 4095 exist", "VIEWS_MAX: model 4096"),
        ("spec/consensus.md", "a *quorum* if `3·w > 2·n`", "a *quorum* if `3·w ≥ 2·n`", "CON-006 does not say"),
        ("spec/tla/ConsensusStep.tla", "VIEWS_AHEAD_MAX == 64", "VIEWS_AHEAD_MAX == 65", "VIEWS_AHEAD_MAX: model 65"),
        ("spec/tla/Evidence.tla", "== 3 * seats > 2 *", "== 3 * seats >= 2 *", "the model says 3 * seats >= 2"),
        (
            "spec/tla/ConsensusStep.tla",
            '   <<"HEIGHT_DECIDED", s.phase # DECIDED>>,\n   <<"VERDICT_UNKNOWN"',
            '   <<"VERDICT_UNKNOWN"',
            "take_verdict",
        ),
        ("python/bcfl_ref/consensus/state.py", "VIEWS_AHEAD_MAX = 64", "VIEWS_AHEAD_MAX = 63", "code 63"),
        (
            "python/bcfl_ref/consensus/quorum.py",
            "return 3 * seats > 2 * total",
            "return 3 * seats >= 2 * total",
            "returns",
        ),
        ("python/bcfl_ref/consensus/votes.py", "Code.VOTE_KIND, f", "Code.VOTE_SEAT, f", "the code with"),
        ("spec/contract.md", "not have this role already, else `ALREADY_JOINED`", "not have it", "Task.Codes.join"),
        (
            "spec/privacy.md",
            "6. it dealt its shares, else `SHARES_UNSENT`;\n7. it is",
            "6. it is",
            "Codes.masked_input",
        ),
        ("spec/tla/Task.tla", '"BLOB_UNKNOWN", "SEAT_MISSING"', '"SEAT_MISSING", "BLOB_UNKNOWN"', "the model with"),
        ("spec/tla/Round.tla", '"GROUP_FAILED", "ALREADY_SHARED"', '"ALREADY_SHARED"', "Round.Codes.share_keys"),
        (
            "python/bcfl_ref/contract/secure.py",
            'Code.LIST_MISMATCH, f"',
            'Code.ALREADY_ANSWERED, f"',
            "Round.Codes.unmask",
        ),
    ],
)
def test_a_planted_disagreement_is_reported(copy: Path, file: str, old: str, new: str, reported: str) -> None:
    """A constant, a guard or a code that differs in prose, model or code is named."""
    change(copy / file, old, new)
    assert any(reported in hole for hole in lint(copy)), lint(copy)


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    """Whoever runs the check elsewhere is told so in one line."""
    with pytest.raises(UsageError, match="no checkout"):
        check(tmp_path, "fast", lambda done, total: None)


def test_sections_and_names_of_a_module_are_read() -> None:
    """Definitions, parameters, sections, variables and clauses are found; comments are not code."""
    module = parse_module(
        "---- MODULE M ----\n(* CON-001 Bad == 1 *)\nEXTENDS Naturals\nCONSTANTS A, B(_)\nVARIABLES x,  \\* 1\n  y\n"
        "vars == <<x, y>>\nstep(p, q) == x' = p\nNext == step(1, 2)\n\\* == Properties\nP == TRUE\n====\nQ == FALSE\n"
    )
    assert (module.constants, module.variables, module.clauses) == (("A", "B"), ("x", "y"), ("CON-001",))
    assert list(module.definitions) == ["vars", "step", "Next", "P"]
    assert module.actions() == ["step"]
    assert [definition.name for definition in module.section("Properties")] == ["P"]


@pytest.mark.timeout(900)
@pytest.mark.deep
def test_every_configuration_of_the_fast_tier() -> None:
    """All models hold, all attacks and mutants are found, all witnesses are reached, with the pinned counts."""
    report = check(ROOT, "fast", lambda done, total: None)
    assert [(result.job.id, result.problem) for result in report.results if result.problem] == []
