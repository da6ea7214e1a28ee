--------------------------- MODULE ConsensusStep -----------------------------
(* One validator at one height, input by input, at the grain of the function  *)
(* step (CON-014, CON-015, CON-016, with the guards of CON-010, CON-011 and   *)
(* CON-013). Tendermint.tla says why a committee of these is safe; this       *)
(* module says exactly what each of them does, and refuses with what. It is   *)
(* the source of the vectors of consensus.step and judges recorded runs.      *)
(*                                                                            *)
(* Roots are numbers, ordered like the roots they stand for; 0 is nil. Views  *)
(* never were -1. Signatures are taken as verified, as in the clause.         *)
EXTENDS Integers, Sequences, FiniteSets
CONSTANT Setups                 \* who may begin where: [committee, me, height, proposers]
Nil == 0
Never == -1
PREVOTE == 1
PRECOMMIT == 2
PROPOSE == 1
PREVOTING == 2
PRECOMMITTING == 3
DECIDED == 4
RETRANSMIT == 5
VIEWS_MAX == 4096
VIEWS_AHEAD_MAX == 64

VARIABLES node,                 \* the ConsensusState of the clause; `setup` is what never changes in it:
                                \* the identity of each seat, our own, the height, the proposer of each view
          pending,              \* own votes that were asked for and have not come back as inputs
          act                   \* what happened last: [input, code, sole, rules, out]
vars == <<node, pending, act>>

\* ---- counting: CON-006; whose turn it is (CON-005) is given
Total(s) == Len(s.setup.committee)
Count(s, voters) == Cardinality({i \in 1..Total(s) : s.setup.committee[i] \in voters})
Seated(s, x) == \E i \in 1..Total(s) : s.setup.committee[i] = x
is_quorum(seats, total) == 3 * seats > 2 * total
is_blocking(seats, total) == 3 * seats > total
proposer_at(s, r) == s.setup.proposers[(r % Len(s.setup.proposers)) + 1]
Max(set) == CHOOSE x \in set : \A y \in set : y <= x
Min(set) == CHOOSE x \in set : \A y \in set : x <= y

Voters(s, k, r, v) == {x.voter : x \in {y \in s.votes : y.kind = k /\ y.view = r /\ y.root = v}}
VotersAny(s, k, r) == {x.voter : x \in {y \in s.votes : y.kind = k /\ y.view = r}}
quorum(s, k, r, v) == is_quorum(Count(s, Voters(s, k, r, v)), Total(s))
quorum_any(s, k, r) == is_quorum(Count(s, VotersAny(s, k, r)), Total(s))
Offered(s, r) == {p \in s.proposals : p.view = r}
Known(s, v) == v = Nil \/ \E p \in s.proposals : p.root = v
Judged(s, v) == \E w \in s.verdicts : w.root = v
Good(s, v) == \E w \in s.verdicts : w.root = v /\ w.valid

\* ---- entering a view, voting
Timer(r, phase) == [output |-> "set_timeout", view |-> r, phase |-> phase]
Entered(s, r) == [s EXCEPT !.view = r, !.phase = PROPOSE, !.timers = <<FALSE, FALSE>>]
EnterOut(s, r) ==
   (IF proposer_at(s, r) # s.setup.me THEN <<>>
    ELSE IF s.validView = Never THEN <<[output |-> "build_block", view |-> r]>>
    ELSE <<[output |-> "sign_proposal", view |-> r, validView |-> s.validView, root |-> s.validRoot]>>)
   \o <<Timer(r, PROPOSE), Timer(r, RETRANSMIT)>>
Cast(s, k) == [s EXCEPT !.phase = IF k = PREVOTE THEN PREVOTING ELSE PRECOMMITTING]
CastOut(s, k, v) == IF Seated(s, s.setup.me) THEN <<[output |-> "sign_vote", kind |-> k, view |-> s.view, root |-> v]>> ELSE <<>>
Decided(s, r, v) == [s EXCEPT !.phase = DECIDED, !.decidedView = r, !.decidedRoot = v]
DecideOut(r, v) == <<[output |-> "decide", view |-> r, root |-> v]>>

Start(setup) == Entered([setup |-> setup, view |-> 0, phase |-> PROPOSE, lockedView |-> Never, lockedRoot |-> Nil,
                  validView |-> Never, validRoot |-> Nil, timers |-> <<FALSE, FALSE>>,
                  proposals |-> {}, verdicts |-> {}, votes |-> {}, offenders |-> {},
                  decidedView |-> 0, decidedRoot |-> Nil], 0)

\* ---- guards, in their order: <<code, whether it holds>>
check_vote(s, e) == <<
   <<"VOTE_HEIGHT", e.height = s.setup.height>>,
   <<"VOTE_KIND", e.kind \in {PREVOTE, PRECOMMIT}>>,
   <<"VIEW_RANGE", e.view < VIEWS_MAX>>,
   <<"VOTE_SEAT", Seated(s, e.voter)>> >>
take_vote(s, e) == check_vote(s, e) \o <<
   <<"HEIGHT_DECIDED", s.phase # DECIDED \/ (e.kind = PRECOMMIT /\ e.view = s.decidedView /\ e.root = s.decidedRoot)>>,
   <<"VIEW_AHEAD", s.phase = DECIDED \/ e.view <= s.view + VIEWS_AHEAD_MAX>> >>
check_proposal(s, e) == <<
   <<"PROPOSAL_HEIGHT", e.height = s.setup.height>>,
   <<"VIEW_RANGE", e.view < VIEWS_MAX>>,
   <<"PROPOSAL_VALID_VIEW", Never <= e.validView /\ e.validView < e.view>>,
   <<"PROPOSAL_ROOT", e.root # Nil>>,
   <<"PROPOSAL_PROPOSER", e.proposer = proposer_at(s, e.view)>> >>
take_proposal(s, e) == check_proposal(s, e) \o <<
   <<"HEIGHT_DECIDED", s.phase # DECIDED>>,
   <<"VIEW_AHEAD", e.view <= s.view + VIEWS_AHEAD_MAX>>,
   <<"PROPOSAL_CONFLICT", \A p \in Offered(s, e.view) : p.root = e.root /\ p.validView = e.validView>> >>
take_verdict(s, e) == <<
   <<"HEIGHT_DECIDED", s.phase # DECIDED>>,
   <<"VERDICT_UNKNOWN", e.root # Nil /\ Known(s, e.root)>>,
   <<"VERDICT_REPEATED", ~Judged(s, e.root)>> >>
take_timeout(s, e) == <<
   <<"HEIGHT_DECIDED", s.phase # DECIDED>>,
   <<"TIMEOUT_STALE", e.view = s.view /\ e.phase \in {s.phase, PRECOMMITTING, RETRANSMIT}>> >>
check_certificate(s, e) == <<
   <<"CERTIFICATE_HEIGHT", e.height = s.setup.height>>,
   <<"CERTIFICATE_BLOCK", e.root # Nil>>,
   <<"VIEW_RANGE", e.view < VIEWS_MAX>>,
   <<"CERTIFICATE_LENGTH", Len(e.seats) = Total(s)>>,
   <<"CERTIFICATE_QUORUM", is_quorum(Cardinality({i \in 1..Len(e.seats) : e.seats[i]}), Total(s))>> >>
take_certificate(s, e) == check_certificate(s, e) \o <<
   <<"HEIGHT_DECIDED", s.phase # DECIDED>> >>
Guards(s, e) == CASE e.op = "proposal" -> take_proposal(s, e)
                  [] e.op = "vote" -> take_vote(s, e)
                  [] e.op = "verdict" -> take_verdict(s, e)
                  [] e.op = "timeout" -> take_timeout(s, e)
                  [] OTHER -> take_certificate(s, e)
False(guards) == {i \in 1..Len(guards) : ~guards[i][2]}
Code(guards) == IF False(guards) = {} THEN "ok" ELSE guards[Min(False(guards))][1]

\* ---- taking in: <<state, outputs>>
Rivals(s, e) == {y \in s.votes : y.kind = e.kind /\ y.view = e.view /\ y.voter = e.voter}
TakeVote(s, e) ==
   LET rivals == Rivals(s, e)
       vote == [kind |-> e.kind, view |-> e.view, voter |-> e.voter, root |-> e.root]
       fresh == rivals # {} /\ e.voter \notin s.offenders
       first == Min({y.root : y \in rivals})
       told == IF fresh THEN [s EXCEPT !.offenders = @ \cup {e.voter}] ELSE s
       out == IF fresh THEN <<[output |-> "evidence", voter |-> e.voter, kind |-> e.kind, view |-> e.view,
                               roots |-> {first, e.root}]>> ELSE <<>>
   IN IF vote \in rivals THEN <<s, <<>> >>
      ELSE IF rivals # {} /\ ~Known(s, e.root) THEN <<told, out>>
      ELSE <<[told EXCEPT !.votes = @ \cup {vote}], out>>
TakeProposal(s, e) ==
   LET made == [view |-> e.view, root |-> e.root, validView |-> e.validView]
   IN IF made \in s.proposals THEN <<s, <<>> >>
      ELSE <<[s EXCEPT !.proposals = @ \cup {made}],
             IF \E p \in s.proposals : p.root = e.root THEN <<>> ELSE <<[output |-> "validate", root |-> e.root]>> >>
Resend(s) == [output |-> "resend",
              proposals |-> {p.view : p \in {q \in s.proposals : q.view = s.view /\ proposer_at(s, q.view) = s.setup.me}},
              votes |-> {y \in s.votes : \/ y.voter = s.setup.me /\ y.view \in {s.view - 1, s.view}
                                         \/ y.kind = PREVOTE /\ y.view = s.validView /\ y.root = s.validRoot}]
TakeTimeout(s, e) ==
   CASE e.phase = RETRANSMIT -> <<s, <<Resend(s), Timer(s.view, RETRANSMIT)>> >>
     [] e.phase = PRECOMMITTING -> <<Entered(s, s.view + 1), EnterOut(s, s.view + 1)>>
     [] e.phase = PROPOSE -> <<Cast(s, PREVOTE), CastOut(s, PREVOTE, Nil)>>
     [] OTHER -> <<Cast(s, PRECOMMIT), CastOut(s, PRECOMMIT, Nil)>>
Take(s, e) == CASE e.op = "proposal" -> TakeProposal(s, e)
                [] e.op = "vote" -> TakeVote(s, e)
                [] e.op = "verdict" -> <<[s EXCEPT !.verdicts = @ \cup {[root |-> e.root, valid |-> e.valid]}], <<>> >>
                [] e.op = "timeout" -> TakeTimeout(s, e)
                [] OTHER -> <<Decided(s, e.view, e.root), DecideOut(e.view, e.root)>>

\* ---- rules: <<whether it fires, state, outputs>>
No(s) == <<FALSE, s, <<>> >>
rule_decide(s) ==
   LET ready == {y \in s.votes : y.kind = PRECOMMIT /\ y.root # Nil /\ quorum(s, PRECOMMIT, y.view, y.root)}
       r == Min({y.view : y \in ready})
       v == Min({y.root : y \in {z \in ready : z.view = r}})
   IN IF ready = {} THEN No(s) ELSE <<TRUE, Decided(s, r, v), DecideOut(r, v)>>
rule_jump(s) ==
   LET views == {y.view : y \in s.votes} \cup {p.view : p \in s.proposals}
       reached(r) == {y.voter : y \in {z \in s.votes : z.view >= r}}
                     \cup {proposer_at(s, p.view) : p \in {q \in s.proposals : q.view >= r}}
       ahead == {r \in views : r > s.view /\ is_blocking(Count(s, reached(r)), Total(s))}
   IN IF ahead = {} THEN No(s) ELSE <<TRUE, Entered(s, Max(ahead)), EnterOut(s, Max(ahead))>>
rule_prevote(s) ==
   IF s.phase # PROPOSE \/ Offered(s, s.view) = {} THEN No(s)
   ELSE LET made == CHOOSE p \in Offered(s, s.view) : TRUE
            free == s.lockedView <= made.validView \/ s.lockedRoot = made.root
            v == IF Good(s, made.root) /\ free THEN made.root ELSE Nil
        IN IF made.validView >= 0 /\ ~quorum(s, PREVOTE, made.validView, made.root) THEN No(s)
           ELSE IF ~Judged(s, made.root) THEN No(s)
           ELSE <<TRUE, Cast(s, PREVOTE), CastOut(s, PREVOTE, v)>>
rule_lock(s) ==
   IF s.phase \notin {PREVOTING, PRECOMMITTING} \/ Offered(s, s.view) = {} \/ s.validView = s.view THEN No(s)
   ELSE LET v == (CHOOSE p \in Offered(s, s.view) : TRUE).root
            seen == [s EXCEPT !.validView = s.view, !.validRoot = v]
        IN IF ~quorum(s, PREVOTE, s.view, v) \/ ~Good(s, v) THEN No(s)
           ELSE IF s.phase = PRECOMMITTING THEN <<TRUE, seen, <<>> >>
           ELSE <<TRUE, Cast([seen EXCEPT !.lockedView = s.view, !.lockedRoot = v], PRECOMMIT), CastOut(s, PRECOMMIT, v)>>
rule_precommit_nil(s) ==
   IF s.phase = PREVOTING /\ quorum(s, PREVOTE, s.view, Nil)
   THEN <<TRUE, Cast(s, PRECOMMIT), CastOut(s, PRECOMMIT, Nil)>> ELSE No(s)
rule_prevote_timer(s) ==
   IF s.phase = PREVOTING /\ ~s.timers[1] /\ quorum_any(s, PREVOTE, s.view)
   THEN <<TRUE, [s EXCEPT !.timers[1] = TRUE], <<Timer(s.view, PREVOTING)>> >> ELSE No(s)
rule_precommit_timer(s) ==
   IF ~s.timers[2] /\ quorum_any(s, PRECOMMIT, s.view)
   THEN <<TRUE, [s EXCEPT !.timers[2] = TRUE], <<Timer(s.view, PRECOMMITTING)>> >> ELSE No(s)
Names == <<"decide", "jump", "prevote", "lock", "nil", "prevote timer", "precommit timer">>
Rule(k, s) == CASE k = 1 -> rule_decide(s) [] k = 2 -> rule_jump(s) [] k = 3 -> rule_prevote(s)
                [] k = 4 -> rule_lock(s) [] k = 5 -> rule_precommit_nil(s) [] k = 6 -> rule_prevote_timer(s)
                [] OTHER -> rule_precommit_timer(s)
\* the first rule that fires, again and again; k is the rule to be asked next
RECURSIVE Settle(_, _, _, _)
Settle(s, out, rules, k) ==
   IF s.phase = DECIDED \/ k > 7 THEN <<s, out, rules>>
   ELSE LET r == Rule(k, s)
        IN IF r[1] THEN Settle(r[2], out \o r[3], Append(rules, Names[k]), 1) ELSE Settle(s, out, rules, k + 1)

\* ---- the step
Answer(s, e) ==
   LET guards == Guards(s, e)
       code == Code(guards)
   IN IF code # "ok" THEN [node |-> s, code |-> code, sole |-> Cardinality(False(guards)) = 1, rules |-> <<>>, out |-> <<>>]
      ELSE LET taken == Take(s, e)
               settled == Settle(taken[1], taken[2], <<>>, 1)
           IN [node |-> settled[1], code |-> "ok", sole |-> FALSE, rules |-> settled[3], out |-> settled[2]]
NoInput == [op |-> "start"]
Asked(out) == {[kind |-> out[i].kind, view |-> out[i].view, root |-> out[i].root] :
                 i \in {j \in 1..Len(out) : out[j].output = "sign_vote"}}
Init == /\ node \in {Start(setup) : setup \in Setups} /\ pending = {}
        /\ act = [input |-> NoInput, code |-> "ok", sole |-> FALSE, rules |-> <<>>, out |-> EnterOut(node, 0)]
step(e) == LET answer == Answer(node, e)
           IN /\ node' = answer.node
              /\ pending' = Asked(answer.out) \cup {x \in pending :
                    ~(answer.code = "ok" /\ e.op = "vote" /\ e.voter = node.setup.me /\ e.kind = x.kind /\ e.view = x.view)}
              /\ act' = [input |-> e, code |-> answer.code, sole |-> answer.sole, rules |-> answer.rules, out |-> answer.out]
CONSTANT Inputs(_, _)           \* what may come next, given the state and own votes
Next == \E e \in Inputs(node, pending) : step(e)
Spec == Init /\ [][Next]_vars
------------------------------------------------------------------------------
\* == Properties
\* what binds us was seen: a lock stands on a quorum of prevotes (CON-014)
LockIsProved == node.lockedView # Never => quorum(node, PREVOTE, node.lockedView, node.lockedRoot)
\* CON-014
ValidIsProved == node.validView # Never =>
   quorum(node, PREVOTE, node.validView, node.validRoot) /\ Good(node, node.validRoot)
\* CON-014
ValidCoversLock == node.lockedView <= node.validView
\* a decision was seen as well, in votes or in a certificate (CON-015)
DecisionIsProved == [][(node.phase # DECIDED /\ node'.phase = DECIDED) =>
   /\ node'.decidedRoot # Nil
   /\ quorum(node', PRECOMMIT, node'.decidedView, node'.decidedRoot) \/ act'.input.op = "certificate"]_vars
\* after a step no rule is left that could fire (CON-014)
Settled == node.phase = DECIDED \/ \A k \in 1..7 : ~Rule(k, node)[1]
\* what we are asked to vote for recomputes (CON-009)
VotesForValid == [][\A x \in Asked(act'.out) : x.root # Nil => Good(node', x.root)]_vars
\* we are never asked for two votes of one kind and view (CON-014)
AskedOnce == [][\A x \in Asked(act'.out) :
   /\ x \notin pending /\ \A y \in pending : y.kind # x.kind \/ y.view # x.view
   /\ \A y \in node.votes : y.voter # node.setup.me \/ y.kind # x.kind \/ y.view # x.view]_vars
\* CON-014: every error is a stutter
RefusedStutters == [][act'.code # "ok" => node' = node /\ act'.out = <<>>]_vars
\* a view is never entered again, a lock never grows older, nothing said is forgotten (CON-014)
Monotone == [][/\ node.view <= node'.view /\ node.lockedView <= node'.lockedView
               /\ node.votes \subseteq node'.votes /\ node.offenders \subseteq node'.offenders
               /\ (node.phase = DECIDED => node'.decidedRoot = node.decidedRoot)
               /\ (node.view = node'.view => node.phase <= node'.phase)]_vars
\* a vote or proposal of a view out of range is also too far ahead: there that guard never fails alone (CON-010)
RangeNeverAlone == [][(act'.code = "VIEW_RANGE" /\ act'.input.op # "certificate") => ~act'.sole]_vars
==============================================================================
