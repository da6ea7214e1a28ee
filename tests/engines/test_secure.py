"""PRV-040 and the secure modes of a run: heads, crashes, dropouts, and the account of what was seen."""

from __future__ import annotations

import functools
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from bcfl_ref import api, kernels
from bcfl_ref.application import metrics as account
from bcfl_ref.application.report import summary_table, write_report
from bcfl_ref.application.report.verdict import headline
from bcfl_ref.contract.rounds import UpdateStatus
from bcfl_ref.encoding import encode
from bcfl_ref.engines import embedded
from bcfl_ref.engines.costs import PARTS, formula_bytes, round_costs
from bcfl_ref.engines.observer import RunObserver
from bcfl_ref.engines.sweep import row_of
from bcfl_ref.infrastructure.blobs import blob_vector
from bcfl_ref.infrastructure.transactions import Kind
from bcfl_ref.node.assembly import sign_wishes
from bcfl_ref.node.duties import Owner, Wish
from bcfl_ref.node.verify import verify
from bcfl_ref.privacy.cost import client_bits
from bcfl_ref.types import SignedTransaction, State
from engines.runs import SMALL, finished, open_engine, workload_of
from engines.test_resume import Killed, Saboteur, let_go
from rich.console import Console

GROUPED = 'trainers = 6\nprivacy = "secure-grouped"\ngroups = 2\n'
SECURE_KINDS = {Kind.ADVERTISE_KEYS, Kind.SHARE_KEYS, Kind.MASKED_INPUT, Kind.UNMASK}
DEATHS = 10


def grouped(extra: str = "") -> str:
    """Six trainers in two groups, one round."""
    return GROUPED + extra


def config(extra: str) -> api.RunConfig:
    """The small configuration with another task."""
    return api.parse_config(SMALL.replace("trainers = 3\n", extra), "test")


@functools.cache
def uninterrupted() -> bytes:
    """The head of the grouped run."""
    with tempfile.TemporaryDirectory() as directory:
        return finished(config(grouped()), Path(directory) / "run")


# ---- one head


@pytest.mark.parametrize("variant", ["python", "portable", "best"])
def test_a_secure_run_has_one_head_on_every_variant(tmp_path: Path, variant: str) -> None:
    """Masks, shares, sums and training give the same ledger with twins, with plain C++ and with the best there is."""
    known = kernels.available_variants()
    chosen = known[-1] if variant == "best" else variant
    if chosen not in known:
        pytest.skip(f"{chosen} is not built here")
    with kernels.use_variant(chosen):
        assert kernels.active_variant() == chosen
        assert finished(config(grouped()), tmp_path / "run") == uninterrupted()


@contextmanager
def everything_said(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[tuple[int, int, int], set[bytes]]]:
    """Every transaction of secure rounds that anybody ever signed, by sender, kind and round, over all lives."""
    said: dict[tuple[int, int, int], set[bytes]] = {}

    def signing(owner: Owner, state: State, wishes: list[Wish]) -> list[SignedTransaction]:
        for kind, payload in wishes:
            if kind in SECURE_KINDS:
                said.setdefault((owner.index, kind, payload.round), set()).add(encode(payload))  # type: ignore[attr-defined]
        return sign_wishes(owner, state, wishes)

    monkeypatch.setattr(embedded, "sign_wishes", signing)
    yield said


def test_killed_at_random_points_a_secure_run_says_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it dies, its head is the uninterrupted one and no member says one step in two ways."""
    expected = uninterrupted()
    saboteur, chance, deaths = Saboteur(monkeypatch), random.Random(5), 0
    with everything_said(monkeypatch) as said:
        for _ in range(5 * DEATHS):
            if deaths < DEATHS:
                saboteur.arm(chance.randint(10, 90), chance.choice(["before", "after", "half"]))
            engine = None
            try:
                engine = open_engine(config(grouped()), tmp_path / "run")
                engine.run()
                break
            except Killed:
                deaths += 1
            finally:
                let_go(tmp_path / "run")
    assert deaths == DEATHS
    assert verify(tmp_path / "run").head == expected
    assert len(said) == 6 * len(SECURE_KINDS) and all(len(payloads) == 1 for payloads in said.values())


# ---- what is seen


@functools.cache
def dropping_run() -> tuple[account.Metrics, RunObserver, dict[bytes, object]]:
    """Three rounds of one group of six in which a quarter of the trainers drop out, with its observer and blobs."""
    with tempfile.TemporaryDirectory() as directory:
        chosen = config('trainers = 6\nprivacy = "secure"\nthreshold = 2\n[dropouts]\nshare_bps = 2500\n')
        chosen = chosen.model_copy(update={"task": chosen.task.model_copy(update={"rounds": 3})})
        path = Path(directory) / "run"
        metrics = api.run(chosen, path, baselines=False).metrics
        observer = RunObserver()
        engine = open_engine(chosen, path, observer)
        try:
            blobs = dict(engine.ledger.store.items())
            assert verify(path).unnamed_blobs == ()
        finally:
            engine.close()
        return metrics, observer, blobs  # type: ignore[return-value]


def test_dropouts_are_where_the_configuration_says() -> None:
    """Every trainer is lost at the step that the seeded stream says, in every round in which its group opened."""
    metrics, _, _ = dropping_run()
    workload = workload_of(api.RunConfig.model_validate_json(metrics.config, strict=False))
    trainers = [p.index for p in metrics.participants if "trainer" in p.roles]
    lost_somewhere = 0
    for round_ in metrics.rounds:
        (group,) = round_.groups
        for position, trainer in enumerate(trainers):
            steps = workload.last_step(position, round_.number)
            missed = next((step for step, who in group.lost.items() if trainer in who), None)
            if group.standing == "opened":
                assert missed == (None if steps == 4 else ("keys", "shares", "input", "unmask")[steps])
            lost_somewhere += missed is not None
    assert lost_somewhere > 0 and any(round_.groups[0].standing == "opened" for round_ in metrics.rounds)


def test_the_account_of_a_secure_run_agrees_with_its_ledger() -> None:
    """Groups instead of updates; survivors, samples and payouts are those of the ledger."""
    metrics, observer, _ = dropping_run()
    assert metrics.secure is not None and metrics.secure.groups == 1 and metrics.secure.ring == 32
    for round_, seen in zip(metrics.rounds, observer.rounds, strict=True):
        (group,) = round_.groups
        assert round_.updates == () and group.trainers == seen.groups[0]
        survivors = tuple(m.trainer for m in seen.secure.members if m.step == 3)
        assert group.survivors == survivors
        assert (group.standing == "opened") == (
            UpdateStatus.ELIGIBLE.name.lower() in {u.status for u in seen.updates}
        )
    assert metrics.money.conserved and sum(p.earned for p in metrics.participants) == sum(
        r.paid for r in metrics.rounds
    )


def test_no_update_is_on_the_ledger() -> None:
    """Blobs of a secure run are models and masked words; what is masked looks nothing like an update."""
    _, _, blobs = dropping_run()
    kinds = {blob.blob.kind for blob in blobs.values()}  # type: ignore[attr-defined]
    assert kinds == {1, 3}
    for blob in blobs.values():
        if blob.blob.kind == 3:  # type: ignore[attr-defined]
            # Numbers of 21 bits times small weights would nearly all be near 0 in the ring; uniform words are not.
            words = abs(blob_vector(replace(blob, blob=replace(blob.blob, element=0))).astype("int64"))  # type: ignore[type-var, attr-defined]
            assert (words > 2**27).mean() > 0.8


def test_counted_bytes_are_those_of_the_log() -> None:
    """What a trainer sent is the sum of its signed transactions and blob; nothing is sent by who took no step."""
    metrics, observer, blobs = dropping_run()
    costs = [cost for seen in observer.rounds for cost in round_costs(seen, blobs)]  # type: ignore[arg-type]
    assert metrics.secure is not None and len(costs) == metrics.secure.trainers > 0
    for cost in costs:
        assert cost.read["keys"] == (cost.members - 1) * cost.sent["keys"] > (cost.members - 1) * 64
        assert cost.sent["input"] > 4 * 651 and cost.read["input"] == 0
        assert cost.sent["shares"] > (cost.members - 1) * (64 + 96)
    assert [part.part for part in metrics.secure.costs] == list(PARTS)


@pytest.mark.parametrize(("members", "coordinates"), [(4, 650), (100, 10**6), (2, 1)])
def test_the_parts_of_the_formula_add_up(members: int, coordinates: int) -> None:
    """Keys, shares and input are what the formula gives as a whole, up to rounding to bytes."""
    whole = client_bits(members, coordinates)
    assert 0 <= 8 * sum(formula_bytes(members, coordinates).values()) - whole < 24


def test_a_report_of_a_secure_run_says_what_was_shown(tmp_path: Path) -> None:
    """The page has the groups, what was shown to whom and the bytes beside the formula; the table counts sums."""
    metrics, _, _ = dropping_run()
    write_report(metrics, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for title in ("Groups by round", "What was shown to whom", "Bytes of the protocol", "Updates are masked"):
        assert title in page
    assert "Updates by round" not in page
    console = Console(file=StringIO(), width=120)
    console.print(summary_table(metrics))
    assert "honest sums rejected" in console.file.getvalue()  # type: ignore[attr-defined]
    row = row_of(metrics)
    opened = sum(group.standing == "opened" for round_ in metrics.rounds for group in round_.groups)
    assert (row["poisoned_groups"], row["groups_failed"]) == (0, len(metrics.rounds) - opened)


def test_an_adversary_taints_the_sum_of_its_group(tmp_path: Path) -> None:
    """A poisoner's group is counted as poisoned, and the other one is not."""
    text = grouped('[[adversaries]]\ntrainer = 0\nkind = "sign-flip"\n')
    metrics = api.run(config(text), tmp_path / "run", baselines=False, report=False).metrics
    poisoner = next(p.index for p in metrics.participants if p.adversary)
    counts = account.tallies(metrics)
    assert (counts.poison_sent, counts.honest_sent) == (1, 1)
    (tainted,) = [group for group in metrics.rounds[0].groups if poisoner in group.survivors]
    assert counts.poison_accepted == tainted.accepted and row_of(metrics)["poisoned_groups"] == 1
    assert f"{counts.poison_accepted} of 1 sums with an adversary" in headline(metrics)


def test_noise_is_charged_each_round(tmp_path: Path) -> None:
    """A task with noise spends the same in every round, weighs everybody alike, and reports its budget."""
    noise = "noise = {clip_bound = 100000, sigma = 500, colluders = 1, budget = 1e6}\n"
    metrics = api.run(
        config(f'trainers = 4\nprivacy = "secure"\n{noise}'), tmp_path / "run", baselines=False, report=False
    ).metrics
    assert metrics.noise is not None and metrics.secure is not None and metrics.secure.ring == 64
    (spent,) = metrics.noise.spent
    assert 0 < spent < metrics.noise.budget == 10**6 * 2**40
    assert metrics.noise.sigma == 500 and metrics.rounds[0].groups[0].samples == 4
