------------------------------ MODULE Evidence -------------------------------
(* Who can be convicted (CON-016, INF-012): two votes of one voter, kind and  *)
(* view for different blocks. One kind of vote, two views; the honest vote    *)
(* once in a view and keep their lock, the liars say anything to anybody.     *)
(* Here votes are written down one by one, unlike in Tendermint.tla, because  *)
(* evidence is made of them; and the liars may be too many.                   *)
EXTENDS Integers, FiniteSets
CONSTANTS Honest, Liars, Blocks, Views
Voters == Honest \cup Liars
Undecided == <<-1, "nil">>
VARIABLES votes,                \* set of <<voter, view, block>>: what somebody honest has received
          decided,              \* [Honest -> <<view, block>> or Undecided]
          convicted
vars == <<votes, decided, convicted>>
is_quorum(seats) == 3 * seats > 2 * Cardinality(Voters)
faults_max == (Cardinality(Voters) - 1) \div 3          \* CON-006
For(r, v) == {p \in Voters : <<p, r, v>> \in votes}

Init == votes = {} /\ decided = [p \in Honest |-> Undecided] /\ convicted = {}
\* an honest validator votes once in a view, and in a later one only for what it voted for before
take_vote(p, r, v) ==
   /\ p \in Honest => \A s \in Views, w \in Blocks : <<p, s, w>> \in votes => s < r /\ w = v
   /\ votes' = votes \cup {<<p, r, v>>} /\ UNCHANGED <<decided, convicted>>
rule_decide(p) == \E r \in Views, v \in Blocks :
   /\ decided[p] = Undecided /\ is_quorum(Cardinality(For(r, v)))
   /\ decided' = [decided EXCEPT ![p] = <<r, v>>] /\ UNCHANGED <<votes, convicted>>
\* CON-016: voter and slot agree, blocks differ; INF-012: once
check_conflict(one, other) == one[1] = other[1] /\ one[2] = other[2] /\ one[3] # other[3]
convict == \E one, other \in votes :
   /\ check_conflict(one, other) /\ one[1] \notin convicted
   /\ convicted' = convicted \cup {one[1]} /\ UNCHANGED <<votes, decided>>
Next == \/ \E p \in Voters, r \in Views, v \in Blocks : take_vote(p, r, v)
        \/ \E p \in Honest : rule_decide(p)
        \/ convict
Spec == Init /\ [][Next]_vars
------------------------------------------------------------------------------
\* == Properties
\* only liars are convicted (CON-016)
HonestIsSafe == convicted \subseteq Liars
Fork(p, q) == decided[p] # Undecided /\ decided[q] # Undecided /\ decided[p][2] # decided[q][2]
\* a fork within one view convicts more than a third: the votes that made it are the evidence (CON-016)
ForkIsPunished == \A p, q \in Honest : (Fork(p, q) /\ decided[p][1] = decided[q][1]) =>
   Cardinality({x \in Voters : \E a, b \in votes : a[1] = x /\ check_conflict(a, b)}) > faults_max
\* NOT promised: that a fork across views leaves evidence (its cause is amnesia, which votes alone do not show)
\* CON-016
EveryForkIsPunished == \A p, q \in Honest : Fork(p, q) =>
   \E x \in Voters, a, b \in votes : a[1] = x /\ check_conflict(a, b)
\* with few enough liars there is no fork at all (CON-006)
NoFork == \A p, q \in Honest : ~Fork(p, q)
\* who was convicted stays so (INF-012)
Final == [][convicted \subseteq convicted']_vars
==============================================================================
