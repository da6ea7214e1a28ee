------------------------------ MODULE MCSecAgg ------------------------------
(* Everybody a neighbour of everybody, where honest clients are               *)
(* interchangeable; or rings, where they are not.                             *)
EXTENDS SecAgg, TLC
Symmetry == Permutations(Honest)
Complete == TLCEval([u \in Clients |-> Clients \ {u}])
\* Two neighbours on either side
DoubleRing == <<{2, 3, 5, 6}, {1, 3, 4, 6}, {1, 2, 4, 5}, {2, 3, 5, 6}, {1, 3, 4, 6}, {1, 2, 4, 5}>>
LongRing == <<{2, 3, 9, 10}, {1, 3, 4, 10}, {1, 2, 4, 5}, {2, 3, 5, 6}, {3, 4, 6, 7},
              {4, 5, 7, 8}, {5, 6, 8, 9}, {6, 7, 9, 10}, {1, 7, 8, 10}, {1, 2, 8, 9}>>
\* One client at a time between reading a list and answering it
OneAtATime == Cardinality({u \in Honest : seen[u] # None /\ answers[u] = {}}) <= 1
\* For attacks: all inputs are in, and whoever is shown a list answers at once
Answers(u, L) == /\ enough_left(L) /\ kept[u] = None
                 /\ seen' = [seen EXCEPT ![u] = L] /\ kept' = [kept EXCEPT ![u] = L]
                 /\ answers' = [answers EXCEPT ![u] = {L}]
                 /\ UNCHANGED <<phase, U1, U2, Y, final, sum, once>>
HastySpec == /\ InitSlice /\ Y = Clients /\ final = Clients
             /\ [][\E u \in Honest : \E L \in Shown : Answers(u, L)]_vars
\* Survivors in two halves of the long ring that are no neighbours
SplitSpec == /\ phase = "unmasking" /\ U1 = Clients /\ U2 = Clients /\ Y = {3, 4, 5, 8, 9, 10} /\ final = Y
             /\ seen = [u \in Honest |-> None] /\ kept = [u \in Honest |-> None]
             /\ answers = [u \in Honest |-> {}] /\ sum = "none" /\ round = 1 /\ spent = {} /\ before = {}
             /\ [][\E u \in final : Answers(u, final)]_vars
\* Reading, persisting and answering in one step, and nobody late; for larger numbers of clients
PromptSpec == /\ InitSlice
              /\ [][\/ \E u \in Honest \cap U2 : \E L \in Shown : phase = "unmasking" /\ Answers(u, L)
                    \/ \E C \in OnLedger, wrong \in SUBSET Corrupt : open_groups(C, wrong)]_vars
=============================================================================
