------------------------------- MODULE Journal -------------------------------
(* Persist before send, with restarts (INF-014, CON-014, CON-010). One        *)
(* validator, one height, votes in a row of slots (kind and view). What it is *)
(* asked to vote depends on what it has heard, so after a crash it may be     *)
(* asked something else than before; what it said it must still know.         *)
EXTENDS Integers, Sequences, FiniteSets
CONSTANTS Slots,                \* 1 .. n, in order
          Blocks,
          Crashes,              \* how often the machine stops
          Heights               \* how many heights are committed
VARIABLES height, up,
          memory,               \* votes that the running process knows: sequence of <<slot, block>>
          pending,              \* journal records that a crash may lose, in order
          durable,              \* journal records that survive
          sent,                 \* everything that ever left: set of <<height, slot, block>>
          ledger,               \* the height that the durable ledger has reached
          crashes
vars == <<height, up, memory, pending, durable, sent, ledger, crashes>>
Votes(records) == {records[k] : k \in 1..Len(records)}
SlotsOf(records) == {records[k][1] : k \in 1..Len(records)}

Init == /\ height = 1 /\ up = TRUE /\ memory = <<>> /\ pending = <<>> /\ durable = <<>>
        /\ sent = {} /\ ledger = 0 /\ crashes = 0
\* step asks for a vote in the next free slot: the input goes into the journal, nothing leaves yet
remember(s, v) == /\ up /\ s \notin SlotsOf(memory) /\ \A t \in SlotsOf(memory) : t < s
                  /\ memory' = Append(memory, <<s, v>>) /\ pending' = Append(pending, <<s, v>>)
                  /\ UNCHANGED <<height, up, durable, sent, ledger, crashes>>
\* the journal reaches the medium
sync == /\ up /\ pending # <<>>
        /\ durable' = durable \o pending /\ pending' = <<>>
        /\ UNCHANGED <<height, up, memory, sent, ledger, crashes>>
\* what is durable may leave, now or again
broadcast(s, v) == /\ up /\ <<s, v>> \in Votes(durable) /\ <<s, v>> \in Votes(memory)
                   /\ sent' = sent \cup {<<height, s, v>>}
                   /\ UNCHANGED <<height, up, memory, pending, durable, ledger, crashes>>
\* a certified block is appended to the durable ledger; then the journal of its height is forgotten
commit == /\ up /\ height <= Heights /\ ledger < height /\ ledger' = height
          /\ UNCHANGED <<height, up, memory, pending, durable, sent, crashes>>
clear == /\ up /\ ledger = height /\ height < Heights
         /\ height' = height + 1 /\ memory' = <<>> /\ pending' = <<>> /\ durable' = <<>>
         /\ UNCHANGED <<up, sent, ledger, crashes>>
\* the machine stops; some of what was pending may have reached the medium
crash == /\ up /\ crashes < Crashes /\ crashes' = crashes + 1 /\ up' = FALSE
         /\ \E n \in 0..Len(pending) : durable' = durable \o SubSeq(pending, 1, n)
         /\ memory' = <<>> /\ pending' = <<>>
         /\ UNCHANGED <<height, sent, ledger>>
\* it comes back with what the journal says, if that is about the height after the ledger
start == /\ ~up /\ up' = TRUE /\ height' = IF ledger < Heights THEN ledger + 1 ELSE height
         /\ memory' = IF height' = height THEN durable ELSE <<>>
         /\ durable' = IF height' = height THEN durable ELSE <<>>
         /\ UNCHANGED <<pending, sent, ledger, crashes>>
Next == \/ sync \/ commit \/ clear \/ crash \/ start
        \/ \E s \in Slots, v \in Blocks : remember(s, v) \/ broadcast(s, v)
Spec == Init /\ [][Next]_vars
------------------------------------------------------------------------------
\* == Properties
\* in all its lives together it says one thing in one slot of a height (CON-017)
NoDoubleVote == \A one, other \in sent : (one[1] = other[1] /\ one[2] = other[2]) => one[3] = other[3]
\* what was said at this height is on the medium (CON-017)
SaidIsDurable == \A said \in sent : (said[1] = height /\ ledger < height) => <<said[2], said[3]>> \in Votes(durable)
\* and the running process knows it (CON-017)
SaidIsKnown == \A said \in sent : (up /\ said[1] = height) => <<said[2], said[3]>> \in Votes(memory)
\* the journal is never about a height that the ledger has not reached yet (CON-017)
JournalFollowsLedger == height <= ledger + 1
\* nothing that was said is unsaid, no height is left before it is durable (CON-017)
Monotone == [][sent \subseteq sent' /\ ledger <= ledger' /\ (height' # height => ledger >= height)]_vars
==============================================================================
