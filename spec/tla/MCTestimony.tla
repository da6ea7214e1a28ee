----------------------------- MODULE MCTestimony -----------------------------
(* Testimony within bounds.                                                   *)
EXTENDS Testimony, TLC
Symmetry == Permutations(Scorers \ Liars) \cup Permutations(Validators)
\* == Witnesses
NeverAccepts == verdict # "accepted"
NeverRejects == verdict # "rejected"
NeverUnscored == ~(verdict = "unscored" /\ Included # {})
\* a validator votes for a block with a verdict that it would not have given
NeverVotesAgainstItsOpinion == ~\E v \in Validators : vote[v] = "yes" /\ verdict = "accepted" /\ ~taste[v]
==============================================================================
