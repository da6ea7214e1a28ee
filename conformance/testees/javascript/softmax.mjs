// Integer softmax regression (APP-030 to APP-035).

import { check_batch, clamp, shuffle, Stream } from "./application.mjs";
import { div_round_half_even } from "./kernels.mjs";
import { guard } from "./refusal.mjs";

const ONE = 2n ** 16n;
const BATCH_MAX = 2 ** 12;
const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

const FACTORS = [
  759250125n, 902905651n, 984625594n, 1028218693n, 1050733751n, 1062175491n, 1067942999n, 1070838486n,
  1072289173n, 1073015252n, 1073378477n, 1073560135n, 1073650976n, 1073696399n, 1073719111n, 1073730468n,
]; // e_1 … e_16

/** APP-030 */
export function exp2_negative(t) {
  guard(0n <= t && t <= 2n ** 62n, "EXPONENT_RANGE");
  const k = t / ONE;
  const f = t % ONE;
  let v = 2n ** 30n;
  FACTORS.forEach((factor, i) => {
    if ((f >> BigInt(15 - i)) & 1n) v = (v * factor) >> 30n;
  });
  return k >= 31n ? 0n : v >> k;
}

// ---- APP-031, APP-032 ----

/** Guards 2 to 6 of APP-031. */
function check_inputs({ features, labels, scale, classes }, model) {
  guard(features.length >= 1, "EMPTY");
  guard(1 <= scale && scale <= 2 ** 12, "SCALE_RANGE");
  const d = features[0].length;
  const shaped = 2 <= classes && classes <= 256 && 1 <= d && d <= 65535 && model.length === classes * (1 + d);
  guard(shaped, "MODEL_SHAPE");
  guard(features.flat().every((x) => -scale <= x && x <= scale), "FEATURE_RANGE");
  guard(labels.every((label) => 0 <= label && label < classes), "LABEL_RANGE");
}

function logits(row, model, { scale, classes }) {
  return Array.from({ length: classes }, (_, c) => {
    const first = classes + c * row.length;
    return row.reduce((z, x, j) => z + BigInt(model[first + j] * x), BigInt(scale) * BigInt(model[c]));
  });
}

const largest = (values) => values.reduce((most, value) => (value > most ? value : most));

function row_probabilities(row, model, samples) {
  const z = logits(row, model, samples);
  const most = largest(z);
  const powers = z.map((value) => exp2_negative(div_round_half_even(most - value, BigInt(samples.scale))));
  const total = powers.reduce((sum, power) => sum + power, 0n);
  return powers.map((power) => Number(div_round_half_even(ONE * power, total)));
}

export function probabilities(samples, model) {
  check_batch(samples);
  check_inputs(samples, model);
  return samples.features.map((row) => row_probabilities(row, model, samples));
}

// ---- APP-033, APP-034 ----

const check_rate = ([a, b]) => guard(1 <= a && a <= 65535 && 1 <= b && b <= 65535, "RATE_RANGE");

/** The step itself, without the guards that were asked before. */
function step(samples, model, [a, b]) {
  const { features, labels, scale, classes } = samples;
  const d = features[0].length;
  const sums = model.map(() => 0n);
  features.forEach((row, i) => {
    row_probabilities(row, model, samples).forEach((p, c) => {
      const error = p - (c === labels[i] ? 65536 : 0);
      sums[c] += BigInt(error * scale);
      row.forEach((x, j) => {
        sums[classes + c * d + j] += BigInt(error * x);
      });
    });
  });
  const divisor = BigInt(b) * BigInt(features.length) * BigInt(scale);
  const next = model.map((w, i) => w - Number(div_round_half_even(BigInt(a) * sums[i], divisor)));
  guard(next.every((w) => INT32_MIN <= w && w <= INT32_MAX), "MODEL_OVERFLOW");
  return next;
}

export function softmax_step(samples, model, rate) {
  check_batch(samples);
  guard(samples.features.length <= BATCH_MAX, "BATCH_RANGE");
  check_inputs(samples, model);
  check_rate(rate);
  return step(samples, model, rate);
}

function batches_of(samples, order, size) {
  const batches = [];
  for (let start = 0; start < order.length; start += size) {
    const chosen = order.slice(start, start + size);
    const features = chosen.map((i) => samples.features[i]);
    batches.push({ ...samples, features, labels: chosen.map((i) => samples.labels[i]) });
  }
  return batches;
}

export function softmax_train(samples, base, rate, { seed, local_epochs, batch_size }) {
  check_batch(samples);
  guard(1 <= batch_size && batch_size <= BATCH_MAX, "BATCH_RANGE");
  check_inputs(samples, base);
  check_rate(rate);
  let local = base;
  for (let epoch = 0; epoch < local_epochs; epoch += 1) {
    const stream = new Stream(Buffer.from("epoch", "ascii"), [seed, BigInt(epoch)]);
    const order = shuffle(stream, samples.features.length);
    for (const batch of batches_of(samples, order, batch_size)) local = step(batch, local, rate);
  }
  return local.map((w, i) => clamp(w - base[i]));
}

// ---- APP-035 ----

export function softmax_evaluate(samples, model) {
  check_batch(samples);
  check_inputs(samples, model);
  const right = samples.features.filter((row, i) => {
    const z = logits(row, model, samples);
    return z.indexOf(largest(z)) === samples.labels[i];
  });
  return { correct: right.length, total: samples.features.length };
}
