----------------------------- MODULE TraceTask ------------------------------
(* Accepts recorded runs of a task (CTR-001 to CTR-017): every step of a log  *)
(* must be one that Task allows, with exactly the changes that the log tells, *)
(* or a request that Task refuses with the same code first. TaskTraceData is  *)
(* generated and holds many logs with the same terms.                         *)
(* Each step that matches is printed, and each log that matches to its end.   *)
EXTENDS Task, TaskTraceData, TLC
VARIABLES log, i                \* which log; its next step
Steps == Logs[log].steps
Tell(what) == PrintT("@" \o what \o " " \o ToString(log) \o " " \o ToString(i))

\* The variables by their paths, and what a step says of each
Shown == [now |-> now, task |-> task, bal |-> bal, rep |-> rep, treasury |-> treasury]
RECURSIVE Get(_, _)
Get(value, path) == IF path = <<>> THEN value ELSE Get(value[Head(path)], Tail(path))
Paths == {<<"now">>, <<"treasury">>}
         \cup {<<"task", f>> : f \in {"phase", "published", "model", "escrow", "seen", "results"}}
         \cup {<<"task", "round", f>> : f \in {"number", "start", "aggs", "scored"}}
         \cup {<<"task", "joined", r>> : r \in Roles}
         \cup {<<"task", "dep", r, p>> : r \in Roles, p \in Ids}
         \cup {<<"task", "round", "upd", p, f>> : p \in Ids, f \in DOMAIN NoUpdate}
         \cup {<<"task", "round", "sheets", p, f>> : p \in Ids, f \in DOMAIN NoSheet}
         \cup {<<"task", "round", "claims", p>> : p \in Ids}
         \cup {<<f, p>> : f \in {"bal", "rep"}, p \in Ids}
Agrees(before, after, change) ==
  /\ DOMAIN change \subseteq Paths
  /\ \A p \in Paths : Get(after, p) = IF p \in DOMAIN change THEN change[p] ELSE Get(before, p)

\* INF-012: a validator is convicted elsewhere
apply_evidence(p) == /\ rep' = [rep EXCEPT ![p] = Reputed(@, "fault", Reputation)]
                     /\ UNCHANGED <<now, task, bal, treasury, past>>
Take(s) ==
  CASE s.op = "publish" -> publish(s.arg)
    [] s.op = "join" -> join(s.who, s.arg)
    [] s.op = "commit_update" -> commit_update(s.who)
    [] s.op = "reveal_update" -> reveal_update(s.who, s.arg, s.how)
    [] s.op = "attest" -> attest(s.who, s.arg, s.by)
    [] s.op = "commit_scores" -> commit_scores(s.who)
    [] s.op = "reveal_scores" -> reveal_scores(s.who, s.say, s.how)
    [] s.op = "claim_aggregate" -> claim_aggregate(s.who, s.how)
    [] s.op = "begin_height" -> begin_height
    [] s.op = "close_registration" -> close_registration
    [] s.op = "close_attestation" -> close_attestation
    [] s.op = "decide" -> \E S \in Draws : decide(S)
    [] s.op = "settle" -> settle
    [] s.op = "apply_evidence" -> apply_evidence(s.who)
Refused(s) == LET wrong == Failing(Request(s.op, s.who, s.arg, s.by, s.say, s.how))
              IN  /\ wrong # <<>> /\ wrong[1] = s.code
                  /\ UNCHANGED vars

TraceInit == /\ log \in DOMAIN Logs /\ i = 1
             /\ now = Logs[log].init.now /\ task = NoTask /\ bal = Logs[log].init.bal
             /\ rep = Logs[log].init.rep /\ treasury = Logs[log].init.treasury /\ past = <<>>
follow == /\ i <= Len(Steps)
          /\ IF Steps[i].code # "" THEN Refused(Steps[i])
             ELSE Take(Steps[i]) /\ Agrees(Shown, Shown', Steps[i].change)
          /\ Tell("STEP")
          /\ i' = i + 1 /\ UNCHANGED log
finish == /\ i = Len(Steps) + 1 /\ Logs[log].end = Len(Steps) /\ Tell("ACCEPT")
          /\ i' = i + 1 /\ UNCHANGED <<vars, log>>
TraceSpec == TraceInit /\ [][follow \/ finish]_<<vars, log, i>>
=============================================================================
