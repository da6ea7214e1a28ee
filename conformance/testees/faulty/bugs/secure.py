"""Bugs in secure rounds: who is grouped, asked, named and paid (PRV-030 to PRV-043)."""

from __future__ import annotations

from mutation import Bug

_SECURE = "bcfl_ref.contract.secure"
_OPENING = "bcfl_ref.contract.opening"
_CLIENT = "bcfl_ref.contract.client"
_DEADLINES = "bcfl_ref.contract.deadlines"

BUGS = (
    Bug(
        "redraws-groups",
        "groups are drawn anew in each round",
        _SECURE,
        "hash_bytes(DOMAIN_GROUPS, task.group_seed,",
        "hash_bytes(DOMAIN_GROUPS, task.round.secure.seed,",
        "prv-groups-two",
    ),
    Bug(
        "compares-keys-by-use",
        "a share key may be another's mask key",
        _SECURE,
        "not shown.isdisjoint((payload.mask_key, payload.share_key))",
        "payload.mask_key in shown",
        "prv-advertise-crossed",
    ),
    Bug(
        "takes-a-share-key-of-small-order",
        "only the mask key is looked at",
        _SECURE,
        "for key in (payload.mask_key, payload.share_key):\n",
        "for key in (payload.mask_key,):\n",
        "prv-advertise-zero-share",
    ),
    Bug(
        "deals-again",
        "the last dealing counts",
        _SECURE,
        "if member.step != Step.ADVERTISED:",
        "if member.step > Step.SHARED:",
        "prv-share-again",
    ),
    Bug(
        "deals-to-some",
        "a neighbour may be left out",
        _SECURE,
        "if len(payload.edges) != len(holders):",
        "if len(payload.edges) > len(holders):",
        "prv-share-missing-edge",
    ),
    Bug(
        "takes-an-answer-to-any-list",
        "the root of the list is not looked at",
        _SECURE,
        "if payload.list_root != hash_tree_root(survivor_list(state, payload.task, member.group)):",
        "if not payload.list_root:",
        "prv-unmask-other-list",
    ),
    Bug(
        "asks-for-seeds-only",
        "of who dropped out the seed is rebuilt",
        _SECURE,
        "return SECRET_SEED if dealer.step == Step.SURVIVOR else SECRET_KEY",
        "return SECRET_SEED",
        "prv-client-answer",
    ),
    Bug(
        "opens-for-two",
        "one neighbour fewer than t is enough",
        _OPENING,
        ">= task.spec.privacy.threshold for own in shared",
        ">= task.spec.privacy.threshold - 1 for own in shared",
        "prv-inputs-two",
    ),
    Bug(
        "begins-with-t-members",
        "t members make a graph",
        _OPENING,
        "least = state.tasks[index].spec.privacy.threshold + 1",
        "least = state.tasks[index].spec.privacy.threshold",
        "prv-graphs-2",
    ),
    Bug(
        "sums-any-blob",
        "a blob of another form survives",
        _OPENING,
        "step=Step.SURVIVOR if valid else Step.LOST",
        "step=Step.SURVIVOR",
        "prv-inputs-odd-kind",
    ),
    Bug(
        "names-no-dealer",
        "an inconsistent dealer costs its group the round and itself nothing",
        _OPENING,
        "named.append(dealer.trainer)",
        "pass",
        "prv-open-dealer-mark",
    ),
    Bug(
        "takes-sums-out-of-range",
        "a sum that no valid updates have becomes a model",
        _OPENING,
        "if any(abs(value) > divisor * COORDINATE_MAX for value in sums):",
        "if not sums:",
        "prv-open-sum-range",
    ),
    Bug(
        "divides-noise-by-who-survived",
        "the denominator tells who dropped out",
        _OPENING,
        "divisor = len(group_trainers(task)[group]) if noisy else samples",
        "divisor = samples",
        "prv-trace-noise",
    ),
    Bug(
        "answers-a-second-list",
        "what was answered before is forgotten",
        _CLIENT,
        "if answered not in (NOT_ANSWERED, hash_tree_root(listed)):",
        "if answered is None:",
        "prv-list-second",
    ),
    Bug(
        "answers-overlapping-lists",
        "a member may have survived and dropped out",
        _CLIENT,
        "if len(everybody) < len(listed.survivors) + len(listed.dropped):",
        "if not everybody:",
        "prv-list-overlap",
    ),
    Bug(
        "masks-with-all-who-advertised",
        "masks with members that dealt nothing cannot be taken off",
        _CLIENT,
        "for m in group_members(task.round, member.group, LIVE)\n        if m.trainer in around",
        "for m in group_members(task.round, member.group)\n        if m.trainer in around",
        "prv-client-input",
    ),
    Bug(
        "pays-silent-survivors",
        "who did not answer the list is paid",
        _DEADLINES,
        "if not round_.secure.groups or author in answered)",
        "if author >= 0)",
        "prv-trace-two-rounds",
    ),
)
