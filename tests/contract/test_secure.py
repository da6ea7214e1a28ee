"""Secure rounds (PRV-030 to PRV-043): whoever drops out at whichever step, the sum is right or fails by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import pytest
from bcfl_ref.contract import client, opening, secure
from bcfl_ref.contract.deadlines import round_payouts, settle
from bcfl_ref.contract.opening import Standing
from bcfl_ref.contract.rounds import authors
from bcfl_ref.contract.tasks import NO_NOISE, Phase, Step
from bcfl_ref.encoding import hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.cases._secure import WINDOW, SecurePlay, begun, secrets, vector
from bcfl_ref.types import AdvertiseKeys, Noise, Privacy, State
from builders import tokens

Words = list[int]
KEYS, SHARES, INPUT, ANSWER, NEVER = range(1, 6)


def copy(play: SecurePlay) -> SecurePlay:
    """The same play, to go another way from here."""
    return replace(play, blobs=dict(play.blobs))


@pytest.fixture
def opened_words(monkeypatch: pytest.MonkeyPatch) -> list[Words]:
    """The words of every sum that is opened, as they come out of the masks."""
    seen: list[Words] = []
    judge = opening.judged_sum
    monkeypatch.setattr(
        opening,
        "judged_sum",
        lambda task, group, count, words: (seen.append(words.tolist()), judge(task, group, count, words))[1],
    )
    return seen


def plain_sum(survivors: set[int]) -> Words:
    """What the members would have summed in the open, in the ring of 32 bits."""
    weights = {trainer: 10 * trainer for trainer in survivors}
    sums = [sum(weights[trainer] * int(vector(trainer)[place]) for trainer in survivors) for place in range(2)]
    return [value % 2**32 for value in (*sums, sum(weights.values()))]


def expected(threshold: int, advertised: set[int], dealt: set[int], gave: set[int], answered: set[int]) -> Standing:
    """How a group whose members are all neighbours must stand, said without the code under test."""

    def kept(members: set[int], left: set[int]) -> bool:
        return bool(left) and all(len(left - {own}) >= threshold for own in members)

    if len(advertised) < threshold + 1:
        return Standing.KEYS_MISSING
    if not kept(dealt, dealt):
        return Standing.SHARES_MISSING
    if not kept(dealt, gave):
        return Standing.INPUTS_MISSING
    return Standing.OPENED if kept(dealt, answered) else Standing.ANSWERS_MISSING


def subsets(members: set[int]) -> Iterator[set[int]]:
    """Every subset, the largest first."""
    for count in range(len(members), -1, -1):
        yield from (set(chosen) for chosen in combinations(sorted(members), count))


@pytest.mark.parametrize("count", [3, 4, 5])
def test_every_combination_of_dropouts_gives_the_plain_sum_or_fails_by_name(
    count: int, opened_words: list[Words]
) -> None:
    """PRV-038: Each member stops before any of the four steps or not at all, and nothing but the rule decides."""
    opened = failed = 0
    start = begun(count)
    for advertised in subsets(set(start.names)):
        keys = copy(start).advertise(advertised).to(WINDOW["SHARES"])
        for dealt in subsets(advertised):
            shares = copy(keys).share(dealt).to(WINDOW["INPUT"])
            for gave in subsets(dealt):
                inputs = copy(shares).give(gave).to(WINDOW["ATTEST"]).attest(gave).to(WINDOW["UNMASK"])
                for answered in subsets(gave):
                    opened_words.clear()
                    end = copy(inputs).answer(answered).to(WINDOW["SCORE_COMMIT"])
                    standing = end.state.tasks[0].round.secure.groups[0].status
                    assert standing == expected(2, advertised, dealt, gave, answered)
                    assert opened_words == ([plain_sum(gave)] if standing == Standing.OPENED else [])
                    opened, failed = opened + bool(opened_words), failed + (not opened_words)
                    if standing in (Standing.KEYS_MISSING, Standing.SHARES_MISSING, Standing.INPUTS_MISSING):
                        break
    assert opened and failed


@pytest.mark.parametrize("count", [6, 7, 8])
def test_every_set_of_survivors_gives_its_plain_sum(count: int, opened_words: list[Words]) -> None:
    """PRV-038: Of up to eight members who dealt shares any set with t + 1 or more opens to exactly its own sum."""
    shares = begun(count).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    for gave in subsets(set(shares.names)):
        if len(gave) < 3:
            continue
        opened_words.clear()
        copy(shares).give(gave).to(WINDOW["ATTEST"]).attest(gave).to(WINDOW["UNMASK"]).answer().to(
            WINDOW["SCORE_COMMIT"]
        )
        assert opened_words == [plain_sum(gave)]


def test_sparse_graph_survives_dropouts(opened_words: list[Words]) -> None:
    """PRV-033: With six neighbours of eleven and t = 3, two members that drop out between the steps do no harm."""
    sparse = begun(12, privacy=Privacy(1, 1, 3, 6, NO_NOISE), sample_count_max=120)
    play = sparse.advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    play.give(set(play.names) - {5}).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])
    play.answer(set(play.names) - {5, 9}).to(WINDOW["SCORE_COMMIT"])
    assert opened_words == [plain_sum(set(play.names) - {5})]


def test_groups_do_not_change_from_round_to_round() -> None:
    """PRV-031: Redrawn groups would let least squares on public means find each trainer, so the task draws once."""
    play = begun(9, privacy=Privacy(1, 3, 2, 0, NO_NOISE))
    first = secure.group_trainers(play.state.tasks[0])
    play.state = replace(play.state, mix=bytes(32))
    play.to(19)
    assert play.state.tasks[0].round.number == 2
    assert secure.group_trainers(play.state.tasks[0]) == first
    assert sorted(trainer for group in first for trainer in group) == list(play.names)
    assert {len(group) for group in first} == {3}


def test_group_below_three_survivors_is_never_opened() -> None:
    """PRV-030, PRV-036: No threshold that a task may have lets a sum of two be seen."""
    for threshold, groups, trainers in product(range(6), range(1, 4), range(1, 10)):
        try:
            play = begun(trainers, privacy=Privacy(1, groups, threshold, 0, NO_NOISE))
        except SpecError as error:
            assert error.code == Code.TASK_SPEC_INVALID
            continue
        assert threshold >= 2
        assert min(map(len, secure.group_trainers(play.state.tasks[0]))) >= 3


def answering(gone: set[int]) -> SecurePlay:
    """Four members, of whom some gave no input, at UNMASK."""
    play = begun(4).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    return play.give(set(play.names) - gone).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])


def test_no_answer_holds_both_secrets_of_anybody() -> None:
    """PRV-037: Whatever is answered, each dealer has shares of one secret on the ledger, never of the other."""
    play = answering({3}).answer()
    for member in play.state.tasks[0].round.secure.members:
        assert secure.secret_of(member) == (2 if member.trainer == 3 else 1)
        graph = secure.neighbours(play.state.tasks[0], 0, 0)
        for opened in member.opened:
            with pytest.raises(SpecError):
                secure.check_opened(
                    play.state,
                    0,
                    replace(member, step=Step.SURVIVOR if member.trainer == 3 else Step.LOST),
                    graph[member.trainer],
                    opened,
                )


def test_dealer_that_cheats_loses_its_deposit_and_only_its_group() -> None:
    """PRV-038: Shares that do not belong together name their dealer; the other group is opened."""
    play = begun(6, privacy=Privacy(1, 2, 2, 0, NO_NOISE)).advertise().to(WINDOW["SHARES"])
    dealt = client.client_shares(play.state, 0, 1, secrets(1))
    play.state = secure.share_keys(play.state, 1, replace(dealt, seed_mark=bytes(32)))
    before = tokens(play.state)
    play.share({2, 3, 4, 5, 6}).to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    play.to(WINDOW["SCORE_COMMIT"])
    task = play.state.tasks[0]
    own = play.member(1).group
    assert task.round.secure.groups[own].named == (1,)
    assert [update.trainer for update in task.round.updates] == [1 - own]
    assert next(p for p in task.participants if p.identity == 1).deposit == 0
    assert play.state.treasury == task.spec.deposit and tokens(play.state) == before


def test_silent_survivors_are_not_paid_and_nobody_is_blamed_for_a_group() -> None:
    """PRV-039: An accepted group pays those who answered; a rejected one costs nobody a reputation."""
    play = begun(5).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"]).attest()
    play.to(WINDOW["UNMASK"]).answer({1, 2, 3, 4}).to(WINDOW["SCORE_COMMIT"])
    task = play.state.tasks[0]
    assert authors(task.round, task.round.updates[0]) == (1, 2, 3, 4, 5)

    def judged(accepted: bool) -> State:
        update = replace(task.round.updates[0], accepted=accepted, score_ppm=900_000)
        round_ = replace(task.round, updates=(update,), scored=True)
        return replace(play.state, tasks=(replace(task, round=round_),))

    assert [who for who, _ in round_payouts(judged(True).tasks[0])] == [1, 2, 3, 4]
    for accepted, gain in ((True, play.state.parameters.reputation_gain_bps), (False, 0)):
        after = settle(judged(accepted), 0)
        moved = [after.identities[who].reputation_bps - 5000 for who in range(1, 6)]
        assert moved == [gain] * 4 + [-play.state.parameters.reputation_loss_bps]


def test_round_beyond_the_budget_does_not_begin() -> None:
    """PRV-068: The task is completed with its escrow returned when the budget does not hold another round."""
    noise = Noise(1000, 90000, 1, 1, 2 * 6108397932090)
    play = begun(4, privacy=Privacy(1, 1, 2, 0, noise), sample_count_max=1, rounds=5, reward_round=10)
    for spent in (1, 2):
        assert play.state.tasks[0].spent == spent * 6108397932090
        play.to(3 + 16 * spent)
    task = play.state.tasks[0]
    assert (task.phase, len(task.results), task.escrow) == (Phase.COMPLETED, 2, 0)
    assert play.state.identities[0].balance == 1000


def test_noisy_sum_is_the_sum_of_the_noisy_inputs(opened_words: list[Words]) -> None:
    """PRV-065, PRV-038: Noise is added before masks, so what is opened is the sum of what the survivors noised."""
    noise = Noise(1000, 90000, 1, 1, 2**43)
    play = begun(4, privacy=Privacy(1, 1, 2, 0, noise), sample_count_max=1, samples=dict.fromkeys(range(1, 5), 1))
    play.advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give({1, 2, 4}).to(WINDOW["ATTEST"]).attest()
    play.to(WINDOW["UNMASK"]).answer().to(WINDOW["SCORE_COMMIT"])
    words = [client.noised_input(vector(t), noise, 3, secrets(t).noise_seed).tolist() for t in (1, 2, 4)]
    assert opened_words == [[sum(column) % 2**64 for column in zip(*words, strict=True)] + [3]]


@pytest.mark.parametrize("step", [KEYS, SHARES, INPUT, ANSWER])
def test_a_key_serves_one_member_in_a_round(step: int) -> None:
    """PRV-032: A key that somebody showed in this round is refused, whoever shows it again and for whatever use."""
    play = begun(4).advertise({1})
    shown = play.member(1)
    keys = [shown.mask_key, shown.share_key]
    fresh = client.client_keys(0, 1, secrets(2))
    payload = AdvertiseKeys(
        0, 1, *((keys[step % 2], fresh.share_key) if step < INPUT else (fresh.mask_key, keys[step % 2]))
    )
    with pytest.raises(SpecError) as refusal:
        secure.advertise_keys(play.state, 2, payload)
    assert refusal.value.code == Code.KEY_REPEATED


def test_list_of_the_ledger_is_the_only_one_that_is_answered() -> None:
    """PRV-036, PRV-037: An answer to another list is refused, and a client gives none to a second list."""
    play = answering({3})
    listed = secure.survivor_list(play.state, 0, 0)
    other = replace(listed, survivors=listed.survivors[:-1], dropped=(*listed.dropped, listed.survivors[-1]))
    said = client.client_answer(play.state, 0, 1, secrets(1), client.NOT_ANSWERED)
    with pytest.raises(SpecError) as refusal:
        secure.unmask(play.state, 1, replace(said, list_root=hash_tree_root(other)))
    assert refusal.value.code == Code.LIST_MISMATCH
    with pytest.raises(SpecError) as refusal:
        client.client_answer(play.state, 0, 1, secrets(1), hash_tree_root(other))
    assert refusal.value.code == Code.LIST_ANSWERED
    assert client.client_answer(play.state, 0, 1, secrets(1), hash_tree_root(listed)) == said


def test_attestation_counts_for_every_member_that_named_the_blob() -> None:
    """PRV-035: A copy of somebody's masked input can neither take its attestations away nor add a second time."""
    play = begun(4).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give({1, 2, 3})
    root = play.member(1).blob_root
    play.state = secure.masked_input(play.state, 4, secure.MaskedInput(0, 1, root))
    play.to(WINDOW["ATTEST"])
    state = opening_attest(play.state, 0, root)
    assert [m.attesters for m in state.tasks[0].round.secure.members if m.blob_root == root] == [(0,), (0,)]
    with pytest.raises(SpecError) as refusal:
        opening_attest(state, 0, root)
    assert refusal.value.code == Code.ALREADY_ATTESTED


def opening_attest(state: State, seat: int, root: bytes) -> State:
    """One seat attests one blob."""
    return scene.attest(state, seat, scene.Available(0, (root,)))
