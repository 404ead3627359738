# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The model's checksums and hashes."""

import hashlib
import struct
import zlib

import vectors
from arena import Arena, Command

MASK = 2 ** 64 - 1
# Of the xxHash specification
P1, P2, P3 = 0x9e3779b185ebca87, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9
P4, P5 = 0x85ebca77c2b2ae63, 0x27d4eb2f165667c5


def crc_tables():
    reflected, plain = [], []
    for byte in range(256):
        crc, crc16 = byte, byte << 8
        for _ in range(8):
            crc = crc >> 1 ^ (0x9a6c9329ac4bc9b5 if crc & 1 else 0)
            crc16 = (crc16 << 1 ^ (0x8bb7 if crc16 & 0x8000 else 0)) & 0xffff
        reflected.append(crc)
        plain.append(crc16)
    return reflected, plain


CRC64, CRC16 = crc_tables()


def crc16_t10(data, crc=0):
    for byte in data:
        crc = crc << 8 & 0xffff ^ CRC16[crc >> 8 ^ byte]
    return crc


def crc64(data, crc=0):
    crc ^= MASK
    for byte in data:
        crc = crc >> 8 ^ CRC64[crc & 0xff ^ byte]
    return crc ^ MASK


def rol(x, n):
    return x << n & MASK | x >> 64 - n


def xxh64_round(lane, word):
    return rol(lane + word * P2 & MASK, 31) * P1 & MASK


def xxh64(data, seed=0):
    at, hashed = 0, seed + P5 & MASK
    if len(data) >= 32:
        lanes = [seed + P1 + P2 & MASK, seed + P2 & MASK, seed, seed - P1 & MASK]
        while at + 32 <= len(data):
            lanes = [xxh64_round(lane, word)
                     for lane, word in zip(lanes, struct.unpack_from('<4Q', data, at))]
            at += 32
        hashed = sum(rol(lane, n) for lane, n in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            hashed = (hashed ^ xxh64_round(0, lane)) * P1 + P4 & MASK
    hashed = hashed + len(data) & MASK
    while at + 8 <= len(data):
        word, = struct.unpack_from('<Q', data, at)
        hashed = rol(hashed ^ xxh64_round(0, word), 27) * P1 + P4 & MASK
        at += 8
    if at + 4 <= len(data):
        word, = struct.unpack_from('<I', data, at)
        hashed = rol(hashed ^ word * P1 & MASK, 23) * P2 + P3 & MASK
        at += 4
    for byte in data[at:]:
        hashed = rol(hashed ^ byte * P5 & MASK, 11) * P1 & MASK
    hashed = (hashed ^ hashed >> 33) * P2 & MASK
    hashed = (hashed ^ hashed >> 29) * P3 & MASK
    return hashed ^ hashed >> 32


def xxh32(data, seed=0):
    mask, p1, p2, p3, p4, p5 = (0xffffffff, 0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f,
                                0x165667b1)

    def rotate(x, n):
        return (x << n | (x & mask) >> 32 - n) & mask

    at, hashed = 0, seed + p5
    if len(data) >= 16:
        lanes = [seed + p1 + p2, seed + p2, seed, seed - p1]
        while at + 16 <= len(data):
            lanes = [rotate(lane + word * p2 & mask, 13) * p1
                     for lane, word in zip(lanes, struct.unpack_from('<4I', data, at))]
            at += 16
        hashed = sum(rotate(lane & mask, n) for lane, n in zip(lanes, (1, 7, 12, 18)))
    hashed += len(data)
    while at + 4 <= len(data):
        word, = struct.unpack_from('<I', data, at)
        hashed = rotate(hashed + word * p3 & mask, 17) * p4
        at += 4
    for byte in data[at:]:
        hashed = rotate(hashed + byte * p5 & mask, 11) * p1
    hashed &= mask
    hashed = (hashed ^ hashed >> 15) * p2 & mask
    hashed = (hashed ^ hashed >> 13) * p3 & mask
    return hashed ^ hashed >> 16


# By their names: what it is, its seed at the start and as bytes of a command, bits
SUMS = {
    'crc32': (zlib.crc32, 0, '<I', 32),
    'crc32c': (vectors.crc32c, 0, '<I', 32),
    'crc64': (crc64, 0, '<Q', 64),
    'crc16-t10': (crc16_t10, 0, '<I', 16),
    'adler32': (zlib.adler32, 1, '<I', None),
    'xxh64': (xxh64, 0, '<Q', 64),
    'xxh32': (xxh32, 0, '<I', 32),
}
# enum axe_sum_kind
KINDS = ('crc32', 'crc32c', 'crc64', 'crc16-t10', 'adler32')

# Flags of enum axe_hash_flags
STREAM, RESTART, FINAL = 1, 2, 4


def blake2b(size):
    return lambda: hashlib.blake2b(digest_size=size)


def by_name(name):
    return lambda: hashlib.new(name)


# By the names of enum axe_hash, less AXE_HASH_.
HASHES = {
    'SHA1': by_name('sha1'), 'SHA224': by_name('sha224'), 'SHA256': by_name('sha256'),
    'SHA384': by_name('sha384'), 'SHA512': by_name('sha512'),
    'SHA3_224': by_name('sha3_224'), 'SHA3_256': by_name('sha3_256'),
    'SHA3_384': by_name('sha3_384'), 'SHA3_512': by_name('sha3_512'),
    'BLAKE2B_160': blake2b(20), 'BLAKE2B_256': blake2b(32), 'BLAKE2B_384': blake2b(48),
    'BLAKE2B_512': blake2b(64), 'MD5': by_name('md5'),
}
if 'sm3' in hashlib.algorithms_available:
    HASHES['SM3'] = by_name('sm3')


class Sums(Arena):
    hashes = {}         # by the numbers of the device
    message = None      # that the queue holds: its number and what was hashed of it

    def sum_stage(self, name):
        """A command's block, and what it makes of data."""
        function, start, layout, bits = SUMS[name]
        seed = self.rng.getrandbits(bits) if bits else start
        return struct.pack(layout, seed), lambda data: function(data, seed)

    def checksum(self, name):
        src, = self.ranges(self.length() // 4)
        block, function = self.sum_stage(name)
        return Command(name, src, block=block, expect=(0, function(self.get(src)), 0))

    def op_crc32(self):
        return self.checksum('crc32')

    def op_crc32c(self):
        return self.checksum('crc32c')

    def op_crc64(self):
        return self.checksum('crc64')

    def op_crc16_t10(self):
        return self.checksum('crc16-t10')

    def op_adler32(self):
        return self.checksum('adler32')

    def op_xxh64(self):
        return self.checksum('xxh64')

    def op_xxh32(self):
        return self.checksum('xxh32')

    def op_copy_crc(self):
        kind = self.rng.randrange(len(KINDS))
        function, start = SUMS[KINDS[kind]][:2]
        n = self.length() // 2
        src, dst = self.ranges(n, n)
        data = self.get(src)
        self.put(dst, data)
        return Command('copy-crc', src, dst, block=struct.pack('<B7xQ', kind, start),
                       expect=(n, function(data, start), None))

    def op_crc_combine(self):
        kind = self.rng.randrange(len(KINDS))
        function, start = SUMS[KINDS[kind]][:2]
        one, other = self.rng.randbytes(50), self.rng.randbytes(self.length() // 4)
        return Command('crc-combine', block=struct.pack('<B7xQ', kind, len(other)),
                       ext=struct.pack('<QQ', function(one, start), function(other, start)),
                       expect=(0, function(one + other, start), None))

    def op_hash(self):
        number = self.rng.choice(sorted(self.hashes))
        n = self.length()
        src, dst = self.ranges(n, 64)
        hashed = self.hashes[number]()
        hashed.update(self.get(src))
        digest = hashed.digest()
        self.put(dst, digest)
        return Command('hash', src, dst, block=bytes([number]), expect=(len(digest), n, None))

    def op_hash_stream(self):
        """A part of a message, of which the queue holds one at a time."""
        n = self.length()
        src, dst = self.ranges(n, 64)
        flags = STREAM
        if not self.message or self.rng.random() < 0.1:
            number = self.rng.choice(sorted(self.hashes))
            flags |= RESTART
            self.message = number, self.hashes[number](), 0
        number, hashed, total = self.message
        hashed.update(self.get(src))
        total += n
        if self.rng.random() < 0.7:
            self.message = number, hashed, total
            return Command('hash', src, dst, block=struct.pack('<B3xI', number, flags),
                           expect=(0, total, None), code='INFO_MORE')
        self.message = None
        digest = hashed.digest()
        self.put(dst, digest)
        return Command('hash', src, dst, block=struct.pack('<B3xI', number, flags | FINAL),
                       expect=(len(digest), total, None))
