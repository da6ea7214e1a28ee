------------------------------- MODULE SecAgg -------------------------------
(* One round of secure aggregation by double masking: a client sends its      *)
(* y_u = x_u + PRG(b_u) +- SUM PRG(s_uv) (PRV-014), shares b_u and the key    *)
(* behind its s_uv among all with threshold T (PRV-016, PRV-025), and helps   *)
(* to unmask one list of survivors: of every other client a share of either.  *)
(*                                                                            *)
(* Clients may fall silent at every step and be restarted at every step; the  *)
(* deadlines pass without them. Corrupt clients pool what they hold with the  *)
(* server. Server = "honest" announces who arrived; "final" announces what it *)
(* likes, but one list, because clients answer only what the ledger made      *)
(* final; "equivocating" shows everybody another list (a corrupt committee).  *)
(*                                                                            *)
(* Shares are counted, not computed; what is left out: wrong shares, sums out *)
(* of range, sparse neighbourhoods, and what a right sum says by itself.      *)
EXTENDS Naturals, FiniteSets

CONSTANTS Honest, Corrupt,
          T,          \* threshold of the shares, and the least number of survivors
          Server      \* "honest", "final" or "equivocating"

Clients == Honest \cup Corrupt
None    == {}         \* no list is empty: it has T members at least

VARIABLES phase,      \* "keys", "shares", "inputs", "unmasking", "done", "failed"
          U1, U2,     \* who advertised keys, who shared them
          Y,          \* whose masked input the server has, late ones too
          final,      \* the list of survivors that the sum is over
          seen,       \* [Honest -> the list in memory]
          kept,       \* [Honest -> the list on disk]
          answers,    \* [Honest -> the lists answered]
          bs, sk      \* [Honest -> who gave the server a share of b_v, of the key of v]
vars == <<phase, U1, U2, Y, final, seen, kept, answers, bs, sk>>

Init == /\ phase = "keys" /\ U1 = Corrupt /\ U2 = {} /\ Y = {} /\ final = None
        /\ seen = [u \in Honest |-> None] /\ kept = [u \in Honest |-> None]
        /\ answers = [u \in Honest |-> {}]
        /\ bs = [v \in Honest |-> {}] /\ sk = [v \in Honest |-> {}]

\* ---- clients
advertise_keys(u) == /\ phase = "keys" /\ U1' = U1 \cup {u}
                     /\ UNCHANGED <<phase, U2, Y, final, seen, kept, answers, bs, sk>>
share_keys(u) == /\ phase = "shares" /\ u \in U1 /\ U2' = U2 \cup {u}
                 /\ UNCHANGED <<phase, U1, Y, final, seen, kept, answers, bs, sk>>
\* Too late for the list, a masked input still reaches the server
masked_input(u) == /\ phase \in {"inputs", "unmasking"} /\ u \in U2 /\ Y' = Y \cup {u}
                   /\ UNCHANGED <<phase, U1, U2, final, seen, kept, answers, bs, sk>>

\* What a client may be shown, and what it looks at: at least T members, all of whom shared keys
Shown == IF Server = "equivocating" THEN SUBSET U2 ELSE {final}
receive_list(u, L) == /\ phase = "unmasking" /\ u \in U2 /\ L \in Shown
                      /\ Cardinality(L) >= T
                      /\ seen[u] = None
                      /\ seen' = [seen EXCEPT ![u] = L]
                      /\ UNCHANGED <<phase, U1, U2, Y, final, kept, answers, bs, sk>>
persist(u) == /\ seen[u] # None /\ kept[u] = None
              /\ kept' = [kept EXCEPT ![u] = seen[u]]
              /\ UNCHANGED <<phase, U1, U2, Y, final, seen, answers, bs, sk>>
\* A restarted client has what is on its disk
restart(u) == /\ seen[u] # kept[u] /\ seen' = [seen EXCEPT ![u] = kept[u]]
              /\ UNCHANGED <<phase, U1, U2, Y, final, kept, answers, bs, sk>>
\* For the members of the list a share of b, for the others a share of the key; asked again, the same again
unmask(u) == /\ phase = "unmasking" /\ seen[u] # None
             /\ kept[u] = seen[u]
             /\ answers' = [answers EXCEPT ![u] = @ \cup {seen[u]}]
             /\ bs' = [v \in Honest |-> IF v \in seen[u] THEN bs[v] \cup {u} ELSE bs[v]]
             /\ sk' = [v \in Honest |-> IF v \in U2 \ seen[u] THEN sk[v] \cup {u} ELSE sk[v]]
             /\ UNCHANGED <<phase, U1, U2, Y, final, seen, kept>>

\* ---- deadlines: too few, and the round fails
close_keys == /\ phase = "keys"
              /\ IF Cardinality(U1) >= T THEN phase' = "shares" /\ U2' = Corrupt ELSE phase' = "failed" /\ U2' = U2
              /\ UNCHANGED <<U1, Y, final, seen, kept, answers, bs, sk>>
close_shares == /\ phase = "shares"
                /\ IF Cardinality(U2) >= T THEN phase' = "inputs" /\ Y' = Corrupt ELSE phase' = "failed" /\ Y' = Y
                /\ UNCHANGED <<U1, U2, final, seen, kept, answers, bs, sk>>
Announced == IF Server = "honest" THEN {Y} ELSE SUBSET Y
close_inputs(L) == /\ phase = "inputs" /\ L \in Announced
                   /\ IF Cardinality(L) >= T THEN phase' = "unmasking" /\ final' = L
                      ELSE phase' = "failed" /\ final' = None
                   /\ UNCHANGED <<U1, U2, Y, seen, kept, answers, bs, sk>>

\* ---- what the server, with the corrupt clients, can compute
\* (IF and not \/: TLC explores both sides of a disjunction inside an action)
SharesOfB(v) == bs[v] \cup (Corrupt \cap U2)
SharesOfKey(v) == sk[v] \cup (Corrupt \cap U2)
KnowsB(v) == IF v \in Corrupt THEN TRUE ELSE Cardinality(SharesOfB(v)) >= T
KnowsKey(v) == IF v \in Corrupt THEN TRUE ELSE Cardinality(SharesOfKey(v)) >= T
\* the masks that still hide SUM_{v in S} y_v
Hiding(S) == {v \in S : ~KnowsB(v)} \cup {w \in U2 \ S : ~KnowsKey(w) /\ \E v \in S : ~KnowsKey(v)}
Learnable(S) == S # {} /\ Hiding(S) = {}

close_unmasking == /\ phase = "unmasking"
                   /\ phase' = IF Hiding(final) = {} THEN "done" ELSE "failed"
                   /\ UNCHANGED <<U1, U2, Y, final, seen, kept, answers, bs, sk>>

Close == close_keys \/ close_shares \/ (\E L \in Announced : close_inputs(L)) \/ close_unmasking
Next == \/ close_keys \/ close_shares \/ close_unmasking
        \/ \E L \in SUBSET Clients : close_inputs(L)
        \/ \E u \in Honest : \/ advertise_keys(u) \/ share_keys(u) \/ masked_input(u)
                             \/ persist(u) \/ restart(u) \/ unmask(u)
                             \/ \E L \in SUBSET Clients : receive_list(u, L)
Fair == WF_vars(Close)
Spec == Init /\ [][Next]_vars /\ Fair

\* A slice for five clients and more: all have shared their keys, only the end is explored
InitSlice == /\ phase = "unmasking" /\ U1 = Clients /\ U2 = Clients
             /\ \E S \in SUBSET Honest : Y = Corrupt \cup S
             /\ final \in Announced /\ Cardinality(final) >= T
             /\ seen = [u \in Honest |-> None] /\ kept = [u \in Honest |-> None]
             /\ answers = [u \in Honest |-> {}]
             /\ bs = [v \in Honest |-> {}] /\ sk = [v \in Honest |-> {}]
SliceSpec == InitSlice /\ [][Next]_vars

\* Clients in Up never fall silent and are in time: with T of them the round must succeed
CONSTANT Up
InTime == /\ (phase = "keys" /\ phase' # phase => Up \subseteq U1)
          /\ (phase = "shares" /\ phase' # phase => Up \subseteq U2)
          /\ (phase = "inputs" /\ phase' # phase => Up \subseteq Y)
          /\ (phase = "unmasking" /\ phase' # phase => \A u \in Up : answers[u] # {})
UpSpec == /\ Init /\ [][Next /\ InTime]_vars
          /\ WF_vars(Close /\ InTime)
          /\ \A u \in Up : /\ WF_vars(advertise_keys(u)) /\ WF_vars(share_keys(u)) /\ WF_vars(masked_input(u))
                           /\ SF_vars(\E L \in Shown : receive_list(u, L)) /\ SF_vars(persist(u)) /\ WF_vars(unmask(u))
-----------------------------------------------------------------------------
\* == Properties ==
TypeOK == /\ phase \in {"keys", "shares", "inputs", "unmasking", "done", "failed"}
          /\ U1 \subseteq Clients /\ U2 \subseteq U1 /\ Y \subseteq U2 /\ final \subseteq Y
          /\ \A u \in Honest : seen[u] \subseteq U2 /\ kept[u] \subseteq U2
\* every collection that is built upon has T members at least
Floors == /\ phase \in {"shares", "inputs", "unmasking", "done"} => Cardinality(U1) >= T
          /\ phase \in {"inputs", "unmasking", "done"} => Cardinality(U2) >= T
          /\ phase \in {"unmasking", "done"} => Cardinality(final) >= T
          /\ \A u \in Honest : seen[u] = None \/ Cardinality(seen[u]) >= T
\* the server never holds T shares of both secrets of an honest client
NoBoth == \A v \in Honest : ~(KnowsB(v) /\ KnowsKey(v))
\* no sum over fewer than T - |Corrupt| honest inputs can be learnt; NoBoth alone allows that
NoSmallSum == \A S \in SUBSET (Honest \cap Y) : Learnable(S) => Cardinality(S) >= T - Cardinality(Corrupt)
\* one sum at most: two would give their difference
OneSum == \A S1, S2 \in SUBSET (Honest \cap Y) : Learnable(S1) /\ Learnable(S2) => S1 = S2
\* the sum is that over the announced list, or the round fails
RightOrFailed == phase = "done" => /\ final \subseteq Y
                                   /\ Learnable(final \cap Honest) \/ final \cap Honest = {}
\* a client answers one list, ever, across questions and restarts, and that list is on its disk
OneAnswer == \A u \in Honest : Cardinality(answers[u]) <= 1
Durable == \A u \in Honest : answers[u] \subseteq {kept[u]}
KeptForEver == [][\A u \in Honest : kept[u] # None => kept'[u] = kept[u]]_vars
Ends == <>(phase \in {"done", "failed"})
Succeeds == <>(phase = "done")

\* == Witnesses ==
NeverDone == phase # "done"
NeverFailsLate == ~(phase = "failed" /\ final # None)
NeverDropsAtEveryStep == ~(phase = "done" /\ U1 # Clients /\ U2 # U1 /\ final # U2
                           /\ \E u \in final \cap Honest : answers[u] = {})
NeverLate == ~(phase = "done" /\ Y # final)
NeverRestarted == [][~\E u \in Honest : seen[u] # None /\ seen'[u] = None]_vars
=============================================================================
