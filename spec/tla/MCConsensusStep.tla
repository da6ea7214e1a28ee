-------------------------- MODULE MCConsensusStep ----------------------------
(* Inputs and bounds for ConsensusStep: every good input over two roots and   *)
(* the views 0 and 1, and for every guard inputs in which it alone is false.  *)
EXTENDS ConsensusStep, TLC
CONSTANTS Votes, LastView       \* so many votes are taken in, so many views are seen
Height == 8
Place(me) == [committee |-> <<0, 1, 2, 3>>, me |-> me, height |-> Height, proposers |-> <<0, 1, 2, 3>>]
Watcher == {Place(1)}
\* the proposer of view 0, that of view 1, and one who holds no seat
Everybody == {Place(0), Place(1), Place(9)}
Turn(r) == r % 4
Roots == {1, 2}
vote(k, r, x, v) == [op |-> "vote", height |-> Height, kind |-> k, view |-> r, voter |-> x, root |-> v]
proposal(r, v, vv) == [op |-> "proposal", height |-> Height, view |-> r, root |-> v, validView |-> vv, proposer |-> Turn(r)]
verdict(v, good) == [op |-> "verdict", root |-> v, valid |-> good]
timeout(r, p) == [op |-> "timeout", view |-> r, phase |-> p]
certificate(r, v, seats) == [op |-> "certificate", height |-> Height, view |-> r, root |-> v, seats |-> seats]
OwnVotes(s, own) == {vote(x.kind, x.view, s.setup.me, x.root) : x \in own}
Views == 0..2
GoodVotes(s, views) == {vote(k, r, x, v) : k \in {PREVOTE, PRECOMMIT}, r \in views,
                                          x \in (0..3) \ {s.setup.me}, v \in Roots \cup {Nil}}
GoodProposals == {proposal(0, v, Never) : v \in Roots} \cup {proposal(1, v, vv) : v \in Roots, vv \in {Never, 0}}
                 \cup {proposal(2, v, vv) : v \in Roots, vv \in {Never, 0, 1}}
GoodOthers(s) == {verdict(v, g) : v \in Roots, g \in BOOLEAN} \cup {timeout(s.view, p) : p \in {1, 2, 3, 5}}
Certificates == {certificate(0, 1, <<TRUE, TRUE, TRUE, FALSE>>), certificate(1, 2, <<FALSE, TRUE, TRUE, TRUE>>)}
\* one thing wrong in each
Bad(s) == {
   [vote(PREVOTE, 0, 2, 1) EXCEPT !.height = Height + 1], [vote(PRECOMMIT, 1, 3, Nil) EXCEPT !.height = Height - 1],
   vote(3, 0, 2, 1), vote(0, 0, 2, 1), vote(PREVOTE, s.view + VIEWS_AHEAD_MAX + 1, 2, 1), vote(PREVOTE, VIEWS_MAX, 2, 1),
   vote(PREVOTE, s.view, 7, 1),
   [proposal(s.view, 1, Never) EXCEPT !.height = Height + 1], proposal(s.view, Nil, Never),
   proposal(s.view, 1, s.view), [proposal(s.view, 1, Never) EXCEPT !.proposer = 7],
   [proposal(s.view, 2, Never) EXCEPT !.proposer = Turn(s.view + 1)],
   proposal(s.view + VIEWS_AHEAD_MAX + 1, 1, Never), proposal(VIEWS_MAX, 1, Never),
   timeout(s.view + 1, PROPOSE), timeout(s.view, DECIDED), timeout(s.view, 0),
   [certificate(0, 1, <<TRUE, TRUE, TRUE, TRUE>>) EXCEPT !.height = Height + 1],
   certificate(0, Nil, <<TRUE, TRUE, TRUE, TRUE>>), certificate(VIEWS_MAX, 1, <<TRUE, TRUE, TRUE, TRUE>>),
   certificate(0, 1, <<TRUE, TRUE, TRUE>>), certificate(0, 1, <<TRUE, TRUE, FALSE, FALSE>>) }
\* ---- for vectors: everything, at random; TLC evaluates this anew in every state
Everything(s, own) == GoodVotes(s, Views) \cup OwnVotes(s, own) \cup GoodProposals \cup GoodOthers(s) \cup Certificates \cup Bad(s)
\* now and then what was asked for comes back, and what is wanted now is offered more often than the rest
Likely(s, own) == OwnVotes(s, own) \cup {x \in GoodVotes(s, {s.view}) : x.root # 2}
AtRandom(s, own) ==
   LET k == RandomElement(1..9)
   IN {RandomElement(CASE k <= 3 -> Likely(s, own) [] k = 4 -> GoodVotes(s, {s.view, s.view + 1}) [] k = 5 -> GoodProposals
                       [] k <= 7 -> GoodOthers(s) [] k = 8 -> Everything(s, own) [] OTHER -> Bad(s))}
\* ---- for the exhaustive search: two others, one of whom lies, one block, two views
Small(s, own) ==
   {vote(k, 0, x, 1) : k \in {PREVOTE, PRECOMMIT}, x \in {2, 3}} \cup {vote(PREVOTE, 0, 2, Nil), vote(PREVOTE, 1, 3, 1)}
   \cup OwnVotes(s, own) \cup {proposal(0, 1, Never), proposal(1, 1, 0), verdict(1, TRUE)}
   \cup {timeout(s.view, p) : p \in {1, 2, 3}}
\* everything that is refused, and enough else to decide
Refusals(s, own) == {vote(PREVOTE, 0, 2, 1), vote(PREVOTE, 0, 2, 2), proposal(0, 1, Never), verdict(1, TRUE), timeout(s.view, 3),
                     certificate(0, 1, <<TRUE, TRUE, TRUE, FALSE>>)} \cup Bad(s)
Bound == Cardinality(node.votes) <= Votes /\ node.view <= LastView
View == <<node, pending>>
\* == Witnesses
NeverDecides == node.phase # DECIDED
NeverJumps == node.view = 0 \/ \E y \in node.votes : y.kind = PRECOMMIT /\ y.view = 0
NeverSeesEvidence == node.offenders = {}
NeverValidWithoutLock == node.validView = node.lockedView
==============================================================================
