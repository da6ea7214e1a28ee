------------------------------- MODULE Task -------------------------------
(* One task on the ledger: from publication over its rounds to its end, with  *)
(* all the money (spec/contract.md, spec/incentive.md). Deadlines are heights *)
(* and act by themselves when the height begins (CTR-005), so no state exists *)
(* in which a deadline has passed and has not acted.                          *)
(*                                                                            *)
(* An action that somebody sends is accepted if all of its guards hold. The   *)
(* guards stand in Codes, in their order, by their error code.                *)
(*                                                                            *)
(* Left out: blobs a node lacks (BLOB_MISSING is no fact of the ledger),      *)
(* committee changes within the task (CTR-008), other tasks, MODEL_OVERFLOW,  *)
(* several roots in one attestation. What a commitment hides is chosen when   *)
(* it is opened.                                                              *)
EXTENDS Incentive

CONSTANTS Order,         \* all identities by registration index; the first is the issuer
          Trainers,      \* who may want to train,
          Scorers,       \* and to score
          Seats,         \* the sitting committee
          Rounds, Width, Registration,
          TrainersMin, TrainersMax, ScorersMin, ScorersMax,
          Deposit, Reward,
          Shares,        \* <<trainers, scorers, aggregators>>
          AverageAll,    \* mode all, or mode selected
          Drawn,         \* how many aggregators mode selected draws
          BySize,        \* pay by declared size, or by score
          Samples,       \* [Trainers -> 1..65535]
          Acceptance,    \* hundredths of the median score
          Scores,        \* what testimony may say, in hundredths
          Blobs,         \* what may be revealed: "own", "same" (one blob, several trainers), "junk"
          Models,        \* what may be published: "model", "junk"
          Endowment,     \* [identities -> tokens]
          Reputation,    \* [initial, min, max, gain, loss]
          LastPublish    \* the last height at which the issuer publishes (bound of the model)

VARIABLES now,       \* the height
          task,      \* the task as in CTR-001
          bal,       \* balances
          rep,       \* reputations
          treasury,
          past       \* facts and payouts of the rounds that ended; history, no rule reads it
vars == <<now, task, bal, rep, treasury, past>>

Ids == {Order[k] : k \in DOMAIN Order}
At  == [i \in Ids |-> CHOOSE k \in DOMAIN Order : Order[k] = i]
Issuer == Order[1]
Roles  == {"trainer", "scorer"}
Open   == {"registration", "running"}
Final  == {"completed", "aborted"}
Cost   == Rounds * Reward
Candidate(r) == IF r = "trainer" THEN Trainers ELSE Scorers

\* CTR-005
COMMIT == 0
REVEAL == 1
ATTEST == 2
SCORE_COMMIT == 3
SCORE_REVEAL == 4
AGGREGATE == 5

NoBlob   == <<"none", "none">>
NoUpdate == [status |-> "none", order |-> 0, blob |-> NoBlob, att |-> {}, score |-> -1, accepted |-> FALSE]
NoSheet  == [status |-> "none", said |-> <<>>]
NoRound  == [number |-> 0, start |-> 0, aggs |-> {}, upd |-> [i \in Ids |-> NoUpdate],
             sheets |-> [i \in Ids |-> NoSheet], claims |-> [i \in Ids |-> "none"], scored |-> FALSE]
NoTask   == [phase |-> "none", published |-> 0, model |-> "none", escrow |-> 0, seen |-> {},
             joined |-> [r \in Roles |-> {}], dep |-> [r \in Roles |-> [i \in Ids |-> 0]],
             round |-> NoRound, results |-> <<>>]

Init == /\ now = 1 /\ task = NoTask /\ bal = Endowment /\ treasury = 0 /\ past = <<>>
        /\ rep = [i \in Ids |-> Reputation.initial]

\* ---- reading the task
R == task.round
Window == IF task.phase = "running" THEN (now - R.start) \div Width ELSE -1
Holds(r) == {i \in Ids : task.dep[r][i] > 0}                          \* CTR-004
With(status) == {i \in Ids : R.upd[i].status = status}
Eligible == With("eligible")
Accepted == {i \in Ids : R.upd[i].accepted}
Available(att) == 3 * Cardinality(att \cap Seats) > 2 * Cardinality(Seats)   \* INF-008
BlobOf(kind, i) == IF kind = "same" THEN <<"same", "all">> ELSE <<kind, i>>
Carrier(blob) == {i \in With("revealed") : R.upd[i].blob = blob}
Position(i, S) == Cardinality({j \in S : At[j] <= At[i]})
Others(i) == Eligible \ {i}                                           \* CTR-010: never one's own
Aggregable == R.scored /\ Accepted # {}                               \* CTR-012
Least(S) == CHOOSE i \in S : \A j \in S : At[i] <= At[j]

\* ---- what is sent. `how` says what is wrong with it, or "right"; a "mismatch" and a "false" claim are accepted
\* transactions that cost a deposit.
Request(op, who, arg, by, say, how) == [op |-> op, who |-> who, arg |-> arg, by |-> by, say |-> say, how |-> how]

\* The guards of each rule in their order (CTR-003 to CTR-012), by error code
Codes == [
  publish         |-> <<"TASKS_OPEN_MAX", "TASK_SPEC_INVALID", "BALANCE_INSUFFICIENT">>,
  join            |-> <<"TASK_UNKNOWN", "PHASE_MISMATCH", "ROLE_UNKNOWN", "TERMS_MISMATCH", "ALREADY_JOINED", "TASK_FULL",
                        "BALANCE_INSUFFICIENT">>,
  commit_update   |-> <<"TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "ROLE_MISSING", "ALREADY_COMMITTED">>,
  reveal_update   |-> <<"TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "COMMITMENT_MISSING", "ALREADY_REVEALED",
                        "SAMPLE_COUNT">>,
  attest          |-> <<"TASK_UNKNOWN", "PHASE_MISMATCH", "BLOB_UNKNOWN", "SEAT_MISSING", "ALREADY_ATTESTED">>,
  commit_scores   |-> <<"TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "ROLE_MISSING", "ALREADY_COMMITTED">>,
  reveal_scores   |-> <<"TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "COMMITMENT_MISSING", "ALREADY_REVEALED",
                        "TESTIMONY_COVERAGE", "TESTIMONY_INVALID">>,
  claim_aggregate |-> <<"TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "AGGREGATOR_UNSELECTED", "ALREADY_CLAIMED",
                        "NOTHING_ACCEPTED">>]
WindowOf == [commit_update |-> COMMIT, reveal_update |-> REVEAL, commit_scores |-> SCORE_COMMIT,
             reveal_scores |-> SCORE_REVEAL, claim_aggregate |-> AGGREGATE]
Attesters(o) == IF o.arg = "model" THEN task.seen ELSE UNION {R.upd[i].att : i \in Carrier(<<o.arg, o.by>>)}

\* Each guard by itself: every one has a truth value, whatever the others say
Guard(o, code) ==
  CASE code = "TASKS_OPEN_MAX" -> task.phase \notin Open
    [] code = "TASK_SPEC_INVALID" -> o.how # "spec"
    [] code = "BALANCE_INSUFFICIENT" -> IF o.op = "join" THEN bal[o.who] >= Deposit
                                        ELSE o.how # "dear" /\ bal[o.who] >= Cost
    [] code = "TASK_UNKNOWN" -> o.how # "task" /\ task.phase # "none"
    [] code = "ROUND_MISMATCH" -> o.how # "round" /\ task.phase = "running"
    [] code = "PHASE_MISMATCH" -> (CASE o.op = "join" -> task.phase = "registration"
                                     [] o.op = "attest" -> task.phase = "registration" \/ Window \in {REVEAL, ATTEST}
                                     [] OTHER -> Window = WindowOf[o.op])
    [] code = "ROLE_UNKNOWN" -> o.arg \in Roles
    [] code = "TERMS_MISMATCH" -> o.how # "terms"
    [] code = "ALREADY_JOINED" -> o.arg \in Roles => o.who \notin task.joined[o.arg]
    [] code = "TASK_FULL" -> o.arg \in Roles => Cardinality(task.joined[o.arg])
                                                < (IF o.arg = "trainer" THEN TrainersMax ELSE ScorersMax)
    [] code = "ROLE_MISSING" -> o.who \in Holds(IF o.op = "commit_update" THEN "trainer" ELSE "scorer")
    [] code = "ALREADY_COMMITTED" -> (IF o.op = "commit_update" THEN R.upd[o.who].status ELSE R.sheets[o.who].status) = "none"
    [] code = "COMMITMENT_MISSING" -> (IF o.op = "reveal_update" THEN R.upd[o.who].status ELSE R.sheets[o.who].status) # "none"
    [] code = "ALREADY_REVEALED" -> (IF o.op = "reveal_update" THEN R.upd[o.who].status ELSE R.sheets[o.who].status)
                                    \in {"none", "committed"}
    [] code = "SAMPLE_COUNT" -> o.how \notin {"samples", "oversized"}
    [] code = "BLOB_UNKNOWN" -> IF task.phase = "registration" THEN o.arg = "model" ELSE Carrier(<<o.arg, o.by>>) # {}
    [] code = "SEAT_MISSING" -> o.who \in Seats
    [] code = "ALREADY_ATTESTED" -> o.who \notin Attesters(o)
    [] code = "TESTIMONY_COVERAGE" -> o.how \notin {"coverage", "reordered"}
    [] code = "TESTIMONY_INVALID" -> o.how # "testimony"
    [] code = "AGGREGATOR_UNSELECTED" -> o.who \in R.aggs
    [] code = "ALREADY_CLAIMED" -> R.claims[o.who] = "none"
    [] code = "NOTHING_ACCEPTED" -> Aggregable
Failing(o) == SelectSeq(Codes[o.op], LAMBDA code : ~Guard(o, code))
Allowed(o) == \A k \in DOMAIN Codes[o.op] : Guard(o, Codes[o.op][k])

\* ---- actions of participants
publish(model) ==
  /\ task.phase = "none" /\ Allowed(Request("publish", Issuer, model, "", <<>>, "right"))
  /\ task' = [NoTask EXCEPT !.phase = "registration", !.published = now, !.model = model, !.escrow = Cost]
  /\ bal' = [bal EXCEPT ![Issuer] = @ - Cost]
  /\ UNCHANGED <<now, rep, treasury, past>>

join(i, role) ==
  /\ Allowed(Request("join", i, role, "", <<>>, "right"))
  /\ task' = [task EXCEPT !.joined[role] = @ \cup {i}, !.dep[role][i] = Deposit]
  /\ bal' = [bal EXCEPT ![i] = @ - Deposit]
  /\ UNCHANGED <<now, rep, treasury, past>>

commit_update(i) ==
  /\ Allowed(Request("commit_update", i, "", "", <<>>, "right"))
  /\ task' = [task EXCEPT !.round.upd[i].status = "committed",
                          !.round.upd[i].order = Cardinality({j \in Ids : R.upd[j].status # "none"})]
  /\ UNCHANGED <<now, bal, rep, treasury, past>>

\* INC-009, INC-008: the whole deposit goes to the treasury, and the reputation to its floor
Lose(i, r, t) == /\ task' = [t EXCEPT !.dep = [q \in Roles |-> IF q \in r THEN [@[q] EXCEPT ![i] = 0] ELSE @[q]]]
                 /\ treasury' = treasury + SumOf([q \in Roles |-> task.dep[q][i]], r)
                 /\ rep' = [rep EXCEPT ![i] = Reputed(@, "fault", Reputation)]

\* CTR-007: of equal blobs the one committed first stands, with the attesters of all
Marked(upd, blob) ==
  LET same  == {j \in Ids : upd[j].status \in {"revealed", "duplicate"} /\ upd[j].blob = blob}
      first == CHOOSE j \in same : \A k \in same : upd[j].order <= upd[k].order
  IN  [j \in Ids |->
        IF j \notin same THEN upd[j]
        ELSE IF j = first THEN [upd[j] EXCEPT !.status = "revealed", !.att = UNION {upd[k].att : k \in same}]
        ELSE [upd[j] EXCEPT !.status = "duplicate", !.att = {}]]

reveal_update(i, kind, how) ==
  /\ Allowed(Request("reveal_update", i, kind, "", <<>>, how))
  /\ IF how = "mismatch" THEN Lose(i, {"trainer"}, [task EXCEPT !.round.upd[i].status = "mismatched"])
     ELSE LET blob == BlobOf(kind, i)
          IN  /\ task' = [task EXCEPT !.round.upd = Marked([@ EXCEPT ![i].status = "revealed", ![i].blob = blob], blob)]
              /\ UNCHANGED <<rep, treasury>>
  /\ UNCHANGED <<now, bal, past>>

attest(i, kind, by) ==
  /\ Allowed(Request("attest", i, kind, by, <<>>, "right"))
  /\ task' = IF kind = "model" THEN [task EXCEPT !.seen = @ \cup {i}]
             ELSE [task EXCEPT !.round.upd[CHOOSE j \in Carrier(<<kind, by>>) : TRUE].att = @ \cup {i}]
  /\ UNCHANGED <<now, bal, rep, treasury, past>>

commit_scores(i) ==
  /\ Allowed(Request("commit_scores", i, "", "", <<>>, "right"))
  /\ task' = [task EXCEPT !.round.sheets[i].status = "committed"]
  /\ UNCHANGED <<now, bal, rep, treasury, past>>

reveal_scores(i, said, how) ==
  /\ Allowed(Request("reveal_scores", i, "", "", said, how))
  /\ IF how = "mismatch" THEN Lose(i, {"scorer"}, [task EXCEPT !.round.sheets[i].status = "mismatched"])
     ELSE /\ Len(said) = Cardinality(Others(i))
          /\ task' = [task EXCEPT !.round.sheets[i].status = "revealed", !.round.sheets[i].said = said]
          /\ UNCHANGED <<rep, treasury>>
  /\ UNCHANGED <<now, bal, past>>

claim_aggregate(i, how) ==
  /\ Allowed(Request("claim_aggregate", i, "", "", <<>>, how))
  /\ IF how = "false" THEN Lose(i, Roles, [task EXCEPT !.round.claims[i] = "wrong"])
     ELSE task' = [task EXCEPT !.round.claims[i] = "right"] /\ UNCHANGED <<rep, treasury>>
  /\ UNCHANGED <<now, bal, past>>

\* ---- time (CTR-005)
Deadline == IF task.phase = "registration"
            THEN IF now + 1 = task.published + Registration THEN "close_registration" ELSE "none"
            ELSE IF task.phase = "running"
            THEN CASE now + 1 = R.start + 3 * Width -> "close_attestation"
                   [] now + 1 = R.start + 5 * Width -> "decide"
                   [] now + 1 = R.start + 6 * Width -> "settle"
                   [] OTHER -> "none"
            ELSE "none"

begin_height ==
  /\ task.phase \in Open \/ (task.phase = "none" /\ now < LastPublish)
  /\ Deadline = "none" /\ now' = now + 1
  /\ UNCHANGED <<task, bal, rep, treasury, past>>

\* CTR-014: the rest of the escrow to the issuer, each deposit to its participant
Ended(t, phase) == [t EXCEPT !.phase = phase, !.escrow = 0, !.round = NoRound,
                             !.dep = [r \in Roles |-> [i \in Ids |-> 0]]]
Refunded(b, t) == [i \in Ids |-> b[i] + t.dep.trainer[i] + t.dep.scorer[i] + IF i = Issuer THEN t.escrow ELSE 0]
Started(t, n) == [t EXCEPT !.phase = "running", !.round = [NoRound EXCEPT !.number = n, !.start = now + 1]]

close_registration ==                                                 \* CTR-015
  /\ Deadline = "close_registration" /\ now' = now + 1
  /\ IF /\ Cardinality(task.joined.trainer) >= TrainersMin
        /\ Cardinality(task.joined.scorer) >= ScorersMin
        /\ Available(task.seen)
        /\ task.model = "model"
     THEN task' = Started(task, 1) /\ UNCHANGED bal
     ELSE task' = Ended(task, "aborted") /\ bal' = Refunded(bal, task)
  /\ UNCHANGED <<rep, treasury, past>>

close_attestation ==                                                  \* CTR-016
  /\ Deadline = "close_attestation" /\ now' = now + 1
  /\ task' = [task EXCEPT !.round.upd =
       [i \in Ids |-> IF @[i].status # "revealed" THEN @[i]
                      ELSE [@[i] EXCEPT !.status = IF ~Available(R.upd[i].att) THEN "unavailable"
                                                   ELSE IF R.upd[i].blob[1] = "junk" THEN "invalid" ELSE "eligible"]]]
  /\ UNCHANGED <<bal, rep, treasury, past>>

\* CTR-017: everybody with a deposit left, or a draw from them
Members == Holds("trainer") \cup Holds("scorer")
Draws   == IF AverageAll THEN {Members}
           ELSE {S \in SUBSET Members :
                   Cardinality(S) = (IF Drawn < Cardinality(Members) THEN Drawn ELSE Cardinality(Members))}

\* CTR-011: what testimony says of t, by scorer; the weight is the scorer's reputation now
Counted    == {s \in Holds("scorer") : R.sheets[s].status = "revealed"}
Judges(t) == Counted \ {t}
ScoreOf(t) == Median([s \in Judges(t) |-> R.sheets[s].said[Position(t, Others(s))]], rep, Judges(t))
Decided == IF ~IsScored(SumOf(rep, Counted), SumOf(rep, Holds("scorer"))) THEN [upd |-> R.upd, scored |-> FALSE]
           ELSE LET spoken == {t \in Eligible : Judges(t) # {}}
                    score  == [t \in spoken |-> ScoreOf(t)]
                    good   == IF spoken = {} THEN {} ELSE Accepts(score, spoken, Acceptance)
                IN [scored |-> TRUE,
                    upd |-> [i \in Ids |-> IF i \notin spoken THEN R.upd[i]
                                           ELSE [R.upd[i] EXCEPT !.score = score[i], !.accepted = i \in good]]]

decide(aggs) ==
  /\ Deadline = "decide" /\ now' = now + 1 /\ aggs \in Draws
  /\ task' = [task EXCEPT !.round.upd = Decided.upd, !.round.scored = Decided.scored, !.round.aggs = aggs]
  /\ UNCHANGED <<bal, rep, treasury, past>>

Right == {i \in Ids : R.claims[i] = "right"}
Outcome == IF ~R.scored THEN "unscored"                               \* CTR-013
           ELSE IF ~Aggregable THEN "nothing accepted"
           ELSE IF (IF AverageAll THEN 3 * Cardinality(Right) > 2 * Cardinality(R.aggs) ELSE Right # {})
           THEN "aggregated" ELSE "unaggregated"

\* INC-007: [pool -> [identities -> tokens]]; who had an update rejected is left out
Rejected == Eligible \ Accepted
Paid == LET pool == Pools(Reward, Shares)
            doers == <<Accepted, {s \in Ids : R.sheets[s].status = "revealed"}, Right>>
            weight == <<[i \in Accepted |-> IF BySize THEN Samples[i] ELSE R.upd[i].score],
                        [i \in Ids |-> 1], [i \in Ids |-> 1]>>
            Part(k) == LET who == doers[k] \ Rejected
                           part == IF who = {} THEN <<>> ELSE Split(pool[k], weight[k], who, At)
                       IN  [i \in Ids |-> IF i \in who THEN part[i] ELSE 0]
        IN  [k \in 1..3 |-> IF Outcome = "aggregated" THEN Part(k) ELSE [i \in Ids |-> 0]]

\* INC-008: updates, then scorers, then claims
Fact1(i) == LET u == R.upd[i].status
            IN  IF u = "eligible" THEN IF ~R.scored THEN "nothing" ELSE IF R.upd[i].accepted THEN "accepted" ELSE "rejected"
                ELSE IF u \in {"none", "mismatched"} THEN "nothing" ELSE "missing"
Fact2(i) == IF i \notin Holds("scorer") THEN "nothing"
            ELSE IF R.sheets[i].status = "revealed" THEN "testified" ELSE "missing"
Fact3(i) == IF i \in Right /\ Outcome = "aggregated" THEN "confirmed" ELSE "nothing"

settle ==                                                             \* CTR-013
  /\ Deadline = "settle" /\ now' = now + 1
  /\ LET paid == Paid
         sum  == [i \in Ids |-> paid[1][i] + paid[2][i] + paid[3][i]]
         t    == [task EXCEPT !.escrow = @ - SumOf(sum, Ids),
                              !.results = Append(@, [outcome |-> Outcome, paid |-> SumOf(sum, Ids)])]
         b    == [i \in Ids |-> bal[i] + sum[i]]
     IN  /\ past' = Append(past, [round |-> R, outcome |-> Outcome, paid |-> paid])
         /\ IF R.number < Rounds THEN task' = Started(t, R.number + 1) /\ bal' = b
            ELSE task' = Ended(t, "completed") /\ bal' = Refunded(b, t)
  /\ rep' = [i \in Ids |-> Reputed(Reputed(Reputed(rep[i], Fact1(i), Reputation), Fact2(i), Reputation),
                                   Fact3(i), Reputation)]
  /\ UNCHANGED treasury

Time == begin_height \/ close_registration \/ close_attestation \/ (\E S \in SUBSET Ids : decide(S)) \/ settle
Next == \/ begin_height \/ close_registration \/ close_attestation \/ settle
        \/ \E S \in SUBSET Ids : decide(S)
        \/ \E m \in Models : publish(m)
        \/ \E r \in Roles : \E i \in Candidate(r) : join(i, r)
        \/ \E i \in Trainers : \/ commit_update(i) \/ reveal_update(i, "own", "mismatch")
                               \/ \E k \in Blobs : reveal_update(i, k, "right")
        \/ \E i \in Seats : \/ attest(i, "model", "")
                            \/ \E k \in Blobs, j \in Trainers \cup {"all"} : attest(i, k, j)
        \/ \E i \in Scorers : \/ commit_scores(i) \/ reveal_scores(i, <<>>, "mismatch")
                              \/ \E n \in 0..Cardinality(Trainers) : \E said \in [1..n -> Scores] :
                                   reveal_scores(i, said, "right")
        \/ \E i \in Ids, how \in {"right", "false"} : claim_aggregate(i, how)
Fair == WF_vars(Time) /\ WF_vars(\E m \in Models : publish(m))
Spec == Init /\ [][Next]_vars /\ Fair
-----------------------------------------------------------------------------
\* == Definitions ==
\* Facts of all rounds, the current one included, and what follows from them for a deposit (INC-009)
Facts == {past[k].round : k \in DOMAIN past} \cup {R}
Lost(i, r) == \E f \in Facts : \/ f.claims[i] = "wrong"
                               \/ r = "trainer" /\ f.upd[i].status = "mismatched"
                               \/ r = "scorer" /\ f.sheets[i].status = "mismatched"
HasJoined(i, r) == i \in task.joined[r]
Earned(i) == SumOf([n \in DOMAIN past |-> past[n].paid[1][i] + past[n].paid[2][i] + past[n].paid[3][i]], DOMAIN past)
PaidOut == SumOf([i \in Ids |-> Earned(i)], Ids)

\* What the composition of a round (Round.tla) knows of a task
Life == INSTANCE TaskLife WITH phase <- task.phase, escrow <- task.escrow, paid <- PaidOut, Budget <- Cost

\* Steps. Heights are compared here without Window, which the guards use.
In(k) == task.phase = "running" /\ now >= R.start + k * Width /\ now < R.start + (k + 1) * Width
SameRound == task'.phase = "running" /\ task'.round.number = R.number
Turns(i, from, to) == R.upd[i].status = from /\ task'.round.upd[i].status = to

\* == Properties ==
\* CTR-001
TypeOK ==
  /\ task.phase \in {"none", "registration", "running"} \cup Final
  /\ now \in 1..(LastPublish + Registration + 6 * Width * Rounds)      \* CTR-001, CTR-014
  /\ \A i \in Ids : bal[i] >= 0 /\ rep[i] \in Reputation.min..Reputation.max     \* nobody goes below zero
  /\ task.escrow >= 0 /\ treasury >= 0
  /\ \A r \in Roles, i \in Ids : task.dep[r][i] \in {0, Deposit}

\* INC-010: tokens only move
Conservation == SumOf(bal, Ids) + task.escrow + treasury
                + SumOf(task.dep.trainer, Ids) + SumOf(task.dep.scorer, Ids) = SumOf(Endowment, Ids)

\* INC-009: a deposit is lost for a proved fault, whole, once, and never more than was left
SlashedOnce == treasury = Deposit * Cardinality({<<i, r>> \in Ids \X Roles : HasJoined(i, r) /\ Lost(i, r)})
\* INC-009
HeldDeposits == \A i \in Ids, r \in Roles :
  task.dep[r][i] = IF HasJoined(i, r) /\ ~Lost(i, r) /\ task.phase \in Open THEN Deposit ELSE 0

\* INC-007, without the arithmetic of payment: who is due in a finished round, by which weight
Due(f, k) == LET bad == {i \in Ids : f.upd[i].status = "eligible" /\ ~f.upd[i].accepted}
             IN (CASE k = 1 -> {i \in Ids : f.upd[i].accepted}
                   [] k = 2 -> {i \in Ids : f.sheets[i].status = "revealed"}
                   [] k = 3 -> {i \in Ids : f.claims[i] = "right"}) \ bad
Weight(f, k, i) == IF k # 1 THEN 1 ELSE IF BySize THEN Samples[i] ELSE f.upd[i].score
Within(x, y, w) == x - y < w /\ y - x < w
\* INC-007
PaidRight == \A n \in DOMAIN past, k \in 1..3 :
  LET p == past[n]
      due == Due(p.round, k)
      pool == Pools(Reward, Shares)[k]
      total == SumOf([i \in due |-> Weight(p.round, k, i)], due)
  IN  IF p.outcome # "aggregated" \/ due = {} THEN \A i \in Ids : p.paid[k][i] = 0
      ELSE /\ SumOf(p.paid[k], Ids) = pool
           /\ \A i \in Ids \ due : p.paid[k][i] = 0
           /\ \A i \in due : Within(p.paid[k][i] * total, pool * Weight(p.round, k, i), total)
\* Exactly once: every balance is what its owner brought, less what is put down, plus what was earned; at the end all
\* that was put down and not lost or earned by others is back (CTR-014)
ExactlyOnce == \A i \in Ids :
  bal[i] = Endowment[i] + Earned(i)
           - Deposit * Cardinality({r \in Roles : HasJoined(i, r) /\ (task.phase \in Open \/ Lost(i, r))})
           - (IF i # Issuer \/ task.phase = "none" THEN 0 ELSE IF task.phase \in Open THEN Cost ELSE PaidOut)
\* CTR-001
Escrow == task.escrow = IF task.phase \in Open THEN Cost - PaidOut ELSE 0
\* INC-007
PaysAtMostReward == \A n \in DOMAIN task.results : task.results[n].paid <= Reward

\* CTR-013: a round pays only for a model that was confirmed; nothing is paid in an aborted task
OutcomeRight == \A n \in DOMAIN past :
  LET p == past[n]
      right == Cardinality({i \in Ids : p.round.claims[i] = "right"})
  IN  p.outcome = "aggregated" =>
        /\ p.round.scored /\ \E i \in Ids : p.round.upd[i].accepted
        /\ IF AverageAll THEN 3 * right > 2 * Cardinality(p.round.aggs) ELSE right >= 1
\* CTR-011
AcceptedRight == \A f \in Facts, i \in Ids :
  f.upd[i].accepted => f.scored /\ f.upd[i].status = "eligible" /\ f.upd[i].score > 0
\* CTR-010: nobody speaks of an own update, and everybody who speaks of all others
NoSelfTestimony == \A f \in Facts, i \in Ids : f.sheets[i].status = "revealed" =>
  Len(f.sheets[i].said) = Cardinality({j \in Ids \ {i} : f.upd[j].status = "eligible"})
\* INF-008 in other words: more than two thirds of the seats
Enough(att) == 3 * Cardinality(att) >= 2 * Cardinality(Seats) + 1
\* CTR-007, CTR-016: what counts was attested, is an update of this model, and no two are the same blob
EligibleRight == \A f \in Facts, i \in Ids : f.upd[i].status = "eligible" =>
  /\ Enough(f.upd[i].att) /\ f.upd[i].blob[1] # "junk"
  /\ \A j \in Ids \ {i} : f.upd[j].status = "eligible" => f.upd[j].blob # f.upd[i].blob
\* CTR-007
DuplicateRight == \A f \in Facts, i \in Ids : f.upd[i].status = "duplicate" =>
  \E j \in Ids : f.upd[j].blob = f.upd[i].blob /\ f.upd[j].order < f.upd[i].order
                 /\ f.upd[j].status \in {"revealed", "eligible", "invalid", "unavailable"}
\* CTR-004, CTR-015
Quorum == task.phase \in {"running", "completed"} =>
  /\ Cardinality(task.joined.trainer) \in TrainersMin..TrainersMax
  /\ Cardinality(task.joined.scorer) \in ScorersMin..ScorersMax
  /\ Enough(task.seen) /\ task.model = "model"
\* CTR-014: an open task has an end at a known height
EndsInTime == task.phase \in Open => now < task.published + Registration + 6 * Width * Rounds
\* CTR-013
Completed == task.phase = "completed" => Len(task.results) = Rounds /\ task.round = NoRound
\* CTR-014
Aborted == task.phase = "aborted" => treasury = 0 /\ past = <<>> /\ \A i \in Ids : bal[i] = Endowment[i]
\* guards that never are the only false one: whoever asks at the wrong time asks for something that is not there
\* CTR-005
PhaseNeverAlone ==
  LET Alone(o) == Failing(o) = <<"PHASE_MISMATCH">>
  IN  \A i \in Ids : /\ ~Alone(Request("attest", i, "model", "", <<>>, "right"))
                     /\ \A j \in Ids : ~Alone(Request("attest", i, R.upd[j].blob[1], R.upd[j].blob[2], <<>>, "right"))
                     /\ ~Alone(Request("claim_aggregate", i, "", "", <<>>, "right"))

\* CTR-001
LivesAsTask == Life!Spec
\* CTR-001
NoSkip == [][/\ (task'.phase # task.phase => <<task.phase, task'.phase>> \in
                   {<<"none", "registration">>, <<"registration", "running">>, <<"registration", "aborted">>,
                    <<"running", "completed">>})
             /\ (task'.round.number # R.number => task'.round.number \in {R.number + 1, 0})
             /\ Len(task'.results) \in {Len(task.results), Len(task.results) + 1}]_vars
\* CTR-014
FinalStays == [][task.phase \notin Final]_vars
\* CTR-005
ClockTicks == [][now' \in {now, now + 1}]_vars
\* CTR-005
OnTime == [][(SameRound => \A i \in Ids :
                /\ (Turns(i, "none", "committed") => In(0))
                /\ (R.upd[i].status = "committed" /\ task'.round.upd[i].status # "committed" => In(1))
                /\ (R.upd[i].att # task'.round.upd[i].att => In(1) \/ In(2))
                /\ (R.sheets[i].status # task'.round.sheets[i].status =>
                      IF R.sheets[i].status = "none" THEN In(3) ELSE In(4))
                /\ (R.claims[i] # task'.round.claims[i] => In(5)))]_vars
\* CTR-004
JoinsOnTime == [][(task'.joined # task.joined \/ task'.seen # task.seen) =>
                  task.phase = "registration" /\ now < task.published + Registration]_vars
\* CTR-005: what a deadline does happens at its height, neither before nor after
DeadlinesAct == [][/\ (task.phase = "registration" /\ task'.phase # "registration" <=>
                         task.phase = "registration" /\ now' = task.published + Registration)
                   /\ (task.phase = "running" /\ ~SameRound <=> task.phase = "running" /\ now' = R.start + 6 * Width)
                   /\ (SameRound /\ now' = R.start + 3 * Width =>
                         \A i \in Ids : task'.round.upd[i].status # "revealed")
                   /\ (SameRound /\ task'.round.scored # R.scored => now' = R.start + 5 * Width)]_vars
\* CTR-006
Once == [][SameRound => \A i \in Ids : /\ (R.upd[i].status # "none" => task'.round.upd[i].status # "none")
                                       /\ (R.upd[i].status \notin {"committed", "revealed", "duplicate"} =>
                                             R.upd[i].status = "none" \/ Turns(i, R.upd[i].status, R.upd[i].status))
                                       /\ (R.claims[i] # "none" => task'.round.claims[i] = R.claims[i])
                                       /\ (R.sheets[i].status \in {"revealed", "mismatched"} =>
                                             task'.round.sheets[i] = R.sheets[i])]_vars
FaultsFloor == [][treasury' # treasury => \E i \in Ids : rep'[i] = Reputation.min]_vars      \* INC-008
\* CTR-014: every path ends
Terminates == <>(task.phase \in Final)

\* == Witnesses ==
NeverPaid == \A n \in DOMAIN past : past[n].outcome # "aggregated"
NeverUnscored == \A n \in DOMAIN past : past[n].outcome # "unscored"
NeverUnaggregated == \A n \in DOMAIN past : past[n].outcome # "unaggregated"
NeverRejectedAmongAccepted == \A f \in Facts : ~\E i, j \in Ids : f.upd[i].accepted /\ f.scored
                                                  /\ f.upd[j].status = "eligible" /\ ~f.upd[j].accepted
NeverAborted == task.phase # "aborted"
NeverBothDepositsLost == ~\E i \in Ids : HasJoined(i, "trainer") /\ HasJoined(i, "scorer")
                                         /\ Lost(i, "trainer") /\ Lost(i, "scorer")
NeverDuplicate == With("duplicate") = {}
NeverUnavailable == With("unavailable") = {}
NeverInvalid == With("invalid") = {}
NeverLateOriginal == ~\E i, j \in Ids : R.upd[i].status = "duplicate" /\ R.upd[j].att # {} /\ R.upd[j].status = "revealed"
                                         /\ R.upd[i].blob = R.upd[j].blob /\ R.upd[j].order < R.upd[i].order
=============================================================================
