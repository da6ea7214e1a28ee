------------------------------- MODULE Round -------------------------------
(* One round put together from abstract layers, each as much as the others    *)
(* may know of it: who trains sends a masked input (SecAgg) off the ledger;   *)
(* the committee makes blocks final (Consensus); the contract is a fold of    *)
(* the ledger (Task); replicas apply it (Ledger).                             *)
(* The deadlines are entries of the ledger here: only their order matters.    *)
EXTENDS Naturals, Sequences, FiniteSets, TLC
CONSTANTS Clients, Replicas,
          T,          \* the least number of survivors
          Reward
VARIABLES ledger,     \* final blocks, one request each
          inputs,     \* clients whose masked input the server has
          sums,       \* the sets whose sums are known
          applied     \* [Replicas -> how much of the ledger each has applied]
vars == <<ledger, inputs, sums, applied>>
Budget == Reward * Cardinality(Clients)
Nobody == {}

\* ---- the contract, a pure function of the ledger (INF-016)
Empty == [phase |-> "registration", joined |-> {}, list |-> {}, model |-> {}, paid |-> {}, escrow |-> Budget, back |-> 0]
Valid(s, o) ==
  CASE o.op = "join" -> s.phase = "registration" /\ o.who \notin s.joined                     \* CTR-004
    [] o.op = "close_registration" -> s.phase = "registration"                                  \* CTR-015
    [] o.op = "close_inputs" -> s.phase = "inputs" /\ o.set \subseteq s.joined                  \* the list of survivors
    [] o.op = "claim_aggregate" -> s.phase = "unmasking" /\ s.model = {} /\ o.set = s.list      \* CTR-012
    [] o.op = "settle" -> s.phase = "unmasking"                                                 \* CTR-013
    [] OTHER -> FALSE
Apply(s, o) ==
  CASE o.op = "join" -> [s EXCEPT !.joined = @ \cup {o.who}]
    [] o.op = "close_registration" ->
         IF Cardinality(s.joined) >= T THEN [s EXCEPT !.phase = "inputs"]
         ELSE [s EXCEPT !.phase = "aborted", !.escrow = 0, !.back = s.escrow]
    [] o.op = "close_inputs" ->
         IF Cardinality(o.set) >= T THEN [s EXCEPT !.phase = "unmasking", !.list = o.set]
         ELSE [s EXCEPT !.phase = "completed", !.escrow = 0, !.back = s.escrow]
    [] o.op = "claim_aggregate" -> [s EXCEPT !.model = o.set]
    [] o.op = "settle" -> [s EXCEPT !.phase = "completed", !.paid = s.model, !.escrow = 0,
                                    !.back = s.escrow - Reward * Cardinality(s.model)]
RECURSIVE Fold(_)
Fold(l) == IF l = <<>> THEN Empty ELSE Apply(TLCEval(Fold(SubSeq(l, 1, Len(l) - 1))), l[Len(l)])
Now == Fold(ledger)
Write(o) == Valid(Now, o) /\ ledger' = Append(ledger, o) /\ UNCHANGED <<inputs, sums, applied>>
Entry(op, who, set) == [op |-> op, who |-> who, set |-> set]

Init == ledger = <<>> /\ inputs = {} /\ sums = {} /\ applied = [r \in Replicas |-> 0]

join(c) == Write(Entry("join", c, {}))
close_registration == Write(Entry("close_registration", Nobody, {}))
\* SecAgg: an input is masked, and only the sum over the announced list can be opened, by T members or more
masked_input(c) == /\ Now.phase \in {"inputs", "unmasking"} /\ c \in Now.joined \ inputs
                   /\ inputs' = inputs \cup {c} /\ UNCHANGED <<ledger, sums, applied>>
close_inputs == Write(Entry("close_inputs", Nobody, inputs))
unmask == /\ Now.phase = "unmasking" /\ sums = {}
          /\ sums' = {Now.list} /\ UNCHANGED <<ledger, inputs, applied>>
\* CTR-012: whoever claims must know the sum; every validator recomputes it, so no other claim is in a block
claim_aggregate == \E S \in sums : Write(Entry("claim_aggregate", Nobody, S))
settle == Write(Entry("settle", Nobody, {}))
replay(r) == /\ applied[r] < Len(ledger) /\ applied' = [applied EXCEPT ![r] = @ + 1]
             /\ UNCHANGED <<ledger, inputs, sums>>
Next == \/ close_registration \/ close_inputs \/ unmask \/ claim_aggregate \/ settle
        \/ \E c \in Clients : join(c) \/ masked_input(c)
        \/ \E r \in Replicas : replay(r)
Spec == /\ Init /\ [][Next]_vars
        /\ WF_vars(close_registration) /\ WF_vars(close_inputs) /\ WF_vars(settle)
        /\ \A r \in Replicas : WF_vars(replay(r))

\* ---- refinement: what this round does, each layer alone allows. Task in five phases; SecAgg as one opening.
Chain == INSTANCE RoundChain WITH entries <- ledger
Opening == INSTANCE RoundOpening WITH phase <- Now.phase, list <- Now.list, opened <- sums
-----------------------------------------------------------------------------
\* == Properties ==
AppendsOnly == Chain!Spec
OpensOnce == Opening!Spec
\* who is paid is in the model, who is in the model sent an input, who sent one has joined
Custody == Now.paid \subseteq Now.model /\ Now.model \subseteq inputs /\ inputs \subseteq Now.joined
\* a model is the sum over one list of T or more
ModelIsKnownSum == Now.model # {} => Now.model \in sums /\ Cardinality(Now.model) >= T
OneSum == Cardinality(sums) <= 1
NoSmallSum == \A S \in sums : Cardinality(S) >= T
Conserve == Now.escrow + Now.back + Reward * Cardinality(Now.paid) = Budget
PaidWhole == Now.phase = "completed" => Now.escrow = 0 /\ Now.paid = Now.model
AllValid == \A n \in 1..Len(ledger) : Valid(Fold(SubSeq(ledger, 1, n - 1)), ledger[n])
NothingPlain == \A n \in 1..Len(ledger) : DOMAIN ledger[n] = {"op", "who", "set"}
Prefixes == \A r \in Replicas : applied[r] <= Len(ledger)
Ends == <>[](Now.phase \in {"completed", "aborted"} /\ \A r \in Replicas : applied[r] = Len(ledger))

\* == Witnesses ==
NeverPaid == Now.paid = {}
NeverLeftOut == ~(Now.paid # {} /\ inputs # Now.model)
NeverAborted == Now.phase # "aborted"
=============================================================================
