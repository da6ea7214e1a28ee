------------------------------ MODULE TaskLife ------------------------------
(* What the other layers may assume of a task (CTR-001, CTR-013, CTR-014):    *)
(* its phases, and where the money of its issuer is. Task refines it, and so  *)
(* does Round.                                                                *)
EXTENDS Naturals
CONSTANTS Budget, Reward
VARIABLES phase,      \* "none", "registration", "running", "completed", "aborted"
          escrow, paid
vars == <<phase, escrow, paid>>
Init == phase = "none" /\ escrow = 0 /\ paid = 0
publish == phase = "none" /\ phase' = "registration" /\ escrow' = Budget /\ paid' = 0
close_registration == /\ phase = "registration" /\ UNCHANGED paid
                      /\ \/ phase' = "running" /\ escrow' = escrow
                         \/ phase' = "aborted" /\ escrow' = 0
\* a round pays from the escrow, once; what is left after the last one goes back
settle == /\ phase = "running"
          /\ \E p \in 0..Reward : /\ p <= escrow /\ paid' = paid + p
                                  /\ \/ phase' = "running" /\ escrow' = escrow - p
                                     \/ phase' = "completed" /\ escrow' = 0
Next == publish \/ close_registration \/ settle
Spec == Init /\ [][Next]_vars
\* seen from the publication on
Published == phase = "registration" /\ escrow = Budget /\ paid = 0 /\ [][Next]_vars
=============================================================================
