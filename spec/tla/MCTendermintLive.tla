-------------------------- MODULE MCTendermintLive ---------------------------
(* Schedules and witnesses for TendermintLive.                                *)
EXTENDS TendermintLive
\* a liar proposes second; an honest validator may be locked from view 0 and must get its turn
LiarSecond == <<"p1", "x", "p2", "p3", "p1">>
LiarFirst == <<"x", "p1", "p2", "p3">>
LongSchedule == <<"x", "p1", "p2", "p3", "x", "p1", "p2">>
\* only for showing that the property can fail: who is locked does not get its turn
TooShort == <<"p1", "x", "p2">>
\* == Witnesses
NeverDecides == \A p \in Honest : decided[p] = Nil
NeverDecidesInTheLastView == ~(view = MaxView /\ stage = "next" /\ prevotes # [p \in Honest |-> None])
NeverKeepsValidWithoutLock == ~\E p \in Honest : validView[p] > lockedView[p]
NeverRepeatsABlock == ~(view > 0 /\ stage = "prevote" /\ proposer_at(view) \in Honest /\ Made(proposer_at(view)).validView # NoView /\ Sure(prevotes, Made(proposer_at(view)).root))
==============================================================================
