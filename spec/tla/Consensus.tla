------------------------------ MODULE Consensus ------------------------------
(* What the layers above may assume of a committee (CON-014, CON-015): at     *)
(* most one block of a height is ever decided, and only a valid one.          *)
(* Tendermint.tla is shown to do nothing that this module does not allow.     *)
CONSTANT Valid                  \* the blocks that survive recomputation
VARIABLE chosen                 \* what somebody honest has decided
vars == <<chosen>>
Init == chosen = {}
decide == chosen = {} /\ \E v \in Valid : chosen' = {v}
Next == decide
Spec == Init /\ [][Next]_vars
==============================================================================
