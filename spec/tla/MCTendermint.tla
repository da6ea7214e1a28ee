---------------------------- MODULE MCTendermint -----------------------------
(* Tendermint within bounds, and what must be reachable in it.                *)
EXTENDS Tendermint, TLC
Symmetry == Permutations(Honest) \cup Permutations(Valid)
\* == Witnesses
NeverDecides == Chosen = {}
NeverDecidesLate == ~\E p \in Honest, v \in Valid : decided[p] = v /\ ~is_quorum(Precommitted(0, v))
NeverPrecommitsNil == ~\E p \in Honest : Nil \in precommits[p][0]
NeverLocksTwice == ~\E p \in Honest : lockedView[p] > 0 /\ \E r \in 0..(lockedView[p] - 1) :
                       precommits[p][r] \in {{v} : v \in Valid \ {lockedRoot[p]}}
NeverJumps == ~\E p \in Honest : view[p] > 1 /\ precommits[p][1] = {} /\ precommits[p][0] = {}
==============================================================================
