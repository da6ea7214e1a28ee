"""Cases that an independent implementation asked for (consensus, kernels, types).

It was written from the specification alone, passed every vector, and then was changed on purpose until the vectors
no longer noticed. Each case here tells one of those wrong programs, named in `bug`, from a right one.
"""

from __future__ import annotations

from ...consensus.votes import NIL
from .._base import Case, Trace
from ._heights import A, B, Script

NOTE = "found by an independent implementation"


def _certificates() -> list[Trace]:
    none = Script(
        "certificate-nil", "a quorum precommitted nil: its certificate decides nothing, nor does a far view"
    )
    none.certificate(1, 1, 1, 1, view=0, root=NIL).certificate(1, 1, 1, 1, view=4096).certificate(
        1, 1, 1, 1, view=4095
    )
    far = Script("certificate-far", "decided in view 65 by a certificate: late precommits for it are taken in")
    far.certificate(1, 1, 1, 0, view=65).precommit(65, A, 3).precommit(65, B, 2).precommit(65, NIL, 2).prevote(
        65, A, 1
    )
    same = Script("proposal-signed-anew", "the same proposal beside another signature is the same; the first is kept")
    same.propose(0, A, mark=1).propose(0, A, mark=2).propose(0, B)
    return [
        none.trace(bug="a certificate for nil, or of a view that does not exist, decides", note=NOTE),
        far.trace(bug="late precommits for a far decision are too far ahead", note=NOTE),
        same.trace(bug="proposals are compared with their signatures", note=NOTE),
    ]


CASES: tuple[Case | Trace, ...] = (*_certificates(),)
