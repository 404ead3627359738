# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Ends, in any order and at any moment."""

import gc
import os
import signal
import subprocess
import sys
import unittest
import zlib

from base import AxeTestCase, Memory, Rig, a, e
from pyverbs.pyverbs_error import PyverbsRDMAError
from pyverbs.qp import QPAttr

MODES = (a.AXE_QUEUE_AUTO, a.AXE_QUEUE_WORKER, a.AXE_QUEUE_POLL)

# Much to do, and no patience: a program that is started by name.
BUSY = '''
import os, sys
sys.path.insert(0, sys.argv[1])
from base import Memory, Rig, a
rig = Rig(mode=int(sys.argv[2]))
src, dst = Memory(256 << 20), Memory(1 << 20)
for i in range(30):
    rig.post('compress', rig.sge(dst), rig.sge(src), level=9, wr_id=i)
print('busy', flush=True)
if sys.argv[3] == 'wait':
    sys.stdin.read()
elif sys.argv[3] == 'abort':
    os.abort()
'''


class LifetimeTest(AxeTestCase):

    def busy(self, mode, how):
        process = subprocess.Popen(
            [sys.executable, '-c', BUSY, os.path.dirname(os.path.abspath(__file__)), str(mode),
             how], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), b'busy\n')
        return process

    def test_process_killed(self):
        for mode in MODES:
            process = self.busy(mode, 'wait')
            process.kill()
            self.assertEqual(process.wait(30), -signal.SIGKILL)
        self.check_queue_works()

    def test_process_exits(self):
        for mode in MODES:
            self.assertEqual(self.busy(mode, 'exit').wait(30), 0)
        self.check_queue_works()

    def test_process_aborts(self):
        self.assertEqual(self.busy(a.AXE_QUEUE_WORKER, 'abort').wait(30), -signal.SIGABRT)
        self.check_queue_works()

    def test_everything_closed_in_order(self):
        rig = Rig()
        rig.run('nop')
        rig.qp.close()
        rig.cq.close()
        rig.mr.close()
        rig.pd.close()
        rig.ctx.close()

    def test_wrong_order(self):
        """pyverbs closes what hangs on an object before the object."""
        for first in 'cq', 'pd', 'mr', 'ctx':
            with self.subTest(first=first):
                rig = Rig()
                rig.run('nop')
                getattr(rig, first).close()
                rig.ctx.close()

    def test_forgotten(self):
        """Nothing is closed; the garbage collector finds it, in its own order."""
        for _ in range(10):
            rig = Rig()
            rig.run('nop')
            del rig
            gc.collect()
        self.check_queue_works()

    def test_queue_closed_with_commands_in_flight(self):
        src, dst = self.memory(64 << 20), self.memory(1 << 20)
        for mode in MODES:
            queue = self.rig.make_queue(mode=mode)
            for i in range(10):
                self.rig.post('compress', self.rig.sge(dst), self.rig.sge(src), level=9, qp=queue)
            queue.close()
            while self.rig.poll():
                pass
        self.check_queue_works()

    def test_memory_unmapped_with_commands_in_flight(self):
        queue = self.rig.make_queue(mode=a.AXE_QUEUE_WORKER)
        memory = Memory(64 << 20)
        for i in range(4):
            self.rig.post('fill', self.rig.sge(memory), b'xyz', qp=queue)
        memory.close()
        for i in range(4):
            self.assertIn(self.rig.wait().code, (a.AXE_OK, a.AXE_ERR_FAULT))
        self.check_queue_works()

    def test_error_state_and_back(self):
        qp = self.rig.qp
        qp.modify(QPAttr(qp_state=e.IBV_QPS_ERR), e.IBV_QP_STATE)
        self.rig.post('nop', wr_id=1)
        self.check_code(self.rig.wait(), a.AXE_ERR_FLUSHED)
        qp.modify(QPAttr(qp_state=e.IBV_QPS_RESET), e.IBV_QP_STATE)
        with self.assertRaises(PyverbsRDMAError):
            self.rig.post('nop')
        qp.to_rts(QPAttr(port_num=1))
        attr, _ = qp.query(e.IBV_QP_STATE)
        self.assertEqual(attr.qp_state, e.IBV_QPS_RTS)
        self.check_queue_works()

    def test_child_uses_what_it_inherited(self):
        memory = self.memory(b'parent')
        pid = os.fork()
        if not pid:
            try:
                memory.write(b'child!')
                wc = self.rig.run('crc32', self.rig.sge(memory))
                os._exit(wc.result[0] != zlib.crc32(b'parent'))
            finally:
                os._exit(2)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.check_queue_works()

    def test_many_queues(self):
        queues = [self.rig.make_queue(depth=4) for _ in range(100)]
        for i, queue in enumerate(queues):
            self.rig.post('nop', wr_id=i, qp=queue)
        numbers = set()
        for _ in queues:
            wc = self.done(self.rig.wait())
            self.assertEqual(wc.qp_num, queues[wc.wr_id].qp_num)
            numbers.add(wc.qp_num)
        self.assertEqual(len(numbers), len(queues))
        for queue in queues:
            queue.close()


if __name__ == '__main__':
    unittest.main()
