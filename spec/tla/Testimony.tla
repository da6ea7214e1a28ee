------------------------------ MODULE Testimony ------------------------------
(* Quality is testimony, not a vote (INC-001 to INC-004, CTR-009 to CTR-011). *)
(* Every scorer has its own private opinion of the one update of this round   *)
(* and says what it likes about it: first a commitment, then the reveal. What *)
(* the ledger then holds decides, by the lower median of what was revealed.   *)
(* Validators vote on blocks; every validator has a private opinion as well,  *)
(* and the point of this module is that it does not matter.                   *)
EXTENDS Integers, FiniteSets
CONSTANTS Scorers,              \* equal weights
          Liars,                \* scorers that do not say what they think
          Validators,
          Scores,               \* what can be thought and said, an interval from 0
          Bar                   \* from which score on an update is accepted
None == -1
VARIABLES opinion,              \* [Scorers -> Scores]: private, never on the ledger
          taste,                \* [Validators -> whether it would accept]: private as well
          window,               \* "commit", "reveal", "closed"
          sheets,               \* [Scorers -> commitment or None]
          revealed,             \* [Scorers -> score or None]
          verdict,              \* what the ledger says of the update
          claim,                \* what the proposed block says that the ledger will say
          vote                  \* [Validators -> "none", "yes", "no"] on that block
vars == <<opinion, taste, window, sheets, revealed, verdict, claim, vote>>

Init == /\ opinion \in [Scorers -> Scores] /\ taste \in [Validators -> BOOLEAN]
        /\ window = "commit" /\ sheets = [s \in Scorers |-> None] /\ revealed = [s \in Scorers |-> None]
        /\ verdict = "open" /\ claim = "open" /\ vote = [v \in Validators |-> "none"]
\* CTR-009: once, and before anybody shows anything
commit_scores(s) == \E x \in Scores :
   /\ window = "commit" /\ sheets[s] = None
   /\ s \notin Liars => x = opinion[s]
   /\ sheets' = [sheets EXCEPT ![s] = x]
   /\ UNCHANGED <<opinion, taste, window, revealed, verdict, claim, vote>>
\* CTR-010: what is shown is what was committed to; a mismatch does not count
reveal_scores(s) ==
   /\ window = "reveal" /\ sheets[s] # None /\ revealed[s] = None
   /\ revealed' = [revealed EXCEPT ![s] = sheets[s]]
   /\ UNCHANGED <<opinion, taste, window, sheets, verdict, claim, vote>>
\* CTR-005: the deadline
close_commit == /\ window = "commit" /\ window' = "reveal"
                /\ UNCHANGED <<opinion, taste, sheets, revealed, verdict, claim, vote>>
Included == {s \in Scorers : revealed[s] # None}
\* INC-002
is_scored == 3 * Cardinality(Included) > 2 * Cardinality(Scorers)
\* INC-003: the least value with at least half of the weight at or below it
weighted_lower_median == CHOOSE x \in Scores :
   /\ 2 * Cardinality({s \in Included : revealed[s] <= x}) >= Cardinality(Included)
   /\ \A y \in Scores : y < x => 2 * Cardinality({s \in Included : revealed[s] <= y}) < Cardinality(Included)
Outcome == IF ~is_scored THEN "unscored" ELSE IF weighted_lower_median >= Bar THEN "accepted" ELSE "rejected"
\* CTR-011: nothing but the ledger goes in
decide == /\ window = "reveal" /\ window' = "closed" /\ verdict' = Outcome
          /\ claim' \in {"unscored", "accepted", "rejected"}
          /\ UNCHANGED <<opinion, taste, sheets, revealed, vote>>
\* INF-016: a validator recomputes the block; CON-014: it votes for what it finds
state_transition(v) ==
   /\ window = "closed" /\ vote[v] = "none"
   /\ vote' = [vote EXCEPT ![v] = IF claim = Outcome THEN "yes" ELSE "no"]
   /\ UNCHANGED <<opinion, taste, window, sheets, revealed, verdict, claim>>
Next == \/ \E s \in Scorers : commit_scores(s) \/ reveal_scores(s)
        \/ close_commit \/ decide
        \/ \E v \in Validators : state_transition(v)
Spec == Init /\ [][Next]_vars
------------------------------------------------------------------------------
\* == Properties
\* two validators that have voted have voted alike, whatever they privately think (CON-009)
VotesAgree == \A v, w \in Validators : "none" \in {vote[v], vote[w]} \/ vote[v] = vote[w]
\* a vote says whether the block is what the ledger gives, and nothing else (CON-009)
VoteIsRecomputation == \A v \in Validators : vote[v] # "none" => (vote[v] = "yes" <=> claim = verdict)
\* more than two thirds spoke, or the round is unscored (INC-002)
Coverage == verdict \in {"accepted", "rejected"} => 3 * Cardinality(Included) > 2 * Cardinality(Scorers)
\* with the truth told by more than half of those who spoke, the median lies among what they think (INC-003)
HonestRange == (verdict \in {"accepted", "rejected"} /\ 2 * Cardinality(Included \ Liars) > Cardinality(Included)) =>
   /\ \E s \in Included \ Liars : opinion[s] <= weighted_lower_median
   /\ \E s \in Included \ Liars : opinion[s] >= weighted_lower_median
\* nobody commits after having seen a reveal (CTR-009)
NoCopying == [][\A s \in Scorers : sheets'[s] # sheets[s] => Included = {} /\ sheets[s] = None]_vars
\* what was said is not taken back (CTR-010)
SaidOnce == [][\A s \in Scorers : revealed[s] # None => revealed'[s] = revealed[s]]_vars
==============================================================================
