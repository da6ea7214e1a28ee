"""The bugs of the application layer. A name says what the mistake is; `caught_by` is the case written against it."""

from __future__ import annotations

from mutation import Bug

_STREAMS = "bcfl_ref.application.streams"
_SPLITS = "bcfl_ref.application.splits"
_MODELS = "bcfl_ref.application.models"
_TRAINERS = "bcfl_ref.application.trainers"
_INTEGER = "bcfl_ref.application.integer"

BUGS = (
    Bug(
        "stream-numbers-summed",
        "the numbers of a stream are summed into one seed",
        _STREAMS,
        'b"".join(struct.pack("<Q", number) for number in numbers)',
        'struct.pack("<Q", sum(numbers) % WORD)',
        "app-draw-other-order",
    ),
    Bug(
        "draw-without-rejection",
        "a draw takes the remainder of any word, so small numbers are likelier",
        _STREAMS,
        "limit = WORD - WORD % bound",
        "limit = WORD",
        "app-draw-rejection",
    ),
    Bug(
        "shuffle-exchanges-with-all",
        "each element is exchanged with any other, which is not uniform",
        _STREAMS,
        "other = self.below(last + 1)",
        "other = self.below(length)",
        "app-shuffle-ten",
    ),
    Bug(
        "partition-same-stream",
        "the next attempt at a split repeats the first one's draws",
        _SPLITS,
        'Stream(b"partition", seed, attempt)',
        'Stream(b"partition", seed, 0)',
        "app-partition-retries",
    ),
    Bug(
        "urn-forgets",
        "what a trainer has of a class does not attract more of it",
        _SPLITS,
        "weights[trainer] += PPM",
        "pass",
        "app-partition-skewed",
    ),
    Bug(
        "pack-in-given-order",
        "tensors are packed in the order in which they were given",
        _MODELS,
        "    return pack({name: found[name] - start[name] for name in start}, layout)",
        "    return np.concatenate([pack({n: found[n] - start[n] for n in start}, layout)[p] for n in found\n"
        "        for t, p in pieces(layout) if t.name.decode() == n])",
        "app-update-two-tensors",
    ),
    Bug(
        "initial-last-extent",
        "the last extent counts the outputs and the others the inputs",
        _TRAINERS,
        "inputs, outputs = tensor.shape[0], int(np.prod(tensor.shape[1:], dtype=np.int64))",
        "inputs, outputs = int(np.prod(tensor.shape[:-1], dtype=np.int64)), tensor.shape[-1]",
        "app-initial-model-rank-three",
    ),
    Bug(
        "scored-model-wraps",
        "base plus update is computed in 32 bits",
        _MODELS,
        "model = base.astype(np.int64) + update.astype(np.int64)",
        "model = base + update",
        "app-apply-update-overflow",
    ),
    Bug(
        "exp2-shift-modulo",
        "the shift distance is taken modulo 32",
        _INTEGER,
        "values >> np.minimum(exponents >> FRACTION_BITS, 31)",
        "values >> ((exponents >> FRACTION_BITS) % 32)",
        "app-exp2-negative-seams",
    ),
    Bug(
        "exp2-rounds",
        "products of the table are rounded instead of cut",
        _INTEGER,
        "(values * factor) >> 30",
        "(values * factor + (1 << 29)) >> 30",
        "app-exp2-negative-seams",
    ),
    Bug(
        "step-rate-after-division",
        "the mean gradient is rounded before the learning rate",
        _INTEGER,
        "div_round(numerator * gradient, denominator * len(batch) * batch.scale)",
        "div_round(numerator * div_round(gradient, len(batch) * batch.scale), denominator)",
        "app-softmax-step-rate-three",
    ),
    Bug(
        "last-batch-dropped",
        "the last, shorter batch of a pass is left out",
        _INTEGER,
        "for start in range(0, len(order), batch_size):",
        "for start in range(0, len(order) - batch_size + 1, batch_size):",
        "app-softmax-train-plain",
    ),
    Bug(
        "one-order-for-all-epochs",
        "every pass has the order of the first",
        _INTEGER,
        'Stream(b"epoch", seed, epoch)',
        'Stream(b"epoch", seed, 0)',
        "app-softmax-train-plain",
    ),
    Bug(
        "tie-takes-last-class",
        "of equally likely classes the last one is the answer",
        _INTEGER,
        "logits(model, data).argmax(axis=1)",
        "data.classes - 1 - logits(model, data)[:, ::-1].argmax(axis=1)",
        "app-softmax-evaluate-ties",
    ),
)
