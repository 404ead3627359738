# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Data, and what others make of it: zlib, binascii, gzip, and tables from standards.

Nothing here comes from the device or from its sources.
"""

import binascii
import functools
import random
import zlib

LENGTHS = (0, 1, 17, 255, 4095, 4097, 65537, 200001)


def noise(length, seed=0):
    return random.Random(seed).randbytes(length)


@functools.lru_cache(maxsize=None)
def text(length, seed=0):
    """Compressible bytes, with some that are not among them."""
    rng = random.Random(seed)
    words = [rng.randbytes(rng.randrange(2, 12)).hex().encode() for _ in range(300)]
    parts, size = [], 0
    while size < length:
        part = rng.choice(words) if rng.random() < 0.97 else rng.randbytes(40)
        parts.append(part)
        size += len(part) + 1
    return b' '.join(parts)[:length].ljust(length)


def _crc_table(polynomial):
    table = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (polynomial if i & 1 else 0)
        table.append(i)
    return table


_CRC32C = _crc_table(0x82f63b78)


def crc32(data, seed=0):
    return binascii.crc32(data, seed)


@functools.lru_cache(maxsize=None)
def crc32c(data, seed=0):
    crc = seed ^ 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ _CRC32C[(crc ^ byte) & 0xff]
    return crc ^ 0xffffffff


# The check values of the catalogue of parametrised CRC algorithms, and RFC 3720 B.4.
CRC32_KNOWN = (
    (b'', 0), (b'123456789', 0xcbf43926), (b'a', 0xe8b7be43),
    (b'The quick brown fox jumps over the lazy dog', 0x414fa339),
)
CRC32C_KNOWN = (
    (b'', 0), (b'123456789', 0xe3069283), (bytes(32), 0x8a9136aa), (b'\xff' * 32, 0x62a8ab43),
    (bytes(range(32)), 0x46dd794e), (bytes(range(31, -1, -1)), 0x113fdb5c),
    # an iSCSI READ (10) command PDU
    (bytes.fromhex('01c00000 00000000 00000000 00000000 14000000 00000400 00000014 00000018'
                   '28000000 00000000 02000000 00000000'), 0xd9963a56),
)

# format: wbits of zlib
RAW, ZLIB, GZIP = -15, 15, 31


def inflate(data, wbits):
    """All of one member, and nothing behind it."""
    d = zlib.decompressobj(wbits)
    plain = d.decompress(data)
    if not d.eof or d.unused_data or d.unconsumed_tail:
        raise ValueError('not exactly one member')
    return plain


def deflate(data, wbits, level=6):
    c = zlib.compressobj(level, zlib.DEFLATED, wbits)
    return c.compress(data) + c.flush()


def checksum(data, wbits):
    return zlib.adler32(data) if wbits == ZLIB else zlib.crc32(data)
