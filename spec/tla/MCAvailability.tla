--------------------------- MODULE MCAvailability ----------------------------
(* Availability within bounds.                                                *)
EXTENDS Availability
\* == Witnesses
NeverAvailable == status # "available"
NeverAbsentThoughHeld == ~(status = "absent" /\ holds = Honest)
NeverFetches == ~(status = "available" /\ \E p \in Honest : p \in holds \ attesters /\ verdict[p] = "valid")
NeverInvalid == ~(status = "available" /\ \E p \in Honest : verdict[p] = "invalid")
==============================================================================
