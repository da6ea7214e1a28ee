"""What a run tells about itself: the schema of `metrics.json`, which the report is made from.

Keys of the document (all amounts in tokens, sizes in bytes, times in seconds, scores in parts per million):

    schema_version      1
    run                 what was run: seed, dataset, trainer, rule, roots of genesis and head, rule extensions
    config              the configuration, defaults included, as JSON text
    fingerprint         what a float run depends on beyond its config, as text by name
    participants        everybody with a role: what they are, hold, earned and lost
    initial             quality of the model before the first round
    rounds              each settled round: outcome, quality of the model after it, every update with its fate, or
                        in a secure mode every group with its; empty when the task was aborted before it began
    secure              in a secure mode: groups, threshold, ring, and what the protocol costs a trainer in a round
    noise               what noise promises, and what each round spent of its budget
    baselines           centralised and local-only training with the same number of passes, by round
    blocks              each block: size, view, proposer, signers of its certificate
    money               supply, treasury and what is still escrowed at the end
    timing              seconds by activity
    verification        whether the ledger was replayed, what that proved and what it cannot prove
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import UsageError

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Outcome = Literal["aggregated", "unscored", "nothing-accepted", "unaggregated"]
UpdateStatus = Literal["eligible", "absent", "mismatched", "duplicate", "unavailable", "invalid"]
Standing = Literal[
    "open",
    "keys-missing",
    "shares-missing",
    "inputs-missing",
    "answers-missing",
    "dealer-inconsistent",
    "sum-range",
    "opened",
]


class Record(BaseModel):
    """A part of the document: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Quality(Record):
    """A model on the test set."""

    accuracy: Share
    macro_precision: Share
    loss: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Run(Record):
    """What was run; `extensions` names the rules outside the specification."""

    seed: Count
    dataset: str
    dataset_title: str
    trainer: str
    parameters: Count
    rule: str
    alpha: float
    genesis_root: str
    head_root: str
    extensions: tuple[str, ...] = ()


class Participant(Record):
    """One identity: `earned` and `slashed` over the whole task, `balance_change` from genesis to the end."""

    index: Count
    name: str
    roles: tuple[str, ...]
    adversary: str = ""
    sample_count: Count = 0
    deposit: Count = 0
    deposit_left: Count = 0
    earned: Count = 0
    slashed: Count = 0
    balance_change: int = 0
    reputation_bps: Count = 0


class Update(Record):
    """The fate of one trainer's update in one round; no score where it was not scored."""

    trainer: Count
    status: UpdateStatus
    score_ppm: Count | None = None
    accepted: bool = False
    paid: Count = 0


class Group(Record):
    """A group in one round of a secure task: how it stands, whose sum was opened, who cheated in dealing.

    `lost` are trainers by the step that they did not take; `samples` and the score are those of the group's mean.
    """

    number: Count
    standing: Standing
    trainers: tuple[int, ...]
    survivors: tuple[int, ...] = ()
    lost: dict[str, tuple[int, ...]] = {}
    named: tuple[int, ...] = ()
    samples: Count = 0
    score_ppm: Count | None = None
    accepted: bool = False


class Round(Record):
    """One training round; `groups` in a secure mode, `updates` in plain mode."""

    number: Annotated[int, Field(ge=1)]
    outcome: Outcome
    quality: Quality
    updates: tuple[Update, ...]
    groups: tuple[Group, ...] = ()
    paid: Count = 0


class Cost(Record):
    """Bytes of one part of the protocol that a trainer sends and reads in a round, beside the published formula."""

    part: str
    sent: Count
    read: Count
    formula: Count


class Secure(Record):
    """A secure task: its groups and what a trainer that took every step sent and read in a round, on average.

    `ledger` is what all blocks of a round weigh, which a trainer reads that verifies them; 0 trainers took part when
    no group was opened.
    """

    groups: Count
    threshold: Count
    degree: Count
    ring: Count
    sample_unit: Count
    trainers: Count = 0
    costs: tuple[Cost, ...] = ()
    ledger: Count = 0


class Noise(Record):
    """The noise of a secure task and what it spent: `spent` after each settled round and `budget` count 2^-40 of rho.

    `sigma` is the promised deviation of a coordinate of a group's sum, `clip_bound` the norm that updates are clipped
    to, both in steps of the fixed point; the promise holds for `survivors_min` members with `colluders` among them.
    """

    clip_bound: Annotated[int, Field(ge=1)]
    sigma: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    survivors_min: Count
    colluders: Count
    delta: Annotated[float, Field(gt=0, lt=1)]
    budget: Count
    spent: tuple[Count, ...]


class Baselines(Record):
    """The quality by round of training without federation; empty when it was not asked for."""

    centralised: tuple[Quality, ...] = ()
    local_only: tuple[Quality, ...] = ()


class Block(Record):
    """One block of the chain; `signers` of `seats` signed its certificate, whose size is in `bytes` too."""

    height: Count
    view: Count
    proposer: Count
    transactions: Count
    bytes: Count
    signers: Count
    seats: Count
    root: str
    round: Count = 0


class Money(Record):
    """Where the tokens are at the end."""

    supply: Count
    treasury: Count
    escrow: Count = 0
    conserved: bool = True


class Verification(Record):
    """The verdict of a full replay: `proved` and `not_proved` are sentences."""

    replayed: bool = False
    proved: tuple[str, ...] = ()
    not_proved: tuple[str, ...] = ()


class Metrics(Record):
    """The whole document."""

    schema_version: Literal[1] = 1
    run: Run
    config: str = ""
    fingerprint: dict[str, str] = {}
    participants: tuple[Participant, ...]
    initial: Quality | None = None
    rounds: tuple[Round, ...]
    secure: Secure | None = None
    noise: Noise | None = None
    baselines: Baselines = Baselines()
    blocks: tuple[Block, ...] = ()
    money: Money
    timing: dict[str, Annotated[float, Field(ge=0)]] = {}
    verification: Verification = Verification()


def read_metrics(path: Path) -> Metrics:
    """The document at `path`. Errors: UsageError, one line."""
    try:
        return Metrics.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}: {place}: {first['msg']}") from None


def metrics_text(metrics: Metrics) -> str:
    """The document as indented JSON."""
    return metrics.model_dump_json(indent=1) + "\n"


class Tallies(Record):
    """The counts that a verdict on the defence rests on; in a secure mode they count means of groups."""

    poison_sent: Count
    poison_accepted: Count
    poison_paid: Count
    honest_sent: Count
    honest_rejected: Count


def attackers(metrics: Metrics) -> list[Participant]:
    """The trainers that misbehave."""
    return [found for found in metrics.participants if found.adversary and "trainer" in found.roles]


def tallies(metrics: Metrics) -> Tallies:
    """Count scored updates of adversaries and of honest trainers by their fate, and what adversaries earned.

    The mean of a group counts as an adversary's when one of its survivors is one.
    """
    poisoners = {participant.index for participant in attackers(metrics)}
    scored = [
        (update.accepted, not poisoners.isdisjoint(authors))
        for round_ in metrics.rounds
        for update, authors in works(round_)
        if update.score_ppm is not None
    ]
    poison = [accepted for accepted, poisoned in scored if poisoned]
    honest = [accepted for accepted, poisoned in scored if not poisoned]
    earned = [participant.earned for participant in attackers(metrics)]
    return Tallies(
        poison_sent=len(poison),
        poison_accepted=sum(poison),
        poison_paid=sum(earned),
        honest_sent=len(honest),
        honest_rejected=len(honest) - sum(honest),
    )


def works(round_: Round) -> list[tuple[Update | Group, tuple[int, ...]]]:
    """Everything that could be accepted in a round with those whose work it is."""
    updates: list[tuple[Update | Group, tuple[int, ...]]] = [(update, (update.trainer,)) for update in round_.updates]
    return updates + [(group, group.survivors) for group in round_.groups]
