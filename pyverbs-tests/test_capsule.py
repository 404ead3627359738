# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""An accelerator driven with nothing but standard pyverbs: the payload of a SEND.

Does not import pyverbs.providers.axe, so the numbers are written down here.
"""

import ctypes
import mmap
import os
import struct
import time
import unittest
import zlib

from pyverbs.cq import CQ, CompChannel
from pyverbs.device import Context
from pyverbs.mr import MR
from pyverbs.pd import PD
from pyverbs.pyverbs_error import PyverbsRDMAError
from pyverbs.qp import QP, QPCap, QPInitAttr
from pyverbs.wr import SGE, SendWR

DEVICE = os.environ.get('AXE_DEVICE', 'axe0')
DEADLINE = 30 * int(os.environ.get('AXE_TEST_SLOW', '1'))    # seconds

# linux/include/uapi/rdma/ib_verbs.h and its like
QPT_DRIVER = 0xff
WR_RDMA_WRITE, WR_SEND = 0, 2
WC_SUCCESS, WC_LOC_LEN_ERR, WC_LOC_QP_OP_ERR, WC_LOC_PROT_ERR, WC_WR_FLUSH_ERR = 0, 1, 2, 4, 5
WC_SEND = 0
ACCESS_LOCAL_WRITE, ACCESS_ON_DEMAND = 1, 64
SEND_SIGNALED, SEND_INLINE = 2, 8

# rdma/axe-ring.h
NOP, COPY, CRC32, COMPRESS, DECOMPRESS = 0, 1, 4, 6, 7
GZIP = 2
CMD_LINK, CMD_RESULT = 8, 16
OK, ERR_OPCODE, ERR_FULL, ERR_KEY, ERR_FAULT, ERR_LINKED = 0, 16, 25, 32, 35, 65


def command(opcode, src=(0, 0, 0), dst=(0, 0, 0), block=b'', flags=0, ext=0):
    """struct axe_cmd"""
    return struct.pack('<HBBIQQIIQII16s', opcode, ext, 0, flags, 0, *src, *dst, block)


class CapsuleTest(unittest.TestCase):

    def setUp(self):
        self.ctx = Context(name=DEVICE)
        self.addCleanup(self.ctx.close)
        self.pd = PD(self.ctx)
        self.mr = MR(self.pd, 0, ACCESS_LOCAL_WRITE | ACCESS_ON_DEMAND, implicit=True)
        self.cq = CQ(self.ctx, 64)
        self.qp = self.make_queue()

    def make_queue(self, sig_all=1):
        return QP(self.pd, QPInitAttr(
            qp_type=QPT_DRIVER, scq=self.cq, rcq=self.cq, sq_sig_all=sig_all,
            cap=QPCap(max_send_wr=32, max_send_sge=4, max_recv_wr=0)))

    def memory(self, data, room=None):
        """Memory, and how a command names it."""
        m = mmap.mmap(-1, max(1, room or len(data)))
        m[:len(data)] = data
        address = ctypes.addressof(ctypes.c_char.from_buffer(m))
        return m, (address, room or len(data), self.mr.lkey)

    def post(self, payload, wr_id=1, flags=SEND_SIGNALED, opcode=WR_SEND, parts=1):
        m, (address, length, key) = self.memory(payload)
        size = -(-length // parts) if length else 0
        sges = [SGE(address + i * size, max(0, min(size, length - i * size)), key)
                for i in range(parts)]
        self.qp.post_send(SendWR(wr_id=wr_id, num_sge=parts, sg=sges, opcode=opcode,
                                 send_flags=flags))

    def wait(self):
        end = time.monotonic() + DEADLINE
        while True:
            n, wcs = self.cq.poll()
            if n:
                return wcs[0]
            self.assertLess(time.monotonic(), end, 'no completion')
            os.sched_yield()

    def run_capsule(self, payload, **kwargs):
        self.post(payload, **kwargs)
        return self.wait()

    def test_provider_module_is_not_needed(self):
        import sys
        self.assertNotIn('pyverbs.providers.axe.axedv', sys.modules)

    def test_compress_and_decompress(self):
        data = b'no peer, no packet, but verbs all the same. ' * 2000
        whole, src = self.memory(data)
        packed, dst = self.memory(b'', len(data))
        wc = self.run_capsule(command(COMPRESS, src, dst, bytes([GZIP, 6])), wr_id=77)
        self.assertEqual((wc.status, wc.opcode, wc.wr_id), (WC_SUCCESS, WC_SEND, 77))
        self.assertEqual((wc.vendor_err, wc.qp_num), (OK, self.qp.qp_num))
        self.assertEqual(zlib.decompress(packed[:wc.byte_len], 31), data)

        plain, out = self.memory(b'', len(data))
        wc = self.run_capsule(command(DECOMPRESS, (dst[0], wc.byte_len, dst[2]), out, bytes([GZIP])))
        self.assertEqual((wc.status, wc.byte_len), (WC_SUCCESS, len(data)))
        self.assertEqual(plain[:], data)
        self.assertEqual(whole[:], data)

    def test_errors(self):
        plain, src = self.memory(b'x' * 10000)
        out, dst = self.memory(b'', 10)
        for cmd, status, code in (
                (command(999), WC_LOC_QP_OP_ERR, ERR_OPCODE),
                (command(COMPRESS, src, dst), WC_LOC_LEN_ERR, ERR_FULL),
                (command(CRC32, (src[0], 10, 12345)), WC_LOC_PROT_ERR, ERR_KEY),
                (command(CRC32, (4096, 10, src[2])), WC_LOC_PROT_ERR, ERR_FAULT)):
            wc = self.run_capsule(cmd)
            self.assertEqual((wc.status, wc.vendor_err), (status, code))
        self.assertEqual(self.run_capsule(command(NOP)).status, WC_SUCCESS)

    def test_result_record(self):
        data, src = self.memory(b'123456789')
        record, where = self.memory(b'', 32)
        ext = struct.pack('<QII48x', *where)
        wc = self.run_capsule(command(CRC32, src, flags=CMD_RESULT, ext=1) + ext, wr_id=5)
        self.assertEqual(wc.status, WC_SUCCESS)
        result, _, wr_id, _, code, status, valid = struct.unpack('<QQQIHBB', record[:])
        self.assertEqual((result, wr_id, code, status, valid), (0xcbf43926, 5, 0, 0, 1))

    def test_gathered_and_inline(self):
        data, src = self.memory(b'123456789')
        self.assertEqual(self.run_capsule(command(CRC32, src), parts=3).status, WC_SUCCESS)
        wc = self.run_capsule(command(CRC32, src), flags=SEND_SIGNALED | SEND_INLINE)
        self.assertEqual(wc.status, WC_SUCCESS)

    def test_wrong_size(self):
        for size in 1, 63, 65, 127, 129, 500:
            with self.assertRaises(PyverbsRDMAError, msg=size):
                self.post(bytes(size))
        with self.assertRaises(PyverbsRDMAError):
            self.post(command(NOP), opcode=WR_RDMA_WRITE)
        self.assertEqual(self.run_capsule(command(NOP)).status, WC_SUCCESS)

    def test_linked_capsules(self):
        self.post(command(CRC32, (4096, 10, 12345)), wr_id=1)
        self.post(command(NOP, flags=CMD_LINK), wr_id=2)
        self.post(command(NOP), wr_id=3)
        self.assertEqual([(wc.wr_id, wc.status, wc.vendor_err) for wc in
                          (self.wait(), self.wait(), self.wait())],
                         [(1, WC_LOC_PROT_ERR, ERR_KEY), (2, WC_WR_FLUSH_ERR, ERR_LINKED),
                          (3, WC_SUCCESS, OK)])

    def test_only_signaled_ones_complete(self):
        self.qp = self.make_queue(sig_all=0)
        for i in range(10):
            self.post(command(NOP), wr_id=i, flags=SEND_SIGNALED if i == 9 else 0)
        self.assertEqual(self.wait().wr_id, 9)
        self.assertEqual(self.cq.poll()[0], 0)

    def test_wait_for_an_event(self):
        channel = CompChannel(self.ctx)
        self.cq = CQ(self.ctx, 64, channel=channel)
        self.qp = self.make_queue()
        data, src = self.memory(bytes(1 << 20))
        for i in range(20):
            self.cq.req_notify()
            self.post(command(CRC32, src), wr_id=i)
            channel.get_cq_event(self.cq)
            self.cq.ack_events(1)
            self.assertEqual(self.wait().wr_id, i)

    def test_many(self):
        data, src = self.memory(os.urandom(5000))
        crc = zlib.crc32(data[:])
        record, where = self.memory(b'', 32 * 16)
        for i in range(16):
            ext = struct.pack('<QII48x', where[0] + 32 * i, 32, where[2])
            self.post(command(CRC32, src, flags=CMD_RESULT, ext=1) + ext, wr_id=i)
        for i in range(16):
            self.assertEqual(self.wait().wr_id, i)
            self.assertEqual(struct.unpack_from('<Q', record, 32 * i)[0], crc)


if __name__ == '__main__':
    unittest.main()
