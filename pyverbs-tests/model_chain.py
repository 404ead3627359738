# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The model's chains: several operations in one command."""

import zlib

from arena import Command
from model_crypt import Crypting
from model_pack import ZLIB, Packing
from model_sum import SUMS, Sums

MAX = 4


class Chaining(Sums, Crypting, Packing):
    ops = ()            # names of operations that the device has

    def chain_stage(self, data):
        """(name, block, ext), what it makes of data, its first result; or None."""
        name = self.rng.choice(sorted(SUMS) + ['copy', 'encrypt', 'decrypt'])
        if name == 'copy':
            return (name, b'', None), data, None
        if name in SUMS:
            block, function = self.sum_stage(name)
            return (name, block, None), data, function(data)
        parts = self.keys and self.cipher_parts(len(data), name == 'encrypt')
        if not parts:
            return None
        block, ext, function = parts
        return (name, block, ext), function(data), None

    def chain_stages(self, stages, data, num):
        """Adds to stages; what becomes of the data, the result that the command has of it."""
        result = None
        while len(stages) < num:
            made = self.chain_stage(data)
            if made and made[0][0] in self.ops:
                stages.append(made[0])
                data = made[1]
                result = made[2] if made[2] is not None else result
        return data, result

    def op_chain(self):
        """To memory."""
        num, stages = self.rng.randrange(1, MAX + 1), []
        if self.rng.random() < 0.5:
            src, = self.ranges(self.length() // 4)
            data = self.get(src)
        else:
            src, data = self.source('decompress')
            stages.append(('decompress', bytes([ZLIB]), None))
        data, result = self.chain_stages(stages, data, num)
        dst = self.apart(len(data), src)
        self.put(dst, data)
        return Command('chain', src, dst, stages=stages, expect=(len(data), result, None))

    def op_chain_that_compresses(self):
        src, = self.ranges(self.length() // 4)
        stages = []
        plain, result = self.chain_stages(stages, self.get(src), self.rng.randrange(MAX))
        stages.append(('compress', bytes([ZLIB, self.rng.randrange(10)]), None))
        if not any(name in SUMS for name, _, _ in stages):
            result = zlib.adler32(plain)
        return Command('chain', src, stages=stages, expect=(None, result, None),
                       check=lambda packed: zlib.decompress(packed) == plain)
