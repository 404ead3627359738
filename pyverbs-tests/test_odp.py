# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""On-demand paging: any address of the process, as the process sees it."""

import ctypes
import mmap
import os
import unittest
import zlib

import vectors
from base import LOCAL_WRITE, ON_DEMAND, AxeTestCase, a, counter, e
from pyverbs.mr import MR
from pyverbs.pd import PD
from pyverbs.pyverbs_error import PyverbsRDMAError
from pyverbs.wr import SGE

PAGE = mmap.PAGESIZE


class OdpTest(AxeTestCase):

    def crc(self, sge):
        return self.done(self.rig.run('crc32', sge)).result[0]

    def check_sees(self, memory):
        self.assertEqual(self.crc(self.rig.sge(memory)), zlib.crc32(memory.read()))

    def test_device_tells(self):
        attr = self.rig.ctx.query_device_ex()
        caps = attr.odp_caps.general_caps
        self.assertTrue(caps & e.IBV_ODP_SUPPORT)
        self.assertTrue(caps & e.IBV_ODP_SUPPORT_IMPLICIT)

    def test_implicit_region(self):
        memory = self.memory(vectors.noise(100000))
        self.check_sees(memory)
        memory.write(b'changed', 5000)
        self.check_sees(memory)
        self.done(self.rig.run('fill', self.rig.sge(memory, 10, 77), b'device'))
        self.assertEqual(memory.read(10, 77), b'devicedevi')

    def test_explicit_region(self):
        memory = self.memory(vectors.noise(100000))
        mr = MR(self.rig.pd, 100000, LOCAL_WRITE | ON_DEMAND, memory.addr)
        self.assertEqual(self.crc((memory.addr, 100000, mr.lkey)), zlib.crc32(memory.read()))
        for address, length in ((memory.addr - 1, 1), (memory.addr, 100001), (0, 1)):
            wc = self.rig.run('crc32', (address, length, mr.lkey))
            self.check_code(wc, a.AXE_ERR_RANGE)
            self.assertEqual(wc.result[0], address)
        mr.close()

    def test_pinned_region(self):
        mr = MR(self.rig.pd, 50000, LOCAL_WRITE)
        mr.write(b'p' * 50000, 50000)
        self.assertEqual(self.crc((mr.buf, 50000, mr.lkey)), zlib.crc32(b'p' * 50000))
        faults = counter('page_faults')
        self.done(self.rig.run('fill', (mr.buf, 50000, mr.lkey), b'q'))
        self.assertEqual(mr.read(50000, 0), b'q' * 50000)
        self.assertEqual(counter('page_faults'), faults)
        mr.close()

    def test_rereg(self):
        one, two = self.memory(vectors.noise(PAGE, 1)), self.memory(vectors.noise(PAGE, 2))
        mr = MR(self.rig.pd, PAGE, LOCAL_WRITE | ON_DEMAND, one.addr)
        mr.rereg(e.IBV_REREG_MR_CHANGE_TRANSLATION, self.rig.pd, two.addr, PAGE)
        self.assertEqual(self.crc((two.addr, PAGE, mr.lkey)), zlib.crc32(two.read()))
        self.check_code(self.rig.run('crc32', (one.addr, PAGE, mr.lkey)), a.AXE_ERR_RANGE)
        mr.rereg(e.IBV_REREG_MR_CHANGE_ACCESS, self.rig.pd, 0, 0, ON_DEMAND)
        self.check_code(self.rig.run('fill', (two.addr, 10, mr.lkey), b'x'), a.AXE_ERR_ACCESS)
        mr.close()

    def test_keys(self):
        memory = self.memory(PAGE)
        foreign = MR(PD(self.rig.ctx), PAGE, LOCAL_WRITE | ON_DEMAND, memory.addr)
        self.check_code(self.rig.run('crc32', (memory.addr, 10, foreign.lkey)), a.AXE_ERR_KEY)
        mr = MR(self.rig.pd, PAGE, LOCAL_WRITE | ON_DEMAND, memory.addr)
        key = mr.lkey
        self.done(self.rig.run('crc32', (memory.addr, 10, key)))
        mr.close()
        self.check_code(self.rig.run('crc32', (memory.addr, 10, key)), a.AXE_ERR_KEY)
        self.check_queue_works()

    def test_unmapped_address(self):
        for address in 0, PAGE, 0x7fffffffe000, 0xffff888000000000:
            wc = self.rig.run('crc32', (address, 8, self.rig.mr.lkey))
            self.check_code(wc, a.AXE_ERR_FAULT)
            self.assertEqual(wc.result[0], address)
        self.check_queue_works()

    def test_objects_of_python(self):
        """Nobody registered it, nobody aligned it: the inside of a bytes object."""
        data = vectors.noise(1000)
        address = id(data) + bytes.__basicsize__ - 1
        self.assertEqual(ctypes.string_at(address, len(data)), data)
        self.assertEqual(self.crc((address, len(data), self.rig.mr.lkey)), zlib.crc32(data))

    def test_memory_given_back(self):
        memory = self.memory(b'x' * (16 * PAGE))
        self.check_sees(memory)
        memory.map.madvise(mmap.MADV_DONTNEED)
        self.assertEqual(self.crc(self.rig.sge(memory)), zlib.crc32(bytes(16 * PAGE)))

    def test_fork(self):
        for order in 'parent', 'device', 'both':
            with self.subTest(order=order):
                memory = self.memory(b'1' * (4 * PAGE))
                self.check_sees(memory)
                go_r, go_w = os.pipe()
                pid = os.fork()
                if not pid:
                    os.close(go_w)
                    os.read(go_r, 1)
                    os._exit(memory.read() != b'1' * (4 * PAGE))
                os.close(go_r)
                if order != 'device':
                    memory.write(b'2' * (4 * PAGE))
                    self.check_sees(memory)
                if order != 'parent':
                    self.done(self.rig.run('fill', self.rig.sge(memory), b'3'))
                    self.assertEqual(memory.read(), b'3' * (4 * PAGE))
                os.close(go_w)
                self.assertEqual(os.waitpid(pid, 0)[1], 0, 'the child saw something else')

    def test_prefetch(self):
        for advice in 'PREFETCH', 'PREFETCH_WRITE':
            with self.subTest(advice=advice):
                memory = self.memory(64 * PAGE)
                before = counter('prefetched_pages')
                sge = SGE(memory.addr, memory.size, self.rig.mr.lkey)
                self.rig.pd.advise_mr(getattr(e, 'IBV_ADVISE_MR_ADVICE_' + advice),
                                      e.IBV_ADVISE_MR_FLAG_FLUSH, [sge])
                self.assertEqual(counter('prefetched_pages') - before, 64)
                faults = counter('page_faults')
                if advice == 'PREFETCH_WRITE':
                    self.done(self.rig.run('fill', sge, b'w'))
                self.crc(sge)
                self.assertEqual(counter('page_faults'), faults)

    def test_prefetch_errors(self):
        for sge in (SGE(PAGE, 10, 12345), SGE(PAGE, 10, self.rig.mr.lkey)):
            with self.assertRaises(PyverbsRDMAError):
                self.rig.pd.advise_mr(e.IBV_ADVISE_MR_ADVICE_PREFETCH,
                                      e.IBV_ADVISE_MR_FLAG_FLUSH, [sge])

    def test_file_mapping(self):
        with open('/proc/self/exe', 'rb') as f:
            data = f.read(300000)
            m = mmap.mmap(f.fileno(), 0, flags=mmap.MAP_PRIVATE)
            address = ctypes.addressof(ctypes.c_char.from_buffer(m))
        self.assertEqual(self.crc((address, len(data), self.rig.mr.lkey)), zlib.crc32(data))


if __name__ == '__main__':
    unittest.main()
