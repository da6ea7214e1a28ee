------------------------------- MODULE MCTask -------------------------------
(* Constants for Task: b has both roles, and c cannot pay two deposits.       *)
EXTENDS Task
People == <<"issuer", "a", "b", "c">>
Rich  == [issuer |-> 2 * Cost, a |-> 2 * Deposit, b |-> 2 * Deposit, c |-> Deposit]
Poor  == [issuer |-> Cost, a |-> 2 * Deposit, b |-> Deposit + 1, c |-> Deposit - 1]
Sizes == [issuer |-> 1, a |-> 3, b |-> 5, c |-> 1]
Thirds == <<6, 3, 1>>
Bounds == [initial |-> 5000, min |-> 1000, max |-> 10000, gain |-> 100, loss |-> 500]
Steep  == [initial |-> 1600, min |-> 500, max |-> 1750, gain |-> 100, loss |-> 1000]
Tight  == [initial |-> 1100, min |-> 1000, max |-> 1150, gain |-> 100, loss |-> 500]
=============================================================================
