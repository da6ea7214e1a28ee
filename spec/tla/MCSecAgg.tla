------------------------------ MODULE MCSecAgg ------------------------------
(* Honest clients are interchangeable.                                        *)
EXTENDS SecAgg, TLC
Symmetry == Permutations(Honest)
\* For attacks: all inputs are in, and whoever is shown a list answers at once
Answers(u, L) == /\ Cardinality(L) >= T /\ kept[u] = None
                 /\ seen' = [seen EXCEPT ![u] = L] /\ kept' = [kept EXCEPT ![u] = L]
                 /\ answers' = [answers EXCEPT ![u] = {L}]
                 /\ bs' = [v \in Honest |-> IF v \in L THEN bs[v] \cup {u} ELSE bs[v]]
                 /\ sk' = [v \in Honest |-> IF v \in U2 \ L THEN sk[v] \cup {u} ELSE sk[v]]
                 /\ UNCHANGED <<phase, U1, U2, Y, final>>
HastySpec == /\ InitSlice /\ Y = Clients /\ final = Clients
             /\ [][\E u \in Honest : \E L \in Shown : Answers(u, L)]_vars
=============================================================================
