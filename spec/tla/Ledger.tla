-------------------------------- MODULE Ledger -------------------------------
(* Ledger replication (INF-010, INF-016, INF-017, CON-013, CON-015): replicas *)
(* append certified blocks to a log, crash, come back, and catch up from each *)
(* other. Consensus is what Consensus.tla says: at most one certified block a *)
(* height; a liar may offer anything else without a certificate, or a block   *)
(* of another height with one.                                                *)
EXTENDS Integers, Sequences, FiniteSets
CONSTANTS Replicas,             \* who follows the rules
          Heights,              \* how many blocks are decided
          Crashes               \* how often machines stop, in all
Forged == -1                    \* a block that nobody certified
VARIABLES decided,              \* how many heights have been certified: block k is called k
          log,                  \* [Replicas -> durable frames]
          writing,              \* [Replicas -> the frame being written, 0 for none]: torn when it crashes
          state,                \* [Replicas -> blocks applied in memory]
          acknowledged,         \* [Replicas -> how many blocks it told others that it has]
          up, crashes
vars == <<decided, log, writing, state, acknowledged, up, crashes>>
Offers == 1..decided \cup {Forged}
Certified(b) == b # Forged
Counted(r) == Len(state[r]) + 1

Init == /\ decided = 0 /\ log = [r \in Replicas |-> <<>>] /\ writing = [r \in Replicas |-> 0]
        /\ state = [r \in Replicas |-> <<>>] /\ acknowledged = [r \in Replicas |-> 0]
        /\ up = [r \in Replicas |-> TRUE] /\ crashes = 0
\* the committee decides the next height
assemble_certificate == /\ decided < Heights /\ decided' = decided + 1
                        /\ UNCHANGED <<log, writing, state, acknowledged, up, crashes>>
\* CON-015, INF-017: a record arrives, from whomever; its certificate and its height are checked
apply_record(r) == \E b \in Offers :
   /\ up[r] /\ writing[r] = 0
   /\ Certified(b)
   /\ b = Counted(r)
   /\ writing' = [writing EXCEPT ![r] = b]
   /\ UNCHANGED <<decided, log, state, acknowledged, up, crashes>>
\* INF-010: the frame is durable; then the block counts, and then others may hear of it
append(r) == /\ up[r] /\ writing[r] # 0
             /\ log' = [log EXCEPT ![r] = Append(@, writing[r])]
             /\ state' = [state EXCEPT ![r] = Append(@, writing[r])]
             /\ writing' = [writing EXCEPT ![r] = 0]
             /\ UNCHANGED <<decided, acknowledged, up, crashes>>
acknowledge(r) == /\ up[r] /\ acknowledged[r] < Len(log[r])
                  /\ acknowledged' = [acknowledged EXCEPT ![r] = Len(log[r])]
                  /\ UNCHANGED <<decided, log, writing, state, up, crashes>>
\* the machine stops, perhaps in the middle of a frame; the frame may be whole all the same
crash(r) == /\ up[r] /\ crashes < Crashes /\ crashes' = crashes + 1
            /\ up' = [up EXCEPT ![r] = FALSE] /\ state' = [state EXCEPT ![r] = <<>>]
            /\ writing' = [writing EXCEPT ![r] = 0]
            /\ \/ log' = log
               \/ writing[r] # 0 /\ log' = [log EXCEPT ![r] = Append(@, writing[r])]
            /\ UNCHANGED <<decided, acknowledged>>
\* INF-017: what was torn is cut off, the rest is replayed from genesis
replay(r) == /\ ~up[r] /\ up' = [up EXCEPT ![r] = TRUE]
             /\ state' = [state EXCEPT ![r] = log[r]]
             /\ UNCHANGED <<decided, log, writing, acknowledged, crashes>>
Next == \/ assemble_certificate
        \/ \E r \in Replicas : apply_record(r) \/ append(r) \/ acknowledge(r) \/ crash(r) \/ replay(r)
Fair == WF_vars(assemble_certificate)
        /\ \A r \in Replicas : WF_vars(apply_record(r)) /\ WF_vars(append(r)) /\ WF_vars(replay(r))
Spec == Init /\ [][Next]_vars /\ Fair
\* the ledger as anybody knows it: the longest of all logs, of which the others are prefixes
Longest == log[CHOOSE r \in Replicas : \A q \in Replicas : Len(log[q]) <= Len(log[r])]
Chain == INSTANCE RoundChain WITH entries <- Longest
------------------------------------------------------------------------------
\* == Properties
IsPrefix(one, other) == Len(one) <= Len(other) /\ SubSeq(other, 1, Len(one)) = one
\* two ledgers never contradict each other (CON-015)
PrefixConsistency == \A p, q \in Replicas : IsPrefix(log[p], log[q]) \/ IsPrefix(log[q], log[p])
\* block k stands at height k: nothing skipped, nothing twice, nothing uncertified (INF-017)
OnlyCertified == \A r \in Replicas, k \in 1..Heights : k <= Len(log[r]) => log[r][k] = k /\ k <= decided
\* the state is the replay of the log, up to the frame being written (INF-017)
StateIsReplay == \A r \in Replicas : up[r] => state[r] = log[r]
\* nobody speaks of a block that a crash could take away (INF-010)
AcknowledgedIsDurable == \A r \in Replicas : acknowledged[r] <= Len(log[r])
\* a log only grows (INF-010)
AppendOnly == [][\A r \in Replicas : IsPrefix(log[r], log'[r])]_vars
\* all together are what the layers above take for the ledger (INF-017)
GrowsAsChain == Chain!Spec
\* every replica comes to hold everything (CON-018)
CatchesUp == <>(\A r \in Replicas : Len(log[r]) = Heights)
==============================================================================
