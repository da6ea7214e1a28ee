"""The machine for PTX: instructions give what the document of PTX says, and every fault of a kernel is refused."""

from __future__ import annotations

import numpy as np
import pytest
from native.ptx.machine import Counts, Device
from native.ptx.text import PtxError, number, parse, split, title

HEADER = ".version 8.0\n.target sm_75\n.address_size 64\n"
REGISTERS = ".reg .pred %p<9>;\n.reg .b16 %rs<9>;\n.reg .b32 %r<19>;\n.reg .b64 %rd<19>;\n"
ALL = 0xFFFFFFFF
MAX64 = (1 << 64) - 1


def device_of(body: str, parameters: int, outside: str = "", inside: str = "") -> Device:
    """A module of one kernel, the parameters of which stand in %rd1 and so on, their low halves in %r1 and so on."""
    names = [f"kernel_param_{k}" for k in range(parameters)]
    loads = "".join(
        f"ld.param.u64 %rd{k}, [{name}];\ncvt.u32.u64 %r{k}, %rd{k};\n" for k, name in enumerate(names, 1)
    )
    head = ", ".join(f".param .u64 {name}" for name in names)
    return Device(
        parse(f"{HEADER}{outside}.visible .entry kernel({head})\n{{\n{inside}{REGISTERS}{loads}{body}\nret;\n}}")
    )


def compute(body: str, numbers: tuple[int, ...], wide: bool) -> int:
    """What one thread has in %r0, or in %rd0, after this text."""
    source = "st.global.u64 [%rd18], %rd0;" if wide else "st.global.u32 [%rd18], %r0;"
    device = device_of(f"ld.param.u64 %rd18, [kernel_param_{len(numbers)}];\n{body}\n{source}", len(numbers) + 1)
    out = device.room(8, 0)
    device.launch("kernel", (1, 1, 1), (1, 1, 1), *numbers, out)
    return int(device.get(out, np.uint64, 1)[0])


NARROW = [
    ("add.s32 %r0, %r1, %r2;", (ALL, 2), 1),
    ("sub.s32 %r0, %r1, %r2;", (0, 1), ALL),
    ("mul.lo.s32 %r0, %r1, %r2;", (0x10001, 0x10001), 0x20001),
    ("mul.hi.u32 %r0, %r1, %r2;", (ALL, ALL), 0xFFFFFFFE),
    ("mul.hi.s32 %r0, %r1, %r2;", (ALL, ALL), 0),
    ("mul.hi.s32 %r0, %r1, %r2;", (0x80000000, 2), ALL),
    ("mad.lo.s32 %r0, %r1, %r2, %r3;", (ALL, 3, 5), 2),
    ("mad.hi.u32 %r0, %r1, %r2, %r3;", (0x80000000, 6, 5), 8),
    ("min.s32 %r0, %r1, %r2;", (ALL, 0), ALL),
    ("min.u32 %r0, %r1, %r2;", (ALL, 0), 0),
    ("max.s32 %r0, %r1, %r2;", (0x80000000, 0x7FFFFFFF), 0x7FFFFFFF),
    ("max.u32 %r0, %r1, %r2;", (0x80000000, 0x7FFFFFFF), 0x80000000),
    # quotients go towards zero, remainders have the sign of the dividend
    ("div.s32 %r0, %r1, %r2;", (-7 & ALL, 2), -3 & ALL),
    ("rem.s32 %r0, %r1, %r2;", (-7 & ALL, 2), ALL),
    ("rem.s32 %r0, %r1, %r2;", (7, -2 & ALL), 1),
    ("div.u32 %r0, %r1, %r2;", (-7 & ALL, 2), 0x7FFFFFFC),
    ("rem.u32 %r0, %r1, %r2;", (ALL, 10), 5),
    ("neg.s32 %r0, %r1;", (0x80000000,), 0x80000000),
    ("abs.s32 %r0, %r1;", (-5 & ALL,), 5),
    ("not.b32 %r0, %r1;", (0xF0F0F0F0,), 0x0F0F0F0F),
    ("cnot.b32 %r0, %r1;", (0,), 1),
    ("and.b32 %r0, %r1, -16;", (0x1234,), 0x1230),
    ("or.b32 %r0, %r1, 0x8000;", (0x1234,), 0x9234),
    ("xor.b32 %r0, %r1, -1;", (0x1234,), 0xFFFFEDCB),
    # amounts are clamped to the width, not taken modulo it
    ("shl.b32 %r0, %r1, %r2;", (1, 31), 0x80000000),
    ("shl.b32 %r0, %r1, %r2;", (1, 32), 0),
    ("shl.b32 %r0, %r1, %r2;", (1, ALL), 0),
    ("shr.u32 %r0, %r1, %r2;", (0x80000000, 31), 1),
    ("shr.u32 %r0, %r1, %r2;", (0x80000000, 33), 0),
    ("shr.s32 %r0, %r1, %r2;", (0x80000000, 4), 0xF8000000),
    ("shr.s32 %r0, %r1, %r2;", (0x80000000, 40), ALL),
    ("shf.l.wrap.b32 %r0, %r1, %r2, %r3;", (0x80000001, 0x12345678, 4), 0x23456788),
    ("shf.l.wrap.b32 %r0, %r1, %r2, %r3;", (0x80000001, 0x12345678, 36), 0x23456788),
    ("shf.l.wrap.b32 %r0, %r1, %r2, %r3;", (5, 9, 32), 9),
    ("shf.l.clamp.b32 %r0, %r1, %r2, %r3;", (5, 9, 32), 5),
    ("shf.l.clamp.b32 %r0, %r1, %r2, %r3;", (5, 9, 77), 5),
    ("shf.r.wrap.b32 %r0, %r1, %r2, %r3;", (0x80000001, 0x12345678, 4), 0x88000000),
    ("shf.r.clamp.b32 %r0, %r1, %r2, %r3;", (5, 9, 32), 9),
    # fields: position and length have eight bits each; what lies above the number has its sign, or is zero
    ("bfe.u32 %r0, %r1, 8, 8;", (0x12345678,), 0x56),
    ("bfe.u32 %r0, %r1, 28, 8;", (0xF2345678,), 0xF),
    ("bfe.s32 %r0, %r1, 28, 8;", (0xF2345678,), ALL),
    ("bfe.s32 %r0, %r1, 8, 8;", (0x1234F678,), 0xFFFFFFF6),
    ("bfe.s32 %r0, %r1, 8, 8;", (0xFFFF7600,), 0x76),
    ("bfe.s32 %r0, %r1, 40, 8;", (0x80000000,), ALL),
    ("bfe.u32 %r0, %r1, 40, 8;", (0x80000000,), 0),
    ("bfe.s32 %r0, %r1, 3, 0;", (ALL,), 0),
    ("bfe.u32 %r0, %r1, 0, 32;", (0x89ABCDEF,), 0x89ABCDEF),
    ("bfe.u32 %r0, %r1, 256, 264;", (0x89ABCDEF,), 0xEF),
    ("bfi.b32 %r0, %r1, %r2, 8, 8;", (0xABCD, 0x11111111), 0x1111CD11),
    ("bfi.b32 %r0, %r1, %r2, 28, 8;", (0xABCD, 0x11111111), 0xD1111111),
    ("bfi.b32 %r0, %r1, %r2, 40, 8;", (0xABCD, 0x11111111), 0x11111111),
    ("bfi.b32 %r0, %r1, %r2, 0, 0;", (0xABCD, 0x11111111), 0x11111111),
    ("bfi.b32 %r0, %r1, %r2, 0, 32;", (0xABCD, 0x11111111), 0xABCD),
    ("prmt.b32 %r0, %r1, %r2, 0x3210;", (0x33221100, 0x77665544), 0x33221100),
    ("prmt.b32 %r0, %r1, %r2, 0x7604;", (0x33221100, 0x77665544), 0x77660044),
    ("prmt.b32 %r0, %r1, %r2, 0x0123;", (0x33221100, 0x77665544), 0x00112233),
    ("prmt.b32 %r0, %r1, %r2, 0x8c94;", (0x33228000, 0x776655C4), 0x00FFFFC4),
    ("lop3.b32 %r0, %r1, %r2, %r3, 0x96;", (0xF0F0, 0xFF00, 0xAAAA), 0xF0F0 ^ 0xFF00 ^ 0xAAAA),
    ("lop3.b32 %r0, %r1, %r2, %r3, 0xE8;", (0xF0F0, 0xFF00, 0xAAAA), 0xFAA0),
    ("lop3.b32 %r0, %r1, %r2, %r3, 0xCA;", (0xF0F0, 0xFF00, 0xAAAA), 0xFA0A),
    ("lop3.b32 %r0, %r1, %r2, %r3, 0x01;", (0xF0F0, 0xFF00, 0xAAAA), 0xFFFF0005),
    ("popc.b32 %r0, %r1;", (0xF0F0F0F1,), 17),
    ("popc.b64 %r0, %rd1;", (MAX64 - 2,), 63),
    ("clz.b32 %r0, %r1;", (0,), 32),
    ("clz.b64 %r0, %rd1;", (1,), 63),
    ("brev.b32 %r0, %r1;", (0x00000003,), 0xC0000000),
    ("bfind.u32 %r0, %r1;", (0x00010000,), 16),
    ("bfind.u32 %r0, %r1;", (0,), ALL),
    ("bfind.s32 %r0, %r1;", (ALL,), ALL),
    ("bfind.s32 %r0, %r1;", (-17 & ALL,), 4),
    ("dp4a.u32.u32 %r0, %r1, %r2, %r3;", (0x01020304, 0xFF010101, 1), 255 + 2 + 3 + 4 + 1),
    ("dp4a.s32.s32 %r0, %r1, %r2, %r3;", (0x01020304, 0xFF010101, 1), -1 + 2 + 3 + 4 + 1),
    ("dp2a.lo.s32.s32 %r0, %r1, %r2, %r3;", (0xFFFF0003, 0x05040201, 7), 7 + 3 - 2),
    ("dp2a.hi.u32.u32 %r0, %r1, %r2, %r3;", (0x00020003, 0x05040201, 7), 7 + 12 + 10),
    ("setp.lt.s32 %p1, %r1, %r2;\nselp.b32 %r0, 1, 2, %p1;", (ALL, 0), 1),
    ("setp.lt.u32 %p1, %r1, %r2;\nselp.b32 %r0, 1, 2, %p1;", (ALL, 0), 2),
    ("setp.hs.u32 %p1, %r1, %r2;\nselp.b32 %r0, 1, 2, %p1;", (3, 3), 1),
    ("setp.gt.u64 %p1, %rd1, %rd2;\nselp.b32 %r0, 1, 2, %p1;", (1 << 63, 1), 1),
    ("setp.gt.s64 %p1, %rd1, %rd2;\nselp.b32 %r0, 1, 2, %p1;", (1 << 63, 1), 2),
    ("setp.eq.s64 %p1|%p2, %rd1, -1;\nselp.b32 %r0, 1, 2, %p2;", (MAX64,), 2),
    ("setp.ne.s32 %p1, %r1, 0;\nsetp.lt.and.u32 %p2, %r1, 5, !%p1;\nselp.b32 %r0, 1, 2, %p2;", (3,), 2),
    ("setp.ne.s32 %p1, %r1, 0;\nsetp.gt.xor.u32 %p2, %r1, 5, %p1;\nselp.b32 %r0, 1, 2, %p2;", (3,), 1),
    ("setp.eq.s32 %p1, %r1, 3;\n@!%p1 mov.u32 %r0, 9;\n@%p1 mov.u32 %r0, 8;", (3,), 8),
    ("setp.eq.s32 %p1, %r1, 3;\nnot.pred %p2, %p1;\nor.pred %p3, %p1, %p2;\nselp.b32 %r0, 8, 9, %p3;", (2,), 8),
    ("mov.pred %p1, 0;\nmov.pred %p2, -1;\nand.pred %p3, %p2, !%p1;\nselp.b32 %r0, 8, 9, %p3;", (), 8),
    ("cvt.u16.u32 %rs1, %r1;\ncvt.s32.s16 %r0, %rs1;", (0x18000,), 0xFFFF8000),
    ("cvt.u16.u32 %rs1, %r1;\ncvt.u32.u16 %r0, %rs1;", (0x18000,), 0x8000),
    ("cvt.s32.s8 %r0, %r1;", (0x1FE,), 0xFFFFFFFE),
    ("cvt.u32.u8 %r0, %r1;", (0x1FE,), 0xFE),
    ("selp.b16 %rs1, -128, 0, %p1;\ncvt.u32.u16 %r0, %rs1;", (), 0xFF80),
    ("mov.b64 {%r5, %r0}, %rd1;", (0x1122334455667788,), 0x11223344),
    ("mov.b32 {%rs1, %rs2}, %r1;\nmov.b32 %r0, {%rs2, %rs1};", (0x11223344,), 0x33441122),
    ("add.cc.u32 %r5, %r1, %r2;\naddc.u32 %r0, %r3, 0;", (ALL, 1, 7), 8),
    ("add.cc.u32 %r5, %r1, %r2;\naddc.u32 %r0, %r3, 0;", (ALL, 0, 7), 7),
    ("add.cc.u32 %r5, %r1, 1;\naddc.cc.u32 %r6, %r1, 0;\naddc.u32 %r0, 0, 0;", (ALL,), 1),
    ("sub.cc.u32 %r5, %r1, %r2;\nsubc.u32 %r0, %r3, 0;", (1, 2, 7), 6),
    ("sub.cc.u32 %r5, 0, 1;\nsubc.cc.u32 %r6, 0, 0;\nsubc.u32 %r0, 0, 0;", (), ALL),
    ("mad.lo.cc.u32 %r5, %r1, %r1, %r2;\nmadc.hi.u32 %r0, %r1, %r1, 0;", (ALL, ALL), 0xFFFFFFFF),
    ("mov.u32 %r0, WARP_SZ;", (), 32),
    ("mov.u32 %r0, %ntid.x;\nmov.u32 %r5, %ctaid.y;\nadd.s32 %r0, %r0, %r5;", (), 1),
]
WIDE = [
    ("mul.wide.u32 %rd0, %r1, %r2;", (ALL, ALL), 0xFFFFFFFE00000001),
    ("mul.wide.s32 %rd0, %r1, %r2;", (ALL, 2), MAX64 - 1),
    ("mad.wide.u32 %rd0, %r1, %r2, %rd3;", (ALL, 2, 1 << 40), (1 << 40) + 0x1FFFFFFFE),
    ("mad.wide.s32 %rd0, %r1, %r2, %rd3;", (ALL, 2, 1), MAX64),
    ("mul.lo.s64 %rd0, %rd1, %rd2;", (1 << 63, 3), 1 << 63),
    ("mul.hi.u64 %rd0, %rd1, %rd2;", (MAX64, MAX64), MAX64 - 1),
    ("mul.hi.s64 %rd0, %rd1, %rd2;", (MAX64, 5), MAX64),
    ("mul.hi.u64 %rd0, %rd1, %rd2;", (0x123456789ABCDEF0, 0xFEDCBA9876543210), 0x121FA00AD77D7422),
    ("mad.lo.s64 %rd0, %rd1, %rd2, %rd3;", (MAX64, 2, 3), 1),
    ("shl.b64 %rd0, %rd1, %r2;", (1, 63), 1 << 63),
    ("shl.b64 %rd0, %rd1, %r2;", (1, 64), 0),
    ("shr.s64 %rd0, %rd1, %r2;", (1 << 63, 100), MAX64),
    ("shr.u64 %rd0, %rd1, %r2;", (1 << 63, 63), 1),
    ("div.s64 %rd0, %rd1, %rd2;", (MAX64 - 8, 2), MAX64 - 3),
    ("rem.u64 %rd0, %rd1, %rd2;", (MAX64, 10), 5),
    ("bfe.u64 %rd0, %rd1, 60, 8;", (0xF << 60,), 0xF),
    ("bfe.s64 %rd0, %rd1, 4, 4;", (0x80,), MAX64 - 7),
    ("bfi.b64 %rd0, %rd1, %rd2, 32, 29;", (MAX64, 5), (((1 << 29) - 1) << 32) | 5),
    ("brev.b64 %rd0, %rd1;", (1,), 1 << 63),
    ("cvt.s64.s32 %rd0, %r1;", (0x80000000,), 0xFFFFFFFF80000000),
    ("cvt.u64.u32 %rd0, %r1;", (0x80000000,), 0x80000000),
    ("cvt.s64.s8 %rd0, %rd1;", (0x180,), MAX64 - 127),
    ("cvt.u64.s32 %rd0, %r1;", (ALL,), MAX64),
    ("mov.b64 %rd0, {%r1, %r2};", (1, 2), 0x200000001),
    ("selp.b64 %rd0, %rd1, %rd2, %p1;\n", (MAX64, 1), MAX64),
    ("min.s64 %rd0, %rd1, %rd2;", (MAX64, 1), MAX64),
    ("max.u64 %rd0, %rd1, %rd2;", (MAX64, 1), MAX64),
    ("add.cc.u64 %rd5, %rd1, 1;\naddc.u64 %rd0, 4, 0;", (MAX64,), 5),
]


@pytest.mark.parametrize(("text", "numbers", "expected"), NARROW)
def test_numbers_of_32_bits(text: str, numbers: tuple[int, ...], expected: int) -> None:
    """Each instruction gives, at the ends of its domain too, what the document of PTX defines."""
    ready = "setp.eq.s32 %p1, 0, 0;\n" if text.startswith("selp") else ""
    assert compute(ready + text, numbers, wide=False) == expected % (1 << 32)


@pytest.mark.parametrize(("text", "numbers", "expected"), WIDE)
def test_numbers_of_64_bits(text: str, numbers: tuple[int, ...], expected: int) -> None:
    """Products, shifts, fields and conversions of 64 bits keep sign and width."""
    ready = "setp.eq.s32 %p1, 0, 0;\n" if text.startswith("selp") else ""
    assert compute(ready + text, numbers, wide=True) == expected


# ---- many threads

INDEX = "mov.u32 %r8, %ctaid.x;\nmov.u32 %r9, %ntid.x;\nmov.u32 %r10, %tid.x;\nmad.lo.s32 %r0, %r8, %r9, %r10;\n"
PLACE = INDEX + "mul.wide.u32 %rd8, %r0, 4;\nadd.s64 %rd8, %rd1, %rd8;\n"
SHARED = ".shared .align 16 .b8 tile[256];\n"
SLOT = "mov.u32 %r11, tile;\nmad.lo.s32 %r11, %r10, 4, %r11;\n"


def each(body: str, blocks: int, threads: int, *arguments: int, inside: str = "") -> np.ndarray:
    """What %r0 is at the end in each thread, where it was the number of the thread at first."""
    device = device_of(f"{PLACE}{body}\nst.global.u32 [%rd8], %r0;", 1 + len(arguments), inside=inside)
    out = device.room(4 * blocks * threads)
    device.launch("kernel", (blocks, 1, 1), (threads, 1, 1), out, *arguments)
    return device.get(out, np.uint32, blocks * threads)


def test_branches_part_and_meet() -> None:
    """Threads that loop for different times each get their own sum, in several blocks of no whole warps."""
    body = """mov.u32 %r1, 0;
    mov.u32 %r2, %r0;
    LOOP: setp.eq.s32 %p1, %r2, 0;
    @%p1 bra END;
    add.s32 %r1, %r1, %r2;
    sub.s32 %r2, %r2, 1;
    bra.uni LOOP;
    END: mov.u32 %r0, %r1;"""
    assert each(body, 3, 37).tolist() == [k * (k + 1) // 2 for k in range(111)]


def test_a_table_of_branches() -> None:
    """brx.idx goes to the label of that number."""
    body = """rem.u32 %r1, %r0, 3;
    TABLE: .branchtargets A, B, C;
    brx.idx %r1, TABLE;
    A: mov.u32 %r0, 10;
    bra END;
    B: mov.u32 %r0, 20;
    bra END;
    C: mov.u32 %r0, 30;
    END: add.s32 %r0, %r0, 1;"""
    assert each(body, 1, 7).tolist() == [11, 21, 31, 11, 21, 31, 11]


def test_shared_memory_and_barrier() -> None:
    """After a barrier every thread of a block reads what another wrote, in each block by itself."""
    body = f"""{SLOT}st.shared.u32 [%r11], %r0;
    bar.sync 0;
    xor.b32 %r12, %r10, 63;
    mov.u32 %r11, tile;
    mad.lo.s32 %r11, %r12, 4, %r11;
    ld.shared.u32 %r0, [%r11];"""
    assert each(body, 2, 64, inside=SHARED).tolist() == [*range(63, -1, -1), *range(127, 63, -1)]


def test_dynamic_shared_memory_and_vectors() -> None:
    """The size of `extern` shared memory comes from the launch; vectors of four move 16 bytes."""
    body = "mov.u32 %r5, 5;\nst.shared.v4.u32 [tile], {%r5, %r5, 7, %r5};\nld.shared.v2.u32 {%r6, %r7}, [tile+8];"
    device = device_of(
        f"{body}\nst.global.v2.u32 [%rd1], {{%r6, %r7}};", 1, ".extern .shared .align 16 .b8 tile[];\n"
    )
    out = device.room(8)
    device.launch("kernel", (1, 1, 1), (1, 1, 1), out, shared=16)
    assert device.get(out, np.uint32, 2).tolist() == [7, 5]
    with pytest.raises(PtxError, match="out of bounds of shared memory"):
        device.launch("kernel", (1, 1, 1), (1, 1, 1), out, shared=8)


SHUFFLES = [
    ("shfl.sync.bfly.b32 %r0, %r0, 1, 31, -1;", [k ^ 1 for k in range(32)]),
    ("shfl.sync.idx.b32 %r0, %r0, 5, 31, -1;", [5] * 32),
    ("shfl.sync.up.b32 %r0, %r0, 2, 0, -1;", [0, 1, *range(30)]),
    ("shfl.sync.down.b32 %r0, %r0, 2, 31, -1;", [*range(2, 32), 30, 31]),
    # segments of eight lanes: the mask 0x18 stands above the clamp
    ("shfl.sync.down.b32 %r0, %r0, 7, 0x181f, -1;", [k // 8 * 8 + 7 if k % 8 == 0 else k for k in range(32)]),
    ("shfl.sync.idx.b32 %r0, %r0, 3, 0x181f, -1;", [k // 8 * 8 + 3 for k in range(32)]),
    (
        "shfl.sync.up.b32 %r0|%p1, %r0, 30, 0, -1;\nselp.b32 %r0, 7, 9, %p1;",
        [9] * 30 + [7] * 2,
    ),
    ("setp.lt.u32 %p1, %r10, 3;\nvote.sync.ballot.b32 %r0, %p1, -1;", [7] * 32),
    ("setp.lt.u32 %p1, %r10, 3;\nvote.sync.any.pred %p2, %p1, -1;\nselp.b32 %r0, 1, 0, %p2;", [1] * 32),
    ("setp.lt.u32 %p1, %r10, 3;\nvote.sync.all.pred %p2, %p1, -1;\nselp.b32 %r0, 1, 0, %p2;", [0] * 32),
    ("redux.sync.add.u32 %r0, %r0, -1;", [496] * 32),
    ("setp.lt.u32 %p1, %r10, 3;\nbar.red.popc.u32 %r0, 0, %p1;", [3] * 32),
    ("setp.lt.u32 %p1, %r10, 3;\nbarrier.red.or.pred %p2, 0, %p1;\nselp.b32 %r0, 1, 0, %p2;", [1] * 32),
    ("mov.u32 %r0, %laneid;\nmov.u32 %r1, %lanemask_lt;\npopc.b32 %r0, %r1;", list(range(32))),
]


@pytest.mark.parametrize(("text", "expected"), SHUFFLES)
def test_lanes_exchange(text: str, expected: list[int]) -> None:
    """Shuffles, votes and reductions give each lane what the document's loops give."""
    assert each(text, 1, 32).tolist() == expected


def test_atomics() -> None:
    """Each thread of all blocks counts once, and the old values are all different."""
    text = "atom.global.add.u32 %r5, [%rd2], 1;\nst.global.u32 [%rd8], %r5;"
    device = device_of(PLACE + text, 2)
    out, sums = device.room(4 * 96), device.room(8, 0)
    device.launch("kernel", (3, 1, 1), (32, 1, 1), out, sums)
    assert sorted(device.get(out, np.uint32, 96).tolist()) == list(range(96))
    assert device.get(sums, np.uint32, 1).tolist() == [96]
    others = {
        "red.global.add.u64 [%rd1], %rd2;": 12,
        "atom.global.min.u64 %rd5, [%rd1], %rd2;": 5,
        "atom.global.max.s64 %rd5, [%rd1], %rd2;": 7,
        "atom.global.exch.b64 %rd5, [%rd1], %rd2;": 5,
        "atom.global.cas.b64 %rd5, [%rd1], 7, %rd2;": 5,
        "atom.global.cas.b64 %rd5, [%rd1], 8, %rd2;": 7,
        "atom.global.inc.u32 %r5, [%rd1], 7;": 0,
        "atom.global.dec.u32 %r5, [%rd1], 9;": 6,
        "atom.global.or.b32 %r5, [%rd1], %r2;": 7,
    }
    for text, expected in others.items():
        device = device_of(text, 2)
        place = device.put(np.array([7], np.uint64))
        device.launch("kernel", (1, 1, 1), (1, 1, 1), place, 5)
        assert device.get(place, np.uint64, 1).tolist() == [expected], text


def test_constants_and_generic_addresses() -> None:
    """Initialised variables, local memory, and addresses of any space through plain loads."""
    outside = ".const .align 4 .u32 table[3] = {10, 20, 0x1e};\n.global .align 2 .u16 words[4] = {1, 2, 65535};\n"
    inside = ".local .align 8 .b8 depot[16];\n" + SHARED
    body = """mov.u64 %rd5, depot;
    st.local.u32 [%rd5+4], 7;
    cvta.local.u64 %rd6, %rd5;
    ld.u32 %r5, [%rd6+4];
    mov.u64 %rd5, words;
    ld.global.s16 %r6, [%rd5+4];
    ld.const.u32 %r7, [table+8];
    st.shared.u32 [tile+8], 3;
    mov.u64 %rd5, tile;
    cvta.shared.u64 %rd5, %rd5;
    ld.u8 %r8, [%rd5+8];
    cvta.to.shared.u64 %rd5, %rd5;
    ld.shared.u32 %r9, [%rd5+8];
    st.global.v4.u32 [%rd1], {%r5, %r6, %r7, %r8};"""
    device = device_of(body, 1, outside, inside)
    out = device.room(16)
    device.launch("kernel", (1, 1, 1), (1, 1, 1), out)
    assert device.get(out, np.uint32, 4).tolist() == [7, ALL, 30, 3]


# ---- what is refused

FAULTS = {
    "one element too far": (PLACE + "st.global.u32 [%rd8+4], 1;", "out of bounds of global memory"),
    "before the first": (PLACE + "st.global.u32 [%rd8+-4], 1;", "out of bounds of global memory"),
    "null": ("ld.global.u32 %r5, [0];", "out of bounds of global memory"),
    "of no space": ("mov.u64 %rd5, 0;\nld.u32 %r5, [%rd5];", "out of bounds of every memory"),
    "misaligned": ("st.global.u32 [%rd1+2], 1;", "misaligned access of 4 bytes"),
    "a misaligned vector": ("st.global.v2.u32 [%rd1+4], {1, 1};", "misaligned access of 8 bytes"),
    "unwritten": (PLACE + "ld.global.u32 %r5, [%rd8];", "global memory is read before a write"),
    "unwritten shared": ("ld.shared.u32 %r5, [tile];", "shared memory is read before a write"),
    "unwritten local": ("mov.u64 %rd5, depot;\nld.local.u32 %r5, [%rd5];", "local memory is read before a write"),
    "beyond shared": ("mov.u32 %r5, 1;\nst.shared.u32 [tile+256], %r5;", "out of bounds of shared memory"),
    "a race of two threads": ("st.global.u32 [%rd1], 1;", "race in global memory"),
    "a race of a reader": (
        PLACE + "st.global.u32 [%rd8], 1;\nxor.b32 %r5, %r0, 1;\nmul.wide.u32 %rd5, %r5, 4;\n"
        "add.s64 %rd5, %rd1, %rd5;\nld.global.u32 %r6, [%rd5];",
        "race in global memory",
    ),
    "a race with an atomic": ("red.global.add.u32 [%rd2], 1;\nld.global.u32 %r5, [%rd2];", "race in global memory"),
    "a missing barrier": (
        INDEX + SLOT + "st.shared.u32 [%r11], %r0;\nxor.b32 %r5, %r10, 1;\nmov.u32 %r6, tile;\n"
        "mad.lo.s32 %r6, %r5, 4, %r6;\nld.shared.u32 %r5, [%r6];",
        "race in shared memory",
    ),
    "a late writer": (
        INDEX + SLOT + "st.shared.u32 [%r11], 1;\nbar.sync 0;\nld.shared.u32 %r5, [tile];\nst.shared.u32 [%r11], 2;",
        "race in shared memory",
    ),
    "a barrier for some": (INDEX + "setp.lt.u32 %p1, %r10, 5;\n@%p1 bar.sync 0;", "wait for ever"),
    "a thread that left": (INDEX + "setp.lt.u32 %p1, %r10, 5;\n@%p1 ret;\nbar.sync 0;", "wait for ever"),
    "lanes that are absent": (
        INDEX + "mov.u32 %r5, %laneid;\nsetp.lt.u32 %p1, %r5, 5;\n@%p1 bra END;\n"
        "shfl.sync.idx.b32 %r5, %r0, 0, 31, -32;\nEND:",
        "a lane is asked that is not there",
    ),
    "lanes that never come": (
        INDEX + "setp.lt.u32 %p1, %r10, 5;\n@%p1 bra END;\nbar.warp.sync -1;\nbra.uni LAST;\nEND: bar.sync 0;\nLAST:",
        "wait for ever",
    ),
    "no member": ("bar.warp.sync 1;", "a lane that is no member"),
    "division by zero": ("div.u32 %r5, 1, 0;", "division by zero"),
    "a register of nothing": ("add.s32 %r5, %r17, 1;", "never written"),
    "a store to parameters": ("st.param.u64 [kernel_param_0], %rd1;", "a store to param memory"),
}
UNKNOWN = [
    "add.f32 %r5, %r6, %r7;",
    "add.sat.s32 %r5, %r1, %r1;",
    "cvt.sat.u8.s32 %r5, %r1;",
    "cp.async.ca.shared.global [%r1], [%rd1], 16;",
    "mul24.lo.s32 %r5, %r1, %r1;",
    "activemask.b32 %r5;",
    "prmt.b32.f4e %r5, %r1, %r1, 0;",
    "ld.global.v8.u32 %r5, [%rd1];",
    "call.uni (%r5), other, (%r1);",
    "setp.ltu.u32 %p1, %r1, %r1;",
    "mov.u64 %rd5, %clock64;",
    "mov.u32 %r5, %rd1;",
    "add.s32 %rd5, %rd1, 1;",
    "bra NOWHERE;",
]


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_kernels(name: str) -> None:
    """What compute-sanitizer would report is an error that names the kernel, its line and its text."""
    body, expected = FAULTS[name]
    device = device_of(body, 2, inside=SHARED + ".local .align 4 .b8 depot[16];\n")
    out, counter = device.room(4 * 64), device.room(4, 0)
    with pytest.raises(PtxError, match=expected) as refused:
        device.launch("kernel", (1, 1, 1), (64, 1, 1), out, counter)
    assert "line" in str(refused.value)


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_instructions(text: str) -> None:
    """An instruction that the machine does not know is refused with its text, never guessed."""
    device = device_of(text, 1)
    with pytest.raises(PtxError, match="line [0-9]+: .*" + text.split()[0].replace(".", "[.]")):
        device.launch("kernel", (1, 1, 1), (1, 1, 1), 0)


def test_blocks_race_over_barriers() -> None:
    """A barrier orders the threads of one block, and not those of another."""
    body = "setp.eq.s32 %p1, %r10, 0;\n@%p1 st.global.u32 [%rd1], 1;\nbar.sync 0;\nld.global.u32 %r5, [%rd1];"
    for blocks, refused in ((1, False), (2, True)):
        device = device_of(INDEX + body, 1)
        out = device.room(4)
        if refused:
            with pytest.raises(PtxError, match="race in global memory"):
                device.launch("kernel", (blocks, 1, 1), (64, 1, 1), out)
        else:
            device.launch("kernel", (blocks, 1, 1), (64, 1, 1), out)


def test_a_warp_barrier_orders_its_warp() -> None:
    """bar.warp.sync lets lanes read what others of their warp wrote, and not what another warp wrote."""
    body = (
        INDEX + SLOT + "st.shared.u32 [%r11], %r0;\nbar.warp.sync -1;\nxor.b32 %r5, %r10, {};\nmov.u32 %r6, tile;\n"
    )
    body += "mad.lo.s32 %r6, %r5, 4, %r6;\nld.shared.u32 %r5, [%r6];\nbar.warp.sync -1;\nst.shared.u32 [%r11], 1;"
    device_of(body.replace("{}", "1"), 0, inside=SHARED).launch("kernel", (1, 1, 1), (64, 1, 1))
    with pytest.raises(PtxError, match="race in shared memory"):
        device_of(body.replace("{}", "32"), 0, inside=SHARED).launch("kernel", (1, 1, 1), (64, 1, 1))


def test_limits_of_launches() -> None:
    """Blocks, grids and shared memory that no device takes, and wrong arguments, are refused."""
    device = device_of("", 0, ".extern .shared .align 16 .b8 tile[];\n", inside=SHARED)
    device.launch("kernel", (1, 1, 1), (32, 32, 1), shared=(48 << 10) - 256)
    for grid, block, shared in (
        ((1, 1, 1), (33, 32, 1), 0),
        ((0, 1, 1), (32, 1, 1), 0),
        ((1, 65536, 1), (1, 1, 1), 0),
        ((1, 1, 1), (1, 1, 65), 0),
        ((1, 1, 1), (1, 1, 1), (48 << 10) - 255),
    ):
        with pytest.raises(PtxError, match=r"no launch|more shared memory"):
            device.launch("kernel", grid, block, shared=shared)
    with pytest.raises(PtxError, match="takes 0 arguments, not 1"):
        device.launch("kernel", (1, 1, 1), (1, 1, 1), 5)
    bounded = Device(parse(HEADER + ".entry kernel()\n.maxntid 64, 1, 1\n.minnctapersm 4\n{\nret;\n}"))
    bounded.launch("kernel", (1, 1, 1), (64, 1, 1))
    with pytest.raises(PtxError, match="no launch"):
        bounded.launch("kernel", (1, 1, 1), (65, 1, 1))


def test_the_host_reads_what_was_written() -> None:
    """Results that no thread wrote, or that lie elsewhere, are refused to the host."""
    device = device_of("", 0)
    place = device.room(8)
    with pytest.raises(PtxError, match="before a write"):
        device.get(place, np.uint32, 2)
    with pytest.raises(PtxError, match="outside"):
        device.get(place, np.uint32, 3)
    device.memory.free(place)
    with pytest.raises(PtxError, match="outside"):
        device.get(place, np.uint32, 2)


@pytest.mark.parametrize("text", ["nonsense", ".global .f32 x;", ".visible .entry k() {\n.reg .f32 %f<2>;\nret;\n}"])
def test_unknown_text(text: str) -> None:
    """Text that is no PTX of integers is refused."""
    with pytest.raises(PtxError):
        parse(HEADER + text)


def test_names_and_operands() -> None:
    """Names of templates are read, numbers of every base, and operands with brackets."""
    assert title("_ZN45_GLOBAL__N__eb320ee2_12_bcfl_cuda_cu_d40fe0594hashEPKhmmmPh") == "hash"
    assert title("_ZN3abc16order_statisticsILi64EEEvPKPKi") == "order_statistics<64>"
    assert title("_ZN3abc8mask_addIjEEvv") == "mask_add<uint32_t>"
    assert title("_ZN3abc5orderILi8ElEEvv") == "order<8, int64_t>"
    assert [number(text) for text in ("10", "-0x1F", "0b101", "010", "5U", "x")] == [10, -31, 5, 8, 5, None]
    assert split("{%r1, %r2}, [%rd1+4], 5") == ("{%r1, %r2}", "[%rd1+4]", "5")


# ---- counts

FILLED = "".join(f"@%p1 st.shared.u32 [tile+{4 * k}], 0;\n" for k in range(64)) + "bar.sync 0;\n"


def counted(body: str, threads: int = 32, size: int = 4096) -> Counts:
    device = device_of(INDEX + body, 1, inside=SHARED)
    return device.launch("kernel", (1, 1, 1), (threads, 1, 1), device.room(size, 0))


@pytest.mark.parametrize(("stride", "sectors"), [(4, 4), (8, 8), (32, 32), (64, 32), (0, 1)])
def test_sectors(stride: int, sectors: int) -> None:
    """A warp that reads words at a stride touches the sectors of 32 bytes that hold them."""
    text = f"mul.wide.u32 %rd8, %r0, {stride};\nadd.s64 %rd8, %rd1, %rd8;\nld.global.u32 %r5, [%rd8];"
    loads = counted(text).loads
    assert (loads.requests, loads.sectors, loads.sectors_distinct, loads.bytes_asked) == (1, sectors, sectors, 128)
    assert loads.bytes_used == loads.bytes_distinct == (128 if stride else 4)
    assert loads.used == loads.bytes_used / (32 * sectors)


@pytest.mark.parametrize(("stride", "wavefronts"), [(1, 1), (2, 2), (0, 1), (31, 1), (32, 2)])
def test_banks(stride: int, wavefronts: int) -> None:
    """Words of shared memory that lie in one bank go one after another; the same word goes once."""
    text = f"rem.u32 %r5, %r0, 2;\nmul.lo.s32 %r5, %r5, {4 * stride};\n" if stride >= 31 else ""
    text = text or f"mul.lo.s32 %r5, %r0, {4 * stride};\nand.b32 %r5, %r5, 255;\n"
    text += "mov.u32 %r6, tile;\nadd.s32 %r6, %r6, %r5;\nld.shared.u32 %r7, [%r6];"
    counts = counted("setp.eq.s32 %p1, %r0, 0;\n" + FILLED + text)
    assert (counts.shared_requests - 64, counts.shared_wavefronts - 64) == (1, wavefronts)


def test_instructions_are_counted() -> None:
    """Instructions count by thread and by warp; a warp that parts issues both sides."""
    body = "setp.lt.u32 %p1, %r0, 8;\n@%p1 bra A;\nadd.s32 %r5, %r0, 1;\nbra END;\nA: add.s32 %r5, %r0, 2;\nEND:"
    counts = counted(body, threads=64)
    assert counts.threads == 64
    assert counts.instructions["integer"] - 64 * 6 == 64  # four of INDEX, the parameter's low half, setp
    assert counts.issued["integer"] - 2 * 6 == 3
    assert (counts.instructions["control"], counts.issued["control"]) == (64 + 56 + 64, 2 + 2 + 2)
