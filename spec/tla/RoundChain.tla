----------------------------- MODULE RoundChain -----------------------------
(* All that the layers above may assume of a ledger: it grows, one entry at   *)
(* a time (INF-017).                                                          *)
EXTENDS Sequences
VARIABLE entries
vars == entries
Init == entries = <<>>
Next == \E o \in {entries'[Len(entries')]} : entries' = Append(entries, o)
Spec == Init /\ [][entries' # <<>> /\ Next]_vars
=============================================================================
