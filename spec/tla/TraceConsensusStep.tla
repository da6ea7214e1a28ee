------------------------- MODULE TraceConsensusStep --------------------------
(* Accepts recorded runs of one validator (CON-014): every step of a log must *)
(* be the one that ConsensusStep allows, refusals with their code included.   *)
(* TraceData is generated and holds many logs: one machine for all of them.   *)
(* A log is accepted when all its steps match and it ends where it says; the  *)
(* first step that does not match is printed. Anything else is an error.      *)
EXTENDS ConsensusStep, TraceData, TLC
VARIABLES log, i                \* which log; its next step
NoInputs(s, own) == {}
Fields(e) == CASE e.op = "proposal" -> {"op", "height", "view", "root", "validView", "proposer"}
               [] e.op = "vote" -> {"op", "height", "kind", "view", "voter", "root"}
               [] e.op = "verdict" -> {"op", "root", "valid"}
               [] e.op = "timeout" -> {"op", "view", "phase"}
               [] e.op = "certificate" -> {"op", "height", "view", "root", "seats"}
               [] OTHER -> {}
Observed(s, t) == [view |-> t.view, phase |-> t.phase, lockedView |-> t.lockedView, lockedRoot |-> t.lockedRoot,
                   validView |-> t.validView, validRoot |-> t.validRoot, timers |-> t.timers,
                   decidedView |-> t.decidedView, decidedRoot |-> t.decidedRoot, offenders |-> t.offenders,
                   votes |-> t.votes \ s.votes, proposals |-> t.proposals \ s.proposals,
                   verdicts |-> t.verdicts \ s.verdicts]
Agrees(record, s, answer) == /\ answer.code = record.code
                             /\ Observed(s, answer.node) = record.after
                             /\ answer.out = record.out
Steps == Logs[log].steps
Tell(what) == PrintT("@" \o what \o " " \o ToString(log) \o " " \o ToString(i))
TraceInit == /\ log \in DOMAIN Logs /\ i = 1 /\ node = Start(Logs[log].setup) /\ pending = {}
             /\ act = [input |-> NoInput, code |-> "ok", sole |-> FALSE, rules |-> <<>>, out |-> <<>>]
follow == /\ i <= Len(Steps)
          /\ LET record == Steps[i]
                 answer == Answer(node, record.input)
             IN IF DOMAIN record.input = Fields(record.input) /\ Agrees(record, node, answer)
                THEN node' = answer.node
                ELSE Tell("REJECT") /\ FALSE
          /\ i' = i + 1 /\ UNCHANGED <<log, pending, act>>
finish == /\ i = Len(Steps) + 1
          /\ IF Logs[log].end = Len(Steps) THEN Tell("ACCEPT") ELSE Tell("REJECT") /\ FALSE
          /\ i' = i + 1 /\ UNCHANGED <<node, log, pending, act>>
TraceNext == follow \/ finish
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, log, i>>
==============================================================================
