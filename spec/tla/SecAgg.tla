------------------------------- MODULE SecAgg -------------------------------
(* One round of secure aggregation on the ledger. A client sends its          *)
(* y_u = x_u + PRG(b_u) +- SUM PRG(s_uv) (PRV-014). It has shared its seed    *)
(* b_u and the key behind its s_uv among its neighbours, with threshold T     *)
(* (PRV-016, PRV-024, PRV-025). The masked inputs that are on the ledger at   *)
(* its deadline are the list of survivors. Of each neighbour a client then    *)
(* gives one share: of the seed if the neighbour is on the list, of the key   *)
(* if it is not.                                                              *)
(*                                                                            *)
(* Clients may fall silent at every step and be restarted at every step; the  *)
(* deadlines pass without them. Corrupt clients pool what they hold with      *)
(* whoever listens. The ledger is "one": what was sent in time is on it;      *)
(* "censored": whoever makes blocks leaves out what it likes, but all read    *)
(* the same; or "forked": a corrupt committee shows everybody another list.   *)
(* The first two are the reason why there is no round for comparing lists.    *)
(*                                                                            *)
(* Shares are counted, not computed. After a round that failed comes another, *)
(* with new keys. Left out: sums out of range, and what a right sum tells.    *)
EXTENDS Naturals, FiniteSets

CONSTANTS Honest, Corrupt,
          Neighbours, \* [Clients -> the holders of its shares]
          T,          \* threshold of the shares
          Ledger,     \* "one", "censored" or "forked"
          Rounds      \* how many rounds are looked at

Clients == Honest \cup Corrupt
None    == {}         \* no list is empty

VARIABLES phase,      \* "keys", "shares", "inputs", "unmasking", "done", "failed"
          round,
          U1, U2,     \* on the ledger: who advertised keys, who shared them
          Y,          \* whose masked input is known, late and censored ones too
          final,      \* the list of survivors on the ledger
          seen,       \* [Honest -> the list in memory]
          kept,       \* [Honest -> the list on disk]
          answers,    \* [Honest -> the lists answered]
          sum,        \* "none", "right" or "wrong"
          spent,      \* whose input was on a list that is no more
          before      \* the lists of earlier rounds, whose sums may be learnt any time
vars == <<phase, round, U1, U2, Y, final, seen, kept, answers, sum, spent, before>>
once == <<round, spent, before>>

Begin == /\ phase = "keys" /\ U1 = Corrupt /\ U2 = {} /\ Y = {} /\ final = None
         /\ seen = [u \in Honest |-> None] /\ kept = [u \in Honest |-> None]
         /\ answers = [u \in Honest |-> {}] /\ sum = "none"
Init == Begin /\ round = 1 /\ spent = {} /\ before = {}

\* PRV-034, PRV-035: somebody is left, and everybody who has shared keys has T neighbours among them
enough_left(L) == /\ L # None
                  /\ \A v \in U2 : Cardinality(L \cap Neighbours[v]) >= T

\* ---- clients: PRV-032, PRV-034, PRV-035, PRV-037
advertise_keys(u) == /\ phase = "keys" /\ U1' = U1 \cup {u}
                     /\ UNCHANGED <<phase, U2, Y, final, seen, kept, answers, sum, once>>
share_keys(u) == /\ phase = "shares" /\ u \in U1 /\ U2' = U2 \cup {u}
                 /\ UNCHANGED <<phase, U1, Y, final, seen, kept, answers, sum, once>>
\* Too late for the list, a masked input is known all the same. Nobody masks an input twice that has been on a list.
masked_input(u) == /\ phase \in {"inputs", "unmasking"} /\ u \in U2
                   /\ u \notin spent
                   /\ Y' = Y \cup {u}
                   /\ UNCHANGED <<phase, U1, U2, final, seen, kept, answers, sum, once>>

\* What a client may read, early or late
Shown == IF Ledger = "forked" THEN SUBSET U2 ELSE {final}
read(u, L) == /\ final # None /\ u \in U2 /\ L \in Shown
              /\ enough_left(L)
              /\ seen[u] = None
              /\ seen' = [seen EXCEPT ![u] = L]
              /\ UNCHANGED <<phase, U1, U2, Y, final, kept, answers, sum, once>>
persist(u) == /\ seen[u] # None /\ kept[u] = None
              /\ kept' = [kept EXCEPT ![u] = seen[u]]
              /\ UNCHANGED <<phase, U1, U2, Y, final, seen, answers, sum, once>>
\* A restarted client has what is on its disk
restart(u) == /\ seen[u] # kept[u] /\ seen' = [seen EXCEPT ![u] = kept[u]]
              /\ UNCHANGED <<phase, U1, U2, Y, final, kept, answers, sum, once>>
\* Asked again, the same again
unmask(u) == /\ seen[u] # None
             /\ kept[u] = seen[u]
             /\ answers' = [answers EXCEPT ![u] = @ \cup {seen[u]}]
             /\ UNCHANGED <<phase, U1, U2, Y, final, seen, kept, sum, once>>

\* ---- what everybody together with the corrupt clients can compute
GivesSeed(u, v) == \E L \in answers[u] : v \in L
GivesKey(u, v)  == \E L \in answers[u] : v \in U2 \ L
Pooled(v) == Corrupt \cap U2 \cap Neighbours[v]
SeedShares(v) == {u \in Honest \cap Neighbours[v] : GivesSeed(u, v)} \cup Pooled(v)
KeyShares(v)  == {u \in Honest \cap Neighbours[v] : GivesKey(u, v)} \cup Pooled(v)
\* (IF and not \/: TLC explores both sides of a disjunction inside an action)
KnowsSeed(v) == IF v \in Corrupt THEN TRUE ELSE Cardinality(SeedShares(v)) >= T
KnowsKey(v) == IF v \in Corrupt THEN TRUE ELSE Cardinality(KeyShares(v)) >= T
\* no mask hides SUM_{v in S} y_v any more
Open(S) == /\ \A v \in S : KnowsSeed(v)
           /\ \A w \in U2 \ S : KnowsKey(w) \/ \A v \in S \cap Neighbours[w] : KnowsKey(v)
Learnable(S) == S # {} /\ Open(S)
Sums == {S \in SUBSET (Honest \cap Y) : Learnable(S)}

\* ---- deadlines: too few, and the round fails (PRV-033, PRV-034, PRV-035, PRV-038)
draw_graphs == /\ phase = "keys"
               /\ IF Cardinality(U1) > T THEN phase' = "shares" /\ U2' = Corrupt
                  ELSE phase' = "failed" /\ U2' = U2
               /\ UNCHANGED <<U1, Y, final, seen, kept, answers, sum, once>>
close_shares == /\ phase = "shares"
                /\ IF enough_left(U2) THEN phase' = "inputs" /\ Y' = Corrupt
                   ELSE phase' = "failed" /\ Y' = Y
                /\ UNCHANGED <<U1, U2, final, seen, kept, answers, sum, once>>
InTime == IF Ledger = "one" THEN {Y} ELSE SUBSET Y
close_inputs(L) == /\ phase = "inputs" /\ L \in InTime
                   /\ IF enough_left(L) THEN phase' = "unmasking" /\ final' = L
                      ELSE phase' = "failed" /\ final' = None
                   /\ UNCHANGED <<U1, U2, Y, seen, kept, answers, sum, once>>

\* A sum is opened from the answers on the ledger: T shares of every seed on the list, and of every key that masks it.
\* Whoever is corrupt may give no share, or have dealt shares that do not fit (PRV-021).
Answered == {u \in Honest : final \in answers[u]}
OnLedger == IF Ledger = "one" THEN {Answered \cup H : H \in SUBSET (Corrupt \cap U2)}
            ELSE SUBSET (Answered \cup (Corrupt \cap U2))
Opens(C) == \A v \in U2 : v \in final \/ Neighbours[v] \cap final # {} => Cardinality(C \cap Neighbours[v]) >= T
open_groups(C, wrong) ==
   /\ phase = "unmasking" /\ C \in OnLedger /\ wrong \subseteq Corrupt \cap U2
   /\ IF Opens(C)
         /\ wrong = {}
      THEN phase' = "done" /\ sum' = IF wrong = {} THEN "right" ELSE "wrong"
      ELSE phase' = "failed" /\ sum' = "none"
   /\ UNCHANGED <<U1, U2, Y, final, seen, kept, answers, once>>

\* The next round, with new keys
begin_round == /\ phase = "failed" /\ round < Rounds
               /\ round' = round + 1 /\ before' = before \cup ({final} \ {None})
               /\ spent' = IF final = None THEN spent ELSE spent \cup Y
               /\ phase' = "keys" /\ U1' = Corrupt /\ U2' = {} /\ Y' = {} /\ final' = None
               /\ seen' = [u \in Honest |-> None] /\ kept' = [u \in Honest |-> None]
               /\ answers' = [u \in Honest |-> {}] /\ sum' = "none"

Close == \/ draw_graphs \/ close_shares \/ (\E L \in InTime : close_inputs(L))
         \/ \E C \in OnLedger, wrong \in SUBSET Corrupt : open_groups(C, wrong)
Next == \/ draw_graphs \/ close_shares \/ begin_round
        \/ \E L \in SUBSET Clients : close_inputs(L)
        \/ \E C \in SUBSET Clients, wrong \in SUBSET Corrupt : open_groups(C, wrong)
        \/ \E u \in Honest : \/ advertise_keys(u) \/ share_keys(u) \/ masked_input(u)
                             \/ persist(u) \/ restart(u) \/ unmask(u)
                             \/ \E L \in SUBSET Clients : read(u, L)
Fair == WF_vars(Close)
Safe == Init /\ [][Next]_vars
Spec == Safe /\ Fair

\* A slice for five clients and more: all have shared their keys, only the end is explored
InitSlice == /\ phase = "unmasking" /\ U1 = Clients /\ U2 = Clients
             /\ \E S \in SUBSET Honest : Y = Corrupt \cup S
             /\ final \in InTime /\ enough_left(final)
             /\ seen = [u \in Honest |-> None] /\ kept = [u \in Honest |-> None]
             /\ answers = [u \in Honest |-> {}] /\ sum = "none"
             /\ round = 1 /\ spent = {} /\ before = {}
SliceSpec == InitSlice /\ [][Next]_vars

\* Clients in Up never fall silent and are in time: if there are enough of them the round must succeed
CONSTANT Up
Patient == /\ (phase = "keys" /\ phase' # phase => Up \subseteq U1)
           /\ (phase = "shares" /\ phase' # phase => Up \subseteq U2)
           /\ (phase = "inputs" /\ phase' # phase => Up \subseteq Y)
           /\ (phase = "unmasking" /\ phase' # phase => \A u \in Up : answers[u] # {})
UpSpec == /\ Init /\ [][Next /\ Patient]_vars
          /\ WF_vars(Close /\ Patient)
          /\ \A u \in Up : /\ WF_vars(advertise_keys(u)) /\ WF_vars(share_keys(u)) /\ WF_vars(masked_input(u))
                           /\ SF_vars(\E L \in Shown : read(u, L)) /\ SF_vars(persist(u)) /\ WF_vars(unmask(u))
-----------------------------------------------------------------------------
\* == Properties ==
\* PRV-032
TypeOK == /\ phase \in {"keys", "shares", "inputs", "unmasking", "done", "failed"} /\ round \in 1..Rounds
          /\ U1 \subseteq Clients /\ U2 \subseteq U1 /\ Y \subseteq U2 /\ final \subseteq Y
          /\ \A u \in Honest : seen[u] \subseteq U2 /\ kept[u] \subseteq U2
\* every collection that is built upon has more than T members, so three at least: nobody asks for that, but who is on a
\* list has T neighbours on it (PRV-036)
Floors == /\ phase \in {"shares", "inputs", "unmasking", "done"} => Cardinality(U1) > T
          /\ phase \in {"inputs", "unmasking", "done"} => Cardinality(U2) > T
          /\ phase \in {"unmasking", "done"} => Cardinality(final) > T /\ Cardinality(final) >= 3
          /\ \A u \in Honest : seen[u] = None \/ Cardinality(seen[u]) > T
\* never are T shares of both secrets of an honest client known (PRV-037)
NoBoth == \A v \in Honest : ~(KnowsSeed(v) /\ KnowsKey(v))
\* no sum of fewer honest inputs can be learnt than a list must have; NoBoth alone allows that (PRV-036)
NoSmallSum == \A S \in Sums : Cardinality(S) > T - Cardinality(Corrupt)
\* one sum at most, and none with an input that was in another round's: two would give their difference (PRV-040)
OneSum == Cardinality(Sums) <= 1 /\ \A S \in Sums, L \in before : S \cap L = {}
\* the sum is that over the list on the ledger, or the round fails (PRV-038)
RightOrFailed == /\ (phase = "done" <=> sum = "right") /\ (phase # "done" <=> sum = "none")
                 /\ phase = "done" => final \subseteq Y /\ Open(final)
\* all who read a list read the same one: what a round for comparing lists would be for (PRV-036)
SameList == \A u \in Honest : answers[u] \subseteq {final}
\* a client answers one list, ever, across questions and restarts, and that list is on its disk (PRV-040)
OneAnswer == \A u \in Honest : Cardinality(answers[u]) <= 1
\* PRV-040
Durable == \A u \in Honest : answers[u] \subseteq {kept[u]}
\* PRV-040
KeptForEver == [][round' = round => \A u \in Honest : kept[u] # None => kept'[u] = kept[u]]_vars
\* PRV-031
Ends == <>(phase \in {"done", "failed"})
\* PRV-038
Succeeds == <>(phase = "done")

\* == Witnesses ==
NeverDone == phase # "done"
NeverFailsLate == ~(phase = "failed" /\ final # None)
NeverDropsAtEveryStep == ~(phase = "done" /\ U1 # Clients /\ U2 # U1 /\ final # U2
                           /\ \E u \in final \cap Honest : answers[u] = {})
NeverLate == ~(phase = "done" /\ Y # final)
NeverSucceedsLater == ~(phase = "done" /\ round > 1)
NeverLearntThoughFailed == ~(phase = "failed" /\ Sums # {})
NeverRestarted == [][~\E u \in Honest : round' = round /\ seen[u] # None /\ seen'[u] = None]_vars
=============================================================================
