------------------------------ MODULE MCJournal ------------------------------
(* Journal within bounds.                                                     *)
EXTENDS Journal
\* == Witnesses
NeverForgets == ~(up /\ crashes > 0 /\ memory = <<>> /\ ledger = 0)
NeverSpeaksAfterCrash == ~(crashes > 0 /\ up /\ Cardinality(sent) > 1)
NeverSecondHeight == height = 1
NeverRecovers == ~(crashes = 1 /\ up /\ Len(memory) = 2 /\ sent # {})
==============================================================================
