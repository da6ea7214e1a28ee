"""The bugs of the transition. A name says what the mistake is; `caught_by` is the case written against it."""

from __future__ import annotations

from mutation import Bug

_TRANSITION = "bcfl_ref.transition"
_BLOCKS = "bcfl_ref.infrastructure.blocks"

BUGS = (
    Bug(
        "committee-before-deadlines",
        "the new committee sits before the deadlines of the old one are met",
        _TRANSITION,
        "    return rotate_committee(advance_tasks(state, blobs))",
        "    return advance_tasks(rotate_committee(state), blobs)",
        "trn-committee-change",
    ),
    Bug(
        "parent-unchecked",
        "a block may continue anything",
        _BLOCKS,
        "    if header.parent_root != head_root(state):\n",
        "    if False:\n",
        "inf-check-parent-stored-head",
    ),
    Bug(
        "body-unchecked",
        "the body root is not compared",
        _BLOCKS,
        "    if header.body_root != hash_tree_root(block.body):\n",
        "    if False:\n",
        "inf-check-body-certificate",
    ),
)
