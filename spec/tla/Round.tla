------------------------------- MODULE Round -------------------------------
(* One secure round put together: the committee makes a ledger (RoundChain),  *)
(* the contract is a fold of the ledger (TaskLife), who trains sends a masked *)
(* input off the ledger and answers what it reads there (SecAgg), the seats   *)
(* attest whose input they hold (BlobLife), replicas apply it (RoundChain).   *)
(* What each part alone allows is checked for all of them together.           *)
(*                                                                            *)
(* The deadlines are entries of the ledger here: only their order matters.    *)
(* What clients send in one window is in the order of senders, since nobody's *)
(* entry depends on another's. One group, everybody a neighbour of everybody. *)
EXTENDS Naturals, Sequences, FiniteSets, TLC
CONSTANTS Clients,    \* numbers
          Replicas,
          T,          \* threshold of the shares
          Reward      \* tokens for everybody whose input is in the sum
VARIABLES ledger,     \* final entries
          now,        \* the contract's state: the fold of the ledger
          known,      \* whose masked inputs have been sent
          seen, kept, \* [Clients -> the list in memory, on disk]
          said,       \* [Clients -> the lists answered]
          applied     \* [Replicas -> how much of the ledger each has applied]
vars == <<ledger, now, known, seen, kept, said, applied>>
Budget == Reward * Cardinality(Clients)
Nobody == 0

\* ---- the contract, a pure function of the ledger (INF-016)
Empty == [phase |-> "registration", joined |-> {}, keys |-> {}, shared |-> {}, given |-> {}, attested |-> {},
          list |-> {}, answered |-> {}, sum |-> {}, claimed |-> FALSE, paid |-> {}, escrow |-> Budget, back |-> 0]
Left(s, L) == L # {} /\ \A c \in s.shared : Cardinality(L \ {c}) >= T
\* The guards of PRV-032, PRV-034, PRV-035 and PRV-037 in their order. One task, one round, one group: nothing names
\* another one, no key is shown twice, no share is malformed.
Codes == [
  advertise_keys |-> <<"PHASE_MISMATCH", "ROLE_MISSING", "ALREADY_ADVERTISED">>,
  share_keys     |-> <<"PHASE_MISMATCH", "KEYS_MISSING", "GROUP_FAILED", "ALREADY_SHARED">>,
  masked_input   |-> <<"PHASE_MISMATCH", "KEYS_MISSING", "GROUP_FAILED", "SHARES_UNSENT", "ALREADY_GIVEN">>,
  unmask         |-> <<"PHASE_MISMATCH", "KEYS_MISSING", "GROUP_FAILED", "SHARES_UNSENT", "ALREADY_ANSWERED",
                       "LIST_MISMATCH">>]
WindowOf == [advertise_keys |-> "keys", share_keys |-> "shares", masked_input |-> "inputs", unmask |-> "unmasking"]
Guard(s, o, code) ==
  CASE code = "PHASE_MISMATCH" -> s.phase = WindowOf[o.op]
    [] code = "ROLE_MISSING" -> o.who \in s.joined
    [] code = "ALREADY_ADVERTISED" -> o.who \notin s.keys
    [] code = "KEYS_MISSING" -> o.who \in s.keys
    [] code = "GROUP_FAILED" -> s.phase # "failed"
    [] code = "ALREADY_SHARED" -> o.who \notin s.shared
    [] code = "SHARES_UNSENT" -> o.who \in s.shared
    [] code = "ALREADY_GIVEN" -> o.who \notin s.given
    [] code = "ALREADY_ANSWERED" -> o.who \notin s.answered
    [] code = "LIST_MISMATCH" -> o.set = s.list
\* what was sent in this window: the next entry is of a later sender
Sent(s, op) == CASE op = "join" -> s.joined [] op = "advertise_keys" -> s.keys [] op = "share_keys" -> s.shared
                 [] op = "masked_input" -> s.given [] op = "unmask" -> s.answered [] OTHER -> {}
Valid(s, o) ==
  /\ \A c \in Sent(s, o.op) : c < o.who
  /\ o.op = "masked_input" => s.attested = {}     \* nobody's input depends on what is attested of others
  /\ IF o.op \in DOMAIN Codes THEN \A k \in DOMAIN Codes[o.op] : Guard(s, o, Codes[o.op][k])
     ELSE CASE o.op = "join" -> s.phase = "registration"                                          \* CTR-004
            [] o.op = "close_registration" -> s.phase = "registration"                            \* CTR-015
            [] o.op = "draw_graphs" -> s.phase = "keys"                                           \* PRV-033
            [] o.op = "close_shares" -> s.phase = "shares"                                        \* PRV-034
            [] o.op = "attest" -> s.phase = "inputs" /\ s.attested = {} /\ o.set # {} /\ o.set \subseteq s.given  \* INF-008
            [] o.op = "close_inputs" -> s.phase = "inputs"                                        \* PRV-035
            [] o.op = "open_groups" -> s.phase = "unmasking"                                      \* PRV-038
            [] o.op = "claim_aggregate" -> s.phase = "claims" /\ ~s.claimed /\ o.set = s.sum      \* CTR-012
            [] o.op = "settle" -> s.phase \in {"claims", "failed"}                                \* CTR-013
            [] OTHER -> FALSE
Apply(s, o) ==
  CASE o.op = "join" -> [s EXCEPT !.joined = @ \cup {o.who}]
    [] o.op = "close_registration" ->
         IF Cardinality(s.joined) > T THEN [s EXCEPT !.phase = "keys"]
         ELSE [s EXCEPT !.phase = "aborted", !.escrow = 0, !.back = s.escrow]
    [] o.op = "advertise_keys" -> [s EXCEPT !.keys = @ \cup {o.who}]
    [] o.op = "draw_graphs" ->
         [s EXCEPT !.phase = IF Cardinality(s.keys) > T THEN "shares" ELSE "failed"]
    [] o.op = "share_keys" -> [s EXCEPT !.shared = @ \cup {o.who}]
    [] o.op = "close_shares" -> [s EXCEPT !.phase = IF Left(s, s.shared) THEN "inputs" ELSE "failed"]
    [] o.op = "masked_input" -> [s EXCEPT !.given = @ \cup {o.who}]
    [] o.op = "attest" -> [s EXCEPT !.attested = o.set]
    [] o.op = "close_inputs" -> IF Left(s, s.attested) THEN [s EXCEPT !.phase = "unmasking", !.list = s.attested]
                                ELSE [s EXCEPT !.phase = "failed"]
    [] o.op = "unmask" -> [s EXCEPT !.answered = @ \cup {o.who}]
    [] o.op = "open_groups" -> IF \A c \in s.shared : Cardinality(s.answered \ {c}) >= T
                               THEN [s EXCEPT !.phase = "claims", !.sum = s.list] ELSE [s EXCEPT !.phase = "failed"]
    [] o.op = "claim_aggregate" -> [s EXCEPT !.claimed = TRUE]
    [] o.op = "settle" -> LET paid == IF s.claimed THEN s.sum ELSE {}
                          IN  [s EXCEPT !.phase = "completed", !.paid = paid, !.escrow = 0,
                                        !.back = s.escrow - Reward * Cardinality(paid)]
RECURSIVE Fold(_)
Fold(l) == IF l = <<>> THEN Empty ELSE Apply(TLCEval(Fold(SubSeq(l, 1, Len(l) - 1))), l[Len(l)])
Write(o) == /\ Valid(now, o) /\ ledger' = Append(ledger, o) /\ now' = Apply(now, o)
            /\ UNCHANGED <<known, seen, kept, said, applied>>
Entry(op, who, set) == [op |-> op, who |-> who, set |-> set]
Time(op) == Write(Entry(op, Nobody, {}))

Init == /\ ledger = <<>> /\ now = Empty /\ known = {} /\ applied = [r \in Replicas |-> 0]
        /\ seen = [c \in Clients |-> {}] /\ kept = [c \in Clients |-> {}] /\ said = [c \in Clients |-> {}]

\* ---- entries of the ledger
join(c)            == Write(Entry("join", c, {}))
close_registration == Time("close_registration")
advertise_keys(c)  == Write(Entry("advertise_keys", c, {}))
draw_graphs        == Time("draw_graphs")
share_keys(c)      == Write(Entry("share_keys", c, {}))
close_shares       == Time("close_shares")
masked_input(c)    == c \in known /\ Write(Entry("masked_input", c, {}))
\* whose blobs more than two thirds of the seats hold, in one entry: nothing depends on who says so first
attest             == \E A \in SUBSET now.given : Write(Entry("attest", Nobody, A))
close_inputs       == Time("close_inputs")
unmask(c)          == \E L \in said[c] : Write(Entry("unmask", c, L))
open_groups        == Time("open_groups")
\* everybody can recompute the sum from the ledger, so no other claim is in a block
claim_aggregate    == Write(Entry("claim_aggregate", Nobody, now.sum))
settle             == Time("settle")

\* ---- off the ledger: a masked input is sent, a list is read, made durable and answered; blocks may hold it or not
send(c) == /\ now.phase \in {"inputs", "unmasking"} /\ c \in now.shared \ known
           /\ known' = known \cup {c} /\ UNCHANGED <<ledger, now, seen, kept, said, applied>>
read(c) == /\ now.list # {} /\ c \in now.shared /\ seen[c] = {}
           /\ seen' = [seen EXCEPT ![c] = now.list] /\ UNCHANGED <<ledger, now, known, kept, said, applied>>
persist(c) == /\ seen[c] # {} /\ kept[c] = {}
              /\ kept' = [kept EXCEPT ![c] = seen[c]] /\ UNCHANGED <<ledger, now, known, seen, said, applied>>
restart(c) == /\ seen[c] # kept[c]
              /\ seen' = [seen EXCEPT ![c] = kept[c]] /\ UNCHANGED <<ledger, now, known, kept, said, applied>>
answer(c) == /\ seen[c] # {}
             /\ kept[c] = seen[c]
             /\ said' = [said EXCEPT ![c] = @ \cup {seen[c]}]
             /\ UNCHANGED <<ledger, now, known, seen, kept, applied>>
replay(r) == /\ applied[r] < Len(ledger) /\ applied' = [applied EXCEPT ![r] = @ + 1]
             /\ UNCHANGED <<ledger, now, known, seen, kept, said>>

Deadlines == \/ close_registration \/ draw_graphs \/ close_shares \/ close_inputs \/ open_groups \/ settle
Next == \/ close_registration \/ draw_graphs \/ close_shares \/ close_inputs \/ open_groups \/ settle
        \/ attest \/ claim_aggregate
        \/ \E c \in Clients : \/ join(c) \/ advertise_keys(c) \/ share_keys(c) \/ masked_input(c) \/ unmask(c)
                              \/ send(c) \/ read(c) \/ persist(c) \/ restart(c) \/ answer(c)
        \/ \E r \in Replicas : replay(r)
Spec == /\ Init /\ [][Next]_vars /\ WF_vars(Deadlines) /\ \A r \in Replicas : WF_vars(replay(r))

\* Bound for four clients: one at a time is between reading a list and answering it
OneAtATime == Cardinality({c \in Clients : seen[c] # {} /\ said[c] = {}}) <= 1

\* ---- refinement: whatever this round does, each part alone allows
Chain == INSTANCE RoundChain WITH entries <- ledger
Life == INSTANCE TaskLife WITH phase <- IF now.phase \in {"registration", "completed", "aborted"} THEN now.phase
                                        ELSE "running",
                               escrow <- now.escrow, paid <- Reward * Cardinality(now.paid), Reward <- Budget
Standing == CASE now.phase = "registration" -> "keys"
              [] now.phase = "aborted" -> "failed"
              [] now.phase = "claims" -> "done"
              [] now.phase = "completed" -> IF now.sum = {} THEN "failed" ELSE "done"
              [] OTHER -> now.phase
Secure == INSTANCE SecAgg WITH Honest <- Clients, Corrupt <- {}, Neighbours <- [c \in Clients |-> Clients \ {c}],
                               Ledger <- "censored", Rounds <- 1, Up <- {},
                               phase <- Standing, round <- 1, U1 <- now.keys, U2 <- now.shared, Y <- known,
                               final <- now.list, answers <- said, sum <- IF now.sum = {} THEN "none" ELSE "right",
                               spent <- {}, before <- {}
\* the blob of one client; the others' are like it, but for their place in the order of senders
Someone == CHOOSE c \in Clients : \A d \in Clients : c <= d
Blob == INSTANCE BlobLife WITH attested <- Someone \in now.attested,
                               status <- IF now.list = {} THEN "open"
                                         ELSE IF Someone \in now.list THEN "available" ELSE "absent"
\* what all replicas have applied
Least == CHOOSE n \in {Len(ledger)} \cup {applied[r] : r \in Replicas} : \A r \in Replicas : n <= applied[r]
Followed == INSTANCE RoundChain WITH entries <- SubSeq(ledger, 1, Least)
-----------------------------------------------------------------------------
\* == Properties ==
\* INF-017
AppendsOnly == Chain!Spec
\* CTR-001
LivesAsTask == Life!Published
\* and so everything that SecAgg promises: never both secrets, one sum, no small one (PRV-036, PRV-037, PRV-038)
AggregatesSecurely == Secure!Safe
\* whose blob is not available is not on the list (INF-008, PRV-035)
ListsAvailable == Blob!Spec
\* INF-017: and what everybody has applied is itself a ledger
FollowsAsChain == Followed!Spec
\* INF-016
StateIsFold == now = Fold(ledger)
\* who is paid is in the sum, who is in the sum sent an input, who sent one has joined (PRV-038)
Custody == now.paid \subseteq now.sum /\ now.sum \subseteq known /\ known \subseteq now.joined
\* INC-010
Conserve == now.escrow + now.back + Reward * Cardinality(now.paid) = Budget
\* INC-007
PaidWhole == now.phase = "completed" => now.escrow = 0 /\ now.paid = IF now.claimed THEN now.sum ELSE {}
\* INF-016
AllValid == [][ledger' # ledger => Valid(now, ledger'[Len(ledger')])]_vars
\* PRV-001
NothingPlain == \A n \in 1..Len(ledger) : DOMAIN ledger[n] = {"op", "who", "set"}
\* INF-017
Prefixes == \A r \in Replicas : applied[r] <= Len(ledger)
\* every secure round is opened or has failed (PRV-031)
SecureEnds == Secure!Ends
\* CTR-014
Ends == <>[](now.phase \in {"completed", "aborted"} /\ \A r \in Replicas : applied[r] = Len(ledger))

\* == Witnesses ==
NeverPaid == now.paid = {}
NeverLeftOut == ~(now.paid # {} /\ known # now.sum)
NeverUnavailable == ~(now.paid # {} /\ now.given # now.sum)
NeverAborted == now.phase # "aborted"
NeverFails == now.phase # "failed" \/ now.list = {}
=============================================================================
