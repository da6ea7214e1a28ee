----------------------------- MODULE Tendermint ------------------------------
(* One height of a committee (CON-014, CON-015, CON-016): 3F + 1 seats, one   *)
(* each, of which NF lie.                                                     *)
(*                                                                            *)
(* What makes it small, and only ever allows more than reality does:          *)
(*  - whatever was said may reach anybody at any time from then on, or never; *)
(*  - liars are not written down: they say everything to everybody, so their  *)
(*    number is added to every count;                                         *)
(*  - any block with any valid view may be put before anybody at any time, as *)
(*    if all proposers lied; so there is no proposal to remember, and no      *)
(*    valid block, which only honest proposers use (see TendermintLive);      *)
(*  - a time-out may fire as soon as it has been asked for.                   *)
(* Actions are called like the functions of the reference that do the same.   *)
EXTENDS Integers, FiniteSets
CONSTANTS Honest,               \* who follows the rules
          NF,                   \* how many do not
          F,                    \* how many the committee is built for
          Blocks, Valid,        \* what can be proposed, and what recomputes
          MaxView               \* views 0 .. MaxView are looked at
ASSUME Cardinality(Honest) + NF = 3 * F + 1 /\ Valid \subseteq Blocks
Total == 3 * F + 1
Nil == "nil"
NoView == -1
Views == 0..MaxView
PROPOSE == 1
PREVOTING == 2
PRECOMMITTING == 3
DECIDED == 4

VARIABLES view, phase,          \* [Honest -> where it is]
          lockedView, lockedRoot,
          prevotes, precommits, \* [Honest -> [Views -> what it voted for]]
          decided               \* [Honest -> block or Nil]
vars == <<view, phase, lockedView, lockedRoot, prevotes, precommits, decided>>

\* CON-006
is_quorum(seats) == 3 * seats > 2 * Total
is_blocking(seats) == 3 * seats > Total
Prevoted(r, v) == Cardinality({p \in Honest : v \in prevotes[p][r]}) + NF
Precommitted(r, v) == Cardinality({p \in Honest : v \in precommits[p][r]}) + NF
PrevotedAny(r) == Cardinality({p \in Honest : prevotes[p][r] # {}}) + NF
PrecommittedAny(r) == Cardinality({p \in Honest : precommits[p][r] # {}}) + NF
Reached(r) == Cardinality({p \in Honest : \E s \in r..MaxView :
                                  prevotes[p][s] # {} \/ precommits[p][s] # {}}) + NF

Init == /\ view = [p \in Honest |-> 0] /\ phase = [p \in Honest |-> PROPOSE]
        /\ lockedView = [p \in Honest |-> NoView] /\ lockedRoot = [p \in Honest |-> Nil]
        /\ prevotes = [p \in Honest |-> [r \in Views |-> {}]]
        /\ precommits = [p \in Honest |-> [r \in Views |-> {}]]
        /\ decided = [p \in Honest |-> Nil]

prevote(p, v) == /\ prevotes' = [prevotes EXCEPT ![p][view[p]] = @ \cup {v}]
                 /\ phase' = [phase EXCEPT ![p] = PREVOTING]
                 /\ UNCHANGED <<view, lockedView, lockedRoot, precommits, decided>>
precommit(p, v) == /\ precommits' = [precommits EXCEPT ![p][view[p]] = @ \cup {v}]
                   /\ phase' = [phase EXCEPT ![p] = PRECOMMITTING]
                   /\ UNCHANGED <<view, prevotes, decided>>
enter_view(p, r) == /\ view' = [view EXCEPT ![p] = r] /\ phase' = [phase EXCEPT ![p] = PROPOSE]
                    /\ UNCHANGED <<lockedView, lockedRoot, prevotes, precommits, decided>>

\* CON-014, lines 22 and 28: the block must recompute, and the lock must allow it
rule_prevote(p) == \E v \in Blocks, validView \in {NoView} \cup Views :
   /\ phase[p] = PROPOSE
   /\ validView < view[p]
   /\ validView # NoView => is_quorum(Prevoted(validView, v))
   /\ LET free == lockedView[p] <= validView \/ lockedRoot[p] = v
      IN prevote(p, IF v \in Valid /\ free THEN v ELSE Nil)
\* CON-014, line 36
rule_lock(p) == \E v \in Valid :
   /\ phase[p] = PREVOTING
   /\ is_quorum(Prevoted(view[p], v))
   /\ lockedView' = [lockedView EXCEPT ![p] = view[p]]
   /\ lockedRoot' = [lockedRoot EXCEPT ![p] = v]
   /\ precommit(p, v)
\* CON-014, line 44
rule_precommit_nil(p) ==
   /\ phase[p] = PREVOTING
   /\ is_quorum(Prevoted(view[p], Nil))
   /\ precommit(p, Nil) /\ UNCHANGED <<lockedView, lockedRoot>>
\* CON-014, lines 57 to 67
take_timeout(p) ==
   \/ phase[p] = PROPOSE /\ prevote(p, Nil)
   \/ /\ phase[p] = PREVOTING /\ is_quorum(PrevotedAny(view[p]))
      /\ precommit(p, Nil) /\ UNCHANGED <<lockedView, lockedRoot>>
   \/ /\ phase[p] # DECIDED /\ view[p] < MaxView /\ is_quorum(PrecommittedAny(view[p]))
      /\ enter_view(p, view[p] + 1)
\* CON-014, line 55: from any phase, without voting in between
rule_jump(p) == \E r \in Views :
   /\ phase[p] # DECIDED /\ r > view[p] + 1
   /\ is_blocking(Reached(r))
   /\ enter_view(p, r)
\* CON-015, line 49; a certificate decides under the same condition
rule_decide(p) == \E v \in Blocks, r \in Views :
   /\ phase[p] # DECIDED
   /\ is_quorum(Precommitted(r, v))
   /\ decided' = [decided EXCEPT ![p] = v] /\ phase' = [phase EXCEPT ![p] = DECIDED]
   /\ UNCHANGED <<view, lockedView, lockedRoot, prevotes, precommits>>
Next == \E p \in Honest :
   \/ rule_decide(p) \/ rule_jump(p) \/ rule_prevote(p) \/ rule_lock(p)
   \/ rule_precommit_nil(p) \/ take_timeout(p)
Spec == Init /\ [][Next]_vars

Chosen == {decided[p] : p \in Honest} \ {Nil}
Abstract == INSTANCE Consensus WITH chosen <- Chosen
------------------------------------------------------------------------------
\* == Properties
\* CON-014
TypeOK == /\ view \in [Honest -> Views] /\ phase \in [Honest -> PROPOSE..DECIDED]
          /\ lockedView \in [Honest -> {NoView} \cup Views]
          /\ lockedRoot \in [Honest -> Blocks \cup {Nil}]
          /\ \A p \in Honest : lockedView[p] <= view[p] /\ (phase[p] = DECIDED <=> decided[p] # Nil)
\* no two honest validators decide differently (CON-015)
Agreement == \A p, q \in Honest : Nil \in {decided[p], decided[q]} \/ decided[p] = decided[q]
\* only what recomputes is decided (CON-009)
Validity == \A p \in Honest : decided[p] # Nil => decided[p] \in Valid
\* CON-016: nobody honest can be convicted, whatever it went through
NoDoubleVote == \A p \in Honest, r \in Views :
                   Cardinality(prevotes[p][r]) <= 1 /\ Cardinality(precommits[p][r]) <= 1
\* an honest validator votes against what it precommitted only after a newer proof of lock (CON-014)
LockHonoured == \A p \in Honest, r, s \in Views : r < s =>
   \A v \in precommits[p][r] \ {Nil} : \A w \in prevotes[p][s] \ {Nil, v} :
      \E t \in r..(s - 1) : is_quorum(Prevoted(t, w))
\* at most one block is ever decided, and a valid one: the abstract module allows every step (CON-015)
Refines == Abstract!Spec
==============================================================================
