---------------------------- MODULE TraceSecAgg -----------------------------
(* Accepts recorded runs of groups of secure rounds (PRV-032 to PRV-038):     *)
(* every step of a log must be one that SecAgg allows, and leave the group in *)
(* the phase that the log tells. SecAggTraceData is generated and holds many  *)
(* logs of groups of the same members. A member that answers reads the list   *)
(* first and makes it durable: three steps of the model.                      *)
EXTENDS SecAgg, SecAggTraceData, TLC
VARIABLES log, i                \* which log; its next step
Everybody == [u \in Clients |-> Clients \ {u}]
Steps == Logs[log].steps
Tell(what) == PrintT("@" \o what \o " " \o ToString(log) \o " " \o ToString(i))
Take(s) ==
  CASE s.op = "advertise_keys" -> advertise_keys(s.who) /\ s.who \notin U1
    [] s.op = "draw_graphs" -> draw_graphs
    [] s.op = "share_keys" -> share_keys(s.who) /\ s.who \notin U2
    [] s.op = "close_shares" -> close_shares
    [] s.op = "masked_input" -> masked_input(s.who) /\ s.who \notin Y
    [] s.op = "close_inputs" -> close_inputs(s.set)
    [] s.op = "read" -> read(s.who, s.set)
    [] s.op = "persist" -> persist(s.who)
    [] s.op = "unmask" -> unmask(s.who) /\ answers[s.who] = {} /\ phase = "unmasking"
    [] s.op = "open_groups" -> open_groups(s.set, {})
TraceInit == log \in DOMAIN Logs /\ i = 1 /\ Init
follow == /\ i <= Len(Steps) /\ Take(Steps[i]) /\ phase' = Steps[i].phase /\ Tell("STEP")
          /\ i' = i + 1 /\ UNCHANGED log
finish == /\ i = Len(Steps) + 1 /\ Logs[log].end = Len(Steps) /\ Tell("ACCEPT")
          /\ i' = i + 1 /\ UNCHANGED <<vars, log>>
TraceSpec == TraceInit /\ [][follow \/ finish]_<<vars, log, i>>
=============================================================================
