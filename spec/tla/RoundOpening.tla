---------------------------- MODULE RoundOpening ----------------------------
(* All that the other layers may assume of secure aggregation (PRV-014):      *)
(* nothing is opened before a list stands, only the sum over this list is,    *)
(* and never a second one.                                                    *)
VARIABLES phase, list, opened
vars == <<phase, list, opened>>
Init == opened = {} /\ list = {}
Next == \/ list = {} /\ opened' = opened                         \* a list is announced, or nothing is
        \/ list # {} /\ list' = list /\ opened' \in {opened, {list}} /\ (opened # {} => opened' = opened)
Spec == Init /\ [][Next]_vars
=============================================================================
