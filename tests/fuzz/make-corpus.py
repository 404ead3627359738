#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes the corpora that fuzzing starts from: make-corpus.py DIRECTORY

Streams by zlib, commands as docs/abi.md has them, and edge cases by hand. What it
writes is in the repository; this says where it is from.
"""

import os
import struct
import sys
import zlib

RAW, ZLIB, GZIP = range(3)
TEXT = b"the accelerator queue of memory, the key of the region, the page and the fault. " * 4


def put(out, target, name, data):
    os.makedirs(os.path.join(out, target), exist_ok=True)
    with open(os.path.join(out, target, name), "wb") as f:
        f.write(data)


def pack(fmt, plain, level=6, strategy=0, flush=zlib.Z_FINISH):
    c = zlib.compressobj(level, zlib.DEFLATED, {RAW: -15, ZLIB: 15, GZIP: 31}[fmt], 8, strategy)
    return c.compress(plain) + c.flush(flush)


def gzip_with(flags, plain, crc16=True):
    head = bytes([0x1F, 0x8B, 8, flags, 1, 2, 3, 4, 0, 3])
    if flags & 4:
        head += struct.pack("<H", 5) + b"extra"
    if flags & 8:
        head += b"a name\0"
    if flags & 16:
        head += b"a comment\0"
    if flags & 2:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF if crc16 else 0x1234)
    return head + pack(RAW, plain) + struct.pack("<II", zlib.crc32(plain), len(plain))


def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    size = bytes([n]) if n < 0x80 else bytes([0x81, n]) if n < 0x100 else b"\x82" + struct.pack(">H", n)
    return bytes([tag]) + size + body


def number(n):
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def keys(out):
    oid_rsa, null = der(6, bytes.fromhex("2a864886f70d010101")), der(5)
    oid_ec, oid_p256 = der(6, bytes.fromhex("2a8648ce3d0201")), der(6, bytes.fromhex("2a8648ce3d030107"))
    oid_x25519 = der(6, bytes.fromhex("2b656e"))
    n = (1 << 2047) + 12345
    public = der(0x30, number(n), number(65537))
    private = der(0x30, der(2, b"\0"), *[number(v) for v in (n, 3, 5, 7, 11, 13, 17, 19)])
    secret = bytes(range(1, 33))
    ec = der(0x30, der(2, b"\1"), der(4, secret), der(0xA0, oid_p256),
             der(0xA1, der(3, bytes(1) + b"\4" + bytes(64))))
    rsa_alg, ec_alg = der(0x30, oid_rsa, null), der(0x30, oid_ec, oid_p256)
    inputs = [
        (0, public), (0, private),
        (0, der(0x30, rsa_alg, der(3, bytes(1), public))),
        (0, der(0x30, der(2, b"\0"), rsa_alg, der(4, private))),
        (0, der(0x30, der(2, b"\1"), rsa_alg, der(4, private), der(0xA0), der(0x81, bytes(1), public))),
        (1, ec), (1, der(0x30, der(2, b"\0"), ec_alg, der(4, ec))),
        (1, der(0x30, ec_alg, der(3, bytes(1), b"\4" + bytes(64)))), (1, b"\4" + bytes(64)),
        (7, secret), (7, der(0x30, der(2, b"\0"), der(0x30, oid_x25519), der(4, der(4, secret)))),
        (7, der(0x30, der(0x30, oid_x25519), der(3, bytes(1), secret))),
        (2, der(0x30, number(1 << 255), number(1 << 254))), (2, der(0x30, number(1), number(2))),
        (5, der(0x30, number(1 << 383), number(3 << 380))),
    ]
    for i, (what, data) in enumerate(inputs):
        put(out, "fuzz_der", "%02d" % i, bytes([what]) + data)


def inflate(out):
    n = 0

    def one(fmt, data, cuts=0x80, room=0xFFFF):
        nonlocal n
        put(out, "fuzz_inflate", "%02d" % n, struct.pack("<BBH", fmt, cuts, room) + data)
        n += 1

    for fmt in (RAW, ZLIB, GZIP):
        for cuts, plain in ((0x80, b""), (0x85, TEXT), (0x8A, bytes(5000)), (0x8F, bytes(range(256)))):
            one(fmt, pack(fmt, plain), cuts)
        one(fmt, pack(fmt, TEXT, 0))
        one(fmt, pack(fmt, TEXT, 6, zlib.Z_FIXED))
        one(fmt, pack(fmt, TEXT)[:-3])
        one(fmt, pack(fmt, TEXT), 0x85, 64)
        one(fmt, pack(fmt, TEXT, flush=zlib.Z_SYNC_FLUSH))
    for flags in (1, 2, 4, 8, 16, 31):
        one(GZIP, gzip_with(flags, TEXT[:100]))
    one(GZIP, gzip_with(2, TEXT[:100], crc16=False))
    one(GZIP, gzip_with(0x20, b""))
    good = gzip_with(0, TEXT[:100])
    one(GZIP, good[:-8] + b"\0" * 4 + good[-4:])
    one(GZIP, good[:-4] + b"\0" * 4)
    one(ZLIB, b"\x78\x20\x00\x00\x00\x00")              # a dictionary
    one(ZLIB, b"\x88\x1c")                              # a window of 64 KiB
    one(RAW, b"\x07")                                   # block type 3
    one(RAW, b"\x01\x05\x00\xfa\xfe" + b"abcde")        # stored; its length is wrong
    one(RAW, b"\x01\x05\x00\xfa\xff" + b"abcde")        # stored
    one(RAW, b"\x03\x02\x00")                           # a distance before the start
    put(out, "fuzz_inflate", "too-far-back-without-room", b"\0\x80\x03\xff\x03\x03")
    one(RAW, b"\x04\xc0\x81\x08\x00\x00\x00\x00\x20\x7f\xeb\x0b\x00\x00")
    one(RAW, b"\x0c\xc0\x81\x00\x00\x00\x00\x00\x90\xff\x6b\x04\x00")


def deflate(out):
    n = 0
    for plain in (b"", b"a", TEXT, bytes(2000), bytes(range(256)) * 2):
        for fmt, level, flags, cuts in ((0, 1, 0, 0), (1, 6, 0, 4), (2, 9, 0, 8), (0, 0, 1, 1)):
            put(out, "fuzz_deflate", "%02d" % n, bytes([fmt, level, flags, cuts]) + plain)
            n += 1


def ops(out):
    blocks = {0: b"", 1: b"", 2: b"12345\0\0\0\x05", 3: b"", 4: b"\1\2\3\4", 5: b"\1\2\3\4"}
    for op, block in blocks.items():
        for cuts in (0, 5, 15):
            put(out, "fuzz_ops", "%d-%d" % (op, cuts),
                bytes([op, cuts, 0]) + block.ljust(16, b"\0") + struct.pack("<H", 101) + TEXT)
        put(out, "fuzz_ops", "%d-ext" % op,
            bytes([op, 0, 1]) + block.ljust(16, b"\0") + struct.pack("<H", 100) + bytes(48) + TEXT)


def request(out):
    """A write of one entry, an empty command, regions of these kinds, lists that fit."""
    n = 0
    for kinds in ((0, 0, 0, 0), (1, 1, 1, 1), (2, 2, 2, 2), (0, 1, 2, 0), (1, 2, 0, 1)):
        for length in (5000, 300):
            data = bytes([0, 0, 1]).ljust(64 + 64 + 1, b"\0") + bytes(128)
            for i, kind in enumerate(kinds):
                data += bytes([0, 1, 1, kind]) + struct.pack("<HBH", 8191, 1, 4099 * (n + i))
                data += b"" if kind == 2 else struct.pack("<H3x", 7001 * (n + i) & 0xFFFF)
            data += b"\0"
            for k in range(2):
                data += b"\3"
                for i in range(3):
                    data += struct.pack("<BBHH", i & 1, 0xFF, 1111 * (i + n) % 4096, 1777 * (k + i))
            data += struct.pack("<H", length) + bytes(i * 37 & 0xFF for i in range(40))
            put(out, "fuzz_request", "%02d" % n, data)
            n += 1


def main():
    for write in (keys, inflate, deflate, ops, request):
        write(sys.argv[1])


main()
