// privacy.md: the store of triples (PRV-073). Each function changes the store that it is given.

import { R } from "./computing.mjs";
import { ascends } from "./masks.mjs";
import { guard } from "./refusal.mjs";

const STATUS = { fresh: 0, in_check: 1, checked: 2, spent: 3 };
const BATCHES_MAX = 2 ** 10;
const TRIPLES_MAX = 2 ** 16;

function find_batch(store, number) {
  guard(number < store.batches.length, "TRIPLE_UNKNOWN");
  return store.batches[number];
}

const exist = ({ status }, indices) => indices.every((index) => index < status.length);

function set(batch, indices, status) {
  for (const index of indices) batch.status[index] = status;
}

/** The number of the new batch. */
export function deal(store, dealer, count) {
  guard(1 <= count && count <= TRIPLES_MAX, "TRIPLE_COUNT");
  guard(store.batches.length < BATCHES_MAX, "TRIPLE_COUNT");
  store.batches.push({ dealer, status: Array(count).fill(STATUS.fresh) });
  return store.batches.length - 1;
}

export function check(store, number, kept, burnt) {
  const batch = find_batch(store, number);
  guard(kept.length > 0, "EMPTY");
  guard(burnt.length === kept.length, "VECTOR_LENGTH");
  guard(ascends(kept) && ascends(burnt), "POSITION_ORDER");
  const all = [...kept, ...burnt];
  guard(exist(batch, all), "TRIPLE_UNKNOWN");
  const fresh = all.every((index) => batch.status[index] === STATUS.fresh);
  guard(fresh && new Set(all).size === all.length, "TRIPLE_USED");
  set(batch, kept, STATUS.in_check);
  set(batch, burnt, STATUS.spent);
}

/** Whether all differences were zero. */
export function judge(store, number, kept, differences) {
  const batch = find_batch(store, number);
  guard(kept.length > 0, "EMPTY");
  guard(ascends(kept), "POSITION_ORDER");
  guard(exist(batch, kept), "TRIPLE_UNKNOWN");
  guard(differences.length === kept.length, "VECTOR_LENGTH");
  for (const status of kept.map((index) => batch.status[index])) {
    guard(status !== STATUS.checked && status !== STATUS.spent, "TRIPLE_USED");
    guard(status === STATUS.in_check, "TRIPLE_UNCHECKED");
  }
  guard(differences.every((difference) => difference < R), "FIELD_RANGE");
  const passed = differences.every((difference) => difference === 0n);
  if (passed) set(batch, kept, STATUS.checked);
  else batch.status.fill(STATUS.spent);
  return passed;
}

export function use(store, number, indices) {
  const batch = find_batch(store, number);
  guard(indices.length > 0, "EMPTY");
  guard(ascends(indices), "POSITION_ORDER");
  guard(exist(batch, indices), "TRIPLE_UNKNOWN");
  for (const status of indices.map((index) => batch.status[index])) {
    guard(status !== STATUS.spent, "TRIPLE_USED");
    guard(status === STATUS.checked, "TRIPLE_UNCHECKED");
  }
  set(batch, indices, STATUS.spent);
}
