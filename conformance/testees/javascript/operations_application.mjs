// JSON in, JSON out: the operations of application.md.

import * as application from "./application.mjs";
import { read } from "./operations_basic.mjs";
import * as softmax from "./softmax.mjs";
import { toBytes, uint16, uint32, uint64, uint8 } from "./ssz.mjs";

const texts = (list) => list.map((value) => value.toString());
const uint64s = (list) => list.map(uint64.fromJson);

const streamOf = ({ purpose, numbers }) => new application.Stream(toBytes(purpose), uint64s(numbers));

const samplesOf = ({ features, labels, scale, classes }) => ({
  features,
  labels,
  scale: uint32.fromJson(scale),
  classes: uint32.fromJson(classes),
});

const rateOf = ({ rate_numerator, rate_denominator }) => [rate_numerator, rate_denominator].map(uint32.fromJson);

function draw(input) {
  const stream = streamOf(input);
  return { values: texts(uint64s(input.bounds).map((bound) => stream.below(bound))) };
}

function partition({ labels, seed, alpha_ppm, trainers, minimum }) {
  const numbers = [...uint64s([seed, alpha_ppm]), ...[trainers, minimum].map(uint32.fromJson)];
  return { shares: application.partition(labels, ...numbers) };
}

const SPLIT_OPTIONS = {
  seed: uint64,
  alpha_ppm: uint64,
  trainers: uint32,
  scorers: uint32,
  test_ppm: uint32,
  scorer_ppm: uint32,
  trainer_minimum: uint32,
};

function split(input) {
  const options = Object.entries(SPLIT_OPTIONS).map(([name, type]) => [name, type.fromJson(input[name])]);
  return application.split(input.labels, Object.fromEntries(options));
}

function update({ layout, base, arrays }) {
  const parsed = arrays.map(({ name, shape, values }) => ({
    name,
    shape: shape.map(uint32.fromJson),
    values: values.map((value) => application.doubles(value)[0]),
  }));
  return { update: application.update(read("Layout", layout), base, parsed) };
}

function softmax_train(input) {
  const options = {
    seed: uint64.fromJson(input.seed),
    local_epochs: uint8.fromJson(input.local_epochs),
    batch_size: uint32.fromJson(input.batch_size),
  };
  return { update: softmax.softmax_train(samplesOf(input), input.model, rateOf(input), options) };
}

function softmax_evaluate(input) {
  const { correct, total } = softmax.softmax_evaluate(samplesOf(input), input.model);
  return { correct: correct.toString(), total: total.toString() };
}

export const applicationOperations = {
  "application.draw": draw,
  "application.shuffle": (input) => ({
    order: application.shuffle(streamOf(input), uint16.fromJson(input.length)),
  }),
  "application.training_seed": ({ seed, round, trainer }) => ({
    seed: application.training_seed(...uint64s([seed, round, trainer])).toString(),
  }),
  "application.content_digest": (input) => ({ digest: application.content_digest(samplesOf(input)) }),
  "application.partition": partition,
  "application.split": split,
  "application.initial_model": ({ layout, seed }) => ({
    model: application.initial_model(read("Layout", layout), uint64.fromJson(seed)),
  }),
  "application.update": update,
  "application.apply_update": ({ base, update: delta }) => ({ model: application.apply_update(base, delta) }),
  "application.exp2_negative": ({ exponents }) => ({
    powers: texts(uint64s(exponents).map(softmax.exp2_negative)),
  }),
  "application.probabilities": (input) => ({
    probabilities: softmax.probabilities(samplesOf(input), input.model),
  }),
  "application.softmax_step": (input) => ({
    model: softmax.softmax_step(samplesOf(input), input.model, rateOf(input)),
  }),
  "application.softmax_train": softmax_train,
  "application.softmax_evaluate": softmax_evaluate,
};
