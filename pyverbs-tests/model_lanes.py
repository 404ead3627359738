# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The model's parity and erasure codes: linear algebra over GF(2^8)."""

import struct

from arena import NO, Arena, Command

NONE = 255              # AXE_PQ_NONE


def gf_powers():
    """Of 2, polynomial 0x11d."""
    x = 1
    for _ in range(255):
        yield x
        x = x << 1 ^ (0x11d if x & 0x80 else 0)


GF_EXP = list(gf_powers()) * 2
GF_LOG = {x: i for i, x in enumerate(GF_EXP[:255])}


def gf_mul(x, y):
    return GF_EXP[GF_LOG[x] + GF_LOG[y]] if x and y else 0


def gf_inverse(x):
    return GF_EXP[255 - GF_LOG[x]]


GF_ROWS = [bytes(gf_mul(c, x) for x in range(256)) for c in range(256)]


def xor(parts):
    total = 0
    for part in parts:
        total ^= int.from_bytes(part, 'little')
    return total.to_bytes(len(parts[0]), 'little')


def dot(coefficients, parts):
    return xor([part.translate(GF_ROWS[c]) for c, part in zip(coefficients, parts)])


def unit(k):
    return [[int(i == j) for j in range(k)] for i in range(k)]


def inverse(matrix):
    """By Gauss and Jordan."""
    k = len(matrix)
    rows = [list(row) + one for row, one in zip(matrix, unit(k))]
    for i in range(k):
        pivot = next(j for j in range(i, k) if rows[j][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        scale = gf_inverse(rows[i][i])
        rows[i] = [gf_mul(scale, x) for x in rows[i]]
        for j in range(k):
            if j != i and rows[j][i]:
                c = rows[j][i]
                rows[j] = [x ^ gf_mul(c, y) for x, y in zip(rows[j], rows[i])]
    return [row[k:] for row in rows]


def pq_rows(k):
    return unit(k) + [[1] * k, GF_EXP[:k]]


def cauchy_rows(k, m):
    return unit(k) + [[gf_inverse(j ^ k + i) for j in range(k)] for i in range(m)]


def recover(rows, present, lost, fragments):
    """The fragments @lost, from as many of those @present as there is data."""
    data_of = inverse([rows[i] for i in present])
    data = [dot(row, fragments) for row in data_of]
    return [dot(rows[i], data) for i in lost]


class Lanes(Arena):

    def lanes(self, num):
        n = self.length() // 4
        return n, self.ranges(*[n] * num)

    def op_xor(self):
        num = self.rng.randrange(2, 12)
        where = self.lanes(num + 1)[1]
        self.put(where[num], xor([self.get(w) for w in where[:num]]))
        return Command('xor', src_list=where[:num], dst_list=where[num:])

    def first_of(self, bad):
        """What a check says, of bytes that are to be zero."""
        at = len(bad) - len(bad.lstrip(b'\0'))
        return at, NO if at == len(bad) else at, None

    def op_xor_check(self):
        where = self.lanes(self.rng.randrange(2, 6))[1]
        if self.rng.random() < 0.5:     # sources may be the same
            where = where + where
        return Command('xor-check', src_list=where,
                       expect=self.first_of(xor([self.get(w) for w in where])))

    pq = None           # lanes that were right once

    def op_pq_generate(self):
        k = self.rng.randrange(1, 12)
        n, where = self.lanes(k + 2)
        data = [self.get(w) for w in where[:k]]
        for row, to in zip(pq_rows(k)[k:], where[k:]):
            self.put(to, dot(row, data))
        self.pq = where
        return Command('pq-generate', src_list=where[:k], dst_list=where[k:])

    def op_pq_check(self):
        where = self.pq
        if not where or self.rng.random() < 0.2:
            where = self.lanes(self.rng.randrange(3, 7))[1]
        parts = [self.get(w) for w in where]
        k = len(parts) - 2
        p, q = (xor([dot(row, parts[:k]), parts[k + i]])
                for i, row in enumerate(pq_rows(k)[k:]))
        bad = bytes(x | y for x, y in zip(p, q))
        return Command('pq-check', src_list=where, expect=self.first_of(bad))

    def op_pq_recover(self):
        k = self.rng.randrange(1, 9)
        lost = sorted(self.rng.sample(range(k + 2), self.rng.randrange(1, 3)))
        present = [i for i in range(k + 2) if i not in lost]
        n, where = self.lanes(k + 2)
        src, dst = where[:len(present)], where[len(present):]
        # With one lost, the last source is not looked at.
        made = recover(pq_rows(k), present[:k], lost, [self.get(w) for w in src[:k]])
        for to, data in zip(dst, made):
            self.put(to, data)
        return Command('pq-recover', src_list=src, dst_list=dst,
                       block=bytes([k, *(lost + [NONE])[:2]]),
                       expect=(n * len(lost), None, None))

    def op_erasure(self):
        k, m = self.rng.randrange(1, 8), self.rng.randrange(1, 5)
        n, where = self.lanes(k + m)
        matrix = self.apart(k * m, *where)
        rows, data = self.get(matrix), [self.get(w) for w in where[:k]]
        for i in range(m):
            self.put(where[k + i], dot(rows[i * k:i * k + k], data))
        return Command('erasure', src_list=where[:k], dst_list=where[k:], aux=matrix,
                       expect=(n * m, None, None))

    def op_rs_encode(self):
        k, m = self.rng.randrange(1, 12), self.rng.randrange(1, 5)
        where = self.lanes(k + m)[1]
        data = [self.get(w) for w in where[:k]]
        for row, to in zip(cauchy_rows(k, m)[k:], where[k:]):
            self.put(to, dot(row, data))
        return Command('rs-encode', src_list=where[:k], dst_list=where[k:])

    def op_rs_recover(self):
        k, m = self.rng.randrange(1, 8), self.rng.randrange(1, 5)
        present = sorted(self.rng.sample(range(k + m), k))
        others = [i for i in range(k + m) if i not in present]
        lost = sorted(self.rng.sample(others, self.rng.randrange(1, m + 1)))
        n, where = self.lanes(k + len(lost))
        made = recover(cauchy_rows(k, m), present, lost, [self.get(w) for w in where[:k]])
        for to, data in zip(where[k:], made):
            self.put(to, data)
        masks = (sum(1 << i for i in group) for group in (present, lost))
        return Command('rs-recover', src_list=where[:k], dst_list=where[k:],
                       ext=struct.pack('<QQBB', *masks, k, m), expect=(n * len(lost), None, None))
