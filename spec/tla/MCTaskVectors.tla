--------------------------- MODULE MCTaskVectors ---------------------------
(* Task with the request that led to each state, for the generator of trace   *)
(* vectors. To keep the graphs small, only the windows in Free are explored;  *)
(* in the others everybody does in turn what is asked of them, at once.       *)
EXTENDS MCTask, TLC
CONSTANTS Free,      \* 10 * round + window; 9 is the registration
          Stop       \* nothing happens after this window
VARIABLE act
vvars == <<vars, act>>

Place == IF task.phase = "running" THEN 10 * R.number + Window ELSE 9
Is(o) == act' = o
Of(op) == Request(op, "", "", "", <<>>, "right")
Times == {"begin_height", "close_registration", "close_attestation", "decide", "settle"}

Steps ==
  \/ begin_height /\ Is(Of("begin_height"))
  \/ close_registration /\ Is(Of("close_registration"))
  \/ close_attestation /\ Is(Of("close_attestation"))
  \/ (\E S \in Draws : decide(S)) /\ Is(Of("decide"))
  \/ settle /\ Is(Of("settle"))
  \/ \E m \in Models : publish(m) /\ Is(Request("publish", Issuer, m, "", <<>>, "right"))
  \/ \E r \in Roles : \E i \in Candidate(r) : join(i, r) /\ Is(Request("join", i, r, "", <<>>, "right"))
  \/ \E i \in Trainers :
       \/ commit_update(i) /\ Is(Request("commit_update", i, "", "", <<>>, "right"))
       \/ reveal_update(i, "own", "mismatch") /\ Is(Request("reveal_update", i, "own", "", <<>>, "mismatch"))
       \/ \E k \in Blobs : reveal_update(i, k, "right") /\ Is(Request("reveal_update", i, k, "", <<>>, "right"))
  \/ \E i \in Seats :
       \/ attest(i, "model", "") /\ Is(Request("attest", i, "model", "", <<>>, "right"))
       \/ \E j \in With("revealed") : LET b == R.upd[j].blob IN
            attest(i, b[1], b[2]) /\ Is(Request("attest", i, b[1], b[2], <<>>, "right"))
  \/ \E i \in Scorers :
       \/ commit_scores(i) /\ Is(Request("commit_scores", i, "", "", <<>>, "right"))
       \/ reveal_scores(i, <<>>, "mismatch") /\ Is(Request("reveal_scores", i, "", "", <<>>, "mismatch"))
       \/ \E said \in [1..Cardinality(Others(i)) -> Scores] : reveal_scores(i, said, "right") /\ Is(Request("reveal_scores", i, "", "", said, "right"))
  \/ \E i \in R.aggs, how \in {"right", "false"} :
       claim_aggregate(i, how) /\ Is(Request("claim_aggregate", i, "", "", <<>>, how))

\* What is asked of everybody, and whose turn it is
Best == CHOOSE s \in Scores : \A t \in Scores : t <= s
Asked ==
  {Request("publish", Issuer, "model", "", <<>>, "right")}
  \cup {Request("join", i, r, "", <<>>, "right") : i \in Trainers \cup Scorers, r \in Roles}
  \cup {Request("attest", i, "model", "", <<>>, "right") : i \in Seats}
  \cup {Request("commit_update", i, "", "", <<>>, "right") : i \in Trainers}
  \cup {Request("reveal_update", i, "own", "", <<>>, "right") : i \in Trainers}
  \cup {Request("attest", i, R.upd[j].blob[1], R.upd[j].blob[2], <<>>, "right") : i \in Seats, j \in With("revealed")}
  \cup {Request("commit_scores", i, "", "", <<>>, "right") : i \in Scorers}
  \cup {Request("reveal_scores", i, "", "", [k \in 1..Cardinality(Others(i)) |-> Best], "right") : i \in Scorers}
  \cup {Request("claim_aggregate", i, "", "", <<>>, "right") : i \in R.aggs}
Turn(o) == 100 * (CASE o.op = "join" -> (IF o.arg = "trainer" THEN 1 ELSE 2) [] o.op = "attest" -> 4 [] OTHER -> 3)
           + 10 * At[o.who] + (IF o.by \in Ids THEN At[o.by] ELSE 0)
Due_ == {o \in Asked : /\ Allowed(o)
                       /\ (o.op = "join" => o.who \in Candidate(o.arg))
                       /\ (o.op = "publish" => task.phase = "none")}
Next_ == CHOOSE o \in Due_ : \A p \in Due_ : Turn(o) <= Turn(p)

VInit == Init /\ act = Of("none")
VNext == /\ Place <= Stop \/ Place = 9
         /\ Steps
         /\ Place \in Free \/ (IF Due_ = {} THEN act'.op \in Times ELSE act' = Next_)
VSpec == VInit /\ [][VNext]_vvars
View == vars

\* Requests that are refused for one reason or two, in the end for any. Whoever is no candidate could join in truth, so it does not ask.
Both(S, hows) == UNION {{[o EXCEPT !.how = h] : h \in hows} : o \in S}
Plain(op) == {Request(op, i, "", "", <<>>, "right") : i \in Ids}
Wishes ==
  {Request("publish", Issuer, "model", "", <<>>, h) : h \in IF task.phase = "none" THEN {"spec", "dear"}
                                                          ELSE IF task.phase \in Open THEN {"right"} ELSE {}}
  \cup Both({Request("join", i, r, "", <<>>, "right") : i \in Ids, r \in Roles} \cap
            (UNION {{Request("join", i, r, "", <<>>, "right") : i \in Candidate(r)} : r \in Roles}), {"right", "task", "terms"})
  \cup {Request("join", i, "other", "", <<>>, "right") : i \in Trainers}
  \cup Both(Plain("commit_update") \cup Plain("commit_scores") \cup Plain("claim_aggregate"), {"right", "task", "round"})
  \cup Both({Request("reveal_update", i, "own", "", <<>>, "right") : i \in Ids}, {"right", "task", "round", "samples", "oversized"})
  \cup Both({Request("attest", i, "model", "", <<>>, "right") : i \in Ids}, {"right", "task"})
  \cup Both({Request("attest", i, "own", j, <<>>, "right") : i \in Ids, j \in Trainers}, {"right", "task"})
  \cup {Request("attest", i, "none", "none", <<>>, "right") : i \in Seats}
  \cup Both({Request("reveal_scores", i, "", "", [k \in 1..Cardinality(Others(i)) |-> Best], "right") : i \in Ids},
            {"right", "task", "round", "coverage"})
  \cup {Request("reveal_scores", i, "", "", [k \in 1..Cardinality(Others(i)) |-> Best], "testimony") :
          i \in {i \in Ids : Others(i) # {}}}
  \cup {Request("reveal_scores", i, "", "", [k \in 1..Cardinality(Others(i)) |-> Best], "reordered") :
          i \in {i \in Ids : Cardinality(Others(i)) > 1}}
Most(o) == IF o.how # "right" THEN 1 ELSE IF task.phase \in Final THEN 7 ELSE 2
Refused == {<<o, Failing(o)>> : o \in {o \in Wishes : Len(Failing(o)) \in 1..Most(o)}}

Shown == [now |-> now, task |-> task, bal |-> bal, rep |-> rep, treasury |-> treasury]
Shown2 == Shown'
EmitEdge  == PrintT("@EDGE " \o ToString(Shown) \o " @ " \o ToString(act') \o " @ " \o ToString(Shown2))
EmitState == PrintT("@STATE " \o ToString(Shown) \o " @ " \o ToString(Refused))
=============================================================================
