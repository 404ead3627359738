# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# axe-test-timeout: 400
"""Random programs of mixed commands, against a model in Python.

AXE_PROGRAMS says how many (default 20), AXE_COMMANDS of how many commands each
(1000), AXE_SEED with which seed the first is made, as a failure tells it.
"""

import collections
import errno
import os
import random
import struct
import unittest

import model
import model_auth
import model_crypt
import model_sum
from arena import BLOCK, BLOCKS
from base import AxeTestCase, a, e
from pyverbs.providers.axe.axedv import AxeKey
from pyverbs.pyverbs_error import PyverbsRDMAError

PROGRAMS = int(os.environ.get('AXE_PROGRAMS', '20'))
COMMANDS = int(os.environ.get('AXE_COMMANDS', '1000'))
SEED = int(os.environ.get('AXE_SEED', '1'))
BATCH = 32
LIST = 64 * 16          # bytes that a list of a command, or its stages, may have
ROOM = 2 * BLOCK        # for what is compressed


class ProgramsTest(AxeTestCase):

    def setUp(self):
        super().setUp()
        self.ops = {op.name: op.opcode for op in self.rig.ctx.query_ops()}
        self.keys = (model_crypt.make_keys(self.make_key) +
                     model_auth.make_keys(self.make_key))
        self.hashes = {getattr(a, 'AXE_HASH_' + name): function
                       for name, function in model_sum.HASHES.items()}
        self.corpus = model.make_corpus(random.Random(SEED), self.keys)
        self.lists = self.memory(2 * BATCH * LIST)
        self.packed = self.memory(BATCH * ROOM)
        self.used = collections.Counter()

    def make_key(self, algorithm, secret):
        """Its number, or None if the kernel does not have the algorithm."""
        uses = a.AXE_KEY_ENCRYPT | a.AXE_KEY_DECRYPT
        if algorithm in model_auth.SIGNERS:
            uses = a.AXE_KEY_SIGN | a.AXE_KEY_VERIFY
        try:
            key = AxeKey(self.rig.pd, getattr(a, 'AXE_KEY_' + algorithm), uses, secret)
        except PyverbsRDMAError as err:
            if err.error_code != errno.EOPNOTSUPP:
                raise
            return None
        self.addCleanup(key.close)
        return key.number

    def buf(self, where):
        """An operand as bytes: of the arena, or of the corpus behind it."""
        if where is None or where[1] == 0:
            return bytes(16)
        return struct.pack('<QII', self.arena.addr + where[0], where[1], self.rig.mr.lkey)

    def written_buf(self, data, slot):
        """An operand of its own, for lists and stages."""
        assert len(data) <= LIST
        self.lists.write(data, slot * LIST)
        return struct.pack('<QII', self.lists.addr + slot * LIST, len(data), self.rig.mr.lkey)

    def operand(self, where, ranges, slot):
        if ranges is None:
            return self.buf(where)
        return self.written_buf(b''.join(struct.pack('<QII', self.arena.addr + at, n,
                                                     self.rig.mr.lkey) for at, n in ranges), slot)

    def packed_buf(self, slot):
        return struct.pack('<QII', self.packed.addr + slot * ROOM, ROOM, self.rig.mr.lkey)

    def cmd(self, name, has_ext, src, dst, block):
        return (struct.pack('<HBBIQ', self.ops[name], has_ext, 0, 0, 0) + src + dst +
                block.ljust(16, b'\0'))

    def ext(self, aux, parameters):
        return bytes(16) + aux + parameters.ljust(32, b'\0')

    def stages(self, stages, slot):
        none = bytes(16)
        return self.written_buf(b''.join(
            self.cmd(name, ext is not None, none, none, block) + self.ext(none, ext or b'')
            for name, block, ext in stages), slot)

    def post_command(self, c, slot):
        src = self.operand(c.src, c.src_list, 2 * slot)
        dst = self.operand(c.dst, c.dst_list, 2 * slot + 1)
        if c.check:
            dst = self.packed_buf(slot)
        aux = self.stages(c.stages, 2 * slot) if c.stages else self.buf(c.aux)
        ext = self.ext(aux, c.ext) if c.aux or c.ext or c.stages else None
        # In order: a command may read what the one before it has written.
        self.rig.post('cmd', self.cmd(c.name, ext is not None, src, dst, c.block), ext,
                      wr_id=slot, flags=e.IBV_SEND_SIGNALED | e.IBV_SEND_FENCE)

    def check_command(self, c, slot, note):
        wc = self.rig.wait()
        self.assertEqual(wc.wr_id, slot, note)
        self.assertEqual(wc.code, getattr(a, 'AXE_' + c.code), f'{note}: {wc}')
        for seen, wanted in zip((wc.byte_len, *wc.result), c.expect):
            if wanted is not None:
                self.assertEqual(seen, wanted, f'{note}: {wc}')
        if c.check:
            self.assertTrue(c.check(self.packed.read(wc.byte_len, slot * ROOM)), note)
        self.used[c.name] += 1

    def make_command(self, m, makers):
        while True:
            c = m.rng.choice(makers)()
            if c:
                return c

    def run_program(self, seed):
        m = model.Model(random.Random(seed), self.corpus, set(self.ops), self.keys, self.hashes)
        self.arena = self.memory(bytes(m.arena) + self.corpus.data)
        makers = m.makers()
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

    def test_random_programs(self):
        for seed in range(SEED, SEED + PROGRAMS):
            with self.subTest(seed=seed):
                self.run_program(seed)
        used = ' '.join(f'{name}:{n}' for name, n in sorted(self.used.items()))
        print(f'commands: {used}\nnot in the model: '
              f'{" ".join(sorted(set(self.ops) - set(self.used))) or "none"}', flush=True)
        self.assertGreaterEqual(len(self.used), min(8, COMMANDS))


if __name__ == '__main__':
    unittest.main()
