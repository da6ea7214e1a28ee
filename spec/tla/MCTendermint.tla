---------------------------- MODULE MCTendermint -----------------------------
(* Tendermint within bounds, and what must be reachable in it.                *)
EXTENDS Tendermint, TLC
Symmetry == Permutations(Honest) \cup Permutations(Valid)
Faces == Permutations(Honest)

\* Three views. Who has decided only multiplies the states, so nobody does; what could be decided is looked at instead.
\* Whoever decides stops, and stopping is always possible: every run of Spec, less its decisions, is a run of OpenSpec.
OpenSpec == Init /\ [][\E p \in Honest : \/ rule_jump(p) \/ rule_prevote(p) \/ rule_lock(p)
                                       \/ rule_precommit_nil(p) \/ take_timeout(p)]_vars
\* A block that does not recompute adds steps, and no state: it can be offered, and then rule_prevote answers nil, as
\* take_timeout does at any time; nobody honest votes for it, so there is never a quorum for it, neither as a proof of lock
\* nor to lock it nor to decide it (ValidDecidable). The two configurations tendermint-open-… have the
\* same states with x1 and without; the deep search of three views has x1, the directed ones go without.
Decidable == {v \in Blocks : \E r \in Views : is_quorum(Precommitted(r, v))}

\* Directed: nobody is more than one stage ahead of anybody, and one block is proposed in each view
Stage(p) == 3 * view[p] + phase[p]
InStep == \A p, q \in Honest : Stage(p) - Stage(q) \in -1..1
Proposed(block) == \A p \in Honest, r \in Views : prevotes[p][r] \subseteq {block[r], Nil}
ThereAndBack == InStep /\ Proposed([r \in Views |-> IF r = 1 THEN "v2" ELSE "v1"])
ThenAnother == InStep /\ Proposed([r \in Views |-> IF r = 0 THEN "v1" ELSE "v2"])
\* == Properties
\* No two blocks can ever be decided; Agreement follows, since rule_decide asks for the same quorum (CON-015)
OneDecidable == Cardinality(Decidable) <= 1
\* nor one that does not recompute (CON-009)
ValidDecidable == Decidable \subseteq Valid
\* == Witnesses
NeverDecides == Chosen = {}
NeverDecidesLate == ~\E p \in Honest, v \in Valid : decided[p] = v /\ ~is_quorum(Precommitted(0, v))
NeverPrecommitsNil == ~\E p \in Honest : Nil \in precommits[p][0]
NeverLocksTwice == ~\E p \in Honest : lockedView[p] > 0 /\ \E r \in 0..(lockedView[p] - 1) :
                       precommits[p][r] \in {{v} : v \in Valid \ {lockedRoot[p]}}
NeverJumps == ~\E p \in Honest : view[p] > 1 /\ precommits[p][1] = {} /\ precommits[p][0] = {}
==============================================================================
