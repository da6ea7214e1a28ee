// JSON in, JSON out: computing on shares (PRV-070 to PRV-079).

import * as computing from "./computing.mjs";
import { rootOf } from "./containers.mjs";
import { read, write } from "./operations_basic.mjs";
import { play } from "./operations_ledger.mjs";
import { toBytes, uint16, uint32, uint64, uint8 } from "./ssz.mjs";
import * as triples from "./triples.mjs";

const texts = (numbers) => numbers.map((number) => number.toString());
const rows = (list) => list.map(texts);
const bigs = (list) => list.map(BigInt);
const big_rows = (list) => list.map(bigs);
const { fromJson: small } = uint16;
const { fromJson: number } = uint32;
const numbers = (list) => list.map(number);
const both = ({ left, right }) => ({ left: texts(left), right: texts(right) });

// ---- PRV-070 to PRV-072, PRV-074 ----

const batch_of = ({ seed, genesis_root, task, batch }) => ({
  seed: toBytes(seed),
  genesis_root,
  task: number(task),
  batch: number(batch),
});

const sharingOperations = {
  "privacy.large_samples": (i) => ({ elements: texts(computing.large_samples(toBytes(i.stream), small(i.count))) }),
  "privacy.additive_share": (i) => ({
    shares: rows(computing.additive_share(bigs(i.secrets), small(i.parties), toBytes(i.seed))),
  }),
  "privacy.additive_open": (i) => ({ secrets: texts(computing.additive_open(big_rows(i.shares))) }),
  "privacy.from_large": (i) => ({
    results: texts(computing.from_large(bigs(i.elements), BigInt(i.bound)).map((x) => BigInt.asUintN(128, x))),
  }),
  "privacy.combine_shares": (i) => ({
    share: texts(computing.combine_shares(uint8.fromJson(i.field), bigs(i.weights), big_rows(i.shares))),
  }),
  "privacy.deal_triples": (i) => ({
    triples: computing.deal_triples(small(i.parties), number(i.count), toBytes(i.seed)).map(rows),
  }),
  "privacy.sacrifice_challenges": (i) => ({
    challenges: texts(computing.sacrifice_challenges(batch_of(i), number(i.count))),
  }),
  "privacy.sacrifice_open": (i) =>
    both(computing.sacrifice_open(big_rows(i.kept), big_rows(i.burnt), bigs(i.challenges))),
  "privacy.sacrifice_close": (i) => {
    const [kept, burnt] = [big_rows(i.kept), big_rows(i.burnt)];
    const opened = [i.challenges, i.left, i.right].map(bigs);
    return { differences: texts(computing.sacrifice_close(small(i.position), kept, burnt, ...opened)) };
  },
};

// ---- PRV-073 ----

const STORE_ACTIONS = {
  deal: (store, i) => ({ batch: triples.deal(store, number(i.dealer), number(i.count)).toString() }),
  check: (store, i) => {
    triples.check(store, number(i.batch), numbers(i.kept), numbers(i.burnt));
    return {};
  },
  judge: (store, i) => ({ passed: triples.judge(store, number(i.batch), numbers(i.kept), bigs(i.differences)) }),
  use: (store, i) => {
    triples.use(store, number(i.batch), numbers(i.indices));
    return {};
  },
};

function triple_store({ init, steps }) {
  const machine = {
    initial: read("TripleStore", init),
    copy: structuredClone,
    digest: (store) => rootOf("TripleStore", store),
    actions: STORE_ACTIONS,
  };
  const { output, state } = play(machine, steps);
  return { ...output, state: write("TripleStore", state) };
}

// ---- PRV-075 to PRV-079 ----

const to_close = (i) => [small(i.position), big_rows(i.triples), bigs(i.left), bigs(i.right)];
const cut = (i) => [i.bits, i.fraction, i.sigma].map(small);

function deal_truncations(i) {
  const { masks, highs } = computing.deal_truncations(...cut(i), small(i.parties), number(i.count), toBytes(i.seed));
  return { masks: rows(masks), highs: rows(highs) };
}

function product_bits(i) {
  const bounds = [i.left_bound, i.right_bound].map(uint64.fromJson);
  return { bits: computing.product_bits(number(i.terms), ...bounds, small(i.fraction), small(i.sigma)).toString() };
}

const productOperations = {
  "privacy.product_open": (i) => both(computing.product_open(bigs(i.left), bigs(i.right), big_rows(i.triples))),
  "privacy.product_close": (i) => ({ products: texts(computing.product_close(...to_close(i))) }),
  "privacy.inner_close": (i) => ({ product: computing.inner_close(...to_close(i)).toString() }),
  "privacy.deal_truncations": deal_truncations,
  "privacy.opened_masks": (i) => ({ indices: texts(computing.opened_masks(batch_of(i), number(i.count))) }),
  "privacy.check_masks": (i) => {
    computing.check_masks(...cut(i), bigs(i.masks), bigs(i.highs));
    return {};
  },
  "privacy.truncation_open": (i) => ({
    masked: texts(computing.truncation_open(...cut(i), small(i.position), bigs(i.numbers), bigs(i.masks))),
  }),
  "privacy.truncation_close": (i) => ({
    numbers: texts(computing.truncation_close(...cut(i), small(i.position), bigs(i.opened), bigs(i.highs))),
  }),
  "privacy.truncate_locally": (i) => ({
    numbers: texts(computing.truncate_locally(small(i.position), small(i.fraction), bigs(i.numbers))),
  }),
  "privacy.product_bits": product_bits,
  "privacy.logistic_loss": (i) => ({
    losses: texts(
      computing.logistic_loss(small(i.position), small(i.fraction), bigs(i.squares), bigs(i.products)),
    ),
  }),
  "privacy.logistic_residual": (i) => ({
    residuals: texts(computing.logistic_residual(small(i.fraction), bigs(i.logits), bigs(i.labels))),
  }),
};

export const computingOperations = {
  ...sharingOperations,
  ...productOperations,
  "privacy.triple_store": triple_store,
};
