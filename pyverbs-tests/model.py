# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What operations do, in Python, and commands for them as bytes.

A model has an arena, bytes that stand for memory of the device's process. Each of
its methods op_NAME() makes up one command on the arena, does to the arena what the
command must do, and says what must come of it. Nothing here comes from the device or
its sources: zlib and hashlib (OpenSSL) are asked, and what they do not know is
written from the standards, as plainly as can be.
"""

import collections
import hashlib
import struct
import zlib

import vectors

BLOCK = 8192            # operands of a command lie in different blocks of the arena
BLOCKS = 64
NO = 2 ** 64 - 1        # what comparisons say of what is the same

# What a program does: operands are (offset, length) in the arena, lists lists of them.
# expect: byte_len and results, None where they do not matter.
Command = collections.namedtuple(
    'Command', 'name src dst aux src_list dst_list block ext expect check',
    defaults=(None, None, None, None, None, b'', b'', (None, None, None), None))


def reflected_crc(data, polynomial, width, crc):
    ones = (1 << width) - 1
    crc ^= ones
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return crc ^ ones


def crc16_t10(data, crc=0):
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x8bb7 if crc & 0x8000 else 0)) & 0xffff
    return crc


def crc64(data, crc=0):
    return reflected_crc(data, 0x9a6c9329ac4bc9b5, 64, crc)


def gf_mul(x, y):
    """GF(2^8), polynomial 0x11d."""
    product = 0
    while y:
        if y & 1:
            product ^= x
        x = x << 1 ^ (0x11d if x & 0x80 else 0)
        y >>= 1
    return product


GF_ROWS = [bytes(gf_mul(c, x) for x in range(256)) for c in range(256)]
GF_INVERSE = [0] + [next(y for y in range(256) if gf_mul(x, y) == 1) for x in range(1, 256)]


def xor(parts):
    total = 0
    for part in parts:
        total ^= int.from_bytes(part, 'little')
    return total.to_bytes(len(parts[0]), 'little')


def dot(coefficients, parts):
    return xor([part.translate(GF_ROWS[c]) for c, part in zip(coefficients, parts)])


def unpack(data, width, num):
    """An array of integers, the first in the lowest bits of the first byte."""
    bits = int.from_bytes(data, 'little')
    return [bits >> i * width & (1 << width) - 1 for i in range(num)]


def pack(numbers, width):
    bits = 0
    for i, number in enumerate(numbers):
        bits |= number << i * width
    return bits.to_bytes((len(numbers) * width + 7) // 8, 'little')


class Model:
    def __init__(self, rng, corpus, hashes):
        self.rng = rng
        # The numbers of the device's hashes, and what they do
        self.hashes = hashes
        self.arena = bytearray(rng.randbytes(BLOCKS * BLOCK))
        # (where, packed, plain) of streams outside of the arena that nothing changes
        self.corpus = corpus
        # Some of it the same all over, or comparisons would end at the first byte.
        for i in range(0, len(self.arena), 4 * BLOCK):
            self.arena[i:i + BLOCK] = bytes(BLOCK)

    def length(self):
        return self.rng.choice((0, 1, 2, 7, 8, 63, 64, 65, self.rng.randrange(600),
                                self.rng.randrange(600), self.rng.randrange(BLOCK // 2)))

    def ranges(self, *lengths):
        """Ranges of the arena that share nothing."""
        blocks = self.rng.sample(range(BLOCKS), len(lengths))
        return [(block * BLOCK + self.rng.randrange(BLOCK - length + 1), length)
                for block, length in zip(blocks, lengths)]

    def get(self, where):
        return bytes(self.arena[where[0]:where[0] + where[1]])

    def put(self, where, data):
        assert len(data) <= where[1]
        self.arena[where[0]:where[0] + len(data)] = data

    def op_nop(self):
        return Command('nop', expect=(0, 0, 0))

    def op_copy(self):
        n = self.length()
        src, dst = self.ranges(n, n)
        if self.rng.random() < 0.3:     # overlapping
            dst = (min(src[0] + self.rng.randrange(300), len(self.arena) - n), n)
        self.put(dst, self.get(src))
        return Command('copy', src, dst, expect=(n, 0, 0))

    def op_fill(self):
        dst, = self.ranges(self.length())
        size = self.rng.randrange(1, 9)
        pattern = self.rng.randbytes(size)
        self.put(dst, (pattern * (dst[1] // size + 1))[:dst[1]])
        return Command('fill', None, dst, block=pattern.ljust(8, b'\0') + bytes([size]),
                       expect=(dst[1], 0, 0))

    def op_compare(self):
        n = self.length()
        x, y = self.ranges(n, n)
        one, other = self.get(x), self.get(y)
        same = next((i for i in range(n) if one[i] != other[i]), n)
        return Command('compare', x, y, expect=(same, NO if same == n else same, 0))

    def checksum(self, name, function, seed, layout, width):
        src, = self.ranges(self.length() // 4)
        return Command(name, src, block=struct.pack(layout, seed),
                       expect=(0, function(self.get(src), seed) & (1 << width) - 1, 0))

    def op_crc32(self):
        return self.checksum('crc32', zlib.crc32, self.rng.getrandbits(32), '<I', 32)

    def op_crc32c(self):
        return self.checksum('crc32c', vectors.crc32c, self.rng.getrandbits(32), '<I', 32)

    def op_crc64(self):
        return self.checksum('crc64', crc64, self.rng.getrandbits(64), '<Q', 64)

    def op_crc16_t10(self):
        return self.checksum('crc16-t10', crc16_t10, self.rng.getrandbits(16), '<I', 16)

    def op_adler32(self):
        return self.checksum('adler32', zlib.adler32, 1, '<I', 32)

    def op_copy_crc(self):
        n = self.length()
        src, dst = self.ranges(n, n)
        data = self.get(src)
        self.put(dst, data)
        return Command('copy-crc', src, dst, block=struct.pack('<B7xQ', 0, 0),
                       expect=(n, zlib.crc32(data), None))

    def op_crc_combine(self):
        one, other = self.rng.randbytes(50), self.rng.randbytes(self.length())
        return Command('crc-combine', block=struct.pack('<B7xQ', 0, len(other)),
                       ext=struct.pack('<QQ', zlib.crc32(one), zlib.crc32(other)),
                       expect=(0, zlib.crc32(one + other), None))

    def op_compress(self):
        src, = self.ranges(self.length())
        plain = self.get(src)

        def check(packed):
            return zlib.decompress(packed) == plain
        return Command('compress', src, block=struct.pack('<BB', 1, self.rng.randrange(10)),
                       expect=(None, zlib.adler32(plain), len(plain)), check=check)

    def op_decompress(self):
        where, packed, plain = self.rng.choice(self.corpus)
        dst, = self.ranges(len(plain) + self.rng.randrange(3))
        self.put(dst, plain)
        return Command('decompress', (where, len(packed)), dst, block=b'\1',
                       expect=(len(plain), zlib.adler32(plain), len(packed)))

    # Lists

    def pieces(self):
        return self.ranges(*(self.length() // 8 for _ in range(self.rng.randrange(1, 20))))

    def op_gather(self):
        parts = self.pieces()
        data = b''.join(self.get(part) for part in parts)
        free = [b for b in range(BLOCKS) if all(b != p[0] // BLOCK for p in parts)]
        dst = (self.rng.choice(free) * BLOCK, len(data))
        if len(data) > BLOCK:
            return None
        self.put(dst, data)
        return Command('gather', dst=dst, src_list=parts, expect=(len(data), None, None))

    def op_scatter(self):
        parts = self.pieces()
        size = sum(part[1] for part in parts)
        free = [b for b in range(BLOCKS) if all(b != p[0] // BLOCK for p in parts)]
        src = (self.rng.choice(free) * BLOCK, size)
        if size > BLOCK:
            return None
        data = self.get(src)
        for part in parts:
            self.put(part, data[:part[1]])
            data = data[part[1]:]
        return Command('scatter', src, dst_list=parts, expect=(size, None, None))

    def op_dualcast(self):
        n = self.length()
        src, dst, aux = self.ranges(n, n, n)
        self.put(dst, self.get(src))
        self.put(aux, self.get(src))
        return Command('dualcast', src, dst, aux, expect=(None, 0, 0))

    # Parity

    def lanes(self, num):
        n = self.length() // 4
        return n, self.ranges(*[n] * num)

    def op_xor(self):
        num = self.rng.randrange(2, 12)
        n, where = self.lanes(num + 1)
        self.put(where[num], xor([self.get(w) for w in where[:num]]))
        return Command('xor', src_list=where[:num], dst_list=where[num:],
                       expect=(None, None, None))

    def op_pq_generate(self):
        num = self.rng.randrange(1, 12)
        n, where = self.lanes(num + 2)
        data = [self.get(w) for w in where[:num]]
        powers = [1]
        while len(powers) < num:
            powers.append(gf_mul(powers[-1], 2))
        self.put(where[num], xor(data))
        self.put(where[num + 1], dot(powers, data))
        return Command('pq-generate', src_list=where[:num], dst_list=where[num:])

    def op_rs_encode(self):
        k, m = self.rng.randrange(1, 12), self.rng.randrange(1, 5)
        n, where = self.lanes(k + m)
        data = [self.get(w) for w in where[:k]]
        for i in range(m):
            row = [GF_INVERSE[j ^ k + i] for j in range(k)]
            self.put(where[k + i], dot(row, data))
        return Command('rs-encode', src_list=where[:k], dst_list=where[k:])

    # Analytics

    def array(self):
        width = self.rng.randrange(1, 33)
        num = self.rng.randrange(200)
        return width, num, (num * width + 7) // 8

    def op_scan(self):
        width, num, size = self.array()
        src, dst = self.ranges(size, (num + 7) // 8)
        low, high = sorted(self.rng.getrandbits(width) for _ in range(2))
        found = [int(low <= x <= high) for x in unpack(self.get(src), width, num)]
        self.put(dst, pack(found, 1))
        return Command('scan', src, dst, block=struct.pack('<IB3xII', num, width, low, high),
                       expect=(dst[1], sum(found), None))

    def op_select(self):
        width, num, size = self.array()
        src, dst, aux = self.ranges(size, size, (num + 7) // 8)
        numbers = unpack(self.get(src), width, num)
        chosen = [x for x, bit in zip(numbers, unpack(self.get(aux), 1, num)) if bit]
        data = pack(chosen, width)
        self.put(dst, data)
        return Command('select', src, dst, aux, block=struct.pack('<IB3xII', num, width, 0, 0),
                       expect=(len(data), len(chosen), None))

    def op_hash(self):
        number, digest_of = self.rng.choice(sorted(self.hashes.items(), key=lambda x: x[0]))
        n = self.length()
        src, dst = self.ranges(n, 64)
        digest = digest_of(self.get(src))
        self.put(dst, digest)
        return Command('hash', src, dst, block=bytes([number]), expect=(len(digest), None, None))


def blake2b(size):
    return lambda data: hashlib.blake2b(data, digest_size=size).digest()


def by_name(name):
    return lambda data: hashlib.new(name, data).digest()


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
