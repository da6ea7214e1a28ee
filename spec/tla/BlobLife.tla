------------------------------ MODULE BlobLife ------------------------------
(* What the other layers may assume of a blob that is named on the ledger     *)
(* (INF-008, CTR-016): until its deadline it may come to be attested by more  *)
(* than two thirds; then it is available or absent, for everybody and for     *)
(* ever. Availability refines it, and so does Round.                          *)
VARIABLES attested,             \* whether more than two thirds say that they hold it
          status                \* "open", "available", "absent"
vars == <<attested, status>>
Init == attested = FALSE /\ status = "open"
attest == status = "open" /\ attested' = TRUE /\ UNCHANGED status
close_attestation == /\ status = "open" /\ UNCHANGED attested
                     /\ status' = IF attested THEN "available" ELSE "absent"
Next == attest \/ close_attestation
Spec == Init /\ [][Next]_vars
=============================================================================
