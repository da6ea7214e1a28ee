-------------------------- MODULE MCSecAggVectors --------------------------
(* SecAgg as the contract sees it, for the generator of trace vectors: the    *)
(* windows, what is on the ledger of what is known, and the guards of the     *)
(* four transactions in their order (PRV-032, PRV-034, PRV-035, PRV-037).     *)
(* Every step is one of SecAgg's, or time that passes for a failed group.     *)
EXTENDS MCSecAgg, Sequences
CONSTANTS Stranger, \* takes part in the task, but does not train
          AllShare, \* nobody drops out before the masked inputs
          InTurn,   \* one client at a time between reading a list and answering it
          Loud      \* every transition and every refusal is printed
VARIABLES window,   \* "keys", "shares", "inputs", "attest", "unmasking", "after"
          given,    \* whose masked input is named on the ledger
          held,     \* whose answer is on the ledger
          standing  \* of the group (PRV-033)
vvars == <<vars, window, given, held, standing>>

Request(op, who, how) == [op |-> op, who |-> who, how |-> how]
\* The guards in the order of the text
Codes == [
  advertise_keys |-> <<"TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "ROLE_MISSING", "ALREADY_ADVERTISED",
                       "KEY_REPEATED", "AGREEMENT_ZERO">>,
  share_keys     |-> <<"TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "KEYS_MISSING", "GROUP_FAILED",
                       "ALREADY_SHARED", "EDGE_COUNT">>,
  masked_input   |-> <<"TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "KEYS_MISSING", "GROUP_FAILED",
                       "SHARES_UNSENT", "ALREADY_GIVEN">>,
  unmask         |-> <<"TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "KEYS_MISSING", "GROUP_FAILED",
                       "SHARES_UNSENT", "ALREADY_ANSWERED", "LIST_MISMATCH", "MEMBER_ORDER", "MEMBER_UNKNOWN">>]
\* and of each share in an answer (PRV-021)
EdgeCodes == <<"LIMB_RANGE", "FIELD_RANGE", "SHARE_MISMATCH">>
CodesOf(op) == IF op = "unmask" THEN Codes[op] \o EdgeCodes ELSE Codes[op]
WindowOf == [advertise_keys |-> "keys", share_keys |-> "shares", masked_input |-> "inputs", unmask |-> "unmasking"]
Guard(o, code) ==
  CASE code = "TASK_UNKNOWN" -> o.how # "task"
    [] code = "ROUND_MISMATCH" -> o.how # "round"
    [] code = "PHASE_MISMATCH" -> window = WindowOf[o.op]
    [] code = "ROLE_MISSING" -> o.who \in Clients
    [] code = "ALREADY_ADVERTISED" -> o.who \notin U1
    [] code = "KEY_REPEATED" -> o.how \notin {"one key", "shown"} /\ (o.who \in U1 => o.how = "fresh")
    [] code = "AGREEMENT_ZERO" -> o.how \notin {"zero mask key", "zero share key"}
    [] code = "KEYS_MISSING" -> o.who \in U1
    [] code = "GROUP_FAILED" -> standing = "open"
    [] code = "ALREADY_SHARED" -> o.who \notin U2
    [] code = "EDGE_COUNT" -> o.how # "edges"
    [] code = "SHARES_UNSENT" -> o.who \in U2
    [] code = "ALREADY_GIVEN" -> o.who \notin given
    [] code = "ALREADY_ANSWERED" -> o.who \notin held
    [] code = "LIST_MISMATCH" -> o.how # "list"
    [] code = "MEMBER_ORDER" -> o.how \notin {"order", "twice"}
    [] code = "MEMBER_UNKNOWN" -> o.how \notin {"stranger", "own", "silent"}
    [] code = "LIMB_RANGE" -> o.how # "limbs"
    [] code = "FIELD_RANGE" -> o.how # "field"
    [] code = "SHARE_MISMATCH" -> o.how \notin {"share", "secret"}
Failing(o) == SelectSeq(CodesOf(o.op), LAMBDA code : ~Guard(o, code))
Right(op, u) == Failing(Request(op, u, "right")) = <<>>

\* ---- what is printed: all lists that anybody reads are the one on the ledger (SameList)
Some(f, no) == {u \in Honest : f[u] # no}
Here == <<round, window, standing, U1, U2, Y, given, final, Some(seen, None), Some(kept, None), Some(answers, {}), held, spent>>
There == Here'
Tell(o, set) == Loud => PrintT("@EDGE " \o ToString(Here) \o " @ " \o ToString(<<o.op, o.who, o.how, set>>) \o " @ "
                               \o ToString(There))
Sent(op, u, how) == Tell(Request(op, u, how), {})
Passed(op, set, wrong) == Tell(Request(op, "", IF wrong = {} THEN "right" ELSE "wrong"), set)

\* ---- transactions, and what is known without them: an input that comes too late, an answer that no block holds
Client(u) ==
  \/ advertise_keys(u) /\ Right("advertise_keys", u) /\ UNCHANGED <<window, given, held, standing>>
     /\ Sent("advertise_keys", u, "right")
  \/ share_keys(u) /\ Right("share_keys", u) /\ UNCHANGED <<window, given, held, standing>> /\ Sent("share_keys", u, "right")
  \/ masked_input(u) /\ Right("masked_input", u) /\ given' = given \cup {u} /\ UNCHANGED <<window, held, standing>>
     /\ Sent("masked_input", u, "right")
  \/ masked_input(u) /\ window = "unmasking" /\ u \notin Y /\ UNCHANGED <<window, given, held, standing>>
     /\ Sent("masked_input", u, "late")
  \/ unmask(u) /\ Right("unmask", u) /\ held' = held \cup {u} /\ UNCHANGED <<window, given, standing>>
     /\ Sent("unmask", u, "right")
  \/ unmask(u) /\ window = "unmasking" /\ Ledger # "one" /\ answers[u] = {} /\ UNCHANGED <<window, given, held, standing>>
     /\ Sent("unmask", u, "withheld")
  \/ unmask(u) /\ window = "after" /\ answers[u] = {} /\ UNCHANGED <<window, given, held, standing>>
     /\ Sent("unmask", u, "late")
  \/ read(u, final) /\ (InTurn => OneAtATime') /\ UNCHANGED <<window, given, held, standing>> /\ Sent("read", u, "right")
  \/ persist(u) /\ UNCHANGED <<window, given, held, standing>> /\ Sent("persist", u, "right")
  \/ restart(u) /\ UNCHANGED <<window, given, held, standing>> /\ Sent("restart", u, "right")

\* ---- time
Fails(how) == standing' = IF phase' = "failed" THEN how ELSE standing
Deadline ==
  \/ window = "keys" /\ draw_graphs /\ (AllShare => U1 = Clients) /\ window' = "shares" /\ Fails("keys missing")
     /\ UNCHANGED <<given, held>> /\ Passed("draw_graphs", {}, {})
  \/ window = "shares" /\ close_shares /\ (AllShare => U2 = Clients) /\ window' = "inputs" /\ Fails("shares missing")
     /\ given' = Y' /\ UNCHANGED held /\ Passed("close_shares", {}, {})
  \/ window = "inputs" /\ phase = "inputs" /\ window' = "attest" /\ UNCHANGED <<vars, given, held, standing>>
     /\ Passed("begin_height", {}, {})
  \/ \E L \in SUBSET given :
       window = "attest" /\ close_inputs(L) /\ window' = "unmasking" /\ Fails("inputs missing")
       /\ UNCHANGED <<given, held>> /\ Passed("close_inputs", L, {})
  \/ \E H \in SUBSET Corrupt : \E wrong \in SUBSET Corrupt :
       /\ window = "unmasking" /\ open_groups(held \cup H, wrong) /\ window' = "after" /\ UNCHANGED <<given, held>>
       /\ standing' = IF phase' = "done" THEN "opened"
                      ELSE IF \E w \in wrong : Cardinality((held \cup H) \cap Neighbours[w]) >= T
                           THEN "dealer inconsistent" ELSE "answers missing"
       /\ Passed("open_groups", held \cup H, wrong)
Following == [keys |-> "shares", shares |-> "inputs", inputs |-> "attest", attest |-> "unmasking", unmasking |-> "after"]
\* Nothing happens any more to a group that failed
Pass == /\ phase = "failed" /\ window # "after" /\ window' = Following[window] /\ UNCHANGED <<vars, given, held, standing>>
        /\ Passed("begin_height", {}, {})
Again == /\ window = "after" /\ begin_round /\ window' = "keys" /\ given' = {} /\ held' = {} /\ standing' = "open"
         /\ Passed("begin_round", {}, {})

VInit == Init /\ window = "keys" /\ given = {} /\ held = {} /\ standing = "open"
VNext == (\E u \in Honest : Client(u)) \/ Deadline \/ Pass \/ Again
VSpec == VInit /\ [][VNext]_vvars

\* ---- requests that are refused: each for one reason, as it should be for any number
Asks == Honest \cup {Stranger}
Ready(u) == IF u \in Honest THEN seen[u] # None /\ kept[u] = seen[u] /\ answers[u] = {} /\ window = "unmasking" ELSE FALSE
Hows(op, u) ==
  CASE op = "advertise_keys" -> {"task", "round", "one key", "zero mask key", "zero share key"}
                                \cup (IF u \in U1 THEN {"fresh"} ELSE IF U1 # {} THEN {"shown"} ELSE {})
    [] op = "share_keys" -> {"task", "round"} \cup (IF phase = "shares" /\ u \in U1 THEN {"edges"} ELSE {})
    [] op = "masked_input" -> {"task", "round"}
    [] op = "unmask" -> IF Ready(u) THEN {"task", "round", "list", "order", "twice", "stranger", "own", "limbs", "field", "share", "secret"}
                                         \cup (IF U1 # U2 THEN {"silent"} ELSE {})
                        ELSE {}
Refused == UNION {{<<op, u, "right", Failing(Request(op, u, "right"))>> : u \in {u \in Asks : ~Right(op, u)}} : op \in DOMAIN Codes}
           \cup UNION {UNION {{<<op, u, how, Failing(Request(op, u, how))>> :
                                 how \in {h \in Hows(op, u) : Len(Failing(Request(op, u, h))) = 1}} : u \in Asks}
                       : op \in DOMAIN Codes}
EmitState == Loud => PrintT("@STATE " \o ToString(Here) \o " @ " \o ToString(Refused))
-----------------------------------------------------------------------------
\* == Properties ==
\* What SecAgg lets a client do is what no guard forbids (PRV-032, PRV-034, PRV-035, PRV-037)
GuardsAreSteps == \A u \in Honest :
  /\ Right("advertise_keys", u) <=> phase = "keys" /\ u \notin U1
  /\ Right("share_keys", u) <=> phase = "shares" /\ u \in U1 \ U2
  /\ Right("masked_input", u) <=> window = "inputs" /\ phase = "inputs" /\ u \in U2 \ given
  /\ Right("unmask", u) <=> phase = "unmasking" /\ u \in U2 \ held
\* Who has no keys has dealt no shares: of an input and of an answer KEYS_MISSING is never the only guard that is false (PRV-034)
KeysNeverAlone == \A u \in Asks, op \in {"masked_input", "unmask"} : Failing(Request(op, u, "right")) # <<"KEYS_MISSING">>
\* What is on the ledger was sent, and what it leaves out is out (PRV-035, PRV-037)
LedgerKnows == /\ given \subseteq Y /\ final \subseteq given /\ held \subseteq Some(answers, {})
               /\ phase = "failed" <=> standing \notin {"open", "opened"}

\* == Witnesses ==
NeverOpened == standing # "opened"
NeverNamed == standing # "dealer inconsistent"
NeverWithheld == ~(standing = "opened" /\ held # Some(answers, {}))
=============================================================================
