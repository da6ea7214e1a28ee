------------------------------ MODULE MCLedger -------------------------------
(* Ledger within bounds.                                                      *)
EXTENDS Ledger
\* == Witnesses
NeverComplete == ~\A r \in Replicas : Len(log[r]) = Heights
NeverBehind == ~\E p, q \in Replicas : Len(log[p]) = Heights /\ log[q] = <<>>
NeverTorn == ~\E r \in Replicas : ~up[r] /\ acknowledged[r] < Len(log[r]) /\ Len(log[r]) > 1
NeverRecovers == ~\E r \in Replicas : crashes > 0 /\ up[r] /\ Len(state[r]) = Heights
==============================================================================
