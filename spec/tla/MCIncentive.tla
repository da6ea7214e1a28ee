---------------------------- MODULE MCIncentive ----------------------------
(* What the arithmetic of Incentive promises, for all small inputs: every     *)
(* state is one input, and nothing moves. Three identities, `who` of them.    *)
EXTENDS Incentive
CONSTANTS Amounts, Weights, Values
VARIABLES amount, weight, value, who
vars == <<amount, weight, value, who>>
All3 == {1, 2, 3}
Place == [i \in All3 |-> i]

Init == /\ amount \in Amounts /\ weight \in [All3 -> Weights] /\ value \in [All3 -> Values]
        /\ who \in SUBSET All3 /\ SumOf(weight, who) > 0
Spec == Init /\ [][UNCHANGED vars]_vars

W == SumOf(weight, who)
S == Split(amount, weight, who, Place)
M == Median(value, weight, who)
\* the weight of the values below and above the median
Below == SumOf(weight, {i \in who : value[i] < M})
Above == SumOf(weight, {i \in who : value[i] > M})
P == [min |-> 1, max |-> 4, gain |-> 1, loss |-> 2]
Honest(H) == 2 * SumOf(weight, H) > W

\* == Properties ==
\* INC-005: nothing is lost; within a token of the exact share; nothing for nothing; more is never less; ties by index
SplitIsWhole == SumOf(S, who) = amount
\* INC-005
SplitIsFair == \A i \in who : /\ S[i] * W < amount * weight[i] + W
                              /\ S[i] * W > amount * weight[i] - W
                              /\ weight[i] = 0 => S[i] = 0
\* INC-005
SplitIsMonotone == \A i, j \in who : weight[i] > weight[j] => S[i] >= S[j]
\* INC-005
SplitTiesByIndex == \A i, j \in who : weight[i] = weight[j] /\ i < j => S[i] >= S[j]
\* INC-003: one of the values; less than half below, at most half above; among the honest, if they are the majority
MedianIsSaid == M \in {value[i] : i \in who}
\* INC-003
MedianIsLower == 2 * Below < W /\ 2 * Above <= W
\* INC-003
MedianIsHonest == \A H \in SUBSET who : Honest(H) =>
  \E i, j \in H : value[i] <= M /\ M <= value[j]
\* INC-004: at least the better half, and nobody for nothing
AcceptsBetterHalf == LET a == Accepts(value, who, 100)
                         m == Median(value, [i \in who |-> 1], who)
                     IN  /\ \A i \in a : value[i] > 0
                         /\ \A i \in who : value[i] >= m /\ value[i] > 0 => i \in a
                         /\ \A i \in a : value[i] >= m
\* INC-002: what is included is scored only if less than a third of the weight is missing
ScoredNeedsMost == \A I \in SUBSET who : IsScored(SumOf(weight, I), W) <=> 3 * SumOf(weight, who \ I) < W
\* INC-008: a reputation stays within its bounds, and a fault takes all that can be taken
ReputationIsBounded == \A r \in 1..4, f \in {"accepted", "testified", "confirmed", "rejected", "missing", "fault", "nothing"} :
  LET x == Reputed(r, f, P) IN /\ x \in 1..4
                               /\ f = "fault" => x = 1
                               /\ f \in {"rejected", "missing"} => x <= r
                               /\ f \in {"accepted", "testified", "confirmed"} => x >= r

\* == Witnesses ==
NeverSpreads == S[CHOOSE i \in who : TRUE] * W = amount * weight[CHOOSE i \in who : TRUE]
NeverBetween == \A i, j \in who : value[i] = value[j] \/ M = value[i] \/ M = value[j]
=============================================================================
