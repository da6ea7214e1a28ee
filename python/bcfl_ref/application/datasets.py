"""Real data, read from files that come with installed packages; nothing is downloaded here (`docs/datasets.md`).

A dataset is integers: the same bytes give the same samples everywhere. Two digests guard it: that of the file,
which tells the release of the carrier package, and that of the decoded samples, which must be the known one.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources

import numpy as np

from ..errors import UsageError
from .samples import Integers, Samples


@dataclass(frozen=True)
class Dataset:
    """Named samples with the digests of their origin; `file_known` is false for an unknown release of the file."""

    name: str
    title: str
    samples: Samples
    file_sha256: str
    content_sha256: str
    file_known: bool
    licence: str


@dataclass(frozen=True)
class _Source:
    title: str
    file: str
    file_sha256: str
    content_sha256: str
    licence: str
    decode: Callable[[bytes], Samples]


def load(name: str) -> Dataset:
    """The built-in dataset `name`.

    Errors: UsageError when its package is not installed or its content is not the known one.
    """
    source = SOURCES[name]
    try:
        data = (resources.files("sklearn.datasets.data") / source.file).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise UsageError(f"dataset {name!r} comes with scikit-learn, which lacks it here: {error}") from None
    file_sha256 = hashlib.sha256(data).hexdigest()
    samples = source.decode(data)
    content_sha256 = content_digest(samples)
    if content_sha256 != source.content_sha256:
        raise UsageError(
            f"dataset {name!r}: {source.file} holds other samples ({content_sha256[:16]}…) than the known ones "
            f"({source.content_sha256[:16]}…)"
        )
    known = file_sha256 == source.file_sha256
    return Dataset(name, source.title, samples, file_sha256, content_sha256, known, source.licence)


def content_digest(samples: Samples) -> str:
    """APP-005: SHA-256 of n, d, scale, classes as uint32, then features and labels as int32, little-endian."""
    head = np.array([len(samples), samples.width, samples.scale, samples.classes], dtype="<u4")
    body = samples.features.astype("<i4").tobytes() + samples.labels.astype("<i4").tobytes()
    return hashlib.sha256(head.tobytes() + body).hexdigest()


def _digits(data: bytes) -> Samples:
    """1797 images of 8×8 pixels, each pixel 0 .. 16."""
    lines = gzip.decompress(data).decode("ascii").split()
    table = np.array([[int(float(cell)) for cell in line.split(",")] for line in lines], dtype=np.int64)
    return Samples(np.ascontiguousarray(table[:, :-1]), table[:, -1].copy(), scale=16, classes=10)


TABULAR_SCALE = 256


def _breast_cancer(data: bytes) -> Samples:
    """569 patients, 30 measurements, each stretched over 0 .. 256 from its smallest to its largest value."""
    rows = [line.split(",") for line in data.decode("ascii").split()[1:]]
    columns = [_stretched([row[index] for row in rows]) for index in range(len(rows[0]) - 1)]
    labels = np.array([int(row[-1]) for row in rows], dtype=np.int64)
    return Samples(np.ascontiguousarray(np.stack(columns, axis=1)), labels, scale=TABULAR_SCALE, classes=2)


def _stretched(cells: list[str]) -> Integers:
    """round_half_even(256·(x − min)/(max − min)) on the exact decimal values."""
    values = [Fraction(cell) for cell in cells]
    low, high = min(values), max(values)
    return np.array([round(TABULAR_SCALE * (value - low) / (high - low)) for value in values], dtype=np.int64)


SOURCES: dict[str, _Source] = {
    "digits": _Source(
        title="handwritten digits, 1797 images of 8×8 pixels, 10 classes",
        file="digits.csv.gz",
        file_sha256="09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
        content_sha256="bd0be54fec04efadb459300d656b7a8151ee16d502747f8da65f3d8b2ff8ddb0",
        licence="UCI optdigits, CC BY 4.0",
        decode=_digits,
    ),
    "breast-cancer": _Source(
        title="breast cancer Wisconsin (diagnostic), 569 patients, 30 measurements, 2 classes",
        file="breast_cancer.csv",
        file_sha256="fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed",
        content_sha256="82eae769513e1772e76217f6543ad338887b1b47449bbd0e8b0b919b3128a090",
        licence="UCI, CC BY 4.0",
        decode=_breast_cancer,
    ),
}
