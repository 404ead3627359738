# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What the tests share: a device with a queue on it, memory, names of constants.

AXE_DEVICE chooses the device; default: axe0.
"""

import collections
import ctypes
import enum
import errno
import mmap
import os
import time
import unittest

try:
    import pyverbs.enums as verbs_enums
except ImportError:
    import pyverbs.libibverbs_enums as verbs_enums
from pyverbs.cq import CqInitAttrEx, PollCqAttr
from pyverbs.mr import MR
from pyverbs.pd import PD
from pyverbs.pyverbs_error import PyverbsRDMAError
from pyverbs.qp import QPCap, QPInitAttrEx

from pyverbs.providers.axe import axe_enums
from pyverbs.providers.axe.axedv import AxeContext, AxeCQ, AxeQP, AxeQPInitAttr, code_str

DEVICE = os.environ.get('AXE_DEVICE', 'axe0')
# Seconds that anything may take; a slow guest sets AXE_TEST_SLOW.
DEADLINE = 30 * int(os.environ.get('AXE_TEST_SLOW', '1'))

# Python has no name for it, as for some others below.
CLOCK_MONOTONIC_COARSE = 6


class Names:
    """Constants of verbs by their names in C.

    Releases of pyverbs have them in different places: plainly in a module, behind
    an underscore, or as members of enumerations.
    """

    def __init__(self, module):
        self._names = {}
        for name, value in vars(module).items():
            if isinstance(value, int):
                self._names[name.lstrip('_')] = int(value)
            elif isinstance(value, enum.EnumMeta):
                for member in value.__members__:
                    self._names[member] = int(value[member])

    def __getattr__(self, name):
        try:
            return self._names[name]
        except KeyError:
            raise AttributeError(f'pyverbs has no {name}') from None


e = Names(verbs_enums)
a = Names(axe_enums)

LOCAL_WRITE = e.IBV_ACCESS_LOCAL_WRITE
ON_DEMAND = e.IBV_ACCESS_ON_DEMAND


class Memory:
    """Anonymous memory with an address, whole pages of it."""

    def __init__(self, size_or_bytes, shared=False):
        data = b'' if isinstance(size_or_bytes, int) else bytes(size_or_bytes)
        self.size = size_or_bytes if isinstance(size_or_bytes, int) else len(data)
        kind = mmap.MAP_SHARED if shared else mmap.MAP_PRIVATE
        self.map = mmap.mmap(-1, max(self.size, 1), flags=kind | mmap.MAP_ANONYMOUS)
        self.view = ctypes.c_char.from_buffer(self.map)
        self.addr = ctypes.addressof(self.view)
        self.map[:len(data)] = data

    def read(self, length=None, offset=0):
        return self.map[offset:offset + (self.size - offset if length is None else length)]

    def write(self, data, offset=0):
        self.map[offset:offset + len(data)] = data

    def close(self):
        del self.view
        self.map.close()


Completion = collections.namedtuple(
    'Completion', 'wr_id status opcode vendor_err byte_len qp_num code op engine result')

# The status that axe-ring.h has beside each code.
STATUS = {}
for _status, _codes in (
        ('SUCCESS', 'OK INFO_MORE'),
        ('LOC_QP_OP_ERR', 'ERR_OPCODE ERR_RESERVED ERR_PARAM ERR_OVERLAP ERR_STREAM'),
        ('LOC_LEN_ERR', 'ERR_LENGTH ERR_FULL'),
        ('LOC_PROT_ERR', 'ERR_KEY ERR_ACCESS ERR_RANGE ERR_FAULT ERR_GONE'),
        ('GENERAL_ERR', 'ERR_DATA ERR_TRUNCATED ERR_CHECKSUM ERR_NOMEM'),
        ('WR_FLUSH_ERR', 'ERR_FLUSHED ERR_LINKED')):
    for _code in _codes.split():
        STATUS[getattr(a, 'AXE_' + _code)] = getattr(e, 'IBV_WC_' + _status)


class Rig:
    """A device, opened, with one queue."""

    def __init__(self, device=None, depth=64, cqe=256, sig_all=1, **how):
        self.ctx = AxeContext(name=device or DEVICE)
        self.pd = PD(self.ctx)
        self.mr = MR(self.pd, 0, LOCAL_WRITE | ON_DEMAND, implicit=True)
        # (pyverbs 56.1 cannot make an extended CQ with a channel; plain ones are
        # waited for in test_capsule.py.)
        self.cq = AxeCQ(self.ctx, CqInitAttrEx(cqe=cqe, wc_flags=e.IBV_WC_STANDARD_FLAGS))
        self.qp = self.make_queue(depth=depth, sig_all=sig_all, **how)
        self.next_id = 0

    def make_queue(self, depth=64, sig_all=1, pd=None, cq=None, **how):
        cq = cq or self.cq
        attr = QPInitAttrEx(
            qp_type=e.IBV_QPT_DRIVER, scq=cq, rcq=cq, cap=QPCap(max_send_wr=depth, max_recv_wr=0),
            sq_sig_all=sig_all, pd=pd or self.pd,
            comp_mask=e.IBV_QP_INIT_ATTR_PD | e.IBV_QP_INIT_ATTR_SEND_OPS_FLAGS,
            send_ops_flags=e.IBV_QP_EX_WITH_SEND)
        return AxeQP(self.ctx, attr, AxeQPInitAttr(**how) if how else None)

    def close(self):
        self.ctx.close()

    def sge(self, memory, length=None, offset=0):
        """An operand by the implicit region."""
        return (memory.addr + offset,
                memory.size - offset if length is None else length, self.mr.lkey)

    def post(self, op, *args, wr_id=0, flags=None, qp=None, record=None, **kwargs):
        qp = qp or self.qp
        qp.wr_start()
        qp.wr_id = wr_id
        qp.wr_flags = e.IBV_SEND_SIGNALED if flags is None else flags
        getattr(qp, 'wr_' + op)(*args, **kwargs)
        if record is not None:
            qp.wr_set_result(self.mr.lkey, record)
        qp.wr_complete()

    def poll(self, cq=None):
        """One completion, or None."""
        cq = cq or self.cq
        ret = cq.start_poll(PollCqAttr())
        if ret == errno.ENOENT:
            return None
        if ret:
            raise PyverbsRDMAError('Failed to poll', ret)
        try:
            return Completion(cq.wr_id, cq.status, cq.read_opcode(), cq.read_vendor_err(),
                              cq.read_byte_len(), cq.read_qp_num(), cq.read_code(),
                              cq.read_op(), cq.read_engine(),
                              (cq.read_result(0), cq.read_result(1)))
        finally:
            cq.end_poll()

    def wait(self, cq=None):
        end = time.monotonic() + DEADLINE
        while True:
            wc = self.poll(cq)
            if wc:
                return wc
            if time.monotonic() > end:
                raise TimeoutError(f'no completion within {DEADLINE} s')
            os.sched_yield()

    def run(self, op, *args, **kwargs):
        """Post one command, wait for its completion."""
        self.next_id += 1
        self.post(op, *args, wr_id=self.next_id, **kwargs)
        wc = self.wait()
        if wc.wr_id != self.next_id:
            raise AssertionError(f'completion of {wc.wr_id} instead of {self.next_id}')
        return wc


def counter(name, device=None):
    """A counter of the device, as it is now: the core remembers one for a tick."""
    path = f'/sys/class/infiniband/{device or DEVICE}/ports/1/hw_counters/'
    with open(path + 'lifespan', 'w') as f:
        f.write('0')
    tick = time.clock_gettime(CLOCK_MONOTONIC_COARSE)
    while time.clock_gettime(CLOCK_MONOTONIC_COARSE) == tick:
        os.sched_yield()
    with open(path + name) as f:
        return int(f.read())


class AxeTestCase(unittest.TestCase):
    """Each test has a device of its own to begin with."""

    how = {}

    def setUp(self):
        self.rig = Rig(**self.how)
        self.addCleanup(self.rig.close)

    def memory(self, size_or_bytes, **kwargs):
        memory = Memory(size_or_bytes, **kwargs)
        self.addCleanup(memory.close)
        return memory

    def check_code(self, wc, code):
        self.assertEqual(wc.code, code, f'{code_str(wc.code)}, not {code_str(code)}; {wc}')
        self.assertEqual(wc.status, STATUS[code], wc)
        self.assertEqual(wc.vendor_err, code, wc)

    def done(self, wc):
        self.check_code(wc, a.AXE_OK)
        return wc

    def check_queue_works(self):
        memory = self.memory(b'123456789')
        wc = self.done(self.rig.run('crc32', self.rig.sge(memory)))
        self.assertEqual(wc.result[0], 0xcbf43926)
