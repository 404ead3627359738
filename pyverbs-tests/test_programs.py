# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Random programs of mixed commands, against a model in Python.

AXE_PROGRAMS says how many (default 20), AXE_COMMANDS of how many commands each
(1000), AXE_SEED with which seed the first is made, as a failure tells it.
"""

import os
import random
import struct
import unittest
import zlib

import model
import vectors
from base import AxeTestCase, a, e

PROGRAMS = int(os.environ.get('AXE_PROGRAMS', '20'))
COMMANDS = int(os.environ.get('AXE_COMMANDS', '1000'))
SEED = int(os.environ.get('AXE_SEED', '1'))
BATCH = 32
LIST = 64 * 16          # bytes that a list of a command may have
ROOM = 2 * model.BLOCK  # for what is compressed


class ProgramsTest(AxeTestCase):

    def setUp(self):
        super().setUp()
        self.ops = {op.name: op.opcode for op in self.rig.ctx.query_ops()}
        self.memory_of = {}
        self.corpus_memory, self.corpus = self.make_corpus()
        self.lists = self.memory(2 * BATCH * LIST)
        self.packed = self.memory(BATCH * ROOM)

    def make_corpus(self):
        """Streams to decompress, behind the addresses of the arena."""
        streams, at, data = [], model.BLOCKS * model.BLOCK, b''
        for i in range(20):
            plain = vectors.text(i * i * 10, i)
            packed = zlib.compress(plain, i % 10)
            streams.append((at + len(data), packed, plain))
            data += packed
        return data, streams

    def buf(self, where):
        """An operand as bytes: of the arena, or of the corpus behind it."""
        if where is None or where[1] == 0:
            return bytes(16)
        return struct.pack('<QII', self.arena.addr + where[0], where[1], self.rig.mr.lkey)

    def list_buf(self, ranges, slot):
        if ranges is None:
            return None
        data = b''.join(struct.pack('<QII', self.arena.addr + at, n, self.rig.mr.lkey)
                        for at, n in ranges)
        self.lists.write(data, slot * LIST)
        return struct.pack('<QII', self.lists.addr + slot * LIST, len(data), self.rig.mr.lkey)

    def packed_buf(self, slot):
        return struct.pack('<QII', self.packed.addr + slot * ROOM, ROOM, self.rig.mr.lkey)

    def post_command(self, c, slot):
        has_ext = bool(c.aux or c.ext)
        src = self.list_buf(c.src_list, 2 * slot) or self.buf(c.src)
        dst = self.list_buf(c.dst_list, 2 * slot + 1) or self.buf(c.dst)
        if c.check:
            dst = self.packed_buf(slot)
        cmd = struct.pack('<HBBIQ', self.ops[c.name], has_ext, 0, 0, 0)
        cmd += src + dst + c.block.ljust(16, b'\0')
        ext = bytes(16) + self.buf(c.aux) + c.ext.ljust(32, b'\0') if has_ext else None
        # In order: a command may read what the one before it has written.
        self.rig.post('cmd', cmd, ext, wr_id=slot,
                      flags=e.IBV_SEND_SIGNALED | e.IBV_SEND_FENCE)

    def check_command(self, c, slot, note):
        wc = self.rig.wait()
        self.assertEqual(wc.wr_id, slot, note)
        self.assertEqual(wc.code, a.AXE_OK, note)
        for seen, wanted in zip((wc.byte_len, *wc.result), c.expect):
            if wanted is not None:
                self.assertEqual(seen, wanted, note)
        if c.check:
            self.assertTrue(c.check(self.packed.read(wc.byte_len, slot * ROOM)), note)

    def make_command(self, m, makers):
        while True:
            c = m.rng.choice(makers)()
            if c:
                return c

    def run_program(self, seed):
        hashes = {getattr(a, 'AXE_HASH_' + name): function
                  for name, function in model.HASHES.items()}
        m = model.Model(random.Random(seed), self.corpus, hashes)
        self.arena = self.memory(bytes(m.arena) + self.corpus_memory)
        makers = [getattr(m, name) for name in sorted(dir(m)) if name.startswith('op_')
                  and name[3:].replace('_', '-') in self.ops]
        for first in range(0, COMMANDS, BATCH):
            batch = []
            for slot in range(min(BATCH, COMMANDS - first)):
                batch.append(self.make_command(m, makers))
                self.post_command(batch[-1], slot)
            for slot, c in enumerate(batch):
                self.check_command(c, slot, f'AXE_SEED={seed}: command {first + slot}: {c}')
            self.assertTrue(self.arena.read(len(m.arena)) == m.arena,
                            f'AXE_SEED={seed}: memory differs behind command {first + slot}; '
                            f'the last: {[c.name for c in batch]}')
        return len(makers)

    def test_random_programs(self):
        for seed in range(SEED, SEED + PROGRAMS):
            with self.subTest(seed=seed):
                self.assertGreaterEqual(self.run_program(seed), 8)


if __name__ == '__main__':
    unittest.main()
