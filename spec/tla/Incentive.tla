----------------------------- MODULE Incentive -----------------------------
(* The arithmetic of scores, splits and reputation, as operators without     *)
(* state: the other modules use them, MCIncentive checks what they promise.   *)
(* Functions are given over a set of identities; `at` is their registration   *)
(* index, by which ties are settled.                                          *)
EXTENDS Integers, FiniteSets, Sequences

RECURSIVE SumOf(_, _)
SumOf(f, S) == IF S = {} THEN 0 ELSE LET x == CHOOSE x \in S : TRUE IN f[x] + SumOf(f, S \ {x})

\* INC-002: exactly two thirds is not enough
IsScored(included, total) == 3 * included > 2 * total

\* INC-003: the smallest value for which the values up to it weigh at least half
Median(value, weight, S) ==
  LET Up(v) == SumOf(weight, {j \in S : value[j] <= v})
      Half  == {i \in S : 2 * Up(value[i]) >= SumOf(weight, S)}
  IN  value[CHOOSE i \in Half : \A j \in Half : value[i] <= value[j]]

\* INC-004, the bar in hundredths of the median; nobody is accepted who scored nothing
Accepts(score, S, percent) ==
  LET m == Median(score, [i \in S |-> 1], S) IN {i \in S : score[i] > 0 /\ 100 * score[i] >= percent * m}

\* INC-005: floors first, then one token each to the largest remainders
Split(amount, weight, S, at) ==
  LET total == SumOf(weight, S)
      Floor(i) == (amount * weight[i]) \div total
      Rest(i)  == (amount * weight[i]) % total
      left     == amount - SumOf([i \in S |-> Floor(i)], S)
      Before(i) == {j \in S : Rest(j) > Rest(i) \/ (Rest(j) = Rest(i) /\ at[j] < at[i])}
  IN  [i \in S |-> Floor(i) + IF Cardinality(Before(i)) < left THEN 1 ELSE 0]

\* INC-006: the pools of trainers, scorers and aggregators
Pools(reward, shares) == Split(reward, shares, 1..3, [k \in 1..3 |-> k])

\* INC-008: p has the fields min, max, gain and loss
Reputed(value, fact, p) ==
  LET change == CASE fact \in {"accepted", "testified", "confirmed"} -> p.gain
                  [] fact \in {"rejected", "missing"} -> -p.loss
                  [] fact = "fault" -> -10000
                  [] fact = "nothing" -> 0
      low == IF value + change < p.min THEN p.min ELSE value + change
  IN  IF low > p.max THEN p.max ELSE low
=============================================================================
