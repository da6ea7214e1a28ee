// JSON in, JSON out: the secure rounds of privacy.md (PRV-030 to PRV-043).

import * as client from "./client.mjs";
import { group_trainers, neighbours_of, survivor_list } from "./groups.mjs";
import { read, write } from "./operations_basic.mjs";
import { contract_rule, deadline } from "./operations_ledger.mjs";
import * as secure from "./secure.mjs";
import { toBytes, uint16, uint32 } from "./ssz.mjs";

const texts = (numbers) => numbers.map((number) => number.toString());

/** State and task number of an input, and the group if there is one. */
function place(input) {
  const { group = "0" } = input;
  return [read("State", input.state), uint32.fromJson(input.task), uint32.fromJson(group)];
}

const secrets_of = ({ secrets }) =>
  Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, toBytes(value)]));

function groups(input) {
  const [state, number] = place(input);
  return { groups: group_trainers(state.tasks[number]).map(texts) };
}

function neighbours(input) {
  const [state, number, group] = place(input);
  const pairs = [...neighbours_of(state.tasks[number], number, group)];
  return { neighbours: pairs.map(([member, around]) => ({ member: member.toString(), around: texts(around) })) };
}

// ---- clients ----

function client_keys(input) {
  const [task, round] = [uint32.fromJson(input.task), uint16.fromJson(input.round)];
  return { payload: write("AdvertiseKeys", client.client_keys(task, round, secrets_of(input))) };
}

function client_of(input) {
  const [state, number] = place(input);
  return [state, number, uint32.fromJson(input.own), secrets_of(input)];
}

function client_input(input) {
  const words = client.client_input(...client_of(input), input.update, uint32.fromJson(input.samples));
  return { words: texts(words) };
}

function check_list(input) {
  const around = new Map(
    input.neighbours.map((entry) => [uint32.fromJson(entry.member), entry.around.map(uint32.fromJson)]),
  );
  const own = uint32.fromJson(input.own);
  const threshold = uint16.fromJson(input.threshold);
  client.check_list(read("SurvivorList", input.list), own, around, threshold, input.answered);
  return {};
}

export const secureOperations = {
  "privacy.advertise_keys": contract_rule("AdvertiseKeys", secure.advertise_keys),
  "privacy.share_keys": contract_rule("ShareKeys", secure.share_keys),
  "privacy.masked_input": contract_rule("MaskedInput", secure.masked_input),
  "privacy.unmask": contract_rule("Unmask", secure.unmask),
  "privacy.draw_graphs": deadline(secure.draw_graphs),
  "privacy.close_shares": deadline(secure.close_shares),
  "privacy.close_inputs": deadline(secure.close_inputs),
  "privacy.open_groups": deadline(secure.open_groups),
  "privacy.group_trainers": groups,
  "privacy.neighbours": neighbours,
  "privacy.survivor_list": (input) => ({ list: write("SurvivorList", survivor_list(...place(input))) }),
  "privacy.client_keys": client_keys,
  "privacy.client_shares": (input) => ({ payload: write("ShareKeys", client.client_shares(...client_of(input))) }),
  "privacy.client_input": client_input,
  "privacy.check_list": check_list,
  "privacy.client_answer": (input) => ({
    payload: write("Unmask", client.client_answer(...client_of(input), input.answered)),
  }),
};
