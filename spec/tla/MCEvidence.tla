----------------------------- MODULE MCEvidence ------------------------------
(* Evidence within bounds.                                                    *)
EXTENDS Evidence, TLC
Symmetry == Permutations(Honest) \cup Permutations(Liars) \cup Permutations(Blocks)
\* == Witnesses
NeverDecides == \A p \in Honest : decided[p] = Undecided
NeverForks == NoFork
NeverConvicts == Cardinality(convicted) < 2
==============================================================================
