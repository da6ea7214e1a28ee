// The containers of TYP-017, written as the specification lists them, and those of CON-014.

import * as ssz from "./ssz.mjs";

const LISTING = `
Parameters  (TYP-010)
  epoch_heights            uint64
  seats_max                uint64
  stake_min                uint64
  unbonding_heights        uint64
  evidence_heights         uint64
  window_heights_min       uint64
  transactions_per_block   uint64
  transactions_per_sender  uint64
  tasks_open_max           uint64
  participants_max         uint64
  reputation_initial_bps   uint64
  reputation_min_bps       uint64
  reputation_max_bps       uint64
  reputation_gain_bps      uint64
  reputation_loss_bps      uint64

TensorSpec  (TYP-006)
  name           Bytes[64]
  shape          List[uint32, 8]
  fraction_bits  uint8

Layout  (TYP-006)
  tensors  List[TensorSpec, 1024]

Blob  (TYP-007)
  kind         uint8
  element      uint8
  layout_root  Bytes32
  byte_length  uint64
  chunks       List[Bytes32, 4194304]

ChunkProof  (TYP-008)
  blob_root  Bytes32
  index      uint64
  digest     Bytes32
  branch     List[Bytes32, 64]

SigningData  (TYP-005)
  object_root  Bytes32
  domain       Bytes32

DomainData  (TYP-005)
  genesis_root      Bytes32
  protocol_version  uint32

AggregationRule  (AGG-010)
  name             uint8
  eta_numerator    uint16
  eta_denominator  uint16
  trim_bps         uint16
  byzantine        uint16
  select           uint16
  norm_bound       uint64

Seat  (CON-003)
  identity  uint32
  weight    uint64

Committee  (CON-003)
  epoch  uint64
  seed   Bytes32
  seats  List[Seat, 1024]

RevealMessage  (CON-002)
  height  uint64

Vote  (CON-010)
  kind        uint8
  height      uint64
  view        uint64
  block_root  Bytes32

SignedVote  (CON-010)
  vote       Vote
  voter      uint32
  signature  Bytes96

Proposal  (CON-011)
  height      uint64
  view        uint64
  valid_view  int64
  block_root  Bytes32

SignedProposal  (CON-011)
  proposal   Proposal
  proposer   uint32
  signature  Bytes96

Certificate  (CON-012)
  height      uint64
  view        uint64
  block_root  Bytes32
  seats       Bitlist[1024]
  signature   Bytes96

Offence  (CON-016)
  voter   uint32
  kind    uint8
  height  uint64
  view    uint64

Equivocation  (CON-016)
  first   SignedVote
  second  SignedVote

GenesisIdentity  (INF-001)
  public_key           Bytes48
  proof_of_possession  Bytes96
  balance              uint64
  stake                uint64

Extension  (INF-002)
  number  uint8
  title   Bytes[64]

Genesis  (INF-002)
  protocol_version  uint32
  seed              Bytes32
  parameters        Parameters
  identities        List[GenesisIdentity, 65536]
  extensions        List[Extension, 128]

Transaction  (INF-004)
  kind     uint8
  sender   uint32
  nonce    uint64
  payload  Bytes[131072]

SignedTransaction  (INF-004)
  transaction  Transaction
  signature    Bytes96

Header  (INF-006)
  height       uint64
  view         uint64
  proposer     uint32
  parent_root  Bytes32
  state_root   Bytes32
  body_root    Bytes32

Body  (INF-006)
  certificate   Certificate
  reveal        Bytes96
  transactions  List[SignedTransaction, 4096]

Block  (INF-006)
  header  Header
  body    Body

LedgerRecord  (INF-010)
  block        Block
  certificate  Certificate

Register  (INF-005)
  public_key           Bytes48
  proof_of_possession  Bytes96
  endowment            uint64

Transfer  (INF-005)
  recipient  uint32
  amount     uint64

Bond  (INF-005)
  amount  uint64

Unbond  (INF-005)
  amount  uint64

Available  (INF-008)
  task        uint32
  blob_roots  List[Bytes32, 2048]

Identity  (INF-003)
  public_key        Bytes48
  balance           uint64
  stake             uint64
  unbonding         uint64
  unbonding_height  uint64
  nonce             uint64
  reputation_bps    uint64
  convicted         boolean

Noise  (PRV-060)
  clip_bound            uint64
  variance_numerator    uint64
  variance_denominator  uint64
  colluders             uint16
  budget                uint64

Privacy  (PRV-030)
  mode       uint8
  groups     uint16
  threshold  uint16
  degree     uint16
  noise      Noise

TaskSpec  (CTR-002)
  layout_root           Bytes32
  model_root            Bytes32
  rounds                uint16
  window_heights        uint16
  registration_heights  uint16
  trainers_min          uint16
  trainers_max          uint16
  scorers_min           uint16
  scorers_max           uint16
  rule                  AggregationRule
  averaging             uint8
  aggregators           uint16
  payment               uint8
  reward_round          uint64
  trainers_bps          uint16
  scorers_bps           uint16
  aggregators_bps       uint16
  deposit               uint64
  sample_count_max      uint32
  acceptance_bps        uint16
  terms_root            Bytes32
  privacy               Privacy

Publish  (CTR-003)
  spec  TaskSpec

Join  (CTR-004)
  task        uint32
  role        uint8
  terms_root  Bytes32

UpdateCommitment  (CTR-006)
  genesis_root  Bytes32
  task          uint32
  round         uint16
  sender        uint32
  base_model    Bytes32
  blob_root     Bytes32
  sample_count  uint32
  salt          Bytes32

CommitUpdate  (CTR-006)
  task        uint32
  round       uint16
  commitment  Bytes32

RevealUpdate  (CTR-007)
  task          uint32
  round         uint16
  blob_root     Bytes32
  sample_count  uint32
  salt          Bytes32

Testimony  (INC-001)
  update_root  Bytes32
  correct      uint32
  total        uint32

ScoreSheet  (INC-001)
  genesis_root  Bytes32
  task          uint32
  round         uint16
  sender        uint32
  entries       List[Testimony, 2048]
  salt          Bytes32

CommitScores  (CTR-009)
  task        uint32
  round       uint16
  commitment  Bytes32

RevealScores  (CTR-010)
  task     uint32
  round    uint16
  entries  List[Testimony, 2048]
  salt     Bytes32

ClaimAggregate  (CTR-012)
  task        uint32
  round       uint16
  model_root  Bytes32

Participant  (CTR-004)
  identity  uint32
  role      uint8
  deposit   uint64

Update  (CTR-006)
  trainer       uint32
  order         uint32
  commitment    Bytes32
  status        uint8
  blob_root     Bytes32
  sample_count  uint32
  attesters     List[uint32, 1024]
  score_ppm     uint32
  accepted      boolean

Sheet  (CTR-009)
  scorer      uint32
  commitment  Bytes32
  status      uint8
  entries     List[Testimony, 2048]

Claim  (CTR-012)
  aggregator  uint32
  model_root  Bytes32
  correct     boolean

Edge  (PRV-034)
  seed_commitment  Bytes32
  key_commitment   Bytes32
  sealed           Bytes96

OpenedShare  (PRV-037)
  member  uint32
  share   List[uint64, 5]

Member  (PRV-032)
  trainer    uint32
  group      uint16
  step       uint8
  mask_key   Bytes32
  share_key  Bytes32
  seed_mark  Bytes32
  edges      List[Edge, 1024]
  blob_root  Bytes32
  attesters  List[uint32, 1024]
  answered   boolean
  opened     List[OpenedShare, 1024]

Group  (PRV-033)
  status  uint8
  named   List[uint32, 2048]

SecureRound  (PRV-033)
  seed     Bytes32
  members  List[Member, 2048]
  groups   List[Group, 2048]

Round  (CTR-005)
  number        uint16
  start_height  uint64
  aggregators   List[uint32, 4096]
  updates       List[Update, 2048]
  sheets        List[Sheet, 2048]
  claims        List[Claim, 4096]
  scored        boolean
  secure        SecureRound

RoundResult  (CTR-013)
  number      uint16
  outcome     uint8
  model_root  Bytes32
  paid        uint64

Task  (CTR-001)
  issuer            uint32
  spec              TaskSpec
  phase             uint8
  published_height  uint64
  escrow            uint64
  attesters         List[uint32, 1024]
  participants      List[Participant, 4096]
  model_root        Bytes32
  round             Round
  results           List[RoundResult, 65536]
  group_seed        Bytes32
  spent             uint64

State  (INF-007)
  genesis_root      Bytes32
  protocol_version  uint32
  parameters        Parameters
  extensions        List[uint8, 128]
  height            uint64
  head              Header
  supply            uint64
  treasury          uint64
  identities        List[Identity, 1048576]
  mix               Bytes32
  candidates        List[Seat, 1048576]
  committee         Committee
  next_committee    Committee
  offences          List[Bytes32, 1048576]
  tasks             List[Task, 1048576]

AdvertiseKeys  (PRV-032)
  task       uint32
  round      uint16
  mask_key   Bytes32
  share_key  Bytes32

ShareKeys  (PRV-034)
  task       uint32
  round      uint16
  seed_mark  Bytes32
  edges      List[Edge, 1024]

MaskedInput  (PRV-035)
  task       uint32
  round      uint16
  blob_root  Bytes32

SurvivorList  (PRV-036)
  genesis_root  Bytes32
  task          uint32
  round         uint16
  group         uint32
  survivors     List[uint32, 2048]
  dropped       List[uint32, 2048]

Unmask  (PRV-037)
  task       uint32
  round      uint16
  list_root  Bytes32
  shares     List[OpenedShare, 1024]

PairContext  (PRV-011)
  genesis_root  Bytes32
  task          uint32
  round         uint16
  group         uint32
  purpose       uint8
  lower_key     Bytes32
  higher_key    Bytes32

EdgeShare  (PRV-021)
  genesis_root  Bytes32
  task          uint32
  round         uint16
  group         uint32
  dealer        uint32
  holder        uint32
  secret        uint8
  share         List[uint64, 5]

TripleBatch  (PRV-073)
  dealer  uint32
  status  List[uint8, 65536]

TripleStore  (PRV-073)
  genesis_root  Bytes32
  task          uint32
  batches       List[TripleBatch, 1024]

AlignmentScope  (PRV-081)
  genesis_root  Bytes32
  task          uint32
  attempt       uint32

AlignmentPurpose  (PRV-083)
  scope    AlignmentScope
  side     uint8
  purpose  uint8

BlindedSet  (PRV-085)
  scope   AlignmentScope
  side    uint8
  points  List[Bytes48, 1048576]

Alignment  (PRV-088)
  scope        AlignmentScope
  first_root   Bytes32
  second_root  Bytes32
  points       List[Bytes48, 1048576]

Verdict  (CON-014)
  block_root  Bytes32
  valid       boolean

ConsensusState  (CON-014)
  committee      Committee
  epoch_heights  uint64
  height         uint64
  me             uint32
  view           uint64
  phase          uint8
  locked_view    int64
  locked_root    Bytes32
  valid_view     int64
  valid_root     Bytes32
  timers         Bitlist[2]
  proposals      List[SignedProposal, 4096]
  verdicts       List[Verdict, 4096]
  votes          List[SignedVote, 16777216]
  offenders      List[uint32, 1024]
  decided_view   uint64
  decided_root   Bytes32
`;

const BASIC = { uint8: ssz.uint8, uint16: ssz.uint16, uint32: ssz.uint32, uint64: ssz.uint64, int64: ssz.int64 };

function typeOf(text, containers) {
  if (text === "boolean") return ssz.boolean;
  if (text in BASIC) return BASIC[text];
  if (text in containers) return containers[text];
  const list = /^List\[(\w+), (\d+)\]$/.exec(text);
  if (list) return ssz.list(typeOf(list[1], containers), Number(list[2]));
  const [, kind, digits] = /^(Bytes|Bitlist)\[?(\d+)\]?$/.exec(text);
  if (kind === "Bitlist") return ssz.bitlist(Number(digits));
  return text.includes("[") ? ssz.byteList(Number(digits)) : ssz.bytesN(Number(digits));
}

function parse(listing) {
  const containers = {};
  for (const block of listing.trim().split(/\n\s*\n/)) {
    const [head, ...lines] = block.split("\n");
    const fields = lines.map((line) => {
      const [, field, type] = /^ {2}(\w+) +(.+?)\s*$/.exec(line);
      return [field, typeOf(type, containers)];
    });
    const name = head.split(" ")[0];
    containers[name] = ssz.container(name, fields);
  }
  return containers;
}

/** Every container by its name. */
export const containers = parse(LISTING);

/** The root of a value of the named container, as a "0x" string. */
export const rootOf = (name, value) => ssz.toHex(containers[name].root(value));

/** The zero root: 32 zero bytes. */
export const ZERO_ROOT = "0x" + "00".repeat(32);
