"""What nvcc makes of cpp/cuda for devices, run on this processor: the library's bytes, its refusals, and no fault."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from bcfl_ref import kernels
from native.building import ON_LINUX_X86, ROOT, tool
from native.ptx.host import Fault, Played, build_host, ptx_of
from native.ptx.machine import Counts, Device
from native.ptx.text import PtxError, parse, title

Q: Final = 0xFFFFF
P: Final = (1 << 61) - 1
SOURCE: Final = ROOT / "cpp" / "cuda" / "bcfl_cuda.cu"
KEY, STREAM = bytes(range(32)), bytes(range(100, 112))
STATUS: Final = {
    name: int(value)
    for name, value in re.findall(r"BCFL_(\w+) = (\d+)", (ROOT / "cpp" / "include" / "bcfl" / "bcfl.h").read_text())
}
Array = np.ndarray[Any, Any]
Answer = tuple[int, Array, tuple[int, int], list[Counts]]


@pytest.fixture(scope="module")
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nvcc's code for the host on the runtime that this process plays."""
    if not ON_LINUX_X86:
        pytest.skip("the runtime is played on Linux")
    tool("nvcc")
    build: Path = request.getfixturevalue("build")
    return build_host(SOURCE, build / "cpp" / "libbcfl.a", tmp_path_factory.mktemp("host"))


@pytest.fixture(scope="module")
def devices(host: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    """One device for each architecture; nvcc often makes the same text for several, which then count as one."""
    folder = tmp_path_factory.mktemp("ptx")
    texts = {}
    for architecture in (75, 90):
        text = ptx_of(SOURCE, architecture, folder)
        assert f".target sm_{architecture}\n" in text
        texts.setdefault(text.replace(f".target sm_{architecture}\n", ""), text)
    return [Played(host, parse(text), counting=False) for text in texts.values()]


# ---- calls of the functions that take numbers of the host


def call(device: Played, name: str, out: Array, *arguments: Any) -> Answer:
    fault = Fault(99, 99)
    tail = () if name.startswith(("mask_add", "sha256")) else (fault,)
    device.device.reset()
    size = out.nbytes if out.dtype == np.uint8 else out.size
    status, launches = device.call(f"bcfl_cuda_host_{name}", *arguments, out, size, *tail)
    return status, out, (fault.vector, fault.index), launches


def weighted_sum(device: Played, vectors: list[Array], weights: list[int]) -> Answer:
    out, given = np.zeros(vectors[0].size, np.int64), np.array(weights, np.uint32)
    return call(device, "weighted_sum", out, vectors, given, len(vectors), out.size)


def coordinate_median(device: Played, vectors: list[Array]) -> Answer:
    out = np.zeros(vectors[0].size, np.int32)
    return call(device, "coordinate_median", out, vectors, len(vectors), out.size)


def trimmed_sum(device: Played, vectors: list[Array], trim: int) -> Answer:
    out = np.zeros(vectors[0].size, np.int64)
    return call(device, "trimmed_sum", out, vectors, len(vectors), out.size, trim)


def pairwise_sqdist(device: Played, vectors: list[Array]) -> Answer:
    out = np.zeros(2 * len(vectors) ** 2, np.uint64)
    return call(device, "pairwise_sqdist", out, vectors, len(vectors), vectors[0].size)


def mask_add(device: Played, vector: Array, subtract: bool) -> Answer:
    name = f"mask_add_u{8 * vector.itemsize}"
    return call(device, name, np.zeros_like(vector), vector, vector.size, KEY, STREAM, int(subtract))


def shamir_share(device: Played, secrets: Array, threshold: int, share_count: int) -> Answer:
    out = np.zeros(share_count * secrets.size, np.uint64)
    return call(device, "shamir_share", out, secrets, secrets.size, threshold, share_count, KEY)


def sha256_chunks(device: Played, data: bytes, chunk_bytes: int) -> Answer:
    out = np.zeros(-(-len(data) // chunk_bytes) * 32, np.uint8)
    return call(device, "sha256_chunks", out, data, len(data), chunk_bytes)


def vectors_of(n: int, count: int) -> list[Array]:
    """Columns by turns: numbers of all sizes, two numbers alone, many that are equal or at the ends of the domain."""
    chance = np.random.default_rng(1000 * n + count)
    values = chance.integers(-Q, Q + 1, (n, count), dtype=np.int32)
    kinds = chance.integers(0, 8, (n, count))
    values[:, 1::3] = (kinds[:, 1::3] < chance.integers(2, 7, len(range(1, count, 3)))) * 7 - 3
    ends = np.where(kinds == 0, Q, np.where(kinds == 1, -Q, np.where(kinds >= 6, values % 3, values)))
    values[:, 2::3] = ends[:, 2::3]
    return [np.ascontiguousarray(row) for row in values]


def words(distances: list[list[int]]) -> list[int]:
    return [part for row in distances for one in row for part in (one % (1 << 64), one >> 64)]


# Vectors: both sides of the numbers where another kernel takes over, and of several batches and runs, up to the most
# that are allowed. Coordinates: one, and both sides of a warp, of a block, of two blocks.
SHAPES = [
    (1, 1),
    (2, 31),
    (3, 257),
    (7, 33),
    (8, 300),
    (9, 256),
    (15, 63),
    (16, 500),
    (17, 255),
    (24, 600),
    (25, 9),
    (31, 34),
    (32, 513),
    (33, 33),
    (48, 700),
    (49, 7),
    (64, 800),
    (65, 70),
    (84, 40),
    (96, 31),
    (97, 32),
    (127, 33),
    (352, 33),
    (353, 9),
    (1505, 2),
]


@pytest.mark.parametrize(("n", "count"), SHAPES)
def test_sums_and_orders(devices: list[Played], n: int, count: int) -> None:
    """Weighted sums, medians and trimmed sums are the library's at every seam, with the largest weights too."""
    vectors = vectors_of(n, count)
    weights = [65535 if k % 3 == 0 else k for k in range(n)]
    for device in devices:
        status, out, _, _ = weighted_sum(device, vectors, weights)
        assert (status, out.tolist()) == (0, kernels.weighted_sum(vectors, weights).tolist())
        status, out, _, _ = coordinate_median(device, vectors)
        assert (status, out.tolist()) == (0, kernels.coordinate_median(vectors).tolist())
        for trim in sorted({0, (n - 1) // 4, (n - 1) // 2}):
            status, out, _, _ = trimmed_sum(device, vectors, trim)
            assert (status, out.tolist()) == (0, kernels.trimmed_sum(vectors, trim).tolist())


@pytest.mark.parametrize("n", [7, 8, 15, 16, 22, 24, 30, 32, 65])
def test_every_trim(devices: list[Played], n: int) -> None:
    """Whatever number of values is left out at either end, the others are summed."""
    vectors = vectors_of(n, 5)
    for device in devices:
        for trim in range((n + 1) // 2):
            status, out, _, _ = trimmed_sum(device, vectors, trim)
            assert (status, out.tolist()) == (0, kernels.trimmed_sum(vectors, trim).tolist())


def test_largest_sums(devices: list[Played]) -> None:
    """As many vectors as are allowed, at the ends of the domain, with the largest weight, are summed exactly."""
    n, most = 2047, 65535
    vectors = [np.array([Q, -Q, Q if k % 2 else -Q], np.int32) for k in range(n)]
    for device in devices:
        status, out, _, _ = weighted_sum(device, vectors, [most] * n)
        assert (status, out.tolist()) == (0, [n * Q * most, -n * Q * most, -Q * most])
        status, out, _, _ = trimmed_sum(device, vectors, 1)
        assert (status, out.tolist()) == (0, [(n - 2) * Q, -(n - 2) * Q, -Q])
        assert coordinate_median(device, vectors)[1].tolist() == [Q, -Q, -Q]


# Both sides of the 4 vectors whose pairs a thread has, of the 32 of a group, of two groups.
DISTANCES = [(1, 3), (2, 33), (3, 257), (4, 1025), (5, 4097), (9, 70), (31, 40), (32, 300), (33, 130), (65, 21)]


@pytest.mark.parametrize(("n", "count"), DISTANCES)
def test_distances(devices: list[Played], n: int, count: int) -> None:
    """Squared distances are the library's, also of vectors at opposite ends of the domain."""
    vectors = vectors_of(n, count)
    vectors[0][:], vectors[-1][:] = Q, -Q
    for device in devices:
        status, out, _, _ = pairwise_sqdist(device, vectors)
        assert (status, out.tolist()) == (0, words(kernels.pairwise_sqdist(vectors)))


FAULTY = [
    [(0, 0, Q + 1)],
    [(2, 256, -Q - 1)],
    [(1, 40, -(1 << 31)), (2, 3, (1 << 31) - 1)],
    [(0, 256, Q + 1), (0, 41, -Q - 1), (1, 0, Q + 1)],
]


@pytest.mark.parametrize("n", [3, 12, 20, 27, 40, 60, 70])
def test_first_fault(devices: list[Played], n: int) -> None:
    """Of coordinates outside of the domain the first is told, by its vector and then by its place."""
    for planted in (*FAULTY, [(n - 1, 255, Q + 1)], [(n // 2, 1, -Q - 1)]):
        vectors = vectors_of(n, 257)
        for vector, index, value in planted:
            vectors[vector][index] = value
        first = min((vector, index) for vector, index, _ in planted)
        for device in devices:
            for answer in (
                weighted_sum(device, vectors, [1] * n),
                coordinate_median(device, vectors),
                trimmed_sum(device, vectors, 1),
            ):
                assert (answer[0], answer[2]) == (STATUS["DOMAIN_COORDINATE"], first)


def test_every_coordinate_of_sums_is_checked(devices: list[Played]) -> None:
    """A fault is found in each vector of a sum, in both lanes and at both ends, whichever load reads it."""
    for k in range(60):
        vectors = vectors_of(15, 20)
        place = 8 + k % 2
        vectors[k // 4][place] = Q + 1 if k % 4 < 2 else -Q - 1
        for device in devices:
            status, _, fault, _ = weighted_sum(device, vectors, [1] * 15)
            assert (status, fault) == (STATUS["DOMAIN_COORDINATE"], (k // 4, place))


def test_every_coordinate_of_distances_is_checked(devices: list[Played]) -> None:
    """A fault is found at each place of vectors whose distances are taken, whichever thread reads it."""
    chance = np.random.default_rng(3)
    for place in (0, 1, 2, 3, 1023, 1024, 1499, *chance.integers(4, 1499, 6), *chance.integers(4, 50, 6)):
        n, count = (3, 1500) if place > 50 else (40, 51)
        vectors, vector = vectors_of(n, count), int(chance.integers(0, n))
        vectors[vector][place] = Q + 1 if chance.integers(0, 2) else -Q - 1
        for device in devices:
            status, _, fault, _ = pairwise_sqdist(device, vectors)
            assert (status, fault) == (STATUS["DOMAIN_COORDINATE"], (vector, place))


@pytest.mark.parametrize("n", [7, 8, 15, 16, 23, 24, 31, 32, 47, 48, 57, 64, 96])
def test_every_comparator(devices: list[Played], n: int) -> None:
    """Medians and trimmed sums of zeros and ones are right, which a network needs to order any numbers."""
    count, chance = 2048, np.random.default_rng(n)
    ones = chance.integers(0, n + 1, count)
    ones[::2] = np.clip(n // 2 + chance.integers(-2, 3, len(ones[::2])), 0, n)
    vectors = list((chance.random((n, count)).argsort(axis=0) < ones).astype(np.int32))
    trim = (n - 1) // 4
    expected = np.clip(ones - trim, 0, n - 2 * trim).tolist(), (2 * ones > n).astype(int).tolist()
    for device in devices:
        status, out, _, _ = trimmed_sum(device, vectors, trim)
        assert (status, out.tolist()) == (0, expected[0])
        status, out, _, _ = coordinate_median(device, vectors)
        assert (status, out.tolist()) == (0, expected[1])


# Words of one block of the key stream, of the tile of a block of threads, and both sides.
@pytest.mark.parametrize("count", [1, 7, 8, 9, 15, 16, 17, 511, 513, 1023, 1024, 1025, 2049])
@pytest.mark.parametrize("width", [4, 8])
def test_masks(devices: list[Played], count: int, width: int) -> None:
    """A vector with a key stream added or subtracted is the library's, modulo 2^32 and 2^64."""
    vector = np.random.default_rng(count).integers(0, 1 << 64, count, np.uint64).astype(f"u{width}")
    vector[:1] = np.iinfo(vector.dtype).max
    for device in devices:
        for subtract in (False, True):
            status, out, _, _ = mask_add(device, vector, subtract)
            assert (status, out.tolist()) == (0, kernels.mask_add(vector, KEY, STREAM, subtract).tolist())


SHARINGS = [(1, 2, 2), (1, 2, 2047), (9, 2, 5), (17, 3, 4), (127, 5, 9), (128, 2, 32), (129, 18, 33), (3, 35, 65)]


@pytest.mark.parametrize(("count", "threshold", "share_count"), SHARINGS)
def test_shares(devices: list[Played], count: int, threshold: int, share_count: int) -> None:
    """Shares are the library's: secrets 0 and p - 1, both sides of blocks and of tiles of samples."""
    secrets = np.random.default_rng(count).integers(0, P, count, np.uint64)
    secrets[:2], secrets[-1:] = 0, P - 1
    expected = kernels.shamir_share(secrets, threshold, share_count, KEY)
    for device in devices:
        status, out, _, _ = shamir_share(device, secrets, threshold, share_count)
        assert (status, out.tolist()) == (0, np.asarray(expected).ravel().tolist())


def test_secrets_outside_of_the_field(devices: list[Played]) -> None:
    """The first secret that is p or more is told."""
    for planted in ({280: P, 257: (1 << 64) - 1}, {299: P}):
        secrets = np.full(300, P - 1, np.uint64)
        for index, value in planted.items():
            secrets[index] = value
        for device in devices:
            status, _, fault, _ = shamir_share(device, secrets, 2, 3)
            assert (status, fault) == (STATUS["FIELD_RANGE"], (0, min(planted)))


# Chunks: where the padding needs another block (55, 56), one block and its neighbours, odd places in memory, the last
# chunk short, more chunks than a block has threads.
@pytest.mark.parametrize(
    ("size", "chunk_bytes"),
    [
        (1, 1),
        (55, 55),
        (56, 56),
        (63, 64),
        (64, 64),
        (65, 64),
        (119, 4096),
        (120, 60),
        (1000, 121),
        (66, 1),
        (700, 9),
    ],
)
def test_hashes(devices: list[Played], size: int, chunk_bytes: int) -> None:
    """Digests of chunks are the library's."""
    data = bytes(k * k % 251 for k in range(size))
    for device in devices:
        status, out, _, _ = sha256_chunks(device, data, chunk_bytes)
        assert (status, out.tobytes()) == (0, kernels.sha256_chunks(data, chunk_bytes))


# ---- numbers that lie on the device already


def placed(device: Device, numbers: Array, offset: int) -> int:
    """The address of these numbers, so many bytes behind a place where everything could begin."""
    place = device.room(offset + numbers.nbytes) + offset
    device.write(place, numbers.tobytes())
    return place


@pytest.mark.parametrize("offset", [4, 8, 12])
def test_sums_of_vectors_at_odd_places(devices: list[Played], offset: int) -> None:
    """Vectors and sums may lie at any multiple of their size, also where wide loads are not possible."""
    n, count, room = 39, 50, 4096
    weights, given = [65535 - k for k in range(n)], np.array([65535 - k for k in range(n)], np.uint32)
    for played in devices:
        device = played.device
        for faulty in (None, *range(n if offset == 4 else 0)):
            vectors, fault = vectors_of(n, count), Fault()
            if faulty is not None:
                vectors[faulty][faulty] = Q + 1 if faulty % 3 else -Q - 1
            device.reset()
            places = [placed(device, vector, offset) for vector in vectors]
            out = device.room(8 + 8 * count) + offset // 8 * 8
            tail = (n, count, out, count, fault, device.room(room), room)
            status, _ = played.call("bcfl_cuda_weighted_sum", places, given, *tail)
            if faulty is None:
                assert status == 0
                assert device.get(out, np.int64, count).tolist() == kernels.weighted_sum(vectors, weights).tolist()
            else:
                assert (status, fault.vector, fault.index) == (STATUS["DOMAIN_COORDINATE"], faulty, faulty)


@pytest.mark.parametrize("offset", [4, 8])
def test_distances_of_vectors_at_odd_places(devices: list[Played], offset: int) -> None:
    """Vectors whose distances are taken may lie at any multiple of four bytes."""
    n, count, room = 3, 1101, 4096
    vectors = vectors_of(n, count)
    for played in devices:
        device = played.device
        device.reset()
        places = [placed(device, vector, offset * k) for k, vector in enumerate(vectors)]
        out = device.room(16 * n * n)
        tail = (n, count, out, 2 * n * n, Fault(), device.room(room), room)
        status, _ = played.call("bcfl_cuda_pairwise_sqdist", places, *tail)
        assert status == 0
        assert device.get(out, np.uint64, 2 * n * n).tolist() == words(kernels.pairwise_sqdist(vectors))


@pytest.mark.parametrize("width", [4, 8])
@pytest.mark.parametrize("offset", [0, 8, 24])
def test_masks_in_place(devices: list[Played], width: int, offset: int) -> None:
    """A vector may be masked where it lies, wherever that is."""
    vector = np.random.default_rng(width).integers(0, 1 << 64, 2500, np.uint64).astype(f"u{width}")
    for played in devices:
        device = played.device
        device.reset()
        place = placed(device, vector, offset)
        name = f"bcfl_cuda_mask_add_u{8 * width}"
        status, _ = played.call(name, place, vector.size, KEY, STREAM, 0, place, vector.size)
        assert status == 0
        assert (device.get(place, vector.dtype, vector.size) == kernels.mask_add(vector, KEY, STREAM, False)).all()


@pytest.mark.parametrize("offset", [1, 2, 4, 8])
def test_hashes_of_odd_places(devices: list[Played], offset: int) -> None:
    """Data and digests may lie at any byte."""
    data = bytes(k % 251 for k in range(300))
    for played in devices:
        device = played.device
        device.reset()
        place, out = placed(device, np.frombuffer(data, np.uint8), offset), device.room(offset + 96) + offset
        status, _ = played.call("bcfl_cuda_sha256_chunks", place, len(data), 128, out, 96)
        assert (status, device.read(out, 96)) == (0, kernels.sha256_chunks(data, 128))


# ---- the kernels by themselves


def run_everything(device: Played) -> set[str]:
    """Small calls that launch every kernel; the names of those that ran. The answers must be the library's."""
    ran: set[str] = set()

    def note(answer: Answer, expected: Any) -> None:
        status, out, _, launches = answer
        assert status == 0
        assert out.tolist() == np.asarray(expected).ravel().tolist(), [one.kernel for one in launches]
        ran.update(one.kernel for one in launches)

    for n, count in ((2, 9), (9, 10), (17, 33), (25, 3), (33, 4), (49, 5), (65, 5)):
        vectors = vectors_of(n, count)
        note(weighted_sum(device, vectors, [5] * n), kernels.weighted_sum(vectors, [5] * n))
        note(coordinate_median(device, vectors), kernels.coordinate_median(vectors))
        note(trimmed_sum(device, vectors, n // 3), kernels.trimmed_sum(vectors, n // 3))
    note(pairwise_sqdist(device, vectors[:2]), words(kernels.pairwise_sqdist(vectors[:2])))
    for width in (4, 8):
        for count in (33, 2500):
            vector = np.arange(count, dtype=f"u{width}")
            note(mask_add(device, vector, True), kernels.mask_add(vector, KEY, STREAM, True))
    secrets = np.array([0, P - 1, 5], np.uint64)
    note(shamir_share(device, secrets, 3, 5), kernels.shamir_share(secrets, 3, 5, KEY))
    data = bytes(range(200))
    note(sha256_chunks(device, data, 70), np.frombuffer(kernels.sha256_chunks(data, 70), np.uint8))
    return ran


def test_every_kernel_runs(devices: list[Played]) -> None:
    """No kernel of the module is left out by these tests, but for widths that only odd places ask for."""
    for device in devices:
        names = {title(name) for name in device.device.module.entries}
        assert names - run_everything(device) <= {"weighted_sum<1>"}


def test_carry_of_a_distance(devices: list[Played]) -> None:
    """Two sums of 32-bit numbers become one number of 128 bits in both halves of the matrix, with every carry."""
    low, high = (1 << 64) - 5, (1 << 63) + (1 << 33) + 7
    for played in devices:
        device = played.device
        device.reset()
        out = device.put(np.array([0, 0, 0, 0, low, high, 0, 0], np.uint64))
        device.launch("finish_squares", (1, 1, 1), (256, 1, 1), 2, out)
        total = low + (high << 32)
        expected = [0, 0, total % (1 << 64), total >> 64, total % (1 << 64), total >> 64, 0, 0]
        assert device.get(out, np.uint64, 8).tolist() == expected


def test_shares_at_the_ends_of_the_field(devices: list[Played]) -> None:
    """Shares that are 0 or p - 1, of samples that no seed is known to give, are reduced fully."""
    secrets, rows = np.array([P - 1, 0, 0, 1, 2, 3, 4, 5, P - 1], np.uint64), 5
    samples = np.array([0, 0, *[P - 1] * 7], np.uint64)
    for played in devices:
        device = played.device
        device.reset()
        out = device.room(8 * rows * len(secrets))
        places = device.put(secrets), len(secrets), device.put(samples), 1, rows, out
        device.launch("shares", (1, 1, 1), (128, 1, 1), *places)
        expected = [
            (int(a) + x * int(b)) % P for x in range(1, rows + 1) for a, b in zip(secrets, samples, strict=True)
        ]
        assert device.get(out, np.uint64, len(expected)).tolist() == expected


def masks(device: Played) -> None:
    """A mask has the library's words."""
    vector = np.zeros(33, np.uint32)
    status, out, _, _ = mask_add(device, vector, False)
    assert (status, out.tolist()) == (0, kernels.mask_add(vector, KEY, STREAM, False).tolist()), "other words"


def shares(device: Played) -> None:
    """Shares are the library's."""
    secrets = np.array([0, P - 1, 5], np.uint64)
    status, out, _, _ = shamir_share(device, secrets, 3, 5)
    assert (status, out.tolist()) == (0, kernels.shamir_share(secrets, 3, 5, KEY).ravel().tolist()), "other shares"


# What a copy of cpp/cuda has instead: the file, a text that stands there once, its replacement; who notices, and how.
BARRIER = "write_stream(stream, blockIdx.x * STREAM_BLOCKS, thread, tile);"
PLANTED = {
    "a rotation": ("bodies.h", "d = rotated(d ^ a, 8)", "d = rotated(d ^ a, 9)", masks, "other words"),
    "a bound": ("kernels.h", "row + i < rows) out", "row + i <= rows) out", shares, "out of bounds of global memory"),
    "a barrier": ("kernels.h", f"{BARRIER}\n    __syncthreads();", BARRIER, masks, "race in shared memory"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_errors_are_noticed(host: Path, tmp_path: Path, name: str) -> None:
    """A kernel with a wrong rotation, one element too many or a barrier too few does not pass."""
    file, text, instead, check, message = PLANTED[name]
    folder = tmp_path / "cuda"
    shutil.copytree(SOURCE.parent, folder)
    source = (folder / file).read_text()
    assert source.count(text) == 1, f"{file} says something else now: change this table"
    (folder / file).write_text(source.replace(text, instead))
    device = Played(host, parse(ptx_of(folder / SOURCE.name, 75, tmp_path)))
    with pytest.raises((AssertionError, PtxError), match=message):
        check(device)
