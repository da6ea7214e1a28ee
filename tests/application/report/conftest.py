"""A made-up run with everything in it that a report can show; numbers drawn from a seeded stream."""

from __future__ import annotations

from math import exp

import pytest
from bcfl_ref.application.metrics import (
    Baselines,
    Block,
    Metrics,
    Money,
    Participant,
    Quality,
    Round,
    Run,
    Update,
    Verification,
)
from bcfl_ref.application.streams import Stream

ROUNDS = 14


@pytest.fixture(scope="session")
def metrics() -> Metrics:
    """14 rounds, 5 trainers of which one flips signs, 4 validators, one issuer."""
    stream = Stream(b"report")
    rounds = tuple(_round(number, stream) for number in range(1, ROUNDS + 1))
    paid = {index: sum(u.paid for r in rounds for u in r.updates if u.trainer == index) for index in range(5, 10)}
    trainers = tuple(
        Participant(
            index=index,
            name=f"trainer {index - 5}",
            roles=("trainer",),
            adversary="sign-flip" if index == 9 else "",
            sample_count=(243, 182, 191, 174, 292)[index - 5],
            deposit=100,
            deposit_left=100,
            earned=paid[index],
            balance_change=paid[index],
            reputation_bps=9000 if index < 9 else 1000,
        )
        for index in range(5, 10)
    )
    validators = tuple(
        Participant(
            index=index,
            name=f"validator {index - 1}",
            roles=("validator", "scorer", "aggregator"),
            deposit=100,
            deposit_left=0 if index == 4 else 100,
            earned=700 + 40 * index,
            slashed=100 if index == 4 else 0,
            balance_change=700 + 40 * index - (100 if index == 4 else 0),
            reputation_bps=9500,
        )
        for index in range(1, 5)
    )
    issuer = Participant(index=0, name="issuer", roles=("issuer",), balance_change=-14000, reputation_bps=5000)
    return Metrics(
        run=Run(
            seed=1,
            dataset="digits",
            dataset_title="Handwritten digits, 1797 images of 8×8 pixels, 10 classes",
            trainer="sklearn-mlp",
            parameters=2410,
            rule="weighted-mean, η = 1/1",
            alpha=1.0,
            genesis_root="0x" + "3f" * 32,
            head_root="0x" + "a7" * 32,
        ),
        config='seed = 1\n\n[data]\ndataset = "digits"\n\n[[adversaries]]\ntrainer = 4\nkind = "sign-flip"\n',
        fingerprint={"python": "3.11.7", "system": "Linux x86_64", "numpy": "2.4.6", "kernels": "avx2"},
        participants=(issuer, *validators, *trainers),
        initial=Quality(accuracy=0.1, macro_precision=0.01, loss=2.4),
        rounds=rounds,
        baselines=Baselines(
            centralised=tuple(_quality(n, 0.981, 0.25) for n in range(1, ROUNDS + 1)),
            local_only=tuple(_quality(n, 0.79, 0.7) for n in range(1, ROUNDS + 1)),
        ),
        blocks=tuple(_block(height, stream) for height in range(1, 4 + ROUNDS * 11)),
        money=Money(supply=200_000, treasury=100),
        timing={
            "consensus": 18.2,
            "signatures": 11.4,
            "training": 1.31,
            "scoring": 0.08,
            "baselines": 2.1,
            "hashing": 0.9,
        },
        verification=Verification(
            replayed=True,
            proved=(
                "every signature and certificate",
                "every state root",
                "tokens conserved at every height",
            ),
            not_proved=("that trainers trained honestly", "that scores are true"),
        ),
    )


def _quality(number: int, limit: float, rate: float) -> Quality:
    accuracy = limit - 0.5 * exp(-number * (0.6 + rate))
    return Quality(
        accuracy=accuracy, macro_precision=accuracy - 0.004, loss=0.07 + 2 * (1 - limit) + exp(-number / 2)
    )


def _round(number: int, stream: Stream) -> Round:
    updates = []
    for trainer in range(5, 10):
        score = 1_000_000 - 300_000 // number - 10_000 * stream.below(4)
        if trainer == 9:
            score = 100_000 + 30_000 * number
        absent = number == 6 and trainer == 7
        accepted = trainer != 9 and not absent and not (number == 3 and trainer == 6)
        updates.append(
            Update(
                trainer=trainer,
                status="absent" if absent else "eligible",
                score_ppm=None if absent else score,
                accepted=accepted,
                paid=175 if accepted else 0,
            )
        )
    return Round(
        number=number,
        outcome="aggregated",
        quality=_quality(number, 0.96, 0.1),
        updates=tuple(updates),
        paid=950,
    )


def _block(height: int, stream: Stream) -> Block:
    number = 0 if height < 4 else (height - 4) // 11 + 1
    return Block(
        height=height,
        view=1 if stream.below(40) == 0 else 0,
        proposer=1 + height % 4,
        transactions=stream.below(9),
        bytes=900 + 420 * stream.below(9),
        signers=4 if stream.below(12) else 3,
        seats=4,
        root="0x" + f"{stream.word():016x}" * 4,
        round=min(number, ROUNDS),
    )
