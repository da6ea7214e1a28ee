--------------------------- MODULE TendermintLive ----------------------------
(* Why a height ends (CON-014, CON-015): from some moment on (GST) messages   *)
(* arrive within the time-outs, and then every honest validator decides.      *)
(*                                                                            *)
(* Tendermint.tla lets anything happen at any time, which is right for safety *)
(* and hopeless for progress. Here a view has three stages, taken by all      *)
(* honest validators together; what differs is who hears what. Before GST the *)
(* adversary decides that. After GST                                          *)
(*  - what an honest proposer sends is heard by all, in time;                 *)
(*  - a quorum of honest votes is seen by all, in time;                       *)
(*  - a quorum that needs the liars is seen by all as soon as one has seen it *)
(*    (the prevotes behind a lock are sent again), but perhaps too late to    *)
(*    lock: only the valid block is remembered then;                          *)
(*  - the certificate of who has decided reaches the others.                  *)
(* Liars speak when they want to, and offer anybody anything in their turn.   *)
EXTENDS Integers, Sequences, FiniteSets
CONSTANTS Honest, NF, F, Blocks,
          Schedule,             \* who proposes in which view; not in Honest: a liar
          LastAsynchronous      \* GST comes before this view ends
ASSUME Cardinality(Honest) + NF = 3 * F + 1
Total == 3 * F + 1
Nil == "nil"
None == "none"
NoView == -1
MaxView == Len(Schedule) - 1
Views == 0..MaxView

VARIABLES view, stage,
          lockedView, lockedRoot,
          validView, validRoot, \* the newest quorum of prevotes seen in its own view
          heard,                \* [Honest -> the block that was proposed to it in this view, or None]
          prevotes, precommits, \* [Honest -> its vote in this view, or None]
          quorums,              \* <<view, block>> that liars can complete to a quorum of prevotes
          final,                \* blocks that liars can complete to a quorum of precommits
          decided, gst
vars == <<view, stage, lockedView, lockedRoot, validView, validRoot, heard, prevotes, precommits,
          quorums, final, decided, gst>>
locks == <<lockedView, lockedRoot, validView, validRoot>>

is_quorum(seats) == 3 * seats > 2 * Total
proposer_at(r) == Schedule[r + 1]
Said(votes, v) == Cardinality({p \in Honest : votes[p] = v})
Sure(votes, v) == is_quorum(Said(votes, v))
Possible(votes, v) == is_quorum(Said(votes, v) + NF)
Built(r) == IF r = 0 THEN "a" ELSE "b"            \* the block that an honest proposer of view r makes
Undecided == {p \in Honest : decided[p] = Nil}

Init == /\ view = 0 /\ stage = "propose" /\ gst = FALSE
        /\ lockedView = [p \in Honest |-> NoView] /\ lockedRoot = [p \in Honest |-> Nil]
        /\ validView = [p \in Honest |-> NoView] /\ validRoot = [p \in Honest |-> Nil]
        /\ heard = [p \in Honest |-> None]
        /\ prevotes = [p \in Honest |-> None] /\ precommits = [p \in Honest |-> None]
        /\ quorums = {} /\ final = {} /\ decided = [p \in Honest |-> Nil]

\* ---- lines 11 to 31: propose and prevote
Silence == [root |-> None, validView |-> NoView]
Made(p) == IF validView[p] = NoView THEN [root |-> Built(view), validView |-> NoView]
           ELSE [root |-> validRoot[p], validView |-> validView[p]]
Justified(offer) == offer.validView = NoView \/ <<offer.validView, offer.root>> \in quorums
Offers == IF proposer_at(view) \notin Honest
          THEN {Silence} \cup {offer \in [root : Blocks, validView : NoView..(view - 1)] : Justified(offer)}
          ELSE IF decided[proposer_at(view)] # Nil THEN {Silence}
          ELSE {Made(proposer_at(view))} \cup (IF gst THEN {} ELSE {Silence})
Answer(p, offer) ==
   LET free == lockedView[p] <= offer.validView \/ lockedRoot[p] = offer.root
   IN IF p \notin Undecided THEN None ELSE IF offer # Silence /\ free THEN offer.root ELSE Nil
rule_prevote ==
   /\ stage = "propose" /\ (view > LastAsynchronous => gst)
   /\ \E offer \in [Honest -> Offers] :
        LET said == [p \in Honest |-> Answer(p, offer[p])] IN
        /\ heard' = [p \in Honest |-> offer[p].root]
        /\ prevotes' = said
        /\ quorums' = quorums \cup {<<view, v>> : v \in {w \in Blocks : Possible(said, w)}}
   /\ stage' = "prevote"
   /\ UNCHANGED <<view, precommits, final, decided, gst, locks>>

\* ---- lines 36 and 44: lock, or give up
CanSee(p, v) == p \in Undecided /\ Possible(prevotes, v)
                /\ (heard[p] = v \/ (heard[p] = None /\ proposer_at(view) \notin Honest))
rule_lock ==
   /\ stage = "prevote"
   /\ \E v \in Blocks, inTime, late \in SUBSET Honest :
        /\ inTime \cap late = {} /\ \A p \in inTime \cup late : CanSee(p, v)
        /\ \A w \in Blocks : (gst /\ Sure(prevotes, w)) =>
             v = w /\ {p \in Honest : CanSee(p, w) /\ heard[p] = w} \subseteq inTime
        /\ (gst /\ inTime \cup late # {}) => {p \in Honest : CanSee(p, v) /\ heard[p] = v} \subseteq inTime \cup late
        /\ lockedView' = [p \in Honest |-> IF p \in inTime THEN view ELSE lockedView[p]]
        /\ lockedRoot' = [p \in Honest |-> IF p \in inTime THEN v ELSE lockedRoot[p]]
        /\ validView' = [p \in Honest |-> IF p \in inTime \cup late THEN view ELSE validView[p]]
        /\ validRoot' = [p \in Honest |-> IF p \in inTime \cup late THEN v ELSE validRoot[p]]
        /\ LET said == [p \in Honest |-> IF p \in inTime THEN v ELSE IF p \in Undecided THEN Nil ELSE None]
           IN /\ precommits' = said
              /\ final' = final \cup {w \in Blocks : Possible(said, w)}
   /\ stage' = "precommit"
   /\ UNCHANGED <<view, heard, prevotes, quorums, decided, gst>>

\* ---- line 49: decide, now or from what was left over
rule_decide ==
   /\ stage = "precommit"
   /\ \E who \in SUBSET Undecided, v \in Blocks :
        /\ who # {} => v \in final
        /\ (gst /\ who # {}) => who = Undecided
        /\ decided' = [p \in Honest |-> IF p \in who THEN v ELSE decided[p]]
        \* nobody may look away from a quorum that is there for all to see
        /\ (gst /\ (Undecided # Honest \/ \E w \in Blocks : Sure(precommits, w))) => who = Undecided
   /\ stage' = "next"
   /\ UNCHANGED <<view, heard, prevotes, precommits, quorums, final, gst, locks>>

\* ---- lines 57 to 67: the next view
enter_view ==
   /\ stage = "next" /\ view < MaxView
   /\ view' = view + 1 /\ stage' = "propose"
   /\ heard' = [p \in Honest |-> None]
   /\ prevotes' = [p \in Honest |-> None] /\ precommits' = [p \in Honest |-> None]
   /\ UNCHANGED <<quorums, final, decided, gst, locks>>

\* ---- not in our hands
stabilise == /\ ~gst /\ gst' = TRUE
             /\ UNCHANGED <<view, stage, heard, prevotes, precommits, quorums, final, decided, locks>>

Next == rule_prevote \/ rule_lock \/ rule_decide \/ enter_view \/ stabilise
Fair == WF_vars(rule_prevote) /\ WF_vars(rule_lock) /\ WF_vars(rule_decide) /\ WF_vars(enter_view) /\ WF_vars(stabilise)
Spec == Init /\ [][Next]_vars /\ Fair
\* without GST nothing is promised
Unstable == Init /\ [][Next /\ ~gst']_vars /\ WF_vars(Next /\ ~gst')
------------------------------------------------------------------------------
\* == Properties
\* CON-015
Agreement == \A p, q \in Honest : Nil \in {decided[p], decided[q]} \/ decided[p] = decided[q]
\* a lock is never newer than the valid block, which is what makes an honest proposer helpful (CON-014)
ValidCoversLock == \A p \in Honest : lockedView[p] <= validView[p]
\* every honest validator decides before the schedule is used up (CON-014)
Decides == <>(\A p \in Honest : decided[p] # Nil)
==============================================================================
