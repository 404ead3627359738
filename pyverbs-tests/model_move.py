# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The model's data movement."""

import struct

from arena import BLOCK, NO, Arena, Command

WORD, ENTRY = 8, 10     # of a delta record


class Moving(Arena):
    record = None       # where one was made

    def op_nop(self):
        return Command('nop', expect=(0, 0, 0))

    def op_copy(self):
        n = self.length()
        src, dst = self.ranges(n, n)
        if self.rng.random() < 0.3:     # overlapping
            dst = (min(src[0] + self.rng.randrange(300), len(self.arena) - n), n)
        self.put(dst, self.get(src))
        return Command('copy', src, dst, expect=(n, 0, 0))

    def pattern(self, length):
        """A pattern, its block, and what it is over and over."""
        size = self.rng.randrange(1, 9)
        pattern = self.rng.choice((bytes(size), self.rng.randbytes(size)))
        return (pattern.ljust(8, b'\0') + bytes([size]),
                (pattern * (length // size + 1))[:length])

    def op_fill(self):
        dst, = self.ranges(self.length())
        block, data = self.pattern(dst[1])
        self.put(dst, data)
        return Command('fill', None, dst, block=block, expect=(dst[1], 0, 0))

    def difference(self, one, other):
        same = next((i for i in range(len(one)) if one[i] != other[i]), len(one))
        return same, NO if same == len(one) else same, 0

    def op_compare(self):
        n = self.length()
        x, y = self.ranges(n, n)
        return Command('compare', x, y, expect=self.difference(self.get(x), self.get(y)))

    def op_compare_pattern(self):
        src, = self.ranges(self.length())
        block, data = self.pattern(src[1])
        return Command('compare-pattern', src, block=block,
                       expect=self.difference(self.get(src), data))

    def op_dualcast(self):
        n = self.length()
        src, dst, aux = self.ranges(n, n, n)
        self.put(dst, self.get(src))
        self.put(aux, self.get(src))
        return Command('dualcast', src, dst, aux, expect=(None, 0, 0))

    # Lists

    def pieces(self):
        return self.ranges(*(self.length() // 8 for _ in range(self.rng.randrange(1, 20))))

    def op_gather(self):
        parts = self.pieces()
        data = b''.join(self.get(part) for part in parts)
        if len(data) > BLOCK:
            return None
        dst = self.apart(len(data), *parts)
        self.put(dst, data)
        return Command('gather', dst=dst, src_list=parts, expect=(len(data), None, None))

    def op_scatter(self):
        parts = self.pieces()
        size = sum(part[1] for part in parts)
        if size > BLOCK:
            return None
        src = self.apart(size, *parts)
        data = self.get(src)
        for part in parts:
            self.put(part, data[:part[1]])
            data = data[part[1]:]
        return Command('scatter', src, dst_list=parts, expect=(size, None, None))

    # Delta records

    def op_delta_create(self):
        n = self.length() // WORD * WORD
        src, aux, dst = self.ranges(n, n, n // WORD * ENTRY)
        if self.rng.random() < 0.3:     # much the same
            aux = src[0] + self.rng.choice((0, WORD)), n
            if aux[0] + n > len(self.arena):
                return None
            dst = self.apart(dst[1], src, aux)
        one, other = self.get(src), self.get(aux)
        record = b''.join(struct.pack('<H', i // WORD) + other[i:i + WORD]
                          for i in range(0, n, WORD) if one[i:i + WORD] != other[i:i + WORD])
        self.put(dst, record)
        self.record = dst[0], len(record)
        return Command('delta-create', src, dst, aux, expect=(len(record), int(one != other), n))

    def op_delta_apply(self):
        """Of one that was made and maybe changed since, or of anything."""
        src = self.record
        if not src or self.rng.random() < 0.2:
            src, = self.ranges(self.rng.randrange(20) * ENTRY)
        dst = self.apart(BLOCK // 2, src)
        data, last, done = self.get(src), -1, 0
        for i in range(0, len(data), ENTRY):
            number, = struct.unpack_from('<H', data, i)
            if number <= last or number >= dst[1] // WORD:
                return Command('delta-apply', src, dst, code='ERR_DATA', expect=(None, i, None))
            self.put((dst[0] + number * WORD, WORD), data[i + 2:i + ENTRY])
            last = number
            done += WORD
        return Command('delta-apply', src, dst, expect=(done, None, None))
