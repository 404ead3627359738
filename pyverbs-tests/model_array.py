# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The model's analytics and matrices."""

import struct

from arena import NO, Arena, Command

TRANSPOSED, REQUANT = 1, 2      # enum axe_matmul_flags


def unpack(data, width, num):
    """An array of integers, the first in the lowest bits of the first byte."""
    bits = int.from_bytes(data, 'little')
    return [bits >> i * width & (1 << width) - 1 for i in range(num)]


def pack(numbers, width):
    bits = 0
    for i, number in enumerate(numbers):
        bits |= number << i * width
    return bits.to_bytes(size_of(len(numbers), width), 'little')


def size_of(num, width):
    return (num * width + 7) // 8


def signed(data):
    return struct.unpack(f'{len(data)}b', data)


def dot(x, y):
    return sum(i * j for i, j in zip(x, y))


def requantised(x, multiplier, shift, zero_point):
    """gemmlowp's fixedpoint.h, its divisions as C has them."""
    product = x * multiplier
    product += 1 << 30 if product >= 0 else 1 - (1 << 30)
    high = abs(product) >> 31
    high = high if product >= 0 else -high
    mask = (1 << shift) - 1
    rounded = (high >> shift) + ((high & mask) > (mask >> 1) + (high < 0))
    return max(-128, min(127, rounded + zero_point))


class Arrays(Arena):

    def array(self):
        width = self.rng.randrange(1, 33)
        num = self.rng.randrange(200)
        return width, num, size_of(num, width)

    def array_block(self, num, width, low=0, high=0):
        return struct.pack('<IB3xII', num, width, low, high)

    def op_scan(self):
        width, num, size = self.array()
        src, dst = self.ranges(size, size_of(num, 1))
        low, high = sorted(self.rng.getrandbits(width) for _ in range(2))
        found = [int(low <= x <= high) for x in unpack(self.get(src), width, num)]
        self.put(dst, pack(found, 1))
        return Command('scan', src, dst, block=self.array_block(num, width, low, high),
                       expect=(dst[1], sum(found), found.index(1) if any(found) else NO))

    def op_select(self):
        width, num, size = self.array()
        src, dst, aux = self.ranges(size, size, size_of(num, 1))
        numbers = unpack(self.get(src), width, num)
        chosen = [x for x, bit in zip(numbers, unpack(self.get(aux), 1, num)) if bit]
        data = pack(chosen, width)
        self.put(dst, data)
        return Command('select', src, dst, aux, block=self.array_block(num, width),
                       expect=(len(data), len(chosen), None))

    def op_expand(self):
        width, num, size = self.array()
        aux, dst = self.ranges(size_of(num, 1), size)
        mask = unpack(self.get(aux), 1, num)
        src = self.apart(size_of(sum(mask), width), aux, dst)
        numbers = iter(unpack(self.get(src), width, sum(mask)))
        self.put(dst, pack([next(numbers) if bit else 0 for bit in mask], width))
        return Command('expand', src, dst, aux, block=self.array_block(num, width),
                       expect=(size, sum(mask), None))

    def op_extract(self):
        width, num, size = self.array()
        if not num:
            return None
        src, dst = self.ranges(size, size)
        first, last = sorted(self.rng.randrange(num) for _ in range(2))
        data = pack(unpack(self.get(src), width, num)[first:last + 1], width)
        self.put(dst, data)
        return Command('extract', src, dst, block=self.array_block(num, width, first, last),
                       expect=(len(data), last - first + 1, None))

    def op_matmul_i8(self):
        m, k, n = (self.rng.randrange(1, 10) for _ in range(3))
        flags = self.rng.randrange(4)
        size = 1 if flags & REQUANT else 4
        src, aux, dst = self.ranges(m * k, k * n, m * n * size)
        a, b = signed(self.get(src)), signed(self.get(aux))
        columns = ([b[j * k:j * k + k] for j in range(n)] if flags & TRANSPOSED
                   else [b[j::n] for j in range(n)])
        sums = [dot(a[i * k:i * k + k], column) for i in range(m) for column in columns]
        how = 0, 0, 0
        if flags & REQUANT:
            how = (self.rng.getrandbits(32) - 2 ** 31, self.rng.randrange(32),
                   self.rng.randrange(-128, 128))
            sums = [requantised(x, *how) for x in sums]
        self.put(dst, struct.pack(f'<{m * n}{"b" if flags & REQUANT else "i"}', *sums))
        return Command('matmul-i8', src, dst, aux, expect=(dst[1], None, None),
                       block=struct.pack('<HHHHiBb', m, k, n, flags, *how))

    def op_knn_i8(self):
        dim, num, k = (self.rng.randrange(1, 30) for _ in range(3))
        num -= 1
        src, aux, dst = self.ranges(dim * num, dim, 8 * k)
        query, data = signed(self.get(aux)), signed(self.get(src))
        scores = sorted((-dot(query, data[i * dim:i * dim + dim]), i) for i in range(num))[:k]
        self.put(dst, b''.join(struct.pack('<Ii', i, -score) for score, i in scores))
        return Command('knn-i8', src, dst, aux, block=struct.pack('<I', k),
                       expect=(8 * len(scores), len(scores), None))
