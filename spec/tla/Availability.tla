---------------------------- MODULE Availability -----------------------------
(* One blob and one aggregate (INF-008, INF-009, CTR-008, CTR-012, CTR-016).  *)
(* A trainer names a blob and hands it to whom it likes. Seats attest that    *)
(* they hold it; at the deadline more than two thirds of attestations make it *)
(* available, for everybody and for ever. Then a block claims an aggregate,   *)
(* and a validator votes only after recomputing it from the blob.             *)
EXTENDS Integers, FiniteSets
CONSTANTS Honest, Liars
Seats == Honest \cup Liars
VARIABLES holds,                \* the honest seats that have the blob
          attesters,            \* who says so on the ledger
          status,               \* "open", "available", "absent"
          claim,                \* "none", "right", "wrong": the aggregate that a block claims
          verdict               \* [Honest -> "none", "valid", "invalid"]
vars == <<holds, attesters, status, claim, verdict>>
\* INF-008: exactly two thirds is not enough
is_available(set) == 3 * Cardinality(set) > 2 * Cardinality(Seats)

Init == /\ holds \in SUBSET Honest /\ attesters = {} /\ status = "open" /\ claim = "none"
        /\ verdict = [p \in Honest |-> "none"]
\* CTR-008: an honest seat attests what it has whole; INF-008: once
attest(p) == /\ status = "open" /\ p \notin attesters
             /\ p \in Honest => p \in holds
             /\ attesters' = attesters \cup {p} /\ UNCHANGED <<holds, status, claim, verdict>>
\* the owner gives the blob to somebody in time
hand_over(p) == /\ status = "open" /\ p \notin holds /\ holds' = holds \cup {p}
                /\ UNCHANGED <<attesters, status, claim, verdict>>
\* CTR-016: the deadline
close_attestation == /\ status = "open"
                     /\ status' = IF is_available(attesters) THEN "available" ELSE "absent"
                     /\ UNCHANGED <<holds, attesters, claim, verdict>>
\* INF-009: an honest node serves what it attested; liars need not
require_blob(p) == /\ p \notin holds /\ \E q \in holds : q \in attesters
                   /\ status = "available"
                   /\ holds' = holds \cup {p} /\ UNCHANGED <<attesters, status, claim, verdict>>
\* CTR-012: somebody puts an aggregate into a block; of an absent blob there is none to claim
claim_aggregate == /\ status # "open" /\ claim = "none"
                   /\ claim' \in IF status = "available" THEN {"right", "wrong"} ELSE {"wrong"}
                   /\ UNCHANGED <<holds, attesters, status, verdict>>
\* INF-009, CON-014: no verdict without the blob; then that of the recomputation
recompute(p) == /\ claim # "none" /\ verdict[p] = "none"
                /\ status = "available" => p \in holds
                /\ verdict' = [verdict EXCEPT ![p] = IF claim = "right" THEN "valid" ELSE "invalid"]
                /\ UNCHANGED <<holds, attesters, status, claim>>
Next == \/ close_attestation \/ claim_aggregate
        \/ \E p \in Seats : attest(p)
        \/ \E p \in Honest : hand_over(p) \/ require_blob(p) \/ recompute(p)
Fair == WF_vars(close_attestation) /\ WF_vars(claim_aggregate)
        /\ \A p \in Honest : WF_vars(require_blob(p)) /\ WF_vars(recompute(p))
Spec == Init /\ [][Next]_vars /\ Fair
\* what the composition of a round (Round.tla) knows of a blob
Blob == INSTANCE BlobLife WITH attested <- is_available(attesters)
------------------------------------------------------------------------------
\* == Properties
\* what is available can be fetched: an honest seat holds it (INF-008)
Retrievable == status = "available" => holds # {}
\* all verdicts on one block agree (CTR-012)
VerdictsAgree == \A p, q \in Honest : "none" \in {verdict[p], verdict[q]} \/ verdict[p] = verdict[q]
\* a wrong aggregate gets no honest prevote (CTR-012)
OnlyRight == \A p \in Honest : verdict[p] = "valid" => claim = "right"
\* who has not got the blob says nothing (INF-009)
NoBlindVerdict == \A p \in Honest : (verdict[p] # "none" /\ status = "available") => p \in holds
\* nothing changes the answer after the deadline (CTR-016)
AnsweredOnce == [][status # "open" => status' = status]_vars
\* CTR-016
LivesAsBlob == Blob!Spec
\* everybody honest comes to a verdict (CON-009)
Judged == <>(\A p \in Honest : verdict[p] # "none")
==============================================================================
